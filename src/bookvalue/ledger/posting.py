"""Charges -> balanced journal entries: one for each effective period with a line per account and tags, or one a charge.

Pure: arrays in, arrays out. Periods and accounts are small integers here; storage knows what they stand for.
"""

from dataclasses import dataclass

import numpy as np

from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.terms import JournalGrain, UpdateType
from bookvalue.engine.register import Int64
from bookvalue.ledger.account_rules import RULES, Slot

MAX_TOTAL = 2**63 - 1


class TotalOutOfRange(BookvalueError):
    """The lines of an account add up to more than the ledger can hold."""

    code = "total_out_of_range"
    remedy = "split the register among several businesses, or correct an amount that is far too large"


@dataclass(frozen=True, slots=True)
class Charges:
    """What a run charges, sorted by (effective, row): arrays of shape (m,).

    row: the asset's row in the register. effective, posting: numbers of periods. amount_minor: not zero; positive
    raises accumulated depreciation. sequence: how many value updates that asset and period had. accumulated_account,
    expense_account: ordinals of the chart. tag_set: number of the tags that it is for, 0 for none; an asset has several
    charges in a period in which its tags change (tag_split.py).
    """

    row: Int64
    effective: Int64
    posting: Int64
    amount_minor: Int64
    sequence: Int64
    accumulated_account: Int64
    expense_account: Int64
    tag_set: Int64

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class Posting:
    """Entries, their lines, and where each charge went; entries and lines are numbered from 0 and 1.

    entry_*: shape (e,); entry_row is the asset's row, or -1 where the entry sums up many. line_*: shape (l,), sorted by
    entry, debits first, then by account and tag set. charge_*: shape (m,), the entry and the two line numbers of each
    charge.
    """

    entry_effective: Int64
    entry_posting: Int64
    entry_row: Int64
    entry_total_minor: Int64
    entry_line_count: Int64
    line_entry: Int64
    line_no: Int64
    line_account: Int64
    line_tag_set: Int64
    line_debit_minor: Int64
    line_credit_minor: Int64
    charge_entry: Int64
    charge_debit_line: Int64
    charge_credit_line: Int64


def grouped_sum(values: Int64, group: Int64, count: int) -> Int64:
    """The sum of non-negative `values` for each group, exactly: shape (count,). Raises TotalOutOfRange."""
    totals = np.zeros(count, np.int64)
    if len(values) == 0 or int(values.max()) <= MAX_TOTAL // len(values):
        np.add.at(totals, group, values)
        return totals
    high, low = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(high, group, values >> 32)
    np.add.at(low, group, values & 0xFFFFFFFF)
    exact = [(int(h) << 32) + int(part) for h, part in zip(high, low, strict=True)]
    if max(exact) > MAX_TOTAL:
        raise TotalOutOfRange("the charges of one account add up to more than a ledger line can hold")
    return np.array(exact, np.int64)


def build_posting(charges: Charges, grain: JournalGrain) -> Posting:
    """The entries of a run's charges. Raises TotalOutOfRange where a line would not fit."""
    rule = RULES[UpdateType.DEPRECIATION_AMORTIZATION]
    account = {Slot.ACCUMULATED: charges.accumulated_account, Slot.EXPENSE: charges.expense_account}
    positive = charges.amount_minor > 0
    debit_account = np.where(positive, account[rule.debit], account[rule.credit])
    credit_account = np.where(positive, account[rule.credit], account[rule.debit])
    entry, first = _entries(charges, grain)

    # One key for (entry, side, account and tags): sorted keys are the lines, in the order they are written.
    accounts, tag_sets = np.concatenate([debit_account, credit_account]), np.tile(charges.tag_set, 2)
    place = _places(accounts, tag_sets)
    width = int(place.max(initial=0)) + 1
    keys = np.concatenate([entry * 2, entry * 2 + 1]) * width + place
    lines, line_of = np.unique(keys, return_inverse=True)
    line_account, line_tag_set = np.empty(len(lines), np.int64), np.empty(len(lines), np.int64)
    line_account[line_of], line_tag_set[line_of] = accounts, tag_sets
    amounts = grouped_sum(np.tile(np.abs(charges.amount_minor), 2), line_of, len(lines))

    line_entry = lines // (2 * width)
    is_credit = lines // width % 2 == 1
    first_line = np.searchsorted(line_entry, np.arange(len(first)))
    line_no = np.arange(len(lines)) - first_line[line_entry] + 1
    debits = np.where(is_credit, 0, amounts)
    return Posting(
        entry_effective=charges.effective[first],
        entry_posting=charges.posting[first],
        entry_row=charges.row[first] if grain is JournalGrain.ASSET else np.full(len(first), -1, np.int64),
        entry_total_minor=grouped_sum(debits, line_entry, len(first)),
        entry_line_count=np.bincount(line_entry, minlength=len(first)).astype(np.int64),
        line_entry=line_entry,
        line_no=line_no,
        line_account=line_account,
        line_tag_set=line_tag_set,
        line_debit_minor=debits,
        line_credit_minor=np.where(is_credit, amounts, 0),
        charge_entry=entry,
        charge_debit_line=line_no[line_of[: len(charges)]],
        charge_credit_line=line_no[line_of[len(charges) :]],
    )


def _places(accounts: Int64, tag_sets: Int64) -> Int64:
    """A number for each account and tag set, in their order; shapes (2m,)."""
    tags = int(tag_sets.max(initial=0)) + 1
    if tags == 1:
        return accounts
    _, place = np.unique(accounts * tags + tag_sets, return_inverse=True)
    return np.asarray(place, np.int64)


def _entries(charges: Charges, grain: JournalGrain) -> tuple[Int64, Int64]:
    """The entry of each charge (m,), and the first charge of each entry (e,); with the asset as the grain, each charge
    has its own."""
    if grain is JournalGrain.ASSET:
        each = np.arange(len(charges), dtype=np.int64)
        return each, each
    # A period's charges all lie in one posting period, so the effective period alone makes the entry.
    _, first, entry = np.unique(charges.effective, return_index=True, return_inverse=True)
    return entry.astype(np.int64), first.astype(np.int64)
