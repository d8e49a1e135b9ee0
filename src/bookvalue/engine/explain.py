"""Why an asset is charged what it is charged in a period: the engine's own steps to T before it and to T at its end.

Nothing is computed a second time: accumulate.py goes its way once more, traced, and every figure here is one of its.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.terms import Method
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.block import Block
from bookvalue.engine.facts import Fact, facts_of
from bookvalue.engine.pieces import Piece, Unit, pieces_of, time_unit
from bookvalue.engine.register import METHODS
from bookvalue.engine.timeline import Timeline
from bookvalue.engine.walk import Step

_UNTIMED = (Method.NONE, Method.FULL, Method.UNITS_OF_PRODUCTION, Method.MANUAL)


@dataclass(frozen=True, slots=True)
class Accumulation:
    """What had accumulated by the end of a day (days since 1970-01-01), and how, from an amount in the ledger on.

    pieces: in order of time, each from where the one before it ends; the first begins with what the ledger has. None
    where the amount stands in another accumulation, or is the opening's.
    """

    day: int
    accumulated_minor: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a period counts by the averaging rule, in `unit`, and what part of a year that is."""

    unit: Unit
    count: Fraction
    of_year: Fraction


@dataclass(frozen=True, slots=True)
class Explanation:
    """The charge of one asset for first_day to last_day (days since 1970-01-01), in minor units.

    method: in force at the end. settings: those it began with. before, after: T the day before, and on the last day.
    counted: None where time plays no part, or nothing has begun.
    """

    first_day: int
    last_day: int
    method: Method
    settings: DepreciationSettings
    before: Accumulation
    after: Accumulation
    counted: Counted | None
    facts: tuple[Fact, ...]

    @property
    def charge_minor(self) -> int:
        """T on the last day - T on the day before the first."""
        return self.after.accumulated_minor - self.before.accumulated_minor


def explain(line: Timeline, row: int, first_day: int, last_day: int) -> Explanation:
    """The charge of a row of the timeline's register for a period, both days included."""
    register = line.register
    after, block = _accumulation(line, row, last_day, first_day - 1)
    before, _ = _accumulation(line, row, first_day - 1, first_day - 1)
    if _stands_in(before, after):
        before = replace(before, pieces=())
    return Explanation(
        first_day,
        last_day,
        METHODS[int(line.method_on(last_day)[row])],
        register.settings[int(register.setting[row])],
        before,
        after,
        None if block is None else _counted(block, first_day, last_day),
        facts_of(line, row, first_day, last_day),
    )


def _accumulation(line: Timeline, row: int, day: int, since: int) -> tuple[Accumulation, Block | None]:
    """T(day) from the last amount that the ledger had by the end of `since`; and the block it was computed in."""
    total, pieces, block = _traced(line, row, day)
    kept = _latest(pieces, block, since)
    while kept and kept[0].first_day > since + 1:  # it starts from what another segment had reached by then
        _, earlier, earlier_block = _traced(line, row, kept[0].first_day - 1)
        if not earlier:
            break
        kept = _latest(earlier, earlier_block, since) + kept
    return Accumulation(day, total, tuple(kept)), block


def _traced(line: Timeline, row: int, day: int) -> tuple[int, list[Piece], Block | None]:
    """T(day), all pieces of the segment in force, and its block; none where it has not begun."""
    steps: list[Step] = []
    total = accumulated(line, np.array([day]), rows=np.array([row]), trace=steps)
    if not steps or steps[0].block.segments.origin_day[0] > day:
        return int(total[0]), [], None
    return int(total[0]), pieces_of(steps), steps[-1].block


def _latest(pieces: list[Piece], block: Block | None, since: int) -> list[Piece]:
    """The pieces from the last that begins by the day after `since`, with all that a year's total sums up.

    Where a segment is computed as if it had always been so, nothing before it holds is in the ledger but its origin.
    """
    start = max((place for place, piece in enumerate(pieces) if piece.first_day <= since + 1), default=0)
    sums = (place + 1 - piece.year.months for place, piece in enumerate(pieces[start:], start) if piece.year)
    start = min(start, *sums, start)
    if block is not None and pieces[start].first_day <= block.segments.valid_from[0]:
        start = 0
    return pieces[start:]


def _stands_in(before: Accumulation, after: Accumulation) -> bool:
    """Whether the amount before is one that the way to the amount after starts from, or passes."""
    amount = before.accumulated_minor
    starts = bool(after.pieces) and (after.pieces[0].first_day - 1, after.pieces[0].from_minor) == (before.day, amount)
    return starts or any((piece.last_day, piece.to_minor) == (before.day, amount) for piece in after.pieces)


def _counted(block: Block, first_day: int, last_day: int) -> Counted | None:
    """What the clock of the segment in force at the end says of the period."""
    if block.method in _UNTIMED:
        return None
    parts = block.segments
    clock = replace(block, segments=replace(parts, before=parts.before * 0))
    last = min(last_day, int(block.columns.disposal_day[0]))
    before, now = (int(clock.held(np.array([min(day, last)]))[0]) for day in (first_day - 1, last_day))
    unit, one = time_unit(block)
    count = max(now - before, 0)
    year = Fraction(int(parts.year_parts[0]), int(parts.year_split[0]))
    return Counted(unit, Fraction(count, one), Fraction(count) * Fraction(1, year))
