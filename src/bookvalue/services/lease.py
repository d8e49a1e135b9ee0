"""HEARTBEAT: keeps a claimed run's lease alive on a connection of its own while the work goes on.

A holder that finds its lease gone stops computing; if it does not notice, its fence keeps it from writing.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from bookvalue.domain.errors import BookvalueError
from bookvalue.storage import runs
from bookvalue.storage.runs import Claim
from bookvalue.storage.unit_of_work import Engine, Role, transaction

log = structlog.get_logger()


class LeaseLost(BookvalueError):
    """Another worker has taken the run over; nothing of this attempt may be written."""

    code = "lease_lost"


@contextmanager
def kept_alive(engine: Engine, held: Claim, lease_seconds: float) -> Iterator[Callable[[], None]]:
    """Extends the lease every third of it; yields a check that raises LeaseLost once it is gone."""
    stop, lost = threading.Event(), threading.Event()

    def beat() -> None:
        while not stop.wait(lease_seconds / 3):
            try:
                with transaction(engine, Role.PLANNER) as connection:
                    alive = runs.extend_lease(connection, held.run_id, held.fence, lease_seconds)
                    connection.commit()
            except BookvalueError as error:  # the lease may still be ours: the fence decides
                log.warning("heartbeat.failed", run_id=str(held.run_id), error=str(error))
                continue
            if not alive:
                lost.set()
                return

    def check() -> None:
        if lost.is_set():
            raise LeaseLost(f"run {held.run_id} was taken over by another worker")

    thread = threading.Thread(target=beat, name=f"lease-{held.run_id}", daemon=True)
    thread.start()
    try:
        yield check
    finally:
        stop.set()
        thread.join()
