"""Bodies that the domain's own readers read: documented here, and handed on as they came.

So that every finding about an object comes at once, from the one reader that API, CLI and import share. A model's
fields are documentation; what comes in is checked by the reader, unknown members and all.
"""

from typing import Any

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.base import In
from bookvalue.domain.field_readers import MAX_TEXT
from bookvalue.domain.money import MAX_MINOR


class Raw(In):
    """The base of such bodies; a member that is null counts as not given."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": False})

    @property
    def given(self) -> dict[str, Any]:
        """The object as it came."""
        return {name: value for name, value in self if name in self.model_fields_set}


def described(description: str, example: Any, **schema: Any) -> Any:
    """A field that takes what the schema says, or null."""
    kind = schema.pop("type", None)
    told: dict[str, Any] = {"type": [kind, "null"], **schema} if kind else schema
    if "anyOf" in told:
        told = {"anyOf": [*told["anyOf"], {"type": "null"}]}
    if "enum" in told:
        told["enum"] = [*told["enum"], None]
    examples = None if example is None else [example]
    return Field(default=None, description=description, examples=examples, json_schema_extra=told)


def text(description: str, example: str | None = None, **schema: Any) -> Any:
    """A field of text."""
    return described(description, example, type="string", maxLength=MAX_TEXT, **schema)


def day(description: str, example: str | None = None) -> Any:
    """A field of a calendar date."""
    return described(description, example, type="string", format="date")


def amount(description: str, example: int | None = None) -> Any:
    """A field of an amount in minor units."""
    return described(description, example, type="integer", minimum=0, maximum=MAX_MINOR)


def words(description: str, kinds: Any) -> Any:
    """A field of one of an enum's words."""
    return described(description, None, type="string", enum=[word.value for word in kinds])


ACCOUNT_REFERENCES: list[dict[str, Any]] = [
    {"type": "string", "maxLength": MAX_TEXT, "description": "A stable name, or a code."},
    {
        "type": "object",
        "properties": {"type": {"const": "AccountId"}, "id": {"type": "string", "format": "uuid"}},
        "required": ["type", "id"],
        "additionalProperties": False,
    },
    {
        "type": "object",
        "properties": {"type": {"const": "StableName"}, "stable_name": {"type": "string"}},
        "required": ["type", "stable_name"],
        "additionalProperties": False,
    },
]


def account(description: str, example: str) -> Any:
    """A field that names an account."""
    return described(description, example, anyOf=ACCOUNT_REFERENCES)
