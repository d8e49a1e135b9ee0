"""Tags: dimensions with their values, and which asset has which. One that is taken off an asset is archived."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.domain.tag_spec import Tag
from bookvalue.storage.ids import uuid7


@dataclass(frozen=True, slots=True)
class KeptTag:
    """A tag as it is kept, with all that seed 000 shows of one. archived_at: of its value, else of its dimension."""

    id: UUID
    value: Tag
    dimension_id: UUID
    definition_id: UUID
    archived_at: datetime | None


def tags_of(connection: Connection, business_id: UUID, asset_ids: Collection[UUID]) -> dict[UUID, list[KeptTag]]:
    """The tags of each of the assets, in order of their keys; an asset without tags is not in the answer."""
    rows = connection.execute(
        text("""
            SELECT t.asset_id, t.id, t.dimension_id, t.definition_id, d.key, v.value, d.display_name AS dimension_name,
                   v.display_name AS value_name, coalesce(v.archived_at, d.archived_at) AS archived_at
            FROM asset_tag t
            JOIN tag_dimension d ON d.business_id = t.business_id AND d.id = t.dimension_id
            JOIN tag_definition v ON v.business_id = t.business_id AND v.id = t.definition_id
            WHERE t.business_id = :business AND t.asset_id = ANY (:assets) AND t.archived_at IS NULL
            ORDER BY d.key COLLATE "C" """),
        {"business": business_id, "assets": list(asset_ids)},
    )
    found: dict[UUID, list[KeptTag]] = {}
    for row in rows:
        tag = Tag(row.key, row.value, row.dimension_name, row.value_name)
        found.setdefault(row.asset_id, []).append(
            KeptTag(row.id, tag, row.dimension_id, row.definition_id, row.archived_at)
        )
    return found


def put(connection: Connection, business_id: UUID, wanted: Mapping[UUID, Sequence[Tag]]) -> None:
    """Gives assets these tags and no others; dimensions and values come into being as they are used."""
    if not wanted:
        return
    definitions = _definitions(connection, business_id, [tag for tags in wanted.values() for tag in tags])
    keep = {(asset_id, definitions[tag.key, tag.value][1]) for asset_id, tags in wanted.items() for tag in tags}
    before = connection.execute(
        text("""SELECT id, asset_id, definition_id FROM asset_tag
                WHERE business_id = :business AND asset_id = ANY (:assets) AND archived_at IS NULL"""),
        {"business": business_id, "assets": list(wanted)},
    ).all()
    there = {(row.asset_id, row.definition_id) for row in before}
    gone = [row.id for row in before if (row.asset_id, row.definition_id) not in keep]
    if gone:
        connection.execute(
            text("UPDATE asset_tag SET archived_at = now() WHERE business_id = :business AND id = ANY (:gone)"),
            {"business": business_id, "gone": gone},
        )
    dimension_of = {definition: dimension for dimension, definition in definitions.values()}
    new = [
        {"business": business_id, "id": uuid7(), "asset": asset_id, "dimension": dimension_of[definition],
         "definition": definition}
        for asset_id, definition in sorted(keep - there)
    ]  # fmt: skip
    if new:
        connection.execute(
            text("""INSERT INTO asset_tag (business_id, id, asset_id, dimension_id, definition_id)
                    VALUES (:business, :id, :asset, :dimension, :definition)"""),
            new,
        )


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
