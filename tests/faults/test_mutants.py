"""The tests bite: with each defence taken away in turn, the checker or the race finds out.

Defences in the database are dropped by SQL from a scratch database; those in code are patched in the worker's
process by a sitecustomize of its own. Nothing in src knows of this.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from bookvalue.domain.errors import BookvalueError, PeriodNotOpen
from bookvalue.services.close_period import close_period
from bookvalue.services.plan_runs import plan_runs
from bookvalue.storage import runs

from .checker import problems
from .house import LEASE, House, ended
from .register import add_businesses
from .test_lock_race import raw_posting
from .waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
NOW = datetime(2026, 9, 20, tzinfo=UTC)

NO_FENCE = """
from bookvalue.domain.terms import RunStatus
from bookvalue.storage import runs
from sqlalchemy import text, update
def hold(connection, held):
    return RunStatus.RUNNING
def finish(connection, held, status, **result):
    statement = update(runs.run).where(runs.run.c.id == held.run_id)
    values = {"status": status, "lease_until": None, "finished_at": text("clock_timestamp()"), **result}
    connection.execute(statement.values(values))
    return True
runs.hold, runs.finish = hold, finish
"""
NO_COUNT = """
from bookvalue.services import post_run
post_run._check_written = lambda *_: None
"""
CLAIM_ANYTHING = """
from bookvalue.storage import runs
from sqlalchemy import text
taken = str(runs._CLAIM)
start = taken.index("AND attempts < :most")
runs._CLAIM = text(taken[:start] + "AND :most > 0 " + taken[taken.index("RETURNING"):])
"""


@pytest.fixture
def books(engine: Engine) -> Engine:
    """Books with one closed month each, which the checker finds to be whole."""
    add_businesses(engine, "mutant", 3, assets=6, zones=("UTC",))
    plan_runs(engine, NOW)
    for run in _queued(engine):
        close_period(engine, run.id, owner="mutant")
    assert problems(engine, NOW) == []
    return engine


def test_without_period_guards_a_late_posting_is_found(books: Engine) -> None:
    run = _rows(books, "SELECT * FROM run LIMIT 1")[0]
    with pytest.raises(PeriodNotOpen):
        raw_posting(books, run, 100)
    for table in ("value_update", "journal_entry", "journal_line"):
        _unguard(books, table)
    raw_posting(books, run, 100)
    _finds(books, "is not what it was closed with", "after its close")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            "UPDATE journal_line SET credit_minor = credit_minor + 1 WHERE ctid = (SELECT min(ctid) FROM journal_line "
            "WHERE credit_minor > 0)",
            "debit",
        ),
        (
            "UPDATE value_update SET amount_minor = amount_minor + 1 WHERE ctid = (SELECT min(ctid) FROM value_update)",
            "posted,",
        ),
        ("DELETE FROM journal_entry WHERE feed_seq = 1", "not gapless"),
        ("DELETE FROM audit WHERE action = 'run.posted'", "audit rows"),
        ("DELETE FROM outbox WHERE event = 'run.posted'", "events"),
        (
            "UPDATE period_balance SET closing_minor = closing_minor + 1, opening_minor = opening_minor + 1",
            "does not carry on",
        ),
    ],
)
def test_without_append_only_a_change_is_found(books: Engine, change: str, found: str) -> None:
    for table in ("value_update", "journal_entry", "journal_line", "audit", "outbox", "period_balance"):
        _unguard(books, table)
    _rows(books, change)
    _finds(books, found)


def test_without_the_feeds_guards_a_gap_is_found(books: Engine) -> None:
    _unguard(books, "feed_counter")
    _rows(books, "UPDATE feed_counter SET last_seq = last_seq + 1")
    _finds(books, "not gapless")


def test_without_the_runs_key_planners_plan_twice(engine: Engine) -> None:
    add_businesses(engine, "twice", 40, assets=1, zones=("UTC",))
    assert _race_planners(engine) == 0
    assert problems(engine) == []
    _unguard(engine, "run")
    _rows(engine, "DELETE FROM run")
    _rows(engine, "ALTER TABLE run DROP CONSTRAINT run_period_unique")
    for _ in range(10):
        _race_planners(engine)
        if problems(engine):
            break
        _rows(engine, "DELETE FROM run")
    _finds(engine, "scheduled runs of")


def test_without_on_conflict_planners_fail(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    add_businesses(engine, "clash", 40, assets=1, zones=("UTC",))
    monkeypatch.setattr(runs, "_PLAN_SCHEDULED", text(str(runs._PLAN_SCHEDULED).replace("ON CONFLICT DO NOTHING", "")))
    _unguard(engine, "run")
    failed = 0
    for _ in range(10):
        failed += _race_planners(engine)
        _rows(engine, "DELETE FROM run")
    assert failed > 0


def test_without_the_fence_a_sleeper_undoes_what_was_posted(build: Callable[[], House], tmp_path: Path) -> None:
    house = build()
    with ended(house, *_mutants(house, tmp_path, NO_FENCE)):
        _sleep_through_the_lease(house, auto="close")
        until(lambda: problems(house.engine, house.now), 30, "the checker to find it")


def test_without_fence_key_and_count_a_sleeper_posts_twice(build: Callable[[], House], tmp_path: Path) -> None:
    """Three defences must go before an amount is charged twice."""
    house = build()
    house.sql("ALTER TABLE value_update DROP CONSTRAINT value_update_pkey")
    with ended(house, *_mutants(house, tmp_path, NO_FENCE + NO_COUNT)):
        _sleep_through_the_lease(house, auto="post")
        until(
            lambda: any("posted," in found for found in problems(house.engine, house.now)), 30, "the checker to find it"
        )


def test_with_a_claim_of_anything_a_repeated_message_is_found(build: Callable[[], House], tmp_path: Path) -> None:
    house = build()
    with ended(house, *_mutants(house, tmp_path, CLAIM_ANYTHING)):
        add_businesses(house.engine, "again", 10, assets=3)

        def found() -> bool:
            ids = [str(row.id) for row in house.sql("SELECT id FROM run")]
            for _ in range(10):
                house.client.send_task("bookvalue.close_periods", args=[ids])
            return bool(problems(house.engine))

        until(found, 60, "the checker to find it", every=1)


def _unguard(engine: Engine, table: str) -> None:
    """Takes every guard from a table."""
    for row in _rows(engine, f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"):
        _rows(engine, f"DROP TRIGGER {row.tgname} ON {table}")


def _mutants(house: House, folder: Path, patch: str) -> list:  # type: ignore[type-arg]
    """Two workers whose processes carry the patch."""
    _unguard(house.engine, "run")  # the database's own fence: which state may follow which
    (folder / "sitecustomize.py").write_text(patch)
    return [house.worker(PYTHONPATH=str(folder)) for _ in range(2)]


def _sleep_through_the_lease(house: House, *, auto: str) -> None:
    """A child stops in mid-run, another takes over and posts, the first wakes up."""
    house.set_clock("2026-09-20T12:00:00Z")
    fired = house.arm("in_compute", "stop")
    add_businesses(house.engine, "sleeper", 1, assets=5, zones=("UTC",), auto=auto)
    until(fired.exists, 60, "the process to stop")
    until(lambda: " " in fired.read_text(), 5, "its number")
    pid, run_id = fired.read_text().split()
    since = time.monotonic()
    until(lambda: house.one("SELECT status FROM run WHERE id = :id", id=UUID(run_id)) == "posted", 60, "a takeover")
    until(lambda: time.monotonic() - since > LEASE, 10, "the lease to be long over")
    if auto == "close":
        assert problems(house.engine, house.now) == []
    os.kill(int(pid), signal.SIGCONT)


def _race_planners(engine: Engine, threads: int = 4) -> int:
    """Plans in many threads at once; how many of them failed."""
    barrier, failed = threading.Barrier(threads), []

    def plan() -> None:
        barrier.wait()
        try:
            plan_runs(engine, NOW)
        except BookvalueError as error:
            failed.append(error)

    racing = [threading.Thread(target=plan) for _ in range(threads)]
    for thread in racing:
        thread.start()
    for thread in racing:
        thread.join()
    return len(failed)


def _queued(engine: Engine) -> list:  # type: ignore[type-arg]
    return _rows(engine, "SELECT * FROM run WHERE status = 'queued'")


def _rows(engine: Engine, statement: str) -> list:  # type: ignore[type-arg]
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result) if result.returns_rows else []


def _finds(engine: Engine, *words: str) -> None:
    """The checker finds something, and says so in these words."""
    found = "\n".join(problems(engine, NOW))
    for word in words:
        assert word in found, f"{word!r} is not in what the checker found: {found[:2000]}"
