"""Closes everything that is due, in this process, without worker, beat or Redis: for a terminal, or a plain cron job.

Safe beside running workers: each run is claimed by one of them.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from bookvalue.services.close_period import LEASE_SECONDS, close_period
from bookvalue.services.plan_runs import plan_runs
from bookvalue.services.post_run import Closed
from bookvalue.storage import runs
from bookvalue.storage.unit_of_work import Engine, Role, transaction


def close_due(
    engine: Engine,
    *,
    now: datetime,
    owner: str,
    business_id: UUID | None = None,
    lease_seconds: float = LEASE_SECONDS,
    tell: Callable[[Closed], None] = lambda _: None,
) -> list[Closed]:
    """Plans and works on runs, period after period, until nothing is due; of one business, where it is given.

    `tell` is called with each run as it ends.
    """
    ended: list[Closed] = []
    tried: set[UUID] = set()
    while True:
        plan_runs(engine, now, business_id)
        with transaction(engine, Role.PLANNER) as connection:
            due = [run_id for run_id in runs.due(connection, business_id) if run_id not in tried]
        if not due:
            return ended
        for run_id in due:
            tried.add(run_id)
            closed = close_period(engine, run_id, owner=owner, lease_seconds=lease_seconds)
            if closed is not None:
                ended.append(closed)
                tell(closed)
