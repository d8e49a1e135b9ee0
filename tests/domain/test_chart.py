"""The default chart: the names that requests, files and postings rely on."""

import re

from bookvalue.domain.chart import DEFAULT_CHART, Account
from bookvalue.domain.terms import AccountType

CLASSES = ("VEHICLES", "EQUIPMENT", "COMPUTERS", "FURNITURE", "BUILDINGS", "RIGHT_OF_USE_ASSETS", "GOODWILL")
TYPES = {account.stable_name: account.type for account in DEFAULT_CHART}


def test_what_the_seeds_and_the_postings_name_is_there() -> None:
    assert TYPES.keys() >= {
        "CASH", "CURRENT_ASSETS", "ACCOUNTS_RECEIVABLE", "FIXED_ASSETS", "LAND", "ACCOUNTS_PAYABLE", "OWNERS_EQUITY",
        "REVALUATION_SURPLUS", "DEPRECIATION", "AMORTIZATION", "IMPAIRMENT_LOSS", "GAIN_ON_DISPOSAL",
        "LOSS_ON_DISPOSAL", "CAPITAL_GAIN_ON_DISPOSAL",
    }  # fmt: skip
    for name in CLASSES:
        assert TYPES[name] is TYPES[f"ACCUMULATED_DEPRECIATION_{name}"] is AccountType.ASSET
    assert TYPES["DEPRECIATION"] is AccountType.EXPENSE
    assert next(account.name for account in DEFAULT_CHART if account.stable_name == "DEPRECIATION") == (
        "Depreciation Expense"
    )


def test_every_account_is_known_by_two_names_of_its_own() -> None:
    names = [name for account in DEFAULT_CHART for name in account.references]
    assert len(set(names)) == len(names) == 2 * len(DEFAULT_CHART)
    assert all(re.fullmatch(r"\d{4}", account.code) for account in DEFAULT_CHART)
    assert [account.code for account in DEFAULT_CHART] == sorted(account.code for account in DEFAULT_CHART)
    assert Account("9", None, "Own", AccountType.ASSET).references == ("9",)
