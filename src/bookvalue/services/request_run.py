"""A person asks for the run of a period: the same run as the planner's, only sooner, and it closes the period.

The same request any number of times, at the same time or later, is one run: the live one, the one that has answered it
by the facts as they are, or a new one, decided by one snapshot and refused by unique keys where that has moved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bookvalue.domain.calendar import due_at
from bookvalue.domain.errors import (
    ConcurrentChange,
    Forbidden,
    InvalidInput,
    NotFound,
    PeriodNotEnded,
    PeriodNotOpen,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import AutoClose, PeriodStatus, RunKind, RunStatus
from bookvalue.services import reopen_period
from bookvalue.services.show_runs import RunDetail, run_detail
from bookvalue.storage import audit, businesses, run_requests
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

TRIES = 20
"""How often a request is decided again because somebody else's run came in between."""


class AskedKind(StrEnum):
    """What a person may ask for."""

    ON_DEMAND = "on_demand"  # the run of a period that has ended, now
    RERUN = "rerun"  # posts the difference between should-be and posted; reopens a closed period
    UNPLANNED = "unplanned"  # to a date, outside the cycle
    PREVIEW = "preview"  # computes, posts nothing
    ROLLBACK = "rollback"  # by reversal


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked for. `book_id` None: the posting book."""

    kind: AskedKind
    period: str | None
    book_id: UUID | None = None
    asset_ids: Sequence[UUID] | None = None
    through: date | None = None
    reason: str | None = None


def request_run(
    engine: Engine, business_id: UUID, period_name: str, *, now: datetime, actor: str, reason: str | None = None
) -> UUID:
    """Queues an on-demand run of the posting book's period, or returns the one that answers it already.

    Raises as answer_run_request does.
    """
    asked = RunRequest(AskedKind.ON_DEMAND, period_name, reason=reason)
    return answer_run_request(engine, business_id, asked, now=now, actor=actor).id


def answer_run_request(
    engine: Engine,
    business_id: UUID,
    asked: RunRequest,
    *,
    now: datetime,
    actor: str,
    may_reopen: bool = False,
    keep: Callable[[Connection, RunDetail], None] = lambda _connection, _run: None,
) -> RunDetail:
    """The run that answers the request, new or not; `keep` is called right before the commit.

    Raises InvalidInput (what is not known or not built yet), PeriodNotEnded, NotFound (an earlier period is still to be
    posted), PeriodNotOpen (closed with facts changed since, or locked), and for a rerun of a closed period
    Forbidden and what reopen_period raises.
    """
    name = _supported(asked)
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.get(connection, business_id)
        start = _ended(kept, name, now)
        if asked.book_id not in (None, kept.book_id):
            raise NotFound("there is no such book")
        answer = run_detail(connection, business_id, _decide(connection, kept, start, asked, actor, may_reopen))
        keep(connection, answer)
        connection.commit()
    return answer


def _supported(asked: RunRequest) -> str:
    """The period's name. Raises InvalidInput for what cannot be asked for yet."""
    found: list[Finding] = []
    if asked.kind not in (AskedKind.ON_DEMAND, AskedKind.RERUN):
        found.append(_not_supported("kind", asked.kind.value, "use on_demand or rerun"))
    else:
        if asked.through is not None:
            found.append(_not_supported("through", asked.through.isoformat(), "give the period instead"))
        if asked.period is None:
            found.append(finding("required", "period"))
    if asked.asset_ids is not None:
        found.append(
            _not_supported("asset_ids", len(asked.asset_ids), "leave asset_ids out: a run takes the whole book")
        )
    if found or asked.period is None:
        raise InvalidInput("this run cannot be asked for", found)
    return asked.period


def _not_supported(field: str, value: Any, remedy: str) -> Finding:
    return Finding("not_supported_yet", field, value, f"{field} is not supported yet", remedy)


def _ended(kept: KeptBusiness, name: str, now: datetime) -> date:
    """The first day of a period that has ended where the business is."""
    try:
        asked = kept.value.fiscal_calendar.period_named(name)
    except ValueError as error:
        raise InvalidInput("there is no such period", [finding("not_a_period", "period", name)]) from error
    if due_at(asked, kept.value.time_zone) > now:
        raise PeriodNotEnded(f"period {asked.name} ends on {asked.end} in {kept.value.time_zone}")
    return asked.start


def _decide(
    connection: Connection, kept: KeptBusiness, start: date, asked: RunRequest, actor: str, may_reopen: bool
) -> UUID:
    """The run that answers; adds it where there is none. Each turn goes by one snapshot of where the period stands."""
    held = False
    for _ in range(TRIES):
        found = run_requests.standing(connection, kept.id, kept.book_id, start)
        if found is None:
            raise NotFound(f"period {start:%Y-%m} is not open for posting yet",
                           remedy="post the periods before it first")  # fmt: skip
        closed = found.status in (PeriodStatus.CLOSED, PeriodStatus.LOCKED)
        if closed:
            answered = _answered(connection, kept, start, asked, found, may_reopen)
        else:
            answered = found.alive_id or (found.last_run_id if _stands(found) else None)
        if answered is not None:
            if answered == found.alive_id and kept.value.auto is not AutoClose.CLOSE:
                _take_over(connection, kept, answered, asked, actor)
            return answered
        if closed:  # to be reopened, by a state that nobody can change meanwhile
            if held:
                reopen_period.reopen(connection, kept, start, actor=actor, reason=asked.reason)
            else:
                reopen_period.hold(connection, kept, start)
                held = True
            continue
        run_id = uuid7()
        if run_requests.add(
            connection, kept.id, kept.book_id, start, found, run_id=run_id, kind=RunKind(asked.kind.value),
            requested_by=actor, reason=asked.reason,
        ):  # fmt: skip
            _note(connection, kept, run_id, f"{start:%Y-%m}", asked, actor)
            return run_id
    raise ConcurrentChange(f"runs of period {start:%Y-%m} come and go faster than one can be asked for")


def _take_over(connection: Connection, kept: KeptBusiness, run_id: UUID, asked: RunRequest, actor: str) -> None:
    """In a book that by itself only posts, the planner's waiting run becomes the run of the person, and closes."""
    if run_requests.take_over(connection, kept.id, run_id, requested_by=actor, reason=asked.reason):
        _note(connection, kept, run_id, asked.period, asked, actor)


def _note(
    connection: Connection, kept: KeptBusiness, run_id: UUID, period: str | None, asked: RunRequest, actor: str
) -> None:
    audit.record(
        connection, kept.id, actor=actor, action="run.requested", subject=f"run/{run_id}", reason=asked.reason,
        details={"period": period},
    )  # fmt: skip


def _answered(
    connection: Connection, kept: KeptBusiness, start: date, asked: RunRequest, found: Any, may_reopen: bool
) -> UUID | None:
    """The run that answers for a closed period, by its stored fact version; None where a rerun is to reopen it."""
    rerun = asked.kind is AskedKind.RERUN
    if rerun and found.status == PeriodStatus.LOCKED:
        raise PeriodNotOpen(f"period {start:%Y-%m} is locked", remedy="a locked period is final")
    if rerun and not may_reopen:
        raise Forbidden(
            f"period {start:%Y-%m} is closed: a rerun reopens it, which needs periods.close",
            remedy="ask with the scope periods.close",
        )
    if rerun and (asked.reason is None or not asked.reason.strip()):
        raise InvalidInput("a closed period is reopened for a reason", [finding("required", "reason")])
    answered = run_requests.answering(connection, kept.id, kept.book_id, start)
    if answered is None and not rerun:
        raise PeriodNotOpen(
            f"period {start:%Y-%m} is {found.status}, and facts have changed since",
            remedy="a locked period is final: the next open one takes the difference"
            if found.status == PeriodStatus.LOCKED
            else "ask for a rerun, which reopens a closed period; or leave the difference to the next open one",
        )
    return answered


def _stands(found: Any) -> bool:
    """Whether the last run of an open period would come out the same again: blocked assets, and no fact since."""
    return bool(
        found.last_status == RunStatus.POSTED_WITH_EXCEPTIONS
        and found.last_generation == found.generation
        and found.last_fact_version == found.fact_version
    )
