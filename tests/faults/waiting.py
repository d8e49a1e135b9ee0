"""Waiting for a condition that can be asked for; never a sleep in place of one."""

import time
from collections.abc import Callable
from typing import Any


def until(holds: Callable[[], Any], seconds: float, what: str, *, every: float = 0.05) -> float:
    """Asks until it holds; returns how long that took. Fails with `what` after so many seconds."""
    since = time.monotonic()
    while not holds():
        assert time.monotonic() - since < seconds, f"waited {seconds} s in vain for: {what}"
        time.sleep(every)
    return time.monotonic() - since
