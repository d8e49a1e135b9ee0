"""What happens to an asset in a schedule: facts that fit neither each other nor the asset have a finding each."""

from typing import Any

import pytest

from bookvalue.domain.schedule_spec import read_schedule_spec

from .schedule_specs import TRUCK, found_with, read_with

OPENING = {"as_of": "2024-12-31", "accumulated": 0}
DISPOSAL = {"date": "2026-05-10", "proceeds": 0}
DEFAULTS: dict[str, dict[str, Any]] = {
    "value_updates": {"date": "2025-06-01", "update_type": "IMPROVEMENT", "amount": 1},
    "estimate_changes": {"date": "2025-06-01", "remaining_life_months": 12},
    "suspensions": {"from": "2025-06-01", "to": "2025-06-30"},
    "manual": {"date": "2025-06-30", "amount": 1},
}


def one(kind: str, **changes: Any) -> dict[str, Any]:
    """A spec's member with one fact that is right but for the changes."""
    return {kind: [{**DEFAULTS[kind], **changes}]}


def used(*uses: tuple[str, str], total: Any = "100") -> dict[str, Any]:
    return {"units": {"total": total, "used": [{"period_end": day, "quantity": number} for day, number in uses]}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # dates
        (one("value_updates", date="2024-01-14"), ("before_start", "value_updates.0.date")),
        (one("value_updates", date="2024-12-31") | {"opening": OPENING}, ("before_opening", "value_updates.0.date")),
        (one("value_updates", date="2026-05-11") | {"disposal": DISPOSAL}, ("after_disposal", "value_updates.0.date")),
        (one("value_updates", date="2025-06-01T00:00:00Z"), ("not_a_date", "value_updates.0.date")),
        (one("value_updates", date=None), ("required", "value_updates.0.date")),
        (one("estimate_changes", date="2024-01-14"), ("before_start", "estimate_changes.0.date")),
        (one("estimate_changes", date="2024-12-31") | {"opening": OPENING},
         ("before_opening", "estimate_changes.0.date")),
        (one("estimate_changes", date="2026-05-11") | {"disposal": DISPOSAL},
         ("after_disposal", "estimate_changes.0.date")),
        (one("suspensions", **{"from": "2024-01-14"}), ("before_start", "suspensions.0.from")),
        (one("suspensions", **{"from": "2026-05-11", "to": "2027-01-01"}) | {"disposal": DISPOSAL},
         ("after_disposal", "suspensions.0.from")),
        (one("suspensions", to="2025-05-31"), ("ends_before_it_begins", "suspensions.0.to")),
        (one("manual", date="2024-01-14"), ("before_start", "manual.0.date")),
        (used(("2024-01-14", "1")), ("before_start", "units.used.0.period_end")),
        ({"disposal": {"date": "2024-01-14"}}, ("before_start", "disposal.date")),
        ({"disposal": {"date": "2024-12-31"}, "opening": OPENING}, ("before_opening", "disposal.date")),
        ({"disposal": {"proceeds": 5}}, ("required", "disposal.date")),
        # amounts
        (one("value_updates", update_type="DEPRECIATION_AMORTIZATION"),
         ("not_in_a_schedule", "value_updates.0.update_type")),
        (one("value_updates", update_type="linear"), ("not_one_of", "value_updates.0.update_type")),
        (one("value_updates", update_type=None), ("required", "value_updates.0.update_type")),
        (one("value_updates", amount=0), ("amount_not_positive", "value_updates.0.amount")),
        (one("value_updates", amount=-5), ("amount_not_positive", "value_updates.0.amount")),
        (one("value_updates", amount=1.0), ("not_an_integer", "value_updates.0.amount")),
        (one("value_updates", amount=False), ("not_an_integer", "value_updates.0.amount")),
        (one("value_updates", amount=None), ("amount_or_book_value", "value_updates.0.amount")),
        (one("value_updates", new_book_value=5), ("amount_or_book_value", "value_updates.0.amount")),
        (one("value_updates", amount=None, new_book_value=-5), ("amount_negative", "value_updates.0.new_book_value")),
        (one("value_updates", amount=10**15 - 3999999), ("amount_out_of_range", "value_updates.0.amount")),
        (one("value_updates", amount=None, new_book_value=10**15),
         ("amount_out_of_range", "value_updates.0.new_book_value")),
        (one("value_updates", residual_value=4000002), ("residual_above_cost", "value_updates.0.residual_value")),
        (one("value_updates", residual_value=4) | {"cost_limit": 3},
         ("residual_above_cost", "value_updates.0.residual_value")),
        (one("value_updates", update_type="IMPAIRMENT", residual_value=4000000),
         ("residual_above_cost", "value_updates.0.residual_value")),
        (one("estimate_changes", residual_value=4000001), ("residual_above_cost", "estimate_changes.0.residual_value")),
        (one("value_updates", remaining_life_months=1201),
         ("life_out_of_range", "value_updates.0.remaining_life_months")),
        (one("value_updates", memo="x"), ("unknown_field", "value_updates.0.memo")),
        (one("manual", amount=-1), ("amount_negative", "manual.0.amount")),
        ({"disposal": {**DISPOSAL, "proceeds": -1}}, ("amount_negative", "disposal.proceeds")),
        # units
        (used(total="0"), ("quantity_out_of_range", "units.total")),
        (used(total="1000000000000.000001"), ("quantity_out_of_range", "units.total")),
        (used(total="1.0000001"), ("too_many_decimals", "units.total")),
        (used(total=5), ("not_a_decimal", "units.total")),
        (used(("2024-02-29", "-1")), ("quantity_out_of_range", "units.used.0.quantity")),
        # estimates
        (one("estimate_changes", rate_percent="20"), ("life_and_rate", "estimate_changes.0.remaining_life_months")),
        (one("estimate_changes", remaining_life_months=None, rate_percent="20", method="sum_of_years_digits"),
         ("life_missing", "estimate_changes.0.remaining_life_months")),
        (one("estimate_changes", method="fixed_rate_declining"),
         ("residual_missing", "estimate_changes.0.residual_value")),
        (one("estimate_changes", method="units_of_production"), ("units_total_missing", "units.total")),
        (one("estimate_changes", remaining_life_months=None, method="straight_line") | {"settings": {"method": "full"}},
         ("life_or_rate_missing", "estimate_changes.0.remaining_life_months")),
        (one("estimate_changes", remaining_life_months=None, rate_percent="20")
         | {"settings": {"method": "declining_balance", "life_months": 60, "switch_to_straight_line": True}},
         ("life_missing", "estimate_changes.0.remaining_life_months")),
        (one("value_updates", residual_value=0)
         | {"settings": {"method": "fixed_rate_declining", "life_months": 60}, "residual_value": 5},
         ("residual_missing", "value_updates.0.residual_value")),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert found_with(**changes) == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        one("value_updates", date="2024-01-15"),
        one("value_updates", date="2025-01-01") | {"opening": OPENING},
        one("value_updates", date="2026-05-10") | {"disposal": DISPOSAL},
        one("value_updates", amount=10**15 - 4000000),
        one("value_updates", amount=None, new_book_value=0, update_type="IMPAIRMENT"),
        one("value_updates", amount=5000000, update_type="IMPAIRMENT", residual_value=0),
        one("value_updates", amount=None, new_book_value=5000000, residual_value=4500000),
        one("estimate_changes", remaining_life_months=None),
        one("estimate_changes", remaining_life_months=None, method="manual"),
        one("estimate_changes", remaining_life_months=None, method="straight_line")
        | {"settings": {"method": "full", "life_months": 60}},
        one("estimate_changes", method="straight_line") | {"settings": {"method": "manual"}},
        one("estimate_changes", method="fixed_rate_declining", residual_value=1),
        one("suspensions", **{"from": "2024-01-15", "to": "2024-01-15"}) | {"opening": OPENING},
        one("suspensions", **{"from": "2026-05-10", "to": "2027-01-01"}) | {"disposal": DISPOSAL},
        one("manual", date="2026-05-31", amount=0) | {"disposal": DISPOSAL},
        one("manual", date="2024-01-31") | {"opening": OPENING},
        used(("2024-01-31", "0"), ("2024-01-31", "100"), ("2030-01-31", "0")) | {"disposal": DISPOSAL},
        {"units": {"used": []}},
        {"units": {}},
        {"value_updates": [], "estimate_changes": None, "disposal": {"date": "2024-01-15", "proceeds": None}},
    ],
)
def test_the_edges_are_taken(changes: dict[str, Any]) -> None:
    assert found_with(**changes) == []


def spans(*days: tuple[str, str]) -> dict[str, Any]:
    return {"suspensions": [{"from": first, "to": last} for first, last in days]}


def test_suspensions_may_touch_but_not_overlap() -> None:
    january, february = ("2025-01-01", "2025-01-31"), ("2025-02-01", "2025-02-28")
    assert found_with(**spans(february, january)) == []
    assert found_with(**spans(("2025-01-31", "2025-02-02"), january)) == [("suspensions_overlap", "suspensions.0.from")]
    year = ("2025-01-01", "2025-12-31")
    assert found_with(**spans(year, february, year)) == [
        ("suspensions_overlap", "suspensions.2.from"), ("suspensions_overlap", "suspensions.1.from")]  # fmt: skip


def test_the_cost_of_a_day_follows_the_order_of_effects() -> None:
    """What raises the value comes first, so that a residual value may use it on the same day."""
    same_day = [
        {"date": "2025-06-01", "update_type": "IMPAIRMENT", "amount": 10, "residual_value": 4000040},
        {"date": "2025-06-01", "update_type": "REVALUATION_UP", "amount": 50},
    ]
    assert found_with(value_updates=same_day) == []
    same_day[0]["residual_value"] = 4000041
    assert found_with(value_updates=same_day) == [("residual_above_cost", "value_updates.0.residual_value")]


def test_estimates_are_followed_in_order_of_time() -> None:
    to_digits = {"date": "2027-01-01", "method": "sum_of_years_digits"}
    to_rate = {"date": "2026-01-01", "rate_percent": "20"}
    back = {"date": "2026-06-01", "update_type": "IMPROVEMENT", "amount": 1, "remaining_life_months": 12}
    assert found_with(estimate_changes=[to_digits]) == []
    assert found_with(estimate_changes=[to_digits, to_rate]) == [
        ("life_missing", "estimate_changes.0.remaining_life_months")]  # fmt: skip
    assert found_with(estimate_changes=[to_digits, to_rate], value_updates=[back]) == []


def test_settings_of_methods_to_come_are_kept() -> None:
    settings = {"method": "full", "life_months": 60, "declining_factor": "1.5", "straight_line_base": "cost"}
    change = one("estimate_changes", remaining_life_months=None, method="declining_balance")
    kept = read_with(settings=settings, **change).asset.settings
    assert (kept.life_months, kept.declining_factor_micro, kept.straight_line_base) == (60, 1_500_000, "depreciable")


def test_a_finding_shows_the_value_as_it_was_given() -> None:
    raw = {**TRUCK, **used(("2024-02-29", "-100.50")), **one("value_updates", date="2024-01-14")}
    _, findings = read_schedule_spec(raw)
    assert {found.code: found.value for found in findings} == {
        "quantity_out_of_range": "-100.50", "before_start": "2024-01-14"}  # fmt: skip
