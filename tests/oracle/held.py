"""How long an asset has been held, in years: a sum over fiscal years of what each of them counts."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from oracle.spec import Spec

ONE_DAY = timedelta(days=1)


def shift(day: date, months: int, wanted_day: int | None = None) -> date:
    """The day some months later, clamped to the month's length."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(wanted_day or day.day, monthrange(year, month + 1)[1]))


def year_start(spec: Spec, day: date) -> date:
    """The first day of the fiscal year that holds the day."""
    begin = date(day.year, *spec.fiscal)
    return begin if begin <= day else date(day.year - 1, *spec.fiscal)


def years(spec: Spec, first: date, last: date) -> Iterator[tuple[date, date]]:
    """First and last day of each fiscal year from the one that holds `first` to the one that holds `last`."""
    begin = year_start(spec, first)
    while begin <= last:
        following = date(begin.year + 1, *spec.fiscal)
        yield begin, following - ONE_DAY
        begin = following


@cache
def month_ends(begin: date) -> list[date]:
    """The last days of the twelve fiscal months of the fiscal year that begins on a day."""
    return [shift(begin.replace(day=1), number, begin.day) - ONE_DAY for number in range(1, 13)]


def last_day_of_life(spec: Spec) -> date:
    """The day on which a life of n months is over."""
    assert spec.life is not None
    if spec.averaging == "actual_days":
        return shift(spec.start, spec.life) - ONE_DAY
    month = spec.start.replace(day=1)
    while shift(month, 0, spec.fiscal[1]) > spec.start:
        month = shift(month, -1)
    return shift(month, spec.life, spec.fiscal[1]) - ONE_DAY


def held_in_year(spec: Spec, begin: date, end: date, day: date) -> Fraction:
    """What one fiscal year counts by the end of `day`, before any life ends."""
    if spec.averaging == "actual_days":
        days = (min(end, day) - max(begin, spec.start)).days + 1
        return min(Fraction(max(days, 0), 365), Fraction(1))
    return Fraction(sum(spec.start <= month_end <= day for month_end in month_ends(begin)), 12)


def within_life(spec: Spec, held: Fraction, day: date) -> Fraction:
    """Years held, no more than the life; all of it from the last day of the life."""
    if spec.life is None:
        return held
    whole = Fraction(spec.life, 12)
    return whole if day >= last_day_of_life(spec) else min(held, whole)


def held_by(spec: Spec, day: date) -> Fraction:
    """Years held by the end of a day."""
    total = sum((held_in_year(spec, *year, day) for year in years(spec, spec.start, day)), Fraction(0))
    return within_life(spec, total, day) if day >= spec.start else Fraction(0)
