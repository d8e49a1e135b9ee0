"""Which assets a list shows and in what order: read only, a page at a time."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.domain.terms import AssetKind, AssetStatus


class AssetOrder(StrEnum):
    """What a list of assets is ordered by."""

    NUMBER = "number"
    NAME = "name"
    PURCHASE_DATE = "purchase_date"
    ORIGINAL_VALUE = "original_value"
    ASSET_TYPE = "asset_type"
    DISPOSAL_DATE = "disposal_date"
    DISPOSAL_PRICE = "disposal_price"


OF_DISPOSED = (AssetOrder.DISPOSAL_DATE, AssetOrder.DISPOSAL_PRICE)
"""The orders in which only assets that are disposed of have a place."""


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """Which assets are asked for; None is any. `search` is looked for in name, number, description and type name.

    active: neither disposed of nor archived.
    """

    status: AssetStatus | None = None
    kind: AssetKind | None = None
    asset_type_id: UUID | None = None
    ledger_account_id: UUID | None = None
    search: str | None = None
    archived: bool | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the last asset's value in the list's order, as text, and its id."""

    value: str
    id: UUID


# order -> its expression, and the type that a position's text is cast to; an asset without a date comes last
_ORDERS = {
    AssetOrder.NUMBER: ("a.number", "text"),
    AssetOrder.NAME: ("a.name", "text"),
    AssetOrder.PURCHASE_DATE: ("coalesce(a.purchase_date, 'infinity')", "date"),
    AssetOrder.ORIGINAL_VALUE: ("d.cost_minor", "bigint"),
    AssetOrder.ASSET_TYPE: ("coalesce(t.name, '')", "text"),
    AssetOrder.DISPOSAL_DATE: ("coalesce(d.disposal_date, 'infinity')", "date"),
    AssetOrder.DISPOSAL_PRICE: ("coalesce(x.proceeds_minor, 0)", "bigint"),
}
# the disposal in force of the whole asset, where the order asks for it
_DISPOSAL = """
        LEFT JOIN disposal x ON x.business_id = d.business_id AND x.book_id = d.book_id AND x.asset_id = d.asset_id
            AND x.share_numerator IS NULL AND x.reverses IS NULL AND NOT EXISTS (
                SELECT FROM disposal y WHERE y.business_id = x.business_id AND y.book_id = x.book_id
                AND y.asset_id = x.asset_id AND y.reverses = x.sequence)"""
_FILTERS = {
    "status": "d.status = :status",
    "kind": "a.kind = :kind",
    "asset_type_id": "t.id = :asset_type_id",
    "ledger_account_id": "coalesce(a.ledger_account_id, t.ledger_account_id) = :ledger_account_id",
    "search": r"concat_ws(E'\n', a.name, a.number, a.description, t.name) ILIKE :search",
    "archived": "(a.archived_at IS NOT NULL) = :archived",
    "active": "(d.status <> 'disposed' AND a.archived_at IS NULL) = :active",
}


_LISTED = """asset a
        JOIN book b ON b.business_id = a.business_id AND b.is_posting
        JOIN asset_book d ON d.business_id = a.business_id AND d.book_id = b.id AND d.asset_id = a.id
        LEFT JOIN asset_type t ON t.business_id = d.business_id AND t.ordinal = d.asset_type"""


def page(
    connection: Connection,
    business_id: UUID,
    wanted: AssetFilter,
    order: AssetOrder,
    *,
    descending: bool,
    after: Position | None,
    limit: int,
    skipped: int = 0,
) -> list[Position]:
    """Where up to `limit` assets stand in the list, from the one after `after`, less `skipped`; ties go by id."""
    expression, kind = _ORDERS[order]
    conditions, given = _conditions(business_id, wanted)
    if after is not None:
        sign = "<" if descending else ">"
        conditions.append(f"({expression}, a.id) {sign} (CAST(:value AS {kind}), :id)")
        given |= {"value": after.value, "id": after.id}
    direction = "DESC" if descending else "ASC"
    beside = _DISPOSAL if order is AssetOrder.DISPOSAL_PRICE else ""
    statement = text(f"""
        SELECT a.id, CAST({expression} AS text) AS value FROM {_LISTED}{beside}
        WHERE {" AND ".join(conditions)}
        ORDER BY {expression} {direction}, a.id {direction} LIMIT :limit OFFSET :skipped""")  # noqa: S608 (own words)
    rows = connection.execute(statement, {"limit": limit, "skipped": skipped, **given})
    return [Position(row.value, row.id) for row in rows]


def count(connection: Connection, business_id: UUID, wanted: AssetFilter) -> int:
    """How many assets there are in the list."""
    conditions, given = _conditions(business_id, wanted)
    statement = text(f"SELECT count(*) FROM {_LISTED} WHERE {' AND '.join(conditions)}")  # noqa: S608 (own words)
    return int(connection.execute(statement, given).scalar_one())


def _conditions(business_id: UUID, wanted: AssetFilter) -> tuple[list[str], dict[str, Any]]:
    given = {name: getattr(wanted, name) for name in _FILTERS if getattr(wanted, name) is not None}
    conditions = ["a.business_id = :business", *(_FILTERS[name] for name in given)]
    if wanted.search is not None:
        given["search"] = f"%{_literal(wanted.search)}%"
    return conditions, {"business": business_id, **given}


def fits(order: AssetOrder, value: str) -> bool:
    """Whether a position's value is one of its order: a cursor may come from anywhere."""
    _, kind = _ORDERS[order]
    if kind == "text":
        return True
    if kind == "bigint":
        return re.fullmatch(r"[0-9]{1,16}", value) is not None
    if not re.fullmatch(r"infinity|[12][0-9]{3}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        return value == "infinity" or bool(date.fromisoformat(value))
    except ValueError:
        return False


def _literal(search: str) -> str:
    """The text with the wildcards of LIKE made plain."""
    return search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
