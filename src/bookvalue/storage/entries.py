"""Journal entries of people's own acts, one or many, and the value updates that they post: a statement a table.

A close writes its entries by COPY (posting_writer.py). The database's guards check both alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.domain.terms import CostMovement, EntryKind, UpdateType
from bookvalue.ledger.entry import EntryLines
from bookvalue.storage import journals
from bookvalue.storage.many_rows import insert_rows, new_ids
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


def write_entries(
    connection: Connection, business_id: UUID, book_id: UUID, made: Sequence[tuple[EntryHead, EntryLines]]
) -> list[UUID]:
    """Stores entries with their lines under the next numbers of the feed, in this order; returns their ids."""
    if not made:
        return []  # the feed does not move by nothing
    ids, first = new_ids(len(made)), journals.take_numbers(connection, business_id, len(made))
    numbered = list(enumerate(zip(ids, made, strict=True), first))
    entries = [
        {
            "business_id": business_id,
            "id": entry_id,
            "book_id": book_id,
            "feed_seq": number,
            "kind": head.kind,
            "effective_period": head.effective,
            "posting_period": head.posting,
            "entry_date": head.entry_date,
            "currency": head.currency,
            "total_minor": lines.total_minor,
            "line_count": len(lines.lines),
            "asset_id": head.asset_id,
            "reversal_of": head.reversal_of,
            "memo": head.memo,
        }
        for number, (entry_id, (head, lines)) in numbered
    ]
    # created_at has its default, which a record of all columns would leave empty: it is not named
    insert_rows(connection, journal_entry, entries)
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
        for _, (entry_id, (head, lines)) in numbered
        for line in lines.lines
    ]
    insert_rows(connection, journal_line, rows)
    return ids


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


def write_updates(connection: Connection, business_id: UUID, book_id: UUID, rows: Sequence[UpdateRow]) -> list[int]:
    """Stores value updates, each as the next of its asset and effective period; returns their sequences."""
    following = _next_sequences(connection, business_id, book_id, rows)
    sequences = []
    for row in rows:
        sequences.append(following.get((row.asset_id, row.effective), 0))
        following[row.asset_id, row.effective] = sequences[-1] + 1
    values: list[Mapping[str, Any]] = [
        {
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
        for row, sequence in zip(rows, sequences, strict=True)
    ]
    insert_rows(connection, value_update, values)
    return sequences


def _next_sequences(
    connection: Connection, business_id: UUID, book_id: UUID, rows: Sequence[UpdateRow]
) -> dict[tuple[UUID, date], int]:
    """The next sequence of each asset and effective period that has value updates already."""
    statement = text("""
        SELECT asset_id, effective_period, max(sequence) + 1 AS following FROM value_update
        WHERE business_id = :business AND book_id = :book AND effective_period = ANY (:periods)
          AND asset_id = ANY (:assets)
        GROUP BY asset_id, effective_period""")
    parameters = {
        "business": business_id,
        "book": book_id,
        "periods": sorted({row.effective for row in rows}),
        "assets": list({row.asset_id for row in rows}),
    }
    return {(row.asset_id, row.effective_period): row.following for row in connection.execute(statement, parameters)}
