"""A line of asset_types.csv -> an AssetType; a line of assets.csv -> an Asset; or findings on the line.

What makes a good asset is asset_spec.py's to say; here its findings become findings about columns, and
references to businesses, types and accounts are checked as far as they are known.
"""

from collections.abc import Mapping

from bookvalue.domain.asset import Asset, DepreciationSettings
from bookvalue.domain.asset_spec import read_asset
from bookvalue.domain.business import AssetType
from bookvalue.domain.business_spec import ACCOUNT_FIELDS, COUNTER_FIELD
from bookvalue.domain.field_readers import Reader, choice, read_name
from bookvalue.domain.register_columns import raw_of
from bookvalue.domain.register_reading import BusinessInFiles, CsvLine, Reading, business_of, read_cells
from bookvalue.domain.settings_spec import read_settings
from bookvalue.domain.terms import AssetKind, Method

_MOST_DECIMALS = "CLF"  # stands in for a currency that could not be read: it refuses the fewest amounts
# stands in for a type's settings that could not be read: whatever a line lays over these is taken
_ANY_SETTINGS = DepreciationSettings(Method.DECLINING_BALANCE, life_months=60)
_HANG_ON_THE_METHOD = ("start_missing", "setting_needs_life")  # and another one may need neither

_TYPE_READERS: Mapping[str, Reader] = {
    "business": read_name,
    "name": read_name,
    "kind": choice(AssetKind),
    **dict.fromkeys(ACCOUNT_FIELDS, read_name),
}


def _check_accounts(line: CsvLine, business: BusinessInFiles, reading: Reading) -> None:
    """Each account named must be in the business's chart, as far as the chart is known."""
    if business.accounts is None:
        return
    for column in (*ACCOUNT_FIELDS, COUNTER_FIELD):
        name = line.cells.get(column) if column in line.kind.columns else None
        known = name is None or name in business.accounts or reading.may_have_lost("accounts", name)
        if not known:
            line.refuse("unknown_account", column)


def read_asset_type(line: CsvLine, reading: Reading) -> AssetType | None:
    """The asset type that a line of asset_types.csv describes, or None with findings on the line."""
    business = business_of(line, reading)
    raw, _ = raw_of(line.kind, line.cells, "")
    given = raw.pop("settings", None)
    raw.setdefault("business", "none")  # already reported
    values = read_cells(line, raw, _TYPE_READERS)
    settings = None
    if given is not None:
        settings, findings = read_settings(given, "settings", None)
        line.take(findings, {})
    _check_accounts(line, business, reading)
    name = line.cells.get("name")
    if name is None:
        reading.lose("asset_types", "")
        return None
    if business.stand_in:
        reading.lose("asset_types", name)
    if reading.repeats("type", line.cells.get("business", ""), name):
        line.refuse("duplicate", "name")
    kept = None
    if not line.findings:
        accounts = {column: values.get(column) for column in ACCOUNT_FIELDS}
        kept = AssetType(values["business"], name, values["kind"], settings=settings, **accounts)
    business.types[name] = kept
    return kept


def _type_of(line: CsvLine, business: BusinessInFiles, reading: Reading) -> tuple[AssetType | None, bool]:
    """The line's asset type, and whether it has one that could not be read."""
    name = line.cells.get("asset_type")
    if name is None:
        return None, False
    if name in business.types:
        return business.types[name], business.types[name] is None
    if not business.stand_in and not reading.may_have_lost("asset_types", name):
        line.refuse("unknown_asset_type", "asset_type")
    return None, True


def _has_method(line: CsvLine) -> bool:
    """Whether the line itself says what its method is."""
    return "method" in line.cells or "profile" in line.cells


def read_asset_line(line: CsvLine, reading: Reading) -> Asset | None:
    """The asset that a line of assets.csv describes, or None with findings on the line."""
    business = business_of(line, reading)
    asset_type, unread_type = _type_of(line, business, reading)
    currency = business.currency or _MOST_DECIMALS
    raw, failed = raw_of(line.kind, line.cells, currency)
    raw.pop("business", None)
    if business.currency is None:
        raw.pop("currency", None)  # nothing to compare it with
    if asset_type is not None:
        raw.setdefault("asset_type", asset_type.kind.value)
    elif unread_type:
        raw.setdefault("asset_type", AssetKind.EQUIPMENT.value)
    own_defaults = None if asset_type is None else asset_type.settings
    defaults = _ANY_SETTINGS if unread_type else own_defaults
    asset, findings = read_asset(raw, currency=currency, defaults=defaults)
    if unread_type:
        findings = [found for found in findings if found.code not in _HANG_ON_THE_METHOD or _has_method(line)]
    line.take(findings, failed)
    _check_accounts(line, business, reading)
    business.assets.add(line.cells.get("external_id", ""))
    for column, code in (("external_id", "duplicate"), ("number", "duplicate_number")):
        name = line.cells.get(column)
        if name is not None and reading.repeats(column, line.cells.get("business", ""), name):
            line.refuse(code, column)
    return asset
