"""Periods of the posting book: where they stand; lock one, reopen one."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Page, Paging, Text, decode_cursor, encode_cursor
from bookvalue.api.schemas.periods import (
    LockIn,
    PeriodOut,
    PeriodWithBalances,
    ReopenIn,
    period_out,
    period_with_balances,
)
from bookvalue.api.security import Caller, caller
from bookvalue.domain.terms import PeriodStatus
from bookvalue.services import lock_period as locking
from bookvalue.services import reopen_period as reopening
from bookvalue.services.show_periods import PeriodDetail, show_period, show_periods

router = APIRouter(prefix="/v1/businesses/{businessId}/periods", tags=["periods"])
MayRead = Annotated[Caller, Depends(caller("runs", "periods.close", "periods.lock", "periods.reopen", "journal.read"))]
MayLock = Annotated[Caller, Depends(caller("periods.lock"))]
MayReopen = Annotated[Caller, Depends(caller("periods.reopen"))]
Name = Annotated[Text, Path(alias="period", description="The month in which the period begins, YYYY-MM.")]


def _answer(period: PeriodDetail) -> Answer:
    return Answer(Data(data=period_with_balances(period)), 200)


@router.get("", responses=problems(400, 401, 403, 404, 422, 503))
def list_periods(
    who: MayRead,
    page: Paging,
    status: Annotated[list[PeriodStatus] | None, Query(description="Only in these states.")] = None,
) -> Page[PeriodOut]:
    """Periods, oldest first."""
    after: date | None = decode_cursor(page.cursor, date)[0] if page.cursor else None
    found = show_periods(who.engine, who.business_id, statuses=status or (), after=after, limit=page.limit + 1)
    shown = found[: page.limit]
    cursor = encode_cursor([shown[-1].period_start]) if len(found) > page.limit else None
    return Page(data=[period_out(period) for period in shown], next=cursor)


@router.get("/{period}", responses=problems(401, 403, 404, 422, 503))
def get_period(who: MayRead, name: Name) -> Data[PeriodWithBalances]:
    """One period, with the balances that it was closed with."""
    return Data(data=period_with_balances(show_period(who.engine, who.business_id, name)))


@router.post(
    "/{period}/lock",
    response_model=Data[PeriodWithBalances],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def lock_period(request: Request, who: MayLock, name: Name, body: LockIn | None = None) -> Response:
    """Lock a closed period for good. The periods before it must be locked; one that is locked already stays so."""
    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        locking.lock_named_period(
            who.engine,
            who.business_id,
            name,
            actor=who.subject,
            reason=body.reason if body else None,
            keep=once.keep(_answer),
        )
        return once.response


@router.post(
    "/{period}/reopen",
    response_model=Data[PeriodWithBalances],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def reopen_period(request: Request, who: MayReopen, name: Name, body: ReopenIn) -> Response:
    """Reopen the newest closed period of the book, for a reason. It is closed again by its next run."""
    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        reopening.reopen_period(
            who.engine, who.business_id, name, actor=who.subject, reason=body.reason, keep=once.keep(_answer)
        )
        return once.response
