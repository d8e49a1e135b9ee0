"""The persisted words of the business, each with its meaning in one line.

Every value is stored or sent, so it is frozen once released. Must not hold behaviour: a rule about a
word lives on the floor that asks the question.
"""

from enum import StrEnum


class Method(StrEnum):
    """How an asset's depreciable amount is charged over time (SEMANTICS section 2)."""

    NONE = "none"  # never charged by a run: land, assets under construction
    FULL = "full"  # the whole depreciable amount on the start date
    STRAIGHT_LINE = "straight_line"  # equal parts over a life, or a rate of the depreciable amount a year
    DECLINING_BALANCE = "declining_balance"  # a rate of the book value at the start of each fiscal year


class Averaging(StrEnum):
    """How part of a year counts."""

    FULL_MONTH = "full_month"  # months / 12; the month of the start counts whole
    ACTUAL_DAYS = "actual_days"  # days held / 365, a fiscal year never more than 1; the start day counts


class AssetKind(StrEnum):
    """What sort of thing an asset is (seed 002)."""

    RIGHT_OF_USE_ASSET = "RIGHT_OF_USE_ASSET"  # a leased thing, used but not owned
    VEHICLE = "VEHICLE"
    EQUIPMENT = "EQUIPMENT"
    GOODWILL = "GOODWILL"


class AssetStatus(StrEnum):
    """Where an asset is in its life; only registered assets depreciate."""

    DRAFT = "draft"  # described, not yet in the books
    REGISTERED = "registered"  # in the books
    DISPOSED = "disposed"  # gone; kept for the record


class AccountType(StrEnum):
    """Which side of the books an account is on."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class AccountingBasis(StrEnum):
    """When a business recognises value changes (seed 002)."""

    ACCRUAL = "accrual"
    CASH = "cash"  # value updates have no effect on the books; a close skips the assets


class UpdateType(StrEnum):
    """The kind of a value update (seed 000)."""

    DEPRECIATION_AMORTIZATION = "DEPRECIATION_AMORTIZATION"  # lowers the book value; debit expense, credit accumulated


class PeriodStatus(StrEnum):
    """open -> closing -> closed -> locked; nothing is posted into a closed or locked period."""

    OPEN = "open"  # takes postings
    CLOSING = "closing"  # held by one live closing run, which alone may post
    CLOSED = "closed"  # final unless reopened with a reason
    LOCKED = "locked"  # final


class RunKind(StrEnum):
    """Why a run exists."""

    SCHEDULED = "scheduled"  # planned because the period ended
    ON_DEMAND = "on_demand"  # a person asked for a period that has ended
    RERUN = "rerun"  # posts the difference between should-be and posted


class RunStatus(StrEnum):
    """Where a run stands; run.py holds the transitions."""

    QUEUED = "queued"  # waits to be claimed
    RUNNING = "running"  # claimed: a worker holds the lease
    RETRY_WAIT = "retry_wait"  # failed for a passing cause; tried again at next_attempt_at
    POSTED = "posted"  # everything due is posted
    POSTED_WITH_EXCEPTIONS = "posted_with_exceptions"  # at least one asset blocked, the rest posted
    BLOCKED = "blocked"  # nothing could be posted, for a cause of the whole run
    FAILED = "failed"  # gave up; needs a person


class OutcomeStatus(StrEnum):
    """What a run did with an asset it did not charge."""

    SKIPPED = "skipped"  # nothing is to be charged, and that is right
    BLOCKED = "blocked"  # something is missing: the finding says what to mend


class AutoClose(StrEnum):
    """How far a book goes without a person."""

    OFF = "off"  # nothing is planned
    POST = "post"  # charges are posted, a person closes
    CLOSE = "close"  # charges are posted and the period closed


class LockPolicy(StrEnum):
    """Where a charge goes whose own period is no longer open."""

    NEXT_OPEN = "next_open"  # the first open period, marked as catch-up


class JournalGrain(StrEnum):
    """How finely a close writes its journal entries."""

    ACCOUNT = "account"  # one entry per effective period, a line per account
    ASSET = "asset"  # one entry per value update
