"""Runs: ask for one, watch it, and see what became of each asset. Nothing here waits for a broker or a worker."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Page, Paging, Text, decode_cursor, encode_cursor
from bookvalue.api.schemas.runs import OutcomeOut, PeriodName, RunIn, RunOut, outcome_out, run_out, run_path
from bookvalue.api.security import Caller, caller
from bookvalue.domain.run import ALIVE
from bookvalue.domain.terms import OutcomeStatus, RunKind, RunStatus
from bookvalue.services.request_run import answer_run_request
from bookvalue.services.show_runs import POSTED, RunDetail, show_charges, show_outcomes, show_run, show_runs
from bookvalue.settings import business_now

router = APIRouter(prefix="/v1/businesses/{businessId}/runs", tags=["runs"])
May = Annotated[Caller, Depends(caller("runs"))]
RunId = Annotated[Id, Path(alias="runId", description="The id of the run.")]


class AssetOutcome(StrEnum):
    """What may become of an asset."""

    POSTED = "posted"
    SKIPPED = "skipped"
    BLOCKED = "blocked"


@router.post(
    "",
    status_code=202,
    response_model=Data[RunOut],
    responses={
        200: {
            "model": Data[RunOut],
            "description": "It is answered by a run that has ended: no fact has changed since",
        },
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
def request_run(request: Request, who: May, body: RunIn) -> Response:
    """Ask for the run of a period that has ended; it posts what is due and closes the period.

    The same request any number of times is one run: the live one (202), or the one that has ended, where no fact has
    changed since (200). A `rerun` of a closed period reopens it, which needs the scope `periods.close` and a reason.
    """

    def render(run: RunDetail) -> Answer:
        alive = RunStatus(run.status) in ALIVE
        place = run_path(who.business_id, run.id)
        return Answer(Data(data=run_out(who.business_id, run)), 202 if alive else 200, {"Location": place})

    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        answer_run_request(
            who.engine,
            who.business_id,
            body.asked(),
            now=business_now(request.app.state.settings),
            actor=who.subject,
            may_reopen="periods.close" in who.scopes,
            keep=once.keep(render),
        )
        return once.response


@router.get("", responses=problems(400, 401, 403, 404, 422, 503))
def list_runs(
    who: May,
    page: Paging,
    status: Annotated[list[RunStatus] | None, Query(description="Only in these states.")] = None,
    kind: Annotated[list[RunKind] | None, Query(description="Only of these kinds.")] = None,
    period: Annotated[PeriodName | None, Query(description="Only of this period.")] = None,
) -> Page[RunOut]:
    """Runs, newest first."""
    before = decode_cursor(page.cursor, datetime, date, UUID) if page.cursor else None
    found = show_runs(
        who.engine,
        who.business_id,
        statuses=status or (),
        kinds=kind or (),
        period=period,
        before=(before[0], before[1], before[2]) if before else None,
        limit=page.limit + 1,
    )
    shown = found[: page.limit]
    last = shown[-1] if len(found) > page.limit else None
    after = encode_cursor([last.created_at, last.period_start, last.id]) if last else None
    return Page(data=[run_out(who.business_id, run) for run in shown], next=after)


@router.get("/{runId}", responses=problems(401, 403, 404, 422, 503))
def get_run(who: May, run_id: RunId) -> Data[RunOut]:
    """One run: its progress, counts, totals, timings and findings."""
    return Data(data=run_out(who.business_id, show_run(who.engine, who.business_id, run_id)))


@router.get("/{runId}/outcomes", responses=problems(400, 401, 403, 404, 422, 503))
def list_run_outcomes(
    who: May,
    run_id: RunId,
    page: Paging,
    status: Annotated[
        AssetOutcome | None, Query(description="`posted`: the charges; else what was skipped or blocked.")
    ] = None,
    code: Annotated[Text | None, Query(description="Only with this code.")] = None,
) -> Page[OutcomeOut]:
    """What became of the assets: those not charged, with the reason and what to do; or the charges."""
    if status is AssetOutcome.POSTED:
        place = decode_cursor(page.cursor, date, UUID, int) if page.cursor else None
        found = show_charges(
            who.engine,
            who.business_id,
            run_id,
            after=(place[0], place[1], place[2]) if place else None,
            limit=page.limit + 1,
        )
        found = found if code in (None, POSTED) else []
    else:
        after: UUID | None = decode_cursor(page.cursor, UUID)[0] if page.cursor else None
        found = show_outcomes(
            who.engine,
            who.business_id,
            run_id,
            statuses=[OutcomeStatus(status)] if status else (),
            code=code,
            after=after,
            limit=page.limit + 1,
        )
    shown = found[: page.limit]
    cursor = encode_cursor(shown[-1].place) if len(found) > page.limit else None
    return Page(data=[outcome_out(outcome) for outcome in shown], next=cursor)
