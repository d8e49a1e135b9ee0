"""Raw lists of what happens to an asset -> AssetFacts; a member's fields have paths such as value_updates.0.date.

Reads members one by one; whether they fit each other and the asset is asked by fact_checks.py and estimates.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bookvalue.domain.asset_facts import (
    AssetFacts,
    Disposal,
    EstimateChange,
    ManualAmount,
    Suspension,
    UnitsUsed,
    ValueChange,
)
from bookvalue.domain.field_readers import (
    MAX_FINDINGS,
    Fields,
    Reader,
    choice,
    decimal,
    list_of_at_most,
    read_amount,
    read_boolean,
    read_date,
    read_object,
    read_positive_amount,
)
from bookvalue.domain.settings_spec import read_life, read_method, read_rate
from bookvalue.domain.terms import UpdateType

MAX_MEMBERS = 4_000
"""Of one list: more than there are months in the dates that are taken."""
_MOST_UNITS = 10**12
UNITS_PLACES = 6
"""The decimals of a quantity of units, which is kept as a whole number of the last of them."""

_read_list = list_of_at_most(MAX_MEMBERS)
read_units_total = decimal(UNITS_PLACES, _MOST_UNITS, "quantity_out_of_range")
_UNITS_READERS: Mapping[str, Reader] = {
    "total": read_units_total,
    "used": _read_list,
}
_DISPOSAL_READERS: Mapping[str, Reader] = {"date": read_date, "proceeds": read_amount}
MEMBER_READERS: Mapping[str, Mapping[str, Reader]] = {
    "value_updates": {
        "date": read_date,
        "update_type": choice(UpdateType),
        "amount": read_positive_amount,
        "new_book_value": read_amount,
        "remaining_life_months": read_life,
        "residual_value": read_amount,
    },
    "estimate_changes": {
        "date": read_date,
        "remaining_life_months": read_life,
        "rate_percent": read_rate,
        "residual_value": read_amount,
        "method": read_method,
    },
    "suspensions": {"from": read_date, "to": read_date, "extend_life": read_boolean},
    "units.used": {
        "period_end": read_date,
        "quantity": decimal(UNITS_PLACES, _MOST_UNITS, "quantity_out_of_range", or_zero=True),
    },
    "manual": {"date": read_date, "amount": read_amount},
}
"""How the members of each list are read, by the list's path."""
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "value_updates": ("date", "update_type"),
    "estimate_changes": ("date",),
    "suspensions": ("from", "to"),
    "units.used": ("period_end", "quantity"),
    "manual": ("date", "amount"),
}
"""What each of them must have."""
FACT_READERS: Mapping[str, Reader] = {
    **{name: _read_list for name in MEMBER_READERS if "." not in name},
    "units": read_object,
    "disposal": read_object,
}
"""The members of a spec that hold facts."""


@dataclass(frozen=True, slots=True)
class Member:
    """What could be read of one member of a list, and the path that it stands at, with its final dot."""

    path: str
    values: Mapping[str, Any]


Members = Mapping[str, Sequence[Member]]
"""The members of each list, in the order given, by the list's path: value_updates, units.used and so on."""


def read_facts(fields: Fields) -> Members:
    """What stands in the lists and objects that `fields` has read with FACT_READERS; findings go there too."""
    for name, readers in (("units", _UNITS_READERS), ("disposal", _DISPOSAL_READERS)):
        fields.read(fields.values.get(name, {}), readers, f"{name}.")
    if "disposal" in fields.values:
        fields.require(["disposal.date"])
    return {path: _members(fields, path) for path in MEMBER_READERS}


def _members(fields: Fields, path: str) -> list[Member]:
    readers, members = MEMBER_READERS[path], []
    for at, raw in enumerate(fields.values.get(path, ())):
        if len(fields.findings) >= MAX_FINDINGS:
            break  # the rest could say nothing more
        if not isinstance(raw, Mapping):
            fields.refuse("not_an_object", f"{path}.{at}", raw)
            continue
        prefix = f"{path}.{at}."
        fields.read(raw, readers, prefix)
        fields.require(REQUIRED[path], prefix)
        members.append(Member(prefix, fields.under(prefix, readers)))
    return members


def facts_of(fields: Fields, members: Members) -> AssetFacts:
    """The facts that were read, once nothing was refused."""
    return AssetFacts(
        value_changes=_each(members["value_updates"], _value_change),
        estimate_changes=_each(members["estimate_changes"], _estimate_change),
        suspensions=_each(members["suspensions"], _suspension),
        units_total_micro=fields.values.get("units.total"),
        units_used=_each(members["units.used"], lambda used: UnitsUsed(used["period_end"], used["quantity"])),
        manual_amounts=_each(members["manual"], lambda amount: ManualAmount(amount["date"], amount["amount"])),
        disposal=_disposal(fields.values),
    )


def _each(members: Sequence[Member], make: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
    return tuple(make(member.values) for member in members)


def _value_change(values: Mapping[str, Any]) -> ValueChange:
    return ValueChange(
        date=values["date"],
        update_type=values["update_type"],
        amount_minor=values.get("amount"),
        new_book_value_minor=values.get("new_book_value"),
        remaining_life_months=values.get("remaining_life_months"),
        residual_minor=values.get("residual_value"),
    )


def _estimate_change(values: Mapping[str, Any]) -> EstimateChange:
    return EstimateChange(
        date=values["date"],
        remaining_life_months=values.get("remaining_life_months"),
        rate_nanopercent=values.get("rate_percent"),
        residual_minor=values.get("residual_value"),
        method=values.get("method"),
    )


def _suspension(values: Mapping[str, Any]) -> Suspension:
    return Suspension(values["from"], values["to"], values.get("extend_life", True))


def _disposal(values: Mapping[str, Any]) -> Disposal | None:
    if "disposal" not in values:
        return None
    return Disposal(values["disposal.date"], values.get("disposal.proceeds"))
