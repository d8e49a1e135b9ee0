"""Identifiers: UUID version 7, made by the client, in the order they are made.

They are only names: nothing may be derived from the time in them.
"""

import os
import time
from uuid import UUID

import numpy as np
from numpy.typing import NDArray


def uuid7() -> UUID:
    """One new identifier (RFC 9562, version 7)."""
    return UUID(bytes=uuid7_block(1)[0].tobytes())


def uuid7_block(count: int) -> NDArray[np.void]:
    """`count` new identifiers as 16-byte values, ascending: shape (count,), dtype V16.

    One millisecond stamp for the block; 12 + 30 bits below it count up, so that a block stays in order,
    and the last 32 bits are random.
    """
    block = np.zeros((count, 16), dtype=np.uint8)
    stamp = time.time_ns() // 1_000_000
    block[:, :6] = np.frombuffer(stamp.to_bytes(6, "big"), dtype=np.uint8)
    start = int.from_bytes(os.urandom(4), "big") >> 2  # leaves room to count up in 42 bits
    counter = np.arange(start, start + count, dtype=np.int64)
    block[:, 6] = 0x70 | (counter >> 38 & 0x0F)
    block[:, 7] = counter >> 30 & 0xFF
    block[:, 8] = 0x80 | (counter >> 24 & 0x3F)
    block[:, 9] = counter >> 16 & 0xFF
    block[:, 10] = counter >> 8 & 0xFF
    block[:, 11] = counter & 0xFF
    block[:, 12:] = np.frombuffer(os.urandom(4 * count), dtype=np.uint8).reshape(count, 4)
    return block.view("V16").reshape(count)
