"""What a business and its asset types are, as plain values.

Whoever makes one of these has checked it (register_csv.py, the API's routes); nothing here reads raw input.
"""

from dataclasses import dataclass
from datetime import date, time

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import AccountingBasis, AssetKind, AutoClose, JournalGrain


@dataclass(frozen=True, slots=True)
class Business:
    """One set of books, in one currency. `key` is its own short name in files and commands.

    books_start: the first day for which these books charge depreciation. close_after_days and close_at
    (local time) put off the close after a period's last day.
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
