"""Disposals of assets and what takes them back; and what the books carry of an asset that is about to go.

A row is written once. Which disposal is in force follows from the rows: the last one, unless a row takes it back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, text, update

from bookvalue.domain.terms import AssetStatus
from bookvalue.ledger.derecognition import Carried
from bookvalue.storage.tables import asset_book, disposal

_KEPT = """
    SELECT d.*, p.period_end AS posting_period_end, r.id AS reinstatement_id, r.created_at AS reinstated_at,
           r.posting_period AS reinstatement_posting_period, r.entry_id AS reinstatement_entry_id,
           r.memo AS reinstatement_reason
    FROM disposal d
    JOIN period p ON p.business_id = d.business_id AND p.book_id = d.book_id AND p.period_start = d.posting_period
    LEFT JOIN disposal r ON r.business_id = d.business_id AND r.book_id = d.book_id AND r.asset_id = d.asset_id
        AND r.reverses = d.sequence
    WHERE d.business_id = :business AND d.book_id = :book AND d.reverses IS NULL AND """
# What takes a value update back is a row of the same asset and effective period.
_IN_FORCE = """v.reversal_of IS NULL AND NOT EXISTS (
    SELECT FROM value_update r WHERE r.business_id = v.business_id AND r.book_id = v.book_id
    AND r.effective_period = v.effective_period AND r.asset_id = v.asset_id AND r.reversal_of = v.sequence)"""
# the key has the period before the asset: with the periods named, the asset is looked up and not searched for
_OF_ASSET = """v.business_id = :business AND v.book_id = :book AND v.asset_id = :asset
    AND v.effective_period = ANY (ARRAY(
        SELECT period_start FROM period WHERE business_id = :business AND book_id = :book))"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What the value updates of an asset come to, in minor units: changes up, changes down, depreciation."""

    increases_minor: int
    decreases_minor: int
    depreciation_minor: int


def moved(connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID) -> Moved:
    """What is posted to an asset, for whatever period; what was taken back is not in it."""
    statement = text(f"""
        SELECT coalesce(sum(amount) FILTER (WHERE kind IN ('IMPROVEMENT', 'REVALUATION_UP')), 0)::bigint,
               coalesce(sum(amount) FILTER (WHERE kind IN ('IMPAIRMENT', 'REVALUATION_DOWN')), 0)::bigint,
               coalesce(sum(amount) FILTER (WHERE kind = 'DEPRECIATION_AMORTIZATION'), 0)::bigint
        FROM (SELECT v.update_type AS kind, v.amount_minor AS amount FROM value_update v WHERE {_OF_ASSET}) posted""")  # noqa: S608 - made of constants
    return Moved(*connection.execute(statement, _names(business_id, book_id, asset_id)).one())


def impaired(connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, account_id: UUID) -> int:
    """What impairments of an asset have credited to an account, less what was taken back: minor units."""
    statement = text(f"""
        SELECT coalesce(sum(v.amount_minor), 0)::bigint FROM value_update v
        JOIN journal_line l ON l.business_id = v.business_id AND l.entry_id = v.entry_id AND l.account_id = :account
            AND l.line_no = CASE WHEN v.amount_minor > 0 THEN v.credit_line ELSE v.debit_line END
        WHERE {_OF_ASSET} AND v.update_type = 'IMPAIRMENT'""")  # noqa: S608 - made of constants
    return int(connection.scalar(statement, {**_names(business_id, book_id, asset_id), "account": account_id}) or 0)


def parts_gone(connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID) -> Carried:
    """What parts of the asset that left the books took with them."""
    statement = text("""
        SELECT coalesce(sum(cost_minor), 0)::bigint, coalesce(sum(accumulated_minor), 0)::bigint,
               coalesce(sum(capitalised_minor), 0)::bigint, coalesce(sum(impairment_minor), 0)::bigint
        FROM disposal WHERE business_id = :business AND book_id = :book AND asset_id = :asset
          AND share_numerator IS NOT NULL""")
    found = connection.execute(statement, _names(business_id, book_id, asset_id)).one()
    cost, accumulated, capitalised, impairment = found
    return Carried(cost, capitalised, accumulated, 0, impairment)


def cost_left(connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID]) -> dict[UUID, int]:
    """The cost of each of the assets with all changes of value, less what parts took along: minor units."""
    statement = text("""
        SELECT d.asset_id, d.cost_minor + coalesce(moved.amount, 0) - coalesce(gone.amount, 0) AS cost
        FROM asset_book d
        LEFT JOIN (
            SELECT asset_id, sum(CASE WHEN update_type IN ('IMPROVEMENT', 'REVALUATION_UP') THEN amount_minor
                                      ELSE -amount_minor END) AS amount
            FROM value_update WHERE business_id = :business AND book_id = :book AND asset_id = ANY (:assets)
              AND update_type IN ('IMPROVEMENT', 'REVALUATION_UP', 'IMPAIRMENT', 'REVALUATION_DOWN')
              AND effective_period = ANY (ARRAY(
                  SELECT period_start FROM period WHERE business_id = :business AND book_id = :book))
            GROUP BY asset_id) moved USING (asset_id)
        LEFT JOIN (
            SELECT asset_id, sum(cost_minor) AS amount FROM disposal
            WHERE business_id = :business AND book_id = :book AND asset_id = ANY (:assets)
              AND share_numerator IS NOT NULL
            GROUP BY asset_id) gone USING (asset_id)
        WHERE d.business_id = :business AND d.book_id = :book AND d.asset_id = ANY (:assets)""")
    rows = connection.execute(statement, {"business": business_id, "book": book_id, "assets": list(asset_ids)})
    return {row.asset_id: int(row.cost) for row in rows}


def first_fact_after(
    connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, day: date
) -> date | None:
    """The first day after this one on which the asset's value or estimates change by what somebody recorded, or a
    suspension begins; None where there is none. A recorded depreciation counts on its own day."""
    statement = text(f"""
        SELECT min(day) FROM (
            SELECT v.date AS day FROM value_update v
            WHERE {_OF_ASSET} AND v.update_type <> 'DEPRECIATION_AMORTIZATION' AND {_IN_FORCE}
            UNION ALL
            SELECT greatest((said.at AT TIME ZONE b.time_zone)::date, v.effective_period) FROM value_update v
            JOIN value_update_record said USING (business_id, book_id, effective_period, asset_id, sequence)
            JOIN business b ON b.id = v.business_id
            WHERE {_OF_ASSET} AND v.update_type = 'DEPRECIATION_AMORTIZATION' AND {_IN_FORCE}
            UNION ALL
            SELECT date FROM estimate_change
            WHERE business_id = :business AND book_id = :book AND asset_id = :asset AND archived_at IS NULL
            UNION ALL
            SELECT date FROM disposal d
            WHERE business_id = :business AND book_id = :book AND asset_id = :asset AND share_numerator IS NOT NULL
              AND reverses IS NULL AND NOT EXISTS (
                  SELECT FROM disposal r WHERE r.business_id = d.business_id AND r.book_id = d.book_id
                  AND r.asset_id = d.asset_id AND r.reverses = d.sequence)
            UNION ALL
            SELECT first_day FROM suspension
            WHERE business_id = :business AND book_id = :book AND asset_id = :asset AND archived_at IS NULL) facts
        WHERE day > :day""")  # noqa: S608 - made of constants
    found: date | None = connection.scalar(statement, {**_names(business_id, book_id, asset_id), "day": day})
    return found


def set_state(
    connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, day: date | None, status: AssetStatus
) -> None:
    """The day on which the asset leaves the book, None where it stays, and its status."""
    connection.execute(
        update(asset_book)
        .where(
            asset_book.c.business_id == business_id,
            asset_book.c.book_id == book_id,
            asset_book.c.asset_id == asset_id,
        )
        .values(disposal_date=day, status=status)
    )


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Stores a disposal, or what takes one back, as the next row of its asset."""
    of_asset = [disposal.c[name] == values[name] for name in ("business_id", "book_id", "asset_id")]
    sequence = connection.scalar(select(func.count()).select_from(disposal).where(*of_asset)) or 0
    connection.execute(insert(disposal).values(sequence=sequence, **values))


def one(connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, disposal_id: UUID) -> Row[Any] | None:
    """A disposal of an asset with what took it back, or None."""
    parameters = {**_names(business_id, book_id, asset_id), "id": disposal_id}
    return connection.execute(text(f"{_KEPT} d.asset_id = :asset AND d.id = :id"), parameters).one_or_none()


def page(
    connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, *, after: int, limit: int | None
) -> Sequence[Row[Any]]:
    """Up to `limit` disposals of an asset (None: all), oldest first, from the one after this sequence."""
    statement = text(f"{_KEPT} d.asset_id = :asset AND d.sequence > :after ORDER BY d.sequence LIMIT :limit")
    return connection.execute(
        statement, {**_names(business_id, book_id, asset_id), "after": after, "limit": limit}
    ).all()


def in_force(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID]
) -> dict[UUID, Row[Any]]:
    """The disposal of each of the assets that has one in force, by asset."""
    statement = text(f"{_KEPT} d.asset_id = ANY (:assets) AND r.id IS NULL AND d.share_numerator IS NULL")
    parameters = {"business": business_id, "book": book_id, "assets": list(asset_ids)}
    return {row.asset_id: row for row in connection.execute(statement, parameters)} if asset_ids else {}


def parts_in_force(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID]
) -> Sequence[Row[Any]]:
    """The disposals of parts of these assets that are in force."""
    statement = text(f"{_KEPT} d.asset_id = ANY (:assets) AND r.id IS NULL AND d.share_numerator IS NOT NULL")
    parameters = {"business": business_id, "book": book_id, "assets": list(asset_ids)}
    return connection.execute(statement, parameters).all() if asset_ids else []


def lines(connection: Connection, business_id: UUID, entry_ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """The lines of these entries, each with its entry's date, kind and number in the feed; in order."""
    statement = text("""
        SELECT e.id AS entry_id, e.kind, e.entry_date, e.feed_seq, l.line_no, l.account_id, l.debit_minor,
               l.credit_minor
        FROM journal_entry e JOIN journal_line l ON l.business_id = e.business_id AND l.entry_id = e.id
        WHERE e.business_id = :business AND e.id = ANY (:entries) ORDER BY e.feed_seq, l.line_no""")
    return connection.execute(statement, {"business": business_id, "entries": list(entry_ids)}).all()


def depreciation(connection: Connection, business_id: UUID, entry_ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """The depreciation that these entries, each of one asset, post: by period, with the lines that it is in."""
    statement = text("""
        SELECT v.entry_id, v.effective_period, v.posting_period, v.sequence, v.amount_minor, v.debit_line, v.credit_line
        FROM journal_entry e JOIN value_update v ON v.business_id = e.business_id AND v.book_id = e.book_id
            AND v.effective_period = e.effective_period AND v.asset_id = e.asset_id AND v.entry_id = e.id
        WHERE e.business_id = :business AND e.id = ANY (:entries) ORDER BY v.effective_period, v.sequence""")
    return connection.execute(statement, {"business": business_id, "entries": list(entry_ids)}).all()


def _names(business_id: UUID, book_id: UUID, asset_id: UUID) -> dict[str, Any]:
    return {"business": business_id, "book": book_id, "asset": asset_id}
