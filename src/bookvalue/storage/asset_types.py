"""The asset types of a business: one at a time, by the page, or all by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.business import AssetType
from bookvalue.domain.terms import AssetKind, Averaging, Method
from bookvalue.storage import businesses
from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import asset_type


@dataclass(frozen=True, slots=True)
class KeptAssetType:
    """An asset type as it is kept; accounts by their code."""

    id: UUID
    value: AssetType


def by_name(connection: Connection, business_id: UUID, key: str) -> dict[str, tuple[UUID, AssetType]]:
    """All asset types of the business by name, each with its id."""
    codes = {id_: entry.code for id_, _, entry in businesses.accounts(connection, business_id)}
    rows = connection.execute(select(asset_type).where(asset_type.c.business_id == business_id))
    kept = (_kept(row, key, codes) for row in rows)
    return {one.value.name: (one.id, one.value) for one in kept}


def put(connection: Connection, business_id: UUID, types: Iterable[AssetType], account_ids: Mapping[str, UUID]) -> None:
    """Adds asset types, or changes those whose name is there."""
    rows = [{"business_id": business_id, "id": uuid7(), **_row(value, account_ids)} for value in types]
    if rows:
        statement = upsert(asset_type)
        changed = ("kind", "ledger_account_id", "accumulated_account_id", "expense_account_id", "settings")
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
    return [_kept(row, key, codes) for row in connection.execute(statement.order_by(asset_type.c.id).limit(limit))]


def one(
    connection: Connection, business_id: UUID, key: str, codes: Mapping[UUID, str], type_id: UUID
) -> KeptAssetType | None:
    """One asset type, or None."""
    row = connection.execute(
        select(asset_type).where(asset_type.c.business_id == business_id, asset_type.c.id == type_id)
    ).one_or_none()
    return None if row is None else _kept(row, key, codes)


def add(connection: Connection, business_id: UUID, value: AssetType, account_ids: Mapping[str, UUID]) -> KeptAssetType:
    """A new asset type."""
    kept = KeptAssetType(uuid7(), value)
    connection.execute(insert(asset_type).values(business_id=business_id, id=kept.id, **_row(value, account_ids)))
    return kept


def change(
    connection: Connection, business_id: UUID, type_id: UUID, value: AssetType, account_ids: Mapping[str, UUID]
) -> None:
    """Stores an asset type anew."""
    connection.execute(
        update(asset_type)
        .where(asset_type.c.business_id == business_id, asset_type.c.id == type_id)
        .values(**_row(value, account_ids))
    )


def _row(value: AssetType, account_ids: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        "name": value.name,
        "kind": value.kind,
        "ledger_account_id": account_ids.get(value.ledger_account or ""),
        "accumulated_account_id": account_ids.get(value.accumulated_depreciation_account or ""),
        "expense_account_id": account_ids.get(value.depreciation_expense_account or ""),
        "settings": _settings_json(value.settings),
    }


def _kept(row: Row[Any], key: str, codes: Mapping[UUID, str]) -> KeptAssetType:
    return KeptAssetType(
        row.id,
        AssetType(
            key,
            row.name,
            AssetKind(row.kind),
            codes.get(row.ledger_account_id),
            codes.get(row.accumulated_account_id),
            codes.get(row.expense_account_id),
            _settings_of(row.settings),
        ),
    )


def _settings_json(value: DepreciationSettings | None) -> dict[str, Any] | None:
    """Settings as they are stored."""
    return (
        None
        if value is None
        else {
            "method": value.method,
            "life_months": value.life_months,
            "rate_micropercent": value.rate_micropercent,
            "declining_factor_micro": value.declining_factor_micro,
            "averaging": value.averaging,
        }
    )


def _settings_of(stored: Mapping[str, Any] | None) -> DepreciationSettings | None:
    """Settings from what is stored."""
    return (
        None
        if stored is None
        else DepreciationSettings(
            Method(stored["method"]),
            stored["life_months"],
            stored["rate_micropercent"],
            stored["declining_factor_micro"],
            Averaging(stored["averaging"]),
        )
    )
