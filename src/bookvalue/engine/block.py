"""Block: rows of a register in one segment each, which one method and one averaging rule compute together.

Knows how long each has been held; knows no method.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.terms import Method
from bookvalue.engine.averaging import Rule, Share, rule_of
from bookvalue.engine.register import METHODS, NOT_GIVEN, Int64, RegisterColumns
from bookvalue.engine.segments import Segments, first_segments
from bookvalue.engine.suspensions import clock

BLOCK_ROWS = 32_768
"""Rows computed at a time: a dozen columns of them stay in the second-level cache (PERFORMANCE 2.1)."""
Places = NDArray[np.intp] | slice


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that share method, averaging rule, whether they have a life, and all other terms but life and rate.

    columns, segments: one entry a row. share: the clock of these rows.
    """

    columns: RegisterColumns
    segments: Segments
    terms: DepreciationSettings
    rule: Rule
    method: Method
    has_life: bool
    share: Share

    def __len__(self) -> int:
        return len(self.columns)

    def take(self, rows: NDArray[np.intp]) -> "Block":
        """The block of some of its rows."""
        columns = self.columns.take(rows)
        share = clock(columns, self.rule)
        return Block(columns, self.segments.take(rows), self.terms, self.rule, self.method, self.has_life, share)

    def held(self, day: Int64) -> Int64:
        """The share of a year held by the end of a day, of the segment and within the life; day of shape () or (n,)."""
        parts = self.segments
        within = np.minimum(np.maximum(self.share(day), parts.before), np.maximum(parts.whole, parts.before))
        if not self.rule.ends_on_day:
            return within
        return np.where(day >= parts.life_end, np.maximum(parts.whole, parts.before), within)


@lru_cache(maxsize=65_536)
def terms_of(settings: DepreciationSettings) -> DepreciationSettings:
    """What rows have to share to be computed together: all settings but those that are numbers of each row."""
    return replace(settings, life_months=None, rate_nanopercent=None, declining_factor_micro=0)


def pieces(kind: Int64, block_rows: int) -> Iterator[tuple[int, Places]]:
    """Rows by kind (kinds >= 0, rows of a negative kind are left out), at most block_rows at a time."""
    counts = np.bincount(kind + 1)[1:]
    kind = kind.astype(np.min_scalar_type(-1 - len(counts)))  # to be compared with each kind: less to read
    for number in np.flatnonzero(counts).tolist():
        alone = counts[number] == len(kind)  # then blocks are views, and nothing is copied
        rows = None if alone else np.flatnonzero(kind == number)
        for first in range(0, int(counts[number]), block_rows):
            piece = slice(first, first + block_rows)
            yield number, piece if rows is None else rows[piece]


def first_blocks(
    register: RegisterColumns, rows: Int64 | None, kept: NDArray[np.bool_], block_rows: int = BLOCK_ROWS
) -> Iterator[tuple[Places, Block]]:
    """Rows of a register in their first segment, block by block, with their places among `rows` (None: all).

    kept: shape (k,), which of the rows are wanted.
    """
    kinds: dict[tuple[DepreciationSettings, bool], int] = {}
    of_setting = [
        kinds.setdefault((terms_of(item), item.life_months is not None), len(kinds)) for item in register.settings
    ]
    kind = np.array(of_setting, dtype=np.int64).take(register.setting[slice(None) if rows is None else rows])
    if not kept.all():
        kind[~kept] = -1
    names = list(kinds)
    changes_method = bool((register.changes.method != NOT_GIVEN).any())  # to one with other tables
    for number, places in pieces(kind, block_rows):
        terms, has_life = names[number]
        columns = (register if changes_method else _for_method(register, terms.method)).take(
            places if rows is None else rows[places]
        )
        rule = rule_of(terms.averaging, terms.day_basis)
        share = clock(columns, rule)
        segments = first_segments(columns, terms, rule, share, has_life=has_life)
        yield places, Block(columns, segments, terms, rule, terms.method, has_life, share)


def later_blocks(
    register: RegisterColumns, rows: Int64, segments: Segments, in_force: NDArray[np.intp], block_rows: int
) -> Iterator[tuple[Places, Block]]:
    """Rows of a register, each in the segment at its place `in_force`, block by block, with their places among `rows`.

    rows, in_force: shape (k,).
    """
    kinds: dict[DepreciationSettings, int] = {}
    of_setting = np.array([kinds.setdefault(terms_of(item), len(kinds)) for item in register.settings], dtype=np.int64)
    names = list(kinds)
    kind = of_setting.take(register.setting.take(rows)) * _KINDS + _kind(segments).take(in_force)
    for number, places in pieces(kind, block_rows):
        terms, kind_of_segment = names[number // _KINDS], number % _KINDS
        yield places, _later_block(register, rows[places], segments, in_force[places], terms, kind_of_segment)


def blocks_of_terms(
    columns: RegisterColumns, segments: Segments, terms: DepreciationSettings
) -> Iterator[tuple[Places, Block]]:
    """As later_blocks, for rows in one segment each whose terms are the same but for the method, the segment's."""
    columns = columns.without("changes")
    for number, places in pieces(_kind(segments), BLOCK_ROWS):
        yield places, _later_block(columns, places, segments, places, terms, number)


_KINDS = 2 * len(METHODS)


def _kind(segments: Segments) -> Int64:
    """What segments have to share to be computed together: below _KINDS."""
    return segments.method * 2 + segments.has_life


def _later_block(
    columns: RegisterColumns, rows: Places, segments: Segments, in_force: Places, terms: DepreciationSettings, kind: int
) -> Block:
    method, rule = METHODS[kind // 2], rule_of(terms.averaging, terms.day_basis)
    taken = _for_method(columns, method).take(rows)
    return Block(taken, segments.take(in_force), terms, rule, method, bool(kind % 2), clock(taken, rule))


def _for_method(columns: RegisterColumns, method: Method) -> RegisterColumns:
    """The columns without the tables that a method has no use for, and nothing in a column that it never reads."""
    unused = {Method.UNITS_OF_PRODUCTION: ["manual"], Method.MANUAL: ["units"]}.get(method, ["units", "manual"])
    nothing = np.broadcast_to(np.int64(0), len(columns))
    if method is not Method.UNITS_OF_PRODUCTION:
        columns = replace(columns, units_total_micro=nothing)
    return columns.without(*(name for name in unused if len(getattr(columns, name))))
