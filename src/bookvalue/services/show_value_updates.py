"""Recorded value updates as the API shows them: one, or a page. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.errors import NotFound
from bookvalue.domain.terms import UpdateType, ValueChangeType
from bookvalue.services.register_of import Register, read_register
from bookvalue.storage import businesses, value_updates
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.unit_of_work import Engine, Role, transaction
from bookvalue.storage.value_updates import ValueUpdateFilter


@dataclass(frozen=True, slots=True)
class ValueUpdateView:
    """A recorded value update; amounts in minor units, the periods by the first day of each."""

    id: UUID
    business_id: UUID
    asset_id: UUID
    asset_external_id: str
    external_id: str | None
    amount_minor: int
    update_type: UpdateType
    at: datetime
    day: date | None
    counter_account: KeptAccount | None
    memo: str | None
    metadata: Mapping[str, Any] | None
    reference_number: str | None
    transaction_tags: tuple[Mapping[str, Any], ...]
    remaining_life_months: int | None
    residual_minor: int | None
    effective_period: date
    posting_period: date
    entry_id: UUID | None
    archived_at: datetime | None
    reversal_entry_id: UUID | None
    value_change: ValueChangeType | None
    externally_booked: bool
    created_at: datetime


def view_of(register: Register, row: Any) -> ValueUpdateView:
    """A kept value update as it is shown."""
    return ValueUpdateView(
        id=row.id,
        business_id=row.business_id,
        asset_id=row.asset_id,
        asset_external_id=row.asset_external_id,
        external_id=row.external_id,
        amount_minor=row.amount_minor,
        update_type=UpdateType(row.update_type),
        at=row.at,
        day=row.day,
        counter_account=register.chart.by_id.get(row.counter_account_id),
        memo=row.memo,
        metadata=row.metadata,
        reference_number=row.reference_number,
        transaction_tags=tuple(row.transaction_tags),
        remaining_life_months=row.remaining_life_months,
        residual_minor=row.residual_minor,
        effective_period=row.effective_period,
        posting_period=row.posting_period,
        entry_id=row.entry_id,
        archived_at=row.archived_at,
        reversal_entry_id=row.reversal_entry_id,
        value_change=row.value_change and ValueChangeType(row.value_change),
        externally_booked=row.externally_booked,
        created_at=row.created_at,
    )


def show_value_update(engine: Engine, business_id: UUID, update_id: UUID) -> ValueUpdateView:
    """One value update. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.get(connection, business_id))
        row = value_updates.one(connection, business_id, update_id)
    if row is None:
        raise NotFound("no such value update")
    return view_of(register, row)


def show_value_updates(
    engine: Engine, business_id: UUID, wanted: ValueUpdateFilter, *, after: UUID | None, limit: int
) -> list[ValueUpdateView]:
    """Up to `limit` value updates in the order in which they were recorded, from the one after `after`."""
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.get(connection, business_id))
        rows = value_updates.page(connection, business_id, wanted, after=after, limit=limit)
    return [view_of(register, row) for row in rows]
