"""Explanations of charges: whole minor units, dates, and exact fractions as texts, "n/d" or "n"."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, WithJsonSchema

from bookvalue.api.schemas.base import In, Out, Text
from bookvalue.api.schemas.schedule import SPEC
from bookvalue.domain.terms import Averaging, Method, Rounding, UpdateType
from bookvalue.engine.facts import FactKind
from bookvalue.engine.pieces import Formula, Unit

Date = date
"""The type of a day, where a member is called `date`."""
Exact = Annotated[str, Field(pattern=r"^-?[0-9]+(/[0-9]+)?$")]


class ExplanationIn(In):
    """An asset that need not be registered, and the period whose charge is asked for."""

    asset: Annotated[
        Any, WithJsonSchema({"anyOf": [SPEC, {"description": "Anything else is answered with findings."}]})
    ]
    period: Text = Field(
        description="A month, YYYY-MM; meant is the period of the asset's frequency that holds the fiscal month.",
        examples=["2025-06"],
    )


class CountedOut(Out):
    """How much the period counts by the averaging rule."""

    unit: Unit
    count: Exact
    share_of_year: Exact


class BaseOut(Out):
    """amount = limited_cost - residual_value - accumulated."""

    amount: int
    cost: int = Field(description="With its changes.")
    limited_cost: int = Field(description="The cost, or its limit where that is lower.")
    residual_value: int = Field(description="0 where it is not deducted first.")
    accumulated: int | None = Field(description="What had accumulated before `before_date`; null: nothing is left.")
    before_date: date


class YearOut(Out):
    """accumulated_after = accumulated_before + exact, rounded: the sum of the last so many pieces' exact amounts."""

    accumulated_before: int
    exact: Exact
    pieces: int


class PieceOut(Out):
    """exact = base.amount x rate x counted / of; `formula` says what became of it.

    `line`: accumulated_after = accumulated_before + exact, rounded half away from zero. `year_total`: see `year`.
    `rest_of_life`, `floor`, `full`: accumulated_after = at_most. `manual`: exact is the sum of the dated amounts.
    """

    formula: Formula
    method: Method
    first_day: date
    last_day: date
    accumulated_before: int
    base: BaseOut | None
    rate: Exact = Field(description="A year's; 1 where part of a life is counted.")
    counted: Exact
    of: Exact = Field(description="Of a year, where there is a yearly rate; else of what was left.")
    unit: Unit | None
    exact: Exact
    year: YearOut | None
    switched: bool = Field(description="On straight line by then.")
    limited_cost: int
    residual_value: int
    at_most: int = Field(description="limited_cost - residual_value, or what had accumulated already.")
    accumulated_after: int


class AccumulationOut(Out):
    """What had accumulated by the end of a day, and how; without pieces it stands in the other one."""

    day: date
    accumulated: int
    pieces: list[PieceOut]


class FactOut(Out):
    """What happened; members that say nothing are left out."""

    kind: FactKind
    name: str = Field(description="The kind, or the type of a value update.", examples=["IMPROVEMENT"])
    date: Date
    effective_date: Date = Field(description="The first day on which it counts.")
    last_day: Date = Field(default=None)  # type: ignore[assignment]
    amount: int = Field(default=None)  # type: ignore[assignment]
    book_value_before: int = Field(default=None)  # type: ignore[assignment]
    residual_value: int = Field(default=None)  # type: ignore[assignment]
    cost_limit: int = Field(default=None)  # type: ignore[assignment]
    current_year: int = Field(default=None)  # type: ignore[assignment]
    remaining_life_months: int = Field(default=None)  # type: ignore[assignment]
    rate_percent: str = Field(default=None)  # type: ignore[assignment]
    method: Method = Field(default=None)  # type: ignore[assignment]
    extends_life: bool = Field(default=None)  # type: ignore[assignment]
    units: str = Field(default=None)  # type: ignore[assignment]


class PostedUpdateOut(Out):
    """A value update of the asset for the period."""

    update_type: UpdateType
    amount: int
    posting_period: str = Field(description="Where it lies, YYYY-MM.")
    run_id: UUID | None = Field(description="Null: a user recorded it.")
    entry_number: int | None = Field(description="Of the feed; null: booked elsewhere.")
    beside_plan: bool = Field(description="Whether it leaves the charge as it is.")


class PostedOut(Out):
    """What the books have for the period."""

    updates: list[PostedUpdateOut]
    due: int = Field(description="What the next run would post: the charge less what is posted by the plan.")
    outcome: str | None = Field(description="Why the last run did not charge the asset.", examples=["draft"])


class ExplanationOut(Out):
    """Why an asset is charged what it is charged in a period."""

    id: str = Field(description="A spec's id, or the asset's external id.")
    name: str | None
    currency: str
    period_start: date = Field(description="In a book's first period, the first day that is charged in it.")
    period_end: date
    method: Method = Field(description="At the end of the period.")
    averaging: Averaging
    rounding: Rounding
    counted: CountedOut | None = Field(description="Null where time plays no part, or nothing has begun.")
    accumulated_before: int
    accumulated_after: int
    charge: int = Field(description="accumulated_after - accumulated_before.")
    before: AccumulationOut
    after: AccumulationOut
    facts: list[FactOut]
    posted: PostedOut | None = Field(description="Null for an asset that is not registered.")
