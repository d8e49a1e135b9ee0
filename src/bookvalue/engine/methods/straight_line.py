"""straight_line: equal parts over a life, or a rate of the depreciable amount a year.

Rounded once, on the cumulative amount; residual value deducted first.
"""

import numpy as np

from bookvalue.engine.block import Block
from bookvalue.engine.exact import multiply_divide, reduced
from bookvalue.engine.register import RATE_ONE, Int64


def straight_line(block: Block, as_of_day: int) -> Int64:
    """What is charged since the opening by the end of a day: shape (n,), minor units (SEMANTICS sections 1 to 3).

    With a life: what the opening leaves x share since / share left of the life; where no life is left, all of it.
    With a rate: depreciable amount x rate x share since, which the caller caps at what is left.
    """
    before = block.share_before()
    share = block.clock.share(np.asarray(as_of_day, dtype=np.int64))
    since = np.maximum(share - before, 0)
    if block.has_life:
        left = block.clock.whole - before
        return np.where(left > 0, multiply_divide(block.room_minor, since, np.maximum(left, 1)), block.room_minor)
    rate, per = reduced(
        block.columns.of_setting([s.rate_micropercent or 0 for s in block.columns.settings]),
        np.full_like(since, RATE_ONE),
    )
    per *= block.clock.parts_per_year
    # a fraction above 1 is past the floor anyway, and 1 keeps the result in range
    return multiply_divide(block.depreciable_minor, np.minimum(rate * since, per), per)
