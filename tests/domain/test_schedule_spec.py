"""read_schedule_spec: a spec without its facts, what is taken and what is refused on which path."""

from datetime import date
from typing import Any

import pytest

from bookvalue.domain.asset import BookAsset, DepreciationSettings, Opening
from bookvalue.domain.asset_facts import (
    AssetFacts,
    Disposal,
    EstimateChange,
    ManualAmount,
    Suspension,
    UnitsUsed,
    ValueChange,
)
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.schedule_spec import ScheduleSpec, schedule_id
from bookvalue.domain.terms import Frequency, Method, UpdateType

from .schedule_specs import TRUCK, found_in, found_with, read_with

LINE = DepreciationSettings(Method.STRAIGHT_LINE, 60)
START = date(2024, 1, 15)


def test_defaults() -> None:
    assert read_with() == ScheduleSpec(
        "truck-1", "USD", FiscalCalendar(1, 1), Frequency.MONTHLY, None, BookAsset(LINE, 4000000, START)
    )


def test_the_example_of_the_format() -> None:
    spec = read_with(
        currency="USD", cost_limit=None, residual_value=0, fiscal_year_start="01-01", frequency="monthly", until=None,
        settings={"method": "straight_line", "life_months": 60, "averaging": "full_month"},
        value_updates=[{"date": "2025-06-01", "update_type": "IMPROVEMENT", "amount": 250000,
                        "remaining_life_months": None, "residual_value": None}],
        disposal={"date": "2026-05-10", "proceeds": 1500000},
    )  # fmt: skip
    assert spec.asset.facts == AssetFacts(
        value_changes=(ValueChange(date(2025, 6, 1), UpdateType.IMPROVEMENT, 250000),),
        disposal=Disposal(date(2026, 5, 10), 1500000),
    )


def test_every_further_member() -> None:
    spec = read_with(
        currency="JPY", cost_limit=3000000, residual_value=100, fiscal_year_start="04-06", frequency="half_yearly",
        until="2030-01-01",
        opening={"as_of": "2024-12-31", "accumulated": 800000, "current_year": 200000},
        units={"total": "100000", "used": [{"period_end": "2024-01-31", "quantity": "1200.5"}]},
        manual=[{"date": "2024-03-31", "amount": 50000}],
        estimate_changes=[
            {"date": "2027-01-01", "remaining_life_months": 48, "rate_percent": None, "residual_value": 7,
             "method": "sum_of_years_digits"},
            {"date": "2028-01-01", "rate_percent": "33.333333", "method": "straight_line"},
        ],
        suspensions=[{"from": "2025-01-01", "to": "2025-03-31", "extend_life": False},
                     {"from": "2025-04-01", "to": "2025-04-01"}],
        value_updates=[{"date": "2025-06-01", "update_type": "REVALUATION_DOWN", "new_book_value": 0,
                        "remaining_life_months": 12, "residual_value": 5}],
        disposal={"date": "2029-05-10"},
    )  # fmt: skip
    assert (spec.currency, str(spec.calendar), spec.frequency, spec.until) == (
        "JPY", "04-06", Frequency.HALF_YEARLY, date(2030, 1, 1))  # fmt: skip
    assert spec.asset == BookAsset(
        LINE, 4000000, START, 100, 3000000, Opening(date(2024, 12, 31), 800000, 200000),
        AssetFacts(
            (ValueChange(date(2025, 6, 1), UpdateType.REVALUATION_DOWN, None, 0, 12, 5),),
            (EstimateChange(date(2027, 1, 1), 48, None, 7, Method.SUM_OF_YEARS_DIGITS),
             EstimateChange(date(2028, 1, 1), None, 33_333_333_000, None, Method.STRAIGHT_LINE)),
            (Suspension(date(2025, 1, 1), date(2025, 3, 31), False), Suspension(date(2025, 4, 1), date(2025, 4, 1))),
            100_000_000_000,
            (UnitsUsed(date(2024, 1, 31), 1_200_500_000),),
            (ManualAmount(date(2024, 3, 31), 50000),),
            Disposal(date(2029, 5, 10)),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("required", "id")),
        ({"id": ""}, ("required", "id")),
        ({"id": 7}, ("not_text", "id")),
        ({"id": "x" * 501}, ("text_too_long", "id")),
        ({"cost": None}, ("required", "cost")),
        ({"cost": 4000000.0}, ("not_an_integer", "cost")),
        ({"cost": "4000000"}, ("not_an_integer", "cost")),
        ({"cost": True}, ("not_an_integer", "cost")),
        ({"cost": -1}, ("amount_negative", "cost")),
        ({"cost": 10**15 + 1}, ("amount_out_of_range", "cost")),
        ({"cost": 10**400}, ("amount_out_of_range", "cost")),
        ({"cost": float("nan")}, ("not_an_integer", "cost")),
        ({"cost_limit": 1.5}, ("not_an_integer", "cost_limit")),
        ({"residual_value": "0"}, ("not_an_integer", "residual_value")),
        ({"residual_value": 4000001}, ("residual_above_cost", "residual_value")),
        ({"residual_value": 11, "cost_limit": 10}, ("residual_above_cost", "residual_value")),
        ({"depreciation_start_date": None}, ("required", "depreciation_start_date")),
        ({"depreciation_start_date": "2024-01-15T00:00:00Z"}, ("not_a_date", "depreciation_start_date")),
        ({"depreciation_start_date": "1899-12-31"}, ("not_a_date", "depreciation_start_date")),
        ({"currency": "usd"}, ("unknown_currency", "currency")),
        ({"fiscal_year_start": "02-29"}, ("not_a_fiscal_year_start", "fiscal_year_start")),
        ({"fiscal_year_start": "13-01"}, ("not_a_fiscal_year_start", "fiscal_year_start")),
        ({"fiscal_year_start": 101}, ("not_text", "fiscal_year_start")),
        ({"frequency": "weekly"}, ("not_one_of", "frequency")),
        ({"until": "2201-01-01"}, ("not_a_date", "until")),
        ({"settings": None}, ("required", "settings")),
        ({"settings": "straight_line"}, ("not_an_object", "settings")),
        ({"settings": {}}, ("required", "settings.method")),
        ({"settings": {"profile": "layer"}}, ("life_or_rate_missing", "settings.life_months")),
        ({"settings": {"method": "sum_of_years_digits", "rate_percent": "20"}},
         ("life_missing", "settings.life_months")),
        ({"settings": {"method": "fixed_rate_declining", "life_months": 60}}, ("residual_missing", "residual_value")),
        ({"settings": {"method": "units_of_production"}}, ("units_total_missing", "units.total")),
        ({"colour": None}, ("unknown_field", "colour")),
        ({"opening": []}, ("not_an_object", "opening")),
        ({"opening": {}, }, ("opening_incomplete", "opening.as_of")),
        ({"opening": {"as_of": "2024-01-13", "accumulated": 0}}, ("opening_before_start", "opening.as_of")),
        ({"opening": {"as_of": "2024-12-31", "accumulated": 4000001}},
         ("opening_above_depreciable", "opening.accumulated")),
        ({"opening": {"as_of": "2024-12-31", "accumulated": 1, "current_year": 2}},
         ("opening_current_year_above_accumulated", "opening.current_year")),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert found_with(**changes)[:1] == [expected]
    assert len(found_with(**changes)) == (2 if changes == {"opening": {}} else 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"cost": 0},
        {"cost": 10**15, "cost_limit": 10**15, "residual_value": 10**15},
        {"residual_value": 4000000},
        {"depreciation_start_date": "2024-02-29", "fiscal_year_start": "02-28"},
        {"depreciation_start_date": "1900-01-01", "until": "1900-01-01"},
        {"depreciation_start_date": "2200-12-31"},
        {"until": "1999-12-31"},
        {"frequency": "quarterly", "fiscal_year_start": "12-31"},
        {"frequency": "yearly"},
        {"settings": {"method": "manual"}},
        {"settings": {"method": "none"}},
        {"settings": {"profile": "irs_macrs_mid_month", "life_months": 330}},
        {"settings": {"method": "units_of_production"}, "units": {"total": "0.000001"}},
        {"settings": {"method": "fixed_rate_declining", "life_months": 60}, "residual_value": 1},
        {"opening": {"as_of": "2024-01-14", "accumulated": 0}},
        {"opening": {"as_of": "2024-12-31", "accumulated": 4000000, "current_year": 4000000}},
    ],
)
def test_the_edges_are_taken(changes: dict[str, Any]) -> None:
    assert found_with(**changes) == []


@pytest.mark.parametrize("raw", [None, 5, "truck", [TRUCK], float("nan"), b"{}"])
def test_no_object_at_all(raw: Any) -> None:
    assert found_in(raw) == [("not_an_object", None)]
    assert schedule_id(raw) is None


@pytest.mark.parametrize(
    ("given", "echoed"),
    [
        ("truck-1", "truck-1"),
        ("\u00e9 1", "\u00e9 1"),
        ("", None),
        ("a\0", None),
        ("\ud800", None),
        (7, None),
        ([], None),
    ],
)
def test_an_id_is_echoed_where_it_can_be(given: Any, echoed: str | None) -> None:
    assert schedule_id({"id": given, "colour": "red"}) == echoed


def test_all_faults_at_once() -> None:
    raw = {
        "cost": "x", "depreciation_start_date": "soon", "residual_value": -1, "until": 5, "frequency": [],
        "settings": {"method": "straight_line", "life_months": 60, "rate_percent": "20", "averaging": "x"},
        "opening": {"as_of": "x"}, "units": {"total": 5, "used": 5}, "manual": [5, {}], "disposal": {},
        "suspensions": [{"from": 1, "extend_life": "yes"}], "value_updates": "none",
        "estimate_changes": [{"date": "x", "method": "magic", "rate_percent": "x", "remaining_life_months": 0}],
    }  # fmt: skip
    assert sorted(found_in(raw), key=str) == sorted([
        ("required", "id"), ("not_an_integer", "cost"), ("not_a_date", "depreciation_start_date"),
        ("amount_negative", "residual_value"), ("not_a_date", "until"), ("not_one_of", "frequency"),
        ("life_and_rate", "settings.life_months"), ("unknown_averaging", "settings.averaging"),
        ("not_a_date", "opening.as_of"), ("opening_incomplete", "opening.accumulated"),
        ("not_a_decimal", "units.total"), ("not_a_list", "units.used"), ("not_an_object", "manual.0"),
        ("required", "manual.1.date"), ("required", "manual.1.amount"), ("required", "disposal.date"),
        ("not_a_date", "suspensions.0.from"), ("required", "suspensions.0.to"),
        ("not_a_boolean", "suspensions.0.extend_life"), ("not_a_list", "value_updates"),
        ("not_a_date", "estimate_changes.0.date"), ("unknown_method", "estimate_changes.0.method"),
        ("not_a_decimal", "estimate_changes.0.rate_percent"),
        ("life_out_of_range", "estimate_changes.0.remaining_life_months"),
    ], key=str)  # fmt: skip
