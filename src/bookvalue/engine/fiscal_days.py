"""Days, months and fiscal years as whole numbers, for whole columns at once.

Days count from 1970-01-01, months from January of the year 0, and a fiscal year bears the number of the calendar
year in which it begins. Says the same as domain/calendar.py, for arrays of any shape. Reads no clock.
"""

import numpy as np

from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.engine.register import Int64

_MONTHS_TO_1970 = 1970 * 12
_DAYS_OF_EVERY_MONTH = 28


def _month_of(day: Int64) -> Int64:
    months: Int64 = day.astype("M8[D]").astype("M8[M]").astype(np.int64)
    return months + _MONTHS_TO_1970


def _day_of(month: Int64) -> Int64:
    days: Int64 = (month - _MONTHS_TO_1970).astype("M8[M]").astype("M8[D]").astype(np.int64)
    return days


# Registers reach from 1900 to 2400 (2200, a life of 1200 months, and as long a suspension). Looking a date up there
# takes a tenth of the time that working it out takes, and this is most of what straight line costs; other dates are
# worked out.
_FIRST_MONTH = 1899 * 12
_DAY_OF_MONTH = _day_of(np.arange(_FIRST_MONTH, 2402 * 12, dtype=np.int64))
_FIRST_DAY = int(_DAY_OF_MONTH[0])
_MONTH_OF_DAY = _month_of(np.arange(_FIRST_DAY, int(_DAY_OF_MONTH[-1]), dtype=np.int64))


def _inside(place: Int64, length: int) -> bool:
    return bool(place.size and place.min() >= 0 and place.max() < length)


def calendar_month(day: Int64) -> Int64:
    """The month that holds each day: year * 12 + month - 1."""
    place = day - _FIRST_DAY
    if _inside(place, len(_MONTH_OF_DAY)):
        return _MONTH_OF_DAY.take(place)
    return _month_of(day)


def first_of_month(month: Int64) -> Int64:
    """The first day of each month."""
    place = month - _FIRST_MONTH
    if _inside(place, len(_DAY_OF_MONTH)):
        return _DAY_OF_MONTH.take(place)
    return _day_of(month)


def plus_months(day: Int64, months: Int64) -> Int64:
    """Each day some months later, clamped to the month's length."""
    month = calendar_month(day)
    into_month = day - first_of_month(month)
    return _clamped(month + months, into_month)


def fiscal_month(calendar: FiscalCalendar, day: Int64) -> Int64:
    """The fiscal month that holds each day, numbered as the calendar month in which it begins."""
    if calendar.day <= _DAYS_OF_EVERY_MONTH:
        # every month has that day, so fiscal months are calendar months seen some days later
        return calendar_month(day - (calendar.day - 1))
    month = calendar_month(day)
    return month - (day < fiscal_month_start(calendar, month))


def fiscal_month_start(calendar: FiscalCalendar, month: Int64) -> Int64:
    """The first day of the fiscal month that begins in each calendar month: the year's day, clamped to the month."""
    return _clamped(month, np.asarray(calendar.day - 1, dtype=np.int64))


def fiscal_year(calendar: FiscalCalendar, day: Int64) -> Int64:
    """The fiscal year that holds each day."""
    return (fiscal_month(calendar, day) - (calendar.month - 1)) // 12


def fiscal_year_start(calendar: FiscalCalendar, year: Int64) -> Int64:
    """The first day of each fiscal year."""
    return fiscal_month_start(calendar, year * 12 + (calendar.month - 1))


def _clamped(month: Int64, into_month: Int64) -> Int64:
    """The day so many days after the first of the month, or the last of the month where it is shorter."""
    first = first_of_month(month)
    last: Int64 = first_of_month(month + 1) - 1
    clamped: Int64 = np.minimum(first + into_month, last)
    return clamped
