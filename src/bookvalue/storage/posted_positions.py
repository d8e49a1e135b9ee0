"""What is posted to each asset of a book: a closed period's position, and the value updates that lie after it.

A position is derived, written once as a period closes, and held against the value updates themselves when the period is
locked. Without one (a new book, a reopened period) all value updates are summed up, to the same result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import Connection, text

from bookvalue.domain.errors import IntegrityViolation
from bookvalue.engine.register import Int64
from bookvalue.storage.packed import Packed, places
from bookvalue.storage.unit_of_work import driver

WORTHWHILE = 5_000
"""How many value updates a read has to sum up before the next close writes a position."""

_PG_EPOCH = date(2000, 1, 1)
_DEPRECIATION = "update_type = 'DEPRECIATION_AMORTIZATION' AND NOT beside_plan"
_VALID = """
    SELECT q.period_start, q.asset_ids, q.posted_minor FROM posted_position q JOIN period p
    ON p.business_id = q.business_id AND p.book_id = q.book_id AND p.period_start = q.period_start
        AND p.generation = q.generation AND p.status IN ('closed', 'locked')
    WHERE q.business_id = %(business)s AND q.book_id = %(book)s AND q.period_start < %(period)s
    ORDER BY q.period_start DESC LIMIT 1"""

# Everything effective after the position lies after it; what is effective before it and lies after it is caught up.
_AFTER = f"""
    (SELECT asset_id, sum(amount) FILTER (WHERE effective_period < %(period)s) AS before, sum(amount) AS through,
            sum(amount) FILTER (WHERE posting_period <= %(period)s) AS lying,
            count(*) FILTER (WHERE effective_period = %(period)s) AS here, count(*) AS updates
     FROM (SELECT asset_id, effective_period, posting_period,
                  CASE WHEN {_DEPRECIATION} THEN amount_minor ELSE 0 END AS amount
           FROM value_update WHERE business_id = %(business)s AND book_id = %(book)s
             AND effective_period > coalesce(%(since)s::date, '-infinity') AND effective_period <= %(period)s
           UNION ALL
           SELECT asset_id, effective_period, posting_period,
                  CASE WHEN {_DEPRECIATION} THEN amount_minor ELSE 0 END
           FROM value_update WHERE business_id = %(business)s AND book_id = %(book)s
             AND posting_period > %(since)s::date AND posting_period <> effective_period
             AND effective_period <= %(since)s::date) v
     GROUP BY asset_id) posted"""  # noqa: S608 - made of constants
_SINCE = Packed(
    {
        "asset_id": ("id", "asset_id"),
        "before": ("big", "coalesce(before, 0)::bigint"),
        "through": ("big", "through::bigint"),
        "lying": ("big", "coalesce(lying, 0)::bigint"),
        "here": ("int", "here::integer"),
        "updates": ("int", "updates::integer"),
    }
)
AFTER_POSITION = _SINCE.select(_AFTER)
"""A scalar subquery with what was posted after a position, by asset; takes business, book, period and since."""


@dataclass(frozen=True, slots=True)
class Position:
    """What lies in the periods up to the one that starts on `since`, by asset: ids ascending, both of shape (m,)."""

    since: date | None
    asset_id: NDArray[np.bytes_]
    posted_minor: Int64


NO_POSITION = Position(None, np.empty(0, "S16"), np.empty(0, np.int64))
"""Of a book without one: all value updates are summed up."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Depreciation posted to each asset of a register, in its order: arrays of shape (n,), minor units.

    before_minor: to effective periods before the run's; through_minor: up to and including it. lying_minor: in posting
    periods up to it. here: value updates of any type in the run's period. summed: how many were added up for this.
    """

    before_minor: Int64
    through_minor: Int64
    lying_minor: Int64
    here: Int64
    summed: int


def latest(connection: Connection, parameters: Mapping[str, Any]) -> Position:
    """The last position before `period`, an empty one where there is none; takes business, book and period."""
    with driver(connection).cursor(binary=True) as cursor:
        cursor.execute(_VALID, parameters)
        result = cursor.pgresult
        if result is None or result.ntuples == 0:
            return NO_POSITION
        since, ids, amounts = (result.get_value(0, column) or b"" for column in range(3))
    day = _PG_EPOCH + timedelta(days=int.from_bytes(since, "big", signed=True))
    return Position(day, _array(ids, "S16"), _array(amounts, ">i8").astype(np.int64))


def posted(position: Position, after: bytes, asset_id: NDArray[np.bytes_]) -> Posted:
    """What is posted to the assets with these ids (ascending): the position, and AFTER_POSITION's value."""
    rows = _SINCE.rows(after)
    base = np.zeros(len(asset_id), np.int64)
    base[_known(asset_id, position.asset_id)] = position.posted_minor
    at = _known(asset_id, rows["asset_id"])

    def column(name: str, over: Int64 | None = None) -> Int64:
        values = np.zeros(len(asset_id), np.int64)
        values[at] = rows[name]
        return values if over is None else values + over

    return Posted(
        before_minor=column("before", base),
        through_minor=column("through", base),
        lying_minor=column("lying", base),
        here=column("here"),
        summed=int(rows["updates"].sum()),
    )


def _known(asset_id: NDArray[np.bytes_], wanted: NDArray[np.bytes_]) -> Int64:
    at = places(asset_id, wanted)
    if (at < 0).any():
        raise IntegrityViolation("something is posted to an asset that is not in the book")
    return at


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
            """SELECT asset_id, effective_period, count(*),
                      coalesce(sum(amount_minor) FILTER (
                          WHERE update_type = 'DEPRECIATION_AMORTIZATION' AND NOT beside_plan), 0)::bigint
               FROM value_update
               WHERE business_id = %s AND book_id = %s AND effective_period = ANY (%s) AND asset_id = ANY (%s)
               GROUP BY asset_id, effective_period""",
            (business_id, book_id, starts, list(row_of)),
        )
        for asset, start, count, amount in cursor:
            amounts[row_of[asset], column_of[start]] = amount
            counts[row_of[asset], column_of[start]] = count
    return amounts, counts


def posted_by_tags(
    connection: Connection, business_id: UUID, book_id: UUID, assets: NDArray[np.void], starts: list[date]
) -> tuple[Int64, Int64, Int64]:
    """What is posted to each of these pairs of an asset and an effective period, by tags: the pair's place, the tag set
    (0 for none) and the amount, which is not zero; three arrays (p,), in order of place and tag set."""
    statement = f"""
        SELECT w.place - 1, coalesce(l.tag_set, 0), sum(v.amount_minor)::bigint
        FROM unnest(%s::uuid[], %s::date[]) WITH ORDINALITY w (asset_id, effective_period, place)
        JOIN value_update v USING (asset_id, effective_period)
        LEFT JOIN journal_line l
            ON l.business_id = v.business_id AND l.entry_id = v.entry_id AND l.line_no = v.debit_line
        WHERE v.business_id = %s AND v.book_id = %s AND {_DEPRECIATION}
        GROUP BY 1, 2 HAVING sum(v.amount_minor) <> 0 ORDER BY 1, 2"""  # noqa: S608 - made of a constant
    ids = [UUID(bytes=asset.tobytes()) for asset in assets]
    with driver(connection).cursor(binary=True) as cursor:
        rows = cursor.execute(statement, (ids, starts, business_id, book_id)).fetchall()
    place, tag_set, amount = np.array(rows, np.int64).reshape(-1, 3).T
    return place, tag_set, amount


def write(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    start: date,
    generation: int,
    asset_id: NDArray[np.void],
    posted_minor: Int64,
) -> None:
    """Keeps the position of a period that closes: the assets that have one, ids ascending."""
    there = np.flatnonzero(posted_minor)
    with driver(connection).cursor() as cursor:
        for array in (_Uuids, _Bigints):
            cursor.adapters.register_dumper(array, _ArrayDumper)
        cursor.execute(
            """INSERT INTO posted_position (business_id, book_id, period_start, generation, asset_ids, posted_minor)
               VALUES (%s, %s, %s, %s, %s, %s)""",
            (business_id, book_id, start, generation, _Uuids(asset_id[there]), _Bigints(posted_minor[there])),
        )


_DIFFERING = text(f"""
    WITH position AS (
        SELECT q.period_start, q.generation, unnest(q.asset_ids) AS asset_id, unnest(q.posted_minor) AS amount
        FROM posted_position q JOIN period p ON p.business_id = q.business_id AND p.book_id = q.book_id
            AND p.period_start = q.period_start AND p.generation = q.generation
        WHERE q.business_id = :business AND q.book_id = :book AND q.period_start = ANY (ARRAY(
            SELECT period_start FROM posted_position
            WHERE business_id = :business AND book_id = :book AND period_start <= :start
            GROUP BY period_start ORDER BY period_start DESC LIMIT 2))
    ), said AS (
        SELECT asset_id, sum(CASE WHEN period_start = :start THEN amount ELSE -amount END) AS amount
        FROM position GROUP BY asset_id
    ), lies AS (
        SELECT asset_id, sum(amount_minor) AS amount FROM value_update
        WHERE business_id = :business AND book_id = :book AND {_DEPRECIATION} AND posting_period <= :start
          AND posting_period > coalesce(
              (SELECT max(period_start) FROM position WHERE period_start < :start), '-infinity')
        GROUP BY asset_id
    )
    SELECT count(*) FROM said FULL JOIN lies USING (asset_id)
    WHERE coalesce(said.amount, 0) <> coalesce(lies.amount, 0)
      AND EXISTS (SELECT FROM position WHERE period_start = :start)
""")  # noqa: S608 - made of constants


def differing(connection: Connection, business_id: UUID, book_id: UUID, start: date) -> int:
    """Of how many assets a period's position is not that of the one before it and the value updates between them.

    0 where the period has none. As periods are locked in order, each lock carries the comparison one position on.
    """
    parameters = {"business": business_id, "book": book_id, "start": start}
    return int(connection.scalar(_DIFFERING, parameters) or 0)


@dataclass(frozen=True, slots=True)
class _Uuids:
    values: NDArray[np.void]
    oid = 2950
    kind = "V16"


@dataclass(frozen=True, slots=True)
class _Bigints:
    values: Int64
    oid = 20
    kind = ">i8"


class _ArrayDumper(Dumper):
    """An array without NULLs as the server sends and takes it: no Python object an element."""

    format = Format.BINARY

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self.oid = {_Uuids: 2951, _Bigints: 1016}[cls]

    def dump(self, obj: "_Uuids | _Bigints") -> bytes:
        """Dimensions, flags, element type, length, lower bound; then each element's length and value."""
        elements = np.zeros(len(obj.values), [("length", ">i4"), ("value", obj.kind)])
        elements["length"] = elements.dtype["value"].itemsize
        elements["value"] = obj.values
        head = np.array([1, 0, obj.oid, len(elements), 1] if len(elements) else [0, 0, obj.oid], ">i4")
        return head.tobytes() + elements.tobytes()


def _array(value: bytes, kind: str) -> NDArray[Any]:
    """The elements of such an array."""
    element = np.dtype([("length", ">i4"), ("value", kind)])
    return np.frombuffer(value, element, offset=20)["value"] if len(value) > 12 else np.empty(0, kind)
