"""What happens to an asset between its start and its end, as plain effective-dated values in minor units.

Whoever makes one of these has checked it; nothing here reads raw input, and no order is assumed.
"""

from dataclasses import dataclass
from datetime import date

from bookvalue.domain.terms import Method, UpdateType


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value update that changes the depreciable value: by `amount_minor` > 0, or to `new_book_value_minor` >= 0.

    Exactly one of the two is there; the type gives the direction. What is None stays as it was; a remaining life that
    is None ends when it would have ended.
    """

    date: date
    update_type: UpdateType
    amount_minor: int | None = None
    new_book_value_minor: int | None = None
    remaining_life_months: int | None = None
    residual_minor: int | None = None


@dataclass(frozen=True, slots=True)
class EstimateChange:
    """A change of life, rate, residual value or method from a day on. What is None stays as it was.

    A remaining life replaces a rate and a rate replaces a life, so never both are there.
    """

    date: date
    remaining_life_months: int | None = None
    rate_nanopercent: int | None = None
    residual_minor: int | None = None
    method: Method | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days, both included, in which nothing is charged. With `extend_life` the life ends later by as much."""

    first_day: date
    last_day: date
    extend_life: bool = True


@dataclass(frozen=True, slots=True)
class UnitsUsed:
    """Units used in the period that ends on a day, in millionths of a unit."""

    period_end: date
    quantity_micro: int


@dataclass(frozen=True, slots=True)
class ManualAmount:
    """An amount to be charged on a day, of a manual table."""

    date: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Disposal:
    """The day on which an asset leaves the books, and what it brought, or None where nothing was said of that."""

    date: date
    proceeds_minor: int | None = None


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """All that happens to one asset after its acquisition.

    units_total_micro: the units that the asset will give in its whole life, in millionths, or None.
    """

    value_changes: tuple[ValueChange, ...] = ()
    estimate_changes: tuple[EstimateChange, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    units_total_micro: int | None = None
    units_used: tuple[UnitsUsed, ...] = ()
    manual_amounts: tuple[ManualAmount, ...] = ()
    disposal: Disposal | None = None


# Same day: improvements and revaluations first, then impairments (SEMANTICS section 1), then what only spreads anew.
_IMPAIRMENT, _ESTIMATE = 1, 2
_RAISING = {UpdateType.IMPROVEMENT, UpdateType.REVALUATION_UP}


def direction(update_type: UpdateType) -> int:
    """+1 for what raises the book value, -1 for what lowers it."""
    return 1 if update_type in _RAISING else -1


def order_of(change: ValueChange | EstimateChange) -> int:
    """The place among changes of one time: 0 for improvements and revaluations, 1 for impairments, 2 for estimates."""
    if isinstance(change, EstimateChange):
        return _ESTIMATE
    return _IMPAIRMENT * (change.update_type is UpdateType.IMPAIRMENT)


def changes_in_order(facts: AssetFacts) -> list[ValueChange | EstimateChange]:
    """The changes of value and estimate in order of their dates, those of one date as they take effect."""
    changes: tuple[ValueChange | EstimateChange, ...] = (*facts.value_changes, *facts.estimate_changes)
    return sorted(changes, key=lambda change: (change.date, order_of(change)))


NO_FACTS = AssetFacts()
"""The facts of an asset to which nothing has happened."""
