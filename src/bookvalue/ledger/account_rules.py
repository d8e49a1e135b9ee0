"""Which accounts a kind of change debits and credits, and what is missing when one of them is not there.

A new kind of value update is one rule here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bookvalue.domain.terms import CostMovement, UpdateType


class Slot(StrEnum):
    """An account by its part in an asset's life; which account that is, the register says."""

    ACCUMULATED = "accumulated_account"
    EXPENSE = "expense_account"
    ASSET = "ledger_account"
    IMPAIRMENT = "impairment_account"
    COUNTER = "counter_account"  # which the change itself names: cash, payable, equity, gain or loss


@dataclass(frozen=True, slots=True)
class Rule:
    """A positive amount debits one slot and credits the other; a negative one the other way round."""

    debit: Slot
    credit: Slot


RULES: Mapping[UpdateType | CostMovement, Rule] = {
    UpdateType.DEPRECIATION_AMORTIZATION: Rule(debit=Slot.EXPENSE, credit=Slot.ACCUMULATED),  # seeds 000, 002
    UpdateType.IMPAIRMENT: Rule(debit=Slot.COUNTER, credit=Slot.IMPAIRMENT),  # SEMANTICS section 4, as those below
    UpdateType.REVALUATION_DOWN: Rule(debit=Slot.COUNTER, credit=Slot.ASSET),
    UpdateType.IMPROVEMENT: Rule(debit=Slot.ASSET, credit=Slot.COUNTER),
    UpdateType.REVALUATION_UP: Rule(debit=Slot.ASSET, credit=Slot.COUNTER),
    CostMovement.ACQUISITION: Rule(debit=Slot.ASSET, credit=Slot.COUNTER),  # section 5
}

ASSET_FIELD: Mapping[Slot, str] = {
    Slot.ACCUMULATED: "accumulated_depreciation_account",
    Slot.EXPENSE: "depreciation_expense_account",
    Slot.ASSET: "ledger_account",
    Slot.IMPAIRMENT: "accumulated_impairment_account",
}
"""The asset's field that holds the account of a slot: what to mend where it is missing."""

INSTEAD: Mapping[Slot, Slot] = {Slot.IMPAIRMENT: Slot.ASSET}
"""The slot whose account is meant where there is none for the first."""

HOLDERS: Mapping[UpdateType | CostMovement, tuple[Slot, bool]] = {
    kind: (rule.debit, True) if rule.debit is Slot.ASSET else (rule.credit, False) for kind, rule in RULES.items()
}
"""The slot whose account holds what a kind of change posts to an asset, and whether an amount above zero debits it."""
