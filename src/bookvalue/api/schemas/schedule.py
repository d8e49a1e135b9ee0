"""Asset specs and their schedules (SEMANTICS section 3). A spec is documented here, and read by the domain alone.

So that a spec that is wrong, whatever it is, is answered with its findings and stops no other.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from bookvalue.api.schemas.base import In, Out
from bookvalue.api.schemas.depreciation import SETTINGS, Schema, decimal, member, whole, word
from bookvalue.api.schemas.runs import FindingOut
from bookvalue.domain.fact_spec import MAX_MEMBERS
from bookvalue.domain.field_readers import MAX_TEXT
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import Frequency, Method, UpdateType

MOST_ASSETS = 1_000
"""Of one request."""
MOST_ROWS = 60_000
"""Of one answer, in all: 1,000 assets of five years by the month. One asset has 4,800 at most."""

_CHANGES = [kind for kind in UpdateType if kind is not UpdateType.DEPRECIATION_AMORTIZATION]
"""The updates that belong in a schedule."""


def _amount(description: str, example: int | None = None, low: int = 0) -> Schema:
    return member("integer", f"{description} Minor units.", example, minimum=low, maximum=MAX_MINOR)


def _day(description: str, example: str) -> Schema:
    return member("string", description, example, format="date")


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """The schema of an object; what is required in it cannot be null."""
    for name in required:
        schema = properties[name] = {**properties[name], "type": properties[name]["type"][0]}
        if "enum" in schema:
            schema["enum"] = [value for value in schema["enum"] if value is not None]
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _nested(description: str, schema: Schema) -> Schema:
    return {**schema, **member("object", description)}


def _list(description: str, items: Schema) -> Schema:
    return member("array", description, maxItems=MAX_MEMBERS, items=items)


_REMAINING_LIFE = whole("Months from then on; null: until the original end.", 1, 1200, 48)
_RESIDUAL = _amount("The residual value from then on; null: as it was.")

SPEC = _object(
    ("id", "cost", "depreciation_start_date", "settings"),
    id=member("string", "Given back with the schedule.", "truck-1", minLength=1, maxLength=MAX_TEXT),
    currency=member("string", "ISO 4217; `USD` if left out. Only says what a minor unit is.", "USD"),
    cost=_amount("What the asset cost.", 4_000_000),
    cost_limit=_amount("The most of the cost that depreciates."),
    residual_value=_amount("What is left at the end; 0 if left out.", 0),
    depreciation_start_date=_day("The first day of depreciation.", "2024-01-15"),
    fiscal_year_start=member("string", "MM-DD, any day but 02-29; `01-01` if left out.", "01-01"),
    frequency=word("How long a row's period is, in fiscal periods; `monthly` if left out.", Frequency),
    until=_day("Rows end with the period that holds this day.", "2026-12-31"),
    settings=_nested("How it depreciates: a method, or a profile, and what belongs to it.", SETTINGS),
    opening=_nested(
        "What had been depreciated elsewhere; rows begin the day after.",
        _object(
            ("as_of", "accumulated"),
            as_of=_day("The last day of it.", "2024-12-31"),
            accumulated=_amount("In all.", 800_000),
            current_year=_amount("Of it, in the fiscal year then running; 0 if left out.", 200_000),
        ),
    ),
    value_updates=_list(
        "What raises or lowers the value beside depreciation.",
        _object(
            ("date", "update_type"),
            date=_day("From when.", "2025-06-01"),
            update_type=word("Also says which way it goes.", _CHANGES),
            amount=_amount("By so much; or else new_book_value.", 250_000, low=1),
            new_book_value=_amount("To so much, from the book value at the end of the day before."),
            remaining_life_months=_REMAINING_LIFE,
            residual_value=_RESIDUAL,
        ),
    ),
    estimate_changes=_list(
        "Other estimates from a day on; what is null stays as it was.",
        _object(
            ("date",),
            date=_day("From when.", "2027-01-01"),
            remaining_life_months=_REMAINING_LIFE,
            rate_percent=decimal("Percent a year from then on; instead of a life.", "25"),
            residual_value=_RESIDUAL,
            method=word("The method from then on.", Method),
        ),
    ),
    suspensions=_list(
        "Spans in which nothing is charged.",
        _object(
            ("from", "to"),
            **{"from": _day("The first day.", "2025-01-01"), "to": _day("The last day.", "2025-03-31")},
            extend_life=member("boolean", "Whether the life is longer by it; true if left out.", True),
        ),
    ),
    units=_nested(
        "For `units_of_production`.",
        _object(
            total=decimal("Units that the asset gives in all.", "100000"),
            used=_list(
                "Units used.",
                _object(
                    ("period_end", "quantity"),
                    period_end=_day("By the end of this day, since the one before.", "2024-01-31"),
                    quantity=decimal("How many.", "1200"),
                ),
            ),
        ),
    ),
    manual=_list(
        "For `manual`: what is charged, and when.",
        _object(("date", "amount"), date=_day("When.", "2024-03-31"), amount=_amount("How much.", 50_000)),
    ),
    disposal=_nested(
        "The asset goes; rows end with the period of it.",
        _object(
            ("date",),
            date=_day("Its day.", "2026-05-10"),
            proceeds=_amount("What it brought; 0 if left out.", 1_500_000),
        ),
    ),
) | {"title": "AssetSpec", "description": "An asset that need not be registered. What is null counts as left out."}

_ANYTHING = {"description": "Anything else is answered with findings, and stops no other."}
_EXAMPLE = {
    "id": "truck-1",
    "cost": 4_000_000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
}


class ScheduleIn(In):
    """Assets whose schedules are asked for."""

    assets: Annotated[
        list[Any],
        Field(max_length=MOST_ASSETS),
        WithJsonSchema(
            {
                "type": "array",
                "maxItems": MOST_ASSETS,
                "items": {"anyOf": [SPEC, _ANYTHING]},
                "description": "Answered in this order.",
                "examples": [[_EXAMPLE]],
            }
        ),
    ]


class ScheduleRow(Out):
    """One period."""

    period_start: date
    period_end: date
    depreciation: int = Field(description="Of this period; negative where a change takes back what was charged.")
    accumulated: int = Field(description="At the end of the period, with the opening.")
    book_value: int = Field(description="At the end of the period; before a disposal in it.")


class ScheduleDisposal(Out):
    """What a disposal comes to."""

    book_value: int = Field(description="Just before it.")
    gain_or_loss: int = Field(description="Positive for a gain.")
    capital_gain: int = Field(description="Proceeds above the cost with its increases.")


class ScheduleOut(Out):
    """The schedule of one asset; without rows and with findings where it cannot be computed."""

    id: str | None = Field(description="As it was given; null where none was that could be read.")
    rows: list[ScheduleRow]
    disposal: ScheduleDisposal = Field(default=None, description="Only where there is one.")  # type: ignore[assignment]
    findings: list[FindingOut]
