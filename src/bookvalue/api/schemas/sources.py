"""What ledger details and an asset's sources look like (seed 003). Amounts are signed minor units."""

from datetime import date as calendar_date
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.accounts import AccountRef, account_ref
from bookvalue.api.schemas.base import Id, In, Out
from bookvalue.api.schemas.raw import Raw, account, day, described, text
from bookvalue.domain.money import MAX_MINOR
from bookvalue.services.keep_sources import DetailView
from bookvalue.storage.sources import KeptSource

_AMOUNT = "Minor units of the business's currency, above zero a debit."


class LedgerDetailIn(Raw):
    """A line of the ledger that lies elsewhere, as far as an asset's source needs it."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": False, "required": ["account", "date", "amount"]}
    )

    external_id: Any = text(
        "Unique: the same one with the same content is answered with what is there; its own id if left out.", "INV-7/1"
    )
    account: Any = account("The ledger account that it is on.", "VEHICLES")
    date: Any = day("When it was booked.", "2026-01-15")
    amount: Any = described(_AMOUNT, 4_000_000, type="integer", minimum=-MAX_MINOR, maximum=MAX_MINOR)
    kind: Any = text("What it is a line of.", "invoice line")
    description: Any = text("Free text.", "Delivery van, 3.5 t")


class LedgerDetailOut(Out):
    """A ledger detail."""

    id: UUID
    external_id: str
    account: AccountRef | None
    date: calendar_date
    amount: int = Field(description=_AMOUNT)
    kind: str | None
    description: str | None
    created_at: datetime


class SourceIn(In):
    """The ledger detail that is to be a source of the asset."""

    detail_id: Id = Field(description="On the asset's own ledger account.")


class SourceOut(Out):
    """A ledger detail as a source of an asset."""

    id: UUID
    asset_id: UUID
    detail_id: UUID


def detail_out(view: DetailView) -> LedgerDetailOut:
    """The ledger detail as it is shown."""
    value = view.kept.value
    return LedgerDetailOut(
        id=view.kept.id,
        external_id=value.external_id,
        account=account_ref(view.account),
        date=value.day,
        amount=value.amount_minor,
        kind=value.kind,
        description=value.description,
        created_at=view.kept.created_at,
    )


def source_out(kept: KeptSource) -> SourceOut:
    """The source as it is shown."""
    return SourceOut(id=kept.id, asset_id=kept.asset_id, detail_id=kept.detail.id)
