"""none: never charged by a run (land, assets under construction). Knows nothing of postings: charge.py does."""

from bookvalue.engine.block import Block
from bookvalue.engine.register import Int64


def none(block: Block, _as_of_day: int) -> Int64:
    """Nothing since the opening: zeros, shape (n,), minor units (SEMANTICS section 1)."""
    return block.room_minor * 0
