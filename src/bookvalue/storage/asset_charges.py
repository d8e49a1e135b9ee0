"""What the books have of one asset: what is posted to it for a period, and what its changes of value are. Read-only."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text


def named(connection: Connection, business_id: UUID, reference: str) -> Row[Any] | None:
    """The id, external_id and name of the asset with this external id, else with this number, else with this id."""
    statement = text("""
        SELECT id, external_id, name FROM asset
        WHERE business_id = :business AND (external_id = :reference OR number = :reference OR id::text = :reference)
        ORDER BY external_id <> :reference, number <> :reference LIMIT 1""")
    return connection.execute(statement, {"business": business_id, "reference": reference}).one_or_none()


def has_book(connection: Connection, business_id: UUID, book_id: UUID) -> bool:
    """Whether the business has such a book."""
    statement = text("SELECT EXISTS (SELECT FROM book WHERE business_id = :business AND id = :book)")
    return bool(connection.scalar(statement, {"business": business_id, "book": book_id}))


def first_and_last_period(connection: Connection, business_id: UUID, book_id: UUID) -> tuple[date, date] | None:
    """The first days of the book's first and last periods, None where it has none yet."""
    statement = text("""
        SELECT min(period_start), max(period_start) FROM period WHERE business_id = :business AND book_id = :book""")
    first, last = connection.execute(statement, {"business": business_id, "book": book_id}).one()
    return None if first is None else (first, last)


def posted_for(
    connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, start: date
) -> Sequence[Row[Any]]:
    """The asset's value updates for an effective period, each with the number of its entry, in order of sequence."""
    statement = text("""
        SELECT v.update_type, v.amount_minor, v.posting_period, v.run_id, e.feed_seq, v.beside_plan
        FROM value_update v LEFT JOIN journal_entry e ON e.business_id = v.business_id AND e.id = v.entry_id
        WHERE v.business_id = :business AND v.book_id = :book AND v.effective_period = :start AND v.asset_id = :asset
        ORDER BY v.sequence""")
    return connection.execute(
        statement, {"business": business_id, "book": book_id, "start": start, "asset": asset_id}
    ).all()


def outcome(connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, start: date) -> str | None:
    """Why the last run of a period did not charge the asset, as a code; None where it did, or there was no run."""
    statement = text("""
        SELECT o.code FROM period p
        JOIN run_outcome o ON o.business_id = p.business_id AND o.run_id = p.last_run_id AND o.asset_id = :asset
        WHERE p.business_id = :business AND p.book_id = :book AND p.period_start = :start""")
    found: str | None = connection.scalar(
        statement, {"business": business_id, "book": book_id, "start": start, "asset": asset_id}
    )
    return found


def value_changes(connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID) -> Sequence[Row[Any]]:
    """The type, date and amounts of the asset's changes of value that were not taken back, as they were recorded."""
    statement = text("""
        SELECT v.update_type, v.date, v.amount_minor, v.new_book_value_minor FROM value_update v
        WHERE v.business_id = :business AND v.book_id = :book AND v.asset_id = :asset
          AND v.update_type NOT IN ('DEPRECIATION_AMORTIZATION', 'ACQUISITION') AND v.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM value_update r WHERE r.business_id = v.business_id AND r.book_id = v.book_id
              AND r.effective_period = v.effective_period AND r.asset_id = v.asset_id AND r.reversal_of = v.sequence)
        ORDER BY v.effective_period, v.sequence""")
    return connection.execute(statement, {"business": business_id, "book": book_id, "asset": asset_id}).all()
