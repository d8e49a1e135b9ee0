"""One close in this process, which does nothing else: what it says, how much memory and how many statements it took.

Run as `python -m benchmarks.one_close URL RUN_ID`; prints one line of JSON.
"""

import json
import logging
import re
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine, event, text

from bookvalue.services.close_period import close_period
from bookvalue.services.post_run import Closed
from bookvalue.storage.unit_of_work import connect


class CountingCursor(psycopg.Cursor[Any]):
    """Counts what is sent to the server: statements, each set of parameters of an executemany, and COPYs."""

    statements = 0

    def execute(self, *args: Any, **kwargs: Any) -> "CountingCursor":
        CountingCursor.statements += 1
        super().execute(*args, **kwargs)
        return self

    def executemany(self, query: Any, params_seq: Any, **kwargs: Any) -> None:
        parameters: Sequence[Any] = list(params_seq)
        CountingCursor.statements += len(parameters)
        super().executemany(query, parameters, **kwargs)

    @contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[psycopg.Copy]:
        CountingCursor.statements += 1
        with super().copy(*args, **kwargs) as stream:
            yield stream


def quiet() -> None:
    """The program's own log says nothing short of an error."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def counting(engine: Engine) -> None:
    """From now on the statements of the engine's connections are counted; BEGIN, COMMIT and ROLLBACK are not."""

    def count(connection: psycopg.Connection, *_: object) -> None:
        connection.cursor_factory = CountingCursor

    event.listen(engine, "checkout", count)


def highest_memory_bytes() -> int:
    """The most memory this process has had: Linux keeps it a process, elsewhere it is that of getrusage."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def closed(result: Closed | None) -> Closed:
    """The result, if the run was posted; a benchmark of a run that did not post measures nothing."""
    if result is None or result.error is not None or not result.status.startswith("posted"):
        raise SystemExit(f"the run was not posted: {result}")
    return result


def main(url: str, run_id: str) -> None:
    """Closes the run and prints what it took."""
    quiet()
    engine = connect(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    counting(engine)
    before = highest_memory_bytes()
    result = closed(close_period(engine, UUID(run_id), owner="benchmark"))
    print(
        json.dumps(
            {
                "status": result.status,
                "statements": CountingCursor.statements,
                "memory_mib": round((highest_memory_bytes() - before) / 2**20, 1),
                "before_mib": round(before / 2**20, 1),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
