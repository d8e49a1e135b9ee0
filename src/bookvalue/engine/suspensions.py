"""Suspensions: spans in which an asset's clock stands still (SEMANTICS section 2).

Their ends map to the boundaries of the averaging rule, as a start does. Knows no amounts.
"""

from typing import Any

import numpy as np

from bookvalue.engine.averaging import MONTHS, Rule, Share
from bookvalue.engine.fiscal_days import fiscal_year, fiscal_year_start
from bookvalue.engine.register import Int64, RegisterColumns

_YEARS = 4_096  # more than a register reaches


def spans(columns: RegisterColumns, rule: Rule) -> tuple[Int64, Int64]:
    """The first and the last day of each suspension that do not count: two arrays (m,), one entry a suspension."""
    calendar, table = columns.fiscal_calendar, columns.suspensions
    return rule.boundary(calendar, table.first_day), rule.boundary(calendar, table.last_day + 1) - 1


def clock(columns: RegisterColumns, rule: Rule) -> Share:
    """The share of a year held by the end of a day, without what was suspended; for the rows of some columns."""
    running = rule.share(columns.fiscal_calendar, columns.start_day, columns.disposal_day)
    if not len(columns.suspensions):
        return running
    if rule.most_days:
        return _without_suspended_days(columns, rule, running)
    lost = suspended(columns, rule)
    rows = columns.suspensions.row

    def share(day: Int64) -> Int64:
        days = np.broadcast_to(day, np.broadcast_shapes(day.shape, (len(columns),)))
        total = running(days)
        add_to_rows(total, rows, -lost(days[..., rows]))
        return total

    return share


def add_to_rows(total: Int64, rows: Int64, amounts: Int64) -> None:
    """Add amounts, shape (..., m), to a total, shape (..., n), in place: to the rows named, each as often as named."""
    places: Any = (..., rows)
    np.add.at(total, places, amounts)


def suspended(columns: RegisterColumns, rule: Rule) -> Share:
    """What each suspension takes from the clock by the end of a day; days and result: shape (m,), one a suspension."""
    first, last = spans(columns, rule)
    rows = columns.suspensions.row
    running = rule.share(columns.fiscal_calendar, columns.start_day.take(rows), columns.disposal_day.take(rows))
    before = running(first - 1)
    return lambda day: running(np.minimum(np.maximum(day, first - 1), last)) - before


def _without_suspended_days(columns: RegisterColumns, rule: Rule, running: Share) -> Share:
    """For rules that count days up to a year's most: suspended days do not count towards that.

    What a whole fiscal year loses is worked out once for each one that a suspension touches; of the year that holds a
    day, up to that day.
    """
    calendar, rows = columns.fiscal_calendar, columns.suspensions.row
    first, last = spans(columns, rule)
    first = np.maximum(first, columns.start_day[rows])

    def capped(start: Int64, day: Int64, lost: Int64) -> Int64:
        """What `lost` days, of those from a start to a day, take from the days that count."""
        held = np.maximum(day - start + 1, 0)
        taken: Int64 = np.minimum(held, rule.most_days) - np.minimum(held - lost, rule.most_days)
        return taken

    from_year, years = fiscal_year(calendar, first), fiscal_year(calendar, np.maximum(last, first))
    counts = years - from_year + 1
    line = np.repeat(np.arange(len(rows)), counts)
    year = from_year[line] + np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    touched, place = np.unique(rows[line] * _YEARS + year, return_inverse=True)
    of_row, of_year = np.divmod(touched, _YEARS)
    begins, ends = fiscal_year_start(calendar, of_year), fiscal_year_start(calendar, of_year + 1) - 1
    lost = np.zeros(len(touched), dtype=np.int64)
    overlap = np.minimum(last[line], ends[place]) - np.maximum(first[line], begins[place]) + 1
    np.add.at(lost, place, np.maximum(overlap, 0))
    whole_years = capped(np.maximum(columns.start_day[of_row], begins), ends, lost)
    before = np.concatenate(([0], np.cumsum(whole_years)))
    everyone = np.arange(len(columns))
    none_before = before.take(np.searchsorted(touched, everyone * _YEARS))

    def share(day: Int64) -> Int64:
        days = np.broadcast_to(day, np.broadcast_shapes(day.shape, (len(columns),)))
        this_year = fiscal_year(calendar, days)
        start = np.maximum(columns.start_day, fiscal_year_start(calendar, this_year))
        lost = np.zeros(days.shape, dtype=np.int64)
        overlap = np.minimum(last, days[..., rows]) - np.maximum(first, start[..., rows]) + 1
        add_to_rows(lost, rows, np.maximum(overlap, 0))
        earlier = before.take(np.searchsorted(touched, everyone * _YEARS + this_year)) - none_before
        return running(days) - (earlier + capped(start, days, lost)) * MONTHS

    return share


def extended(columns: RegisterColumns, rule: Rule, from_day: Int64, end: Int64) -> Int64:
    """The last day of a life that runs from a day, later by what is suspended in it and extends it: shape (n,)."""
    if not len(columns.suspensions):
        return end
    end = end.copy()
    first, last = spans(columns, rule)
    table = columns.suspensions
    rank = np.arange(len(table)) - np.searchsorted(table.row, table.row)
    for turn in range(int(rank.max()) + 1):
        line = np.flatnonzero((rank == turn) & (table.extend_life == 1))
        rows = table.row[line]
        days = last[line] - np.maximum(first[line], from_day[rows]) + 1
        end[rows] += np.where(first[line] <= end[rows], np.maximum(days, 0), 0)
    return end
