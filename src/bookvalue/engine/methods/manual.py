"""manual: a table of dated amounts, each charged on its day, down to the residual value."""

from bookvalue.engine.block import Block
from bookvalue.engine.course import Course
from bookvalue.engine.dated import amounts_until
from bookvalue.engine.register import NEVER


def manual(block: Block) -> Course:
    """The amounts dated since the origin (SEMANTICS sections 2 and 3)."""
    charged = amounts_until(block, block.columns.manual)
    begins = charged(block.segments.origin_day - 1)
    one = begins * 0 + 1
    return Course(charged, begins, begins * 0 + NEVER, one, one, one, exhausts=False)
