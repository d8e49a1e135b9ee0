"""Raw object -> Asset or findings: the one reader that API, CLI and import share.

All findings of an object are collected at once, each with its dotted path and the value given. Must not look
anything up: whether a business, type or account exists is asked by those who know.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bookvalue.domain.asset import Asset, DepreciationSettings
from bookvalue.domain.book_asset_spec import check_opening, check_residual, cost_ceiling, opening_of, read_opening
from bookvalue.domain.fact_spec import read_units_total
from bookvalue.domain.field_readers import (
    Fields,
    Reader,
    choice,
    read_amount,
    read_date,
    read_metadata,
    read_name,
    read_object,
    read_optional_text,
    shown,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.settings_spec import read_settings
from bookvalue.domain.tag_spec import read_tag_list, read_tags
from bookvalue.domain.terms import AssetKind, AssetStatus, Method

ASSET_READERS: Mapping[str, Reader] = {
    "external_id": read_name,
    "name": read_name,
    "asset_type": choice(AssetKind),
    "asset_type_id": read_optional_text,
    "status": choice(AssetStatus),
    "number": read_optional_text,
    "currency": read_name,
    "original_value": read_amount,
    "salvage_value": read_amount,
    "cost_limit": read_amount,
    "units_total": read_units_total,
    "purchase_date": read_date,
    "depreciation_start_date": read_date,
    "useful_life_months": lambda life: life,  # checked as depreciation.life_months, which it stands for
    "depreciation": read_object,
    "opening": read_object,
    "ledger_account": read_optional_text,
    "accumulated_depreciation_account": read_optional_text,
    "depreciation_expense_account": read_optional_text,
    "accumulated_impairment_account": read_optional_text,
    "description": read_optional_text,
    "serial_number": read_optional_text,
    "warranty_expiry_date": read_date,
    "metadata": read_metadata,
    "tags": read_tag_list,
    "tags_from": read_date,
    "acquisition_counter_account": read_optional_text,
}
_REQUIRED = ("external_id", "name", "asset_type", "original_value")


def read_asset(
    raw: Mapping[str, Any], *, currency: str, defaults: DepreciationSettings | None
) -> tuple[Asset | None, list[Finding]]:
    """An asset from a raw object with the API's field names, amounts in minor units; or every finding about it.

    `currency` is the business's. `defaults` are the settings of the asset's type, which the object's own
    settings overlay field by field. Names of accounts and types are taken as they are.
    """
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", None, shown(raw))]
    fields = Fields()
    fields.read(raw, ASSET_READERS)
    fields.require(_REQUIRED)
    settings = _read_own_settings(fields, defaults)
    read_opening(fields)
    if "tags" in fields.values:
        fields.values["tags"] = read_tags(fields, "tags", fields.values["tags"])
    if fields.values.get("currency", currency) != currency:
        fields.refuse("currency_mismatch", "currency", fields.values["currency"])
    start = None if "depreciation_start_date" in fields.refused else _start(fields.values)
    ceiling = cost_ceiling(fields.values.get("original_value"), fields.values.get("cost_limit"))
    check_residual(fields, "salvage_value", ceiling, settings)
    check_opening(fields, ceiling, fields.values.get("salvage_value", 0), start)
    _check_start(fields, start, settings)
    if fields.findings or settings is None:
        return None, fields.findings
    return _asset(fields.values, settings), []


def _read_own_settings(fields: Fields, defaults: DepreciationSettings | None) -> DepreciationSettings | None:
    """The settings in force, with useful_life_months standing for depreciation.life_months."""
    if "depreciation" in fields.refused:
        return None
    given = dict(fields.values.get("depreciation", {}))
    alias = fields.values.get("useful_life_months")
    aliased = alias is not None and given.get("life_months") is None
    if aliased:
        given["life_months"] = alias
        # seed 002 sends a useful life and nothing else: that is its straight line
        if defaults is None and given.get("method") is None and given.get("profile") is None:
            given["method"] = Method.STRAIGHT_LINE.value
    elif alias is not None and (alias != given["life_months"] or isinstance(alias, bool | float)):
        fields.refuse("life_contradicts", "useful_life_months", alias)
    settings, findings = read_settings(given, "depreciation", defaults)
    for found in findings:
        is_alias = aliased and found.field == "depreciation.life_months" and found.code != "life_or_rate_missing"
        fields.refuse(found.code, "useful_life_months" if is_alias else str(found.field), found.value)
    return settings


def _check_start(fields: Fields, start: date | None, settings: DepreciationSettings | None) -> None:
    """Depreciation starts on or after the purchase; a registered asset that depreciates needs a day to start on."""
    purchased = fields.values.get("purchase_date")
    if purchased is not None and start is not None and start < purchased:
        fields.refuse("start_before_purchase", "depreciation_start_date", start.isoformat())
    registered = fields.values.get("status", AssetStatus.REGISTERED) is AssetStatus.REGISTERED
    dateless = fields.absent("depreciation_start_date") and fields.absent("purchase_date")
    if registered and dateless and settings is not None and settings.method is not Method.NONE:
        fields.refuse("start_missing", "depreciation_start_date")


def _start(values: Mapping[str, Any]) -> date | None:
    start: date | None = values.get("depreciation_start_date", values.get("purchase_date"))
    return start


def _asset(values: Mapping[str, Any], settings: DepreciationSettings) -> Asset:
    return Asset(
        external_id=values["external_id"],
        name=values["name"],
        kind=values["asset_type"],
        status=values.get("status", AssetStatus.REGISTERED),
        cost_minor=values["original_value"],
        settings=settings,
        residual_minor=values.get("salvage_value", 0),
        cost_limit_minor=values.get("cost_limit"),
        units_total_micro=values.get("units_total"),
        depreciation_start_date=_start(values),
        opening=opening_of(values),
        asset_type=values.get("asset_type_id"),
        metadata=values.get("metadata", {}),
        **{name: values.get(name) for name in _SAME_NAME},
    )


_SAME_NAME = (
    "number",
    "purchase_date",
    "ledger_account",
    "accumulated_depreciation_account",
    "depreciation_expense_account",
    "accumulated_impairment_account",
    "description",
    "serial_number",
    "warranty_expiry_date",
    "tags",
    "tags_from",
    "acquisition_counter_account",
)
