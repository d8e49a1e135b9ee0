"""What value updates look like (seed 000). Amounts are minor units of the business's currency."""

from datetime import date as calendar_date
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.accounts import AccountRef, account_ref
from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import Raw, account, described, text, words
from bookvalue.api.schemas.tags import TagOut
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import UpdateType, ValueChangeType
from bookvalue.services.show_value_updates import ValueUpdateView

_EXAMPLE: Any = {
    "asset_id": "550e8400-e29b-41d4-a716-446655440000",
    "amount": 1666,
    "update_type": "DEPRECIATION_AMORTIZATION",
    "counter_account": "DEPRECIATION",
    "date": "2024-02-29T00:00:00Z",
}


class ValueUpdateIn(Raw):
    """A change of an asset's value. Exactly one of `asset_id` and `asset_external_id`."""

    model_config = ConfigDict(
        json_schema_extra={
            "additionalProperties": False,
            "required": ["amount", "update_type", "counter_account", "date"],
            "examples": [_EXAMPLE],
        }
    )

    asset_id: Any = described("The asset; this or `asset_external_id`.", None, type="string", format="uuid")
    asset_external_id: Any = text("The asset's id in the caller's own system; this or `asset_id`.", "ERP-1001")
    external_id: Any = text("Unique: the same one with the same content is answered with what is there.", "VU-2026-10")
    amount: Any = described(
        "Minor units, above zero: the type gives the direction.", 1666, type="integer", minimum=1, maximum=MAX_MINOR
    )
    update_type: Any = words("What kind of change it is.", UpdateType)
    counter_account: Any = account(
        "The other side: the expense, loss, equity, or what funded an improvement.", "DEPRECIATION"
    )
    date: Any = described(
        "An instant with its offset; it counts on the business's calendar date. Not in the future.",
        "2026-10-15T00:00:00Z",
        type="string",
        format="date-time",
    )
    memo: Any = text("A note.", "Engine replaced")
    metadata: Any = described("Kept and given back unchanged.", {"ticket": "M-17"}, type="object")
    reference_number: Any = text("A reference of the caller's.", "INV-2041")
    remaining_life_months: Any = described(
        "How long the asset lives on from this date; as before if left out. Not for a depreciation.",
        None,
        type="integer",
        minimum=1,
        maximum=1200,
    )
    residual_value: Any = described(
        "The residual value from this date on; as before if left out. Not for a depreciation.",
        None,
        type="integer",
        minimum=0,
        maximum=MAX_MINOR,
    )


class ValueUpdateOut(Out):
    """A recorded change of an asset's value."""

    id: UUID
    business_id: UUID
    external_id: str | None
    asset_id: UUID
    asset_external_id: str
    amount: int
    update_type: UpdateType
    date: datetime
    archived_at: datetime | None = Field(description="When it was taken back.")
    memo: str | None
    metadata: dict[str, Any] | None
    reference_number: str | None
    transaction_tags: list[TagOut]
    counter_account: AccountRef | None = Field(description="Null for what is booked elsewhere.")
    value_change: ValueChangeType | None = Field(description="How it stands to the plan, where it was recorded so.")
    externally_booked: bool = Field(description="Whether it has no entry here, as it is booked elsewhere.")
    remaining_life_months: int | None
    residual_value: int | None
    effective_date: calendar_date | None = Field(
        description="From when it counts: later than its date under spread_remaining."
    )
    effective_period: str = Field(description="What it is for, YYYY-MM.")
    posting_period: str = Field(description="Where its entry lies, YYYY-MM.")
    is_catch_up: bool = Field(description="Whether its entry lies in a later period than the one it is for.")
    journal_entry_id: UUID | None
    reversal_entry_id: UUID | None = Field(description="The mirror image, once it is archived.")
    created_at: datetime


def value_update_out(view: ValueUpdateView) -> ValueUpdateOut:
    """The value update as it is shown."""
    return ValueUpdateOut(
        id=view.id,
        business_id=view.business_id,
        external_id=view.external_id,
        asset_id=view.asset_id,
        asset_external_id=view.asset_external_id,
        amount=view.amount_minor,
        update_type=view.update_type,
        date=view.at,
        archived_at=view.archived_at,
        memo=view.memo,
        metadata=None if view.metadata is None else dict(view.metadata),
        reference_number=view.reference_number,
        transaction_tags=[TagOut(**tag) for tag in view.transaction_tags],
        counter_account=account_ref(view.counter_account),
        value_change=view.value_change,
        externally_booked=view.externally_booked,
        remaining_life_months=view.remaining_life_months,
        residual_value=view.residual_minor,
        effective_date=view.day,
        effective_period=f"{view.effective_period:%Y-%m}",
        posting_period=f"{view.posting_period:%Y-%m}",
        is_catch_up=view.posting_period != view.effective_period,
        journal_entry_id=view.entry_id,
        reversal_entry_id=view.reversal_entry_id,
        created_at=view.created_at,
    )
