"""What the one entry of a disposal does to each account: the depreciation up to it, what goes out, what came in, and
the result (SEMANTICS section 6). Pure. A reinstatement is the same with every amount on the other side.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from bookvalue.domain.disposal import DisposalResult, disposal_result
from bookvalue.ledger.entry import EntryLines, Side, lines_of


class Part(StrEnum):
    """One thing that the entry says; each is a side of it."""

    STUB_EXPENSE = "stub_expense"  # depreciation of the disposal's own period
    STUB_ACCUMULATED = "stub_accumulated"
    ASSET = "asset"
    ACCUMULATED = "accumulated"
    IMPAIRMENT = "impairment"
    PROCEEDS = "proceeds"
    GAIN = "gain"
    LOSS = "loss"
    CAPITAL_GAIN = "capital_gain"


def rounded(amount: Fraction) -> int:
    """To whole minor units, half away from zero."""
    size = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return size if amount > 0 else -size


@dataclass(frozen=True, slots=True)
class Carried:
    """What the books have of an asset as it leaves them, in minor units.

    cost_minor: with all changes of value. impairment_minor: what of these an account of its own holds, by which the
    asset account holds more than the cost. capitalised_minor: the cost with increases and without decreases, above
    which proceeds are a capital gain. accumulated_minor: opening balance and all depreciation, with stub_minor, which
    is the part of it that this entry posts (negative: takes back).
    """

    cost_minor: int
    capitalised_minor: int
    accumulated_minor: int
    stub_minor: int
    impairment_minor: int = 0

    @property
    def book_value_minor(self) -> int:
        """What is left of it right before it goes."""
        return self.cost_minor - self.accumulated_minor

    def less(self, gone: "Carried") -> "Carried":
        """The same without what parts have taken along."""
        return replace(
            self,
            cost_minor=self.cost_minor - gone.cost_minor,
            capitalised_minor=self.capitalised_minor - gone.capitalised_minor,
            accumulated_minor=self.accumulated_minor - gone.accumulated_minor,
            impairment_minor=self.impairment_minor - gone.impairment_minor,
        )

    def part(self, share: Fraction) -> "Carried":
        """An exact fraction of each amount, rounded; the stub stays whole, as it is the whole asset's."""
        return replace(
            self,
            cost_minor=rounded(self.cost_minor * share),
            capitalised_minor=rounded(self.capitalised_minor * share),
            accumulated_minor=rounded(self.accumulated_minor * share),
            impairment_minor=rounded(self.impairment_minor * share),
        )

    def depreciated_by(self, amount_minor: int) -> "Carried":
        """The same with so much more depreciated by this entry."""
        return replace(
            self,
            accumulated_minor=self.accumulated_minor + amount_minor,
            stub_minor=self.stub_minor + amount_minor,
        )

    def result(self, proceeds_minor: int) -> DisposalResult:
        """What the disposal brings."""
        return disposal_result(proceeds_minor, self.capitalised_minor, self.book_value_minor)


def parts(carried: Carried, proceeds_minor: int) -> dict[Part, int]:
    """What each part comes to, above zero a debit, below a credit; parts of nothing are left out. They sum to zero."""
    result = carried.result(proceeds_minor)
    amounts = {
        Part.STUB_EXPENSE: carried.stub_minor,
        Part.STUB_ACCUMULATED: -carried.stub_minor,
        Part.ASSET: -carried.cost_minor - carried.impairment_minor,
        Part.ACCUMULATED: carried.accumulated_minor,
        Part.IMPAIRMENT: carried.impairment_minor,
        Part.PROCEEDS: proceeds_minor,
        Part.GAIN: -max(result.gain_or_loss_minor, 0),
        Part.LOSS: max(-result.gain_or_loss_minor, 0),
        Part.CAPITAL_GAIN: -result.capital_gain_minor,
    }
    return {part: amount for part, amount in amounts.items() if amount}


@dataclass(frozen=True, slots=True)
class Derecognition:
    """The lines of the entry, and for each part the number of the line that it is in."""

    made: EntryLines
    line_of: Mapping[Part, int]

    def stub_lines(self, stub_minor: int) -> tuple[int | None, int | None]:
        """The lines that the stub debits and credits."""
        expense, accumulated = self.line_of.get(Part.STUB_EXPENSE), self.line_of.get(Part.STUB_ACCUMULATED)
        return (expense, accumulated) if stub_minor > 0 else (accumulated, expense)

    @property
    def result_line(self) -> int | None:
        """The line that the gain or the loss is in."""
        return self.line_of.get(Part.GAIN) or self.line_of.get(Part.LOSS)


def entry_of(amounts: Mapping[Part, int], accounts: Mapping[Part, tuple[UUID, int]]) -> Derecognition:
    """The entry of these parts; accounts by id and place in the chart. Raises ValueError where it does not balance."""
    made = lines_of([Side(*accounts[part], amount) for part, amount in amounts.items()])
    numbered = zip(amounts, made.line_of, strict=True)
    return Derecognition(made, {part: number for part, number in numbered if number is not None})
