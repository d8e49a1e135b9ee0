"""What becomes of each asset of a run that is not charged: skipped, or blocked, with the code that says why.

Decides nothing about amounts. Codes are those of domain/finding.py.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.terms import OutcomeStatus
from bookvalue.engine.register import Int64
from bookvalue.ledger.account_rules import ASSET_FIELD, Slot


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an asset is not charged, and the field to mend."""

    status: OutcomeStatus
    code: str
    field: str | None = None


_SKIPPED, _BLOCKED = OutcomeStatus.SKIPPED, OutcomeStatus.BLOCKED

# In order of precedence; the position (from 1) is the reason's number.
REASONS: tuple[Reason, ...] = (
    Reason(_SKIPPED, "cash_basis"),
    Reason(_SKIPPED, "draft", "status"),
    Reason(_SKIPPED, "disposed", "status"),
    Reason(_SKIPPED, "not_depreciable", "depreciation.method"),
    Reason(_BLOCKED, "unknown_method", "depreciation.method"),
    Reason(_BLOCKED, "unknown_averaging", "depreciation.averaging"),
    Reason(_BLOCKED, "start_missing", "depreciation_start_date"),
    Reason(_BLOCKED, "units_total_missing", "units_total"),
    Reason(_BLOCKED, "opening_missing", "opening"),
    Reason(_BLOCKED, "units_missing", "units_used"),
    Reason(_BLOCKED, "accumulated_account_missing", ASSET_FIELD[Slot.ACCUMULATED]),
    Reason(_BLOCKED, "expense_account_missing", ASSET_FIELD[Slot.EXPENSE]),
)
CHARGEABLE = 0
"""The number of no reason: the asset may be charged."""


def first_reason(applies: dict[str, NDArray[np.bool_]], count: int) -> Int64:
    """The number of the first reason that applies to each asset, CHARGEABLE where none does.

    `applies`: code -> mask of shape (count,); a code that is not given applies to none.
    """
    numbers = np.full(count, CHARGEABLE, np.int64)
    for number in range(len(REASONS), 0, -1):
        mask = applies.get(REASONS[number - 1].code)
        if mask is not None:
            numbers[mask] = number
    return numbers


def counts(numbers: Int64) -> dict[OutcomeStatus, int]:
    """How many assets are skipped and how many blocked."""
    per_reason = np.bincount(numbers, minlength=len(REASONS) + 1)
    return {
        status: int(sum(per_reason[number] for number, reason in enumerate(REASONS, 1) if reason.status == status))
        for status in OutcomeStatus
    }
