"""Raw objects -> Business, its book's policies, Account, AssetType; or every finding: shared by API and import.

The neighbour of asset_spec.py for what a business owns beside its assets. Must not look anything up: account names
are taken as they are.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.business import AssetType, Business
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.chart import Account
from bookvalue.domain.field_readers import (
    Fields,
    Reader,
    Refused,
    choice,
    integer,
    read_date,
    read_name,
    read_object,
    read_optional_text,
)
from bookvalue.domain.finding import Finding
from bookvalue.domain.money import is_currency
from bookvalue.domain.settings_spec import read_settings
from bookvalue.domain.terms import (
    AccountingBasis,
    AccountType,
    AssetAccounts,
    AssetKind,
    AutoClose,
    JournalGrain,
    LockPolicy,
)

ACCOUNT_FIELDS = (
    "ledger_account",
    "accumulated_depreciation_account",
    "depreciation_expense_account",
    "accumulated_impairment_account",
)
"""The accounts that an asset or its type names."""

COUNTER_FIELD = "acquisition_counter_account"
"""The account of an asset that paid for it."""

RESULT_FIELDS = ("gain_account", "loss_account", "capital_gain_account")
"""The accounts of a business that a disposal books its result to; they are looked up, so that no reader has them."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")


def read_key(value: Any) -> str:
    """A business's own short name."""
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise Refused("not_a_key")
    return value


def _time_zone(value: Any) -> str:
    name = read_name(value)
    try:
        if not _ZONE.fullmatch(name):
            raise Refused("unknown_time_zone")
        ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:  # a folder of zones is an OSError
        raise Refused("unknown_time_zone") from error
    return name


def read_currency(value: Any) -> str:
    """An ISO 4217 code."""
    if not is_currency(read_name(value)):
        raise Refused("unknown_currency")
    return str(value)


def read_fiscal_year_start(value: Any) -> FiscalCalendar:
    """MM-DD, any day of the year but 02-29, as the calendar that begins on it."""
    try:
        return FiscalCalendar.parse(read_name(value))
    except Refused:
        raise
    except ValueError as error:
        raise Refused("not_a_fiscal_year_start") from error


def _time_of_day(value: Any) -> time:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Refused("not_a_time")
    return time.fromisoformat(value)


SETTINGS_FIELDS: Mapping[str, Reader] = {
    "name": read_name,
    "currency": read_currency,
    "time_zone": _time_zone,
    "fiscal_year_start": read_fiscal_year_start,
    "books_start": read_date,
    "accounting_basis": choice(AccountingBasis),
    "number_prefix": read_name,
    "asset_accounts": choice(AssetAccounts),
}
POLICY_FIELDS: Mapping[str, Reader] = {
    "auto": choice(AutoClose),
    "close_after_days": integer(0, 366, "out_of_range"),
    "close_at": _time_of_day,
    "grain": choice(JournalGrain),
    "lock_policy": choice(LockPolicy),
    "auto_lock_after_days": integer(0, 366, "out_of_range"),
}
CHART_FIELDS: Mapping[str, Reader] = {
    "code": read_name,
    "stable_name": read_name,
    "name": read_name,
    "type": choice(AccountType),
}
_TYPE_FIELDS: Mapping[str, Reader] = {
    "name": read_name,
    "kind": choice(AssetKind),
    "depreciation": read_object,
    **dict.fromkeys(ACCOUNT_FIELDS, read_optional_text),
}
_SEQUENCE: Mapping[str, Reader] = {"number_sequence": integer(1, 10**15, "out_of_range")}
_REQUIRED = ("key", "name", "currency", "time_zone", "books_start")


def read_business(raw: Mapping[str, Any]) -> tuple[Business | None, list[Finding]]:
    """A business with its book's policies; what is optional and left out, or null, takes its default."""
    fields = _read(raw, {"key": read_key, **SETTINGS_FIELDS, **POLICY_FIELDS}, _REQUIRED)
    if fields.findings:
        return None, fields.findings
    calendar = fields.values.pop("fiscal_year_start", FiscalCalendar())
    return Business(fiscal_calendar=calendar, **fields.values), []


def read_number_sequence(value: Any) -> tuple[int | None, list[Finding]]:
    """The number that asset numbers go on from, 1 where it is null; or what is wrong with it."""
    fields = _read({"number_sequence": value}, _SEQUENCE, ())
    return (None if fields.findings else fields.values.get("number_sequence", 1)), fields.findings


def read_account(raw: Mapping[str, Any]) -> tuple[Account | None, list[Finding]]:
    """An account of a chart."""
    fields = _read(raw, CHART_FIELDS, ("code", "name", "type"))
    if fields.findings:
        return None, fields.findings
    values = fields.values
    return Account(values["code"], values.get("stable_name"), values["name"], values["type"]), []


def read_asset_type(
    raw: Mapping[str, Any], business_key: str, kept: DepreciationSettings | None = None
) -> tuple[AssetType | None, list[Finding]]:
    """An asset type; its settings, given as `depreciation`, are laid over those that are kept."""
    fields = _read(raw, _TYPE_FIELDS, ("name", "kind", *(() if kept else ("depreciation",))))
    settings = kept
    if "depreciation" in fields.values:
        settings, findings = read_settings(fields.values["depreciation"], "depreciation", kept)
        fields.findings += findings
    if fields.findings:
        return None, fields.findings
    accounts = {name: fields.values.get(name) for name in ACCOUNT_FIELDS}
    return AssetType(business_key, fields.values["name"], fields.values["kind"], settings=settings, **accounts), []


def business_as_raw(value: Business) -> dict[str, Any]:
    """A business as `read_business` takes it: what a change is merged into."""
    return {
        "key": value.key, "name": value.name, "currency": value.currency, "time_zone": value.time_zone,
        "fiscal_year_start": str(value.fiscal_calendar), "books_start": value.books_start.isoformat(),
        "accounting_basis": value.accounting_basis.value, "number_prefix": value.number_prefix,
        "auto": value.auto.value, "close_after_days": value.close_after_days, "close_at": f"{value.close_at:%H:%M}",
        "grain": value.grain.value, "lock_policy": value.lock_policy.value,
        "auto_lock_after_days": value.auto_lock_after_days, "asset_accounts": value.asset_accounts.value,
    }  # fmt: skip


def _read(raw: Mapping[str, Any], readers: Mapping[str, Reader], required: Iterable[str]) -> Fields:
    """Every field of a raw object, with findings for those that are required and not there."""
    fields = Fields()
    fields.read(raw, readers)
    fields.require(required)
    return fields
