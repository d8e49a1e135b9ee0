"""Runs as a consumer watches them: where each stands, what it did, and what became of each asset. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.errors import InvalidInput, NotFound
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import OutcomeStatus, RunKind, RunStatus
from bookvalue.storage import businesses, run_views
from bookvalue.storage.run_views import ChargePlace, RunPlace
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

POSTED = "posted"
"""The status and the code of an asset that was charged."""


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run. Counts and totals are None until it has ended; amounts in minor units of `currency`.

    `lease_seconds_left`: how long its worker may still work without a sign of life, below zero once that has lapsed.
    `findings`: how many assets it left uncharged, by code.
    """

    id: UUID
    book_id: UUID
    period: str
    period_start: date
    kind: str
    status: str
    generation: int
    sequence: int
    requested_by: str
    reason: str | None
    currency: str
    attempts: int
    publications: int
    expected_assets: int
    lease_seconds_left: float | None
    next_attempt_at: datetime | None
    assets: int | None
    posted_assets: int | None
    nothing_due_assets: int | None
    skipped_assets: int | None
    blocked_assets: int | None
    posted_minor: int | None
    entry_count: int | None
    error_code: str | None
    error_message: str | None
    timings: Mapping[str, Any] | None
    findings: Mapping[str, int]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one asset in a run: skipped or blocked, with the finding; or charged, one row a charge."""

    asset_id: UUID
    external_id: str
    number: str
    name: str
    status: str
    code: str
    finding: Finding | None = None
    effective_period: str | None = None
    posting_period: str | None = None
    amount_minor: int | None = None
    entry_id: UUID | None = None
    sequence: int | None = None
    effective_start: date | None = None

    @property
    def place(self) -> ChargePlace | tuple[UUID]:
        """Where it stands in its list."""
        if self.effective_start is None or self.sequence is None:
            return (self.asset_id,)
        return (self.effective_start, self.asset_id, self.sequence)


def run_detail(connection: Connection, business_id: UUID, run_id: UUID) -> RunDetail:
    """One run, in the caller's transaction. Raises NotFound."""
    row = run_views.one(connection, business_id, run_id)
    if row is None:
        raise NotFound("there is no such run")
    return _details(connection, business_id, [row])[0]


def show_run(engine: Engine, business_id: UUID, run_id: UUID) -> RunDetail:
    """One run. Raises NotFound."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        return run_detail(connection, business_id, run_id)


def show_runs(
    engine: Engine,
    business_id: UUID,
    *,
    statuses: Sequence[RunStatus] = (),
    kinds: Sequence[RunKind] = (),
    period: str | None = None,
    before: RunPlace | None = None,
    limit: int = 50,
) -> list[RunDetail]:
    """Runs, newest first. Raises InvalidInput for a name that is no period."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        start = None
        if period is not None:
            try:
                start = businesses.get(connection, business_id).value.fiscal_calendar.period_named(period).start
            except ValueError as error:
                raise InvalidInput("there is no such period", [finding("not_a_period", "period", period)]) from error
        rows = run_views.page(
            connection, business_id, statuses=statuses, kinds=kinds, period_start=start, before=before, limit=limit
        )
        return _details(connection, business_id, rows)


def _details(connection: Connection, business_id: UUID, rows: Sequence[Any]) -> list[RunDetail]:
    currency = businesses.get(connection, business_id).value.currency
    found = run_views.findings(connection, business_id, [row.id for row in rows]) if rows else {}
    given = {"period", "currency", "findings", "lease_seconds_left"}
    return [
        RunDetail(
            period=f"{row.period_start:%Y-%m}",
            currency=currency,
            findings=found.get(row.id, {}),
            lease_seconds_left=None if row.lease_seconds_left is None else float(row.lease_seconds_left),
            **{name: getattr(row, name) for name in RunDetail.__dataclass_fields__ if name not in given},
        )
        for row in rows
    ]


def show_outcomes(
    engine: Engine,
    business_id: UUID,
    run_id: UUID,
    *,
    statuses: Sequence[OutcomeStatus] = (),
    code: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Outcome]:
    """What a run left uncharged, by asset. Raises NotFound."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        if run_views.one(connection, business_id, run_id) is None:
            raise NotFound("there is no such run")
        rows = run_views.outcomes(
            connection, business_id, run_id, statuses=statuses, code=code, after=after, limit=limit
        )
    return [
        Outcome(
            row.asset_id,
            row.external_id,
            row.number,
            row.name,
            row.status,
            row.code,
            finding(row.code, row.field, row.value),
        )
        for row in rows
    ]


def show_charges(
    engine: Engine, business_id: UUID, run_id: UUID, *, after: ChargePlace | None = None, limit: int = 50
) -> list[Outcome]:
    """What a run charged, newest effective period first. Raises NotFound."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        ran = run_views.one(connection, business_id, run_id)
        if ran is None:
            raise NotFound("there is no such run")
        rows = run_views.charges(connection, business_id, ran, after=after, limit=limit)
    return [
        Outcome(
            row.asset_id,
            row.external_id,
            row.number,
            row.name,
            POSTED,
            POSTED,
            effective_period=f"{row.effective_period:%Y-%m}",
            posting_period=f"{row.posting_period:%Y-%m}",
            amount_minor=row.amount_minor,
            entry_id=row.entry_id,
            sequence=row.sequence,
            effective_start=row.effective_period,
        )
        for row in rows
    ]
