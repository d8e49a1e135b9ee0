"""T(t): what should have accumulated by the end of a day, for every row of a register.

The one way to it for charge, schedule, preview and forecast. Rows are computed by method and averaging rule, in
blocks that stay in the processor's cache; no row's amount depends on another row, on their order or on the size of a
block.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.terms import Averaging, Method
from bookvalue.engine.block import Block
from bookvalue.engine.methods import METHODS
from bookvalue.engine.register import METHOD_CODES, NO_DAY, Int64, RegisterColumns

BLOCK_ROWS = 32_768
"""Rows computed at a time: a dozen columns of them stay in the second-level cache (PERFORMANCE 2.1)."""

_Rows = NDArray[np.intp] | slice
AVERAGING_CODES = {item: code for code, item in enumerate(Averaging)}
_METHODS = {code: method for method, code in METHOD_CODES.items()}
_RULES = {code: averaging for averaging, code in AVERAGING_CODES.items()}
_RADIX = 32  # more than there are averaging rules


def accumulated(register: RegisterColumns, as_of_day: int, *, block_rows: int = BLOCK_ROWS) -> Int64:
    """T(as_of_day) for every row: minor units, shape (n,), opening accumulated included (SEMANTICS section 1).

    as_of_day: days since 1970-01-01; its end is meant. Opening accumulated before a row's start, by the end of its
    opening and where there is no start; never falls from day to day, never above the depreciable amount. Raises
    KeyError for a code that is no method or averaging rule.
    """
    total = register.opening_accumulated_minor.copy()
    for method, averaging, has_life, rows in _partition(register, block_rows):
        block = Block.of(register.take(rows), averaging, has_life=has_life)
        charged = METHODS[method](block, as_of_day)
        within = np.minimum(np.maximum(charged, 0), block.room_minor)
        total[rows] += np.where(block.first_day <= as_of_day, within, 0)
    return total


def _partition(register: RegisterColumns, block_rows: int) -> Iterator[tuple[Method, Averaging, bool, _Rows]]:
    """Rows that have a start, at most block_rows at a time, by method, averaging rule and whether there is a life."""
    kind = register.of_setting(
        [
            ((METHOD_CODES[s.method] + 1) * _RADIX + AVERAGING_CODES[s.averaging]) * 2 + bool(s.life_months)
            for s in register.settings
        ]
    )
    kind *= register.start_day != NO_DAY
    counts = np.bincount(kind)
    for key in np.flatnonzero(counts[1:]) + 1:
        code, has_life = divmod(int(key), 2)
        method, averaging = divmod(code, _RADIX)
        alone = counts[key] == len(register)  # then blocks are views, and nothing is copied
        rows = None if alone else np.flatnonzero(kind == key)
        for first in range(0, int(counts[key]), block_rows):
            piece = slice(first, first + block_rows)
            yield _METHODS[method - 1], _RULES[averaging], bool(has_life), piece if rows is None else rows[piece]
