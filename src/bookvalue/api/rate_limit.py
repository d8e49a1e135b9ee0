"""How many requests a minute one subject may make of this process: a bucket each, refilled evenly.

Counts only who has shown a valid token, and only in this process: three API processes allow three times as much. It
keeps one caller from taking every thread and connection; a flood of strangers is the proxy's to stop.
"""

import math
import threading
import time
from collections.abc import Callable

from bookvalue.domain.errors import BookvalueError

WINDOW_SECONDS = 60.0
MOST_SUBJECTS = 10_000
"""Beyond this the subject that has asked for nothing for the longest time is forgotten."""


class RateLimited(BookvalueError):
    """This subject has used its requests up for the moment."""

    code = "rate_limited"


class RateLimit:
    """The buckets. Each is one number: when it will be full again; a subject that is not known has a full one."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._full_at: dict[str, float] = {}  # in the order of their last request
        self._lock = threading.Lock()

    def take(self, subject: str) -> None:
        """Counts one request; a refused one is not counted. Raises RateLimited, saying when the next will pass."""
        if self._per_minute == 0:
            return
        each = WINDOW_SECONDS / self._per_minute
        with self._lock:
            now = self._clock()
            full_at = max(now, self._full_at.pop(subject, now))
            wait = full_at + each - now - WINDOW_SECONDS
            self._full_at[subject] = full_at if wait > 0 else full_at + each
            if len(self._full_at) > MOST_SUBJECTS:
                del self._full_at[next(iter(self._full_at))]
        if wait > 0:
            raise RateLimited(
                f"{self._per_minute} requests a minute are allowed", headers={"Retry-After": str(math.ceil(wait))}
            )
