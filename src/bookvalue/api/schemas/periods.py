"""Periods over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bookvalue.api.schemas.base import In, Name, Out, Text
from bookvalue.domain.terms import PeriodStatus, RunStatus
from bookvalue.services.list_halts import Halt
from bookvalue.services.show_periods import AccountBalance, PeriodDetail


class LockIn(In):
    """Why the period is locked, if that is to be kept."""

    reason: Text | None = None


class ReopenIn(In):
    """Why the period is reopened; kept in the audit trail."""

    reason: Annotated[Name, Field(examples=["the invoice of June was registered with a wrong cost"])]


class PeriodRun(Out):
    """The last run of a period that ended."""

    id: UUID
    status: RunStatus | None


class PeriodHalt(Out):
    """Why a period stands still: its last run gave up, and waits for a person."""

    run_id: UUID
    status: RunStatus = Field(description="`failed` or `blocked`.")
    code: str = Field(description="The run's error.", examples=["attempts_used_up"])
    since: datetime
    remedy: str


class PeriodTotals(Out):
    """What the period was closed with; null until then."""

    currency: str
    charged_minor: int | None
    entries: int | None


class BalanceOut(Out):
    """What an account stood at when the period closed; opening and closing with debit positive."""

    account_id: UUID
    code: str
    stable_name: str | None
    name: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


class PeriodOut(Out):
    """A period of the posting book."""

    period: str = Field(description="The month in which it begins, YYYY-MM.", examples=["2026-10"])
    book_id: UUID
    period_start: date
    period_end: date
    status: PeriodStatus
    generation: int = Field(description="How often it was reopened.")
    lock_version: int
    due_at: datetime | None = Field(description="When it closes by itself; null: never.")
    run: PeriodRun | None
    halt: PeriodHalt | None = Field(description="Why it stands still, and what to do; null where it does not.")
    blocked_assets: int
    totals: PeriodTotals
    content_hash: str | None = Field(description="SHA-256 of what it was closed with, chained on the period before.")
    closed_at: datetime | None
    locked_at: datetime | None


class PeriodWithBalances(PeriodOut):
    """A period, with the balances that it was closed with; none until then."""

    balances: list[BalanceOut]


def period_out(period: PeriodDetail) -> PeriodOut:
    """A period as it is shown in a list."""
    return PeriodOut(
        period=period.name,
        book_id=period.book_id,
        period_start=period.period_start,
        period_end=period.period_end,
        status=PeriodStatus(period.status),
        generation=period.generation,
        lock_version=period.lock_version,
        due_at=period.due_at,
        run=None if period.last_run_id is None else PeriodRun(id=period.last_run_id, status=_status(period.run_status)),
        halt=None if period.halt is None else _halt(period.halt),
        blocked_assets=period.blocked_assets,
        totals=PeriodTotals(currency=period.currency, charged_minor=period.charged_minor, entries=period.entry_count),
        content_hash=period.content_hash,
        closed_at=period.closed_at,
        locked_at=period.locked_at,
    )


def period_with_balances(period: PeriodDetail) -> PeriodWithBalances:
    """A period as it is shown by itself."""
    members = {name: getattr(period_out(period), name) for name in PeriodOut.model_fields}
    return PeriodWithBalances(**members, balances=[_balance(entry) for entry in period.balances or ()])


def _halt(halt: Halt) -> PeriodHalt:
    return PeriodHalt(**{name: getattr(halt, name) for name in PeriodHalt.model_fields})


def _status(status: str | None) -> RunStatus | None:
    return None if status is None else RunStatus(status)


def _balance(entry: AccountBalance) -> BalanceOut:
    return BalanceOut(**{name: getattr(entry, name) for name in BalanceOut.model_fields})
