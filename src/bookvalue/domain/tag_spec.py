"""What a tag is (seed 000), and a raw list of tags -> tags in order of their keys, or findings such as tags.0.key.

Must not know what is tagged, nor whether a dimension is there already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bookvalue.domain.field_readers import Fields, Reader, list_of_at_most, read_name, read_optional_text

MAX_TAGS = 50

read_tag_list = list_of_at_most(MAX_TAGS)


@dataclass(frozen=True, slots=True)
class Tag:
    """A value of a dimension. Display names belong to the dimension and to the value; None leaves them as they are."""

    key: str
    value: str
    dimension_display_name: str | None = None
    value_display_name: str | None = None


_READERS: Mapping[str, Reader] = {
    "key": read_name,
    "value": read_name,
    "dimension_display_name": read_optional_text,
    "value_display_name": read_optional_text,
}


def read_tags(fields: Fields, name: str, given: Sequence[Any]) -> tuple[Tag, ...]:
    """The tags of a list that was read as `name`; one value a dimension. What is wrong becomes findings of `fields`."""
    tags: dict[str, Tag] = {}
    for number, member in enumerate(given):
        path = f"{name}.{number}"
        if not isinstance(member, Mapping):
            fields.refuse("not_an_object", path, member)
            continue
        inner = Fields()
        inner.read(member, _READERS)
        inner.require(("key", "value"))
        for found in inner.findings:
            fields.refuse(found.code, f"{path}.{found.field}", found.value)
        if not inner.findings:
            given_tag: dict[str, Any] = {key: inner.values.get(key) for key in _READERS}
            tag = Tag(**given_tag)
            if tag.key in tags:
                fields.refuse("duplicate", f"{path}.key", tag.key)
            tags[tag.key] = tag
    return tuple(tags[key] for key in sorted(tags))


def tags_as_raw(tags: Sequence[Tag]) -> list[dict[str, Any]]:
    """Tags as `read_tags` takes them."""
    return [{name: getattr(tag, name) for name in _READERS} for tag in tags]
