"""How the database plans statements over many rows: for the read of a register, and for a post with its guards."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text


def plan_in_bulk(connection: Connection) -> None:
    """Has the rest of the transaction planned for many rows.

    What was written a moment ago is in no statistics: where the planner takes it for a few rows, a nested loop over it
    is quadratic. Memory is for sorts and hashes; workers in parallel would take the cores of other runs.
    """
    connection.execute(
        text("""
        SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true),
               set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)""")
    )


@contextmanager
def planned_without_loops(connection: Connection) -> Iterator[None]:
    """Has the statements within planned without nested loops: for one or all assets of a register alike, where the
    planner cannot know how many. With 100,000 assets of a year a loop took minutes, a hash four seconds."""
    before = connection.scalar(text("SELECT current_setting('enable_nestloop')"))
    statement = text("SELECT set_config('enable_nestloop', :loops, true)")
    connection.execute(statement, {"loops": "off"})
    yield
    connection.execute(statement, {"loops": before})


def look_up_by_key(connection: Connection) -> None:
    """Has the rest of the transaction look rows up by their keys, one by one, as a large import does.

    Tables that were empty a moment ago are read whole instead, by the checks of foreign keys as well: each new row
    would then cost more than the one before.
    """
    connection.execute(text("SELECT set_config('enable_seqscan', 'off', true)"))
