"""The asset types of a business: one at a time, by the page, or all by name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.business import AssetType
from bookvalue.domain.terms import AssetKind
from bookvalue.storage import businesses, settings_rows
from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import asset_type


@dataclass(frozen=True, slots=True)
class KeptAssetType:
    """An asset type as it is kept; accounts by their code. locks: how many of its assets have depreciated."""

    id: UUID
    value: AssetType
    locks: int = 0


def by_name(connection: Connection, business_id: UUID, key: str) -> dict[str, tuple[UUID, AssetType]]:
    """All asset types of the business by name, each with its id."""
    codes = {id_: entry.code for id_, _, entry in businesses.accounts(connection, business_id)}
    kept = _read(connection, business_id, key, codes, select(asset_type).where(asset_type.c.business_id == business_id))
    return {one.value.name: (one.id, one.value) for one in kept}


def put(connection: Connection, business_id: UUID, types: Iterable[AssetType], account_ids: Mapping[str, UUID]) -> None:
    """Adds asset types, or changes those whose name is there."""
    rows = _rows(connection, business_id, list(types), account_ids)
    if rows:
        statement = upsert(asset_type)
        changed = (
            "kind", "ledger_account_id", "accumulated_account_id", "expense_account_id", "impairment_account_id",
            "settings_id",
        )  # fmt: skip
        connection.execute(
            statement.on_conflict_do_update(
                constraint="asset_type_name_unique", set_={name: statement.excluded[name] for name in changed}
            ),
            rows,
        )


def page(
    connection: Connection, business_id: UUID, key: str, codes: Mapping[UUID, str], *, after: UUID | None, limit: int
) -> list[KeptAssetType]:
    """Up to `limit` asset types in the order of their ids, from the one after `after`."""
    statement = select(asset_type).where(asset_type.c.business_id == business_id)
    if after is not None:
        statement = statement.where(asset_type.c.id > after)
    found = _read(connection, business_id, key, codes, statement.order_by(asset_type.c.id).limit(limit))
    return _with_locks(connection, business_id, found)


def one(
    connection: Connection, business_id: UUID, key: str, codes: Mapping[UUID, str], type_id: UUID
) -> KeptAssetType | None:
    """One asset type, or None."""
    wanted = select(asset_type).where(asset_type.c.business_id == business_id, asset_type.c.id == type_id)
    found = _read(connection, business_id, key, codes, wanted)
    return next(iter(_with_locks(connection, business_id, found)), None)


def _with_locks(connection: Connection, business_id: UUID, found: Sequence[KeptAssetType]) -> list[KeptAssetType]:
    counts = locks(connection, business_id, [kept.id for kept in found]) if found else {}
    return [replace(kept, locks=counts.get(kept.id, 0)) for kept in found]


def add(connection: Connection, business_id: UUID, value: AssetType, account_ids: Mapping[str, UUID]) -> KeptAssetType:
    """A new asset type."""
    (row,) = _rows(connection, business_id, [value], account_ids)
    connection.execute(insert(asset_type).values(row))
    return KeptAssetType(row["id"], value)


def change(
    connection: Connection, business_id: UUID, type_id: UUID, value: AssetType, account_ids: Mapping[str, UUID]
) -> None:
    """Stores an asset type anew."""
    connection.execute(
        update(asset_type)
        .where(asset_type.c.business_id == business_id, asset_type.c.id == type_id)
        .values(**_row(value, account_ids, _numbers(connection, business_id, [value])))
    )


def delete(connection: Connection, type_id: UUID) -> None:
    """Deletes an asset type of the bound business. Raises InUse where an asset has it."""
    connection.execute(text("SELECT delete_asset_type(:id)"), {"id": type_id})


def in_use(connection: Connection, business_id: UUID, type_id: UUID) -> bool:
    """Whether an asset has the type."""
    statement = text("""SELECT EXISTS (SELECT FROM asset_type t
        JOIN asset_book d ON d.business_id = t.business_id AND d.asset_type = t.ordinal
        WHERE t.business_id = :business AND t.id = :id)""")
    return bool(connection.scalar(statement, {"business": business_id, "id": type_id}))


def locks(connection: Connection, business_id: UUID, type_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many assets of each type have depreciated, here or before their opening balance; none: not in the answer."""
    rows = connection.execute(_LOCKS, {"business": business_id, "ids": list(type_ids)})
    return {row.id: row.locks for row in rows}


# What is posted to all assets of a book: the last closed period's position and what lies after it, as a close reads it
# (posted_positions.py); summing up all history would take seconds for a large register.
_LOCKS = text("""
    WITH position AS (
        SELECT q.book_id, q.period_start, q.asset_ids, q.posted_minor FROM posted_position q
        JOIN period p ON p.business_id = q.business_id AND p.book_id = q.book_id AND p.period_start = q.period_start
            AND p.generation = q.generation AND p.status IN ('closed', 'locked')
        JOIN book b ON b.business_id = q.business_id AND b.id = q.book_id AND b.is_posting
        WHERE q.business_id = :business ORDER BY q.period_start DESC LIMIT 1
    ), since AS (
        SELECT b.id AS book_id, coalesce((SELECT period_start FROM position), '-infinity') AS day
        FROM book b WHERE b.business_id = :business AND b.is_posting
    ), depreciated AS (
        SELECT asset_id FROM (
            SELECT u.asset_id, u.minor FROM position, unnest(asset_ids, posted_minor) u(asset_id, minor)
            UNION ALL
            SELECT v.asset_id, v.amount_minor FROM value_update v, since s
            WHERE v.business_id = :business AND v.book_id = s.book_id AND v.update_type = 'DEPRECIATION_AMORTIZATION'
              AND v.effective_period > s.day
            UNION ALL
            SELECT v.asset_id, v.amount_minor FROM value_update v, since s
            WHERE v.business_id = :business AND v.book_id = s.book_id AND v.update_type = 'DEPRECIATION_AMORTIZATION'
              AND v.effective_period <= s.day AND v.posting_period > s.day AND v.posting_period <> v.effective_period
        ) posted GROUP BY asset_id HAVING sum(minor) <> 0
    )
    SELECT t.id, count(*) AS locks FROM asset_type t
    JOIN asset_book d ON d.business_id = t.business_id AND d.asset_type = t.ordinal
    JOIN since s ON s.book_id = d.book_id
    LEFT JOIN depreciated p ON p.asset_id = d.asset_id
    WHERE t.business_id = :business AND t.id = ANY (:ids) 
      AND (d.opening_accumulated_minor > 0 OR p.asset_id IS NOT NULL)
    GROUP BY t.id""")


def _rows(
    connection: Connection, business_id: UUID, types: Sequence[AssetType], account_ids: Mapping[str, UUID]
) -> list[dict[str, Any]]:
    """Rows of new types; the caller holds the business, so that nobody else gives out the same ordinals."""
    last = connection.scalar(select(func.max(asset_type.c.ordinal)).where(asset_type.c.business_id == business_id)) or 0
    numbers = _numbers(connection, business_id, types)
    return [
        {"business_id": business_id, "id": uuid7(), "ordinal": ordinal, **_row(value, account_ids, numbers)}
        for ordinal, value in enumerate(types, last + 1)
    ]


def _numbers(connection: Connection, business_id: UUID, types: Iterable[AssetType]) -> dict[DepreciationSettings, int]:
    wanted = [value.settings for value in types if value.settings is not None]
    return settings_rows.numbers(connection, business_id, wanted) if wanted else {}


def _row(
    value: AssetType, account_ids: Mapping[str, UUID], numbers: Mapping[DepreciationSettings, int]
) -> dict[str, Any]:
    return {
        "name": value.name,
        "kind": value.kind,
        "ledger_account_id": account_ids.get(value.ledger_account or ""),
        "accumulated_account_id": account_ids.get(value.accumulated_depreciation_account or ""),
        "expense_account_id": account_ids.get(value.depreciation_expense_account or ""),
        "impairment_account_id": account_ids.get(value.accumulated_impairment_account or ""),
        "settings_id": None if value.settings is None else numbers[value.settings],
    }


def _read(
    connection: Connection, business_id: UUID, key: str, codes: Mapping[UUID, str], wanted: Select[Any]
) -> list[KeptAssetType]:
    """The types that a statement finds, in its order."""
    rows = connection.execute(wanted).all()
    has_settings = any(row.settings_id is not None for row in rows)
    settings = settings_rows.by_number(connection, business_id) if has_settings else {}
    return [
        KeptAssetType(
            row.id,
            AssetType(
                key,
                row.name,
                AssetKind(row.kind),
                codes.get(row.ledger_account_id),
                codes.get(row.accumulated_account_id),
                codes.get(row.expense_account_id),
                settings.get(row.settings_id),
                codes.get(row.impairment_account_id),
            ),
        )
        for row in rows
    ]
