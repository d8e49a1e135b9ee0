"""LOCK what a book has said is to be locked by itself: closed periods, so many days after they have ended.

Derived from data, as planning is: a missed or doubled turn changes nothing, and any process may take it at any time.
"""

from datetime import datetime
from uuid import UUID

import structlog

from bookvalue.domain.calendar import Period, due_at
from bookvalue.domain.errors import BookvalueError
from bookvalue.services.lock_period import lock_period
from bookvalue.storage import businesses, periods
from bookvalue.storage.unit_of_work import Engine, Role, transaction

MOST = 200
"""Periods that are looked at in one turn."""
LATEST_ZONE_HOURS = 14
"""How far the first time zone is ahead of UTC."""
REASON = "auto_lock_after_days"

log = structlog.get_logger()


def lock_due(engine: Engine, now: datetime, *, actor: str = "scheduler") -> list[tuple[UUID, str]]:
    """Locks what is due by `now` (aware), each book's periods in order; returns (business, period) of each.

    A period that cannot be locked yet is left for the next turn, with those after it, and told to the log.
    """
    with transaction(engine, Role.PLANNER) as connection:
        found = periods.due_to_lock(connection, now, ahead_hours=LATEST_ZONE_HOURS, most=MOST)
    done: list[tuple[UUID, str]] = []
    halted: set[UUID] = set()
    for business_id, period, days in found:
        if business_id in halted or not _is_due(engine, business_id, period, days, now):
            continue
        try:
            if lock_period(engine, business_id, period.start, actor=actor, reason=REASON):
                done.append((business_id, period.name))
        except BookvalueError as error:
            halted.add(business_id)
            log.warning("lock.failed", business=str(business_id), period=period.name, code=error.code)
    return done


def _is_due(engine: Engine, business_id: UUID, period: Period, days: int, now: datetime) -> bool:
    """Whether the day has begun where the business is."""
    with transaction(engine, Role.API, business_id) as connection:
        zone = businesses.get(connection, business_id).value.time_zone
    return due_at(period, zone, days) <= now
