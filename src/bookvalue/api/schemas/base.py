"""What all models of the API share: strict input, envelopes, pages and cursors.

Input takes exactly what is documented: no unknown member, no text for a number, no bool for an integer.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StrictInt, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from bookvalue.domain import field_readers
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.field_readers import MAX_TEXT, Refused
from bookvalue.domain.finding import EXPLANATIONS, finding
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.value_update_spec import read_instant

T = TypeVar("T")


def reading(reader: Callable[[Any], Any]) -> BeforeValidator:
    """A reader of the domain as a validator, with its finding codes. What is a value already passes as it is."""

    def read(value: Any) -> Any:
        try:
            return reader(value)
        except Refused as refusal:
            raise PydanticCustomError(refusal.code, EXPLANATIONS[refusal.code].message) from refusal

    return BeforeValidator(read)


def _read_id(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or len(value) != 36:
        raise Refused("not_an_id")
    try:
        return UUID(value)
    except ValueError as error:
        raise Refused("not_an_id") from error


def _read_day(value: Any) -> date:
    return value if type(value) is date else field_readers.read_date(value)


Text = Annotated[StrictStr, Field(max_length=MAX_TEXT), reading(field_readers.read_text)]
"""Text that UTF-8 and Postgres can hold: at most 500 characters, no NUL, no lone surrogate."""

Name = Annotated[StrictStr, Field(min_length=1, max_length=MAX_TEXT), reading(field_readers.read_name)]
"""Text that is not blank."""

ExternalId = Annotated[
    StrictStr,
    Field(min_length=1, max_length=MAX_TEXT, description="The id in the caller's own system.", examples=["ERP-1001"]),
    reading(field_readers.read_name),
]

Amount = Annotated[
    StrictInt,
    Field(ge=0, le=MAX_MINOR, description="Minor units of the business's currency.", examples=[4_000_000]),
    reading(field_readers.read_amount),
]

Day = Annotated[
    date, reading(_read_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-10-31"]})
]
"""A calendar date, YYYY-MM-DD, from 1900 to 2200."""


def _read_instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    read = read_instant(value)
    return read if isinstance(read, datetime) else datetime.combine(read, time(), UTC)


Instant = Annotated[
    datetime,
    reading(_read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-10-31T00:00:00Z"]}),
]
"""An instant with its offset; a plain date is its first instant, UTC."""

Id = Annotated[UUID, reading(_read_id), WithJsonSchema({"type": "string", "format": "uuid"})]

Choice = Annotated[T, Strict(False)]
"""One of an enum's words: `Choice[RunKind]`."""


class In(BaseModel):
    """The base of everything that comes in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Out(BaseModel):
    """The base of everything that goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(Out, Generic[T]):
    """One object."""

    data: T


class Page(Out, Generic[T]):
    """One page of a list."""

    data: list[T]
    next: str | None = Field(description="The cursor of the next page, or null at the end.")


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a list is wanted: `page: Paging`."""

    limit: Annotated[int, Query(ge=1, le=100, description="At most so many.")] = 50
    cursor: Annotated[
        str | None, Query(max_length=1000, description="The `next` of the page before; left out for the first page.")
    ] = None


Paging = Annotated[PageQuery, Depends()]


def encode_cursor(values: Sequence[str | int | UUID | date | datetime | None]) -> str:
    """An opaque cursor that holds the sort key of a page's last row."""
    plain = [
        value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
        for value in values
    ]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(text: str, *kinds: type) -> list[Any]:
    """What a cursor holds. `kinds` (str, int, UUID, date, datetime): one for each value, which is read as such.

    Raises InvalidInput with `not_a_cursor` for anything that encode_cursor did not make.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw.decode())
        if not isinstance(values, list) or encode_cursor(values) != text:
            raise ValueError(text)
        return [_as(kind, value) for kind, value in zip(kinds, values, strict=True)] if kinds else values
    except (ValueError, TypeError, RecursionError, Refused) as error:
        raise InvalidInput("1 finding; nothing was applied", [finding("not_a_cursor", "cursor")]) from error


def _as(kind: type, value: Any) -> Any:
    if kind is int:
        if type(value) is not int or not -(2**63) <= value < 2**63:
            raise ValueError("not an integer")
        return value
    text = field_readers.read_text(value)
    if kind is UUID:
        return UUID(text)
    if kind is datetime:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("no time zone")
        return instant
    return date.fromisoformat(text) if kind is date else text
