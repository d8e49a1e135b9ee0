"""Averaging rules: how much of a year each row has been held by the end of a day, as an exact fraction.

One entry a rule in RULES. A rule knows the start and the disposal; suspensions.py takes out what does not count, and a
life is the segment's own. Knows no amounts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import Averaging, DayBasis
from bookvalue.engine.fiscal_days import (
    calendar_month,
    first_of_month,
    fiscal_month,
    fiscal_month_start,
    fiscal_year,
    fiscal_year_start,
)
from bookvalue.engine.register import NEVER, Int64

MONTHS = 12
_FAR = 157_420  # 2401-01-01: a disposal that never comes, as a day that calendars still know
_FIRST_HALF = 15  # half_month: the days from which the month itself counts
_ANY_MONTHS = 27_720  # divisible by 1 to 12: what part of a year may be spread over so many months
_ANY_DAYS = 377_580  # divisible by 28, 29, 30 and 31: what part of a month may be spread over its days

Share = Callable[[Int64], Int64]
"""The cumulative share by the end of a day, one a row, shape (n,): 0 before the start, never falling."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One averaging rule.

    parts_per_year: the denominator of its shares. share(calendar, start_day, disposal_day): the Share of some rows.
    boundary(calendar, day): the day from which a change on `day` counts. ends_on_day: whether a life has a last day,
    which takes what is left of it. most_days: how many days of a fiscal year count at most, or 0.
    """

    parts_per_year: int
    share: Callable[[FiscalCalendar, Int64, Int64], Share]
    boundary: Callable[[FiscalCalendar, Int64], Int64]
    ends_on_day: bool = False
    most_days: int = 0


def rule_of(averaging: Averaging, basis: DayBasis) -> Rule:
    """The rule of some settings; the day basis only matters to `actual_days`."""
    return ACTUAL_DAYS[basis] if averaging is Averaging.ACTUAL_DAYS else RULES[averaging]


def has_disposals(disposal_day: Int64) -> bool:
    """Whether any row is disposed of."""
    return bool((disposal_day < NEVER).any())


# ------------------------------------------------------------------------------------------------ whole months


def _whole_months(first_month: Callable[[FiscalCalendar, Int64], Int64], later: int) -> Rule:
    """Months / 12, from the month to which the start is mapped up to, not with, that of the disposal.

    first_month maps a day to a month; a disposal is mapped by it, `later` months earlier.
    """

    def share(calendar: FiscalCalendar, start_day: Int64, disposal_day: Int64) -> Share:
        first = first_month(calendar, start_day)

        def held(day: Int64) -> Int64:
            months: Int64 = np.maximum(fiscal_month(calendar, day + 1) - first, 0)
            return months

        if not has_disposals(disposal_day):
            return held
        at_disposal = np.maximum(first_month(calendar, np.minimum(disposal_day, _FAR)) - later - first, 0)
        return lambda day: np.where(day >= disposal_day, at_disposal, held(day))

    def boundary(calendar: FiscalCalendar, day: Int64) -> Int64:
        return fiscal_month_start(calendar, first_month(calendar, day))

    return Rule(MONTHS, share, boundary)


def _following_month(calendar: FiscalCalendar, day: Int64) -> Int64:
    return fiscal_month(calendar, day) + 1


def _nearest_month(calendar: FiscalCalendar, day: Int64) -> Int64:
    """The month of days 1 to 15, the month after for later days."""
    month = fiscal_month(calendar, day)
    return month + (day - fiscal_month_start(calendar, month) >= _FIRST_HALF)


def _month_start(calendar: FiscalCalendar, day: Int64) -> Int64:
    """The first day of the fiscal month of a day."""
    return fiscal_month_start(calendar, fiscal_month(calendar, day))


def _mid_month(calendar: FiscalCalendar, start_day: Int64, disposal_day: Int64) -> Share:
    """Half months: one in the month of the start, two in each later month, one in that of the disposal."""
    first = fiscal_month(calendar, start_day)

    def held(day: Int64) -> Int64:
        halves: Int64 = np.maximum(2 * (fiscal_month(calendar, day + 1) - first) - 1, 0)
        return halves

    if not has_disposals(disposal_day):
        return held
    at_disposal = 2 * (fiscal_month(calendar, np.minimum(disposal_day, _FAR)) - first)
    return lambda day: np.where(day >= disposal_day, at_disposal, held(day))


# ------------------------------------------------------------------------------------- conventions of fiscal years


def _by_years(eighths_of_start: tuple[int, ...], eighths_of_disposal: tuple[int, ...]) -> Rule:
    """A fixed part, by fiscal quarter, of the fiscal year of the start and of that of the disposal.

    Each part is spread evenly over the year's months that it concerns. Start and disposal in one year: what both leave
    of it (their sum less 1).
    """
    parts = 8 * _ANY_MONTHS

    def share(calendar: FiscalCalendar, start_day: Int64, disposal_day: Int64) -> Share:
        first = fiscal_month(calendar, start_day)
        year_first = _first_month_of_year(calendar, start_day)
        months = MONTHS - (first - year_first)
        of_start = np.array(eighths_of_start).take((first - year_first) // 3) * _ANY_MONTHS

        def held(day: Int64) -> Int64:
            passed = np.maximum(fiscal_month(calendar, day + 1) - first, 0)
            first_year: Int64 = of_start * np.minimum(passed, months) // months
            later: Int64 = np.maximum(passed - months, 0) * (parts // MONTHS)
            return first_year + later

        if not has_disposals(disposal_day):
            return held
        last_day = np.minimum(disposal_day, _FAR)
        last, last_first = fiscal_month(calendar, last_day), _first_month_of_year(calendar, last_day)
        of_disposal = np.array(eighths_of_disposal).take((last - last_first) // 3) * _ANY_MONTHS
        same_year = last_first == year_first
        in_year = np.where(same_year, np.maximum(of_start + of_disposal - parts, 0), of_disposal)
        before_year = np.where(same_year, 0, of_start + (last_first - first - months) * (parts // MONTHS))
        begins = np.maximum(last_first, first)
        spread_over = last - begins + 1

        def held_or_disposed(day: Int64) -> Int64:
            month = fiscal_month(calendar, day + 1)
            passed = np.where(day >= disposal_day, spread_over, np.minimum(np.maximum(month - begins, 0), spread_over))
            return np.where(month >= begins, before_year + in_year * passed // spread_over, held(day))

        return held_or_disposed

    return Rule(parts, share, _month_start)


def _first_month_of_year(calendar: FiscalCalendar, day: Int64) -> Int64:
    return fiscal_year(calendar, day) * MONTHS + (calendar.month - 1)


# ----------------------------------------------------------------------------------------------------------- days


def _same_day(_calendar: FiscalCalendar, day: Int64) -> Int64:
    return day


def _capped_days(basis: int) -> Rule:
    """Days held / basis, a fiscal year never more than 1. Parts are twelfths of a day, so that n / 12 is whole."""

    def share(calendar: FiscalCalendar, start_day: Int64, _disposal_day: Int64) -> Share:
        start_year = fiscal_year(calendar, start_day)
        year_end = fiscal_year_start(calendar, start_year + 1) - 1
        in_first_year = np.minimum(year_end - start_day + 1, basis)

        def held(day: Int64) -> Int64:
            year = fiscal_year(calendar, day)
            in_last_year = np.minimum(day - fiscal_year_start(calendar, year) + 1, basis)
            over_years = in_first_year + basis * (year - start_year - 1) + in_last_year
            within_year = np.minimum(day - start_day + 1, basis)
            days: Int64 = np.where(day <= year_end, within_year, over_years)
            return np.maximum(days, 0) * MONTHS

        return held

    return Rule(basis * MONTHS, share, _same_day, ends_on_day=True, most_days=basis)


def _days_of_their_year(calendar: FiscalCalendar, start_day: Int64, _disposal_day: Int64) -> Share:
    """Days held / days in the fiscal year, in parts of 1 / (12 x 365 x 366)."""
    before = _place_in_years(calendar, start_day)
    return lambda day: np.maximum(_place_in_years(calendar, day + 1) - before, 0)


def _place_in_years(calendar: FiscalCalendar, day: Int64) -> Int64:
    """How many years lie before the start of a day, in the parts of `_days_of_their_year`."""
    year = fiscal_year(calendar, day)
    start, end = fiscal_year_start(calendar, year), fiscal_year_start(calendar, year + 1)
    parts = _ACTUAL_PARTS
    return year * parts + (day - start) * (parts // (end - start))


_ACTUAL_PARTS = MONTHS * 365 * 366


def _days(_calendar: FiscalCalendar, start_day: Int64, _disposal_day: Int64) -> Share:
    """Days held; the segment knows how many of them are a year (DayBasis.LIFE)."""
    return lambda day: np.maximum(day + 1 - start_day, 0)


def _days_360(_calendar: FiscalCalendar, start_day: Int64, _disposal_day: Int64) -> Share:
    """Thirty-day months (30E): days from the start to the day after."""
    before = place_360(start_day)
    return lambda day: np.maximum(place_360(day + 1) - before, 0)


def place_360(day: Int64) -> Int64:
    """Where a day (since 1970-01-01) stands where each month has thirty days (30E): the 31st is the 30th."""
    month = calendar_month(day)
    days: Int64 = np.minimum(day - first_of_month(month), 29)
    return month * 30 + days


def _partial_months(calendar: FiscalCalendar, start_day: Int64, _disposal_day: Int64) -> Share:
    """Months, part months by their days."""
    before = _place_in_months(calendar, start_day)
    return lambda day: np.maximum(_place_in_months(calendar, day + 1) - before, 0)


def _place_in_months(calendar: FiscalCalendar, day: Int64) -> Int64:
    month = fiscal_month(calendar, day)
    start, end = fiscal_month_start(calendar, month), fiscal_month_start(calendar, month + 1)
    return month * _ANY_DAYS + (day - start) * (_ANY_DAYS // (end - start))


_HALF_YEAR = (4, 4, 4, 4)  # eighths of a year, by fiscal quarter
_WHOLE_YEAR = (8, 8, 8, 8)
_NO_YEAR = (0, 0, 0, 0)

RULES: Mapping[Averaging, Rule] = {
    Averaging.FULL_MONTH: _whole_months(fiscal_month, 0),
    Averaging.FOLLOWING_MONTH: _whole_months(_following_month, 1),
    Averaging.HALF_MONTH: _whole_months(_nearest_month, 0),
    Averaging.MID_MONTH: Rule(2 * MONTHS, _mid_month, _month_start),
    Averaging.HALF_YEAR: _by_years(_HALF_YEAR, _HALF_YEAR),
    Averaging.MID_QUARTER: _by_years((7, 5, 3, 1), (1, 3, 5, 7)),
    Averaging.FULL_YEAR: _by_years(_WHOLE_YEAR, _NO_YEAR),
    Averaging.DAYS_360: Rule(360, _days_360, _same_day),
    Averaging.PARTIAL_MONTH_BY_DAYS: Rule(MONTHS * _ANY_DAYS, _partial_months, _same_day),
}
ACTUAL_DAYS: Mapping[DayBasis, Rule] = {
    DayBasis.DAYS_365: _capped_days(365),
    DayBasis.DAYS_360: _capped_days(360),
    DayBasis.ACTUAL: Rule(_ACTUAL_PARTS, _days_of_their_year, _same_day, ends_on_day=True),
    DayBasis.LIFE: Rule(MONTHS, _days, _same_day, ends_on_day=True),
}
