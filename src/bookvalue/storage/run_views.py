"""Runs as they are shown: pages of runs, what each found, and what became of each asset. Read-only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_

from bookvalue.domain.terms import OutcomeStatus, RunKind, RunStatus
from bookvalue.storage.tables import asset, run, run_outcome, value_update

RunPlace = tuple[datetime, date, UUID]
"""Where a run stands in the list: when it was made, its period, its id."""
ChargePlace = tuple[date, UUID, int]
"""Where a charge stands in the list: its effective period, its asset, its sequence."""


def _shown(business_id: UUID) -> Select[Any]:
    left = func.extract("epoch", run.c.lease_until - func.clock_timestamp()).label("lease_seconds_left")
    return select(run, left).where(run.c.business_id == business_id)


def page(
    connection: Connection,
    business_id: UUID,
    *,
    statuses: Sequence[RunStatus],
    kinds: Sequence[RunKind],
    period_start: date | None,
    before: RunPlace | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The business's runs, newest first, from the one after the place `before`."""
    place = tuple_(run.c.created_at, run.c.period_start, run.c.id)
    query = _shown(business_id)
    if statuses:
        query = query.where(run.c.status.in_(statuses))
    if kinds:
        query = query.where(run.c.kind.in_(kinds))
    if period_start is not None:
        query = query.where(run.c.period_start == period_start)
    if before is not None:
        query = query.where(place < tuple_(*before))
    ordered = query.order_by(run.c.created_at.desc(), run.c.period_start.desc(), run.c.id.desc())
    return connection.execute(ordered.limit(limit)).all()


def one(connection: Connection, business_id: UUID, run_id: UUID) -> Row[Any] | None:
    """One run, or None."""
    return connection.execute(_shown(business_id).where(run.c.id == run_id)).one_or_none()


def findings(connection: Connection, business_id: UUID, run_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many assets each run left uncharged, by code."""
    counted: dict[UUID, dict[str, int]] = {}
    outcome = run_outcome.c
    query = (
        select(outcome.run_id, outcome.code, func.count())
        .where(outcome.business_id == business_id, outcome.run_id.in_(run_ids))
        .group_by(outcome.run_id, outcome.code)
        .order_by(outcome.run_id, outcome.code)
    )
    for run_id, code, count in connection.execute(query):
        counted.setdefault(run_id, {})[code] = count
    return counted


def outcomes(
    connection: Connection,
    business_id: UUID,
    run_id: UUID,
    *,
    statuses: Sequence[OutcomeStatus],
    code: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """What the run left uncharged, by asset, from the one after the asset `after`."""
    outcome = run_outcome.c
    conditions: list[ColumnElement[bool]] = [outcome.business_id == business_id, outcome.run_id == run_id]
    if statuses:
        conditions.append(outcome.status.in_(statuses))
    if code is not None:
        conditions.append(outcome.code == code)
    if after is not None:
        conditions.append(outcome.asset_id > after)
    return connection.execute(
        select(run_outcome, asset.c.external_id, asset.c.number, asset.c.name)
        .join(asset, (asset.c.business_id == outcome.business_id) & (asset.c.id == outcome.asset_id))
        .where(*conditions)
        .order_by(outcome.asset_id)
        .limit(limit)
    ).all()


def charges(
    connection: Connection, business_id: UUID, ran: Row[Any], *, after: ChargePlace | None, limit: int
) -> Sequence[Row[Any]]:
    """What a run charged, newest effective period first, from the one after the place `after`."""
    update = value_update.c
    query = (
        select(value_update, asset.c.external_id, asset.c.number, asset.c.name)
        .join(asset, (asset.c.business_id == update.business_id) & (asset.c.id == update.asset_id))
        .where(
            update.business_id == business_id,
            update.book_id == ran.book_id,
            update.run_id == ran.id,
            update.effective_period <= ran.period_start,
        )
        .order_by(update.effective_period.desc(), update.asset_id, update.sequence)
        .limit(limit)
    )
    if after is not None:
        period, *place = after
        behind = tuple_(update.asset_id, update.sequence) > tuple_(*place)
        query = query.where((update.effective_period < period) | ((update.effective_period == period) & behind))
    return connection.execute(query).all()
