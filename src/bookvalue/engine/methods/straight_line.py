"""straight_line: equal parts over a life, or a rate a year of the depreciable amount, or of the cost.

Rounded once, on the cumulative amount, unless the settings round otherwise.
"""

import numpy as np

from bookvalue.domain.terms import Rounding, StraightLineBase
from bookvalue.engine.averaging import Share
from bookvalue.engine.block import Block
from bookvalue.engine.course import Course
from bookvalue.engine.register import NEVER, Int64

_ONE = np.ones(1, dtype=np.int64)
_MOST_SHARE = 2**62
"""Of rate x time, in int64: a whole cost is 10^11 x 4,530,960 parts of it at the finest, a tenth of this."""


def straight_line(block: Block) -> Course:
    """What a change or an opening leaves, over the life that is left; or base x rate (SEMANTICS sections 2 and 3).

    Where no life is left, all of it. With the base `cost` the residual value is not deducted first: it is a floor.
    """
    parts = block.segments
    whole_cost = block.terms.straight_line_base is StraightLineBase.COST
    floor = 0 if whole_cost else parts.residual_minor
    if block.has_life:
        base = np.maximum(parts.limited_minor - floor - parts.opening_minor, 0)
        left = np.maximum(parts.whole - parts.before, 1)
        return Course(block.held, parts.before, parts.whole, base, _ONE, left, exhausts=True)
    base = np.maximum(parts.limited_minor - floor, 0)
    rate, per = parts.rate * parts.year_split, parts.per * parts.year_parts
    measure = _to_the_floor(block, rate) if block.terms.rounding is Rounding.CUMULATIVE else block.held
    return Course(measure, parts.before, parts.before * 0 + NEVER, base, rate, per, exhausts=False)


def _to_the_floor(block: Block, rate: Int64) -> Share:
    """The time held, as far as rate x time fits in int64: the floor is reached long before, and centuries would wrap.

    Not for months that are rounded singly: their sum may come to the floor later, or never, and a month always fits.
    """
    most = block.segments.before + _MOST_SHARE // np.maximum(rate, 1)
    return lambda day: np.minimum(block.held(day), most)
