"""declining_balance and fixed_rate_declining: a rate of the ledger's book value, taken anew each year or month.

The two differ in their rate alone, which the segment holds. The residual value is a floor, and with the base
`net_of_residual` deducted first. What is left at the end of a life is left, unless the settings true it up or let the
balance go over to straight line.
"""

import numpy as np

from bookvalue.domain.terms import DecliningBase, EndOfLife
from bookvalue.engine.block import Block
from bookvalue.engine.course import Course
from bookvalue.engine.register import Int64


def declining_balance(block: Block) -> Course:
    """rate x book value at the start of the fiscal year, spread by the averaging rule (SEMANTICS sections 1 to 3).

    The base of the running year (month, where it compounds) is min(cost limit, cost + changes) - what had accumulated
    before it began.
    """
    parts, terms = block.segments, block.terms
    return Course(
        measure=block.held,
        begins=parts.before,
        ends=parts.whole,
        base=rate_base(block, parts.running_minor),
        rate=parts.rate * parts.year_split,
        per=parts.per * parts.year_parts,
        exhausts=block.has_life and (terms.end_of_life is EndOfLife.TRUE_UP or terms.switch_to_straight_line),
        declines=True,
    )


def rate_base(block: Block, accumulated_minor: Int64) -> Int64:
    """What the rate is taken of, once so much has accumulated: minor units >= 0, shape (n,)."""
    parts = block.segments
    deducted = parts.residual_minor if block.terms.declining_base is DecliningBase.NET_OF_RESIDUAL else 0
    base: Int64 = np.maximum(parts.limited_minor - accumulated_minor - deducted, 0)
    return base
