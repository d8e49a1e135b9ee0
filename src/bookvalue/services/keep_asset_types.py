"""ADD, CHANGE and DELETE a business's asset types.

A type's accounts are its assets' accounts; its settings are for new assets. So a change of accounts is a fact that
charges depend on, and refused where it would leave behind what is posted; one of settings is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bookvalue.domain.business import AssetType
from bookvalue.domain.business_spec import ACCOUNT_FIELDS, read_asset_type
from bookvalue.domain.errors import Duplicate, InUse, NotFound
from bookvalue.services.account_references import Chart, by_code, read_chart
from bookvalue.services.findings import refuse
from bookvalue.services.held_accounts import kept_by_type
from bookvalue.storage import asset_types, audit, businesses, periods
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.asset_types import KeptAssetType
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class AssetTypeView:
    """An asset type with its accounts, by the name of the field that gives them.

    locks: how many of its assets have depreciated; one with any is not to be deleted.
    """

    id: UUID
    value: AssetType
    accounts: Mapping[str, KeptAccount | None]
    locks: int


Keep = Callable[[Connection, AssetTypeView], None]


def page_of_asset_types(
    engine: Engine, business_id: UUID, *, after: UUID | None, limit: int
) -> tuple[list[AssetTypeView], UUID | None]:
    """Up to `limit` asset types in the order in which they were made, and the id to go on after, None at the end."""
    with transaction(engine, Role.API, business_id) as connection:
        chart = read_chart(connection, business_id)
        found = asset_types.page(connection, business_id, "", chart.codes, after=after, limit=limit + 1)
    views = [_view(kept, chart) for kept in found[:limit]]
    return views, views[-1].id if len(found) > limit else None


def read_one_asset_type(engine: Engine, business_id: UUID, type_id: UUID) -> AssetTypeView:
    """One asset type. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        chart = read_chart(connection, business_id)
        return _view(_one(connection, business_id, type_id, chart), chart)


def add_asset_type(
    engine: Engine,
    business_id: UUID,
    raw: Mapping[str, Any],
    *,
    actor: str,
    keep: Keep = lambda _connection, _made: None,
) -> AssetTypeView:
    """Adds an asset type. Raises NotFound, InvalidInput with every finding, Duplicate for a name in use."""
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.hold(connection, business_id)
        chart = read_chart(connection, business_id)
        value = _read(raw, chart, kept, None)
        _check_name(connection, kept, value.name)
        made = _view(asset_types.add(connection, business_id, value, chart.ids), chart)
        _record(connection, business_id, made.id, "asset_type.added", raw, actor)
        keep(connection, made)
        connection.commit()
    return made


def change_asset_type(
    engine: Engine, business_id: UUID, type_id: UUID, given: Mapping[str, Any], *, actor: str
) -> AssetTypeView:
    """Merges what is given over an asset type; null takes an account away. Raises NotFound, InvalidInput, Duplicate."""
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.hold(connection, business_id)
        chart = read_chart(connection, business_id)
        before = _one(connection, business_id, type_id, chart)
        value = _read(given, chart, kept, before.value)
        if value.name != before.value.name:
            _check_name(connection, kept, value.name)
        if value != before.value:
            if any(getattr(value, name) != getattr(before.value, name) for name in ACCOUNT_FIELDS):
                periods.raise_fact_version(connection, business_id, [kept.value.books_start])
            held = kept_by_type(connection, kept, type_id, before.value, value, chart.ids)
            if held:
                raise refuse(held)
            asset_types.change(connection, business_id, type_id, value, chart.ids)
            _record(connection, business_id, type_id, "asset_type.changed", given, actor)
            connection.commit()
    return _view(KeptAssetType(type_id, value, before.locks), chart)


def delete_asset_type(engine: Engine, business_id: UUID, type_id: UUID, *, actor: str) -> None:
    """Deletes an asset type that no asset has. Raises NotFound, InUse."""
    with transaction(engine, Role.API, business_id) as connection:
        businesses.hold(connection, business_id)
        kept = _one(connection, business_id, type_id, read_chart(connection, business_id))
        if kept.locks:
            raise InUse(f"{kept.locks} of its assets have depreciated: the asset type stays")
        if asset_types.in_use(connection, business_id, type_id):
            raise InUse("there are assets of this type: give them another one first")
        asset_types.delete(connection, type_id)
        _record(connection, business_id, type_id, "asset_type.deleted", {"name": kept.value.name}, actor)
        connection.commit()


def _read(given: Mapping[str, Any], chart: Chart, kept: KeptBusiness, before: AssetType | None) -> AssetType:
    """The type that is wanted. Raises InvalidInput with what is wrong with its fields and its accounts."""
    read, unknown = by_code(given, ACCOUNT_FIELDS, chart)
    settings = None
    if before is not None:
        accounts = {name: getattr(before, name) for name in ACCOUNT_FIELDS}
        read = {"name": before.name, "kind": before.kind.value, **accounts, **read}
        settings = None if "depreciation" in given and given["depreciation"] is None else before.settings
    value, findings = read_asset_type(read, kept.value.key, settings)
    if value is None or unknown:
        raise refuse(findings + unknown)
    return value


def _check_name(connection: Connection, kept: KeptBusiness, name: str) -> None:
    if name in asset_types.by_name(connection, kept.id, kept.value.key):
        raise Duplicate(f"an asset type is called {name!r} already")


def _one(connection: Connection, business_id: UUID, type_id: UUID, chart: Chart) -> KeptAssetType:
    key = businesses.get(connection, business_id).value.key
    found = asset_types.one(connection, business_id, key, chart.codes, type_id)
    if found is None:
        raise NotFound("no such asset type")
    return found


def _view(kept: KeptAssetType, chart: Chart) -> AssetTypeView:
    accounts = {name: chart.by_code.get(getattr(kept.value, name) or "") for name in ACCOUNT_FIELDS}
    return AssetTypeView(kept.id, kept.value, accounts, kept.locks)


def _record(
    connection: Connection, business_id: UUID, type_id: UUID, action: str, given: Mapping[str, Any], actor: str
) -> None:
    audit.record(
        connection,
        business_id,
        actor=actor,
        action=action,
        subject=f"asset_type/{type_id}",
        details={"fields": sorted(given)},
    )
