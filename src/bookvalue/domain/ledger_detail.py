"""Raw object -> a ledger detail: a line of the ledger that lies elsewhere, which an asset can have as its source (seed
003). Must not look anything up: whether its account exists is asked by those who know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bookvalue.domain.field_readers import (
    Fields,
    Reader,
    integer,
    read_date,
    read_name,
    read_optional_text,
    shown,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.money import MAX_MINOR


@dataclass(frozen=True, slots=True)
class LedgerDetail:
    """An invoice line, a bank transaction, or another `kind` of line. account: a code. amount_minor: above 0 debits."""

    external_id: str
    account: str
    day: date
    amount_minor: int
    kind: str | None
    description: str | None


_READERS: Mapping[str, Reader] = {
    "external_id": read_name,
    "account": read_name,
    "date": read_date,
    "amount": integer(-MAX_MINOR, MAX_MINOR, "amount_out_of_range"),
    "kind": read_optional_text,
    "description": read_optional_text,
}


def read_ledger_detail(raw: Any) -> tuple[LedgerDetail | None, list[Finding]]:
    """The ledger detail of a raw object with the API's field names, its account by code; or every finding."""
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", None, shown(raw))]
    fields = Fields()
    fields.read(raw, _READERS)
    fields.require(("external_id", "account", "date", "amount"))
    if fields.findings:
        return None, fields.findings
    values = fields.values
    return LedgerDetail(
        values["external_id"],
        values["account"],
        values["date"],
        values["amount"],
        values.get("kind"),
        values.get("description"),
    ), []
