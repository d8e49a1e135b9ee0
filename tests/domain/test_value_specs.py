"""The readers of value updates and value changes: what they take, and every finding about what they do not."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from bookvalue.domain.business import Business
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.finding import Finding
from bookvalue.domain.terms import AutoClose, UpdateType, ValueChangeType
from bookvalue.domain.value_change_spec import ValueChangeSpec, read_value_change
from bookvalue.domain.value_update_spec import ValueUpdateSpec, read_value_update

ID = "550e8400-e29b-41d4-a716-446655440000"
UPDATE = {"asset_id": ID, "amount": 5, "update_type": "IMPROVEMENT", "counter_account": "1010",
          "date": "2026-02-28T23:30:00-02:00"}  # fmt: skip
CHANGE = {"date": "2026-02-28", "amount": -5, "description": "hail"}


def codes(findings: list[Finding]) -> set[tuple[str | None, str]]:
    return {(one.field, one.code) for one in findings}


def test_a_value_update_is_read_whole() -> None:
    more = {"external_id": "E", "memo": "m", "reference_number": "r", "metadata": {"a": 1},
            "remaining_life_months": 7, "residual_value": 3}  # fmt: skip
    assert read_value_update({**UPDATE, **more}) == (
        ValueUpdateSpec(5, UpdateType.IMPROVEMENT, "1010", datetime(2026, 3, 1, 1, 30, tzinfo=UTC), UUID(ID), None,
                        "E", "m", "r", {"a": 1}, 7, 3), [])  # fmt: skip
    read, _ = read_value_update({**UPDATE, "asset_id": None, "asset_external_id": "A", "date": "2026-02-28"})
    assert read is not None
    assert (read.asset_external_id, read.at) == ("A", date(2026, 2, 28))


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"asset_id": "550e8400-e29b-41d4-a716-44665544000g"}, "asset_id", "not_an_id"),
        ({"asset_id": 5}, "asset_id", "not_an_id"),
        ({"date": 5}, "date", "not_an_instant"),
        ({"date": "2026-02-28 5 o'clock"}, "date", "not_an_instant"),
        ({"date": "2026-02-30T00:00:00Z"}, "date", "not_an_instant"),
        ({"date": "1800-01-01T00:00:00Z"}, "date", "not_an_instant"),
        ({"date": "2026-02-30"}, "date", "not_a_date"),
        ({"asset_external_id": "A"}, "asset_id", "asset_reference"),
        ({"update_type": "DEPRECIATION_AMORTIZATION", "residual_value": 1}, "residual_value", "not_of_depreciation"),
        ({"amount": 0}, "amount", "amount_not_positive"),
        ({"amount": None}, "amount", "required"),
    ],
)
def test_what_is_wrong_with_a_value_update(wrong: dict[str, Any], field: str, code: str) -> None:
    read, findings = read_value_update({**UPDATE, **wrong})
    assert read is None
    assert (field, code) in codes(findings)


@pytest.mark.parametrize("kind", [kind for kind in ValueChangeType if kind is not ValueChangeType.LINEAR])
def test_a_value_change_is_read(kind: ValueChangeType) -> None:
    whole = kind in (ValueChangeType.DIVESTMENT, ValueChangeType.FULL_DEPRECIATION)
    raw = {name: value for name, value in CHANGE.items() if not (whole and name == "amount")}
    amount = None if whole else -5
    assert read_value_change(kind, raw) == (ValueChangeSpec(kind, date(2026, 2, 28), amount, "hail"), [])


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"amount": 0}, "amount", "amount_zero"),
        ({"amount": True}, "amount", "not_an_integer"),
        ({"amount": -(10**16)}, "amount", "amount_out_of_range"),
        ({"description": None}, "description", "required"),
        ({"more": 1}, "more", "unknown_field"),
    ],
)
def test_what_is_wrong_with_a_value_change(wrong: dict[str, Any], field: str, code: str) -> None:
    read, findings = read_value_change(ValueChangeType.MANUAL, {**CHANGE, **wrong})
    assert read is None
    assert codes(findings) == {(field, code)}


def test_what_is_no_object() -> None:
    for read in (read_value_update(7), read_value_change(ValueChangeType.MANUAL, [])):
        assert (read[0], codes(read[1])) == (None, {(None, "not_an_object")})


def test_a_business_says_when_a_period_is_due_and_what_day_it_is_there() -> None:
    value = Business("k", "K", "EUR", "Asia/Tokyo", FiscalCalendar(), date(2026, 1, 1))
    period = value.fiscal_calendar.period_of(date(2026, 1, 5))
    assert value.due_at(period) == datetime(2026, 1, 31, 15, tzinfo=UTC)
    assert value.day_of(datetime(2026, 1, 31, 15, tzinfo=UTC)) == date(2026, 2, 1)
    off = Business("k", "K", "EUR", "UTC", FiscalCalendar(), date(2026, 1, 1), auto=AutoClose.OFF)
    assert off.due_at(period) is None
