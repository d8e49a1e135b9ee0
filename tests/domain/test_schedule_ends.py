"""Which schedules need `until`: those of a rate without a life that never comes down to the residual value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .schedule_specs import found_with

MISSING = [("until_missing", "until")]
DECLINING = {"method": "declining_balance", "rate_percent": "20"}
TO_RATE = {"estimate_changes": [{"date": "2026-01-01", "rate_percent": "20"}]}


@pytest.mark.parametrize(
    ("settings", "changes", "endless"),
    [
        (DECLINING, {}, True),
        (DECLINING, {"until": "2030-01-01"}, False),
        (DECLINING, {"disposal": {"date": "2030-01-01"}}, False),
        (DECLINING, {"residual_value": 1}, True),  # (1 + 1) x 0.2 is less than a half
        (DECLINING, {"residual_value": 2}, False),
        (DECLINING, {"residual_value": 4000000}, False),  # nothing to charge
        (DECLINING, {"cost": 0}, False),
        (DECLINING, {"cost": 100, "opening": {"as_of": "2024-12-31", "accumulated": 100}}, False),
        (DECLINING, {"residual_value": 5, "cost_limit": 5}, False),
        ({**DECLINING, "rate_percent": "50"}, {}, False),
        ({**DECLINING, "rate_percent": "49.999999999"}, {}, True),
        ({**DECLINING, "rate_percent": "1"}, {"residual_value": 2000000}, False),
        ({**DECLINING, "rate_percent": "0.2"}, {"residual_value": 2000000}, True),  # in 346 years
        ({**DECLINING, "rate_percent": "0.000000001"}, {"residual_value": 3999999}, True),
        ({**DECLINING, "declining_base": "net_of_residual"}, {"residual_value": 2000000}, True),
        ({**DECLINING, "declining_base": "net_of_residual", "rate_percent": "50"}, {"residual_value": 2000000}, False),
        # months of 1/12 x 20 %: (29 + 1) / 60 is a half
        ({**DECLINING, "declining_within_year": "compound"}, {"residual_value": 28}, True),
        ({**DECLINING, "declining_within_year": "compound"}, {"residual_value": 29}, False),
        ({**DECLINING, "rounding": "per_period"}, {"residual_value": 15}, True),
        ({**DECLINING, "rounding": "per_period"}, {"residual_value": 29}, False),
        # months of up to 31/365 x 20 %, or 31/360: (29 + 1) x 0.2 x 31/365 is more than a half
        ({**DECLINING, "declining_within_year": "compound", "averaging": "actual_days"}, {"residual_value": 28}, True),
        ({**DECLINING, "declining_within_year": "compound", "averaging": "actual_days", "day_basis": "360"},
         {"residual_value": 28}, True),
        ({**DECLINING, "declining_within_year": "compound", "averaging": "actual_days", "day_basis": "360"},
         {"residual_value": 29}, False),
        ({"method": "straight_line", "rate_percent": "20"}, {}, False),
        ({"method": "straight_line", "rate_percent": "0.362318841"}, {}, False),
        ({"method": "straight_line", "rate_percent": "0.362318840"}, {}, True),
        ({"method": "straight_line", "rate_percent": "0.362318840"}, {"until": "2030-01-01"}, False),
        ({"method": "straight_line", "rate_percent": "0.362318840"}, {"depreciation_start_date": "2023-12-31"}, False),
        ({"method": "straight_line", "rate_percent": "0.362318841"},
         {"opening": {"as_of": "2025-01-01", "accumulated": 0}}, True),
        # of 29 at 20 % a month is 0.48 and a year 5.8; of 2 a year is 0.4; of 30 a month is a half
        ({"method": "straight_line", "rate_percent": "20", "rounding": "per_period"}, {"cost": 29}, True),
        ({"method": "straight_line", "rate_percent": "20", "rounding": "per_period"}, {"cost": 30}, False),
        ({"method": "straight_line", "rate_percent": "20", "rounding": "fiscal_year"}, {"cost": 29}, False),
        ({"method": "straight_line", "rate_percent": "20", "rounding": "fiscal_year"}, {"cost": 2}, True),
        ({"method": "straight_line", "rate_percent": "20"}, {"cost": 2}, False),
        ({"method": "straight_line", "rate_percent": "20", "rounding": "fiscal_year"},
         {"cost": 5, "residual_value": 3}, True),
        ({"method": "straight_line", "rate_percent": "20", "rounding": "fiscal_year", "straight_line_base": "cost"},
         {"cost": 5, "residual_value": 3}, False),
        # the base stays what it was before an opening
        ({"method": "straight_line", "rate_percent": "20", "rounding": "fiscal_year"},
         {"cost": 5, "opening": {"as_of": "2024-12-31", "accumulated": 4}}, False),
        # a year of months from new bases takes 18.3 % of the base, rounded once
        ({**DECLINING, "declining_within_year": "compound", "rounding": "fiscal_year"}, {"residual_value": 1}, True),
        ({**DECLINING, "declining_within_year": "compound", "rounding": "fiscal_year"}, {"residual_value": 2}, False),
        ({"method": "manual", "rate_percent": "20"}, {}, False),
        ({"method": "declining_balance", "life_months": 60}, {}, False),
        ({"method": "declining_balance", "life_months": 60}, TO_RATE, True),
        (DECLINING, {"estimate_changes": [{"date": "2026-01-01", "remaining_life_months": 12}]}, False),
        (DECLINING, {"estimate_changes": [{"date": "2026-01-01", "method": "full"}]}, False),
        (DECLINING, {"estimate_changes": [{"date": "2026-01-01", "method": "straight_line"}]}, False),
        (DECLINING, {"estimate_changes": [{"date": "2026-01-01", "residual_value": 9}]}, False),
        (DECLINING, {"cost": 5, "residual_value": 5, "estimate_changes": [{"date": "2026-01-01", "residual_value": 0}]},
         True),
        (DECLINING, {"cost": 0, "value_updates": [{"date": "2026-01-01", "update_type": "IMPROVEMENT", "amount": 5}]},
         True),
        (DECLINING, {"cost": 0, "value_updates": [
            {"date": "2026-01-01", "update_type": "REVALUATION_UP", "new_book_value": 5, "remaining_life_months": 5}]},
         False),
    ],
)  # fmt: skip
def test_what_never_ends_needs_until(settings: dict[str, Any], changes: dict[str, Any], endless: bool) -> None:
    assert found_with(settings=settings, **changes) == (MISSING if endless else [])


@given(
    st.integers(1, 10**9),
    st.integers(0, 40),
    st.integers(10 * 10**9, 60 * 10**9),
    st.sampled_from(["gross", "net_of_residual"]),
)
def test_a_declining_balance_stands_still_exactly_where_the_formula_says(
    above: int, residual: int, rate_nanopercent: int, base: str
) -> None:
    """At 10 % or more the floor is never further than 276 years away, so only standing still can keep it from there."""
    whole, part = divmod(rate_nanopercent, 10**9)
    settings = {"method": "declining_balance", "rate_percent": f"{whole}.{part:09d}", "declining_base": base}
    left = 1 if base == "net_of_residual" else residual + 1
    stands_still = 2 * left * rate_nanopercent < 10**11
    assert found_with(settings=settings, cost=above + residual, residual_value=residual) == (
        MISSING if stands_still else []
    )
