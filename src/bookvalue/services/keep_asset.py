"""ADD an asset, or CHANGE one: by an external id that comes again, or by merging what is given over what is kept.

One reader (asset_spec), one writer (put_assets), shared with the import; here is what a single request adds to them:
accounts and types by reference, and how a status may change.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from bookvalue.domain.asset import MICRO, Asset, DepreciationSettings, Opening
from bookvalue.domain.asset_spec import read_asset
from bookvalue.domain.business_spec import ACCOUNT_FIELDS, COUNTER_FIELD
from bookvalue.domain.errors import NotFound
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.settings_spec import with_defaults
from bookvalue.domain.tag_spec import tags_as_raw
from bookvalue.services import asset_at_hand
from bookvalue.services.account_references import by_code
from bookvalue.services.change_estimates import EFFECTIVE, change_estimates, dated_estimates, explained, parted
from bookvalue.services.explanation_figures import decimal_text
from bookvalue.services.findings import refuse
from bookvalue.services.list_assets import AssetView, one_view
from bookvalue.services.put_assets import put_assets
from bookvalue.services.register_of import Register, read_register
from bookvalue.storage import assets, audit, businesses
from bookvalue.storage.assets import KeptAsset
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Keep = Callable[[Connection, tuple[AssetView, bool]], None]
_SHOWN_AS = {"depreciation.method": "depreciation", "opening.as_of": "opening"}


def add_asset(
    engine: Engine,
    business_id: UUID,
    raw: Mapping[str, Any],
    *,
    actor: str,
    keep: Keep = lambda _connection, _made: None,
) -> tuple[AssetView, bool]:
    """The asset, and whether it is new: one with the same external id is given all the fields anew.

    An asset without an external id is called by its own id. Raises NotFound, InvalidInput with every finding.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.hold(connection, business_id))
        asset_id, is_new = put_asset(connection, register, raw, actor=actor)
        register = read_register(connection, register.business)  # there may be an account more by now
        made = (one_view(connection, register, asset_id), is_new)
        keep(connection, made)
        connection.commit()
    return made


def put_asset(
    connection: Connection,
    register: Register,
    raw: Mapping[str, Any],
    *,
    actor: str,
    wrong: Sequence[Finding] = (),
) -> tuple[UUID, bool]:
    """The same in the caller's transaction, which holds the business: the asset's id. wrong: findings told too."""
    new_id = uuid7()
    given = {**raw, "external_id": str(new_id) if raw.get("external_id") is None else raw["external_id"]}
    given["tags"] = [] if raw.get("tags") is None else raw["tags"]
    wanted = _read(given, register, None, wrong)
    before = assets.by_external_id(connection, register.business.id, [wanted.external_id], register.references)
    old = before.get(wanted.external_id)
    silent = raw.get("status") is None  # of a status that nobody gave, nothing is meant
    asset_id, _ = _put(connection, register, wanted, old, new_id, actor, stays_disposed=silent)
    return asset_id, asset_id == new_id


def change_asset(
    engine: Engine, business_id: UUID, asset_id: UUID, given: Mapping[str, Any], *, actor: str
) -> AssetView:
    """Merges what is given over the asset; null takes an optional field away.

    Once something is posted, other estimates count from `effective_date` on (change_estimates.py). Raises NotFound,
    InvalidInput, AssetDisposed, LateFactRefused, Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.hold(connection, business_id))
        before = assets.by_id(connection, business_id, [asset_id], register.references).get(asset_id)
        if before is None:
            raise NotFound("no such asset")
        fixed = given.get("external_id", before.value.external_id) == before.value.external_id
        wrong = [] if fixed else [finding("not_changeable", "external_id", shown(given["external_id"]))]
        dated = dated_estimates(connection, register, before, given)
        own = {name: value for name, value in given.items() if name != EFFECTIVE}
        settings = _kept_settings(dated.now if dated else before.value, own)
        wanted = _read(_merged(before.value, own, register), register, settings, wrong)
        kept, estimates = parted(dated, wanted, own) if dated else (wanted, None)
        _, changed = _put(connection, register, kept, before, asset_id, actor)
        if dated and estimates:
            asset = asset_at_hand.find(connection, register, asset_id)
            changed |= change_estimates(connection, asset, dated, estimates, actor=actor)
        view = one_view(connection, register, asset_id)
        if changed:
            connection.commit()
    return view


def _read(
    raw: Mapping[str, Any],
    register: Register,
    settings: DepreciationSettings | None,
    wrong: Sequence[Finding] = (),
) -> Asset:
    """The asset that is wanted. Raises InvalidInput with what is wrong with its fields, its accounts and its type.

    `settings` are what the object's own are laid over; without them, those of its type.
    """
    read, findings = by_code(raw, (*ACCOUNT_FIELDS, COUNTER_FIELD), register.chart)
    findings = [*wrong, *findings]
    type_id = read.pop("asset_type_id", None)
    asset_type = register.type_of(_as_id(type_id)) if isinstance(type_id, str | UUID) and type_id != "" else None
    if asset_type is not None:
        read["asset_type_id"] = asset_type.name
        if read.get("asset_type") is None:
            read["asset_type"] = asset_type.kind.value
    elif type_id not in (None, ""):
        code = "unknown_asset_type" if isinstance(type_id, str) else "not_text"
        findings.append(finding(code, "asset_type_id", shown(type_id)))
    defaults = settings or (asset_type.settings if asset_type else None)
    asset, wrong_fields = read_asset(read, currency=register.business.value.currency, defaults=defaults)
    if asset is None or findings:
        raise refuse(wrong_fields + findings)
    return asset


def _as_id(text: str | UUID) -> UUID:
    try:
        return UUID(str(text)) if len(str(text)) == 36 else UUID(int=0)
    except ValueError:
        return UUID(int=0)


def _put(
    connection: Connection,
    register: Register,
    wanted: Asset,
    before: KeptAsset | None,
    new_id: UUID,
    actor: str,
    *,
    stays_disposed: bool = False,
) -> tuple[UUID, bool]:
    """Writes the asset and its audit row: its id, and whether anything changed. Raises InvalidInput."""
    kept = register.business
    new_ids = {wanted.external_id: new_id}
    done = put_assets(connection, kept, [wanted], register.references, new_ids=new_ids, stays_disposed=stays_disposed)
    for found in done.refusals:
        if found.error is not None:
            raise found.error
    findings = [
        explained(finding(found.code, path := _SHOWN_AS.get(found.path, found.path), _value(wanted, path, found.value)))
        for found in done.refusals
    ]
    if findings:
        raise refuse(findings)
    asset_id = done.ids[wanted.external_id]
    if done.unchanged:
        return asset_id, False
    action = "asset.added" if done.created else "asset.changed"
    details: dict[str, Any] = {"external_id": wanted.external_id}
    if wanted.tags_from is not None:
        details["tags_from"] = wanted.tags_from.isoformat()
    if before is not None:
        after = assets.by_id(connection, kept.id, [asset_id], register.references)[asset_id].value
        details["fields"] = sorted(
            name for name in Asset.__dataclass_fields__ if getattr(after, name) != getattr(before.value, name)
        )
    audit.record(connection, kept.id, actor=actor, action=action, subject=f"asset/{asset_id}", details=details)
    return asset_id, True


def _value(wanted: Asset, path: str, shown_elsewhere: Any) -> Any:
    """What was given for a field that is refused."""
    given = {
        "original_value": wanted.cost_minor, "salvage_value": wanted.residual_minor,
        "cost_limit": wanted.cost_limit_minor, "number": wanted.number,
        "depreciation_start_date": str(wanted.depreciation_start_date), "depreciation": None, "opening": None,
    }  # fmt: skip
    return given.get(path, shown_elsewhere)


def _merged(kept: Asset, given: Mapping[str, Any], register: Register) -> dict[str, Any]:
    """The asset as its reader takes it, with what is given over it; its settings are laid beneath by the reader."""
    opening = _opening_as_raw(kept.opening)
    type_id, _ = register.types.get(kept.asset_type or "", (None, None))
    before = {
        "external_id": kept.external_id, "name": kept.name, "asset_type": kept.kind.value,
        "asset_type_id": type_id and str(type_id), "status": kept.status.value, "number": kept.number,
        "original_value": kept.cost_minor, "salvage_value": kept.residual_minor, "cost_limit": kept.cost_limit_minor,
        "units_total": None if kept.units_total_micro is None else decimal_text(kept.units_total_micro, MICRO),
        "purchase_date": _text(kept.purchase_date), "depreciation_start_date": _text(kept.depreciation_start_date),
        "opening": opening, "description": kept.description, "serial_number": kept.serial_number,
        "warranty_expiry_date": _text(kept.warranty_expiry_date), "metadata": kept.metadata,
        "tags": tags_as_raw(kept.tags or ()),
        **{name: getattr(kept, name) and _by_id(getattr(kept, name), register) for name in ACCOUNT_FIELDS},
    }  # fmt: skip
    merged = before | dict(given)
    if opening is not None and isinstance(given.get("opening"), Mapping):
        merged["opening"] = opening | given["opening"]
    if merged["tags"] is None:
        merged["tags"] = []
    return merged


def _by_id(code: str, register: Register) -> dict[str, str]:
    """A kept account as a reference that nothing else answers to."""
    return {"type": "AccountId", "id": str(register.chart.by_code[code].id)}


def _opening_as_raw(opening: Opening | None) -> dict[str, Any] | None:
    return (
        None
        if opening is None
        else {
            "as_of": opening.as_of.isoformat(),
            "accumulated": opening.accumulated_minor,
            "current_year": opening.current_year_minor,
        }
    )


def _text(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _kept_settings(kept: Asset, given: Mapping[str, Any]) -> DepreciationSettings | None:
    """The settings that a change is laid over: those kept, less what is given as null; None where all of them are."""
    settings = given.get("depreciation", {})
    if settings is None or (isinstance(settings, Mapping) and settings.get("method", "") is None):
        return None
    nulls = [name for name, value in settings.items() if value is None] if isinstance(settings, Mapping) else []
    if "useful_life_months" in given and given["useful_life_months"] is None:
        nulls.append("life_months")
    return with_defaults(kept.settings, nulls)
