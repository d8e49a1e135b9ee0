"""A journal entry as a value: it cannot exist unbalanced."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One side of an entry on one account: either a debit or a credit, above zero, in minor units."""

    line_no: int
    account_code: str
    account_name: str
    debit_minor: int
    credit_minor: int

    def __post_init__(self) -> None:
        if min(self.debit_minor, self.credit_minor) != 0 or max(self.debit_minor, self.credit_minor) <= 0:
            raise ValueError(f"line {self.line_no} is neither a debit nor a credit")


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A posted entry with its lines. `effective_period` is what it is for, `posting_period` where it lies."""

    id: UUID
    feed_seq: int
    kind: str
    effective_period: str
    posting_period: str
    entry_date: date
    currency: str
    run_id: UUID | None
    asset_id: UUID | None
    asset_external_id: str | None
    lines: tuple[JournalLine, ...]

    def __post_init__(self) -> None:
        debit, credit = (sum(getattr(line, side) for line in self.lines) for side in ("debit_minor", "credit_minor"))
        if len(self.lines) < 2 or debit != credit:
            raise ValueError(f"entry {self.id} does not balance: debit {debit}, credit {credit}")

    @property
    def total_minor(self) -> int:
        """The sum of its debits, which is the sum of its credits."""
        return sum(line.debit_minor for line in self.lines)

    @property
    def is_catch_up(self) -> bool:
        """Whether it lies in a later period than the one it is for."""
        return self.posting_period != self.effective_period
