"""An asset's changes of value as one list, and the plan: what runs are going to charge (seed 003). Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import NotFound
from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.forecast import MOST_PERIODS, ForecastQuery, forecast_of
from bookvalue.storage import assets as kept_assets
from bookvalue.storage import businesses, value_changes
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class ValueChangeView:
    """One change of value: minor units, below zero where it lowers. id: None for what a run charged."""

    id: UUID | None
    asset_id: UUID
    type: ValueChangeType
    day: date
    amount_minor: int
    description: str | None
    externally_booked: bool
    effective_period: date
    posting_period: date
    entry_id: UUID | None
    run_id: UUID | None
    reversed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs are going to charge an asset: the amount of each period, in minor units, none of nothing.

    catch_up_minor: what is due for periods before the first one.
    """

    asset_id: UUID
    catch_up_minor: int
    periods: tuple[tuple[Period, int], ...]


def show_value_changes(engine: Engine, business_id: UUID, asset_id: UUID) -> list[ValueChangeView]:
    """The asset's changes of value, oldest first. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.get(connection, business_id)
        if not kept_assets.exists(connection, business_id, asset_id):
            raise NotFound("no such asset")
        return changes_of(connection, business_id, kept.book_id, [asset_id]).get(asset_id, [])


def changes_of(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Sequence[UUID]
) -> dict[UUID, list[ValueChangeView]]:
    """The changes of value of each of the assets."""
    found = value_changes.of_assets(connection, business_id, book_id, asset_ids)
    return {asset_id: [_view(row) for row in rows] for asset_id, rows in found.items()}


def show_plan(
    engine: Engine, business_id: UUID, asset_id: UUID, *, periods: int = MOST_PERIODS, first: str | None = None
) -> Plan:
    """The plan of a registered asset from the first period that is not closed, or from `first` (YYYY-MM).

    Raises NotFound, InvalidInput.
    """
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        return plans_of(connection, business_id, [asset_id], periods=periods, first=first)[asset_id]


def plans_of(
    connection: Connection,
    business_id: UUID,
    asset_ids: Sequence[UUID],
    *,
    periods: int = MOST_PERIODS,
    first: str | None = None,
) -> dict[UUID, Plan]:
    """The plan of each of the assets (at least one), in the caller's snapshot. Raises NotFound, InvalidInput."""
    found = forecast_of(connection, business_id, ForecastQuery(periods=periods, first=first, assets=asset_ids))
    names = [one.period for one in found.periods]
    return {
        of.asset.id: Plan(
            of.asset.id,
            of.catch_up,
            tuple(pair for pair in zip(names, of.depreciation, strict=True) if pair[1]),
        )
        for of in found.groups
        if of.asset is not None  # assets that are named are a group each
    }


def _view(row: Any) -> ValueChangeView:
    return ValueChangeView(
        row.id,
        row.asset_id,
        ValueChangeType(row.type),
        row.date,
        row.amount_minor,
        row.description,
        row.externally_booked,
        row.effective_period,
        row.posting_period,
        row.entry_id,
        row.run_id,
        row.reversed,
    )
