"""Many rows into one table by one statement, so that its guards look at all of them at once.

For rows of people's own acts, up to some ten thousand; a run's charges go by COPY (posting_writer.py).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, text

from bookvalue.storage.ids import uuid7_block


def new_ids(count: int) -> list[UUID]:
    """As many new ids, ascending."""
    return [UUID(bytes=one.tobytes()) for one in uuid7_block(count)]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores rows that all name the same columns; what a column's own default gives is not named."""
    if not rows:
        return
    names, name = ", ".join(table.c[name].name for name in rows[0]), f"{table.schema}.{table.name}"
    statement = text(
        f"INSERT INTO {name} ({names}) SELECT {names} "  # noqa: S608 - names of our own tables
        f"FROM jsonb_populate_recordset(CAST(NULL AS {name}), CAST(:rows AS jsonb))"
    )
    connection.execute(statement, {"rows": json.dumps([dict(row) for row in rows], default=_written)})


def _written(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is kept in no column")
