"""One journal entry at a time, of a person's own act, with the value update that it posts; row by row.

A close writes its entries in bulk (posting_writer.py). The database's guards check both alike.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from bookvalue.domain.terms import CostMovement, EntryKind, UpdateType
from bookvalue.ledger.entry import EntryLines
from bookvalue.storage import journals
from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import journal_entry, journal_line, value_update


@dataclass(frozen=True, slots=True)
class EntryHead:
    """What an entry is and where it lies: `effective` and `posting` are the starts of periods.

    tag_set: what the asset is tagged with, for which all lines are; None for no tags.
    """

    kind: EntryKind
    effective: date
    posting: date
    entry_date: date
    currency: str
    asset_id: UUID
    reversal_of: UUID | None = None
    memo: str | None = None
    tag_set: int | None = None


def write_entry(connection: Connection, business_id: UUID, book_id: UUID, head: EntryHead, made: EntryLines) -> UUID:
    """Stores an entry with its lines under the next number of the feed; returns its id."""
    entry_id, feed_seq = uuid7(), journals.take_numbers(connection, business_id, 1)
    connection.execute(
        insert(journal_entry).values(
            business_id=business_id,
            id=entry_id,
            book_id=book_id,
            feed_seq=feed_seq,
            kind=head.kind,
            effective_period=head.effective,
            posting_period=head.posting,
            entry_date=head.entry_date,
            currency=head.currency,
            total_minor=made.total_minor,
            line_count=len(made.lines),
            asset_id=head.asset_id,
            reversal_of=head.reversal_of,
            memo=head.memo,
        )
    )
    rows = [
        {
            "business_id": business_id,
            "entry_id": entry_id,
            "line_no": line.line_no,
            "account_id": line.account_id,
            "debit_minor": line.debit_minor,
            "credit_minor": line.credit_minor,
            "tag_set": head.tag_set,
        }
        for line in made.lines
    ]
    connection.execute(insert(journal_line).values(rows))  # one statement: the guard looks at the entry as a whole
    return entry_id


@dataclass(frozen=True, slots=True)
class UpdateRow:
    """A value update as it is kept; amounts in minor units, below zero only for a charge or what takes another back.

    day: from when it counts, of a change of value alone. reversal_of: the sequence of the update it takes back.
    """

    asset_id: UUID
    effective: date
    posting: date
    update_type: UpdateType | CostMovement
    amount_minor: int
    entry_id: UUID | None = None
    debit_line: int | None = None
    credit_line: int | None = None
    day: date | None = None
    remaining_life_months: int | None = None
    residual_minor: int | None = None
    reversal_of: int | None = None
    beside_plan: bool = False


def next_sequence(connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, effective: date) -> int:
    """How many value updates the asset has for this effective period: the sequence of the next one."""
    found = connection.scalar(
        select(func.coalesce(func.max(value_update.c.sequence) + 1, 0)).where(
            value_update.c.business_id == business_id,
            value_update.c.book_id == book_id,
            value_update.c.effective_period == effective,
            value_update.c.asset_id == asset_id,
        )
    )
    return int(found or 0)


def write_update(connection: Connection, business_id: UUID, book_id: UUID, row: UpdateRow) -> int:
    """Stores a value update as the next of its asset and effective period; returns its sequence."""
    sequence = next_sequence(connection, business_id, book_id, row.asset_id, row.effective)
    values: dict[str, Any] = {
        "business_id": business_id,
        "book_id": book_id,
        "asset_id": row.asset_id,
        "effective_period": row.effective,
        "posting_period": row.posting,
        "sequence": sequence,
        "update_type": row.update_type,
        "amount_minor": row.amount_minor,
        "entry_id": row.entry_id,
        "debit_line": row.debit_line,
        "credit_line": row.credit_line,
        "date": row.day,
        "remaining_life_months": row.remaining_life_months,
        "residual_minor": row.residual_minor,
        "reversal_of": row.reversal_of,
        "beside_plan": row.beside_plan,
    }
    connection.execute(insert(value_update).values(values))
    return sequence
