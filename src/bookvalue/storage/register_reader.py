"""The bulk read: a book's register as columns, with what is posted to it, decoded without a Python object a row.

One table and one value for all rows (docs/decisions/0007). Runs inside the caller's transaction and snapshot.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
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
from bookvalue.ledger.tag_split import NO_TAGS, TagDays
from bookvalue.storage import fact_tables, posted_positions, tag_sets
from bookvalue.storage.bulk_plan import plan_in_bulk
from bookvalue.storage.packed import Packed, day, engine_day, places
from bookvalue.storage.posted_positions import Posted
from bookvalue.storage.settings_rows import settings_of, unknown_word
from bookvalue.storage.unit_of_work import driver

STATUS_CODES = {status: code for code, status in enumerate(AssetStatus, 1)}
_STATUS = " ".join(f"WHEN '{status}' THEN {code}" for status, code in STATUS_CODES.items())

_OF_BOOK = "asset_book WHERE business_id = %(business)s AND book_id = %(book)s"
_ROW = Packed(
    {
        "asset_id": ("id", "asset_id"),
        "settings_id": ("int", "settings_id"),
        "asset_type": ("int", "coalesce(asset_type, 0)"),
        "start_day": day("depreciation_start_date"),
        "opening_day": day("opening_as_of"),
        "cost_minor": ("big", "cost_minor"),
        "residual_minor": ("big", "residual_minor"),
        "opening_accumulated_minor": ("big", "opening_accumulated_minor"),
        "opening_current_year_minor": ("big", "opening_current_year_minor"),
    }
)
# What most assets have none of: read of those alone that the index `asset_book_special` knows, in its own words.
_SPECIAL = Packed(
    {
        "asset_id": ("id", "asset_id"),
        "status": ("int", f"CASE status {_STATUS} ELSE 0 END"),
        "disposal_day": day("disposal_date"),
        "accumulated_account": ("int", "coalesce(accumulated_account, 0)"),
        "expense_account": ("int", "coalesce(expense_account, 0)"),
        "cost_limit_minor": ("big", f"coalesce(cost_limit_minor, {NO_LIMIT})"),
        "units_total_micro": ("big", "coalesce(units_total_micro, 0)"),
    }
)
_IS_SPECIAL = """status <> 'registered' OR num_nonnulls(disposal_date, accumulated_account, expense_account,
    cost_limit_minor, units_total_micro) > 0"""
_BULK = (
    f"SELECT {_ROW.select(_OF_BOOK)}, {_SPECIAL.select(f'{_OF_BOOK} AND ({_IS_SPECIAL})')}, "
    f"{posted_positions.AFTER_POSITION}, {fact_tables.SELECTED}"
)
_BULK_OF_SOME = _BULK.replace("AND book_id = %(book)s", "AND book_id = %(book)s AND asset_id = ANY (%(assets)s)")
# What the small numbers on a row stand for; one row, so that it takes one trip.
_BESIDE = text(f"""
    SELECT (SELECT coalesce(json_agg(s ORDER BY s.id), '[]') FROM depreciation_settings s
            WHERE s.business_id = :business) AS settings,
           (SELECT coalesce(json_agg(json_build_array(t.ordinal, coalesce(acc.ordinal, 0), coalesce(exp.ordinal, 0))
                                     ORDER BY t.ordinal), '[]')
            FROM asset_type t
            LEFT JOIN account acc ON acc.business_id = t.business_id AND acc.id = t.accumulated_account_id
            LEFT JOIN account exp ON exp.business_id = t.business_id AND exp.id = t.expense_account_id
            WHERE t.business_id = :business) AS types,
           {tag_sets.ANY} AS tagged
""")  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Positions:
    """A book's register with what is posted to it, in order of the asset's id; arrays of shape (n,).

    asset_id: 16-byte values. status: STATUS_CODES, 0 for a word not known here. asset_type, accumulated_account,
    expense_account: ordinals of the types and of the chart, 0 where there is none. unknown: for each of the register's
    settings, the column that holds a word not known here, or None; such settings are there with the method `none`.
    digest: SHA-256 of all that was read, of the assets' tags too.
    """

    register: RegisterColumns
    unknown: Sequence[str | None]
    asset_id: NDArray[np.void]
    status: Int64
    asset_type: NDArray[np.int32]
    accumulated_account: Int64
    expense_account: Int64
    tags: TagDays
    posted: Posted
    digest: bytes

    def __len__(self) -> int:
        return len(self.asset_id)


def read_positions(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    period_start: date,
    calendar: FiscalCalendar,
    only: Collection[UUID] | None = None,
) -> Positions:
    """The register of a book as of a period: the whole of it, or of `only` these assets, without any position."""
    parameters: dict[str, Any] = {"business": business_id, "book": book_id, "period": period_start}
    beside = connection.execute(_BESIDE, parameters).one()
    if only is None:
        plan_in_bulk(connection)
        position = posted_positions.latest(connection, parameters)
    else:
        position, parameters["assets"] = posted_positions.NO_POSITION, list(only)
    with driver(connection).cursor(binary=True) as cursor:
        cursor.execute(_BULK if only is None else _BULK_OF_SOME, {**parameters, "since": position.since})
        register, special, after, *facts = cursor.fetchone() or ()
    rows = _by_id(_ROW.rows(register))
    ids = np.ascontiguousarray(rows["asset_id"])
    posted = posted_positions.posted(position, after, ids)
    settings, unknown, setting = _settings(beside.settings, rows["settings_id"])
    special_rows = _by_id(_SPECIAL.rows(special))
    rare = _rare(special_rows, ids)
    accumulated, expense = _accounts(beside.types, rows["asset_type"], rare)
    tables = fact_tables.decoded(tuple(facts), ids)
    tags = tag_sets.days_of(connection, business_id, ids, only) if beside.tagged else NO_TAGS
    columns = RegisterColumns(
        fiscal_calendar=calendar,
        settings=settings,
        setting=setting,
        start_day=engine_day(rows["start_day"], none=NO_DAY),
        disposal_day=rare["disposal_day"],
        cost_limit_minor=rare["cost_limit_minor"],
        units_total_micro=rare["units_total_micro"],
        opening_day=engine_day(rows["opening_day"], none=NO_DAY),
        changes=tables.changes,
        suspensions=tables.suspensions,
        units=tables.units,
        manual=tables.manual,
        beside=tables.beside,
        **{name: rows[name].astype(np.int64) for name in _AMOUNTS},
    )
    return Positions(
        register=columns,
        unknown=unknown,
        asset_id=ids.view("V16"),
        status=rare["status"],
        asset_type=rows["asset_type"].astype(np.int32),
        accumulated_account=accumulated,
        expense_account=expense,
        tags=tags,
        posted=posted,
        digest=_digest(columns, rows, [special_rows, *beside.types], tags, posted),
    )


_AMOUNTS = ("cost_minor", "residual_minor", "opening_accumulated_minor", "opening_current_year_minor")


def _by_id(rows: NDArray[np.void]) -> NDArray[np.void]:
    """The rows in order of the id. As a rule they come so: assets are stored in the order in which ids are made."""
    ids = np.ascontiguousarray(rows["asset_id"])
    return rows if (ids[1:] > ids[:-1]).all() else rows[np.argsort(ids)]


def _rare(special: NDArray[np.void], ids: NDArray[np.bytes_]) -> dict[str, Int64]:
    """The columns of which most assets have nothing, for all of them."""
    usual = {
        "status": STATUS_CODES[AssetStatus.REGISTERED], "disposal_day": NEVER, "accumulated_account": 0,
        "expense_account": 0, "cost_limit_minor": NO_LIMIT, "units_total_micro": 0,
    }  # fmt: skip
    at = places(ids, special["asset_id"])
    columns = {name: np.full(len(ids), value, np.int64) for name, value in usual.items()}
    for name, values in columns.items():
        given = special[name]
        values[at] = engine_day(given, none=NEVER) if name == "disposal_day" else given
    return columns


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


def _accounts(
    types: Sequence[Sequence[int]], asset_type: NDArray[np.int32], own: Mapping[str, Int64]
) -> tuple[Int64, Int64]:
    """Each row's accounts for accumulated depreciation and expense: its own, else its type's, else 0."""
    of_type = np.zeros((2, max((ordinal for ordinal, _, _ in types), default=0) + 1), np.int64)
    for ordinal, *accounts in types:
        of_type[:, ordinal] = accounts

    def own_or_default(side: int, name: str) -> Int64:
        return np.where(own[name] > 0, own[name], of_type[side].take(asset_type))

    return own_or_default(0, "accumulated_account"), own_or_default(1, "expense_account")


def _digest(
    register: RegisterColumns, rows: NDArray[np.void], beside: Sequence[Any], tags: TagDays, posted: Posted
) -> bytes:
    """SHA-256 over what was read, in order of the id; the same whatever lies in a position or after it."""
    digest = hashlib.sha256(repr((register.fiscal_calendar, register.settings)).encode())
    for part in (rows, *beside, posted.before_minor, posted.through_minor, posted.here):
        digest.update(np.ascontiguousarray(part).data)
    for table in (register.changes, register.suspensions, register.units, register.manual, register.beside, tags):
        for field in fields(table):
            digest.update(getattr(table, field.name).tobytes())
    return digest.digest()
