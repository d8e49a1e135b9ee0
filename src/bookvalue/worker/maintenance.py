"""Each worker's own planner and sweeper: neither beat nor Redis is needed for progress.

A thread in the worker's parent process plans, sweeps, locks and tidies on a jittered timer. Where Redis does not take
the message in time, it works on the runs itself, one after another.
"""

import random
import threading
from collections.abc import Sequence
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from celery import bootsteps

from bookvalue.domain.errors import BookvalueError
from bookvalue.settings import load
from bookvalue.worker.work import Publish, close, lock, plan_and_sweep, tidy

log = structlog.get_logger()

PUBLISH_SECONDS = 5.0
"""How long a broker may take to accept a message; the libraries' own retries add up to minutes where it is frozen."""
BROKER_REST_SWEEPS = 3
"""A broker that did not take a message is not asked again for so many sweeps."""


class _Broker:
    """Publishes in a thread that may be left behind; what it sends late is one hint more, and harmless."""

    def __init__(self, publish: Publish, *, rest_seconds: float) -> None:
        self.publish = publish
        self.rest_seconds = rest_seconds
        self.rests_until = monotonic()
        self.left_behind: threading.Thread | None = None

    def takes(self, run_ids: Sequence[UUID]) -> bool:
        """Whether the message was accepted in time."""
        if monotonic() < self.rests_until or (self.left_behind is not None and self.left_behind.is_alive()):
            return False
        outcome: list[Exception | None] = []

        def attempt() -> None:
            try:
                self.publish(run_ids)
                outcome.append(None)
            except Exception as error:
                outcome.append(error)

        self.left_behind = threading.Thread(target=attempt, name="publish", daemon=True)
        self.left_behind.start()
        self.left_behind.join(PUBLISH_SECONDS)
        if outcome == [None]:
            return True
        log.warning("publish.failed", error=repr(outcome[0]) if outcome else "no answer in time", runs=len(run_ids))
        self.rests_until = monotonic() + self.rest_seconds
        return False


class Maintenance(bootsteps.StartStopStep):
    """Starts after the pool has forked, so that no child inherits the thread or its connection."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self, worker: Any) -> None:  # noqa: ARG002 - Celery's signature
        self.thread = threading.Thread(target=self._loop, name="maintenance", daemon=True)
        self.thread.start()

    def stop(self, worker: Any) -> None:  # noqa: ARG002 - Celery's signature
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(timeout=30)

    def _loop(self) -> None:
        from bookvalue.worker.tasks import publish  # the tasks need the app, which needs this step

        seconds = load().sweep_seconds
        broker = _Broker(publish, rest_seconds=BROKER_REST_SWEEPS * seconds)

        def hand_over(run_ids: Sequence[UUID]) -> None:
            if not broker.takes(run_ids):
                for run_id in run_ids:
                    if not self.stopping.is_set():
                        close(run_id)

        while not self.stopping.wait(seconds * random.uniform(0.75, 1.25)):  # noqa: S311 - jitter, not a secret
            try:
                plan_and_sweep(hand_over)
                lock()
                tidy()
            except BookvalueError as error:
                log.warning("maintenance.failed", code=error.code, error=error.message)
            except Exception:
                log.exception("maintenance.crashed")
