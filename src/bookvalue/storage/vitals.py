"""How the house is, from the database's own truth: for readiness and for metrics. No tenant is named."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from bookvalue.domain.terms import RunStatus
from bookvalue.storage import halts

_DUE = """status = 'queued' OR status = 'retry_wait' AND next_attempt_at <= clock_timestamp()
          OR status = 'running' AND lease_until < clock_timestamp()"""

_BY_STATUS = text("SELECT status, count(*) AS runs, coalesce(sum(entry_count), 0) AS entries FROM run GROUP BY status")

_WAITING = text(f"""
    SELECT count(*) AS due,
           coalesce(extract(epoch FROM clock_timestamp() - min(CASE status WHEN 'running' THEN lease_until
               ELSE coalesce(next_attempt_at, created_at) END)), 0)::float8 AS oldest_seconds,
           coalesce(extract(epoch FROM clock_timestamp() - min(coalesce(next_attempt_at, created_at))
               FILTER (WHERE published_at IS NULL)), 0)::float8 AS unpublished_seconds
    FROM run WHERE {_DUE}
""")  # noqa: S608 - a constant

_PERIODS = text("""
    SELECT count(*) FILTER (WHERE status = 'open') AS open, count(*) FILTER (WHERE status = 'closing') AS closing,
           count(*) FILTER (WHERE status = 'closed') AS closed, count(*) FILTER (WHERE status = 'locked') AS locked,
           coalesce(sum(blocked_assets) FILTER (WHERE status = 'open'), 0) AS blocked
    FROM period
""")


@dataclass(frozen=True, slots=True)
class Vitals:
    """Counts and ages; ages in seconds, 0 where nothing waits."""

    runs: dict[str, int]
    periods: dict[str, int]
    due_runs: int
    oldest_due_seconds: float
    sweep_lag_seconds: float
    exceptions: int
    halted_books: dict[str, int]
    feed_positions: int


def read(connection: Connection) -> Vitals:
    """How the house is; needs the planner's role."""
    connection.execute(text("SELECT set_config('statement_timeout', '5s', true)"))
    by_status = connection.execute(_BY_STATUS).all()
    waiting = connection.execute(_WAITING).one()
    periods = connection.execute(_PERIODS).one()
    counted = {status.value: 0 for status in RunStatus} | {row.status: int(row.runs) for row in by_status}
    return Vitals(
        counted,
        {name: getattr(periods, name) for name in ("open", "closing", "closed", "locked")},
        int(waiting.due), max(0.0, waiting.oldest_seconds), max(0.0, waiting.unpublished_seconds),
        int(periods.blocked), halts.count(connection), int(sum(row.entries for row in by_status)),
    )  # fmt: skip
