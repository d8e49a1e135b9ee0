"""The largest cost with the highest, finest and lowest rates that are taken: rational numbers say the same.

What could wrap in int64 is here: centuries of 1000 %, twelve months of rests, years in the parts of the finest rule.
"""

from calendar import isleap, monthrange
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import pytest

from bookvalue.domain.schedule_spec import read_schedule_spec
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.register import EPOCH_ORDINAL, columns_of
from bookvalue.engine.timeline import timeline

COST, RESIDUAL = 10**15, 333_333_333_333_333
ROOM = COST - RESIDUAL
START = date(1900, 11, 17)
RATES = ("1000", "999.999999999", "100.000000001", "33.333333333", "1.000000001", "0.000000001")
RULES = [
    *((name, "365") for name in ("full_month", "following_month", "half_month", "mid_month")),
    *((name, "365") for name in ("half_year", "mid_quarter", "full_year", "days_360", "partial_month_by_days")),
    *(("actual_days", basis) for basis in ("365", "360", "actual")),
]
OF_START = {"half_year": Fraction(1, 2), "mid_quarter": Fraction(1, 8), "full_year": Fraction(1)}
NEAR = [date(1900, 11, 30), date(1900, 12, 15), date(1900, 12, 31), date(1901, 1, 31), date(1901, 6, 15),
        date(1901, 12, 31), date(1904, 2, 29), date(1904, 12, 31), date(1911, 10, 31)]  # fmt: skip
FAR = [date(1950, 3, 31), date(2100, 2, 28), date(2199, 12, 31), date(2299, 6, 30), date(2399, 12, 31)]
Rule = tuple[str, str]


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def place_360(day: date) -> int:
    return day.year * 360 + (day.month - 1) * 30 + min(day.day, 30)


@cache
def in_year(rule: Rule, year: int, day: date) -> Fraction:
    """What a calendar year counts by the end of one of its days, as a part of a year."""
    averaging, basis = rule
    begin = max(START, date(year, 1, 1))
    if day < begin:
        return Fraction(0)
    ended = [month for month in range(begin.month, 13) if month_end(year, month) <= day]
    first_year = year == START.year
    if averaging in OF_START and first_year:
        return OF_START[averaging] * len(ended) / (13 - START.month)
    if averaging in ("following_month", "half_month") and first_year:
        ended = ended[1:]
    months = Fraction(len(ended))
    if averaging == "mid_month" and first_year and ended:
        months -= Fraction(1, 2)
    if averaging == "partial_month_by_days":
        months = Fraction(0)
        for month in range(begin.month, day.month + 1):
            last = min(day, month_end(year, month))
            months += Fraction((last - max(begin, date(year, month, 1))).days + 1, monthrange(year, month)[1])
    if averaging == "days_360":
        return Fraction(place_360(day + timedelta(days=1)) - place_360(begin), 360)
    if averaging == "actual_days":
        most = {"365": 365, "360": 360, "actual": 366 if isleap(year) else 365}[basis]
        return Fraction(min((day - begin).days + 1, most), most)
    return months / 12


@cache
def held(rule: Rule, day: date) -> Fraction:
    years = (in_year(rule, year, date(year, 12, 31)) for year in range(START.year, day.year))
    return sum(years, in_year(rule, day.year, day))


def expected(settings: dict[str, Any], rate: Fraction, rule: Rule, day: date) -> int:
    """T(day): from one rounding to the next, in rational numbers."""
    declining, compound = settings["method"] == "declining_balance", "declining_within_year" in settings
    rounding = settings.get("rounding", "cumulative")
    ends = [month_end(year, month) for year, month in product(range(START.year, day.year + 1), range(1, 13))]
    if rounding == "cumulative" and not compound:
        ends = [end for end in ends if end.month == 12] if declining else []
    base, amount, before = COST if declining else ROOM, 0, Fraction(0)
    year_from, year_exact = 0, Fraction(0)
    for end in [*(end for end in ends if START <= end < day), day]:
        now, year_ends = held(rule, end), (end.month, end.day) == (12, 31)
        exact = base * rate * (now - before)
        year_exact += exact
        whole_year = rounding == "fiscal_year" and year_ends
        amount = min(ROOM, year_from + half_up(year_exact) if whole_year else amount + half_up(exact))
        before = now
        if year_ends:
            year_from, year_exact = amount, Fraction(0)
        if declining and (year_ends or compound):
            base = COST - amount
    return amount


def by_engine(raws: list[dict[str, Any]], days: list[date]) -> list[list[int]]:
    """T of each day, of each spec in turn: rows of one register."""
    read = [read_schedule_spec({"id": "x", "cost": COST, "residual_value": RESIDUAL,
                                "depreciation_start_date": str(START), "until": "2200-12-31", **raw})
            for raw in raws]  # fmt: skip
    assert not any(findings for _, findings in read), read
    specs = [spec for spec, _ in read if spec is not None]
    line = timeline(columns_of(specs[0].calendar, [spec.asset for spec in specs]))
    return [accumulated(line, day.toordinal() - EPOCH_ORDINAL).tolist() for day in days]


@pytest.mark.parametrize("rule", RULES, ids="-".join)
@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({"method": "straight_line"}, NEAR + FAR),
        ({"method": "straight_line", "rounding": "per_period"}, NEAR),
        ({"method": "straight_line", "rounding": "fiscal_year"}, NEAR),
        ({"method": "declining_balance"}, NEAR + FAR),
        ({"method": "declining_balance", "declining_within_year": "compound"}, NEAR),
        ({"method": "declining_balance", "rounding": "fiscal_year"}, NEAR),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_rates_at_the_bounds(settings: dict[str, Any], days: list[date], rule: Rule) -> None:
    rates = [Fraction(rate) / 100 for rate in RATES]
    own = {**settings, "averaging": rule[0], "day_basis": rule[1]}
    found = by_engine([{"settings": {**own, "rate_percent": rate}} for rate in RATES], days)
    assert found == [[expected(settings, rate, rule, day) for rate in rates] for day in days]


@pytest.mark.parametrize("rule", RULES, ids="-".join)
def test_a_rate_that_a_change_brings(rule: Rule) -> None:
    """From then on base x rate a year of the whole depreciable amount, on top of what the life has charged."""
    before, days = date(1979, 12, 31), [date(1980, 12, 31), date(1983, 1, 31), date(2299, 12, 31)]
    changed = before if rule[0] == "following_month" else before + timedelta(days=1)
    line = {"method": "straight_line", "life_months": 1200, "averaging": rule[0], "day_basis": rule[1]}
    changes = [[{"date": str(changed), "rate_percent": rate}] for rate in RATES]
    found = by_engine([{"settings": line, "estimate_changes": change} for change in changes], [before, *days])
    (reached,) = set(found[0])
    assert 0 < reached < ROOM
    for day, amounts in zip(days, found[1:], strict=True):
        years = held(rule, day) - held(rule, before)
        charged = [half_up(ROOM * Fraction(rate) / 100 * years) for rate in RATES]
        assert amounts == [min(ROOM, reached + amount) for amount in charged]
