"""A grid of corners that chance might miss: each start, fiscal year, method and opening day with each other."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from bookvalue.engine.accumulate import accumulated
from engine.registers import FISCAL_STARTS, columns, engine_day
from oracle import Spec
from oracle import accumulated as by_oracle
from oracle.held import year_start
from oracle.spec import Fraction

STARTS = [date(2024, 1, 1), date(2024, 2, 29), date(2023, 1, 31), date(2023, 12, 31)]
WAYS: list[dict[str, Any]] = [
    {"method": "straight_line", "life": 1},
    {"method": "straight_line", "life": 14},
    {"method": "straight_line", "rate": Fraction(33_333_333, 10**8)},
    {"method": "declining_balance", "life": 25},
    {"method": "declining_balance", "rate": Fraction(45, 100)},
    {"method": "full"},
]
OPENINGS = [None, -1, 0, 1, 200]  # days after the last day of the fiscal year that holds the start


def opening(start: date, fiscal: tuple[int, int], after: int | None) -> dict[str, Any]:
    if after is None:
        return {}
    next_year = year_start(Spec("none", 0, start, fiscal=fiscal), start + timedelta(days=366))
    day = next_year + timedelta(days=after - 1)
    return {"opening_day": day, "opening_accumulated": 30_011, "opening_current_year": 9_007}


@pytest.mark.parametrize("fiscal", FISCAL_STARTS)
def test_grid(fiscal: tuple[int, int]) -> None:
    rows = [
        Spec(start=start, averaging=averaging, cost=100_003, fiscal=fiscal, **way, **opening(start, fiscal, after))
        for start, averaging, way, after in product(STARTS, ["full_month", "actual_days"], WAYS, OPENINGS)
    ]
    register = columns(rows)
    for number in [*range(33), 59, 60, 364, 365, 366, 367, 400, 731, 760, 1100]:
        day = date(2023, 12, 29) + timedelta(days=number)
        expected = [by_oracle(spec, day) for spec in rows]
        assert accumulated(register, engine_day(day)).tolist() == expected
