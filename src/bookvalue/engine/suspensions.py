"""Suspensions: spans in which an asset's clock stands still (SEMANTICS section 2).

Their ends map to the boundaries of the averaging rule, as a start does. Knows no amounts.
"""

from typing import Any

import numpy as np

from bookvalue.engine.averaging import MONTHS, Rule, Share
from bookvalue.engine.fiscal_days import fiscal_year, fiscal_year_start
from bookvalue.engine.register import Int64, RegisterColumns


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
    """For rules that count days up to a year's most: suspended days do not count towards that."""
    first, last = spans(columns, rule)
    rows = columns.suspensions.row
    calendar = columns.fiscal_calendar
    years = range(int(fiscal_year(calendar, first).min()), int(fiscal_year(calendar, last).max()) + 1)

    def share(day: Int64) -> Int64:
        days = np.broadcast_to(day, np.broadcast_shapes(day.shape, (len(columns),)))
        total = running(days)
        for year in years:
            begins, ends = (int(fiscal_year_start(calendar, np.asarray(year + ahead))) for ahead in (0, 1))
            start = np.maximum(columns.start_day, begins)
            end = np.minimum(days, ends - 1)
            lost = np.zeros(days.shape, dtype=np.int64)
            overlap = np.minimum(last, end[..., rows]) - np.maximum(first, start[rows]) + 1
            add_to_rows(lost, rows, np.maximum(overlap, 0))
            held = np.maximum(end - start + 1, 0)
            capped, left = np.minimum(held, rule.most_days), np.minimum(held - lost, rule.most_days)
            total -= (capped - left) * MONTHS
        return total

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
