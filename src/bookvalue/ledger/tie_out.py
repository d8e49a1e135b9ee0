"""Tie-out: register = value updates and disposals = journal lines, per account; opening + movements = closing.

Pure: takes what storage counted, returns what does not agree. Any difference at all is a defect or tampering, and
stops the run that found it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AccountMovement:
    """One account in one posting period, in minor units: what it opened with (debit positive), what its journal lines
    debit and credit, and what the value updates and disposals that name those lines state in all."""

    account_id: UUID
    opening_minor: int
    debit_minor: int
    credit_minor: int
    stated_debit_minor: int
    stated_credit_minor: int

    @property
    def closing_minor(self) -> int:
        """Opening + debits - credits."""
        return self.opening_minor + self.debit_minor - self.credit_minor


def differences(movements: Iterable[AccountMovement]) -> list[str]:
    """What does not tie out among the accounts of a period: what is stated against lines, and debit against credit."""
    found, balance, opening = [], 0, 0
    for movement in movements:
        balance += movement.debit_minor - movement.credit_minor
        opening += movement.opening_minor
        for side in ("debit", "credit"):
            lines, stated = getattr(movement, f"{side}_minor"), getattr(movement, f"stated_{side}_minor")
            if lines != stated:
                found.append(f"account {movement.account_id}: lines {side} {lines}, stated {stated}")
    if balance != 0:
        found.append(f"debits and credits differ by {balance}")
    if opening != 0:
        found.append(f"opening balances add up to {opening}")
    return found
