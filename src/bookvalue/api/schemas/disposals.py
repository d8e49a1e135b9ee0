"""What disposals look like. Amounts are minor units of the business's currency."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.accounts import AccountRef
from bookvalue.api.schemas.base import In, Out, Text
from bookvalue.api.schemas.raw import Raw, account, amount, day, described, text, words
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import DisposalReason, ValueChangeType
from bookvalue.services.late_facts import Late
from bookvalue.services.show_disposals import DisposalView, EntryView, ReinstatementView

_EXAMPLE: Any = {"date": "2026-10-15", "reason": "sold", "proceeds": 1_500_000, "proceeds_account": "CASH"}


_DECIMAL = {"type": "string", "examples": ["50"]}
_PART: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {
        "cost": {"type": "integer", "minimum": 1, "maximum": MAX_MINOR, "description": "Minor units of its cost."},
        "percent": {**_DECIMAL, "description": "Of the asset as it is; a decimal with up to 9 places."},
        "units": {
            "type": "object",
            "additionalProperties": False,
            "required": ["disposed", "of"],
            "properties": {"disposed": _DECIMAL, "of": _DECIMAL},
            "description": "So many of so many pieces.",
        },
    },
}


class DisposalIn(Raw):
    """A disposal of an asset, or of a part of it."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": False, "required": ["date", "reason"], "examples": [_EXAMPLE]}
    )

    date: Any = day("Its last day; after the purchase, not in the future, not in a locked period.", "2026-10-15")
    reason: Any = words("Why it goes.", DisposalReason)
    proceeds: Any = amount(
        "What it brings. 0 scraps it; left out, only an asset without any value left can be disposed of.", 1_500_000
    )
    proceeds_account: Any = account("Where the proceeds go; needed where there are any.", "CASH")
    gain_account: Any = account("Where a gain goes; the business's if left out.", "GAIN_ON_DISPOSAL")
    loss_account: Any = account("Where a loss goes; the business's if left out.", "LOSS_ON_DISPOSAL")
    capital_gain_account: Any = account(
        "Where proceeds above the cost go; the business's if left out.", "CAPITAL_GAIN_ON_DISPOSAL"
    )
    memo: Any = text("A note, on the entry too.", "Sold to the driver")
    part: Any = described(
        "Only a part goes, by exactly one of these; the rest depreciates on.", {"percent": "50"}, **_PART
    )
    externally_booked: Any = described("True: it is booked elsewhere, and has no entry here.", None, type="boolean")
    dry_run: Any = described("Show what it would be, and do nothing.", True, type="boolean")


class ReinstateIn(In):
    """Why the disposal is taken back, if that is to be kept."""

    reason: Text | None = None
    dry_run: bool = Field(default=False, description="Show what it would be, and do nothing.")


class DisposalLine(Out):
    """A line of an entry."""

    line_no: int
    account: AccountRef
    debit_minor: int
    credit_minor: int


class DisposalEntry(Out):
    """A journal entry."""

    id: UUID | None = Field(description="null in a dry run.")
    kind: str
    entry_date: date
    lines: list[DisposalLine]


class DisposalCharge(Out):
    """Depreciation of another period, posted with the disposal; negative where it is taken back."""

    effective_period: str = Field(description="What it is for, YYYY-MM.")
    posting_period: str = Field(description="Where it lies, YYYY-MM.")
    amount: int
    journal_entry_id: UUID | None = Field(description="null in a dry run.")


class ReinstatementOut(Out):
    """What took a disposal back."""

    id: UUID | None = Field(description="null in a dry run.")
    at: datetime
    reason: str | None
    posting_period: str = Field(description="Where the reversal lies, YYYY-MM.")
    entry: DisposalEntry | None


_Day = date  # which a field called so would hide


class DisposalOut(Out):
    """A disposal. `gain_or_loss` + `capital_gain` = `proceeds` - `book_value`."""

    id: UUID | None = Field(description="null in a dry run.")
    asset_id: UUID
    date: _Day = Field(description="The day from which it counts.")
    given_date: _Day = Field(description="The day that was asked for.")
    reason: DisposalReason
    proceeds: int | None
    cost: int = Field(
        description="The cost with all changes of value; with `accumulated_impairment`, what goes out of the ledger "
        "account."
    )
    accumulated_depreciation: int = Field(description="With the stub.")
    accumulated_impairment: int = Field(
        description="What goes out of that account; 0 where impairments credited the ledger account."
    )
    book_value: int = Field(description="Right before it goes.")
    stub: int = Field(description="Depreciation of its own period, in its entry; negative where it is taken back.")
    gain_or_loss: int = Field(description="Positive: a gain. Without the capital gain.")
    capital_gain: int = Field(description="Proceeds above the cost with increases.")
    effective_period: str = Field(description="What it is for, YYYY-MM.")
    posting_period: str = Field(description="Where its entry lies, YYYY-MM.")
    late: Late | None = Field(
        description="Where the period of its date was no longer open: `catch_up`, it counts from its date and lies in "
        "the first open period; `move`, it counts from the first day of that period."
    )
    charges: list[DisposalCharge] = Field(description="Depreciation of other periods that is posted with it.")
    entry: DisposalEntry | None = Field(description="null where nothing was left to derecognise.")
    part: str | None = Field(description="The fraction that went, such as 1/2; null: the whole asset.")
    value_change: ValueChangeType | None = Field(description="The value change that it came with.")
    externally_booked: bool = Field(description="Whether it has no entry here, as it is booked elsewhere.")
    memo: str | None
    created_at: datetime
    reinstatement: ReinstatementOut | None = Field(description="null while the disposal is in force.")


def disposal_out(view: DisposalView) -> DisposalOut:
    """The disposal as it is shown."""
    return DisposalOut(
        id=view.id,
        asset_id=view.asset_id,
        date=view.day,
        given_date=view.given_day,
        reason=view.reason,
        proceeds=view.proceeds_minor,
        cost=view.cost_minor,
        accumulated_depreciation=view.accumulated_minor,
        accumulated_impairment=view.impairment_minor,
        book_value=view.book_value_minor,
        stub=view.stub_minor,
        gain_or_loss=view.gain_or_loss_minor,
        capital_gain=view.capital_gain_minor,
        effective_period=f"{view.effective_period:%Y-%m}",
        posting_period=f"{view.posting_period:%Y-%m}",
        late=view.late,
        charges=[
            DisposalCharge(
                effective_period=f"{charge.effective_period:%Y-%m}",
                posting_period=f"{charge.posting_period:%Y-%m}",
                amount=charge.amount_minor,
                journal_entry_id=charge.entry_id,
            )
            for charge in view.charges
        ],
        entry=view.entry and _entry(view.entry),
        part=None if view.share is None else str(view.share),
        value_change=view.value_change,
        externally_booked=view.externally_booked,
        memo=view.memo,
        created_at=view.created_at,
        reinstatement=view.reinstatement and _reinstatement(view.reinstatement),
    )


def _reinstatement(made: ReinstatementView) -> ReinstatementOut:
    return ReinstatementOut(
        id=made.id,
        at=made.at,
        reason=made.reason,
        posting_period=f"{made.posting_period:%Y-%m}",
        entry=made.entry and _entry(made.entry),
    )


def _entry(made: EntryView) -> DisposalEntry:
    return DisposalEntry(
        id=made.id,
        kind=made.kind,
        entry_date=made.entry_date,
        lines=[
            DisposalLine(
                line_no=line.line_no,
                account=AccountRef(
                    id=line.account.id,
                    code=line.account.value.code,
                    stable_name=line.account.value.stable_name,
                    name=line.account.value.name,
                ),
                debit_minor=line.debit_minor,
                credit_minor=line.credit_minor,
            )
            for line in made.lines
        ],
    )
