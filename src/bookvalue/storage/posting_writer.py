"""The bulk write: value updates, entries and lines by COPY in binary, encoded from arrays, not row by row.

Writes what it is given, in key order, into the caller's transaction; the database's guards check it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection, Table, text

from bookvalue.domain.terms import UpdateType
from bookvalue.engine.register import Int64
from bookvalue.ledger.outcomes import REASONS
from bookvalue.ledger.posting import Charges, Posting
from bookvalue.storage.ids import uuid7_block
from bookvalue.storage.tables import journal_entry, journal_line, run_outcome, value_update
from bookvalue.storage.unit_of_work import driver

BLOCK_ROWS = 4_000
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_PG_EPOCH = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Places:
    """What the small integers of a posting stand for: periods (start, end) by number, account ids by ordinal."""

    business_id: UUID
    book_id: UUID
    run_id: UUID
    currency: str
    period_starts: Sequence[date]
    period_ends: Sequence[date]
    account_ids: NDArray[np.void]

    def starts(self, numbers: Int64) -> NDArray[np.int32]:
        """The start of each numbered period, as the database counts days."""
        return _days(self.period_starts)[numbers]

    def ends(self, numbers: Int64) -> NDArray[np.int32]:
        """The end of each numbered period, as the database counts days."""
        return _days(self.period_ends)[numbers]


def _days(dates: Sequence[date]) -> NDArray[np.int32]:
    return np.array([(day - _PG_EPOCH).days for day in dates], np.int32)


def _ids(value: UUID) -> np.void:
    return np.void(value.bytes)


_NUMBERS = {"big": ">i8", "int": ">i4", "small": ">i2", "date": ">i4", "int?": ">i4"}


def _copy_rows(connection: Connection, table: Table, count: int, columns: dict[str, tuple[str, object]]) -> None:
    """COPY of `count` rows; a column is (kind, array or constant), kind one of big int small date uuid text, or int?,
    of which 0 is NULL.

    Under row-level security, where COPY FROM is refused, the rows go through a temporary table.
    """
    if count == 0:
        return
    kinds = {
        name: f"V{16 if kind == 'uuid' else len(str(value).encode())}" if kind in ("uuid", "text") else _NUMBERS[kind]
        for name, (kind, value) in columns.items()
    }
    layout = np.dtype(
        [("fields", ">i2")]
        + [pair for name, kind in kinds.items() for pair in ((f"{name}_length", ">i4"), (name, kind))]
    )
    target = sql.Identifier(table.name)
    staged = connection.scalar(text("SELECT row_security_active(:table)"), {"table": f"{table.schema}.{table.name}"})
    if staged:
        target = sql.Identifier(f"staged_{table.name}")
        connection.execute(
            text(
                f"CREATE TEMPORARY TABLE staged_{table.name} "
                f"(LIKE {table.schema}.{table.name} INCLUDING DEFAULTS) ON COMMIT DROP"
            )
        )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with driver(connection).cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(target, names)) as copy:
            copy.write(_HEADER)
            for start in range(0, count, BLOCK_ROWS):
                copy.write(_encode(layout, columns, slice(start, min(start + BLOCK_ROWS, count))))
            copy.write(_TRAILER)
        if staged:
            cursor.execute(
                sql.SQL("INSERT INTO {} ({names}) SELECT {names} FROM {}").format(
                    sql.Identifier(table.name), target, names=names
                )
            )
            cursor.execute(sql.SQL("DROP TABLE {}").format(target))


def _encode(layout: np.dtype[np.void], columns: dict[str, tuple[str, object]], block: slice) -> bytes:
    rows = np.zeros(block.stop - block.start, layout)
    rows["fields"] = len(columns)
    there = None  # which bytes of each row are sent, where not all are: NULL has a length and no value
    for name, (kind, value) in columns.items():
        rows[f"{name}_length"] = rows.dtype[name].itemsize
        if isinstance(value, np.ndarray):
            rows[name] = value[block]
        else:
            rows[name] = np.void(str(value).encode()) if kind == "text" else value
        if kind == "int?":
            nothing, at = rows[name] == 0, layout.fields[name][1] if layout.fields else 0
            rows[f"{name}_length"][nothing] = -1
            there = np.ones((len(rows), layout.itemsize), np.bool_) if there is None else there
            there[nothing, at : at + layout[name].itemsize] = False
    if there is None:
        return rows.tobytes()
    return rows.view(np.uint8).reshape(there.shape)[there].tobytes()


def write_value_updates(
    connection: Connection,
    places: Places,
    charges: Charges,
    posting: Posting,
    asset_ids: NDArray[np.void],
    entry_ids: NDArray[np.void],
) -> None:
    """The charges of a run. A key that is there already means that somebody posted since the register was read."""
    _copy_rows(
        connection,
        value_update,
        len(charges),
        {
            "business_id": ("uuid", _ids(places.business_id)),
            "book_id": ("uuid", _ids(places.book_id)),
            "effective_period": ("date", places.starts(charges.effective)),
            "asset_id": ("uuid", asset_ids[charges.row]),
            "sequence": ("small", charges.sequence),
            "posting_period": ("date", places.starts(charges.posting)),
            "update_type": ("text", UpdateType.DEPRECIATION_AMORTIZATION),
            "amount_minor": ("big", charges.amount_minor),
            "run_id": ("uuid", _ids(places.run_id)),
            "entry_id": ("uuid", entry_ids[posting.charge_entry]),
            "debit_line": ("int", posting.charge_debit_line),
            "credit_line": ("int", posting.charge_credit_line),
        },
    )


def write_entries(
    connection: Connection,
    places: Places,
    posting: Posting,
    asset_ids: NDArray[np.void],
    entry_ids: NDArray[np.void],
    first_seq: int,
) -> None:
    """The headers of the entries, numbered from `first_seq` in the business's feed."""
    count = len(entry_ids)
    columns: dict[str, tuple[str, object]] = {
        "business_id": ("uuid", _ids(places.business_id)),
        "id": ("uuid", entry_ids),
        "book_id": ("uuid", _ids(places.book_id)),
        "feed_seq": ("big", np.arange(first_seq, first_seq + count)),
        "kind": ("text", "depreciation"),
        "effective_period": ("date", places.starts(posting.entry_effective)),
        "posting_period": ("date", places.starts(posting.entry_posting)),
        "entry_date": ("date", places.ends(posting.entry_posting)),
        "currency": ("text", places.currency),
        "total_minor": ("big", posting.entry_total_minor),
        "line_count": ("int", posting.entry_line_count),
        "run_id": ("uuid", _ids(places.run_id)),
    }
    if count and posting.entry_row[0] >= 0:  # one entry an asset: it names the asset
        columns["asset_id"] = ("uuid", asset_ids[posting.entry_row])
    _copy_rows(connection, journal_entry, count, columns)


def write_lines(connection: Connection, places: Places, posting: Posting, entry_ids: NDArray[np.void]) -> None:
    """All lines of the entries, in one statement: the database checks that each entry is complete and balanced."""
    columns: dict[str, tuple[str, object]] = {
        "business_id": ("uuid", _ids(places.business_id)),
        "entry_id": ("uuid", entry_ids[posting.line_entry]),
        "line_no": ("int", posting.line_no),
        "account_id": ("uuid", places.account_ids[posting.line_account]),
        "debit_minor": ("big", posting.line_debit_minor),
        "credit_minor": ("big", posting.line_credit_minor),
    }
    if posting.line_tag_set.any():
        columns["tag_set"] = ("int?", posting.line_tag_set)
    _copy_rows(connection, journal_line, len(posting.line_no), columns)


def write_outcomes(
    connection: Connection, business_id: UUID, run_id: UUID, asset_ids: NDArray[np.void], reasons: Int64
) -> None:
    """A row for each asset that was skipped or blocked, by the number of its reason."""
    for number, reason in enumerate(REASONS, 1):
        rows = asset_ids[reasons == number]
        columns: dict[str, tuple[str, object]] = {
            "business_id": ("uuid", _ids(business_id)),
            "run_id": ("uuid", _ids(run_id)),
            "asset_id": ("uuid", rows),
            "status": ("text", reason.status),
            "code": ("text", reason.code),
        }
        if reason.field is not None:
            columns["field"] = ("text", reason.field)
        _copy_rows(connection, run_outcome, len(rows), columns)


def new_entry_ids(posting: Posting) -> NDArray[np.void]:
    """Identifiers for the entries, ascending."""
    return uuid7_block(len(posting.entry_total_minor))
