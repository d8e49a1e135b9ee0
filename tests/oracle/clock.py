"""How long an asset has been held, in years: the averaging rules of section 2, one month or one day at a time."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .dates import ONE_DAY, FiscalCalendar, days_from, parse, plus_months

DAY_RULES = ("actual_days", "days_360", "partial_month_by_days")
QUARTER_START = [Fraction(7, 8), Fraction(5, 8), Fraction(3, 8), Fraction(1, 8)]
HALF, YEAR = Fraction(1, 2), Fraction(1)


def thirty(day: date) -> int:
    """The day's number in a calendar of thirty-day months (30E)."""
    return day.year * 360 + day.month * 30 + min(day.day, 30)


class Clock:
    """Years held by the end of a day; it stops at a disposal and during suspensions and knows no end of life."""

    def __init__(self, spec: dict[str, Any]) -> None:
        settings = spec["settings"]
        self.rule = settings.get("averaging", "full_month")
        self.basis = settings.get("day_basis", "365")
        self.fiscal = FiscalCalendar(spec.get("fiscal_year_start", "01-01"))
        self.start = parse(spec["depreciation_start_date"])
        self.life = settings.get("life_months")
        disposal = spec.get("disposal")
        self.disposal = parse(disposal["date"]) if disposal else None
        self.pauses = sorted(
            (self.boundary(parse(one["from"])), self.boundary(parse(one["to"]) + ONE_DAY), one.get("extend_life", True))
            for one in spec.get("suspensions") or []
        )
        # Day basis `life`: (first day, years each day counts), the latest that applies wins.
        self.scales: list[tuple[date, Fraction]] = []
        if self.rule == "actual_days" and self.basis == "life":
            self.rescale(self.start, self.life)
        self._month_cache: dict[int, Fraction] = {}
        self._held_cache: dict[date, Fraction] = {}

    # Boundaries and ends

    def boundary(self, day: date) -> date:
        """The day from which a change (or an end of a suspension) on `day` counts."""
        if self.rule in DAY_RULES:
            return day
        month = self.fiscal.month_of(day)
        if self.rule == "following_month":
            month += 1
        if self.rule == "half_month" and (day - self.fiscal.start(month)).days >= 15:
            month += 1
        return self.fiscal.start(month)

    def last_day(self, origin: date, months: int) -> date:
        """`actual_days`: the last day of a life of `months` from `origin`, moved on by suspensions that extend it."""
        last = plus_months(origin, months) - ONE_DAY
        for first, resume, extends in self.pauses:
            if extends and resume > origin and first <= last:
                last += resume - max(first, origin)
        return last

    def rescale(self, origin: date, months: int) -> None:
        """Day basis `life`: from `origin` a life of `months` spreads over its days."""
        last = self.last_day(origin, months)
        days = sum(1 for day in days_from(origin, last) if not self.paused(day, extending=True))
        self.scales.append((origin, Fraction(months, 12) / days))
        self._held_cache = {}

    def paused(self, day: date, *, extending: bool = False) -> bool:
        """Whether the clock stands still on a day (`extending`: only by suspensions that extend the life)."""
        return any(first <= day < resume and (extends or not extending) for first, resume, extends in self.pauses)

    def without_fixed_ends(self) -> Clock:
        """A clock that only stops for suspensions that extend the life: the difference is what others lose."""
        other = object.__new__(Clock)
        other.__dict__.update(self.__dict__)
        other.pauses = [one for one in self.pauses if one[2]]
        other._month_cache, other._held_cache = {}, {}
        return other

    # Years held

    def held(self, day: date) -> Fraction:
        """Years held from the start to the end of `day`."""
        if day < self.start - ONE_DAY:
            return Fraction(0)
        if day not in self._held_cache:
            self._held_cache[day] = self._by_days(day) if self.rule in DAY_RULES else self._by_months(day)
        return self._held_cache[day]

    def _by_months(self, day: date) -> Fraction:
        total = Fraction(0)
        month = self.fiscal.month_of(self.start)
        while True:
            due = self.fiscal.end(month)
            if self.disposal and self.fiscal.month_of(self.disposal) == month:
                due = self.disposal
            if due > day or (self.disposal and self.fiscal.start(month) > self.disposal):
                return total
            total += self.month_share(month)
            month += 1

    def month_share(self, month: int) -> Fraction:
        """Years that a fiscal month counts under a rule that counts by months."""
        if month not in self._month_cache:
            stopped = self.paused(self.fiscal.start(month))
            self._month_cache[month] = Fraction(0) if stopped else self._running_month(month)
        return self._month_cache[month]

    def _running_month(self, month: int) -> Fraction:
        begun, ended = self.fiscal.month_of(self.start), None
        if self.disposal:
            ended = self.fiscal.month_of(self.disposal)
        if self.rule in ("full_month", "following_month", "half_month"):
            first = self.fiscal.month_of(self.boundary(self.start))
            after = ended
            if self.rule == "half_month" and self.disposal:
                after = self.fiscal.month_of(self.boundary(self.disposal))
            return Fraction(int(month >= first and (after is None or month < after)), 12)
        if self.rule == "mid_month":
            share = YEAR - HALF * (month == begun) - HALF * (month == ended)
            return share / 12
        return self._year_share_of_month(month, begun, ended)

    def _year_share_of_month(self, month: int, begun: int, ended: int | None) -> Fraction:
        """A fiscal year's share, evenly over its months from the start and up to the disposal."""
        year = self.fiscal.year_of_month(month)
        first, last = year, year + 11
        starts = self.fiscal.year_of_month(begun) == year
        ends = ended is not None and self.fiscal.year_of_month(ended) == year
        share = YEAR
        if starts:
            first = begun
            share -= YEAR - self._start_share(begun - year)
        if ends and ended is not None:
            last = ended
            share -= YEAR - self._end_share(ended - year)
        if not first <= month <= last:
            return Fraction(0)
        return max(share, Fraction(0)) / (last - first + 1)

    def _start_share(self, offset: int) -> Fraction:
        return {"half_year": HALF, "mid_quarter": QUARTER_START[offset // 3], "full_year": YEAR}[self.rule]

    def _end_share(self, offset: int) -> Fraction:
        return {"half_year": HALF, "mid_quarter": YEAR - QUARTER_START[offset // 3], "full_year": Fraction(0)}[
            self.rule
        ]

    def _by_days(self, day: date) -> Fraction:
        last = min(day, self.disposal) if self.disposal else day
        return (
            sum((self._stretch(*ends) for ends in self._running(last)), Fraction(0))
            if self._plain
            else self._years(last)
        )

    @property
    def _plain(self) -> bool:
        return bool(self.rule != "actual_days" or self.basis == "life")

    def _running(self, last: date) -> list[tuple[date, date]]:
        """Stretches (first day, last day) from the start to `last` in which the clock runs."""
        stretches, first = [], self.start
        for pause, resume, _ in self.pauses:
            if resume > first:
                stretches.append((first, min(pause - ONE_DAY, last)))
                first = max(first, resume)
        stretches.append((first, last))
        return [(one, other) for one, other in stretches if one <= other]

    def _stretch(self, first: date, last: date) -> Fraction:
        if self.rule == "days_360":
            return Fraction(thirty(last + ONE_DAY) - thirty(first), 360)
        if self.rule == "partial_month_by_days":
            return self._months_by_days(last) - self._months_by_days(first - ONE_DAY)
        total = Fraction(0)
        for index, (since, scale) in enumerate(self.scales):
            until = self.scales[index + 1][0] - ONE_DAY if index + 1 < len(self.scales) else last
            total += scale * max(0, (min(last, until) - max(first, since)).days + 1)
        return total

    def _months_by_days(self, day: date) -> Fraction:
        month = self.fiscal.month_of(day)
        return (month + Fraction((day - self.fiscal.start(month)).days + 1, self.fiscal.days(month))) / 12

    def _years(self, last: date) -> Fraction:
        """`actual_days`: fiscal year by fiscal year, none of them more than one."""
        total, year = Fraction(0), self.fiscal.year_of(self.start)
        while self.fiscal.start(year) <= last:
            begin, end = self.fiscal.start(year), self.fiscal.end(year + 11)
            days = sum(max(0, (min(end, other) - max(begin, one)).days + 1) for one, other in self._running(last))
            basis = self.fiscal.days_in_year(year) if self.basis == "actual" else int(self.basis)
            total += min(YEAR, Fraction(days, basis))
            year += 12
        return total


@lru_cache(maxsize=1)
def rules() -> tuple[str, ...]:
    """Every averaging rule."""
    return (
        *("full_month", "following_month", "half_month", "mid_month", "half_year", "mid_quarter"),
        *("actual_days", "days_360", "partial_month_by_days", "full_year"),
    )
