"""Schedule: T(t) at the end of each period of an asset's life, and what that makes each period's charge.

For schedule, forecast and preview of hypothetical assets alike; decides which periods there are, computes nothing else.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.fiscal_days import fiscal_month, fiscal_month_start
from bookvalue.engine.register import NEVER, Int64
from bookvalue.engine.timeline import Timeline, timeline

LAST_DAY = 157_419
"""2400-12-31: no life, and nothing that is asked for, reaches further."""
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rows of (asset, period), in order; arrays of shape (k,). row: the place in the register; amounts: minor units.

    book_value_minor: before derecognition in the period of a disposal.
    """

    row: Int64
    period_start_day: Int64
    period_end_day: Int64
    depreciation_minor: Int64
    accumulated_minor: Int64
    book_value_minor: Int64


def schedule(line: Timeline, months: Int64, until_day: Int64) -> Schedule:
    """Every period from the start (or the day after the opening) to the last that is to be shown (SEMANTICS section 3).

    That is the last one with a charge, that of the disposal, or the one that holds until_day, whichever is first.
    months: of a period, 1, 3, 6 or 12, one a row of the register, shape (n,); until_day: shape (n,), NEVER for none.
    All rows have a start.
    """
    register = line.register
    goes_on = timeline(replace(register, disposal_day=np.full(len(register), NEVER))) if _disposed(line) else line
    first_day = np.maximum(register.start_day, register.opening_day + 1)
    last_day = np.minimum(until_day, register.disposal_day)
    open_ended = np.flatnonzero(last_day == NEVER)
    last_day[open_ended] = _long_enough(line, open_ended, first_day[open_ended])
    first, last = (_period(line, day, months) for day in (first_day, np.maximum(last_day, first_day)))
    counts = last - first + 1
    row = np.repeat(np.arange(len(register)), counts)
    period = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts, ends = (_period_start(line, number, months[row]) for number in (period, period + 1))
    ends -= 1
    total = accumulated(line, ends, rows=row)
    begins = np.concatenate(([True], row[1:] != row[:-1])) if len(row) else np.zeros(0, dtype=np.bool_)
    charge = total - np.where(begins, register.opening_accumulated_minor[row], np.concatenate(([0], total))[:-1])
    idle = _idle_at_the_end(row, charge)
    full = np.isin(np.arange(len(register)), open_ended)
    cut_short = np.setdiff1d(row[idle], open_ended)
    full[cut_short] = _charged_in_full(line, goes_on, starts, ends, row, cut_short)
    shown = ~idle | ~full[row]
    book_value = line.cost_on(row, ends) - total
    return Schedule(*(column[shown] for column in (row, starts, ends, charge, total, book_value)))


def _disposed(line: Timeline) -> bool:
    return bool((line.register.disposal_day < NEVER).any())


def _period(line: Timeline, day: Int64, months: Int64) -> Int64:
    """The number of the period of so many fiscal months that holds each day; periods begin with the fiscal year."""
    calendar = line.register.fiscal_calendar
    number: Int64 = (fiscal_month(calendar, day) - (calendar.month - 1)) // months
    return number


def _period_start(line: Timeline, number: Int64, months: Int64) -> Int64:
    calendar = line.register.fiscal_calendar
    return fiscal_month_start(calendar, number * months + (calendar.month - 1))


def _long_enough(line: Timeline, rows: Int64, first_day: Int64) -> Int64:
    """A day for each of some rows by which all is charged, not long after it is: found by trebling the years."""
    day, latest, years = first_day.copy(), _last_change(line)[rows], 1
    at_the_end = accumulated(line, np.full(len(rows), LAST_DAY), rows=rows)
    left = np.arange(len(rows))
    while len(left):
        day[left] = np.minimum(np.maximum(latest, first_day)[left] + 366 * years, LAST_DAY)
        reached = accumulated(line, day[left], rows=rows[left])
        left = left[(reached != at_the_end[left]) & (day[left] < LAST_DAY)]
        years *= 3
    return day


def _last_change(line: Timeline) -> Int64:
    """The last day on which anything happens to each row of the register, at least its start."""
    register = line.register
    day = register.start_day.copy()
    for table, days in (
        (register.changes, register.changes.day),
        (register.suspensions, register.suspensions.last_day),
        (register.units, register.units.day),
        (register.manual, register.manual.day),
    ):
        np.maximum.at(day, table.row, days)
    return day


def _charged_in_full(
    line: Timeline, goes_on: Timeline, starts: Int64, ends: Int64, row: Int64, rows: Int64
) -> NDArray[np.bool_]:
    """Which of some rows of the register are charged in full by their last period, or before that of a disposal."""
    last = np.searchsorted(row, rows, side="right") - 1
    day = np.where(line.register.disposal_day[rows] <= ends[last], starts[last] - 1, ends[last])
    at_the_end = accumulated(goes_on, np.full(len(rows), LAST_DAY), rows=rows)
    full: NDArray[np.bool_] = accumulated(line, day, rows=rows) == at_the_end
    return full


def _idle_at_the_end(row: Int64, charge: Int64) -> NDArray[np.bool_]:
    """Which periods come after the last one of their asset that has a charge: shape (k,)."""
    place = np.arange(len(row))
    last_charge = np.full(len(row) and int(row.max()) + 1, -1)
    np.maximum.at(last_charge, row, np.where(charge != 0, place, -1))
    return place > last_charge[row]
