"""Which assets a list shows and in what order, and what is posted to them: read only, a page at a time."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.domain.calendar import Period
from bookvalue.domain.terms import AssetKind, AssetStatus


class AssetOrder(StrEnum):
    """What a list of assets is ordered by."""

    NUMBER = "number"
    NAME = "name"
    PURCHASE_DATE = "purchase_date"
    ORIGINAL_VALUE = "original_value"


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """Which assets are asked for; None is any. `search` is looked for in name, number, description and type name."""

    status: AssetStatus | None = None
    kind: AssetKind | None = None
    asset_type_id: UUID | None = None
    ledger_account_id: UUID | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the last asset's value in the list's order, as text, and its id."""

    value: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Posted:
    """Depreciation posted to an asset in the posting book: in all, and in the fiscal year asked for."""

    total_minor: int
    year_minor: int


# order -> its expression, and the type that a position's text is cast to; an asset without a date comes last
_ORDERS = {
    AssetOrder.NUMBER: ("a.number", "text"),
    AssetOrder.NAME: ("a.name", "text"),
    AssetOrder.PURCHASE_DATE: ("coalesce(a.purchase_date, 'infinity')", "date"),
    AssetOrder.ORIGINAL_VALUE: ("d.cost_minor", "bigint"),
}
_FILTERS = {
    "status": "d.status = :status",
    "kind": "a.kind = :kind",
    "asset_type_id": "t.id = :asset_type_id",
    "ledger_account_id": "coalesce(a.ledger_account_id, t.ledger_account_id) = :ledger_account_id",
    "search": r"concat_ws(E'\n', a.name, a.number, a.description, t.name) ILIKE :search",
}


def page(
    connection: Connection,
    business_id: UUID,
    wanted: AssetFilter,
    order: AssetOrder,
    *,
    descending: bool,
    after: Position | None,
    limit: int,
) -> list[Position]:
    """Where up to `limit` assets stand in the list, from the one after `after`; ties go by id."""
    expression, kind = _ORDERS[order]
    given = {name: getattr(wanted, name) for name in _FILTERS if getattr(wanted, name) is not None}
    conditions = [_FILTERS[name] for name in given]
    if after is not None:
        sign = "<" if descending else ">"
        conditions.append(f"({expression}, a.id) {sign} (CAST(:value AS {kind}), :id)")
        given |= {"value": after.value, "id": after.id}
    if wanted.search is not None:
        given["search"] = f"%{_literal(wanted.search)}%"
    direction = "DESC" if descending else "ASC"
    statement = text(f"""
        SELECT a.id, CAST({expression} AS text) AS value FROM asset a
        JOIN book b ON b.business_id = a.business_id AND b.is_posting
        JOIN asset_book d ON d.business_id = a.business_id AND d.book_id = b.id AND d.asset_id = a.id
        LEFT JOIN asset_type t ON t.business_id = d.business_id AND t.ordinal = d.asset_type
        WHERE {" AND ".join(["a.business_id = :business", *conditions])}
        ORDER BY {expression} {direction}, a.id {direction} LIMIT :limit""")  # noqa: S608 (words of this file only)
    rows = connection.execute(statement, {"business": business_id, "limit": limit, **given})
    return [Position(row.value, row.id) for row in rows]


def fits(order: AssetOrder, value: str) -> bool:
    """Whether a position's value is one of its order: a cursor may come from anywhere."""
    shape = {
        AssetOrder.PURCHASE_DATE: r"infinity|[12][0-9]{3}-[0-9]{2}-[0-9]{2}",
        AssetOrder.ORIGINAL_VALUE: r"[0-9]{1,16}",
    }
    if order not in shape:
        return True
    if not re.fullmatch(shape[order], value):
        return False
    try:
        return order is not AssetOrder.PURCHASE_DATE or value == "infinity" or bool(date.fromisoformat(value))
    except ValueError:
        return False


def _literal(search: str) -> str:
    """The text with the wildcards of LIKE made plain."""
    return search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def last_posted(connection: Connection, business_id: UUID, book_id: UUID) -> Period | None:
    """The last period of the book that a run has posted through, or that is closed; None before."""
    row = connection.execute(
        text("""SELECT p.period_start, p.period_end FROM period p
                LEFT JOIN run r ON r.business_id = p.business_id AND r.id = p.last_run_id
                WHERE p.business_id = :business AND p.book_id = :book
                  AND (p.status IN ('closed', 'locked') OR r.status IN ('posted', 'posted_with_exceptions'))
                ORDER BY p.period_start DESC LIMIT 1"""),
        {"business": business_id, "book": book_id},
    ).one_or_none()
    return None if row is None else Period(row.period_start, row.period_end)


def posted_to(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID], year: tuple[date, date]
) -> dict[UUID, Posted]:
    """What is posted to each of the assets, and how much of it lies in periods that start within `year` (both ends).

    An asset without postings is not in the answer.
    """
    # the key has the period before the asset: with the periods named, each asset is looked up and not searched for
    parameters: dict[str, Any] = {
        "business": business_id, "book": book_id, "ids": list(asset_ids), "first": year[0], "last": year[1],
    }  # fmt: skip
    rows = connection.execute(
        text("""SELECT v.asset_id, sum(v.amount_minor)::bigint AS total,
                       coalesce(sum(v.amount_minor) FILTER (WHERE v.posting_period BETWEEN :first AND :last), 0)::bigint
                           AS in_year
                FROM value_update v
                WHERE v.business_id = :business AND v.book_id = :book AND v.asset_id = ANY (:ids)
                  AND v.effective_period = ANY (ARRAY(
                      SELECT period_start FROM period WHERE business_id = :business AND book_id = :book))
                GROUP BY v.asset_id"""),
        parameters,
    )
    return {row.asset_id: Posted(row.total, row.in_year) for row in rows}
