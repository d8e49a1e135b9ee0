"""T(t): what should have accumulated by the end of a day, for every row of a register.

The one way to it for charge, schedule, preview, forecast and explanation. Rows are computed by method and terms, in
blocks that stay in the processor's cache; no row's amount depends on another row, on their order or on the size of a
block.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bookvalue.engine.averaging import has_disposals
from bookvalue.engine.block import BLOCK_ROWS, Block, Places, first_blocks, later_blocks
from bookvalue.engine.register import NO_DAY, BesidePlan, Int64, RegisterColumns
from bookvalue.engine.timeline import Timeline, timeline
from bookvalue.engine.walk import Step, charged


def accumulated(
    source: RegisterColumns | Timeline,
    day: int | Int64,
    *,
    rows: Int64 | None = None,
    block_rows: int = BLOCK_ROWS,
    trace: list[Step] | None = None,
) -> Int64:
    """T(day) in minor units, opening accumulated included (SEMANTICS section 1).

    For every row of a register, shape (n,), or for the `rows` given (places in it, repeated at will), shape (k,). day:
    days since 1970-01-01, whose end is meant; one for all, or one for each row. Who asks for many days makes the
    timeline once. Opening accumulated before a row's start, by the end of its opening, and where there is no start;
    after a disposal, what it was then. The steps that are taken are added to `trace`.
    """
    line = source if isinstance(source, Timeline) else timeline(source)
    register = line.register
    count = len(register) if rows is None else len(rows)
    chosen = slice(None) if rows is None else rows
    days = np.broadcast_to(np.asarray(day, dtype=np.int64), count)
    one_day = isinstance(day, int) and not has_disposals(register.disposal_day)
    if not one_day:
        days = np.minimum(days, register.disposal_day[chosen])
    total = register.opening_accumulated_minor[chosen].copy()
    for places, block in _blocks(line, rows, days, block_rows):
        reached = days[:1].reshape(()) if one_day else days[places]
        amount = np.where(block.segments.origin_day <= reached, charged(block, reached, trace), 0)
        amount += block.segments.opening_minor
        total[places] = amount
    return _left_by_what_is_beside(line, total, days, rows) if len(register.beside) else total


def _left_by_what_is_beside(line: Timeline, total: Int64, days: Int64, rows: Int64 | None) -> Int64:
    """Where changes beside the plan have taken a part of what was left to depreciate, the plan ends that much sooner;
    what it had come to by the last such change stays."""
    table = line.beside
    of_register = np.arange(len(line.register)) if rows is None else rows
    places = np.flatnonzero(np.isin(of_register, table.row))
    own, day = of_register[places], days[places]
    taken, last_day = beside_on(table, own, day)
    alone = replace(line, register=line.register.without("beside"))
    reached = accumulated(alone, last_day, rows=own)
    most = np.maximum(_depreciable_on(line, own, day) - taken, reached)
    # where none counts any more, a residual value that was raised above what is left takes nothing back
    total[places] = np.where(last_day == NO_DAY, total[places], np.minimum(total[places], most))
    return total


def beside_on(table: BesidePlan, rows: Int64, day: Int64) -> tuple[Int64, Int64]:
    """What changes beside the plan take from rows of the register by the end of a day, in minor units, and the day of
    the last of them that counts (NO_DAY without one): two arrays (k,)."""
    taken, last = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), NO_DAY, dtype=np.int64)
    first, end = np.searchsorted(table.row, rows), np.searchsorted(table.row, rows, side="right")
    for step in range(int((end - first).max(initial=0))):  # as many as the row that has most of them
        line = np.minimum(first + step, len(table) - 1)
        counts = (first + step < end) & (table.day[line] <= day) & (day < table.until_day[line])
        taken += np.where(counts, table.amount_minor[line], 0)
        last = np.where(counts, table.day[line], last)
    return taken, last


def _depreciable_on(line: Timeline, rows: Int64, day: Int64) -> Int64:
    """What of each row there is to depreciate in all, by its changes up to a day: minor units, shape (k,)."""
    register = line.register
    most = np.minimum(register.cost_minor[rows], register.cost_limit_minor[rows]) - register.residual_minor[rows]
    changed = np.flatnonzero(line.changed[rows])
    if len(changed):
        segments = line.segments.take(line.in_force(rows[changed], day[changed]))
        most[changed] = segments.limited_minor - segments.residual_minor
    return most


def _blocks(
    line: Timeline, rows: Int64 | None, days: Int64, block_rows: int
) -> Iterator[tuple[Places | NDArray[np.intp], Block]]:
    """Each row that has a start, in the segment that is in force on its day."""
    register = line.register.without("changes")
    chosen = slice(None) if rows is None else rows
    changed = line.changed[chosen]
    yield from first_blocks(register, rows, (register.start_day[chosen] != NO_DAY) & ~changed, block_rows)
    places = np.flatnonzero(changed)
    if not len(places):
        return
    of_register = places if rows is None else rows[places]
    in_force = line.in_force(of_register, days[places])
    for within, block in later_blocks(register, of_register, line.segments, in_force, block_rows):
        yield places[within], block
