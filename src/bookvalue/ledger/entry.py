"""One journal entry of a person's own act: the sides that it has, summed up to lines. Pure.

A close writes its entries by posting.py, as arrays; this is for the few sides of one value update or disposal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Side:
    """What one part of an entry does to an account: minor units, above zero a debit, below a credit. `ordinal` is the
    account's place in the chart."""

    account_id: UUID
    ordinal: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an entry, in minor units: debits come first, then by the accounts' places in the chart."""

    line_no: int
    account_id: UUID
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class EntryLines:
    """Balanced lines, and for each side the number of the line it is part of, None for a side of nothing."""

    lines: tuple[Line, ...]
    line_of: tuple[int | None, ...]

    @property
    def total_minor(self) -> int:
        """The sum of its debits, which is the sum of its credits."""
        return sum(line.debit_minor for line in self.lines)


def lines_of(sides: Sequence[Side]) -> EntryLines:
    """The lines of an entry: sides of one account on one side of it are one line. Raises ValueError where it does not
    balance."""
    if sum(side.amount_minor for side in sides) != 0:
        raise ValueError(f"the sides do not balance: {[side.amount_minor for side in sides]}")
    totals: dict[tuple[bool, int, UUID], int] = {}
    for side in sides:
        if side.amount_minor:
            key = side.amount_minor < 0, side.ordinal, side.account_id
            totals[key] = totals.get(key, 0) + side.amount_minor
    numbers = {key: number for number, key in enumerate(sorted(totals), 1)}
    return EntryLines(
        tuple(
            Line(number, key[2], max(totals[key], 0), max(-totals[key], 0)) for key, number in numbers.items()
        ),
        tuple(numbers.get((side.amount_minor < 0, side.ordinal, side.account_id)) if side.amount_minor else None
              for side in sides),
    )  # fmt: skip
