"""The one power of the engine: found by a float, decided exactly."""

import random
from fractions import Fraction

import numpy as np

from bookvalue.engine.fixed_rate import fixed_rate
from engine.registers import SEED

Case = tuple[int, int, int, int]  # residual, cost, life in parts, parts a year


def rates(cases: list[Case], places: int) -> list[int]:
    columns = [np.array(column, dtype=np.int64) for column in zip(*cases, strict=True)]
    rate, per = fixed_rate(*columns, places)
    assert set(per.tolist()) == {10**places}
    return [int(value) for value in rate]


def is_half_up(case: Case, rate: int, places: int) -> bool:
    """rate - 1/2 <= exact < rate + 1/2 in units of the last place: (residual / cost)^parts against (1 - x)^life."""
    residual, cost, life, parts = case
    left = Fraction(residual, cost) ** parts
    low, high = (1 - Fraction(2 * rate + side, 2 * 10**places) for side in (-1, 1))
    return left <= low**life and (high < 0 or left > high**life)


def test_ties_go_up_and_what_only_seems_one_does_not() -> None:
    assert rates([(1, 2 * 10**9, 12, 12), (3, 2 * 10**9, 12, 12)], 9) == [10**9, 999_999_999]
    assert rates([(1, 2 * 10**9 + 1, 12, 12), (1, 2 * 10**9 - 1, 12, 12)], 9) == [10**9, 999_999_999]
    assert rates([(1, 32, 60, 12), (1, 1024, 120, 12)], 9) == [500_000_000, 500_000_000]


def test_spreadsheets_round_to_three_places() -> None:
    # 1,000,000 to 100,000 in 6 years, the published example of DB: 0.319
    assert rates([(10_000_000, 100_000_000, 72, 12)], 3) == [319]


def test_where_there_is_no_power_to_take() -> None:
    assert rates([(5, 5, 60, 12), (6, 5, 60, 12), (0, 5, 60, 12), (1, 5, 0, 12), (0, 0, 60, 12)], 9) == [
        0,
        0,
        10**9,
        0,
        0,
    ]


def test_every_rate_is_the_exact_one_rounded_half_up() -> None:
    rng = random.Random(f"{SEED}/fixed rate")
    for places in (1, 3, 9):
        cases: list[Case] = []
        for _ in range(120):
            cost = rng.randint(2, 10 ** rng.randint(1, 15))
            cases.append((rng.randint(1, cost - 1) if cost > 2 else 1, cost, rng.choice([1, 7, 36, 60, 84, 120]), 12))
        found = rates(cases, places)
        assert all(is_half_up(case, rate, places) for case, rate in zip(cases, found, strict=True))


def test_near_ties_are_decided_exactly() -> None:
    # residual / cost as near as whole numbers come to (1 - tie)^years, on either side
    cases: list[Case] = []
    for years, tie in ((1, 1), (2, 999_999_999), (5, 638_112_345), (10, 1_500_000_001)):
        exact = (1 - Fraction(tie, 2 * 10**9)) ** years
        for cost in (10**9, 10**12, 10**15):
            near = int(exact * cost)
            cases += [(at, cost, 12 * years, 12) for at in (near - 1, near, near + 1) if 0 < at < cost]
    found = rates(cases, 9)
    assert len(cases) > 20
    assert all(is_half_up(case, rate, 9) for case, rate in zip(cases, found, strict=True))
