"""The bulk read: a book's register as columns, by COPY in binary, decoded without a Python object a row.

Every field of the SELECT is NOT NULL and eight bytes wide but for the asset's id, so that each row has one fixed
layout. Runs inside the caller's transaction and snapshot.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import AssetStatus
from bookvalue.engine.register import AVERAGING_CODES, METHOD_CODES, NO_DAY, NO_LIMIT, Int64, RegisterColumns
from bookvalue.storage.bulk_plan import plan_in_bulk
from bookvalue.storage.unit_of_work import driver

STATUS_CODES = {status: code for code, status in enumerate(AssetStatus, 1)}


def _code(column: str, codes: Mapping[Any, int]) -> str:
    """The code of a persisted word, 0 for one that is not known here."""
    cases = " ".join(f"WHEN '{word}' THEN {code}" for word, code in codes.items())
    return f"CASE {column} {cases} ELSE 0 END::bigint"


# name -> SQL; the names of RegisterColumns first, then those of Positions
_DAY = "({0} - date '1970-01-01')::bigint"
_FIELDS: dict[str, str] = {
    "method": _code("d.method", METHOD_CODES),
    "averaging": _code("d.averaging", AVERAGING_CODES),
    "cost_minor": "a.cost_minor",
    "cost_limit_minor": f"coalesce(a.cost_limit_minor, {NO_LIMIT})",
    "residual_minor": "a.residual_minor",
    "start_day": f"coalesce({_DAY.format('a.depreciation_start_date')}, {NO_DAY})",
    "life_months": "coalesce(d.life_months, 0)::bigint",
    "rate_micropercent": "coalesce(d.rate_micropercent, 0)",
    "declining_factor_micro": "d.declining_factor_micro",
    "opening_day": f"coalesce({_DAY.format('a.opening_as_of')}, {NO_DAY})",
    "opening_accumulated_minor": "a.opening_accumulated_minor",
    "opening_current_year_minor": "a.opening_current_year_minor",
    "status": _code("a.status", STATUS_CODES),
    "accumulated_account": "coalesce(acc.ordinal, 0)::bigint",
    "expense_account": "coalesce(exp.ordinal, 0)::bigint",
    "posted_before_minor": "coalesce(v.before, 0)::bigint",
    "posted_minor": "coalesce(v.through, 0)::bigint",
    "sequence": "coalesce(v.here, 0)::bigint",
}
_REGISTER = tuple(name for name in _FIELDS if name in RegisterColumns.__dataclass_fields__)

_QUERY = sql.SQL("""
    COPY (
        SELECT a.id, {fields}
        FROM asset_book d
        JOIN asset a ON a.business_id = d.business_id AND a.id = d.asset_id
        LEFT JOIN asset_type t ON t.business_id = a.business_id AND t.id = a.asset_type_id
        LEFT JOIN account acc ON acc.business_id = a.business_id
            AND acc.id = coalesce(a.accumulated_account_id, t.accumulated_account_id)
        LEFT JOIN account exp ON exp.business_id = a.business_id
            AND exp.id = coalesce(a.expense_account_id, t.expense_account_id)
        LEFT JOIN (
            SELECT asset_id, sum(amount_minor) AS through,
                   sum(amount_minor) FILTER (WHERE effective_period < %(period)s) AS before,
                   count(*) FILTER (WHERE effective_period = %(period)s) AS here
            FROM value_update
            WHERE business_id = %(business)s AND book_id = %(book)s AND effective_period <= %(period)s
            GROUP BY asset_id) v ON v.asset_id = d.asset_id
        WHERE d.business_id = %(business)s AND d.book_id = %(book)s
    ) TO STDOUT (FORMAT binary)
""")

_ROW = np.dtype(
    [("fields", ">i2"), ("id_length", ">i4"), ("id", "V16")]
    + [pair for name in _FIELDS for pair in ((f"{name}_length", ">i4"), (name, ">i8"))]
)
JOINED_ROWS = 8_192
_SIGNATURE = 11 + 4 + 4  # "PGCOPY\n\377\r\n\0", flags, length of the extension


@dataclass(frozen=True, slots=True)
class Positions:
    """A book's register with what is posted to it, in order of the asset's id; arrays of shape (n,).

    asset_id: 16-byte values. status: STATUS_CODES. accumulated_account, expense_account: ordinals of the chart, 0
    where there is none. posted_before_minor, posted_minor: depreciation posted to effective periods before the run's
    period, and up to and including it. sequence: how many value updates the run's period holds of the asset.
    """

    register: RegisterColumns
    asset_id: NDArray[np.void]
    status: Int64
    accumulated_account: Int64
    expense_account: Int64
    posted_before_minor: Int64
    posted_minor: Int64
    sequence: Int64

    def __len__(self) -> int:
        return len(self.asset_id)


def read_positions(
    connection: Connection, business_id: UUID, book_id: UUID, period_start: date, calendar: FiscalCalendar
) -> Positions:
    """The whole register of a book as of a period."""
    parameters = {"business": business_id, "book": book_id, "period": period_start}
    plan_in_bulk(connection)
    fields = sql.SQL(", ").join(sql.SQL(expression) for expression in _FIELDS.values())
    asset_id, columns = _by_id(*_decode(connection, _QUERY.format(fields=fields), parameters))
    register = RegisterColumns(calendar, *(columns.pop(name) for name in _REGISTER))
    return Positions(register, asset_id, **columns)


def _decode(
    connection: Connection, query: sql.Composed, parameters: dict[str, Any]
) -> tuple[NDArray[np.void], dict[str, Int64]]:
    """The assets' ids and the columns of a binary COPY whose rows have the fixed layout `_ROW`.

    Piece by piece, and joined column by column: never all rows both as they came and as columns.
    """
    ids: list[NDArray[np.void]] = []
    parts: dict[str, list[Int64]] = {name: [] for name in _FIELDS}
    with driver(connection).cursor() as cursor, cursor.copy(query, parameters) as copy:
        for rows in _pieces(iter(copy)):
            ids.append(rows["id"].copy())
            for name, pieces in parts.items():
                pieces.append(rows[name].astype(np.int64))
    return np.concatenate(ids), {name: np.concatenate(parts.pop(name)) for name in _FIELDS}


def _by_id(asset_id: NDArray[np.void], columns: dict[str, Int64]) -> tuple[NDArray[np.void], dict[str, Int64]]:
    """The rows in order of the id. As a rule they come so: assets are stored in the order in which ids are made."""
    high, low = asset_id.view(">u8").reshape(-1, 2).T.astype(np.uint64)
    if ((high[1:] > high[:-1]) | (high[1:] == high[:-1]) & (low[1:] > low[:-1])).all():
        return asset_id, columns
    order = np.lexsort((low, high))
    return asset_id[order], {name: values[order] for name, values in columns.items()}


def _pieces(chunks: Iterator[bytes | bytearray | memoryview]) -> Iterator[NDArray[np.void]]:
    """Decodes the stream some megabytes at a time, so that it is never held whole as bytes.

    The driver hands over a row at a time; joining thousands of them at once costs least.
    """
    rest, skip = b"", _SIGNATURE
    while block := b"".join(islice(chunks, JOINED_ROWS)):
        data = rest + block
        if len(data) >= skip:
            whole = (len(data) - skip) // _ROW.itemsize
            yield np.frombuffer(data, _ROW, count=whole, offset=skip)
            data, skip = data[skip + whole * _ROW.itemsize :], 0
        rest = data
    # what is left is the trailer: -1 as int16


def posted_by_period(
    connection: Connection, business_id: UUID, book_id: UUID, assets: NDArray[np.void], starts: list[date]
) -> tuple[Int64, Int64]:
    """What is posted to each effective period, and how many value updates that is: two arrays (assets, periods).

    For the few assets that have periods to catch up; `starts` are the starts of the periods, oldest first.
    """
    amounts = np.zeros((len(assets), len(starts)), np.int64)
    counts = np.zeros((len(assets), len(starts)), np.int64)
    row_of = {UUID(bytes=asset.tobytes()): row for row, asset in enumerate(assets)}
    column_of = {start: column for column, start in enumerate(starts)}
    with driver(connection).cursor(binary=True) as cursor:
        cursor.execute(
            """SELECT asset_id, effective_period, sum(amount_minor)::bigint, count(*) FROM value_update
               WHERE business_id = %s AND book_id = %s AND effective_period = ANY (%s) AND asset_id = ANY (%s)
               GROUP BY asset_id, effective_period""",
            (business_id, book_id, starts, list(row_of)),
        )
        for asset, start, amount, count in cursor:
            amounts[row_of[asset], column_of[start]] = amount
            counts[row_of[asset], column_of[start]] = count
    return amounts, counts
