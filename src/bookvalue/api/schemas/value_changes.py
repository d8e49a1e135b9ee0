"""What value changes look like (seed 003). Amounts are signed minor units: below zero lowers the value."""

from datetime import date as calendar_date
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import Raw, account, day, described, text
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.show_value_changes import Plan, ValueChangeView

_DATE = "After the purchase, not in the future, not in a locked period."


class _Change(Raw):
    """What every value change may give."""

    date: Any = day(_DATE, "2026-10-15")
    description: Any = text("What it is for.", "Damaged in a flood")


class PartialChangeIn(_Change):
    """A change by an amount, beside the plan or against it."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": False, "required": ["date", "amount", "description"]}
    )

    amount: Any = described(
        "Signed minor units: below zero lowers the value, at most to nothing.",
        -25_000,
        type="integer",
        minimum=-MAX_MINOR,
        maximum=MAX_MINOR,
    )
    externally_booked: Any = described("True: it is booked elsewhere, and has no entry here.", None, type="boolean")
    counter_account: Any = account("The other side of the entry; the usual one if left out.", "IMPAIRMENT_LOSS")


class DivestmentIn(_Change):
    """The whole value leaves the books at a date, and is a result."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False, "required": ["date"]})

    counter_account: Any = account("Where the loss goes; the business's if left out.", "LOSS_ON_DISPOSAL")


class FullDepreciationIn(_Change):
    """The whole value is depreciated at a date."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False, "required": ["date", "description"]})


class ValueChangeOut(Out):
    """A change of an asset's value."""

    id: UUID | None = Field(description="Null for what a run charged.")
    asset_id: UUID
    type: ValueChangeType
    date: calendar_date
    amount: int = Field(description="Below zero lowers the value.")
    description: str | None
    externally_booked: bool
    effective_period: str = Field(description="What it is for, YYYY-MM.")
    posting_period: str = Field(description="Where its entry lies, YYYY-MM.")
    journal_entry_id: UUID | None
    run_id: UUID | None
    reversed: bool = Field(description="Whether it was taken back.")


def value_change_out(view: ValueChangeView) -> ValueChangeOut:
    """The value change as it is shown."""
    return ValueChangeOut(
        id=view.id,
        asset_id=view.asset_id,
        type=view.type,
        date=view.day,
        amount=view.amount_minor,
        description=view.description,
        externally_booked=view.externally_booked,
        effective_period=f"{view.effective_period:%Y-%m}",
        posting_period=f"{view.posting_period:%Y-%m}",
        journal_entry_id=view.entry_id,
        run_id=view.run_id,
        reversed=view.reversed,
    )


class PlannedOut(Out):
    """What a run is going to charge."""

    period: str = Field(description="YYYY-MM.")
    date: calendar_date = Field(description="The last day of the period.")
    amount: int = Field(description="Below zero: it lowers the value.")


class PlanOut(Out):
    """The plan of an asset: what runs are going to charge while facts stay as they are."""

    asset_id: UUID
    type: ValueChangeType
    catch_up: int = Field(description="What is due for periods before the first one, signed as the others.")
    changes: list[PlannedOut]


def plan_out(plan: Plan) -> PlanOut:
    """The plan as it is shown."""
    return PlanOut(
        asset_id=plan.asset_id,
        type=ValueChangeType.LINEAR,
        catch_up=-plan.catch_up_minor,
        changes=[PlannedOut(period=one.name, date=one.end, amount=-amount) for one, amount in plan.periods],
    )
