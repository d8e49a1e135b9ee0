"""Assets and how they depreciate in the posting book: written many at a time, found by external id.

Whether a change is allowed is the caller's question; here it is only stored.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert, text, update

from bookvalue.domain.asset import Asset, DepreciationSettings, Opening
from bookvalue.domain.terms import AssetKind, AssetStatus, Averaging, Method
from bookvalue.storage.tables import asset, asset_book


@dataclass(frozen=True, slots=True)
class KeptAsset:
    """An asset as it is kept; accounts by their code, the asset type by its name."""

    id: UUID
    value: Asset


@dataclass(frozen=True, slots=True)
class References:
    """What the names on an asset stand for in its business: account codes and stable names, and names of types."""

    accounts: Mapping[str, UUID]
    asset_types: Mapping[str, UUID]


_KEPT = """
    SELECT a.*, d.method, d.averaging, d.life_months, d.rate_micropercent, d.declining_factor_micro
    FROM asset a JOIN book b ON b.business_id = a.business_id AND b.is_posting
    JOIN asset_book d ON d.business_id = a.business_id AND d.book_id = b.id AND d.asset_id = a.id
    WHERE a.business_id = :business AND """


def by_external_id(
    connection: Connection, business_id: UUID, external_ids: Collection[str], references: References
) -> dict[str, KeptAsset]:
    """Those of the named assets that are kept, by external id."""
    statement = text(_KEPT + "a.external_id = ANY (:ids)")
    found = _kept(connection.execute(statement, {"business": business_id, "ids": list(external_ids)}), references)
    return {kept.value.external_id: kept for kept in found}


def by_id(
    connection: Connection, business_id: UUID, asset_ids: Collection[UUID], references: References
) -> dict[UUID, KeptAsset]:
    """Those of the assets that are kept, by id."""
    statement = text(_KEPT + "a.id = ANY (:ids)")
    found = _kept(connection.execute(statement, {"business": business_id, "ids": list(asset_ids)}), references)
    return {kept.id: kept for kept in found}


def _kept(rows: Iterable[Row[Any]], references: References) -> list[KeptAsset]:
    # The last name of an id wins; codes come after stable names, so that an account reads back by its code.
    account_of = {id_: name for name, id_ in references.accounts.items()}
    type_of = {id_: name for name, id_ in references.asset_types.items()}
    return [
        KeptAsset(
            row.id,
            Asset(
                external_id=row.external_id,
                name=row.name,
                kind=AssetKind(row.kind),
                status=AssetStatus(row.status),
                cost_minor=row.cost_minor,
                settings=DepreciationSettings(
                    Method(row.method),
                    row.life_months,
                    row.rate_micropercent,
                    row.declining_factor_micro,
                    Averaging(row.averaging),
                ),
                residual_minor=row.residual_minor,
                cost_limit_minor=row.cost_limit_minor,
                purchase_date=row.purchase_date,
                depreciation_start_date=row.depreciation_start_date,
                opening=None
                if row.opening_as_of is None
                else Opening(row.opening_as_of, row.opening_accumulated_minor, row.opening_current_year_minor),
                number=row.number,
                asset_type=type_of.get(row.asset_type_id),
                ledger_account=account_of.get(row.ledger_account_id),
                accumulated_depreciation_account=account_of.get(row.accumulated_account_id),
                depreciation_expense_account=account_of.get(row.expense_account_id),
                description=row.description,
                serial_number=row.serial_number,
                warranty_expiry_date=row.warranty_expiry_date,
                metadata=row.metadata,
            ),
        )
        for row in rows
    ]


def add(
    connection: Connection, business_id: UUID, book_id: UUID, new: Sequence[tuple[UUID, Asset]], references: References
) -> None:
    """Stores new assets with their settings in the book; each has its number by now."""
    if new:
        connection.execute(
            insert(asset),
            [
                {"business_id": business_id, "id": id_, "external_id": value.external_id, **_row(value, references)}
                for id_, value in new
            ],
        )
        connection.execute(
            insert(asset_book),
            [
                {"business_id": business_id, "book_id": book_id, "asset_id": id_, **_settings_row(value)}
                for id_, value in new
            ],
        )


def change(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    changed: Sequence[tuple[UUID, Asset]],
    references: References,
) -> None:
    """Stores assets anew that are kept already."""
    if changed:
        names = list(_row(changed[0][1], references))
        connection.execute(
            update(asset)
            .where(asset.c.business_id == business_id, asset.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in names}),
            [{"key": id_, **_row(value, references)} for id_, value in changed],
        )
        connection.execute(
            update(asset_book)
            .where(
                asset_book.c.business_id == business_id,
                asset_book.c.book_id == book_id,
                asset_book.c.asset_id == bindparam("key"),
            )
            .values({name: bindparam(name) for name in _settings_row(changed[0][1])}),
            [{"key": id_, **_settings_row(value)} for id_, value in changed],
        )


def posted(connection: Connection, business_id: UUID, asset_ids: Collection[UUID]) -> set[UUID]:
    """Those of the assets to which something is posted."""
    # the key has the period before the asset: with the periods named, each asset is looked up and not searched for
    statement = text("""
        SELECT DISTINCT v.asset_id FROM value_update v
        WHERE v.business_id = :business AND v.asset_id = ANY (:ids)
          AND v.book_id = ANY (ARRAY(SELECT id FROM book WHERE business_id = :business))
          AND v.effective_period = ANY (ARRAY(SELECT period_start FROM period WHERE business_id = :business))""")
    return set(connection.scalars(statement, {"business": business_id, "ids": list(asset_ids)})) if asset_ids else set()


def taken_numbers(connection: Connection, business_id: UUID, numbers: Collection[str]) -> dict[str, UUID]:
    """Those of the asset numbers that are taken, and by which asset."""
    if not numbers:
        return {}
    statement = text("SELECT number, id FROM asset WHERE business_id = :business AND number = ANY (:numbers)")
    rows = connection.execute(statement, {"business": business_id, "numbers": list(numbers)})
    return {row.number: row.id for row in rows}


def _row(value: Asset, references: References) -> dict[str, Any]:
    return {
        "number": value.number,
        "name": value.name,
        "kind": value.kind,
        "status": value.status,
        "asset_type_id": references.asset_types.get(value.asset_type or ""),
        "purchase_date": value.purchase_date,
        "depreciation_start_date": value.depreciation_start_date,
        "cost_minor": value.cost_minor,
        "cost_limit_minor": value.cost_limit_minor,
        "residual_minor": value.residual_minor,
        "opening_as_of": value.opening and value.opening.as_of,
        "opening_accumulated_minor": value.opening.accumulated_minor if value.opening else 0,
        "opening_current_year_minor": value.opening.current_year_minor if value.opening else 0,
        "ledger_account_id": references.accounts.get(value.ledger_account or ""),
        "accumulated_account_id": references.accounts.get(value.accumulated_depreciation_account or ""),
        "expense_account_id": references.accounts.get(value.depreciation_expense_account or ""),
        "description": value.description,
        "serial_number": value.serial_number,
        "warranty_expiry_date": value.warranty_expiry_date,
        "metadata": value.metadata,
    }


def _settings_row(value: Asset) -> dict[str, Any]:
    settings = value.settings
    return {
        "method": settings.method,
        "averaging": settings.averaging,
        "life_months": settings.life_months,
        "rate_micropercent": settings.rate_micropercent,
        "declining_factor_micro": settings.declining_factor_micro,
    }
