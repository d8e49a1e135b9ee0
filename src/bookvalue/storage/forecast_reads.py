"""What a forecast reads beside the register: where the book stands, what it has ahead, and what things are called.

Runs inside the caller's transaction and snapshot; reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from bookvalue.domain.errors import IntegrityViolation
from bookvalue.engine.register import Int64
from bookvalue.storage.packed import Packed, places
from bookvalue.storage.unit_of_work import driver

_POSTED = Packed({"asset_id": ("id", "asset_id"), "amount": ("big", "amount")})
_POSTED_TO = _POSTED.select(
    """(SELECT asset_id, sum(amount_minor)::bigint AS amount FROM value_update
        WHERE business_id = %(business)s AND book_id = %(book)s AND effective_period = %(start)s
          AND update_type = 'DEPRECIATION_AMORTIZATION' AND NOT beside_plan
        GROUP BY asset_id) posted"""
)
_POSTED_TO_SOME = _POSTED_TO.replace("GROUP BY", "AND asset_id = ANY (%(assets)s) GROUP BY")


@dataclass(frozen=True, slots=True)
class AssetLabel:
    """What an asset is known by."""

    id: UUID
    external_id: str
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class TypeLabel:
    """What an asset type is known by."""

    id: UUID
    name: str


def first_unclosed(connection: Connection, business_id: UUID, book_id: UUID) -> date | None:
    """The start of the first period that takes postings; where none does, the day after the last; None without any."""
    found: date | None = connection.scalar(
        text("""SELECT coalesce(min(period_start) FILTER (WHERE status IN ('open', 'closing')), max(period_end) + 1)
                FROM period WHERE business_id = :business AND book_id = :book"""),
        {"business": business_id, "book": book_id},
    )
    return found


def posted_to(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    start: date,
    asset_id: NDArray[np.void],
    only: Sequence[UUID] | None = None,
) -> Int64:
    """Depreciation posted to the effective period that starts on a day: minor units, in the order of the ids (n,).

    only: the ids once more, where they are not the whole register's.
    """
    parameters = {"business": business_id, "book": book_id, "start": start, "assets": only}
    with driver(connection).cursor(binary=True) as cursor:
        cursor.execute("SELECT " + (_POSTED_TO if only is None else _POSTED_TO_SOME), parameters)
        (value,) = cursor.fetchone() or (b"",)
    rows = _POSTED.rows(value)
    at = places(asset_id.view("S16"), rows["asset_id"])
    if (at < 0).any():
        raise IntegrityViolation("something is posted to an asset that is not in the book")
    amounts = np.zeros(len(asset_id), np.int64)
    amounts[at] = rows["amount"]
    return amounts


def asset_labels(connection: Connection, business_id: UUID, asset_ids: Sequence[UUID]) -> dict[UUID, AssetLabel]:
    """What the assets are called, by id."""
    statement = text(
        "SELECT id, external_id, number, name FROM asset WHERE business_id = :business AND id = ANY (:ids)"
    )
    rows = connection.execute(statement, {"business": business_id, "ids": list(asset_ids)})
    return {row.id: AssetLabel(row.id, row.external_id, row.number, row.name) for row in rows}


def type_labels(connection: Connection, business_id: UUID) -> dict[int, TypeLabel]:
    """What the asset types are called, by ordinal."""
    statement = text("SELECT ordinal, id, name FROM asset_type WHERE business_id = :business")
    return {
        row.ordinal: TypeLabel(row.id, row.name) for row in connection.execute(statement, {"business": business_id})
    }
