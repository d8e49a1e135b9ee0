"""REOPEN: takes a closed period back to open, as a new generation, so that it can be posted to and closed again.

Only the newest closed period of a book: the later ones open with its balances and chain on its hash. What was posted
stays as it is; what it was closed with stays in the audit trail and in the balances of its old generation.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from bookvalue.domain.errors import BookvalueError, InvalidInput, NotFound, RunInProgress
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import PeriodStatus
from bookvalue.services.show_periods import PeriodDetail, period_detail, start_of
from bookvalue.storage import audit, businesses, periods, runs
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


class PeriodNotReopenable(BookvalueError):
    """The period is not closed, is locked, or is not the newest closed one of its book."""

    code = "period_not_reopenable"
    remedy = "only the newest closed period of a book can be reopened; a locked one is final"


def reopen_period(
    engine: Engine,
    business_id: UUID,
    name: str,
    *,
    actor: str,
    reason: str | None,
    keep: Callable[[Connection, PeriodDetail], None] = lambda _connection, _period: None,
) -> PeriodDetail:
    """Reopens the posting book's period of this name (YYYY-MM); `keep` is called right before the commit.

    Raises InvalidInput (no reason), NotFound, PeriodNotReopenable, RunInProgress, Busy (not to be had in time).
    """
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.get(connection, business_id)
        start = start_of(kept, name)
        hold(connection, kept, start)
        reopen(connection, kept, start, actor=actor, reason=reason)
        reopened = period_detail(connection, kept, start)
        keep(connection, reopened)
        connection.commit()
    return reopened


def hold(connection: Connection, kept: KeptBusiness, start: date) -> None:
    """Holds the period and all later ones, so that none of them is posted to, closed or locked meanwhile."""
    later = periods.since(connection, kept.id, kept.book_id, start)
    periods.hold_exclusively(connection, kept.id, kept.book_id, [row.period_start for row in later])


def reopen(connection: Connection, kept: KeptBusiness, start: date, *, actor: str, reason: str | None) -> None:
    """Reopens a period that the caller holds. Raises as reopen_period does."""
    if reason is None or not reason.strip():
        raise InvalidInput("a closed period is reopened for a reason", [finding("required", "reason")])
    rows = periods.since(connection, kept.id, kept.book_id, start)  # once more: they may have changed before the hold
    if not rows or rows[0].period_start != start:
        raise NotFound("there is no such period")
    period, *later = rows
    if period.status != PeriodStatus.CLOSED:
        raise PeriodNotReopenable(f"period {start:%Y-%m} is {period.status}, not closed")
    if any(row.status != PeriodStatus.OPEN for row in later):
        raise PeriodNotReopenable(f"a later period than {start:%Y-%m} is closed", remedy="reopen the later one first")
    if any(runs.alive_in_period(connection, kept.id, kept.book_id, row.period_start) for row in rows):
        raise RunInProgress(f"a run of period {start:%Y-%m} or a later one is still to end")
    periods.reopen(connection, kept.id, kept.book_id, start)
    body = {"period": f"{start:%Y-%m}", "generation": period.generation + 1}
    audit.record(
        connection,
        kept.id,
        actor=actor,
        action="period.reopened",
        subject=f"period/{start:%Y-%m}",
        reason=reason,
        details={**body, "content_hash": period.content_hash, "charged_minor": period.charged_minor,
                 "entry_count": period.entry_count, "closed_at": period.closed_at.isoformat()},
    )  # fmt: skip
    audit.announce(connection, kept.id, "period.reopened", body)
