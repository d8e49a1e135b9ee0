"""Rounding month by month: `per_period` and `fiscal_year`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .walk import Walk


def rounded_by_month(walk: Walk, day: date) -> int:
    """Accumulated by the end of a day where each month of the book is rounded."""
    month = walk.fiscal.month_of(day)
    return part(walk, month, month_amount(walk, month - 1), day)


def month_amount(walk: Walk, month: int) -> int:
    """Accumulated by the end of a fiscal month; before the segment, its amount."""
    if walk.fiscal.end(month) < walk.segment.origin:
        return walk.segment.amount
    if month not in walk._months:
        walk._months[month] = part(walk, month, month_amount(walk, month - 1), walk.fiscal.end(month))
    return walk._months[month]


def part(walk: Walk, month: int, amount: int, day: date) -> int:
    """`amount` and the month's charge up to `day`."""
    from .walk import rounded

    if walk.over(day) and walk.takes_all(day):
        return walk.target
    charge = exact(walk, month, day)
    total = min(amount + rounded(charge), walk.target)
    if walk.rounding == "fiscal_year" and charge and is_last(walk, month, day):
        year = walk.fiscal.year_of_month(month)
        before_year = month_amount(walk, year - 1)
        whole = sum((exact(walk, one, walk.fiscal.end(one)) for one in range(year, month)), charge)
        total = min(before_year + rounded(whole), walk.target)
    return total


def exact(walk: Walk, month: int, day: date) -> Fraction:
    """The exact charge of a month up to `day`."""
    begin = max(walk.fiscal.start(month), walk.segment.origin)
    if day < begin:
        return Fraction(0)
    stretch = walk.stretch(day)
    earlier = stretch.charge(before_day(begin)) if begin > stretch.begin else Fraction(0)
    return stretch.charge(day) - earlier


def is_last(walk: Walk, month: int, day: date) -> bool:
    """Whether nothing is charged in the fiscal year after `day`, which ends the month's charge."""
    year_end = walk.fiscal.end(walk.fiscal.year_of_month(month) + 11)
    if walk.clock.disposal:
        year_end = min(year_end, walk.clock.disposal)
    return walk.reading(day) == walk.reading(year_end)


def before_day(day: date) -> date:
    """The day before."""
    return date.fromordinal(day.toordinal() - 1)
