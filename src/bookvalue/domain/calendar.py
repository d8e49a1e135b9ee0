"""Days, fiscal periods and instants: which period a day lies in, and when a period has ended where the business is.

Fiscal months begin on the fiscal year's day, clamped to the month. Reads no clock.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A fiscal month, both ends included. Named by the month it begins in: 2026-10."""

    start: date
    end: date

    @property
    def name(self) -> str:
        """YYYY-MM of the month in which the period begins."""
        return f"{self.start:%Y-%m}"


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """A fiscal year's first month and day; any day of the year but 02-29."""

    month: int = 1
    day: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """From MM-DD. Raises ValueError where that is no day a fiscal year can start on."""
        if len(text) != 5 or text[2] != "-" or not (text[:2] + text[3:]).isdecimal() or not text.isascii():
            raise ValueError(text)
        first = date(2023, int(text[:2]), int(text[3:]))  # 2023 has no 29 February
        return cls(first.month, first.day)

    def __str__(self) -> str:
        return f"{self.month:02d}-{self.day:02d}"

    def _month_start(self, index: int) -> date:
        """The first day of the fiscal month that begins in calendar month `index` (year * 12 + month - 1)."""
        return _clamped(index // 12, index % 12 + 1, self.day)

    def period_of(self, day: date) -> Period:
        """The fiscal month in which the day lies."""
        index = day.year * 12 + day.month - 1
        if day < self._month_start(index):
            index -= 1
        return Period(self._month_start(index), self._month_start(index + 1) - timedelta(days=1))

    def year_start(self, day: date) -> date:
        """The first day of the fiscal year in which the day lies."""
        first = _clamped(day.year, self.month, self.day)
        return first if first <= day else _clamped(day.year - 1, self.month, self.day)

    def next_period(self, period: Period) -> Period:
        """The fiscal month after this one."""
        return self.period_of(period.end + timedelta(days=1))

    def period_named(self, name: str) -> Period:
        """The period that begins in month YYYY-MM. Raises ValueError for another shape."""
        if len(name) != 7 or name[4] != "-" or not (name[:4] + name[5:]).isdecimal() or not name.isascii():
            raise ValueError(name)
        return self.period_of(_clamped(int(name[:4]), int(name[5:]), self.day))


def due_at(period: Period, zone: str, close_after_days: int = 0, close_at: time = time(0, 0)) -> datetime:
    """The instant (UTC) at which a period is due: after its last day there, plus the book's delay, at its local time.

    A local time that a clock change skips is taken as the instant that the clock would have shown it
    (zoneinfo, fold 0), so that each period has exactly one due instant.
    """
    day = period.end + timedelta(days=1 + close_after_days)
    return datetime.combine(day, close_at, ZoneInfo(zone)).astimezone(UTC)
