"""The chart of accounts that a new business gets, as plain values.

Stable names are what files, settings and the seeds' requests refer to, so they are frozen once released;
codes and names are the business's to change. Must not know which account a posting uses.
"""

from dataclasses import dataclass

from bookvalue.domain.terms import AccountType


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a business: its code and stable name are each unique within the business."""

    code: str
    stable_name: str | None
    name: str
    type: AccountType

    @property
    def references(self) -> tuple[str, ...]:
        """What an asset, a type or a request may call this account by."""
        return (self.code,) if self.stable_name is None else (self.code, self.stable_name)


_ASSET, _LIABILITY, _EQUITY = AccountType.ASSET, AccountType.LIABILITY, AccountType.EQUITY
_INCOME, _EXPENSE = AccountType.INCOME, AccountType.EXPENSE

# Contra accounts are assets too: they are on that side of the balance sheet, with a credit balance.
# Land has none: it does not depreciate.
DEFAULT_CHART: tuple[Account, ...] = (
    Account("1000", "CURRENT_ASSETS", "Current Assets", _ASSET),
    Account("1010", "CASH", "Cash", _ASSET),
    Account("1100", "ACCOUNTS_RECEIVABLE", "Accounts Receivable", _ASSET),
    Account("1500", "FIXED_ASSETS", "Fixed Assets", _ASSET),
    Account("1510", "VEHICLES", "Vehicles", _ASSET),
    Account("1520", "EQUIPMENT", "Equipment", _ASSET),
    Account("1530", "COMPUTERS", "Computers", _ASSET),
    Account("1540", "FURNITURE", "Furniture", _ASSET),
    Account("1550", "BUILDINGS", "Buildings", _ASSET),
    Account("1560", "LAND", "Land", _ASSET),
    Account("1570", "RIGHT_OF_USE_ASSETS", "Right-of-Use Assets", _ASSET),
    Account("1580", "GOODWILL", "Goodwill", _ASSET),
    Account("1610", "ACCUMULATED_DEPRECIATION_VEHICLES", "Accumulated Depreciation: Vehicles", _ASSET),
    Account("1620", "ACCUMULATED_DEPRECIATION_EQUIPMENT", "Accumulated Depreciation: Equipment", _ASSET),
    Account("1630", "ACCUMULATED_DEPRECIATION_COMPUTERS", "Accumulated Depreciation: Computers", _ASSET),
    Account("1640", "ACCUMULATED_DEPRECIATION_FURNITURE", "Accumulated Depreciation: Furniture", _ASSET),
    Account("1650", "ACCUMULATED_DEPRECIATION_BUILDINGS", "Accumulated Depreciation: Buildings", _ASSET),
    Account(
        "1670", "ACCUMULATED_DEPRECIATION_RIGHT_OF_USE_ASSETS", "Accumulated Depreciation: Right-of-Use Assets", _ASSET
    ),
    Account("1680", "ACCUMULATED_DEPRECIATION_GOODWILL", "Accumulated Amortization: Goodwill", _ASSET),
    Account("1700", "ACCUMULATED_IMPAIRMENT", "Accumulated Impairment", _ASSET),
    Account("2000", "ACCOUNTS_PAYABLE", "Accounts Payable", _LIABILITY),
    Account("3000", "OWNERS_EQUITY", "Owner's Equity", _EQUITY),
    Account("3100", "REVALUATION_SURPLUS", "Revaluation Surplus", _EQUITY),
    Account("4900", "GAIN_ON_DISPOSAL", "Gain on Disposal", _INCOME),
    Account("4910", "CAPITAL_GAIN_ON_DISPOSAL", "Capital Gain on Disposal", _INCOME),
    Account("6500", "DEPRECIATION", "Depreciation Expense", _EXPENSE),
    Account("6510", "AMORTIZATION", "Amortization Expense", _EXPENSE),
    Account("6520", "IMPAIRMENT_LOSS", "Impairment Loss", _EXPENSE),
    Account("6530", "LOSS_ON_DISPOSAL", "Loss on Disposal", _EXPENSE),
)
