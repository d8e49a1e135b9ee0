"""Tags: dimensions with their values, and which asset has which from when to when.

What an asset turns out to have had otherwise is archived, and comes again as rows of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from bookvalue.domain.tag_spec import Tag
from bookvalue.storage import tag_sets
from bookvalue.storage.ids import uuid7
from bookvalue.storage.many_rows import insert_rows, new_ids
from bookvalue.storage.tables import asset_tag


@dataclass(frozen=True, slots=True)
class KeptTag:
    """A tag as it is kept, with all that seed 000 shows of one. archived_at: of its value, else of its dimension.

    first_day: from when the asset has it, None from ever.
    """

    id: UUID
    value: Tag
    dimension_id: UUID
    definition_id: UUID
    archived_at: datetime | None
    first_day: date | None


def tags_of(connection: Connection, business_id: UUID, asset_ids: Collection[UUID]) -> dict[UUID, list[KeptTag]]:
    """The last tags of each of the assets, in order of their keys; an asset without tags is not in the answer."""
    source = """SELECT a.*, NULL::date AS day FROM asset_tag a
                WHERE a.asset_id = ANY (:assets) AND a.last_day IS NULL"""
    found = _selected(connection, business_id, source, {"assets": list(asset_ids)})
    return {asset_id: kept for (asset_id, _), kept in found.items()}


def tags_on(
    connection: Connection, business_id: UUID, wanted: Collection[tuple[UUID, date]]
) -> dict[tuple[UUID, date], list[KeptTag]]:
    """The tags of each of these assets on a day, in order of their keys; one without tags is not in the answer."""
    pairs = list(dict.fromkeys(wanted))
    source = """SELECT a.*, w.day
                FROM (SELECT unnest(CAST(:assets AS uuid[])) AS asset_id, unnest(CAST(:days AS date[])) AS day) w
                JOIN asset_tag a ON a.asset_id = w.asset_id AND w.day >= coalesce(a.first_day, '-infinity')
                    AND w.day <= coalesce(a.last_day, 'infinity') WHERE true"""
    values = {"assets": [asset_id for asset_id, _ in pairs], "days": [day for _, day in pairs]}
    return _selected(connection, business_id, source, values)


def last_changes(connection: Connection, business_id: UUID, asset_ids: Collection[UUID]) -> dict[UUID, date]:
    """The last day from which the tags of each of the assets are others; one whose tags never changed is not in it."""
    statement = text("""
        SELECT asset_id, max(greatest(first_day, last_day + 1)) AS day FROM asset_tag
        WHERE business_id = :business AND asset_id = ANY (:assets) AND archived_at IS NULL
        GROUP BY asset_id HAVING max(greatest(first_day, last_day + 1)) IS NOT NULL""")
    found = connection.execute(statement, {"business": business_id, "assets": list(asset_ids)})
    return {row.asset_id: row.day for row in found} if asset_ids else {}


def _selected(
    connection: Connection, business_id: UUID, source: str, values: Mapping[str, Any]
) -> dict[tuple[UUID, Any], list[KeptTag]]:
    """The tags of the rows that a query gives, by asset and the day that it names."""
    statement = text(f"""
        SELECT t.asset_id, t.day, t.id, t.dimension_id, t.definition_id, t.first_day, d.key, v.value,
               d.display_name AS dimension_name, v.display_name AS value_name,
               coalesce(v.archived_at, d.archived_at) AS archived_at
        FROM ({source} AND a.business_id = :business AND a.archived_at IS NULL) t
        JOIN tag_dimension d ON d.business_id = t.business_id AND d.id = t.dimension_id
        JOIN tag_definition v ON v.business_id = t.business_id AND v.id = t.definition_id
        ORDER BY d.key COLLATE "C" """)  # noqa: S608 - made of constants
    found: dict[tuple[UUID, Any], list[KeptTag]] = {}
    for row in connection.execute(statement, {"business": business_id, **values}):
        found.setdefault((row.asset_id, row.day), []).append(_kept(row))
    return found


def _kept(row: Row[Any]) -> KeptTag:
    tag = Tag(row.key, row.value, row.dimension_name, row.value_name)
    return KeptTag(row.id, tag, row.dimension_id, row.definition_id, row.archived_at, row.first_day)


def put(
    connection: Connection,
    business_id: UUID,
    wanted: Mapping[UUID, Sequence[Tag]],
    first_days: Mapping[UUID, date | None] | None = None,
) -> None:
    """Gives assets these tags and no others, from a day on for good; dimensions and values come into being as they are
    used.

    first_days: of each asset, None (or none given) for ever. What the asset had before the day stays.
    """
    if not wanted:
        return
    definitions = _definitions(connection, business_id, [tag for tags in wanted.values() for tag in tags])
    dimension_of = {definition: dimension for dimension, definition in definitions.values()}
    before: dict[UUID, list[Row[Any]]] = {}
    for row in connection.execute(
        text("""SELECT id, asset_id, dimension_id, definition_id, first_day, last_day FROM asset_tag
                WHERE business_id = :business AND asset_id = ANY (:assets) AND archived_at IS NULL"""),
        {"business": business_id, "assets": list(wanted)},
    ):
        before.setdefault(row.asset_id, []).append(row)
        dimension_of[row.definition_id] = row.dimension_id
    gone: list[UUID] = []
    new: list[dict[str, Any]] = []
    for asset_id, tags in wanted.items():
        there = {(row.definition_id, row.first_day, row.last_day): row.id for row in before.get(asset_id, ())}
        keep = {definitions[tag.key, tag.value][1] for tag in tags}
        spans = _spans(there, keep, (first_days or {}).get(asset_id))
        gone += [id_ for span, id_ in there.items() if span not in spans]
        new += [
            {"asset_id": asset_id, "definition_id": definition, "first_day": first, "last_day": last}
            for definition, first, last in spans
            if (definition, first, last) not in there
        ]
    if gone:
        connection.execute(
            text("UPDATE asset_tag SET archived_at = now() WHERE business_id = :business AND id = ANY (:gone)"),
            {"business": business_id, "gone": gone},
        )
    rows = [
        {"business_id": business_id, "id": id_, "dimension_id": dimension_of[row["definition_id"]], **row}
        for id_, row in zip(new_ids(len(new)), new, strict=True)
    ]
    insert_rows(connection, asset_tag, rows)
    if gone or new:
        tag_sets.number(connection, business_id, list(wanted))


Span = tuple[UUID, date | None, date | None]
"""A value, its first day (None: from ever) and its last day (None: for good)."""


def _spans(before: Collection[Span], keep: Collection[UUID], first: date | None) -> list[Span]:
    """What an asset has, where from a day on it has these values and no others; what there is as it was, if it can."""
    spans: list[Span] = []
    if first is not None:
        eve = first - timedelta(days=1)
        for definition, begins, ends in before:
            if begins is not None and begins > eve:
                continue
            if ends is None or ends >= eve:  # it has it on the eve: where it keeps it, that is one row
                ends = None if definition in keep else eve
            spans.append((definition, begins, ends))
    going_on = {definition for definition, _, ends in spans if ends is None}
    return spans + [(definition, first, None) for definition in sorted(keep) if definition not in going_on]


def _definitions(
    connection: Connection, business_id: UUID, tags: Iterable[Tag]
) -> dict[tuple[str, str], tuple[UUID, UUID]]:
    """The ids of dimension and value of each tag; those that are new are added, display names that are given stored."""
    found: dict[tuple[str, str], tuple[UUID, UUID]] = {}
    for tag in dict.fromkeys(tags):
        dimension = connection.scalar(
            text("""INSERT INTO tag_dimension (business_id, id, key, display_name) VALUES (:business, :id, :key, :name)
                    ON CONFLICT ON CONSTRAINT tag_dimension_key_unique DO UPDATE
                    SET display_name = coalesce(excluded.display_name, tag_dimension.display_name) RETURNING id"""),
            {"business": business_id, "id": uuid7(), "key": tag.key, "name": tag.dimension_display_name},
        )
        definition = connection.scalar(
            text("""INSERT INTO tag_definition (business_id, id, dimension_id, value, display_name)
                    VALUES (:business, :id, :dimension, :value, :name)
                    ON CONFLICT ON CONSTRAINT tag_definition_value_unique DO UPDATE
                    SET display_name = coalesce(excluded.display_name, tag_definition.display_name) RETURNING id"""),
            {"business": business_id, "id": uuid7(), "dimension": dimension, "value": tag.value,
             "name": tag.value_display_name},
        )  # fmt: skip
        found[tag.key, tag.value] = (dimension, definition)
    return found
