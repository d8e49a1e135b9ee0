"""What a business and its asset types are, as plain values.

Whoever makes one of these has checked it (register_csv.py, the API's routes); nothing here reads raw input.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.calendar import FiscalCalendar, Period, due_at
from bookvalue.domain.terms import AccountingBasis, AssetAccounts, AssetKind, AutoClose, JournalGrain, LockPolicy


@dataclass(frozen=True, slots=True)
class Business:
    """One set of books, in one currency. `key` is its own short name in files and commands.

    books_start: the first day for which these books charge depreciation. close_after_days and close_at
    (local time) put off the close after a period's last day; auto_lock_after_days later it is locked, None for never.
    The accounts are what a disposal books its result to, by code or stable name.
    """

    key: str
    name: str
    currency: str
    time_zone: str
    fiscal_calendar: FiscalCalendar
    books_start: date
    accounting_basis: AccountingBasis = AccountingBasis.ACCRUAL
    number_prefix: str = "FA-"
    auto: AutoClose = AutoClose.CLOSE
    close_after_days: int = 0
    close_at: time = time(0, 0)
    grain: JournalGrain = JournalGrain.ACCOUNT
    lock_policy: LockPolicy = LockPolicy.NEXT_OPEN
    auto_lock_after_days: int | None = None
    asset_accounts: AssetAccounts = AssetAccounts.PER_TYPE
    gain_account: str = "GAIN_ON_DISPOSAL"
    loss_account: str = "LOSS_ON_DISPOSAL"
    capital_gain_account: str = "CAPITAL_GAIN_ON_DISPOSAL"

    def due_at(self, period: Period) -> datetime | None:
        """When a period is due to be posted by itself, None where it never is."""
        if self.auto is AutoClose.OFF:
            return None
        return due_at(period, self.time_zone, self.close_after_days, self.close_at)

    def day_of(self, instant: datetime) -> date:
        """The calendar date of an instant where the business is."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True)
class AssetType:
    """A business's own class of assets: accounts (by code or stable name) and settings its assets start from."""

    business_key: str
    name: str
    kind: AssetKind
    ledger_account: str | None = None
    accumulated_depreciation_account: str | None = None
    depreciation_expense_account: str | None = None
    settings: DepreciationSettings | None = None
    accumulated_impairment_account: str | None = None
