"""Timeline: a register whose changes have been worked into segments, ready to be asked for any day.

Changes are taken in waves: the first change of every row that has one, then the second, and so on, each wave for all
its rows at once. Rows without a change cost nothing here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from bookvalue.engine.block import Block, first_blocks
from bookvalue.engine.change import Event, changed_segments
from bookvalue.engine.register import METHOD_CODES, NEVER, NO_DAY, NOT_GIVEN, BesidePlan, Int64, RegisterColumns
from bookvalue.engine.segments import Segments
from bookvalue.engine.suspensions import spans

_LAST = 3  # after every kind of change
_DAYS = 2**20  # between two rows: more than the days that a register reaches, before 1970 and after
_EVER = -_DAYS // 2  # before all of these days


@dataclass(frozen=True, slots=True)
class Timeline:
    """A register and the segments of those of its rows that have changes.

    changed: shape (n,), which rows have segments here. segments: shape (m,). keys, sorted: the row and first day of
    each, by which they are found; places: whose key each is. change_minor: shape of `register.changes`, what each
    change adds to the cost (negative: takes from it); value_before_minor: the book value that it met. beside: that of
    the register, each until the first day on which the change counts that takes it up.
    """

    register: RegisterColumns
    changed: NDArray[np.bool_]
    keys: Int64
    places: NDArray[np.intp]
    segments: Segments
    change_minor: Int64
    value_before_minor: Int64
    beside: BesidePlan

    def method_on(self, day: int) -> Int64:
        """The code of the method that each row of the register has on a day: shape (n,)."""
        methods = self.register.of_setting([METHOD_CODES[item.method] for item in self.register.settings])
        rows = np.flatnonzero(self.changed)
        methods[rows] = self.segments.method[self.in_force(rows, np.full(len(rows), day))]
        return methods

    def cost_on(self, rows: Int64, day: Int64) -> Int64:
        """Cost with the changes dated up to each day, of rows of the register: minor units, shape (k,)."""
        changes = self.register.changes
        running = np.concatenate(([0], np.cumsum(self.change_minor)))
        dated = np.searchsorted(changes.row * _DAYS + changes.day, rows * _DAYS + day, side="right")
        first = np.searchsorted(changes.row, rows)
        sums: Int64 = running.take(np.maximum(dated, first)) - running.take(first)
        return self.register.cost_minor[rows] + sums

    def in_force(self, rows: Int64, day: Int64) -> NDArray[np.intp]:
        """The place of the segment that holds on a day, or of the first, for rows that have changes: shape (k,)."""
        found = np.searchsorted(self.keys, rows * _DAYS + np.maximum(day, _EVER), side="right") - 1
        return self.places.take(found)


def timeline(register: RegisterColumns) -> Timeline:
    """Work a register's changes, and the suspensions that do not extend a life, into segments."""
    changed = np.zeros(len(register), dtype=np.bool_)
    changed[register.changes.row] = True
    changed[register.suspensions.row[register.suspensions.extend_life == 0]] = True
    changed &= register.start_day != NO_DAY
    amounts, met = (np.zeros(len(register.changes), dtype=np.int64) for _ in range(2))
    counts_from = register.changes.day.copy()
    keys, found = [np.zeros(0, dtype=np.int64)], [Segments(*(np.zeros(0, dtype=np.int64) for _ in fields(Segments)))]
    have_changes = np.flatnonzero(changed)
    for places, block in first_blocks(register, have_changes, np.ones(len(have_changes), dtype=np.bool_)):
        of_block = have_changes[places]
        member = np.zeros(len(register), dtype=np.bool_)
        member[of_block] = True
        lines = np.flatnonzero(member[register.changes.row])
        for number, (wave, segments, line, begins, amount, value) in enumerate(_waves(block)):
            keys.append(of_block[wave] * _DAYS + (segments.valid_from if number else _EVER))
            found.append(segments)
            counts_from[lines[line]], amounts[lines[line]], met[lines[line]] = begins, amount, value
    key = np.concatenate(keys)
    order = np.argsort(key, kind="stable")
    segments = Segments(*(np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Segments)))
    beside = _until_it_counts(register, counts_from)
    return Timeline(register, changed, key[order], order, segments, amounts, met, beside)


def _until_it_counts(register: RegisterColumns, counts_from: Int64) -> BesidePlan:
    """The changes beside the plan, each until the change that takes it up counts; counts_from: of each change."""
    changes, beside = register.changes, register.beside
    if not len(changes) or not len(beside):
        return beside
    # the first change of that row and day is the one that takes up what lies before it (beside.py)
    taker = np.searchsorted(changes.row * _DAYS + changes.day, beside.row * _DAYS + beside.until_day)
    until = counts_from[np.minimum(taker, len(changes) - 1)]
    return replace(beside, until_day=np.where(beside.until_day == NEVER, NEVER, until))


def _waves(block: Block) -> Iterator[tuple[Int64, Segments, Int64, Int64, Int64, Int64]]:
    """The first segments of a block, then wave by wave those that its changes begin.

    Each with its rows in the block, and the changes that began it: their lines in the block's table, the first day on
    which they count, what they add to the cost, and the book value that they met.
    """
    none = np.zeros(0, dtype=np.int64)
    rows, latest = np.arange(len(block)), block.segments
    yield rows, latest, none, none, none, none
    first_day = latest.origin_day  # what is computed anew from the start of a year begins no earlier
    for of_wave, event in _events(block):
        if len(of_wave) < len(rows):  # all of these were in the wave before
            left = np.searchsorted(rows, of_wave)
            rows, block, latest, first_day = of_wave, block.take(left), latest.take(left), first_day[left]
        latest, amount, value = changed_segments(block, latest, event, first_day)
        resumed = event.line < 0
        first_day = np.where(resumed, latest.origin_day, first_day)
        told = ~resumed
        yield rows, latest, event.line[told], latest.valid_from[told], amount[told], value[told]


def _events(block: Block) -> Iterator[tuple[Int64, Event]]:
    """What happens to the rows of a block, the first event of each row, then the second, and so on."""
    columns, rule, table = block.columns, block.rule, block.columns.changes
    ends = np.flatnonzero(columns.suspensions.extend_life == 0)
    first_day, last_day = spans(columns, rule)
    row = np.concatenate((table.row, columns.suspensions.row[ends]))
    day = np.concatenate((table.day, columns.suspensions.last_day[ends] + 1))
    line = np.concatenate((np.arange(len(table)), np.full(len(ends), -1)))
    kind = np.concatenate((table.kind, np.full(len(ends), _LAST)))
    boundary = np.concatenate((rule.boundary(columns.fiscal_calendar, table.day), last_day[ends] + 1))
    suspended_from = np.concatenate((np.full(len(table), NOT_GIVEN), first_day[ends]))
    order = np.argsort(((row * _DAYS + boundary) * (_LAST + 1) + kind) * _DAYS + day, kind="stable")
    rank = np.arange(len(order)) - np.searchsorted(row[order], row[order])
    for turn in range(int(rank.max()) + 1):
        chosen = order[rank == turn]
        yield row[chosen], Event.of(table, line[chosen], boundary[chosen], suspended_from[chosen])
