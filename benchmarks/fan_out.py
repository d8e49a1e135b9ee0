"""fan_out: many small businesses closed by two processes, plan and sweep included, against the floor of their rows.

No Celery: messages of run ids go straight to the processes, as a worker's own planner hands them out. The floor writes
each business's rows in a transaction of its own, by two processes as well.
"""

from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.pool import Pool
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Engine, make_url, text

from benchmarks.database import fresh, superuser
from benchmarks.floor import Rows, make_floor_tables, rows_of, write_floor
from benchmarks.one_close import closed, quiet
from benchmarks.register import LONG_AFTER, add_assets, make_businesses
from benchmarks.timing import ratio, summary
from bookvalue.domain.terms import JournalGrain
from bookvalue.services.close_period import close_period
from bookvalue.services.plan_runs import plan_runs
from bookvalue.services.sweep_runs import sweep_runs
from bookvalue.storage.unit_of_work import connect

PROCESSES = 2
ASSETS = 50

_engine: Engine
_plain: psycopg.Connection


def fan_out(
    server_url: str, businesses: int, repeat: int, grain: JournalGrain = JournalGrain.ACCOUNT
) -> dict[str, Any]:
    """Businesses a second, and how many times the floor that is."""
    with fresh(server_url) as template:
        made = make_businesses(connect(template, pool_size=0), businesses, ASSETS, grain)
        with superuser(template) as connection:
            add_assets(connection, made, ASSETS)
            make_floor_tables(connection)
        floors, closes = [], []
        rows: list[Rows] = []
        for number in range(repeat):
            with fresh(server_url, template) as url, _processes(url) as pool:
                if number % 2 and rows:
                    floors.append(_floor(url, pool, rows))
                closes.append(_close_all(url, pool, businesses))
                if not rows:
                    rows = _rows_by_business(url)
                if not number % 2:
                    floors.append(_floor(url, pool, rows))
    return {
        "businesses": businesses,
        "assets_each": ASSETS,
        "processes": PROCESSES,
        "floor": summary(floors),
        "close": summary(closes),
        "ratio": ratio(closes, floors),
        "businesses_per_second": round(businesses / min(closes), 1),
        "floor_businesses_per_second": round(businesses / min(floors), 1),
    }


def _processes(url: str) -> Pool:
    return get_context("spawn").Pool(PROCESSES, _start, (url,))


def _start(url: str) -> None:
    """In a process of the pool: the connections stand before the clock runs."""
    global _engine, _plain
    quiet()
    _engine = connect(url)
    with _engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    _plain = psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
        options="-c search_path=bookvalue,pg_catalog",
    )


def _close_message(run_ids: Sequence[UUID]) -> int:
    return len([closed(close_period(_engine, run_id, owner="benchmark")) for run_id in run_ids])


def _write_message(rows: Rows) -> float:
    return write_floor(_plain, rows)


def _close_all(url: str, pool: Pool, businesses: int) -> float:
    """Seconds from planning to the last commit."""
    engine = connect(url)
    _checkpoint(url)
    began = perf_counter()
    plan_runs(engine, LONG_AFTER)
    messages: list[Sequence[UUID]] = []
    sweep_runs(engine, messages.append)
    done = sum(pool.imap_unordered(_close_message, messages))
    took = perf_counter() - began
    engine.dispose()
    if done != businesses:
        raise SystemExit(f"{done} of {businesses} businesses were closed")
    return took


def _floor(url: str, pool: Pool, rows: Sequence[Rows]) -> float:
    _checkpoint(url)
    began = perf_counter()
    for _ in pool.imap_unordered(_write_message, rows, chunksize=50):
        pass
    return perf_counter() - began


def _checkpoint(url: str) -> None:
    with superuser(url) as connection:
        connection.execute("CHECKPOINT")


def _rows_by_business(url: str) -> list[Rows]:
    with superuser(url) as connection:
        return [rows_of(connection, [run_id]) for (run_id,) in connection.execute("SELECT id FROM run").fetchall()]
