"""Whether this worker has been told to stop: said once by the parent process, seen by all of its children.

One byte of memory that parent and children share. Celery tells its children nothing, and a message may hold many runs.
"""

import mmap

_TOLD = mmap.mmap(-1, 1)  # made before the pool forks


def tell() -> None:
    """From now on `told` is true in this process, in its children, and for good."""
    _TOLD[0] = 1


def told() -> bool:
    """Whether what is in hand is to be the last."""
    return _TOLD[0] == 1
