"""What lines are tagged with: each distinct set of tags once a business, under a small number; and who has it when.

A set comes into being with the tags of an asset (tags.py) and never changes. Rows of asset_tag that are archived never
counted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from bookvalue.ledger.tag_split import TagDays
from bookvalue.storage.many_rows import insert_rows
from bookvalue.storage.packed import Packed, day, places
from bookvalue.storage.tables import tag_set
from bookvalue.storage.unit_of_work import driver

ANY = "EXISTS (SELECT FROM asset_tag WHERE business_id = :business AND archived_at IS NULL)"
"""Whether an asset of the business has, or had, tags."""

_PERIODS = "coalesce(first_day, date '0001-01-01') AS first_day, coalesce(last_day, date '9999-12-30') AS last_day"
# On each day on which the tags of an asset change, all that it has from then on. A set without its number is NULL, and
# so refused by what reads it.
_SETS = f"""
    WITH spans AS MATERIALIZED (
        SELECT asset_id, definition_id, {_PERIODS} FROM asset_tag
        WHERE business_id = %(business)s AND archived_at IS NULL
          AND (%(assets)s::uuid[] IS NULL OR asset_id = ANY (%(assets)s::uuid[]))
    ), turns AS (
        SELECT asset_id, first_day AS day FROM spans UNION
        SELECT asset_id, last_day + 1 FROM spans WHERE last_day < date '9999-12-30'
    ), had AS (
        SELECT c.asset_id, c.day, array_agg(s.definition_id ORDER BY s.definition_id)
                   FILTER (WHERE s.definition_id IS NOT NULL) AS ids
        FROM turns c LEFT JOIN spans s ON s.asset_id = c.asset_id AND c.day BETWEEN s.first_day AND s.last_day
        GROUP BY c.asset_id, c.day
    )
    SELECT h.asset_id, h.day, CASE WHEN h.ids IS NULL THEN 0 ELSE n.id END AS tag_set
    FROM had h LEFT JOIN tag_set n ON n.business_id = %(business)s AND n.definition_ids = h.ids"""  # noqa: S608 - constants
_DAYS = Packed({"asset_id": ("id", "asset_id"), "day": day("day"), "tag_set": ("int", "tag_set")})
_READ = f"SELECT {_DAYS.select(f'({_SETS}) tagged')}"


def days_of(
    connection: Connection, business_id: UUID, asset_id: NDArray[np.bytes_], only: Collection[UUID] | None
) -> TagDays:
    """From when which of these assets have which tags; asset_id: ids ascending, of which a row is the place.

    only: these assets alone, None for all. Raises IntegrityViolation for a set without a number.
    """
    with driver(connection).cursor(binary=True) as cursor:
        cursor.execute(_READ, {"business": business_id, "assets": None if only is None else list(only)})
        rows = _DAYS.rows((cursor.fetchone() or ())[0])
    row, days = places(asset_id, rows["asset_id"]), rows["day"].astype(np.int64)
    order = np.lexsort((days, row))
    order = order[row[order] >= 0]
    row, days, sets = row[order], days[order], rows["tag_set"].astype(np.int64)[order]
    # what goes and comes again on one day is no change
    turns = np.ones(len(row), np.bool_)
    turns[1:] = (row[1:] != row[:-1]) | (sets[1:] != sets[:-1])
    return TagDays(row[turns], days[turns], sets[turns])


_ON_DAYS = text("""
    SELECT had.asset_id, had.day, n.id FROM (
        SELECT w.asset_id, w.day, array_agg(t.definition_id ORDER BY t.definition_id) AS ids
        FROM (SELECT unnest(CAST(:assets AS uuid[])) AS asset_id, unnest(CAST(:days AS date[])) AS day) w
        JOIN asset_tag t ON t.business_id = :business AND t.asset_id = w.asset_id AND t.archived_at IS NULL
            AND w.day >= coalesce(t.first_day, '-infinity') AND w.day <= coalesce(t.last_day, 'infinity')
        GROUP BY w.asset_id, w.day) had
    JOIN tag_set n ON n.business_id = :business AND n.definition_ids = had.ids""")


def on_days(
    connection: Connection, business_id: UUID, wanted: Collection[tuple[UUID, date]]
) -> dict[tuple[UUID, date], int]:
    """The tag set of each of these assets on a day; one without tags on it is not in the answer."""
    pairs = list(dict.fromkeys(wanted))
    parameters = {
        "business": business_id,
        "assets": [asset_id for asset_id, _ in pairs],
        "days": [day_ for _, day_ in pairs],
    }
    return {(row.asset_id, row.day): row.id for row in connection.execute(_ON_DAYS, parameters)}


def on_day(connection: Connection, business_id: UUID, asset_id: UUID, day: date) -> int | None:
    """The tag set of an asset on a day, None without tags."""
    return on_days(connection, business_id, [(asset_id, day)]).get((asset_id, day))


def of_entry(connection: Connection, business_id: UUID, entry_id: UUID) -> int | None:
    """The tag set of an entry of a person's own act: all its lines have the same."""
    statement = text(
        "SELECT tag_set FROM journal_line WHERE business_id = :business AND entry_id = :entry AND line_no = 1"
    )
    found: int | None = connection.scalar(statement, {"business": business_id, "entry": entry_id})
    return found


def of_update(
    connection: Connection, business_id: UUID, book_id: UUID, asset_id: UUID, effective: date, sequence: int
) -> int | None:
    """The tag set of the lines that a value update names: both have the same."""
    statement = text("""
        SELECT l.tag_set FROM value_update v
        JOIN journal_line l ON l.business_id = v.business_id AND l.entry_id = v.entry_id AND l.line_no = v.debit_line
        WHERE v.business_id = :business AND v.book_id = :book AND v.effective_period = :effective
          AND v.asset_id = :asset AND v.sequence = :sequence""")
    parameters = {"business": business_id, "book": book_id, "asset": asset_id, "effective": effective}
    found: int | None = connection.scalar(statement, {**parameters, "sequence": sequence})
    return found


_WITHOUT_NUMBER = text("""
    WITH spans AS (
        SELECT asset_id, definition_id, coalesce(first_day, '-infinity') AS first_day,
               coalesce(last_day, 'infinity') AS last_day
        FROM asset_tag WHERE business_id = :business AND asset_id = ANY (:assets) AND archived_at IS NULL
    ), had AS (
        SELECT array_agg(s.definition_id ORDER BY s.definition_id) AS ids
        FROM (SELECT asset_id, first_day AS day FROM spans UNION
              SELECT asset_id, last_day + 1 FROM spans WHERE last_day < 'infinity') c
        JOIN spans s ON s.asset_id = c.asset_id AND c.day BETWEEN s.first_day AND s.last_day
        GROUP BY c.asset_id, c.day
    )
    SELECT DISTINCT ids, (SELECT coalesce(max(id), 0) FROM tag_set WHERE business_id = :business) AS last
    FROM had WHERE NOT EXISTS (SELECT FROM tag_set n WHERE n.business_id = :business AND n.definition_ids = had.ids)
    ORDER BY ids""")


def number(connection: Connection, business_id: UUID, asset_ids: Collection[UUID]) -> None:
    """Numbers the sets that these assets have at any time. The caller holds the business against other writers."""
    found = connection.execute(_WITHOUT_NUMBER, {"business": business_id, "assets": list(asset_ids)}).all()
    rows: list[Mapping[str, Any]] = [
        {"business_id": business_id, "id": row.last + place, "definition_ids": [str(id_) for id_ in row.ids]}
        for place, row in enumerate(found, 1)
    ]
    insert_rows(connection, tag_set, rows)


@dataclass(frozen=True, slots=True)
class LineTag:
    """A tag of a line, by the names that its dimension and its value have now."""

    key: str
    value: str
    dimension_id: UUID
    definition_id: UUID
    dimension_display_name: str | None
    value_display_name: str | None


def shown(connection: Connection, business_id: UUID, numbers: Collection[int]) -> dict[int, tuple[LineTag, ...]]:
    """The tags of each of these sets, in order of their keys."""
    if not numbers:
        return {}
    rows = connection.execute(
        text("""
            SELECT s.id, d.key, v.value, v.dimension_id, v.id AS definition_id,
                   d.display_name AS dimension_name, v.display_name AS value_name
            FROM tag_set s
            JOIN tag_definition v ON v.business_id = s.business_id AND v.id = ANY (s.definition_ids)
            JOIN tag_dimension d ON d.business_id = s.business_id AND d.id = v.dimension_id
            WHERE s.business_id = :business AND s.id = ANY (:numbers) ORDER BY s.id, d.key COLLATE "C" """),
        {"business": business_id, "numbers": list(numbers)},
    )
    found: dict[int, tuple[LineTag, ...]] = {}
    for number_, *tag in rows:
        found[number_] = (*found.get(number_, ()), LineTag(*tag))
    return found
