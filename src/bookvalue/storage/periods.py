"""Periods of a book: where they stand, who holds them, and what they were closed with.

Lock order, on every path: period advisory lock, period row, run row, fact versions, feed counter, inserts.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bookvalue.domain.calendar import Period
from bookvalue.domain.terms import PeriodStatus
from bookvalue.storage.tables import period


def open_next(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    following: Period,
    *,
    due_at: datetime | None,
    expected_assets: int,
) -> None:
    """Opens a book's next period (or its first); nothing happens where it is there already."""
    connection.execute(
        insert(period)
        .values(
            business_id=business_id,
            book_id=book_id,
            period_start=following.start,
            period_end=following.end,
            due_at=due_at,
            expected_assets=expected_assets,
        )
        .on_conflict_do_nothing()
    )


def raise_fact_version(connection: Connection, business_id: UUID, effective: Sequence[date]) -> None:
    """Says, for every book, that facts effective on these days were recorded: in the period that holds each day, else
    in the last one before it, else in the first. A run that had read the books before then computes again."""
    connection.execute(
        text("""
        UPDATE period p SET fact_version = p.fact_version + 1
        FROM (SELECT DISTINCT b.id AS book_id, coalesce(
                  (SELECT max(q.period_start) FROM period q WHERE q.business_id = b.business_id AND q.book_id = b.id
                   AND q.period_start <= d.day),
                  (SELECT min(q.period_start) FROM period q WHERE q.business_id = b.business_id AND q.book_id = b.id)
              ) AS period_start
              FROM book b, unnest(CAST(:days AS date[])) AS d(day) WHERE b.business_id = :business) f
        WHERE p.business_id = :business AND p.book_id = f.book_id AND p.period_start = f.period_start
    """),
        {"business": business_id, "days": list(set(effective))},
    )


def last_start(connection: Connection, business_id: UUID, book_id: UUID) -> date | None:
    """The start of the book's last period, None where it has none yet."""
    found: date | None = connection.scalar(
        select(func.max(period.c.period_start)).where(period.c.business_id == business_id, period.c.book_id == book_id)
    )
    return found


def through(connection: Connection, business_id: UUID, book_id: UUID, last: date) -> Sequence[Row[Any]]:
    """The book's periods up to the one that starts on `last`, oldest first."""
    return connection.execute(
        select(period)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start <= last)
        .order_by(period.c.period_start)
    ).all()


def hold_exclusively(connection: Connection, business_id: UUID, book_id: UUID, starts: Sequence[date]) -> None:
    """Waits for the periods' advisory locks, oldest first, then locks their rows; held to the end of the transaction.

    The advisory lock makes a fair queue: row locks alone let newcomers past a waiter.
    """
    for start in sorted(starts):
        key = func.hashtextextended(f"{business_id}/{book_id}/{start}", 0)
        connection.execute(select(func.pg_advisory_xact_lock(key)))
    connection.execute(
        select(period.c.period_start)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start.in_(starts))
        .order_by(period.c.period_start)
        .with_for_update()
    )


def fact_version_through(connection: Connection, business_id: UUID, book_id: UUID, last: date) -> int:
    """The sum of the fact versions of all periods up to the one that starts on `last`; the rows are held."""
    held = (
        select(period.c.fact_version)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start <= last)
        .order_by(period.c.period_start)
        .with_for_update(read=True)
    )
    return sum(connection.scalars(held))


def start_closing(
    connection: Connection, business_id: UUID, book_id: UUID, starts: Sequence[date], run_id: UUID
) -> None:
    """Puts open periods into `closing`, held by this run alone until its transaction ends."""
    connection.execute(
        update(period)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start.in_(starts))
        .values(status=PeriodStatus.CLOSING, closing_run_id=run_id)
    )


def note_run(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    start: date,
    *,
    run_id: UUID,
    fact_version: int,
    blocked_assets: int,
) -> None:
    """Records the last run that ended in this period, what it had read, and how many assets it left blocked."""
    connection.execute(
        update(period)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start == start)
        .values(last_run_id=run_id, last_fact_version=fact_version, blocked_assets=blocked_assets)
    )


def close(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    start: date,
    *,
    charged_minor: int,
    entry_count: int,
    content_hash: str,
) -> None:
    """closing -> closed, with what the period was closed with."""
    connection.execute(
        update(period)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start == start)
        .values(
            status=PeriodStatus.CLOSED,
            closing_run_id=None,
            closed_at=text("clock_timestamp()"),
            blocked_assets=0,
            charged_minor=charged_minor,
            entry_count=entry_count,
            content_hash=content_hash,
        )
    )


def lock(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> None:
    """closed -> locked, for good."""
    connection.execute(
        update(period)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start == start)
        .values(status=PeriodStatus.LOCKED, lock_version=period.c.lock_version + 1, locked_at=text("clock_timestamp()"))
    )


def due_to_lock(
    connection: Connection, now: datetime, *, ahead_hours: int, most: int
) -> list[tuple[UUID, Period, int]]:
    """Up to `most` closed periods that may be due to be locked by themselves, oldest first, with the days that their
    book waits; where the day has begun in the first time zone, so many hours ahead. Needs the planner's role."""
    statement = text("""
        SELECT p.business_id, p.period_start, p.period_end, b.auto_lock_after_days AS days
        FROM period p JOIN book b ON b.business_id = p.business_id AND b.id = p.book_id
        WHERE p.status = 'closed' AND p.period_end + b.auto_lock_after_days
            < (:now AT TIME ZONE 'UTC' + make_interval(hours => :ahead))::date
        ORDER BY p.period_start, p.business_id LIMIT :most""")
    rows = connection.execute(statement, {"now": now, "ahead": ahead_hours, "most": most})
    return [(row.business_id, Period(row.period_start, row.period_end), row.days) for row in rows]


def reopen(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> None:
    """closed -> open, as a new generation; nothing of what it was closed with remains on it."""
    connection.execute(
        update(period)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start == start)
        .values(
            status=PeriodStatus.OPEN,
            generation=period.c.generation + 1,
            closed_at=None,
            charged_minor=None,
            entry_count=None,
            content_hash=None,
        )
    )


def since(connection: Connection, business_id: UUID, book_id: UUID, first: date) -> Sequence[Row[Any]]:
    """The book's periods from the one that starts on `first`, oldest first."""
    return connection.execute(
        select(period)
        .where(period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start >= first)
        .order_by(period.c.period_start)
    ).all()


def one(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> Row[Any] | None:
    """One period, or None."""
    return connection.execute(
        select(period).where(
            period.c.business_id == business_id, period.c.book_id == book_id, period.c.period_start == start
        )
    ).one_or_none()
