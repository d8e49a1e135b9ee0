"""What facts without entries look like: estimate changes, suspensions, units used, manual amounts.

Read by the domain's reader of the schedule format, whose names they have.
"""

from datetime import date as calendar_date
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import Raw, amount, day, described, text, words
from bookvalue.domain.terms import Method
from bookvalue.services.show_facts import members_of
from bookvalue.storage.asset_facts import KeptFact

T = TypeVar("T", bound=Out)


def _required(*names: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"additionalProperties": False, "required": list(names)})


class EstimateChangeIn(Raw):
    """Other estimates from a day on; what is null stays as it was. A life replaces a rate, and a rate a life."""

    model_config = _required("date")
    date: Any = day("From when.", "2027-01-01")
    remaining_life_months: Any = described(
        "Months from then on; not beside a rate.", 48, type="integer", minimum=1, maximum=1200
    )
    rate_percent: Any = text("Percent a year from then on.", "25")
    residual_value: Any = amount("What is left at the end, from then on.", 100_000)
    method: Any = words("The method from then on.", Method)


class SuspensionIn(Raw):
    """Days, both included, in which nothing is charged."""

    model_config = _required("from", "to")
    from_: Annotated[Any, Field(alias="from")] = day("The first day.", "2027-01-01")
    to: Any = day("The last day.", "2027-03-31")
    extend_life: Any = described("Whether the life is longer by it; true if left out.", True, type="boolean")

    @property
    def given(self) -> dict[str, Any]:
        """The object as it came; `from` is no name that Python takes."""
        members = {name: value for name, value in vars(self).items() if name in self.model_fields_set}
        return {"from" if name == "from_" else name: value for name, value in members.items()} | (
            self.model_extra or {}
        )


class UnitsUsedIn(Raw):
    """Units used in one period; one report a period."""

    model_config = _required("period_end", "quantity")
    period_end: Any = day("The last day of the period, or another day of it; not to come.", "2026-01-31")
    quantity: Any = text("How many; 0 if none.", "1200")


class ManualAmountIn(Raw):
    """An amount of a manual table. More than is left to depreciate is not charged."""

    model_config = _required("date", "amount")
    date: Any = day("When.", "2026-03-31")
    amount: Any = amount("How much.", 50_000)


class _FactOut(Out):
    id: UUID
    asset_id: UUID
    created_at: datetime
    archived_at: datetime | None = Field(description="Since when it never counted; null while it does.")


class EstimateChangeOut(_FactOut):
    """Other estimates from a day on; what is null stayed as it was."""

    date: calendar_date
    remaining_life_months: int | None
    rate_percent: str | None
    residual_value: int | None
    method: Method | None


class SuspensionOut(_FactOut):
    """Days, both included, in which nothing is charged."""

    from_: calendar_date = Field(alias="from")
    to: calendar_date
    extend_life: bool


class UnitsUsedOut(_FactOut):
    """Units used in one period."""

    period_end: calendar_date
    quantity: str


class ManualAmountOut(_FactOut):
    """An amount of a manual table."""

    date: calendar_date
    amount: int


def fact_out(shape: type[T], kept: KeptFact) -> T:
    """A fact as it is shown."""
    own = {name: getattr(kept, name) for name in ("id", "asset_id", "created_at", "archived_at")}
    return shape(**own, **members_of(kept.fact))
