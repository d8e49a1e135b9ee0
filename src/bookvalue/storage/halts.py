"""Books that stand still: an open period whose last run failed or was blocked, with no run alive that may mend it.

The planner asks for no such run again by itself (a blocked one excepted, once a fact has changed). Read-only.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_HALTED = """
    FROM period p JOIN run r ON r.business_id = p.business_id AND r.id = p.last_run_id
    WHERE p.status = 'open' AND r.status IN ('failed', 'blocked')
      AND NOT EXISTS (SELECT FROM run alive WHERE alive.business_id = p.business_id AND alive.book_id = p.book_id
                      AND alive.period_start >= p.period_start
                      AND alive.status IN ('queued', 'running', 'retry_wait'))
"""

_OF_BUSINESS = text(f"""
    SELECT p.book_id, p.period_start, r.id AS run_id, r.status, r.error_code, r.error_message, r.finished_at
    {_HALTED} AND p.business_id = :business ORDER BY p.period_start
""")

_COUNT = text(f"SELECT r.status, count(DISTINCT (p.business_id, p.book_id)) AS books {_HALTED} GROUP BY r.status")


def of_business(connection: Connection, business_id: UUID) -> Sequence[Row[Any]]:
    """The halted periods of a business's books, oldest first, with the run that halted each."""
    return connection.execute(_OF_BUSINESS, {"business": business_id}).all()


def count(connection: Connection) -> dict[str, int]:
    """How many books of the whole installation stand still, by the status of the run; needs the planner's role."""
    return {"failed": 0, "blocked": 0} | {row.status: int(row.books) for row in connection.execute(_COUNT)}
