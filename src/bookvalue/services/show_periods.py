"""Periods of a business's posting book as a consumer sees them, with what they were closed with. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.errors import NotFound
from bookvalue.domain.terms import PeriodStatus
from bookvalue.services.list_halts import Halt, halts_by_start
from bookvalue.storage import businesses, period_views
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What an account stood at when the period closed, in minor units; opening and closing with debit positive."""

    account_id: UUID
    code: str
    stable_name: str | None
    name: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class PeriodDetail:
    """One period. What it was closed with is None until it is closed; `balances` only where one period is asked for.

    `halt`: why it stands still, where its last run gave up.
    """

    name: str
    book_id: UUID
    period_start: date
    period_end: date
    status: str
    generation: int
    lock_version: int
    due_at: datetime | None
    last_run_id: UUID | None
    run_status: str | None
    blocked_assets: int
    currency: str
    charged_minor: int | None
    entry_count: int | None
    content_hash: str | None
    closed_at: datetime | None
    locked_at: datetime | None
    halt: Halt | None
    balances: tuple[AccountBalance, ...] | None = None


def start_of(kept: KeptBusiness, name: str) -> date:
    """The first day of a period by its name (YYYY-MM). Raises NotFound: what is no period is not there."""
    try:
        return kept.value.fiscal_calendar.period_named(name).start
    except ValueError as error:
        raise NotFound(
            "there is no such period", remedy="write the period as YYYY-MM, the month it begins in"
        ) from error


def period_detail(connection: Connection, kept: KeptBusiness, start: date) -> PeriodDetail:
    """One period with its balances, in the caller's transaction. Raises NotFound."""
    row = period_views.one(connection, kept.id, kept.book_id, start)
    if row is None:
        raise NotFound("there is no such period", remedy="a period opens when the one before it is posted")
    rows = period_views.balances(connection, kept.id, kept.book_id, start, row.generation)
    balances = tuple(
        AccountBalance(**{name: getattr(entry, name) for name in AccountBalance.__dataclass_fields__}) for entry in rows
    )
    return _detail(kept, row, halts_by_start(connection, kept.id, kept.value.key), balances)


def show_period(engine: Engine, business_id: UUID, name: str) -> PeriodDetail:
    """One period with its balances. Raises NotFound."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        kept = businesses.get(connection, business_id)
        return period_detail(connection, kept, start_of(kept, name))


def show_periods(
    engine: Engine,
    business_id: UUID,
    *,
    statuses: Sequence[PeriodStatus] = (),
    after: date | None = None,
    limit: int | None = 50,
) -> list[PeriodDetail]:
    """Periods, oldest first, from the one after the one that starts on `after`; all of them without a limit."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        kept = businesses.get(connection, business_id)
        rows = period_views.page(connection, business_id, kept.book_id, statuses=statuses, after=after, limit=limit)
        halts = halts_by_start(connection, business_id, kept.value.key)
    return [_detail(kept, row, halts, None) for row in rows]


def _detail(
    kept: KeptBusiness, row: Any, halts: Mapping[date, Halt], balances: tuple[AccountBalance, ...] | None
) -> PeriodDetail:
    given = {"name", "currency", "halt", "balances"}
    return PeriodDetail(
        name=f"{row.period_start:%Y-%m}",
        currency=kept.value.currency,
        halt=halts.get(row.period_start),
        balances=balances,
        **{name: getattr(row, name) for name in PeriodDetail.__dataclass_fields__ if name not in given},
    )
