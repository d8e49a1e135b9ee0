"""Tie-out finds any difference between value updates, lines and balances, to the minor unit."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.ledger.tie_out import AccountMovement, differences

EXPENSE, ACCUMULATED = UUID(int=1), UUID(int=2)
FIELDS = [name for name in AccountMovement.__dataclass_fields__ if name != "account_id"]


def month(opening: int, charged: int, reversed_: int) -> list[AccountMovement]:
    """A period of two accounts that ties out."""
    return [AccountMovement(EXPENSE, opening, charged, reversed_, charged, reversed_),
            AccountMovement(ACCUMULATED, -opening, reversed_, charged, reversed_, charged)]  # fmt: skip


AMOUNTS = st.integers(0, 2**63 - 1)


@given(st.integers(-(2**62), 2**62), AMOUNTS, AMOUNTS)
def test_what_agrees_is_silent(opening: int, charged: int, reversed_: int) -> None:
    assert differences(month(opening, charged, reversed_)) == []


@given(AMOUNTS, AMOUNTS, st.sampled_from(FIELDS), st.integers(0, 1), st.sampled_from([1, -1, 2**40]))
def test_one_minor_unit_anywhere_is_found(charged: int, reversed_: int, name: str, row: int, by: int) -> None:
    moved = month(0, charged, reversed_)
    moved[row] = replace(moved[row], **{name: getattr(moved[row], name) + by})
    assert differences(moved)


def test_no_accounts_tie_out() -> None:
    assert differences([]) == []


@pytest.mark.parametrize(("name", "found"), [
    ("debit_minor", ["account {}: lines debit 101, stated 100", "debits and credits differ by 1"]),
    ("credit_minor", ["account {}: lines credit 1, stated 0", "debits and credits differ by -1"]),
    ("stated_debit_minor", ["account {}: lines debit 100, stated 101"]),
    ("stated_credit_minor", ["account {}: lines credit 0, stated 1"]),
    ("opening_minor", ["opening balances add up to 1"]),
])  # fmt: skip
def test_what_is_said(name: str, found: list[str]) -> None:
    first, second = month(0, 100, 0)
    first = replace(first, **{name: getattr(first, name) + 1})
    assert differences([first, second]) == [text.format(EXPENSE) for text in found]


def test_two_errors_that_cancel_are_both_found() -> None:
    """Lines moved from one account to another still balance, and still are not the value updates."""
    first, second = month(0, 100, 0)
    moved = [replace(first, debit_minor=90), AccountMovement(UUID(int=3), 0, 10, 0, 0, 0), second]
    assert len(differences(moved)) == 2


@given(st.integers(-(2**62), 2**62), AMOUNTS, AMOUNTS)
def test_closing_is_opening_plus_movement(opening: int, debit: int, credit: int) -> None:
    assert AccountMovement(EXPENSE, opening, debit, credit, 0, 0).closing_minor == opening + debit - credit
