"""Raw object -> a disposal that somebody wants, or findings: the one reader that API, CLI and import share (seed 003).

Must not look anything up: whether accounts exist and what the asset is worth is asked by those who know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from bookvalue.domain.business_spec import RESULT_FIELDS
from bookvalue.domain.field_readers import (
    Fields,
    Reader,
    choice,
    decimal,
    read_amount,
    read_boolean,
    read_date,
    read_object,
    read_positive_amount,
    read_text,
    shown,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import DisposalReason, ValueChangeType

DISPOSAL_ACCOUNTS = ("proceeds_account", *RESULT_FIELDS)
"""The accounts that a disposal may name."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of an asset goes: by its cost in minor units, or as a fraction. Exactly one of the two is there."""

    cost_minor: int | None = None
    fraction: Fraction | None = None

    def share(self, cost_minor: int) -> Fraction:
        """The fraction of an asset of this cost; 1 or more where there is not so much of it."""
        if self.fraction is not None:
            return self.fraction
        return Fraction(self.cost_minor or 0, cost_minor) if cost_minor else Fraction(1)


@dataclass(frozen=True, slots=True)
class DisposalSpec:
    """A disposal as somebody wants it; accounts by code, the result's None for those of the business.

    proceeds_minor: None where none are named, which only an asset without value bears; 0 scraps it.
    """

    day: date
    reason: DisposalReason
    proceeds_minor: int | None = None
    proceeds_account: str | None = None
    gain_account: str | None = None
    loss_account: str | None = None
    capital_gain_account: str | None = None
    memo: str | None = None
    externally_booked: bool = False
    dry_run: bool = False
    value_change: ValueChangeType | None = None
    part: "Part | None" = None


_READERS: Mapping[str, Reader] = {
    "date": read_date,
    "reason": choice(DisposalReason),
    "proceeds": read_amount,
    **dict.fromkeys(DISPOSAL_ACCOUNTS, read_text),
    "memo": read_text,
    "part": read_object,
    "externally_booked": read_boolean,
    "dry_run": read_boolean,
}


def read_disposal(raw: Any) -> tuple[DisposalSpec | None, list[Finding]]:
    """The disposal of a raw object with the API's field names, its accounts by code; or every finding."""
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", None, shown(raw))]
    fields = Fields()
    fields.read(raw, _READERS)
    fields.require(("date", "reason"))
    values = fields.values
    unnamed = fields.absent("proceeds_account") or values.get("proceeds_account") == ""
    if values.get("proceeds", 0) > 0 and unnamed:
        fields.refuse("proceeds_account_missing", "proceeds_account")
    part = _read_part(fields) if "part" in values else None
    if fields.findings:
        return None, fields.findings
    accounts = {name: values.get(name) for name in DISPOSAL_ACCOUNTS}
    return DisposalSpec(
        values["date"],
        values["reason"],
        values.get("proceeds"),
        **accounts,
        memo=values.get("memo"),
        externally_booked=values.get("externally_booked", False),
        part=part,
        dry_run=values.get("dry_run", False),
    ), []


_PERCENT_PLACES, _QUANTITY_PLACES = 9, 6
_PART_READERS: Mapping[str, Reader] = {
    "cost": read_positive_amount,
    "percent": decimal(_PERCENT_PLACES, 100, "out_of_range"),
    "units": read_object,
}
_UNITS_READERS: Mapping[str, Reader] = dict.fromkeys(
    ("disposed", "of"), decimal(_QUANTITY_PLACES, 10**12, "quantity_out_of_range")
)


def _read_part(fields: Fields) -> Part | None:
    """The part, from exactly one of cost, percent and units."""
    raw, before = fields.values["part"], len(fields.findings)
    fields.read(raw, _PART_READERS, "part.")
    given = [name for name in _PART_READERS if not fields.absent(f"part.{name}")]
    if len(given) != 1:
        fields.refuse("one_part", "part", None)
    elif given == ["units"] and "part.units" in fields.values:
        fields.read(fields.values["part.units"], _UNITS_READERS, "part.units.")
        fields.require(_UNITS_READERS, "part.units.")
    if len(fields.findings) > before:
        return None
    values = fields.values
    if given == ["cost"]:
        return Part(cost_minor=values["part.cost"])
    if given == ["percent"]:
        return Part(fraction=Fraction(values["part.percent"], 100 * 10**_PERCENT_PLACES))
    return Part(fraction=Fraction(values["part.units.disposed"], values["part.units.of"]))
