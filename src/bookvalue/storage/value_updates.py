"""Value updates that somebody recorded: what was said of each, beside the row that posts it; by id, by page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, text

from bookvalue.storage.many_rows import insert_rows
from bookvalue.storage.tables import value_update_record


@dataclass(frozen=True, slots=True)
class ValueUpdateFilter:
    """Which value updates are asked for; None is any. `first` and `last` are instants, both included."""

    asset_id: UUID | None = None
    update_type: str | None = None
    external_id: str | None = None
    archived: bool | None = None
    first: datetime | None = None
    last: datetime | None = None


_KEPT = """
    SELECT r.*, v.update_type, v.amount_minor, v.posting_period, v.entry_id, v.debit_line, v.credit_line, v.date AS day,
           v.remaining_life_months, v.residual_minor, v.beside_plan, a.external_id AS asset_external_id,
           b.id AS archive_id, b.created_at AS archived_at, w.entry_id AS reversal_entry_id,
           w.posting_period AS reversal_posting_period, e.entry_date
    FROM value_update_record r
    JOIN value_update v USING (business_id, book_id, effective_period, asset_id, sequence)
    JOIN asset a ON a.business_id = r.business_id AND a.id = r.asset_id
    LEFT JOIN journal_entry e ON e.business_id = v.business_id AND e.id = v.entry_id
    LEFT JOIN value_update_record b ON b.business_id = r.business_id AND b.archives = r.id
    LEFT JOIN value_update w ON w.business_id = b.business_id AND w.book_id = b.book_id AND w.asset_id = b.asset_id
        AND w.effective_period = b.effective_period AND w.sequence = b.sequence
    WHERE r.business_id = :business AND r.archives IS NULL"""
_FILTERS: Mapping[str, str] = {
    "asset_id": "r.asset_id = :asset_id",
    "update_type": "v.update_type = :update_type",
    "external_id": "r.external_id = :external_id",
    "archived": "(b.id IS NOT NULL) = :archived",
    "first": "r.at >= :first",
    "last": "r.at <= :last",
}


def one(connection: Connection, business_id: UUID, update_id: UUID) -> Row[Any] | None:
    """The value update with this id, with when it was archived, or None."""
    return connection.execute(text(f"{_KEPT} AND r.id = :id"), {"business": business_id, "id": update_id}).one_or_none()


def several(connection: Connection, business_id: UUID, update_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Those of the value updates that are there, by id."""
    rows = connection.execute(
        text(f"{_KEPT} AND r.id = ANY (:ids)"), {"business": business_id, "ids": list(update_ids)}
    )
    return {row.id: row for row in rows}


def by_external_id(connection: Connection, business_id: UUID, external_ids: Collection[str]) -> dict[str, Row[Any]]:
    """Those of the named value updates that are there, by external id."""
    if not external_ids:
        return {}
    parameters = {"business": business_id, "ids": list(external_ids)}
    rows = connection.execute(text(f"{_KEPT} AND r.external_id = ANY (:ids)"), parameters)
    return {row.external_id: row for row in rows}


def fingerprints(connection: Connection, business_id: UUID, asset_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    """What was asked for of these assets without an external id and is in force: assets and fingerprints."""
    statement = text("""
        SELECT r.asset_id, r.fingerprint FROM value_update_record r
        WHERE r.business_id = :business AND r.asset_id = ANY (:assets) AND r.external_id IS NULL
          AND r.archives IS NULL AND NOT EXISTS (
              SELECT FROM value_update_record b WHERE b.business_id = r.business_id AND b.archives = r.id)""")
    rows = connection.execute(statement, {"business": business_id, "assets": list(asset_ids)})
    return {(row.asset_id, row.fingerprint) for row in rows}


def page(
    connection: Connection, business_id: UUID, wanted: ValueUpdateFilter, *, after: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Up to `limit` of them in the order in which they were recorded, from the one after `after`."""
    given = {name: getattr(wanted, name) for name in _FILTERS if getattr(wanted, name) is not None}
    conditions = [_FILTERS[name] for name in given]
    if after is not None:
        conditions.append("r.id > :after")
        given["after"] = after
    statement = text(f"{' AND '.join([_KEPT, *conditions])} ORDER BY r.id LIMIT :limit")
    return connection.execute(statement, {"business": business_id, "limit": limit, **given}).all()


def record(connection: Connection, values: Mapping[str, Any]) -> None:
    """Stores what was said of a value update that is there."""
    connection.execute(insert(value_update_record).values(dict(values)))


def record_all(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same of many, all with the same columns."""
    insert_rows(connection, value_update_record, rows)


def accounts_of(connection: Connection, business_id: UUID, row: Row[Any]) -> tuple[UUID, UUID] | None:
    """The accounts that a value update of its amount above zero debits and credits; None for what has no entry."""
    if row.entry_id is None:
        return None
    statement = text("""SELECT line_no, account_id FROM journal_line
                        WHERE business_id = :business AND entry_id = :entry AND line_no IN (:debit, :credit)""")
    parameters = {"business": business_id, "entry": row.entry_id, "debit": row.debit_line, "credit": row.credit_line}
    found = {line.line_no: line.account_id for line in connection.execute(statement, parameters)}
    debit, credit = found[row.debit_line], found[row.credit_line]
    return (debit, credit) if row.amount_minor > 0 else (credit, debit)


def depreciated(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID]
) -> dict[UUID, int]:
    """All depreciation that is posted to each of the assets that has any, to whatever period: minor units."""
    statement = text("""
        SELECT asset_id, sum(amount_minor)::bigint AS posted FROM value_update
        WHERE business_id = :business AND book_id = :book AND asset_id = ANY (:assets)
          AND update_type = 'DEPRECIATION_AMORTIZATION' AND NOT beside_plan AND effective_period = ANY (ARRAY(
              SELECT period_start FROM period WHERE business_id = :business AND book_id = :book))
        GROUP BY asset_id""")
    parameters = {"business": business_id, "book": book_id, "assets": list(asset_ids)}
    return {row.asset_id: row.posted for row in connection.execute(statement, parameters)}


_LATER_LINEAR = text("""
    SELECT v.effective_period, v.posting_period, v.sequence, v.amount_minor, v.entry_id, v.debit_line, v.credit_line,
           e.period_end, e.status AS effective_status, p.status AS posting_status, p.period_end AS posting_end
    FROM value_update v
    JOIN period e ON e.business_id = v.business_id AND e.book_id = v.book_id AND e.period_start = v.effective_period
    JOIN period p ON p.business_id = v.business_id AND p.book_id = v.book_id AND p.period_start = v.posting_period
    WHERE v.business_id = :business AND v.book_id = :book AND v.asset_id = :asset AND e.period_end > :day
      AND v.update_type = 'DEPRECIATION_AMORTIZATION' AND v.run_id IS NOT NULL AND v.reversal_of IS NULL
      AND NOT EXISTS (SELECT FROM value_update r WHERE r.business_id = v.business_id AND r.book_id = v.book_id
          AND r.effective_period = v.effective_period AND r.asset_id = v.asset_id AND r.reversal_of = v.sequence)
    ORDER BY v.effective_period, v.sequence""")


def later_linear(
    connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, day: date
) -> Sequence[Row[Any]]:
    """What runs charged to an asset for periods that end after a day and was not taken back, with how both periods
    stand; oldest first."""
    parameters = {"business": business_id, "book": book_id, "asset": asset_id, "day": day}
    return connection.execute(_LATER_LINEAR, parameters).all()


def day_of(row: Row[Any]) -> date:
    """The day from which a recorded update counts; of a depreciation, which has none, that of its entry in its own
    period, or the first of that."""
    entered = row.entry_date if row.posting_period == row.effective_period else row.effective_period
    day: date = row.day or entered or row.effective_period
    return day
