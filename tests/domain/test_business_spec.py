"""Raw objects of a business: read whole, or refused with every finding."""

from datetime import date
from typing import Any

import pytest

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.business_spec import business_as_raw, read_account, read_asset_type, read_business
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.finding import Finding
from bookvalue.domain.terms import Averaging, Method

BUSINESS = {"key": "a", "name": "A", "currency": "EUR", "time_zone": "UTC", "books_start": "2026-01-01"}
TYPE = {"name": "Vans", "kind": "VEHICLE", "depreciation": {"method": "straight_line", "life_months": 60}}


def found(findings: list[Finding]) -> list[tuple[str | None, str]]:
    return [(one.field, one.code) for one in findings]


def test_a_business_reads_back_as_itself() -> None:
    value, findings = read_business({**BUSINESS, "fiscal_year_start": "04-06", "close_at": "06:30", "auto": None})
    assert value is not None
    assert findings == []
    assert (str(value.fiscal_calendar), f"{value.close_at:%H:%M}", value.auto) == ("04-06", "06:30", "close")
    assert read_business(business_as_raw(value)) == (value, [])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"key": 1}, ("key", "not_a_key")),
        ({"close_at": 600}, ("close_at", "not_a_time")),
        ({"fiscal_year_start": 101}, ("fiscal_year_start", "not_text")),
        ({"fiscal_year_start": "02-29"}, ("fiscal_year_start", "not_a_fiscal_year_start")),
        ({"name": None}, ("name", "required")),
        ({"colour": 1}, ("colour", "unknown_field")),
    ],
)
def test_a_business_is_refused(change: dict[str, Any], expected: tuple[str, str]) -> None:
    value, findings = read_business(BUSINESS | change)
    assert value is None
    assert found(findings) == [expected]


def test_accounts() -> None:
    value, _ = read_account({"code": "1", "name": "Cash", "type": "asset"})
    assert value is not None
    assert value.references == ("1",)
    assert found(read_account({"code": "", "type": "x"})[1]) == [
        ("code", "required"), ("type", "not_one_of"), ("name", "required")]  # fmt: skip


def test_asset_types() -> None:
    value, _ = read_asset_type({**TYPE, "ledger_account": "VEHICLES"}, "a")
    assert value is not None
    assert (value.ledger_account, value.settings and value.settings.life_months) == ("VEHICLES", 60)
    kept = DepreciationSettings(Method.STRAIGHT_LINE, 12, averaging=Averaging.ACTUAL_DAYS)
    same, _ = read_asset_type({"name": "Vans", "kind": "VEHICLE"}, "a", kept)
    assert same is not None
    assert same.settings == kept
    laid, _ = read_asset_type(TYPE, "a", kept)
    assert laid is not None
    assert laid.settings == DepreciationSettings(Method.STRAIGHT_LINE, 60, averaging=Averaging.ACTUAL_DAYS)
    bad, findings = read_asset_type({"name": "Vans", "kind": "VEHICLE", "depreciation": {}}, "a")
    assert bad is None
    assert found(findings) == [("depreciation.method", "required")]


@pytest.mark.parametrize(
    ("start", "day", "first"),
    [
        ("01-01", date(2026, 12, 31), date(2026, 1, 1)),
        ("04-06", date(2026, 4, 5), date(2025, 4, 6)),
        ("04-06", date(2026, 4, 6), date(2026, 4, 6)),
    ],
)
def test_the_fiscal_year_of_a_day(start: str, day: date, first: date) -> None:
    assert FiscalCalendar.parse(start).year_start(day) == first
