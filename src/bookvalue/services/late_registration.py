"""What the lock policy makes of an asset that comes into the books late (SEMANTICS section 7).

Under `next_open` the next run catches up, and there is nothing to do. Under `spread_remaining` the asset stands still
until the first open period, by a suspension that does not make its life longer: what is left of the life takes it all.
Runs in the caller's transaction, under the business's hold, before anything of the asset is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.asset_facts import Suspension
from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import BookvalueError, InvalidInput, LateFactRefused
from bookvalue.domain.terms import Averaging, LockPolicy, Method
from bookvalue.services.late_facts import FactKind, Late, Placement, place
from bookvalue.services.post_acquisition import acquired_on, costs
from bookvalue.services.register_of import read_register
from bookvalue.storage import asset_facts, periods
from bookvalue.storage.asset_facts import OfAsset
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection

_NOT_BY_TIME = (Method.NONE, Method.FULL, Method.MANUAL, Method.UNITS_OF_PRODUCTION)
"""What these charge does not spread over a life: it is caught up."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A registration that the book refuses: the path of the field that gives the day, the day, and why."""

    external_id: str
    path: str
    day: date | None
    error: BookvalueError


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of registrations, by external id: the suspensions that assets begin with, where what they cost goes;
    and those that are refused."""

    suspensions: Mapping[str, Suspension]
    acquisitions: Mapping[str, Placement]
    refused: Sequence[NotTaken]


def settle_registrations(
    connection: Connection, kept: KeptBusiness, registered: Sequence[tuple[Asset, date]]
) -> Settled:
    """What becomes of these assets; each comes with the first day that is charged. Raises Busy.

    Every one of them is looked at: an import reports all that are refused.
    """
    suspensions, late = _suspensions(connection, kept, registered)
    acquisitions, unpaid = _acquisitions(connection, kept, [value for value, _ in registered])
    return Settled(suspensions, acquisitions, late + unpaid)


def _suspensions(
    connection: Connection, kept: KeptBusiness, registered: Iterable[tuple[Asset, date]]
) -> tuple[dict[str, Suspension], list[NotTaken]]:
    """Days before the books and after their last period are not late."""
    last = periods.last_start(connection, kept.id, kept.book_id)
    calendar = kept.value.fiscal_calendar
    if kept.value.lock_policy is LockPolicy.NEXT_OPEN or last is None:
        return {}, []
    first, end = calendar.period_of(kept.value.books_start).start, calendar.period_of(last).end
    late = [(value, day) for value, day in registered if first <= day <= end and value.settings.method != Method.NONE]
    moved: dict[date, date] = {}
    errors: dict[date, BookvalueError] = {}
    for start in sorted({calendar.period_of(day).start for _, day in late}):
        try:
            placement = place(connection, kept, start, FactKind.ESTIMATED, field="depreciation_start_date")
        except LateFactRefused as error:
            errors[start] = error
            continue
        if placement.late is Late.MOVE:
            moved[start] = placement.day
    suspensions = {
        value.external_id: Suspension(day, last_day, extend_life=False)
        for value, day in late
        if (to := moved.get(calendar.period_of(day).start)) and _has_life_left(value, to)
        if (last_day := _day_before(value, to)) >= day
    }
    return suspensions, [
        _not_taken(value, day, why) for value, day in late if (why := errors.get(calendar.period_of(day).start))
    ]


def _not_taken(value: Asset, day: date, why: BookvalueError) -> NotTaken:
    if value.opening is not None:
        return NotTaken(value.external_id, "opening.as_of", value.opening.as_of, why)
    return NotTaken(value.external_id, "depreciation_start_date", day, why)


def _acquisitions(
    connection: Connection, kept: KeptBusiness, registered: Iterable[Asset]
) -> tuple[dict[str, Placement], list[NotTaken]]:
    bought = [value for value in registered if costs(value)]
    if not bought:
        return {}, []
    register, calendar = read_register(connection, kept), kept.value.fiscal_calendar
    of_period: dict[Period, Placement] = {}  # thousands of assets come of a few periods
    placements: dict[str, Placement] = {}
    refused: list[NotTaken] = []
    for value in sorted(bought, key=lambda value: value.purchase_date or value.depreciation_start_date or date.min):
        try:
            day = acquired_on(register, value)
            placed = of_period.get(calendar.period_of(day))
            if placed is None:
                placed = place(connection, kept, day, FactKind.ESTIMATED, field="purchase_date")
                of_period[calendar.period_of(day)] = placed
        except (InvalidInput, LateFactRefused) as error:
            refused.append(NotTaken(value.external_id, "purchase_date", value.purchase_date, error))
        else:
            placements[value.external_id] = placed if placed.late is Late.MOVE else replace(placed, day=day)
    return placements, refused


def _day_before(value: Asset, day: date) -> date:
    """The last day of a suspension after which the asset is charged from this day, the first of a period."""
    # what begins on a day counts from the next month here, and so does what goes on
    days = 2 if value.settings.averaging is Averaging.FOLLOWING_MONTH else 1
    return day - timedelta(days=days)


def _has_life_left(value: Asset, day: date) -> bool:
    """Whether something of the asset's life comes after this day, over which the rest can spread."""
    life, start = value.settings.life_months, value.depreciation_start_date
    if value.settings.method in _NOT_BY_TIME or start is None:
        return False
    return life is None or (day.year - start.year) * 12 + day.month - start.month < life


def suspend(
    connection: Connection, kept: KeptBusiness, ids: Mapping[str, UUID], late: Mapping[str, Suspension]
) -> None:
    """Stores what `settle_registrations` found."""
    for external_id, fact in late.items():
        asset_facts.add(connection, OfAsset(kept.id, kept.book_id, ids[external_id]), fact)
