"""What a person's request for a run finds, and the row it may add where none answers."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from bookvalue.domain.terms import RunKind
from bookvalue.storage.runs import PLANNER

_STANDING = text("""
    SELECT p.status, p.generation, p.last_run_id, p.last_fact_version, last.status AS last_status,
           last.generation AS last_generation,
           (SELECT sum(f.fact_version) FROM period f WHERE f.business_id = p.business_id AND f.book_id = p.book_id
            AND f.period_start <= p.period_start)::bigint AS fact_version,
           made.count AS run_count, made.last_sequence, made.alive_id
    FROM period p LEFT JOIN run last ON last.business_id = p.business_id AND last.id = p.last_run_id,
         LATERAL (
            SELECT count(*) FILTER (WHERE r.generation = p.generation) AS count,
                   coalesce(max(r.sequence) FILTER (WHERE r.generation = p.generation), 0) AS last_sequence,
                   (array_agg(r.id) FILTER (WHERE r.status IN ('queued', 'running', 'retry_wait')))[1] AS alive_id
            FROM run r WHERE r.business_id = p.business_id AND r.book_id = p.book_id AND r.period_start = p.period_start
         ) made
    WHERE p.business_id = :business AND p.book_id = :book AND p.period_start = :start
""")

_ANSWERING = text("""
    SELECT r.id FROM run r
    WHERE r.business_id = :business AND r.book_id = :book AND r.period_start >= :start
      AND r.status IN ('posted', 'posted_with_exceptions')
      AND r.fact_version_read = (SELECT sum(f.fact_version) FROM period f WHERE f.business_id = r.business_id
                                 AND f.book_id = r.book_id AND f.period_start <= r.period_start)
    ORDER BY r.period_start, r.finished_at DESC LIMIT 1
""")

_ADD = text("""
    INSERT INTO run (business_id, id, book_id, period_start, generation, sequence, kind, expected_assets, requested_by,
                     reason)
    SELECT p.business_id, :id, p.book_id, p.period_start, p.generation, :sequence, :kind, p.expected_assets, :by,
           :reason
    FROM period p
    WHERE p.business_id = :business AND p.book_id = :book AND p.period_start = :start AND p.status = 'open'
      AND p.generation = :generation
      AND :seen = (SELECT count(*) FROM run r WHERE r.business_id = p.business_id AND r.book_id = p.book_id
                   AND r.period_start = p.period_start AND r.generation = p.generation)
    ON CONFLICT DO NOTHING RETURNING id
""")


def standing(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> Row[Any] | None:
    """Where a period stands, by one snapshot: its status and generation, the fact versions up to it, its last run that
    ended, and of its runs the live one (`alive_id`), and the number and last sequence of this generation's."""
    return connection.execute(_STANDING, {"business": business_id, "book": book_id, "start": start}).one_or_none()


def answering(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> UUID | None:
    """A run that has posted everything due in this period by the facts as they are, or None: its own, or that of a
    later period, which reads the earlier ones too. The register is not read for this."""
    found: UUID | None = connection.scalar(_ANSWERING, {"business": business_id, "book": book_id, "start": start})
    return found


def take_over(
    connection: Connection, business_id: UUID, run_id: UUID, *, requested_by: str, reason: str | None
) -> bool:
    """Makes the planner's waiting run the run of whoever asked, so that it closes too; False where it is not waiting
    any more, or was somebody's already."""
    statement = text("""
        UPDATE run SET requested_by = :by, reason = :reason
        WHERE business_id = :business AND id = :id AND status IN ('queued', 'retry_wait')
          AND requested_by = :planner""")
    given = {"business": business_id, "id": run_id, "by": requested_by, "reason": reason, "planner": PLANNER}
    return connection.execute(statement, given).rowcount == 1


def add(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    start: date,
    found: Row[Any],
    *,
    run_id: UUID,
    kind: RunKind,
    requested_by: str,
    reason: str | None,
) -> bool:
    """Queues a run of an open period; False where somebody else's run has come since `found` was read."""
    return (
        connection.execute(
            _ADD,
            {
                "business": business_id,
                "book": book_id,
                "start": start,
                "id": run_id,
                "kind": kind.value,
                "by": requested_by,
                "reason": reason,
                "generation": found.generation,
                "sequence": found.last_sequence + 1,
                "seen": found.run_count,
            },
        ).one_or_none()
        is not None
    )
