"""The sides of one entry, summed up to its lines."""

from uuid import UUID

import pytest

from bookvalue.ledger.entry import Line, Side, lines_of

CASH, ASSET, GAIN = (UUID(int=number) for number in (1, 2, 3))


def test_sides_of_one_account_and_side_are_one_line() -> None:
    made = lines_of([Side(ASSET, 2, -70), Side(CASH, 1, 100), Side(GAIN, 3, -20), Side(GAIN, 3, -10), Side(CASH, 1, 0)])
    assert made.lines == (Line(1, CASH, 100, 0), Line(2, ASSET, 0, 70), Line(3, GAIN, 0, 30))
    assert (made.line_of, made.total_minor) == ((2, 1, 3, 3, None), 100)


def test_an_entry_that_does_not_balance_is_none() -> None:
    with pytest.raises(ValueError, match="do not balance"):
        lines_of([Side(CASH, 1, 1)])
