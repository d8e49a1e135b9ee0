"""Depreciation settings as they come in and go out: rates and factors are decimal texts."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import Field

from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import described
from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.profiles import PROFILES
from bookvalue.domain.settings_spec import KEPT_AS, PLACES
from bookvalue.domain.terms import (
    Averaging,
    ChangePolicy,
    DayBasis,
    DecliningBase,
    DecliningWithinYear,
    EndOfLife,
    Method,
    Rounding,
    StraightLineBase,
)

Schema = dict[str, Any]


def member(kind: str, description: str, example: Any = None, **bounds: Any) -> Schema:
    """The schema of a member of an object that the domain's readers read; null counts as not given."""
    return {"type": [kind, "null"], "description": description, **bounds} | (
        {} if example is None else {"examples": [example]}
    )


def decimal(description: str, example: str) -> Schema:
    """The schema of a decimal text."""
    return member("string", description, example, pattern=r"^[+-]?[0-9]{1,20}(\.[0-9]{1,40})?$")


def word(description: str, words: Iterable[str], example: str | None = None) -> Schema:
    """The schema of one of these words."""
    return member("string", description, example, enum=[*map(str, words), None])


def whole(description: str, low: int, high: int, example: int) -> Schema:
    """The schema of a whole number within bounds."""
    return member("integer", description, example, minimum=low, maximum=high)


SETTINGS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "profile": word(
            "Stands for settings that match another product's or an authority's rules; those given beside it win.",
            PROFILES,
            "xero_full_month",
        ),
        "method": word("How the depreciable amount is charged; required where no profile gives it.", Method),
        "life_months": whole("A life, or a rate: not both.", 1, 1200, 60),
        "rate_percent": decimal("Percent a year, above 0 and at most 1000, to 9 decimals; instead of a life.", "20"),
        "declining_factor": decimal(
            'Of a declining balance with a life: rate = factor / life in years; "2" if left out.', "1.5"
        ),
        "rate_places": whole("Decimals of the rate of `fixed_rate_declining`; 9 if left out.", 1, 9, 3),
        "declining_base": word(
            "`gross` (default): the residual value is a floor; `net_of_residual`: it is deducted before the rate.",
            DecliningBase,
        ),
        "declining_within_year": word(
            "`even` (default): from a new book value each fiscal year; `compound`: each month.", DecliningWithinYear
        ),
        "end_of_life": word(
            "What a declining balance does at the end of its life: `leave` (default) what is left, or take it, "
            "`true_up`.",
            EndOfLife,
        ),
        "switch_to_straight_line": member(
            "boolean",
            "Whether a declining balance goes on as straight line once that charges more; needs a life.",
            True,
        ),
        "straight_line_base": word(
            "What is divided by the life: `depreciable` (default), or `cost`, until the residual value is reached.",
            StraightLineBase,
        ),
        "averaging": word("How part of a year counts; `full_month` if left out.", Averaging),
        "day_basis": word("The denominator of `actual_days`; `365` if left out.", DayBasis),
        "rounding": word("Which amounts are rounded to minor units; `cumulative` if left out.", Rounding),
        "change_policy": word(
            "How a change of value or estimate counts: over the `remaining_life` (default), or the difference at once.",
            ChangePolicy,
        ),
    },
}


def settings_field(description: str) -> Any:
    """A field of depreciation settings."""
    return described(description, {"method": "straight_line", "life_months": 60}, **SETTINGS)


class CalculationMethod(StrEnum):
    """What the charge is computed from (seed 004)."""

    RATE = "rate"
    LIFE = "life"
    NONE = "none"


def calculation_method(settings: DepreciationSettings) -> CalculationMethod:
    """By the rate or the life that is given; none where the method has no use for either."""
    if settings.rate_nanopercent is not None:
        return CalculationMethod.RATE
    return CalculationMethod.NONE if settings.life_months is None else CalculationMethod.LIFE


class DepreciationOut(Out):
    """Depreciation settings in force; those that the method has no use for have their defaults."""

    method: Method
    life_months: int | None
    rate_percent: str | None
    declining_factor: str = Field(examples=["2"])
    rate_places: int
    declining_base: DecliningBase
    declining_within_year: DecliningWithinYear
    end_of_life: EndOfLife
    switch_to_straight_line: bool
    straight_line_base: StraightLineBase
    averaging: Averaging
    day_basis: DayBasis
    rounding: Rounding
    change_policy: ChangePolicy


def depreciation_out(value: DepreciationSettings) -> DepreciationOut:
    """Settings as they are shown, and as they may be sent again."""
    kept = {name: getattr(value, KEPT_AS.get(name, name)) for name in DepreciationOut.model_fields}
    return DepreciationOut(**kept | {name: decimal_out(kept[name], places) for name, places in PLACES.items()})


def decimal_out(count: int | None, places: int) -> str | None:
    """A count of 10^-places as a decimal text without needless zeros, as it may be sent again."""
    if count is None:
        return None
    whole, part = divmod(count, 10**places)
    return f"{whole}.{part:0{places}d}".rstrip("0").rstrip(".")
