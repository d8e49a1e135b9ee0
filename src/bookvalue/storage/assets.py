"""Assets and how they depreciate in the posting book: written many at a time, found by external id.

Whether a change is allowed is the caller's question; here it is only stored.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, insert, text, update

from bookvalue.domain.asset import Asset, Opening
from bookvalue.domain.tag_spec import Tag
from bookvalue.domain.terms import AssetKind, AssetStatus
from bookvalue.storage import settings_rows, tags
from bookvalue.storage.tables import asset, asset_book


@dataclass(frozen=True, slots=True)
class KeptAsset:
    """An asset as it is kept; accounts by their code, the asset type by its name."""

    id: UUID
    value: Asset
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class References:
    """What the names on an asset stand for in its business: account codes and stable names, and names of types."""

    accounts: Mapping[str, UUID]
    asset_types: Mapping[str, UUID]


_KEPT = f"""
    SELECT a.*, d.cost_minor, d.cost_limit_minor, d.residual_minor, d.opening_accumulated_minor, d.status,
           d.opening_current_year_minor, d.opening_as_of, d.depreciation_start_date, d.units_total_micro,
           t.id AS asset_type_id, acc.id AS accumulated_account_id, exp.id AS expense_account_id,
           {settings_rows.SELECTED}
    FROM asset a JOIN book b ON b.business_id = a.business_id AND b.is_posting
    JOIN asset_book d ON d.business_id = a.business_id AND d.book_id = b.id AND d.asset_id = a.id
    JOIN depreciation_settings s ON s.business_id = d.business_id AND s.id = d.settings_id
    LEFT JOIN asset_type t ON t.business_id = d.business_id AND t.ordinal = d.asset_type
    LEFT JOIN account acc ON acc.business_id = d.business_id AND acc.ordinal = d.accumulated_account
    LEFT JOIN account exp ON exp.business_id = d.business_id AND exp.ordinal = d.expense_account
    WHERE a.business_id = :business AND """  # noqa: S608 - made of constants


def by_external_id(
    connection: Connection, business_id: UUID, external_ids: Collection[str], references: References
) -> dict[str, KeptAsset]:
    """Those of the named assets that are kept, by external id."""
    statement = text(_KEPT + "a.external_id = ANY (:ids)")
    found = _kept(connection.execute(statement, {"business": business_id, "ids": list(external_ids)}), references)
    return {kept.value.external_id: kept for kept in _tagged(connection, business_id, found)}


def ids(connection: Connection, business_id: UUID, external_ids: Collection[str]) -> dict[str, UUID]:
    """The ids of those of the named assets that are kept, by external id."""
    statement = text("SELECT external_id, id FROM asset WHERE business_id = :business AND external_id = ANY (:ids)")
    rows = connection.execute(statement, {"business": business_id, "ids": list(external_ids)})
    return {row.external_id: row.id for row in rows}


def by_id(
    connection: Connection, business_id: UUID, asset_ids: Collection[UUID], references: References
) -> dict[UUID, KeptAsset]:
    """Those of the assets that are kept, by id."""
    statement = text(_KEPT + "a.id = ANY (:ids)")
    found = _kept(connection.execute(statement, {"business": business_id, "ids": list(asset_ids)}), references)
    return {kept.id: kept for kept in _tagged(connection, business_id, found)}


def _tagged(connection: Connection, business_id: UUID, found: Sequence[KeptAsset]) -> list[KeptAsset]:
    """The assets with their tags."""
    of = tags.tags_of(connection, business_id, [kept.id for kept in found]) if found else {}
    return [
        replace(kept, value=replace(kept.value, tags=tuple(tag.value for tag in of[kept.id])))
        if kept.id in of
        else kept
        for kept in found
    ]


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
                settings=settings_rows.settings_of(row._asdict()),
                residual_minor=row.residual_minor,
                cost_limit_minor=row.cost_limit_minor,
                units_total_micro=row.units_total_micro,
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
                tags=(),
                acquisition_counter_account=account_of.get(row.acquisition_counter_account_id),
                accumulated_impairment_account=account_of.get(row.impairment_account_id),
            ),
            row.archived_at,
        )
        for row in rows
    ]


def add(
    connection: Connection, business_id: UUID, book_id: UUID, new: Sequence[tuple[UUID, Asset]], references: References
) -> None:
    """Stores new assets with what the book has of them; each has its number by now."""
    if new:
        connection.execute(
            insert(asset),
            [
                {
                    "business_id": business_id,
                    "id": id_,
                    "external_id": value.external_id,
                    "acquisition_counter_account_id": references.accounts.get(value.acquisition_counter_account or ""),
                    **_row(value, references),
                }
                for id_, value in new
            ],
        )
        tags.put(connection, business_id, *_tags([one for one in new if one[1].tags]))
        in_book = _in_book(connection, business_id, new, references)
        connection.execute(
            insert(asset_book), [{"business_id": business_id, "book_id": book_id, **row} for row in in_book]
        )


def change(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    changed: Sequence[tuple[UUID, Asset]],
    references: References,
) -> None:
    """Stores assets anew that are kept already; their tags where there is a day from which they are others."""
    if changed:
        names = list(_row(changed[0][1], references))
        connection.execute(
            update(asset)
            .where(asset.c.business_id == business_id, asset.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in names}),
            [{"key": id_, **_row(value, references)} for id_, value in changed],
        )
        in_book = [
            {"key": row.pop("asset_id"), **row} for row in _in_book(connection, business_id, changed, references)
        ]
        connection.execute(
            update(asset_book)
            .where(
                asset_book.c.business_id == business_id,
                asset_book.c.book_id == book_id,
                asset_book.c.asset_id == bindparam("key"),
            )
            .values({name: bindparam(name) for name in in_book[0] if name != "key"}),
            in_book,
        )
        tags.put(connection, business_id, *_tags([one for one in changed if one[1].tags_from is not None]))


def _tags(tagged: Sequence[tuple[UUID, Asset]]) -> tuple[dict[UUID, tuple[Tag, ...]], dict[UUID, date | None]]:
    """The tags of each asset, and the day from which it has them."""
    return {id_: value.tags or () for id_, value in tagged}, {id_: value.tags_from for id_, value in tagged}


def archive(connection: Connection, business_id: UUID, asset_id: UUID, *, archived: bool) -> None:
    """Archives an asset, or takes it out of the archive."""
    instant = func.now() if archived else None
    connection.execute(
        update(asset).where(asset.c.business_id == business_id, asset.c.id == asset_id).values(archived_at=instant)
    )


def delete(connection: Connection, asset_id: UUID) -> None:
    """Deletes an asset of the bound business with all that is said of it. Raises InUse where something is posted."""
    connection.execute(text("SELECT delete_asset(:id)"), {"id": asset_id})


def exists(connection: Connection, business_id: UUID, asset_id: UUID) -> bool:
    """Whether the business has such an asset."""
    statement = text("SELECT EXISTS (SELECT FROM asset WHERE business_id = :business AND id = :id)")
    return bool(connection.scalar(statement, {"business": business_id, "id": asset_id}))


def posted(connection: Connection, business_id: UUID, asset_ids: Collection[UUID]) -> set[UUID]:
    """Those of the assets to which something is posted, by itself or by a disposal."""
    # the key has the period before the asset: with the periods named, each asset is looked up and not searched for
    statement = text("""
        SELECT DISTINCT v.asset_id FROM value_update v
        WHERE v.business_id = :business AND v.asset_id = ANY (:ids)
          AND v.book_id = ANY (ARRAY(SELECT id FROM book WHERE business_id = :business))
          AND v.effective_period = ANY (ARRAY(SELECT period_start FROM period WHERE business_id = :business))
        UNION SELECT x.asset_id FROM disposal x WHERE x.business_id = :business AND x.asset_id = ANY (:ids)""")
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
        "purchase_date": value.purchase_date,
        "ledger_account_id": references.accounts.get(value.ledger_account or ""),
        "impairment_account_id": references.accounts.get(value.accumulated_impairment_account or ""),
        "description": value.description,
        "serial_number": value.serial_number,
        "warranty_expiry_date": value.warranty_expiry_date,
        "metadata": value.metadata,
    }


def _in_book(
    connection: Connection, business_id: UUID, values: Sequence[tuple[UUID, Asset]], references: References
) -> list[dict[str, Any]]:
    """What the book has of each asset: its settings, its type and its accounts by the numbers that stand for them."""
    settings = settings_rows.numbers(connection, business_id, [value.settings for _, value in values])
    statement = text("""SELECT id, ordinal FROM account WHERE business_id = :business
                        UNION ALL SELECT id, ordinal FROM asset_type WHERE business_id = :business""")
    found = connection.execute(statement, {"business": business_id})
    ordinals: dict[UUID | None, int | None] = {row.id: row.ordinal for row in found}

    def ordinal(names: Mapping[str, UUID], name: str | None) -> int | None:
        return ordinals.get(names.get(name or ""))

    return [
        {
            "asset_id": id_,
            "cost_minor": value.cost_minor,
            "cost_limit_minor": value.cost_limit_minor,
            "units_total_micro": value.units_total_micro,
            "residual_minor": value.residual_minor,
            "opening_accumulated_minor": value.opening.accumulated_minor if value.opening else 0,
            "opening_current_year_minor": value.opening.current_year_minor if value.opening else 0,
            "settings_id": settings[value.settings],
            "depreciation_start_date": value.depreciation_start_date,
            "opening_as_of": value.opening and value.opening.as_of,
            "asset_type": ordinal(references.asset_types, value.asset_type),
            "accumulated_account": ordinal(references.accounts, value.accumulated_depreciation_account),
            "expense_account": ordinal(references.accounts, value.depreciation_expense_account),
            "status": value.status,
        }
        for id_, value in values
    ]
