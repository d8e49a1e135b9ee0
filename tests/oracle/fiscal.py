"""Fiscal months and years, months added to a day, and thirty-day months: the calendar of SEMANTICS section 2.

A fiscal month is named by one number, year x 12 + month - 1 of the calendar month in which it begins.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class FiscalCalendar:
    """Months begin on the fiscal year's day, clamped to the length of the calendar month."""

    month: int
    day: int

    def month_start(self, number: int) -> date:
        """First day of a fiscal month."""
        year, month = divmod(number, 12)
        return date(year, month + 1, min(self.day, monthrange(year, month + 1)[1]))

    def month_end(self, number: int) -> date:
        """Last day of a fiscal month."""
        return self.month_start(number + 1) - ONE_DAY

    def month_of(self, day: date) -> int:
        """The fiscal month that holds a day."""
        number = day.year * 12 + day.month - 1
        return number if self.month_start(number) <= day else number - 1

    def month_in_year(self, number: int) -> int:
        """0 for the first month of a fiscal year, 11 for the last."""
        return (number - (self.month - 1)) % 12

    def first_month_of_year(self, number: int) -> int:
        """The first month of the fiscal year that holds a fiscal month."""
        return number - self.month_in_year(number)

    def year_start(self, day: date) -> date:
        """First day of the fiscal year that holds a day."""
        return self.month_start(self.first_month_of_year(self.month_of(day)))

    def year_end(self, day: date) -> date:
        """Last day of the fiscal year that holds a day."""
        return self.month_end(self.first_month_of_year(self.month_of(day)) + 11)


def add_months(day: date, months: int) -> date:
    """The same day some months later, clamped to the month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_30e(first: date, following: date) -> int:
    """30E/360 days from the begin of one day to the begin of another: the 31st is taken for the 30th."""
    return (
        360 * (following.year - first.year)
        + 30 * (following.month - first.month)
        + min(following.day, 30)
        - min(first.day, 30)
    )
