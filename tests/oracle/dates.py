"""Calendar and fiscal dates of the oracle: one day, one month, one year at a time."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)


def parse(text: str) -> date:
    """The date an ISO text names."""
    return date.fromisoformat(text)


def month_length(year: int, month: int) -> int:
    """Days of the calendar month."""
    return calendar.monthrange(year, month)[1]


def plus_months(day: date, months: int) -> date:
    """The same day `months` later, clamped to the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, month_length(year, month)))


@lru_cache(maxsize=100_000)
def month_start(index: int, anchor: int) -> date:
    """First day of the fiscal month that begins in calendar month `index` (year x 12 + month - 1)."""
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(anchor, month_length(year, month)))


class FiscalCalendar:
    """Fiscal months and years that begin on `MM-DD`.

    A fiscal month is named by an integer: the calendar month (year x 12 + month - 1) in which it begins.
    """

    def __init__(self, fiscal_year_start: str) -> None:
        self.first_month = int(fiscal_year_start[:2]) - 1
        self.anchor = int(fiscal_year_start[3:])

    def month_of(self, day: date) -> int:
        """The fiscal month that holds `day`."""
        index = day.year * 12 + day.month - 1
        return index if month_start(index, self.anchor) <= day else index - 1

    def start(self, month: int) -> date:
        """First day of a fiscal month."""
        return month_start(month, self.anchor)

    def end(self, month: int) -> date:
        """Last day of a fiscal month."""
        return month_start(month + 1, self.anchor) - ONE_DAY

    def days(self, month: int) -> int:
        """Days of a fiscal month."""
        return (self.start(month + 1) - self.start(month)).days

    def year_of_month(self, month: int) -> int:
        """The fiscal month with which the fiscal year of `month` begins."""
        return month - (month - self.first_month) % 12

    def year_of(self, day: date) -> int:
        """First fiscal month of the fiscal year that holds `day`."""
        return self.year_of_month(self.month_of(day))

    def year_start(self, day: date) -> date:
        """First day of the fiscal year that holds `day`."""
        return self.start(self.year_of(day))

    def year_end(self, day: date) -> date:
        """Last day of the fiscal year that holds `day`."""
        return self.end(self.year_of(day) + 11)

    def days_in_year(self, year: int) -> int:
        """Days of the fiscal year that begins with month `year`."""
        return (self.start(year + 12) - self.start(year)).days

    def months_between(self, first: int, last: int) -> Iterator[int]:
        """Fiscal months from `first` to `last`, both included."""
        yield from range(first, last + 1)


def days_from(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    day = first
    while day <= last:
        yield day
        day += ONE_DAY
