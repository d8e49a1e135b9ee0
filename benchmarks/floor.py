"""The floor of a close: COPY and COMMIT of the very rows it wrote, encoded before, into the same tables without guards.

The copies of the tables have the same primary keys, indexes and CHECK constraints, and no trigger and no policy.
"""

from collections.abc import Mapping, Sequence
from time import perf_counter
from uuid import UUID

import psycopg
from psycopg import sql

Rows = Mapping[str, Sequence[bytes]]
"""Table -> its rows as a stream of binary COPY, in pieces of some hundred kilobytes."""

_PIECE = 512 << 10
_OF_RUNS = {
    "value_update": "SELECT * FROM value_update WHERE run_id = ANY (%s) "
    "ORDER BY business_id, book_id, effective_period, asset_id, sequence",
    "journal_entry": "SELECT * FROM journal_entry WHERE run_id = ANY (%s) ORDER BY business_id, id",
    "run_outcome": "SELECT * FROM run_outcome WHERE run_id = ANY (%s) ORDER BY business_id, run_id, asset_id",
    "journal_line": "SELECT l.* FROM journal_line l JOIN journal_entry e ON e.business_id = l.business_id "
    "AND e.id = l.entry_id WHERE e.run_id = ANY (%s) ORDER BY l.business_id, l.entry_id, l.line_no",
}


def make_floor_tables(connection: psycopg.Connection) -> None:
    """Empty copies of the three tables that then hold the same history as the real ones."""
    for table in _OF_RUNS:
        names = {"floor": sql.Identifier(f"floor_{table}"), "table": sql.Identifier(table)}
        connection.execute(
            sql.SQL(
                "CREATE TABLE {floor} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)"
            ).format(**names)
        )
        connection.execute(sql.SQL("INSERT INTO {floor} SELECT * FROM {table}").format(**names))
    connection.execute("VACUUM (ANALYZE)")


def rows_of(connection: psycopg.Connection, run_ids: Sequence[UUID]) -> Rows:
    """What these runs wrote, in key order, as the server encodes it."""
    streams = {}
    for table, query in _OF_RUNS.items():
        copy_out = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(sql.SQL(query))
        with psycopg.ClientCursor(connection) as cursor, cursor.copy(copy_out, (list(run_ids),)) as copy:
            whole = b"".join(copy)
        streams[table] = [whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE)]
    return streams


def write_floor(connection: psycopg.Connection, rows: Rows) -> float:
    """Seconds to write the rows, COMMIT included."""
    began = perf_counter()
    with connection.transaction():
        for table, pieces in rows.items():
            into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(f"floor_{table}"))
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                for piece in pieces:
                    copy.write(piece)
    return perf_counter() - began
