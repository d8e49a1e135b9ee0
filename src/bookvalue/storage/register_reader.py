"""The bulk read: a book's register as columns, with what is posted to it, decoded without a Python object a row.

One table and one value for all rows (docs/decisions/0007). Runs inside the caller's transaction and snapshot.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.errors import IntegrityViolation
from bookvalue.domain.terms import AssetStatus, Method
from bookvalue.engine.register import NEVER, NO_DAY, NO_LIMIT, Int64, RegisterColumns
from bookvalue.storage import fact_tables, posted_positions
from bookvalue.storage.bulk_plan import plan_in_bulk
from bookvalue.storage.packed import Packed, engine_day
from bookvalue.storage.posted_positions import Posted
from bookvalue.storage.settings_rows import settings_of, unknown_word
from bookvalue.storage.unit_of_work import driver

STATUS_CODES = {status: code for code, status in enumerate(AssetStatus, 1)}
_STATUS = " ".join(f"WHEN '{status}' THEN {code}" for status, code in STATUS_CODES.items())

_ROW = Packed(
    {
        "asset_id": ("id", "asset_id"),
        "settings_id": ("int", "settings_id"),
        "cost_minor": ("big", "cost_minor"),
        "cost_limit_minor": ("big", f"coalesce(cost_limit_minor, {NO_LIMIT})"),
        "residual_minor": ("big", "residual_minor"),
        "start_day": ("day", "coalesce(depreciation_start_date, '-infinity')"),
        "disposal_day": ("day", "coalesce(disposal_date, 'infinity')"),
        "opening_day": ("day", "coalesce(opening_as_of, '-infinity')"),
        "opening_accumulated_minor": ("big", "opening_accumulated_minor"),
        "opening_current_year_minor": ("big", "opening_current_year_minor"),
        "units_total_micro": ("big", "coalesce(units_total_micro, 0)"),
        "asset_type": ("int", "coalesce(asset_type, 0)"),
        "accumulated_account": ("int", "coalesce(accumulated_account, 0)"),
        "expense_account": ("int", "coalesce(expense_account, 0)"),
        "status": ("small", f"(CASE status {_STATUS} ELSE 0 END)::smallint"),
    }
)
_BULK = (
    "SELECT "
    + _ROW.select("asset_book WHERE business_id = %(business)s AND book_id = %(book)s")
    + f", {posted_positions.AFTER_POSITION}, {fact_tables.SELECTED}"
)
# What the small numbers on a row stand for; one row, so that it takes one trip.
_BESIDE = text("""
    SELECT (SELECT coalesce(json_agg(s ORDER BY s.id), '[]') FROM depreciation_settings s
            WHERE s.business_id = :business) AS settings,
           (SELECT coalesce(json_agg(json_build_array(t.ordinal, coalesce(acc.ordinal, 0), coalesce(exp.ordinal, 0))
                                     ORDER BY t.ordinal), '[]')
            FROM asset_type t
            LEFT JOIN account acc ON acc.business_id = t.business_id AND acc.id = t.accumulated_account_id
            LEFT JOIN account exp ON exp.business_id = t.business_id AND exp.id = t.expense_account_id
            WHERE t.business_id = :business) AS types
""")


@dataclass(frozen=True, slots=True)
class Positions:
    """A book's register with what is posted to it, in order of the asset's id; arrays of shape (n,).

    asset_id: 16-byte values. status: STATUS_CODES, 0 for a word not known here. accumulated_account, expense_account:
    ordinals of the chart, 0 where there is none. unknown: for each of the register's settings, the column that holds a
    word not known here, or None; such settings are there with the method `none`. digest: SHA-256 of all that was read.
    """

    register: RegisterColumns
    unknown: Sequence[str | None]
    asset_id: NDArray[np.void]
    status: Int64
    accumulated_account: Int64
    expense_account: Int64
    posted: Posted
    digest: bytes

    def __len__(self) -> int:
        return len(self.asset_id)


def read_positions(
    connection: Connection, business_id: UUID, book_id: UUID, period_start: date, calendar: FiscalCalendar
) -> Positions:
    """The whole register of a book as of a period."""
    parameters = {"business": business_id, "book": book_id, "period": period_start}
    plan_in_bulk(connection)
    beside = connection.execute(_BESIDE, parameters).one()
    position = posted_positions.latest(connection, parameters)
    with driver(connection).cursor(binary=True) as cursor:
        cursor.execute(_BULK, {**parameters, "since": position.since})
        register, after, *facts = cursor.fetchone() or ()
    rows = _by_id(_ROW.rows(register))
    ids = np.ascontiguousarray(rows["asset_id"])
    posted = posted_positions.posted(position, after, ids)
    settings, unknown, setting = _settings(beside.settings, rows["settings_id"])
    accumulated, expense = _accounts(beside.types, rows)
    tables = fact_tables.decoded(tuple(facts), ids)
    columns = RegisterColumns(
        fiscal_calendar=calendar,
        settings=settings,
        setting=setting,
        start_day=engine_day(rows["start_day"], none=NO_DAY),
        disposal_day=engine_day(rows["disposal_day"], none=NEVER),
        opening_day=engine_day(rows["opening_day"], none=NO_DAY),
        changes=tables.changes,
        suspensions=tables.suspensions,
        units=tables.units,
        manual=tables.manual,
        **{name: rows[name].astype(np.int64) for name in _AMOUNTS},
    )
    return Positions(
        register=columns,
        unknown=unknown,
        asset_id=ids.view("V16"),
        status=rows["status"].astype(np.int64),
        accumulated_account=accumulated,
        expense_account=expense,
        posted=posted,
        digest=_digest(columns, rows, accumulated, expense, posted),
    )


_AMOUNTS = (
    "cost_minor", "cost_limit_minor", "residual_minor", "opening_accumulated_minor", "opening_current_year_minor",
    "units_total_micro",
)  # fmt: skip


def _by_id(rows: NDArray[np.void]) -> NDArray[np.void]:
    """The rows in order of the id. As a rule they come so: assets are stored in the order in which ids are made."""
    ids = np.ascontiguousarray(rows["asset_id"])
    return rows if (ids[1:] > ids[:-1]).all() else rows[np.argsort(ids)]


def _settings(
    kept: Sequence[Mapping[str, Any]], numbers: NDArray[np.int32]
) -> tuple[tuple[DepreciationSettings, ...], list[str | None], Int64]:
    """The distinct settings, what is unknown of each, and the place of each row's settings among them."""
    unknown = [unknown_word(row) for row in kept]
    settings = [
        settings_of(row) if word is None else DepreciationSettings(Method.NONE)
        for row, word in zip(kept, unknown, strict=True)
    ]
    place = np.full(max((row["id"] for row in kept), default=0) + 1, -1, np.int64)
    place[[row["id"] for row in kept]] = np.arange(len(kept))
    setting = place.take(numbers)
    if (setting < 0).any():
        raise IntegrityViolation("an asset refers to settings that are not there")
    return tuple(settings), unknown, setting


def _accounts(types: Sequence[Sequence[int]], rows: NDArray[np.void]) -> tuple[Int64, Int64]:
    """Each row's accounts for accumulated depreciation and expense: its own, else its type's, else 0."""
    of_type = np.zeros((max((ordinal for ordinal, _, _ in types), default=0) + 1, 2), np.int64)
    for ordinal, *accounts in types:
        of_type[ordinal] = accounts
    default = of_type[rows["asset_type"]]

    def own_or_default(side: int, name: str) -> Int64:
        own = rows[name].astype(np.int64)
        return np.where(own > 0, own, default[:, side])

    return own_or_default(0, "accumulated_account"), own_or_default(1, "expense_account")


def _digest(
    register: RegisterColumns, rows: NDArray[np.void], accumulated: Int64, expense: Int64, posted: Posted
) -> bytes:
    """SHA-256 over what was read, in order of the id; the same whatever lies in a position or after it."""
    digest = hashlib.sha256(repr((register.fiscal_calendar, register.settings)).encode())
    for part in (rows, accumulated, expense, posted.before_minor, posted.through_minor, posted.here):
        digest.update(np.ascontiguousarray(part).data)
    for table in (register.changes, register.suspensions, register.units, register.manual):
        for field in fields(table):
            digest.update(getattr(table, field.name).tobytes())
    return digest.digest()


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
                      coalesce(sum(amount_minor) FILTER (WHERE update_type = 'DEPRECIATION_AMORTIZATION'), 0)::bigint
               FROM value_update
               WHERE business_id = %s AND book_id = %s AND effective_period = ANY (%s) AND asset_id = ANY (%s)
               GROUP BY asset_id, effective_period""",
            (business_id, book_id, starts, list(row_of)),
        )
        for asset, start, count, amount in cursor:
            amounts[row_of[asset], column_of[start]] = amount
            counts[row_of[asset], column_of[start]] = count
    return amounts, counts
