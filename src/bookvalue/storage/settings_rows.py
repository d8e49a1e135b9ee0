"""Depreciation settings as they are kept: each distinct set once a business, under a small number.

Written by insert-or-find, never changed. Whether settings make sense is the reader's question (domain/settings_spec).
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.storage.tables import depreciation_settings

NAMES = tuple(field.name for field in fields(DepreciationSettings))
SELECTED = ", ".join(f"s.{name}" for name in NAMES)
"""The columns of settings, of a table called `s`."""
_WORDS: Mapping[str, Mapping[str, StrEnum]] = {
    field.name: {word.value: word for word in field.type}
    for field in fields(DepreciationSettings)
    if isinstance(field.type, type) and issubclass(field.type, StrEnum)
}


def settings_of(row: Mapping[str, Any]) -> DepreciationSettings:
    """Settings from a row's columns. Raises KeyError for a word that is not known here."""
    values = {name: row[name] for name in NAMES}
    for name, words in _WORDS.items():
        values[name] = words[values[name]]
    return DepreciationSettings(**values)


def unknown_word(row: Mapping[str, Any]) -> str | None:
    """The first column that holds a word which a newer version has written, or None."""
    return next((name for name, words in _WORDS.items() if row[name] not in words), None)


def by_number(connection: Connection, business_id: UUID) -> dict[int, DepreciationSettings]:
    """All settings of the business."""
    rows = connection.execute(
        select(depreciation_settings).where(depreciation_settings.c.business_id == business_id)
    ).mappings()
    return {row["id"]: settings_of(dict(row)) for row in rows}


def numbers(
    connection: Connection, business_id: UUID, wanted: Collection[DepreciationSettings]
) -> dict[DepreciationSettings, int]:
    """The numbers of these settings, found or newly given. The caller holds the business against other writers."""
    known = {value: number for number, value in by_number(connection, business_id).items()}
    new = [value for value in dict.fromkeys(wanted) if value not in known]
    first = max(known.values(), default=0) + 1
    given = {value: number for number, value in enumerate(new, first)}
    if given:
        connection.execute(
            insert(depreciation_settings),
            [{"business_id": business_id, "id": number, **asdict(value)} for value, number in given.items()],
        )
    return known | given
