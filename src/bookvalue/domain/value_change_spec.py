"""Raw object -> a value change beside or against the plan, or findings (seed 003). Must not look anything up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bookvalue.domain.field_readers import (
    Fields,
    Reader,
    Refused,
    read_boolean,
    read_date,
    read_name,
    read_text,
    shown,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import ValueChangeType


@dataclass(frozen=True, slots=True)
class ValueChangeSpec:
    """A value change as somebody wants it. amount_minor: minor units, below zero lowers the value; None where the kind
    takes the whole value. counter_account: an account's code, or None for the usual one."""

    kind: ValueChangeType
    day: date
    amount_minor: int | None = None
    description: str | None = None
    externally_booked: bool = False
    counter_account: str | None = None


def _read_signed(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("not_an_integer")
    if value == 0:
        raise Refused("amount_zero")
    if abs(value) > MAX_MINOR:
        raise Refused("amount_out_of_range")
    return value


_PARTIAL: Mapping[str, Reader] = {
    "date": read_date,
    "amount": _read_signed,
    "description": read_name,
    "externally_booked": read_boolean,
    "counter_account": read_text,
}
_WHOLE: Mapping[str, Reader] = {"date": read_date, "description": read_name}
_REQUIRED: Mapping[ValueChangeType, tuple[Mapping[str, Reader], tuple[str, ...]]] = {
    ValueChangeType.MANUAL: (_PARTIAL, ("date", "amount", "description")),
    ValueChangeType.ARBITRARY: (_PARTIAL, ("date", "amount", "description")),
    ValueChangeType.DIVESTMENT: ({**_WHOLE, "counter_account": read_text}, ("date",)),
    ValueChangeType.FULL_DEPRECIATION: (_WHOLE, ("date", "description")),
}


def read_value_change(kind: ValueChangeType, raw: Any) -> tuple[ValueChangeSpec | None, list[Finding]]:
    """The value change of a raw object, its counter account by code; or every finding."""
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", None, shown(raw))]
    readers, required = _REQUIRED[kind]
    fields = Fields()
    fields.read(raw, readers)
    fields.require(required)
    if fields.findings:
        return None, fields.findings
    values = fields.values
    return ValueChangeSpec(
        kind,
        values["date"],
        values.get("amount"),
        values.get("description"),
        values.get("externally_booked", False),
        values.get("counter_account"),
    ), []
