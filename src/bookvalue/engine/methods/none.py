"""none: never charged by a run (land, assets under construction). Knows nothing of postings: charge.py does."""

from bookvalue.engine.block import Block
from bookvalue.engine.course import Course


def none(block: Block) -> Course:
    """Nothing, ever (SEMANTICS section 1)."""
    nothing = block.segments.room() * 0
    return Course(lambda _day: nothing, nothing, nothing, nothing, nothing, nothing + 1, exhausts=False)
