"""The oracle against figures worked out by hand, and against the properties of section 1."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from .amounts import accumulated, book
from .dates import FiscalCalendar
from .rows import schedule
from .specs import random_spec, valid_combinations

TRUCK: dict[str, Any] = {
    "id": "truck-1",
    "cost": 4000000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60, "averaging": "full_month"},
    "value_updates": [{"date": "2025-06-01", "update_type": "IMPROVEMENT", "amount": 250000}],
    "disposal": {"date": "2026-05-10", "proceeds": 1500000},
}


def made(cost: int, start: str, **settings: Any) -> dict[str, Any]:
    """A spec without facts."""
    return {"id": "a", "cost": cost, "depreciation_start_date": start, "settings": settings}


def charges(spec: dict[str, Any]) -> list[int]:
    """The depreciation of every row."""
    return [row["depreciation"] for row in schedule(spec)["rows"]]


def test_truck_of_section_3() -> None:
    answer = schedule(TRUCK)
    assert answer["rows"][0] == {
        "period_start": "2024-01-01",
        "period_end": "2024-01-31",
        "depreciation": 66667,
        "accumulated": 66667,
        "book_value": 3933333,
    }
    by_end = {row["period_end"]: row["accumulated"] for row in answer["rows"]}
    assert (by_end["2025-05-31"], by_end["2026-04-30"]) == (1133333, 1930620)
    assert answer["rows"][-1]["period_end"] == "2026-05-31"
    assert answer["disposal"] == {"book_value": 2319380, "gain_or_loss": -819380, "capital_gain": 0}


def test_forty_thousand_over_sixty_months() -> None:
    found = charges(made(4000000, "2024-01-01", method="straight_line", life_months=60))
    assert found[0] == 66667 and sum(found) == 4000000 and len(found) == 60


def test_two_hundred_and_sixty_a_year() -> None:
    found = charges(made(26000, "2024-01-01", method="straight_line", life_months=12))
    assert found[:3] == [2167, 2166, 2167] and sum(found) == 26000


def test_macrs_five_years_half_year() -> None:
    settings = {"averaging": "half_year", "switch_to_straight_line": True}
    spec = made(10000, "2024-08-20", method="declining_balance", life_months=60, **settings)
    assert charges(spec | {"frequency": "yearly"}) == [2000, 3200, 1920, 1152, 1152, 576]


def test_days_of_a_leap_year_count_one() -> None:
    spec = made(109500, "2023-12-31", method="straight_line", life_months=36, averaging="actual_days")
    # 1 / 365, then a year, a year, and the last day takes what is left of 1,095.00 over three years.
    assert charges(spec | {"frequency": "yearly"}) == [100, 36500, 36500, 36400]


def test_mid_quarter_of_the_third_quarter_and_a_disposal() -> None:
    spec = made(80000, "2024-08-01", method="straight_line", life_months=48, averaging="mid_quarter")
    spec |= {"frequency": "yearly", "disposal": {"date": "2026-05-05", "proceeds": 0}}
    # 20,000 a year: 37.5 %, a whole year, 37.5 % in the second quarter of the disposal.
    assert charges(spec) == [7500, 20000, 7500]


def test_a_suspension_that_does_not_extend_the_life() -> None:
    spec = made(120000, "2024-01-01", method="straight_line", life_months=12)
    spec["suspensions"] = [{"from": "2024-04-01", "to": "2024-06-30", "extend_life": False}]
    assert charges(spec) == [10000] * 3 + [0] * 3 + [15000] * 6


def test_current_period_books_the_difference_now() -> None:
    spec = made(120000, "2023-07-01", method="straight_line", life_months=24, change_policy="current_period")
    spec["value_updates"] = [{"date": "2024-03-10", "update_type": "IMPROVEMENT", "amount": 18000}]
    # 90,000 at the year's start and 18,000 over 18 months: 6,000 a month instead of 5,000.
    assert charges(spec)[5:10] == [5000, 5000, 5000, 8000, 6000]


@pytest.mark.parametrize("combination", list(valid_combinations()))
def test_properties_without_facts(combination: tuple[str, str, str]) -> None:
    rng = random.Random("-".join(combination))
    method, averaging, rounding = combination
    for _ in range(3):
        spec = random_spec(rng, method=method, averaging=averaging, rounding=rounding, facts=False)
        start = date.fromisoformat(spec["depreciation_start_date"])
        amounts = [accumulated(spec, start + timedelta(days=days)) for days in range(-5, 2000, 37)]
        room = max(0, min(spec["cost"], spec["cost"] if spec["cost_limit"] is None else spec["cost_limit"]))
        room = max(0, room - spec["residual_value"])
        assert amounts[0] == 0 and max(amounts) <= room
        if rounding != "fiscal_year":
            assert all(one <= other for one, other in pairwise(amounts))
        settings = spec["settings"]
        full_at_end = method in ("straight_line", "sum_of_years_digits") or settings.get("end_of_life") == "true_up"
        if "life_months" in settings and full_at_end:
            assert accumulated(spec, start + timedelta(days=366 * 13)) == room


@pytest.mark.parametrize("seed", range(40))
def test_rows_of_every_frequency_agree_with_the_amounts(seed: int) -> None:
    spec = random_spec(random.Random(seed))
    opened = (spec.get("opening") or {}).get("accumulated", 0)
    fiscal = FiscalCalendar(spec["fiscal_year_start"])
    for frequency in ("monthly", "yearly"):
        rows = schedule(spec | {"frequency": frequency})["rows"]
        assert sum(row["depreciation"] for row in rows) == (rows[-1]["accumulated"] if rows else opened) - opened
        for row in rows:
            end = date.fromisoformat(row["period_end"])
            assert row["accumulated"] == book(spec).accumulated(end)
            assert fiscal.month_of(end) != fiscal.month_of(end + timedelta(days=1))
