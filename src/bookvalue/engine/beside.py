"""Changes beside the plan, and what takes them up: where the plan is made anew, it starts from what they have left."""

import numpy as np

from bookvalue.engine.register import NEVER, NOT_GIVEN, BesidePlan, Changes, Dated, Int64

_DAYS = 2**20  # between two rows: more than the days that a register reaches, before 1970 and after


def taken_up(changes: Changes, beside: Dated) -> tuple[Changes, BesidePlan]:
    """The changes of a register with those that take up what lies beside the plan, and until when each of that counts.

    beside: amounts that lower the value, below zero raise it, in order of row and day. The next change of value or
    estimate of the row, of the same day or later, takes up all before it: one more change right before it, which
    lowers or raises the cost by their sum.
    """
    if not len(beside):
        return changes, BesidePlan(beside.row, beside.day, beside.day, beside.amount)
    key = changes.row * _DAYS + changes.day
    next_change = np.searchsorted(key, beside.row * _DAYS + beside.day)
    there = np.minimum(next_change, max(len(changes) - 1, 0))
    found = (next_change < len(changes)) & (changes.row[there] == beside.row) if len(changes) else beside.row < 0
    until = np.where(found, changes.day[there] if len(changes) else NEVER, NEVER)
    table = BesidePlan(beside.row, beside.day, until, beside.amount)
    if not found.any():
        return changes, table
    before, group = np.unique(next_change[found], return_inverse=True)
    amount = np.zeros(len(before), dtype=np.int64)
    np.add.at(amount, group, beside.amount[found])
    before, amount = before[amount != 0], amount[amount != 0]
    return _with(changes, before, amount), table


def _with(changes: Changes, before: Int64, amount: Int64) -> Changes:
    """The changes, with one more before each of these places."""

    def column(values: Int64, added: Int64 | int) -> Int64:
        made: Int64 = np.insert(values, before, added)
        return made

    return Changes(
        row=column(changes.row, changes.row[before]),
        day=column(changes.day, changes.day[before]),
        kind=column(changes.kind, 0),
        sign=column(changes.sign, -np.sign(amount)),
        amount_minor=column(changes.amount_minor, np.abs(amount)),
        new_book_value_minor=column(changes.new_book_value_minor, NOT_GIVEN),
        remaining_life_months=column(changes.remaining_life_months, NOT_GIVEN),
        rate_nanopercent=column(changes.rate_nanopercent, NOT_GIVEN),
        residual_minor=column(changes.residual_minor, NOT_GIVEN),
        method=column(changes.method, NOT_GIVEN),
    )
