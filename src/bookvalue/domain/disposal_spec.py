"""Raw object -> a disposal that somebody wants, or findings: the one reader that API, CLI and import share (seed 003).

Must not look anything up: whether accounts exist and what the asset is worth is asked by those who know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bookvalue.domain.business_spec import RESULT_FIELDS
from bookvalue.domain.field_readers import (
    Fields,
    Reader,
    choice,
    read_amount,
    read_boolean,
    read_date,
    read_text,
    shown,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import DisposalReason, ValueChangeType

DISPOSAL_ACCOUNTS = ("proceeds_account", *RESULT_FIELDS)
"""The accounts that a disposal may name."""


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


_READERS: Mapping[str, Reader] = {
    "date": read_date,
    "reason": choice(DisposalReason),
    "proceeds": read_amount,
    **dict.fromkeys(DISPOSAL_ACCOUNTS, read_text),
    "memo": read_text,
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
    if values.get("proceeds", 0) > 0 and fields.absent("proceeds_account"):
        fields.refuse("proceeds_account_missing", "proceeds_account")
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
        dry_run=values.get("dry_run", False),
    ), []
