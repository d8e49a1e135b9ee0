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
    FIXED_RATE_DECLINING = "fixed_rate_declining"  # declining at 1 - (residual / cost) ^ (1 / life in years)
    SUM_OF_YEARS_DIGITS = "sum_of_years_digits"  # n, n - 1, ... 1 parts, a part for each asset year
    UNITS_OF_PRODUCTION = "units_of_production"  # by units used of the units that the asset will give
    MANUAL = "manual"  # a table of dated amounts


class Averaging(StrEnum):
    """How part of a year counts."""

    FULL_MONTH = "full_month"  # months / 12; the month of the start counts whole, that of the disposal not at all
    FOLLOWING_MONTH = "following_month"  # as full_month, from the month after the start
    HALF_MONTH = "half_month"  # a start on day 1 to 15 counts from that month, later from the next
    MID_MONTH = "mid_month"  # half a month in the months of start, disposal and end of life
    HALF_YEAR = "half_year"  # half a year in the fiscal years of start, disposal and end of life
    MID_QUARTER = "mid_quarter"  # the year of start counts from the middle of the start's fiscal quarter
    ACTUAL_DAYS = "actual_days"  # days held / day basis, a fiscal year never more than 1; the start day counts
    DAYS_360 = "days_360"  # thirty-day months, 360-day years (30E/360)
    PARTIAL_MONTH_BY_DAYS = "partial_month_by_days"  # part months by their days, whole months equal
    FULL_YEAR = "full_year"  # each fiscal year touched counts whole, that of the disposal not at all


class DayBasis(StrEnum):
    """The denominator of `actual_days`."""

    DAYS_365 = "365"  # 365 in every fiscal year
    ACTUAL = "actual"  # the days in the fiscal year
    DAYS_360 = "360"  # 360 in every fiscal year
    LIFE = "life"  # the days in the whole life


class DecliningBase(StrEnum):
    """What a declining rate is taken of."""

    GROSS = "gross"  # the book value; the residual value is a floor
    NET_OF_RESIDUAL = "net_of_residual"  # the book value less the residual value


class DecliningWithinYear(StrEnum):
    """How often a declining balance starts from a new book value."""

    EVEN = "even"  # each fiscal year, the year's charge spread by the averaging rule
    COMPOUND = "compound"  # each fiscal month


class EndOfLife(StrEnum):
    """What a declining balance does with what is left at the end of its life."""

    LEAVE = "leave"  # leaves it
    TRUE_UP = "true_up"  # takes it in the last month or day of the life, down to the residual value


class StraightLineBase(StrEnum):
    """What straight line divides by the life."""

    DEPRECIABLE = "depreciable"  # cost less residual value
    COST = "cost"  # cost, until the residual value is reached


class Rounding(StrEnum):
    """Which amounts are rounded to minor units."""

    CUMULATIVE = "cumulative"  # what has accumulated
    PER_PERIOD = "per_period"  # each month of the book; the last month of the life takes the difference
    FISCAL_YEAR = "fiscal_year"  # each fiscal year's total; its last charged month takes the difference


class ChangePolicy(StrEnum):
    """How a change of value or estimate counts."""

    REMAINING_LIFE = "remaining_life"  # from its date: the book value spreads over what is left of the life
    CURRENT_PERIOD = "current_period"  # as if from the fiscal year's start, the difference booked now


class Frequency(StrEnum):
    """How long the periods of a schedule are: fiscal periods, whole ones."""

    MONTHLY = "monthly"  # fiscal months
    QUARTERLY = "quarterly"  # three months, from the fiscal year's start
    HALF_YEARLY = "half_yearly"  # six months, from the fiscal year's start
    YEARLY = "yearly"  # fiscal years


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


class AssetAccounts(StrEnum):
    """Where a business carries the cost of an asset that names no account."""

    PER_TYPE = "per_type"  # on its type's account
    PER_ASSET = "per_asset"  # on an account of its own under Fixed Assets, made with the asset (seed 002)


class UpdateType(StrEnum):
    """The kind of a value update (seed 000)."""

    DEPRECIATION_AMORTIZATION = "DEPRECIATION_AMORTIZATION"  # lowers the book value; debit expense, credit accumulated
    IMPAIRMENT = "IMPAIRMENT"  # lowers the book value below what depreciation has left of it
    REVALUATION_DOWN = "REVALUATION_DOWN"  # lowers the book value to a new valuation
    IMPROVEMENT = "IMPROVEMENT"  # raises the book value by what was spent on the asset
    REVALUATION_UP = "REVALUATION_UP"  # raises the book value to a new valuation


class CostMovement(StrEnum):
    """What posts an asset's cost itself: kept beside value updates, and never one that somebody records."""

    ACQUISITION = "ACQUISITION"  # registering, with an account that paid for it; debit asset, credit that account


class ValueChangeType(StrEnum):
    """How a change of value stands to the plan of an asset (seed 003)."""

    LINEAR = "linear"  # the plan itself: what runs charge
    MANUAL = "manual"  # beside the plan, which goes on unchanged
    ARBITRARY = "arbitrary"  # from its date on the plan is made anew
    DIVESTMENT = "divestment"  # the whole value leaves the books, and is a result; the asset is disposed of
    FULL_DEPRECIATION = "full_depreciation"  # the whole value is depreciated; the asset is disposed of


class EntryKind(StrEnum):
    """What made a journal entry."""

    DEPRECIATION = "depreciation"  # charges of one effective period
    VALUE_UPDATE = "value_update"  # one value update that somebody recorded
    ACQUISITION = "acquisition"  # the cost of an asset that was registered
    DISPOSAL = "disposal"  # an asset leaves the books
    REVERSAL = "reversal"  # the mirror image of another entry


class DisposalReason(StrEnum):
    """Why an asset leaves the books (seed 003)."""

    OUT_OF_USE = "out_of_use"
    SOLD = "sold"
    PRIVATE_WITHDRAWAL = "private_withdrawal"  # the owner took it
    DIVESTED = "divested"


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
    REFUSE = "refuse"  # nowhere: a fact of a period that is no longer open is refused
    SPREAD_REMAINING = "spread_remaining"  # over what is left: the fact takes effect from the first open period


class JournalGrain(StrEnum):
    """How finely a close writes its journal entries."""

    ACCOUNT = "account"  # one entry per effective period, a line per account
    ASSET = "asset"  # one entry per value update
