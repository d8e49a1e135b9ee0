"""Through time, for all rows of a block at once: what each has been charged since its origin by the end of a day.

One step where the sum alone is rounded; else a step a fiscal year or a fiscal month, each of which rounds, takes a new
base from the ledger, or goes over to straight line (SEMANTICS sections 1 and 2).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.terms import Rounding
from bookvalue.engine.block import Block
from bookvalue.engine.course import Course
from bookvalue.engine.exact import exceeds, multiply_divide, multiply_divmod
from bookvalue.engine.fiscal_days import fiscal_month, fiscal_month_start
from bookvalue.engine.methods import COURSES
from bookvalue.engine.methods.declining_balance import rate_base
from bookvalue.engine.register import Int64, taken
from bookvalue.engine.segments import base_start, compounds_by_year

_MONTHS = 12
_MEASURES, _MOST_STEPS = 32_768, 64  # measured at a time: rows x steps, and steps
_LINE = ("base", "rate", "per", "from_measure", "from_charged", "charged", "switched")
_STATE = ("rows", "day", "room", *_LINE, "year_from", "whole", "rest", "carried", "carried_per", "closes_year", "year")


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it was taken, for whoever traces a walk: arrays of shape (n,), of the rows still on their way.

    charged = from_charged + base x rate x (measure - from_measure) / per, rounded; but never more than the room, all of
    it where the life is over, and, where `closes_year`, year_from and the rounded sum of the year's exact amounts. day:
    to whose end it went.
    """

    block: Block
    course: Course
    day: Int64
    measure: Int64
    charged: Int64
    base: Int64
    rate: Int64
    per: Int64
    from_measure: Int64
    from_charged: Int64
    switched: NDArray[np.bool_]
    year_from: Int64
    closes_year: NDArray[np.bool_]


def charged(block: Block, day: Int64, trace: list[Step] | None = None) -> Int64:
    """What is charged since the origin by the end of a day, one a row: minor units, shape (n,).

    Between 0 and the room of the segment; the caller drops it for rows whose origin is later. The steps that are taken
    are added to `trace`.
    """
    course = COURSES[block.method](block)
    if block.terms.rounding is Rounding.CUMULATIVE and not course.declines:
        measure = course.measure(day)
        sum_charged = multiply_divide(course.base, course.rate * (measure - course.begins), course.per)
        room = block.segments.room()
        if course.exhausts:
            sum_charged = np.where(measure >= course.ends, room, sum_charged)
        sum_charged = np.minimum(sum_charged, room)
        if trace is not None:
            line = (course.base, course.rate, course.per, course.begins)
            nothing, no = np.zeros(len(block), dtype=np.int64), np.zeros(len(block), dtype=np.bool_)
            trace.append(Step(block, course, day, measure, sum_charged, *line, nothing, no, nothing, no))
        return sum_charged
    return _Walk.of(block, course, day, trace).to_the_end()


def declines_on(block: Block, day: Int64) -> NDArray[np.bool_]:
    """Whether each row is still on a declining balance by the end of a day, not on straight line: shape (n,)."""
    course = COURSES[block.method](block)
    if not course.declines:
        return np.zeros(len(block), dtype=np.bool_)
    walk = _Walk.of(block, course, day, None)
    walk.to_the_end()
    return ~walk.ended_switched


@dataclass(slots=True)
class _Walk:
    """Rows on their way; arrays of shape (n,).

    rows: their places in the block they set out from. base x rate / per: what a step of the measure takes.
    from_measure, from_charged: where the present line began. switched: on straight line. For rounding by fiscal year:
    year_from, what was charged before the year; whole, rest: the year's charge so far, exactly, as a whole number and
    a rest over `per`; carried, carried_per: the rest when it went over to straight line; closes_year: whether the
    present step takes what all that leaves. year: the month with which the fiscal year of the origin begins; rows take
    their steps from there together, whenever that was.
    """

    block: Block
    course: Course
    rows: NDArray[np.intp]
    day: Int64
    room: Int64
    base: Int64
    rate: Int64
    per: Int64
    from_measure: Int64
    from_charged: Int64
    charged: Int64
    switched: NDArray[np.bool_]
    year_from: Int64
    whole: Int64
    rest: Int64
    carried: Int64
    carried_per: Int64
    result: Int64 = field(repr=False)
    ended_switched: NDArray[np.bool_] = field(repr=False)
    closes_year: NDArray[np.bool_]
    year: Int64
    trace: list[Step] | None

    @classmethod
    def of(cls, block: Block, course: Course, day: Int64, trace: list[Step] | None) -> "_Walk":
        """Before the first step."""
        count = len(block)
        nothing, one = (np.broadcast_to(np.int64(value), count) for value in (0, 1))
        no = np.zeros(count, dtype=np.bool_)
        state = cls(
            block,
            course,
            np.arange(count),
            np.broadcast_to(day, count),
            block.segments.room(),
            course.base,
            np.broadcast_to(course.rate, count),
            course.per,
            course.begins,
            from_charged=nothing,
            charged=nothing,
            switched=no,
            year_from=nothing,
            whole=nothing,
            rest=nothing,
            carried=nothing,
            carried_per=one,
            result=np.zeros(count, dtype=np.int64),
            ended_switched=np.zeros(count, dtype=np.bool_),
            closes_year=no,
            year=nothing,
            trace=trace,
        )
        if state._may_switch():
            parts = block.segments
            state._go_over(parts.switched == 1)
            # as the fiscal year (the month) began, with the facts that hold now
            rest = np.maximum(parts.limited_minor - parts.residual_minor - parts.running_minor, 0)
            began = block.share(base_start(block.columns, block.terms, parts.origin_day) - 1)
            state._switch(parts.decided == 0, rest, parts.whole - began)
        return state

    def to_the_end(self) -> Int64:
        """Steps from the first origin to the last day."""
        terms, calendar = self.block.terms, self.block.columns.fiscal_calendar
        length = _MONTHS if terms.rounding is Rounding.CUMULATIVE and compounds_by_year(terms) else 1  # of a step
        begun = np.flatnonzero(self.block.segments.origin_day <= self.day)
        self._keep(begun)
        if not len(begun):
            return self.result
        origin, last = (fiscal_month(calendar, day) for day in (self.block.segments.origin_day, self.day.max()))
        self.year = (origin - (calendar.month - 1)) // _MONTHS * _MONTHS + (calendar.month - 1)
        done, most = int((origin - self.year).min()) // length * length, int(last - self.year.min()) + 1
        while done < most and len(self.rows):
            steps = min(max(_MEASURES // len(self.rows), 1), _MOST_STEPS, -(-(most - done) // length))
            self._advance(done + length * np.arange(1, steps + 1))
            done += length * steps
        return self.result

    def _advance(self, months: Int64) -> None:
        """Some steps, up to each row's day; months: how many from a row's first fiscal year's start to each one's end.

        What the charge goes by is measured for all of these steps at once.
        """
        month = self.year + months[:, None]
        ends = self._last_days(month)
        measures = self._measured(np.minimum(self.day, ends))
        by_year = self.block.terms.rounding is Rounding.FISCAL_YEAR
        of_years = measures
        if by_year:
            year_ends = self._last_days(month + -months[:, None] % _MONTHS)
            of_years = self._measured(np.minimum(year_ends, self.block.columns.disposal_day))
        going = np.zeros(len(self.rows), dtype=np.bool_)
        for step, closing in enumerate((months % _MONTHS == 0).tolist()):
            end = ends[step]
            self._step(measures[step], of_years[step], end, closing=closing)
            going = self.day > end
            if closing or not by_year:
                begun = measures[step] != self.course.begins
                going &= (self.charged < self.room) & ((measures[step] < self.course.ends) | ~begun)
            if not going.any():
                break
        self._keep(np.flatnonzero(going), sparing=True)

    def _last_days(self, month: Int64) -> Int64:
        """The day before each fiscal month, of any shape; looked up, as there are few months and many rows."""
        first = int(month.min())
        days = fiscal_month_start(self.block.columns.fiscal_calendar, np.arange(first, int(month.max()) + 1)) - 1
        return days.take(month - first)

    def _measured(self, days: Int64) -> Int64:
        """The measure of each row at so many days: shape (steps, n)."""
        measures: Int64 = np.broadcast_to(self.course.measure(days), days.shape)
        return measures

    def _step(self, measure: Int64, at_year_end: Int64, end: Int64, *, closing: bool) -> None:
        """One fiscal year or month; closing: whether the fiscal year ends with it."""
        share = self.rate * (measure - self.from_measure)
        if self.block.terms.rounding is Rounding.FISCAL_YEAR:
            amount = self._of_fiscal_year(measure, share, at_year_end)
        else:
            amount = self.from_charged + multiply_divide(self.base, share, self.per)
        amount = np.minimum(amount, self.room)
        if self.course.exhausts or self.switched.any():
            done = (measure >= self.course.ends) & (self.course.exhausts | self.switched)
            amount = np.where(done, self.room, amount)
        self.charged = amount
        if self.trace is not None:
            self._record(self.trace, np.minimum(self.day, end), measure)
        on_their_way = (self.block.segments.origin_day <= end) & (self.day > end)
        self._start_anew(measure, year_ends=closing, begun=on_their_way)

    def _of_fiscal_year(self, measure: Int64, share: Int64, at_year_end: Int64) -> Int64:
        """Months rounded singly; the year's last charged month takes what the rounded year leaves."""
        whole, rest = multiply_divmod(self.base, share, self.per)
        rests = self.rest + rest  # each below per, so that neither twice one nor the two together wrap
        self.whole = self.whole + whole + (rests >= self.per)
        self.rest = np.where(rests >= self.per, rests - self.per, rests)
        self.closes_year = measure >= at_year_end
        year = self.year_from + self.whole + self._nearest_rest()
        return np.where(self.closes_year, year, self.from_charged + whole + (2 * rest >= self.per))

    def _nearest_rest(self) -> Int64:
        """What the rests of the year's exact amounts come to, rounded: 0, 1 or 2, shape (n,)."""
        nearest = (2 * self.rest >= self.per).astype(np.int64)
        for row in np.flatnonzero(self.carried).tolist():
            columns = (self.rest, self.per, self.carried, self.carried_per)
            rest, per, carried, carried_per = (int(column[row]) for column in columns)
            nearest[row] = (2 * (rest * carried_per + carried * per) + per * carried_per) // (2 * per * carried_per)
        return nearest

    def _record(self, trace: list[Step], day: Int64, measure: Int64) -> None:
        line = (self.base, self.rate, self.per, self.from_measure, self.from_charged)
        year = (self.switched, self.year_from, self.closes_year)
        trace.append(Step(self.block, self.course, day, measure, self.charged, *line, *year))

    def _start_anew(self, measure: Int64, *, year_ends: bool, begun: NDArray[np.bool_]) -> None:
        """What the next step starts from."""
        terms = self.block.terms
        if terms.rounding is Rounding.CUMULATIVE and self.switched.any():
            # a straight line is rounded once, from where it began
            self.from_measure = np.where(self.switched, self.from_measure, measure)
            self.from_charged = np.where(self.switched, self.from_charged, self.charged)
        else:
            self.from_measure, self.from_charged = measure, self.charged
        if year_ends and terms.rounding is Rounding.FISCAL_YEAR:  # the year's total stands
            self.year_from = self.charged
            self.whole = self.rest = self.carried = np.zeros_like(self.charged)
        if self.course.declines and (year_ends or not compounds_by_year(terms)):
            book_value = rate_base(self.block, self.block.segments.opening_minor + self.charged)
            self.base = np.where(begun & ~self.switched, book_value, self.base)
            self._switch(begun, self.room - self.charged, self.course.ends - self.from_measure)

    def _switch(self, rows: NDArray[np.bool_], rest: Int64, left: Int64) -> None:
        """Over to straight line, where `rest` over the life that is left is more than the rate takes of the base."""
        if not self._may_switch():
            return
        left = np.maximum(left, 0)
        self._go_over(rows & ~self.switched & exceeds(rest, self.per, self.base, self.rate * left))

    def _may_switch(self) -> bool:
        return self.block.terms.switch_to_straight_line and self.course.declines and self.block.has_life

    def _go_over(self, rows: NDArray[np.bool_]) -> None:
        """Some rows are on straight line from here: what is left, over the life that is left."""
        self.switched = self.switched | rows
        self.carried = np.where(rows, self.rest, self.carried)
        self.carried_per = np.where(rows, self.per, self.carried_per)
        self.rest = np.where(rows, 0, self.rest)
        self.base = np.where(rows, self.room - self.charged, self.base)
        self.rate = np.where(rows, 1, self.rate)
        self.per = np.where(rows, np.maximum(self.course.ends - self.from_measure, 1), self.per)

    def _keep(self, going: NDArray[np.intp], *, sparing: bool = False) -> None:
        """Go on with some rows. To drop rows costs as much as a step, so not for a few if it is to be sparing."""
        self.result[self.rows] = self.charged
        self.ended_switched[self.rows] = self.switched
        if len(going) == len(self.rows) or (sparing and len(going) and 2 * len(going) > len(self.rows)):
            return
        for name in _STATE:
            setattr(self, name, taken(getattr(self, name), going))
        self.block = self.block.take(going)
        self.course = COURSES[self.block.method](self.block)
