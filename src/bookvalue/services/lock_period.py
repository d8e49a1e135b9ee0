"""LOCK: makes a closed period final, after making sure that it still holds what it was closed with."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from bookvalue.domain.errors import IntegrityViolation, NotFound, PeriodNotLockable, RunInProgress
from bookvalue.domain.terms import PeriodStatus
from bookvalue.services.show_periods import PeriodDetail, period_detail, start_of
from bookvalue.storage import audit, businesses, period_content, periods, posted_positions, runs
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


def lock_period(engine: Engine, business_id: UUID, start: date, *, actor: str, reason: str | None = None) -> bool:
    """Locks the posting book's period that starts on `start`; False where it is locked already.

    Raises NotFound, PeriodNotLockable (not closed, or the one before it not locked), RunInProgress (a run of it is
    alive), IntegrityViolation (its content is not what it was closed with), Busy (it could not be had in time).
    """
    with transaction(engine, Role.API, business_id) as connection:
        book_id = businesses.get(connection, business_id).book_id
        changed = _lock(connection, business_id, book_id, start, actor, reason)
        connection.commit()
    return changed


def lock_named_period(
    engine: Engine,
    business_id: UUID,
    name: str,
    *,
    actor: str,
    reason: str | None = None,
    keep: Callable[[Connection, PeriodDetail], None] = lambda _connection, _period: None,
) -> PeriodDetail:
    """Locks the period of this name (YYYY-MM) and returns it, unchanged where it is locked already.

    `keep` is called right before the commit. Raises as lock_period does.
    """
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.get(connection, business_id)
        start = start_of(kept, name)
        _lock(connection, business_id, kept.book_id, start, actor, reason)
        locked = period_detail(connection, kept, start)
        keep(connection, locked)
        connection.commit()
    return locked


def _lock(
    connection: Connection, business_id: UUID, book_id: UUID, start: date, actor: str, reason: str | None
) -> bool:
    periods.hold_exclusively(connection, business_id, book_id, [start])
    known = periods.through(connection, business_id, book_id, start)
    if not known or known[-1].period_start != start:
        raise NotFound(f"no period starts on {start}", remedy="see `bookvalue periods` for those there are")
    period, before = known[-1], known[:-1]
    if period.status == PeriodStatus.LOCKED:
        return False
    if period.status != PeriodStatus.CLOSED:
        raise PeriodNotLockable(f"period {start:%Y-%m} is {period.status}, not closed")
    if any(earlier.status != PeriodStatus.LOCKED for earlier in before):
        raise PeriodNotLockable(f"an earlier period than {start:%Y-%m} is not locked")
    if runs.alive_in_period(connection, business_id, book_id, start):
        raise RunInProgress(f"a run of period {start:%Y-%m} is still to end")
    found = period_content.content(connection, business_id, book_id, start)
    if (found.content_hash, found.entry_count, found.charged_minor) != (
        period.content_hash,
        period.entry_count,
        period.charged_minor,
    ):
        raise IntegrityViolation(f"period {start:%Y-%m} no longer holds what it was closed with")
    differing = posted_positions.differing(connection, business_id, book_id, start)
    if differing:
        raise IntegrityViolation(
            f"period {start:%Y-%m}: the position of {differing} assets is not what was posted to them"
        )
    periods.lock(connection, business_id, book_id, start)
    audit.record(
        connection,
        business_id,
        actor=actor,
        action="period.locked",
        subject=f"period/{start:%Y-%m}",
        reason=reason,
        details={"content_hash": found.content_hash},
    )
    audit.announce(connection, business_id, "period.locked", {"period": f"{start:%Y-%m}"})
    return True
