"""Yearly schedules against the spreadsheets' functions, over a grid of cost, salvage, life and factor.

SLN and SYD: straight line and digits are rounded once, on the cumulative amount, so each cumulative amount is that of
the function, half away from zero.

DDB, DB and VDB: the functions round nothing, while a declining balance starts each year from whole minor units. Let T
be the ledger's cumulative amount and C the function's. A year takes x to x + min(rate x (cost - x), depreciable - x),
or with the switch to x + (depreciable - x) / periods left; both are non-expansive in x (their slopes lie between 0
and 1 while the rate does), as is the larger of them, and the ledger adds a rounding of at most half a unit. So
|T - C| <= years / 2, and for a rate r without a switch, where each year also shrinks the difference by 1 - r,
|T - C| <= 1 / (2r) as well. Costs are of all sizes: at 10^11 units that is a bound of eleven digits.

DB rounds its rate to three places and may so fall below the salvage value; a schedule never does, so C is capped.
"""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from bookvalue.services.build_schedule import build_schedule
from golden.spreadsheet_functions import Charges, cumulative, db, db_rate, ddb, sln, syd, vdb

COSTS = (99_999, 240_000, 1_234_567, 10**11 + 7)
SALVAGES = (Fraction(0), Fraction(1, 8), Fraction(1, 3), Fraction(9, 10))
LIVES = (1, 2, 3, 5, 7, 10, 13, 20, 40)
FACTORS = ("1", "1.25", "1.5", "1.75", "2", "3")
HALF = Fraction(1, 2)

Point = tuple[int, int, int]


def _grid() -> Iterator[Point]:
    """Cost, salvage and life in years."""
    return ((cost, int(cost * part), life) for cost in COSTS for part in SALVAGES for life in LIVES)


def _accumulated(points: list[Point], **settings: object) -> list[list[int]]:
    """The cumulative amounts of each point at the end of each year of its life."""
    answers = build_schedule(
        {
            "id": str(place),
            "cost": cost,
            "residual_value": salvage,
            "depreciation_start_date": "2001-01-01",
            "frequency": "yearly",
            "settings": {"life_months": 12 * life, **settings},
        }
        for place, (cost, salvage, life) in enumerate(points)
    )
    found = []
    for (*_, life), answer in zip(points, answers, strict=True):
        assert not answer["findings"], answer["findings"]
        amounts = [row["accumulated"] for row in answer["rows"]]
        found.append(amounts + amounts[-1:] * (life - len(amounts)))
    return found


def _half_away(value: Fraction) -> int:
    whole, rest = divmod(value.numerator, value.denominator)
    return whole + (2 * rest >= value.denominator)


def _within(points: list[Point], found: list[list[int]], wanted: list[Charges], rates: list[Fraction]) -> None:
    """Each cumulative amount lies within the bound of its year (a rate of 0 stands for a switch)."""
    for point, amounts, exact, rate in zip(points, found, wanted, rates, strict=True):
        for year, (amount, value) in enumerate(zip(amounts, cumulative(exact), strict=True), 1):
            cost, salvage, _ = point
            bound = min(year * HALF, HALF / rate) if rate else year * HALF
            difference = abs(amount - min(value, Fraction(cost - salvage)))
            assert difference <= bound, f"{point}, year {year}: {amount}, not {float(value)}"


def test_straight_line_is_sln() -> None:
    points = list(_grid())
    for point, amounts in zip(points, _accumulated(points, method="straight_line"), strict=True):
        assert amounts == [_half_away(value) for value in cumulative(sln(*point))], point


def test_sum_of_years_digits_is_syd() -> None:
    points = list(_grid())
    for point, amounts in zip(points, _accumulated(points, method="sum_of_years_digits"), strict=True):
        assert amounts == [_half_away(value) for value in cumulative(syd(*point))], point


@pytest.mark.parametrize("factor", FACTORS)
def test_declining_balance_is_ddb(factor: str) -> None:
    points = list(_grid())
    found = _accumulated(points, method="declining_balance", declining_factor=factor)
    wanted = [ddb(*point, Fraction(factor)) for point in points]
    rates = [min(Fraction(factor) / life, Fraction(1)) for *_, life in points]
    _within(points, found, wanted, rates)


@pytest.mark.parametrize("factor", FACTORS)
def test_declining_balance_with_a_switch_is_vdb(factor: str) -> None:
    points = list(_grid())
    found = _accumulated(points, method="declining_balance", declining_factor=factor, switch_to_straight_line=True)
    _within(points, found, [vdb(*point, Fraction(factor)) for point in points], [Fraction(0)] * len(points))
    for (cost, salvage, _), amounts in zip(points, found, strict=True):
        assert amounts[-1] == cost - salvage


def test_fixed_rate_of_three_places_is_db() -> None:
    points = [point for point in _grid() if point[1]]
    found = _accumulated(points, method="fixed_rate_declining", rate_places=3)
    _within(points, found, [db(*point) for point in points], [db_rate(*point) for point in points])


def test_declining_balance_is_ddb_of_the_ledgers_own_book_values() -> None:
    """The same recursion as DDB, each year from whole minor units: equal to the last unit."""
    points = list(_grid())
    for factor in FACTORS:
        found = _accumulated(points, method="declining_balance", declining_factor=factor)
        for (cost, salvage, life), amounts in zip(points, found, strict=True):
            total, wanted = 0, []
            for _ in range(life):
                total += min(_half_away((cost - total) * Fraction(factor) / life), cost - salvage - total)
                wanted.append(total)
            assert amounts == wanted, (cost, salvage, life, factor)


def test_the_functions_give_what_the_articles_print() -> None:
    """The reference itself: Excel's DDB and VDB of 2,400 less 300 over ten years, its DB rate of 1,000,000."""
    assert ddb(2400, 300, 10, Fraction(2))[0] == 480
    assert ddb(2400, 300, 10, Fraction("1.5"))[1] == 306
    assert round(float(ddb(2400, 300, 10, Fraction(2))[9]), 2) == 22.12
    assert round(float(sum(vdb(2400, 300, 120, Fraction(2))[6:18])), 2) == 396.31
    assert round(float(sum(vdb(2400, 300, 120, Fraction("1.5"))[6:18])), 2) == 311.81
    assert db_rate(1_000_000, 100_000, 6) == Fraction(319, 1000)
    assert round(float(syd(10_000, 2_000, 5)[0]), 2) == 2666.67
    assert sln(12_000, 2_000, 5)[0] == 2_000
