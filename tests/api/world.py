"""Two prepared businesses with every kind of object, and one good request for each operation of the OpenAPI."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from bookvalue.services.close_due import close_due

from .register_house import TYPE, VAN

BUSINESS = {
    "key": "world", "name": "World", "currency": "EUR", "time_zone": "UTC", "books_start": "2026-01-01",
    "fiscal_year_start": "01-01", "accounting_basis": "accrual", "number_prefix": "FA-", "grain": "account",
    "auto": "close", "close_after_days": 5, "close_at": "06:00",
}  # fmt: skip
WHY = {"reason": "an invoice came late"}
ROOT = "/v1/businesses/{businessId}"


@dataclass(frozen=True)
class Operation:
    """One operation, as the OpenAPI has it."""

    name: str
    method: str
    path: str
    described: dict[str, Any]

    @property
    def of_a_business(self) -> bool:
        return self.path.startswith(ROOT)

    @property
    def path_names(self) -> list[str]:
        """The names of the path's own parameters, the business left out."""
        names = [one.partition("}")[0] for one in self.path.split("{")[1:]]
        return [name for name in names if name != "businessId"]


def operations(description: dict[str, Any]) -> list[Operation]:
    """Every operation; last the one that asks for a run, since nothing reopens a period with a live run."""
    found = [
        Operation(one["operationId"], method.upper(), path, one)
        for path, methods in description["paths"].items()
        for method, one in methods.items()
    ]
    return sorted(found, key=lambda one: one.name == "request_run")


@dataclass(frozen=True)
class Good:
    """What a good request brings beside the ids of its path. `allowed`: the scopes of which any one will do."""

    allowed: tuple[str, ...] = ()
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)


_SEE = ("businesses", "settings", "assets", "assets.read", "runs", "journal.read")
_ACCOUNTS = ("settings", "assets", "assets.read", "journal.read")
_TYPES = ("settings", "assets", "assets.read")
_PERIODS = ("runs", "periods.close", "periods.lock", "periods.reopen", "journal.read")
_ASSETS = ("assets", "assets.read")
_FULL_TYPE = {
    **TYPE, "name": "Lorries",
    "depreciation": {"method": "declining_balance", "life_months": 36, "declining_factor": "2",
                     "averaging": "full_month"},
}  # fmt: skip
_FULL_ASSET = {
    **VAN, "name": "Lorry", "number": "L-1", "status": "registered", "currency": "EUR", "purchase_date": "2026-03-01",
    "depreciation_start_date": "2026-03-01", "salvage_value": 0, "depreciation": {"method": "straight_line"},
    "description": "white", "serial_number": "WV1", "warranty_expiry_date": "2029-01-01", "metadata": {"a": 1},
    "external_id": "ERP-9",
}  # fmt: skip
_SPEC = {
    "id": "truck-1", "cost": 4_000_000, "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
}  # fmt: skip
_FUTURE = {
    "id": "truck-2", "cost": 4_000_000, "depreciation_start_date": "2026-04-15",
    "settings": {"method": "straight_line", "life_months": 60},
}  # fmt: skip

_SALE = {
    "date": "2026-07-05", "reason": "sold", "proceeds": 90_000, "proceeds_account": "CASH",
    "gain_account": "GAIN_ON_DISPOSAL", "loss_account": {"type": "StableName", "stable_name": "LOSS_ON_DISPOSAL"},
    "capital_gain_account": "4910", "memo": "to the driver", "dry_run": True,
}  # fmt: skip

SHARED = "shared-1"
"""The external id of an asset of each business: what is recorded under it is recorded of one's own."""
_UPDATE = {
    "amount": 100, "update_type": "IMPROVEMENT", "counter_account": "CASH", "date": "2026-03-05T00:00:00Z",
    "memo": "new tyres", "metadata": {"ticket": "M-17"}, "reference_number": "INV-1", "residual_value": 10,
}  # fmt: skip
_LINE = {
    "external_id": "INV-7/1",
    "account": "VEHICLES",
    "date": "2026-01-02",
    "amount": 120_000,
    "kind": "invoice line",
}
_CHANGE = {"date": "2026-03-05", "amount": -100, "description": "hail", "externally_booked": False}
_WITH_ALL = {"include": "value_changes,sources,value_change_plan"}

GOOD: dict[str, Good] = {
    "get_health": Good(),
    "get_readiness": Good(),
    "get_metrics": Good(),
    "list_businesses": Good(_SEE),
    "create_business": Good(("businesses",), {**BUSINESS, "key": "another"}),
    "get_business": Good(_SEE),
    "get_settings": Good(_SEE),
    "change_settings": Good(("settings",), {"name": "World and more", "number_prefix": "W-"}),
    "list_books": Good(_SEE),
    "get_book": Good(_SEE),
    "change_book": Good(("settings",), {"close_after_days": 6, "close_at": "07:00"}),
    "list_accounts": Good(_ACCOUNTS, query={"stable_name": "VEHICLES"}),
    "add_account": Good(
        ("settings",), {"code": "1590", "stable_name": "TRACTORS", "name": "Tractors", "type": "asset"}
    ),
    "get_account": Good(_ACCOUNTS),
    "change_account": Good(("settings",), {"name": "Vehicles and more"}),
    "list_asset_types": Good(_TYPES),
    "add_asset_type": Good(("assets", "settings"), _FULL_TYPE),
    "get_asset_type": Good(_TYPES),
    "delete_asset_type": Good(("assets", "settings")),
    "change_asset_type": Good(("assets", "settings"), {"name": "Vans and more"}),
    "list_assets": Good(_ASSETS, query={"order_by": "name", "direction": "desc", "page": "1", **_WITH_ALL}),
    "add_asset": Good(("assets",), _FULL_ASSET),
    "get_asset": Good(_ASSETS, query=_WITH_ALL),
    "delete_asset": Good(("assets",)),
    "archive_asset": Good(("assets",)),
    "unarchive_asset": Good(("assets",)),
    "change_asset": Good(("assets",), {"name": "Van 1", "metadata": {"site": "Lisbon"}}),
    "list_ledger_details": Good(_ASSETS),
    "add_ledger_detail": Good(("assets",), {**_LINE, "external_id": "INV-7/2", "description": "tyres"}),
    "get_ledger_detail": Good(_ASSETS),
    "list_sources": Good(_ASSETS),
    "add_source": Good(("assets",), {"detail_id": "00000000-0000-0000-0000-000000000000"}),
    "remove_source": Good(("assets",)),
    "list_value_updates": Good(_ASSETS, query={"update_type": "IMPROVEMENT", "archived": "false"}),
    "record_value_update": Good(("assets",), _UPDATE),
    "get_value_update": Good(_ASSETS),
    "archive_value_update": Good(("assets",)),
    "record_value_updates": Good(("assets",), {"items": [{**_UPDATE, "asset_external_id": SHARED}], "atomic": True}),
    "record_facts": Good(
        ("assets",),
        {"items": [{"kind": "value_update", **_UPDATE, "asset_external_id": SHARED}], "atomic": True},
    ),
    "list_value_changes": Good(_ASSETS),
    "get_value_change_plan": Good(_ASSETS, query={"periods": "12", "from": "2026-05"}),
    "change_beside_plan": Good(("assets",), _CHANGE),
    "change_against_plan": Good(("assets",), {**_CHANGE, "counter_account": "IMPAIRMENT_LOSS"}),
    "divest_asset": Good(("assets",), {"date": "2026-03-05"}),
    "depreciate_fully": Good(("assets",), {"date": "2026-03-05", "description": "worn out"}),
    "list_disposals": Good(_ASSETS),
    "dispose_asset": Good(("assets",), _SALE),
    "get_disposal": Good(_ASSETS),
    "reinstate_asset": Good(("assets",), {"reason": "it came back", "dry_run": True}),
    "list_estimate_changes": Good(_ASSETS, query={"archived": "true"}),
    "record_estimate_change": Good(("assets",), {"date": "2026-05-01", "remaining_life_months": 12}),
    "get_estimate_change": Good(_ASSETS),
    "archive_estimate_change": Good(("assets",)),
    "list_suspensions": Good(_ASSETS),
    "record_suspension": Good(("assets",), {"from": "2026-06-01", "to": "2026-06-30", "extend_life": False}),
    "get_suspension": Good(_ASSETS),
    "archive_suspension": Good(("assets",)),
    "list_units_used": Good(_ASSETS),
    "record_units_used": Good(("assets",), {"period_end": "2026-02-28", "quantity": "7"}),
    "get_units_used": Good(_ASSETS),
    "archive_units_used": Good(("assets",)),
    "list_manual_amounts": Good(_ASSETS),
    "record_manual_amount": Good(("assets",), {"date": "2026-02-28", "amount": 700}),
    "get_manual_amount": Good(_ASSETS),
    "archive_manual_amount": Good(("assets",)),
    "request_run": Good(("runs",), {"kind": "on_demand", "period": "2026-02"}),
    "list_runs": Good(("runs",), query={"period": "2026-01"}),
    "get_run": Good(("runs",)),
    "list_run_outcomes": Good(("runs",), query={"status": "posted"}),
    "list_periods": Good(_PERIODS, query={"status": "closed"}),
    "get_period": Good(_PERIODS),
    "lock_period": Good(("periods.lock",), WHY),
    "reopen_period": Good(("periods.reopen",), WHY),
    "list_journal_entries": Good(("journal.read",), query={"after": "0", "limit": "10"}),
    "get_journal_entry": Good(("journal.read",)),
    "forecast_register": Good(_ASSETS, query={"periods": "3", "by": "type"}),
    "forecast_what_if": Good(_ASSETS, {"periods": 3, "from": "2026-04", "assets": [_FUTURE]}),
    "build_schedules": Good(_ASSETS, {"assets": [_SPEC]}),
    "explain_asset": Good(_ASSETS, query={"period": "2026-01"}),
    "explain_charge": Good(_ASSETS, {"asset": _SPEC, "period": "2025-06"}),
}
"""A new operation without an entry here fails the tests."""

PERIOD_OF = {"lock_period": "2026-01", "reopen_period": "2026-02"}
SPARE_OF = {
    "delete_asset": ("assetId", "spareAssetId"), "archive_asset": ("assetId", "draftId"),
    "unarchive_asset": ("assetId", "draftId"), "delete_asset_type": ("assetTypeId", "spareTypeId"),
    "divest_asset": ("assetId", "divestedAssetId"), "depreciate_fully": ("assetId", "depreciatedAssetId"),
    "get_disposal": ("assetId", "soldAssetId"), "reinstate_asset": ("assetId", "soldAssetId"),
}  # fmt: skip
"""Operations that want an object of their own, which nobody else uses."""


IN_BODY = {"add_source": {"detail_id": "detailId"}, "record_value_update": {"asset_id": "sharedAssetId"}}
"""Members of bodies that name an object of the prepared business: the parameter of a path that it is found by."""

FACTS = {
    "estimateChangeId": ("estimate-changes", {"date": "2026-04-01", "residual_value": 100}),
    "suspensionId": ("suspensions", {"from": "2026-05-01", "to": "2026-05-31"}),
    "unitsUsedId": ("units-used", {"period_end": "2026-01-31", "quantity": "5"}),
    "manualAmountId": ("manual-amounts", {"date": "2026-01-31", "amount": 100}),
}
"""What is recorded of the asset, by the name of its id in paths."""


@dataclass(frozen=True)
class Prepared:
    """A business, and the id of one of its objects for each parameter of a path."""

    id: str
    ids: dict[str, str]

    def place(self, operation: Operation, **other: str) -> str:
        """The path of a good request, with other ids where a test wants them."""
        ids = {"businessId": self.id, **self.ids}
        if operation.name in PERIOD_OF:
            ids["period"] = PERIOD_OF[operation.name]
        if operation.name in SPARE_OF:
            name, spare = SPARE_OF[operation.name]
            ids[name] = ids[spare]
        return operation.path.format(**{**ids, **other})

    def body(self, operation: Operation) -> Any:
        """The body of a good request."""
        named = {member: self.ids[name] for member, name in IN_BODY.get(operation.name, {}).items()}
        return {**GOOD[operation.name].body, **named} if named else GOOD[operation.name].body


def prepare(client: Any, engine: Engine, headers: dict[str, str], key: str, books_start: str, until: str) -> Prepared:
    """A business whose first periods are closed, made over HTTP; `client` may be any that speaks like requests."""

    def ask(method: str, path: str, body: Any = None) -> Any:
        answer = client.request(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["data"]

    made = ask("POST", "/v1/businesses", {**BUSINESS, "key": key, "name": key.title(), "books_start": books_start})
    place = f"/v1/businesses/{made['id']}"
    kind = ask("POST", f"{place}/asset-types", TYPE)
    asset = ask("POST", f"{place}/assets", {**VAN, "asset_type_id": kind["id"], "external_id": f"{key}-1"})
    spare = ask("POST", f"{place}/asset-types", {**TYPE, "name": "Spare"})
    drafts = [ask("POST", f"{place}/assets", {**VAN, "name": name, "status": "draft"}) for name in ("Spare", "Draft")]
    (account, *_) = [
        one for one in ask("GET", f"{place}/accounts?limit=100") if one["stable_name"] == "VEHICLES"
    ]  # fmt: skip
    when = datetime.fromisoformat(f"{until}T12:00").replace(tzinfo=UTC)
    close_due(engine, now=when, owner="tester", business_id=UUID(made["id"]))
    (entry, *_) = ask("GET", f"{place}/journal-entries")
    sold = ask("POST", f"{place}/assets", {**VAN, "name": "Sold", "depreciation_start_date": "2026-03-01"})
    disposal = ask("POST", f"{place}/assets/{sold['id']}/disposals", {**_SALE, "date": "2026-03-05", "dry_run": False})
    shared = ask("POST", f"{place}/assets", {**VAN, "name": "Shared", "external_id": SHARED})
    whole = [
        ask("POST", f"{place}/assets", {**VAN, "name": name, "depreciation_start_date": "2026-03-01"})["id"]
        for name in ("Divested", "Depreciated")
    ]
    update = ask("POST", f"{place}/assets/value-updates", {**_UPDATE, "asset_id": shared["id"]})
    detail = ask("POST", f"{place}/ledger-details", _LINE)
    ask("POST", f"{place}/assets/{asset['id']}/sources", {"detail_id": detail["id"]})
    facts = {
        name: ask("POST", f"{place}/assets/{asset['id']}/{noun}", body)["id"] for name, (noun, body) in FACTS.items()
    }
    return Prepared(
        made["id"],
        {
            "bookId": made["book_id"], "accountId": account["id"], "assetTypeId": kind["id"], "assetId": asset["id"],
            "runId": entry["run_id"], "period": books_start[:7], "entryId": entry["id"],
            "detailId": detail["id"], **facts, "soldAssetId": sold["id"], "disposalId": disposal["id"],
            "divestedAssetId": whole[0], "depreciatedAssetId": whole[1], "sharedAssetId": shared["id"],
            "valueUpdateId": update["id"],
            "spareTypeId": spare["id"], "spareAssetId": drafts[0]["id"], "draftId": drafts[1]["id"],
        },
    )  # fmt: skip


def fields(schema: dict[str, Any], components: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a body with its dotted path and its schema, those of objects and lists within it too."""
    for name, one in resolved(schema, components).get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        for kind in kinds(one, components):
            if kind.get("type") == "array" or "items" in kind:
                yield f"{place}.0", kind["items"]
            yield from fields(kind, components, place)
        yield place, one


def kinds(schema: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema; itself where it has none."""
    found = resolved(schema, components)
    return [resolved(one, components) for one in found.get("anyOf", [found])]


def resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference names."""
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema


def body_of(operation: Operation) -> dict[str, Any] | None:
    """The schema of an operation's body."""
    content = operation.described.get("requestBody", {}).get("content", {})
    return content["application/json"]["schema"] if content else None
