"""Runs as rows: planned once, claimed by one worker at a time, finished under a fence.

The database's clock decides leases and retries; the business clock comes in only as `now` of the planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select, text, update
from sqlalchemy.dialects import postgresql

from bookvalue.domain.run import ALIVE, MAX_ATTEMPTS, retry_ceiling_seconds
from bookvalue.domain.terms import RunKind, RunStatus
from bookvalue.storage.tables import run

PLANNER = "planner"
"""Who asked for a run that nobody asked for."""

# A fact that is dated ahead opens the periods up to its own; each waits for the one before, as where none is dated so.
_PLAN_SCHEDULED = text("""
    INSERT INTO run (business_id, id, book_id, period_start, generation, sequence, kind, expected_assets, requested_by)
    SELECT p.business_id, gen_random_uuid(), p.book_id, p.period_start, p.generation, 0, 'scheduled',
           p.expected_assets, 'planner'
    FROM period p
    WHERE p.status = 'open' AND p.due_at <= :now AND (CAST(:business AS uuid) IS NULL OR p.business_id = :business)
      AND NOT EXISTS (
        SELECT FROM run r WHERE r.business_id = p.business_id AND r.book_id = p.book_id
        AND r.period_start = p.period_start AND r.generation = p.generation)
      AND NOT EXISTS (SELECT FROM period e WHERE e.business_id = p.business_id AND e.book_id = p.book_id
          AND e.period_start < p.period_start AND e.status = 'open' AND e.due_at <= :now AND NOT EXISTS (
              SELECT FROM run r WHERE r.business_id = e.business_id AND r.book_id = e.book_id
              AND r.period_start = e.period_start AND r.generation = e.generation
              AND r.status NOT IN ('queued', 'running', 'retry_wait')))
    ON CONFLICT DO NOTHING RETURNING id
""")

# The last period a book has posted through, while no later one is due or has a run, which would do the same. Where
# assets were left blocked (or the whole run was) and a fact has been recorded since, one rerun posts what was missing
# in every open period up to it; where all is posted and the book has come to close by itself, one rerun closes them.
_PLAN_AGAIN = text("""
    INSERT INTO run (business_id, id, book_id, period_start, generation, sequence, kind, expected_assets, requested_by)
    SELECT p.business_id, gen_random_uuid(), p.book_id, p.period_start, p.generation,
           (SELECT max(sequence) + 1 FROM run r WHERE r.business_id = p.business_id AND r.book_id = p.book_id
            AND r.period_start = p.period_start AND r.generation = p.generation),
           'rerun', p.expected_assets, 'planner'
    FROM period p JOIN run last ON last.business_id = p.business_id AND last.id = p.last_run_id
    WHERE p.status = 'open' AND p.due_at <= :now AND last.generation = p.generation
      AND (CAST(:business AS uuid) IS NULL OR p.business_id = :business)
      AND NOT EXISTS (SELECT FROM period later WHERE later.business_id = p.business_id AND later.book_id = p.book_id
                      AND later.period_start > p.period_start
                      AND (later.last_run_id IS NOT NULL OR later.due_at <= :now))
      AND NOT EXISTS (SELECT FROM run r WHERE r.business_id = p.business_id AND r.book_id = p.book_id
                      AND r.period_start >= p.period_start AND r.status IN ('queued', 'running', 'retry_wait'))
      AND (last.status = 'posted' AND EXISTS (SELECT FROM book b WHERE b.business_id = p.business_id
                                              AND b.id = p.book_id AND b.auto = 'close')
           OR last.status IN ('posted_with_exceptions', 'blocked')
           AND p.last_fact_version <> (SELECT sum(f.fact_version) FROM period f WHERE f.business_id = p.business_id
                                       AND f.book_id = p.book_id AND f.period_start <= p.period_start))
    ON CONFLICT DO NOTHING RETURNING id
""")

_SWEEP = text("""
    UPDATE run SET published_at = clock_timestamp(), publications = publications + 1
    WHERE id IN (
        SELECT id FROM run
        WHERE (status = 'queued' OR status = 'retry_wait' AND next_attempt_at <= clock_timestamp()
               OR status = 'running' AND lease_until < clock_timestamp())
          AND (published_at IS NULL
               OR published_at < clock_timestamp() - least(900, :patience * power(2, least(publications, 4) - 1))
                                 * interval '1 second'
               OR status = 'running' AND published_at < lease_until)
        ORDER BY expected_assets, created_at, id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id, expected_assets, attempts > 0 OR publications > 1 AS tried
""")

_GIVE_UP = text("""
    UPDATE run SET status = 'failed', lease_until = NULL, finished_at = clock_timestamp(),
        error_code = 'attempts_used_up', error_message = 'every attempt died without an answer; see the worker log'
    WHERE id IN (SELECT id FROM run WHERE id = :id AND status = 'running' AND lease_until < clock_timestamp()
                 AND attempts >= :most FOR UPDATE SKIP LOCKED)
    RETURNING book_id, period_start
""")

_CLAIM = text("""
    UPDATE run SET status = 'running', fence = fence + 1, attempts = attempts + 1, lease_owner = :owner,
        lease_until = clock_timestamp() + :lease * interval '1 second', next_attempt_at = NULL,
        started_at = coalesce(started_at, clock_timestamp())
    WHERE id = :id AND attempts < :most AND (
        status = 'queued' OR status = 'retry_wait' AND next_attempt_at <= clock_timestamp()
        OR status = 'running' AND lease_until < clock_timestamp())
    RETURNING business_id, book_id, period_start, generation, kind, fence, attempts, requested_by
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this process may work on, until its lease ends or its fence is passed."""

    run_id: UUID
    business_id: UUID
    book_id: UUID
    period_start: date
    generation: int
    kind: RunKind
    fence: int
    attempts: int
    requested_by: str = PLANNER


def plan(connection: Connection, now: datetime, business_id: UUID | None = None) -> list[UUID]:
    """Inserts a queued run for every book whose oldest unposted period was due by `now`, for every book whose blocked
    assets may have been mended, and for every book that has come to close by itself what it had only posted; any number
    of planners may do so at once. business_id: of this one alone."""
    parameters = {"now": now, "business": business_id}
    return [
        run_id for statement in (_PLAN_SCHEDULED, _PLAN_AGAIN) for run_id in connection.scalars(statement, parameters)
    ]


def sweep(connection: Connection, *, most: int, patience_seconds: float) -> list[tuple[UUID, int, bool]]:
    """Stamps and returns what to publish: due runs, and running ones whose lease ran out; small books first. Each as
    (run, expected assets, whether it died or its message got lost before).

    A run already published is published again only after `patience_seconds`, doubled each time, up to eight times that.
    """
    rows = connection.execute(_SWEEP, {"most": most, "patience": patience_seconds}).all()
    return sorted(((row.id, row.expected_assets, row.tried) for row in rows), key=lambda due: (due[1], due[0]))


def spent(connection: Connection) -> list[tuple[UUID, UUID]]:
    """The runs that died in their last attempt, as (business, run)."""
    statement = text("""SELECT business_id, id FROM run
                        WHERE status = 'running' AND lease_until < clock_timestamp() AND attempts >= :most""")
    return [(row.business_id, row.id) for row in connection.execute(statement, {"most": MAX_ATTEMPTS})]


def give_up(connection: Connection, run_id: UUID) -> tuple[UUID, date] | None:
    """Fails a run that died in its last attempt; returns its book and period, or None where that is no longer so."""
    row = connection.execute(_GIVE_UP, {"id": run_id, "most": MAX_ATTEMPTS}).one_or_none()
    return None if row is None else (row.book_id, row.period_start)


def claim(connection: Connection, run_id: UUID, *, owner: str, lease_seconds: float) -> Claim | None:
    """Takes a run that is due, or None: somebody else has it, it is done, or there is no such run."""
    row = connection.execute(
        _CLAIM.bindparams(bindparam("id", type_=postgresql.UUID(as_uuid=True))),
        {"id": run_id, "owner": owner, "lease": lease_seconds, "most": MAX_ATTEMPTS},
    ).one_or_none()
    if row is None:
        return None
    return Claim(
        run_id,
        row.business_id,
        row.book_id,
        row.period_start,
        row.generation,
        RunKind(row.kind),
        row.fence,
        row.attempts,
        row.requested_by,
    )


def extend_lease(connection: Connection, run_id: UUID, fence: int, lease_seconds: float) -> bool:
    """Prolongs the lease; False where the run is no longer this holder's."""
    statement = text("""UPDATE run SET lease_until = clock_timestamp() + :lease * interval '1 second'
                        WHERE id = :id AND fence = :fence AND status = 'running'""")
    return connection.execute(statement, {"id": run_id, "fence": fence, "lease": lease_seconds}).rowcount == 1


def due(connection: Connection, business_id: UUID | None) -> list[UUID]:
    """The runs that may be claimed now, small books first; of one business, where it is given."""
    statement = text("""
        SELECT id FROM run WHERE (CAST(:business AS uuid) IS NULL OR business_id = :business)
          AND (status = 'queued' OR status = 'retry_wait' AND next_attempt_at <= clock_timestamp()
               OR status = 'running' AND lease_until < clock_timestamp())
        ORDER BY expected_assets, created_at, id""")
    return list(connection.scalars(statement, {"business": business_id}))


def hold(connection: Connection, held: Claim) -> RunStatus | None:
    """Locks the run's row: its status where the fence is still this claim's, else None."""
    row = connection.execute(
        select(run.c.status, run.c.fence)
        .where(run.c.business_id == held.business_id, run.c.id == held.run_id)
        .with_for_update()
    ).one()
    return RunStatus(row.status) if row.fence == held.fence else None


def finish(connection: Connection, held: Claim, status: RunStatus, **result: Any) -> bool:
    """Ends the run under its fence, with its result; False where another holder has taken over."""
    statement = (
        update(run)
        .where(
            run.c.business_id == held.business_id,
            run.c.id == held.run_id,
            run.c.fence == held.fence,
            run.c.status == RunStatus.RUNNING,
        )
        .values(status=status, lease_until=None, finished_at=text("clock_timestamp()"), **result)
    )
    return connection.execute(statement).rowcount == 1


def wait_to_retry(connection: Connection, held: Claim, *, code: str, message: str) -> bool:
    """Lets a run that failed for a passing cause be tried again, after a wait with full jitter."""
    statement = text("""
        UPDATE run SET status = 'retry_wait', lease_until = NULL, error_code = :code, error_message = :message,
            published_at = NULL, publications = 0,
            next_attempt_at = clock_timestamp() + random() * :ceiling * interval '1 second'
        WHERE id = :id AND fence = :fence AND status = 'running'""")
    return (
        connection.execute(
            statement,
            {
                "id": held.run_id,
                "fence": held.fence,
                "code": code,
                "message": message[:500],
                "ceiling": retry_ceiling_seconds(held.attempts),
            },
        ).rowcount
        == 1
    )


def alive_in_period(connection: Connection, business_id: UUID, book_id: UUID, period_start: date) -> bool:
    """Whether a run of this period still has work before it."""
    return (
        connection.scalars(
            select(run.c.id)
            .where(
                run.c.business_id == business_id,
                run.c.book_id == book_id,
                run.c.period_start == period_start,
                run.c.status.in_(ALIVE),
            )
            .limit(1)
        ).first()
        is not None
    )


def blocked_outcomes(connection: Connection, business_id: UUID, run_id: UUID | None = None) -> Sequence[Row[Any]]:
    """The assets that stand blocked: of one run, or of the last run of each period that is not closed."""
    return connection.execute(
        text("""
        SELECT r.id AS run_id, r.finished_at, r.period_start, a.id AS asset_id, a.external_id, a.number, a.name,
               o.code, o.field, o.value
        FROM run r JOIN run_outcome o ON o.business_id = r.business_id AND o.run_id = r.id AND o.status = 'blocked'
        JOIN asset a ON a.business_id = o.business_id AND a.id = o.asset_id
        JOIN period p ON p.business_id = r.business_id AND p.book_id = r.book_id AND p.period_start = r.period_start
        WHERE r.business_id = :business
          AND (r.id = CAST(:run AS uuid) OR CAST(:run AS uuid) IS NULL AND p.last_run_id = r.id AND p.status = 'open')
        ORDER BY r.period_start, a.number
    """),
        {"business": business_id, "run": run_id},
    ).all()
