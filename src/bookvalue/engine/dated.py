"""What a table of dated amounts sums to by a day: units used, manual amounts."""

from collections.abc import Callable

import numpy as np

from bookvalue.engine.block import Block
from bookvalue.engine.register import Dated, Int64
from bookvalue.engine.suspensions import add_to_rows, spans

_DAYS = 2**20  # between two rows: more than twice the days that a register reaches, before 1970 and after
_REACH = 2**18


def amounts_until(block: Block, table: Dated) -> Callable[[Int64], Int64]:
    """The sum of each row's amounts up to and including a day, without those dated in a suspension.

    Days before the origin count as the one before it: no measure lies before its beginning. The function takes days of
    any shape that broadcasts against (n,) and gives that shape.
    """
    running = np.concatenate(([0], np.cumsum(table.amount)))
    places = table.row * _DAYS + table.day

    def dated(rows: Int64, day: Int64) -> Int64:
        within = np.minimum(np.maximum(day, -_REACH), _REACH)
        before = running.take(np.searchsorted(table.row, rows))
        return running.take(np.searchsorted(places, rows * _DAYS + within, side="right")) - before

    first, last = spans(block.columns, block.rule)
    suspended = block.columns.suspensions.row
    everyone = np.arange(len(block))

    def until(day: Int64) -> Int64:
        day = np.maximum(day, block.segments.origin_day - 1)
        total = dated(everyone, day)
        days = day[..., suspended]
        lost = dated(suspended, np.minimum(np.maximum(days, first - 1), last)) - dated(suspended, first - 1)
        add_to_rows(total, suspended, -lost)
        return total

    return until
