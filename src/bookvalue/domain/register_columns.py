"""The columns of the register files: what each is called, where its value goes, how its text is converted.

docs/import.md documents exactly these, and a test compares the two. Must not read a file.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bookvalue.domain.business_spec import ACCOUNT_FIELDS
from bookvalue.domain.money import to_minor
from bookvalue.domain.settings_spec import SETTINGS_READERS

Convert = Callable[[str, str], Any]
"""A cell's text and the business's currency -> what JSON would have given. Raises ValueError(code)."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def _whole(text: str, _currency: str) -> int | str:
    # what is no number stays text, and the field's own reader refuses it
    return int(text) if _WHOLE.fullmatch(text) else text


def _boolean(text: str, _currency: str) -> bool | str:
    # spreadsheets write TRUE; what is neither stays text, and the field's own reader refuses it
    return {"true": True, "false": False}.get(text.lower(), text)


def read_tag_text(text: str, _currency: str = "") -> list[dict[str, str]]:
    """Tags as people write them in one cell or option, `location=Porto; team=Bar`, as the API takes them.

    Raises ValueError("not_tags") for a tag without `=`, a key or a value.
    """
    pairs = [one.partition("=") for one in text.split(";") if one.strip()]
    tags = [{"key": key.strip(), "value": value.strip()} for key, _, value in pairs]
    if not all(tag["key"] and tag["value"] for tag in tags):
        raise ValueError("not_tags")
    return tags


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file; `path` is the dotted path of the raw object's field that it fills."""

    path: str
    convert: Convert | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of register file."""

    name: str
    columns: Mapping[str, Column]

    @property
    def required(self) -> list[str]:
        """The columns that the header must have."""
        return [name for name, column in self.columns.items() if column.required]

    def column_of(self, path: str, given: Collection[str] = ()) -> str:
        """The column that fills a field, else the one that the field is in, or that is in it: findings about files
        name columns. given: the columns with a value, which come first."""
        names = sorted(self.columns, key=lambda name: name not in given)
        tests: Sequence[Callable[[str], bool]] = (
            lambda own: own == path,
            lambda own: path.startswith(f"{own}."),
            lambda own: own.startswith(f"{path}."),
        )
        return next((name for holds in tests for name in names if holds(self.columns[name].path)), path)


def _plain(required: Sequence[str], optional: Sequence[str]) -> dict[str, Column]:
    """Columns that are called as the fields they fill."""
    return {name: Column(name, required=name in required) for name in (*required, *optional)}


_CONVERTED: Mapping[str, Convert] = {
    "life_months": _whole,
    "rate_places": _whole,
    "switch_to_straight_line": _boolean,
}


def _settings(group: str) -> dict[str, Column]:
    """A column for each depreciation setting, called as it is."""
    return {name: Column(f"{group}.{name}", _CONVERTED.get(name)) for name in SETTINGS_READERS}


_ACCOUNT_COLUMNS = _plain([], ACCOUNT_FIELDS)

BUSINESSES = FileKind(
    "businesses",
    _plain(["business", "name", "currency", "time_zone"], ["fiscal_year_start"])
    | _plain(["books_start"], ["accounting_basis", "number_prefix", "auto"])
    | {"close_after_days": Column("close_after_days", _whole)}
    | _plain([], ["close_at", "grain", "lock_policy"])
    | {"auto_lock_after_days": Column("auto_lock_after_days", _whole)}
    | _plain([], ["asset_accounts"]),
)
ACCOUNTS = FileKind("accounts", _plain(["business", "code", "name", "type"], ["stable_name"]))
ASSET_TYPES = FileKind(
    "asset_types",
    _plain(["business", "name", "kind"], []) | _ACCOUNT_COLUMNS | _settings("settings"),
)
ASSETS = FileKind(
    "assets",
    {
        "business": Column("business", required=True),
        "external_id": Column("external_id", required=True),
        "number": Column("number"),
        "name": Column("name", required=True),
        "asset_type": Column("asset_type_id"),
        "kind": Column("asset_type"),
        "status": Column("status"),
        "purchase_date": Column("purchase_date"),
        "depreciation_start_date": Column("depreciation_start_date"),
        "cost": Column("original_value", to_minor, required=True),
        "residual_value": Column("salvage_value", to_minor),
        "cost_limit": Column("cost_limit", to_minor),
        "units_total": Column("units_total"),
        "currency": Column("currency"),
        **_settings("depreciation"),
        "opening_as_of": Column("opening.as_of"),
        "opening_accumulated": Column("opening.accumulated", to_minor),
        "opening_current_year": Column("opening.current_year", to_minor),
        **_ACCOUNT_COLUMNS,
        "acquisition_counter_account": Column("acquisition_counter_account"),
        "tags": Column("tags", read_tag_text),
        "tags_from": Column("tags_from"),
        "description": Column("description"),
        "serial_number": Column("serial_number"),
        "warranty_expiry_date": Column("warranty_expiry_date"),
    },
)

_OF_ASSET = _plain(["business"], []) | {"asset": Column("asset_external_id", required=True)}
_DAY = Column("date", required=True)

VALUE_UPDATES = FileKind(
    "value_updates",
    {
        **_OF_ASSET,
        "date": _DAY,
        "update_type": Column("update_type", required=True),
        "amount": Column("amount", to_minor, required=True),
        "counter_account": Column("counter_account", required=True),
        "external_id": Column("external_id"),
        "remaining_life_months": Column("remaining_life_months", _whole),
        "residual_value": Column("residual_value", to_minor),
        "memo": Column("memo"),
        "reference_number": Column("reference_number"),
    },
)
DISPOSALS = FileKind(
    "disposals",
    {
        **_OF_ASSET,
        "date": _DAY,
        "reason": Column("reason", required=True),
        "proceeds": Column("proceeds", to_minor),
        **_plain([], ["proceeds_account", "gain_account", "loss_account", "capital_gain_account"]),
        "part_cost": Column("part.cost", to_minor),
        "part_percent": Column("part.percent"),
        "part_units": Column("part.units.disposed"),
        "part_units_of": Column("part.units.of"),
        "externally_booked": Column("externally_booked", _boolean),
        "memo": Column("memo"),
    },
)
UNITS_USED = FileKind("units_used", _OF_ASSET | _plain(["period_end", "quantity"], []))
MANUAL_AMOUNTS = FileKind(
    # its date has a name of its own, by which a header is known that lacks the amount
    "manual_amounts",
    _OF_ASSET | {"charge_date": _DAY, "amount": Column("amount", to_minor, required=True)},
)
SUSPENSIONS = FileKind(
    "suspensions", _OF_ASSET | _plain(["from", "to"], []) | {"extend_life": Column("extend_life", _boolean)}
)
ESTIMATE_CHANGES = FileKind(
    "estimate_changes",
    {
        **_OF_ASSET,
        "date": _DAY,
        "remaining_life_months": Column("remaining_life_months", _whole),
        "rate_percent": Column("rate_percent"),
        "residual_value": Column("residual_value", to_minor),
        "method": Column("method"),
    },
)
FACT_KINDS = (ESTIMATE_CHANGES, SUSPENSIONS, UNITS_USED, MANUAL_AMOUNTS, VALUE_UPDATES, DISPOSALS)
"""What is recorded of assets, in the order of recording: a disposal is the last fact of its asset."""
KINDS = (BUSINESSES, ACCOUNTS, ASSET_TYPES, ASSETS, *FACT_KINDS)
"""In the order of reading: later files refer to earlier ones."""


def recognise(header: Sequence[str]) -> FileKind | None:
    """The kind of file a header belongs to, even with a column wrong or missing; None where it could be any."""
    scores = sorted(((_likeness(header, kind), kind.name, kind) for kind in KINDS), reverse=True)
    (best, _, kind), (second, _, _) = scores[0], scores[1]
    return kind if best > 1 and best > second else None


def _likeness(header: Sequence[str], kind: FileKind) -> int:
    """Columns known less columns unknown or missing; one that no other kind has tells three times as much."""
    elsewhere = {name for other in KINDS if other is not kind for name in other.columns}
    known = sum((1 if name in elsewhere else 3) if name in kind.columns else -1 for name in set(header))
    return known - sum(name not in header for name in kind.required)


def raw_of(kind: FileKind, cells: Mapping[str, str], currency: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The raw object that the cells stand for, and the codes of those whose text did not convert, by path.

    A cell that does not convert stays text, which the field's reader refuses.
    """
    raw: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name, text in cells.items():
        column = kind.columns[name]
        try:
            value = text if column.convert is None else column.convert(text, currency)
        except ValueError as error:
            value, failed[column.path] = text, str(error)
        *groups, inner = column.path.split(".")
        place = raw
        for group in groups:
            place = place.setdefault(group, {})
        place[inner] = value
    return raw, failed
