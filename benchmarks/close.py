"""close: one business's month, `services.close_period` with every check on, against the floor of the same rows.

Floor and close alternate in fresh clones of one database, in one run; the month is the first, or the one after
`history` months that were closed before, in a book that keeps its journal per account or per asset.
"""

import json
import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.database import fresh, superuser
from benchmarks.floor import Rows, make_floor_tables, rows_of, write_floor
from benchmarks.one_close import closed
from benchmarks.register import LONG_AFTER, add_assets, make_businesses
from benchmarks.timing import ratio, summary
from bookvalue.domain.terms import JournalGrain
from bookvalue.services.close_period import close_period
from bookvalue.services.plan_runs import plan_runs
from bookvalue.storage.unit_of_work import connect

SMALL = 50
"""Assets of the business that a worker has closed just before."""


_RESULT = """SELECT assets, posted_assets, skipped_assets, blocked_assets, entry_count, posted_minor, output_hash
             FROM run WHERE id = %s"""


def close(server_url: str, assets: int, repeat: int, grain: JournalGrain, history: int = 0) -> dict[str, Any]:
    """What one month of one business of `assets` assets costs, and what its rows alone cost."""
    with fresh(server_url) as template:
        run_id, warm_up = _prepare(template, assets, grain, history)
        with fresh(server_url, template) as url:
            alone = _in_a_fresh_process(url, run_id)
            with superuser(url) as connection:
                rows = rows_of(connection, [run_id])
                result = connection.execute(_RESULT, [run_id]).fetchone()
        assert result is not None
        floors, closes, phases = [], [], []
        for number in range(repeat):
            with fresh(server_url, template) as url, superuser(url) as connection:
                if number % 2:
                    floors.append(_floor(connection, rows))
                closes.append(_close(url, run_id, warm_up))
                if not number % 2:
                    floors.append(_floor(connection, rows))
                phases.append(_phases(connection, run_id, result[-1]))
    names = ("assets", "posted_assets", "skipped_assets", "blocked_assets", "entries", "charged_minor")
    return {
        "grain": str(grain),
        "months_before": history,
        **dict(zip(names, result, strict=False)),
        "floor": summary(floors),
        "close": summary(closes),
        "ratio": ratio(closes, floors),
        "microseconds_per_asset": round(min(closes) / assets * 1e6, 2),
        "phases": {name: round(median(phase[name] for phase in phases), 4) for name in phases[0]},
        "statements": alone["statements"],
        "memory_mib": alone["memory_mib"],
        "before_mib": alone["before_mib"],
        "output_hash": result[-1],
    }


def _prepare(url: str, assets: int, grain: JournalGrain, history: int) -> tuple[UUID, UUID]:
    """The register, `history` closed months and a planned run for the next one; and a run of a small business."""
    engine = connect(url, pool_size=0)
    large, small = make_businesses(engine, 2, assets, grain)
    with superuser(url) as connection:
        add_assets(connection, [large], assets)
        add_assets(connection, [small], SMALL)
        for _ in range(history):
            for run_id in plan_runs(engine, LONG_AFTER):
                closed(close_period(engine, run_id, owner="benchmark"))
        make_floor_tables(connection)
        planned = plan_runs(engine, LONG_AFTER)
        found = connection.execute(
            "SELECT id FROM run WHERE id = ANY (%s) ORDER BY business_id = %s DESC", [planned, large]
        ).fetchall()
    return found[0][0], found[1][0]


def _close(url: str, run_id: UUID, warm_up: UUID) -> float:
    """Seconds of a close by a worker that has closed a small business before: connections stand, caches are warm."""
    engine = connect(url)
    closed(close_period(engine, warm_up, owner="benchmark"))
    with superuser(url) as connection:
        connection.execute("CHECKPOINT")
    began = perf_counter()
    result = close_period(engine, run_id, owner="benchmark")
    took = perf_counter() - began
    engine.dispose()
    closed(result)
    return took


def _floor(connection: psycopg.Connection, rows: Rows) -> float:
    connection.execute("CHECKPOINT")
    return write_floor(connection, rows)


def _phases(connection: psycopg.Connection, run_id: UUID, output_hash: str) -> dict[str, float]:
    """The phases as the run's row keeps them; its charges must be those of every other repetition."""
    row = connection.execute("SELECT timings, output_hash FROM run WHERE id = %s", [run_id]).fetchone()
    if row is None or row[1] != output_hash:
        raise SystemExit("two closes of the same month differ")
    phases: dict[str, float] = row[0]
    return phases


def _in_a_fresh_process(url: str, run_id: UUID) -> dict[str, Any]:
    args = [sys.executable, "-m", "benchmarks.one_close", url, str(run_id)]
    done = subprocess.run(args, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
