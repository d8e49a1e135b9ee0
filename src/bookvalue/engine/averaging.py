"""Averaging rules: how long each row has been held by the end of a day, in years, as an exact fraction.

One function a rule, and the table from the enum to it. A rule gives a Clock: whatever depends on start and life
alone is worked out once, and the clock is then read for as many days as a method needs. Knows no amounts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import Averaging
from bookvalue.engine.fiscal_days import fiscal_month, fiscal_year, fiscal_year_start, plus_months
from bookvalue.engine.register import Int64

NEVER = 2**40
"""A day, or a share, that is beyond any that is asked for: the life of a row that has none ends then."""
_DAY_BASIS = 365
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Clock:
    """What some rows' start and life mean by one averaging rule.

    parts_per_year: the denominator of every share. whole: shape (n,), the share of the whole life (life_months / 12
    of a year), or NEVER. share(day): the cumulative share by the end of a day, shape (n,), for one day (shape ()) or
    one a row; 0 before the start, never falling, `whole` from the last day of the life on.
    """

    parts_per_year: int
    whole: Int64
    share: Callable[[Int64], Int64]


Rule = Callable[[FiscalCalendar, Int64, Int64], Clock]


def full_month(calendar: FiscalCalendar, start_day: Int64, life_months: Int64) -> Clock:
    """Months / 12 (SEMANTICS section 2): fiscal months completed, that of the start counted whole.

    start_day: shape (n,), days; life_months: shape (n,), 0 for none. A life ends n months after the first of the
    start month.
    """
    first = fiscal_month(calendar, start_day)
    whole = _whole_life(life_months, _MONTHS)

    def share(day: Int64) -> Int64:
        completed = fiscal_month(calendar, day + 1) - first
        counted: Int64 = np.minimum(np.maximum(completed, 0), whole)
        return counted

    return Clock(_MONTHS, whole, share)


def actual_days(calendar: FiscalCalendar, start_day: Int64, life_months: Int64) -> Clock:
    """Days held / 365, the start day counted, a fiscal year never more than 1 (SEMANTICS section 2, with its corners).

    start_day: shape (n,), days; life_months: shape (n,), 0 for none. A life ends on the day before start + n months
    (the day clamped to the month), and that day takes what is left of n / 12 years. Parts are twelfths of a day, so
    that n / 12 is whole.
    """
    start_year = fiscal_year(calendar, start_day)
    year_end = fiscal_year_start(calendar, start_year + 1) - 1
    in_first_year = np.minimum(year_end - start_day + 1, _DAY_BASIS)
    whole = _whole_life(life_months, _DAY_BASIS * _MONTHS)
    life_end = np.where(life_months > 0, plus_months(start_day, life_months) - 1, NEVER)

    def share(day: Int64) -> Int64:
        year = fiscal_year(calendar, day)
        in_last_year = np.minimum(day - fiscal_year_start(calendar, year) + 1, _DAY_BASIS)
        over_years = in_first_year + _DAY_BASIS * (year - start_year - 1) + in_last_year
        within_year = np.minimum(day - start_day + 1, _DAY_BASIS)
        days = np.maximum(np.where(day <= year_end, within_year, over_years), 0)
        return np.where(day >= life_end, whole, np.minimum(days * _MONTHS, whole))

    return Clock(_DAY_BASIS * _MONTHS, whole, share)


def _whole_life(life_months: Int64, parts_per_year: int) -> Int64:
    """A life of n months always means n / 12 years of charge in all."""
    whole: Int64 = np.where(life_months > 0, life_months * (parts_per_year // _MONTHS), NEVER)
    return whole


RULES: Mapping[Averaging, Rule] = {
    Averaging.FULL_MONTH: full_month,
    Averaging.ACTUAL_DAYS: actual_days,
}
