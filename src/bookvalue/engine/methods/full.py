"""full: the whole depreciable amount on the start date (Xero FullDepreciation), or right after an opening."""

from bookvalue.engine.block import Block
from bookvalue.engine.course import Course


def full(block: Block) -> Course:
    """All that the opening leaves, from the first day on (SEMANTICS section 2)."""
    room = block.segments.room()
    nothing = room * 0
    return Course(lambda _day: nothing, nothing, nothing, room, nothing, nothing + 1, exhausts=True)
