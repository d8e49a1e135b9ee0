"""What a mutation of the engine showed that no other test of a day, a row or a part would notice."""

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.exact import exact_sum, exact_sums
from bookvalue.engine.explain import Counted, explain
from bookvalue.engine.pieces import Unit
from bookvalue.engine.timeline import timeline
from engine.registers import columns, engine_day


def total(raw: dict[str, Any], day: str) -> int:
    """T of a spec by the end of a day."""
    return int(accumulated(columns([raw]), engine_day(date.fromisoformat(day)))[0])


def test_a_suspension_moves_the_last_day_of_a_life_by_its_days_and_no_more() -> None:
    """One month of February is 28 days of 365 / 12, and five days later it is over all the same."""
    raw = {
        "cost": 36_500,
        "depreciation_start_date": "2023-02-01",
        "settings": {"method": "straight_line", "life_months": 1, "averaging": "actual_days"},
        "suspensions": [{"from": "2023-02-10", "to": "2023-02-14"}],
    }
    days = ("2023-02-09", "2023-02-14", "2023-03-04", "2023-03-05")
    assert [total(raw, day) for day in days] == [10_800, 10_800, 32_400, 36_500]


@pytest.mark.parametrize("value", [0, 1, -1, 2**32 - 1, 2**32, 2**32 + 1, -(2**32) - 1, 2**63 - 1, -(2**63)])
def test_sums_beyond_int64_keep_every_bit(value: int) -> None:
    values = np.array([value, value, 1], dtype=np.int64)
    assert exact_sum(values) == 2 * value + 1
    assert exact_sums(values, np.array([1, 1, 0]), 3) == [1, 2 * value, 0]


@pytest.mark.parametrize(("first", "last", "months"), [
    ("2024-01-01", "2024-01-31", 1), ("2024-01-01", "2024-12-31", 12), ("2028-11-01", "2029-03-31", 2),
    ("2029-01-01", "2029-01-31", 0),
])  # fmt: skip
def test_what_a_period_counts_is_what_the_life_has_of_it(first: str, last: str, months: int) -> None:
    truck = {
        "cost": 4_000_000,
        "depreciation_start_date": "2024-01-15",
        "settings": {"method": "straight_line", "life_months": 60},
    }
    first_day, last_day = (engine_day(date.fromisoformat(day)) for day in (first, last))
    found = explain(timeline(columns([truck])), 0, first_day, last_day)
    assert found.counted == Counted(Unit.MONTHS, Fraction(months), Fraction(months, 12))
