"""Periods as they are shown: pages of periods with their last run, and the balances one closed with. Read-only."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from bookvalue.domain.terms import PeriodStatus
from bookvalue.storage.tables import account, period, period_balance, run


def _shown(business_id: UUID, book_id: UUID) -> Select[Any]:
    return (
        select(period, run.c.status.label("run_status"))
        .outerjoin(run, (run.c.business_id == period.c.business_id) & (run.c.id == period.c.last_run_id))
        .where(period.c.business_id == business_id, period.c.book_id == book_id)
    )


def page(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    *,
    statuses: Sequence[PeriodStatus],
    after: date | None,
    limit: int | None,
) -> Sequence[Row[Any]]:
    """The book's periods, oldest first, from the one after the one that starts on `after`."""
    query = _shown(business_id, book_id).order_by(period.c.period_start).limit(limit)
    if statuses:
        query = query.where(period.c.status.in_(statuses))
    if after is not None:
        query = query.where(period.c.period_start > after)
    return connection.execute(query).all()


def one(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> Row[Any] | None:
    """One period, or None."""
    return connection.execute(_shown(business_id, book_id).where(period.c.period_start == start)).one_or_none()


def balances(
    connection: Connection, business_id: UUID, book_id: UUID, start: date, generation: int
) -> Sequence[Row[Any]]:
    """What each account stood at when the period closed in this generation, by the account's code."""
    kept = period_balance.c
    return connection.execute(
        select(period_balance, account.c.code, account.c.stable_name, account.c.name)
        .join(account, (account.c.business_id == kept.business_id) & (account.c.id == kept.account_id))
        .where(
            kept.business_id == business_id,
            kept.book_id == book_id,
            kept.period_start == start,
            kept.generation == generation,
        )
        .order_by(account.c.code)
    ).all()
