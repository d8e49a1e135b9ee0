"""Runs: which state may follow which, and how long a failed attempt waits.

The database holds the state; this says what it may become.
"""

from collections.abc import Mapping

from bookvalue.domain.terms import RunStatus

TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.RUNNING}),
    RunStatus.RETRY_WAIT: frozenset({RunStatus.RUNNING}),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.RUNNING,  # taken over after the lease ran out
            RunStatus.RETRY_WAIT,
            RunStatus.POSTED,
            RunStatus.POSTED_WITH_EXCEPTIONS,
            RunStatus.BLOCKED,
            RunStatus.FAILED,
        }
    ),
    RunStatus.POSTED: frozenset(),
    RunStatus.POSTED_WITH_EXCEPTIONS: frozenset(),
    RunStatus.BLOCKED: frozenset(),
    RunStatus.FAILED: frozenset(),
}

ALIVE = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.RETRY_WAIT)
"""States in which a run still has work before it."""

MAX_ATTEMPTS = 5
"""After so many attempts a run that keeps dying is given up: `failed`, with an alert."""

FIRST_RETRY_SECONDS = 2
LONGEST_RETRY_SECONDS = 300


def retry_ceiling_seconds(attempts: int) -> int:
    """The longest wait after the n-th failed attempt; the actual wait is drawn evenly from zero to it (full jitter)."""
    return int(min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** max(0, attempts - 1)))
