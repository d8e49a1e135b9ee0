"""Whether charges at a rate ever come down to the floor: what decides that a schedule needs `until`.

Follows whole years in whole minor units, and knows no dates; the amounts of a schedule are the engine's.
"""

from fractions import Fraction

from bookvalue.domain.asset import NANO, DepreciationSettings
from bookvalue.domain.terms import (
    Averaging,
    DayBasis,
    DecliningBase,
    DecliningWithinYear,
    Method,
    Rounding,
    StraightLineBase,
)

LAST_YEAR = 2300
"""A schedule ends by itself by the end of this year, or needs `until`: a life from the last date taken ends in it."""

_MONTHS = 12


def reaches_floor(
    settings: DepreciationSettings, limited_minor: int, residual_minor: int, accumulated_minor: int, years: int
) -> bool:
    """Whether min(cost limit, cost + changes) - accumulated comes down to the residual value in so many years.

    With a life it counts as reached: the charges end. With a rate alone a charge that rounds to zero is followed by
    nothing else, so that a declining balance by years stands still above the floor exactly where (residual + 1) x rate
    < 1/2, or where rate < 1/2 if the residual value is deducted first. Where months are rounded, their share of a year
    comes in. A straight line that rounds its sum alone always arrives, in room / (base x rate) years.
    """
    declining = settings.method is Method.DECLINING_BALANCE
    rate, room = settings.rate_nanopercent, limited_minor - residual_minor - accumulated_minor
    if rate is None or not (declining or settings.method is Method.STRAIGHT_LINE) or room <= 0:
        return True
    yearly = Fraction(rate, 100 * NANO)
    if declining:
        above = 0 if settings.declining_base is DecliningBase.NET_OF_RESIDUAL else residual_minor
        return _declines(settings, yearly, room, above, years)
    base = limited_minor - (0 if settings.straight_line_base is StraightLineBase.COST else residual_minor)
    by_year: dict[Rounding, Fraction] = {
        Rounding.CUMULATIVE: base * yearly,
        Rounding.PER_PERIOD: Fraction(_MONTHS * _rounded(base * yearly * _month(settings))),
        Rounding.FISCAL_YEAR: Fraction(_rounded(base * yearly)),
    }
    return by_year[settings.rounding] * years >= room


def _declines(settings: DepreciationSettings, yearly: Fraction, room: int, above: int, years: int) -> bool:
    """For a declining balance whose base is the room and, beside it, `above`.

    Months that are rounded without a new base overshoot by a few minor units, differently after a part of a year: a
    floor just that far below where it stands still may be called out of reach though it is reached.
    """
    compound = settings.declining_within_year is DecliningWithinYear.COMPOUND
    by_month = compound or settings.rounding is Rounding.PER_PERIOD
    rate = yearly * _month(settings) if by_month else yearly
    for _ in range(years):
        left, whole_year = room, Fraction(0)
        for _ in range(_MONTHS if by_month else 1):
            charge = rate * ((left if compound else room) + above)
            left -= _rounded(charge)
            whole_year += charge
        if settings.rounding is Rounding.FISCAL_YEAR:
            left = room - _rounded(whole_year)
        if left <= 0:
            return True
        if left == room:
            return False
        room = left
    return False


def _rounded(amount: Fraction) -> int:
    """Half up: amounts here are never below zero."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def _month(settings: DepreciationSettings) -> Fraction:
    """The largest share of a year that a month has again and again."""
    if settings.averaging is not Averaging.ACTUAL_DAYS:
        return Fraction(1, _MONTHS)
    return Fraction(31, 360 if settings.day_basis is DayBasis.DAYS_360 else 365)
