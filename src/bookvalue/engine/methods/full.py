"""full: the whole depreciable amount on the start date (Xero FullDepreciation), or right after an opening."""

from bookvalue.engine.block import Block
from bookvalue.engine.register import Int64


def full(block: Block, _as_of_day: int) -> Int64:
    """All that the opening leaves: shape (n,), minor units (SEMANTICS section 2)."""
    return block.room_minor
