"""PLAN: a queued run for every book whose oldest unposted period has ended, and for every book mended since.

Derives what is due from data, so that missed, doubled or late ticks change nothing; any process may do it at any time.
"""

from datetime import datetime
from uuid import UUID

from bookvalue.storage import runs
from bookvalue.storage.unit_of_work import Engine, Role, transaction


def plan_runs(engine: Engine, now: datetime, business_id: UUID | None = None) -> list[UUID]:
    """Plans everything due by `now` (aware), of one business if it is given; returns the ids of the runs it added."""
    with transaction(engine, Role.PLANNER) as connection:
        planned = runs.plan(connection, now, business_id)
        connection.commit()
    return planned
