"""Runs over HTTP: what may be asked for, and how a run and its outcomes are shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bookvalue.api.schemas.base import Choice, Day, Id, In, Out, Text
from bookvalue.domain.run import MAX_ATTEMPTS
from bookvalue.domain.terms import RunKind, RunStatus
from bookvalue.services.request_run import AskedKind, RunRequest
from bookvalue.services.show_runs import Outcome, RunDetail

PeriodName = Annotated[Text, Field(description="The month in which the period begins, YYYY-MM.", examples=["2026-10"])]

_PHASES = {
    RunStatus.QUEUED: "waiting",
    RunStatus.RUNNING: "working",
    RunStatus.RETRY_WAIT: "waiting_to_retry",
}


class RunIn(In):
    """A run to be made."""

    kind: Choice[AskedKind]
    period: PeriodName | None = None
    book_id: Annotated[Id | None, Field(description="The posting book, where it is left out.")] = None
    asset_ids: Annotated[list[Id] | None, Field(max_length=1000, description="Not supported yet.")] = None
    through: Annotated[Day | None, Field(description="For `unplanned`; not supported yet.")] = None
    reason: Annotated[Text | None, Field(description="Required for a rerun of a closed period.")] = None

    def asked(self) -> RunRequest:
        """What the service takes."""
        return RunRequest(self.kind, self.period, self.book_id, self.asset_ids, self.through, self.reason)


class RunProgress(Out):
    """How far a run is."""

    phase: str = Field(
        description="`waiting`, `working`, `overdue` (no sign of life of its worker in time; another takes over), "
        "`waiting_to_retry` or `ended`."
    )
    attempts: int
    most_attempts: int
    publications: int
    expected_assets: int
    lease_seconds_left: float | None
    next_attempt_at: datetime | None


class RunCounts(Out):
    """How many assets came to what."""

    assets: int | None
    posted: int | None
    nothing_due: int | None
    skipped: int | None
    blocked: int | None


class RunTotals(Out):
    """What the run has posted."""

    currency: str
    posted_minor: int | None
    entries: int | None


class RunError(Out):
    """Why the run did not post, or not yet."""

    code: str
    message: str


class RunLinks(Out):
    """Where to go on from here."""

    self: str
    outcomes: str
    period: str
    journal_entries: str


class RunOut(Out):
    """A run."""

    id: UUID
    book_id: UUID
    kind: RunKind
    status: RunStatus
    period: str
    generation: int
    sequence: int
    requested_by: str
    reason: str | None
    progress: RunProgress
    counts: RunCounts
    totals: RunTotals
    timings: Mapping[str, float] | None = Field(description="Seconds a step.")
    findings: Mapping[str, int] = Field(description="Assets that were not charged, by code.")
    error: RunError | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    links: RunLinks


class FindingOut(Out):
    """What is wrong with an asset, and what to do about it."""

    code: str
    field: str | None
    value: Any
    message: str
    remedy: str


class OutcomeOut(Out):
    """What became of an asset; for a charged one a row for each charge."""

    asset_id: UUID
    external_id: str
    number: str
    name: str
    status: str = Field(description="`posted`, `skipped` or `blocked`.")
    code: str
    finding: FindingOut | None
    effective_period: str | None
    posting_period: str | None
    amount_minor: int | None
    entry_id: UUID | None


def run_path(business_id: UUID, run_id: UUID) -> str:
    """Where a run is."""
    return f"/v1/businesses/{business_id}/runs/{run_id}"


def run_out(business_id: UUID, run: RunDetail) -> RunOut:
    """A run as it is shown."""
    place = run_path(business_id, run.id)
    status = RunStatus(run.status)
    phase = _PHASES.get(status, "ended")
    if phase == "working" and run.lease_seconds_left is not None and run.lease_seconds_left < 0:
        phase = "overdue"
    return RunOut(
        id=run.id,
        book_id=run.book_id,
        kind=RunKind(run.kind),
        status=status,
        period=run.period,
        generation=run.generation,
        sequence=run.sequence,
        requested_by=run.requested_by,
        reason=run.reason,
        progress=RunProgress(
            phase=phase,
            attempts=run.attempts,
            most_attempts=MAX_ATTEMPTS,
            publications=run.publications,
            expected_assets=run.expected_assets,
            lease_seconds_left=run.lease_seconds_left,
            next_attempt_at=run.next_attempt_at,
        ),
        counts=RunCounts(
            assets=run.assets,
            posted=run.posted_assets,
            nothing_due=run.nothing_due_assets,
            skipped=run.skipped_assets,
            blocked=run.blocked_assets,
        ),
        totals=RunTotals(currency=run.currency, posted_minor=run.posted_minor, entries=run.entry_count),
        timings=run.timings,
        findings=run.findings,
        error=_error(run),
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        links=RunLinks(
            self=place,
            outcomes=f"{place}/outcomes",
            period=f"/v1/businesses/{business_id}/periods/{run.period}",
            journal_entries=f"/v1/businesses/{business_id}/journal-entries?run_id={run.id}",
        ),
    )


def _error(run: RunDetail) -> RunError | None:
    if run.error_code is None:
        return None
    inside = run.error_code == "integrity_violation"  # its message is for whoever reads the log
    message = "a check failed, nothing was posted; the log has more under the run's id" if inside else run.error_message
    return RunError(code=run.error_code, message=message or run.error_code)


def outcome_out(outcome: Outcome) -> OutcomeOut:
    """An outcome as it is shown."""
    same = ("asset_id", "external_id", "number", "name", "status", "code", "effective_period", "posting_period")
    found = outcome.finding
    return OutcomeOut(
        finding=None if found is None else FindingOut(**found.as_dict()),
        amount_minor=outcome.amount_minor,
        entry_id=outcome.entry_id,
        **{name: getattr(outcome, name) for name in same},
    )
