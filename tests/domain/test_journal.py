"""A journal entry cannot exist unbalanced."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bookvalue.domain.journal import JournalEntry, JournalLine

DEBIT = JournalLine(1, "6500", "Depreciation Expense", 66667, 0)
CREDIT = JournalLine(2, "1620", "Accumulated Depreciation: Equipment", 0, 66667)


def entry(*lines: JournalLine, posting_period: str = "2026-08") -> JournalEntry:
    fields: dict[str, Any] = {"kind": "depreciation", "effective_period": "2026-08", "currency": "USD"}
    return JournalEntry(
        id=UUID(int=1), feed_seq=1, posting_period=posting_period, entry_date=date(2026, 8, 31), run_id=None,
        asset_id=None, asset_external_id=None, lines=lines, **fields,
    )  # fmt: skip


def test_a_balanced_entry() -> None:
    assert entry(DEBIT, CREDIT).total_minor == 66667
    assert not entry(DEBIT, CREDIT).is_catch_up
    assert entry(DEBIT, CREDIT, posting_period="2026-10").is_catch_up


@pytest.mark.parametrize("lines", [(), (DEBIT,), (DEBIT, DEBIT), (DEBIT, CREDIT, CREDIT)])
def test_an_entry_that_does_not_balance(lines: tuple[JournalLine, ...]) -> None:
    with pytest.raises(ValueError, match="does not balance"):
        entry(*lines)


@pytest.mark.parametrize(("debit", "credit"), [(0, 0), (1, 1), (-1, 0), (0, -1), (5, -5)])
def test_a_line_is_a_debit_or_a_credit(debit: int, credit: int) -> None:
    with pytest.raises(ValueError, match="neither a debit nor a credit"):
        JournalLine(1, "6500", "Depreciation Expense", debit, credit)
