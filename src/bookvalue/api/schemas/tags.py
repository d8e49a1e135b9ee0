"""What tags look like (seed 000)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import described
from bookvalue.domain.field_readers import MAX_TEXT
from bookvalue.domain.tag_spec import MAX_TAGS
from bookvalue.storage.tags import KeptTag

_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
_NAME = {"type": ["string", "null"], "maxLength": MAX_TEXT}


def tags_field(description: str) -> Any:
    """A field of tags, one value a key."""
    properties = {"key": _TEXT, "value": _TEXT, "dimension_display_name": _NAME, "value_display_name": _NAME}
    member = {
        "type": "object", "properties": properties, "required": ["key", "value"], "additionalProperties": False,
    }  # fmt: skip
    example = [{"key": "site", "value": "lisbon", "value_display_name": "Lisbon"}]
    return described(description, example, type="array", items=member, maxItems=MAX_TAGS)


class TagOut(Out):
    """A tag: a value of a dimension."""

    id: UUID
    key: str
    dimension_display_name: str | None
    value: str
    value_display_name: str | None
    dimension_id: UUID
    definition_id: UUID
    archived_at: datetime | None


class AssetTagOut(TagOut):
    """A tag of an asset."""

    first_day: date | None = Field(description="From when the asset has it; null: from ever.")


def tag_out(kept: KeptTag) -> AssetTagOut:
    """The tag as it is shown."""
    value = kept.value
    return AssetTagOut(
        id=kept.id,
        key=value.key,
        dimension_display_name=value.dimension_display_name,
        value=value.value,
        value_display_name=value.value_display_name,
        dimension_id=kept.dimension_id,
        definition_id=kept.definition_id,
        archived_at=kept.archived_at,
        first_day=kept.first_day,
    )
