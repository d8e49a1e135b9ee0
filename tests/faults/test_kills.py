"""SIGKILL and SIGSTOP wherever it hurts: every due run still ends posted once, with no human help."""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from bookvalue.domain.run import MAX_ATTEMPTS
from bookvalue.storage import runs

from .checker import problems
from .house import LEASE, STEPS, House, children, ended, kill
from .register import add_businesses
from .waiting import until


@pytest.fixture(scope="module")
def house(house: House) -> House:
    """One more worker, since children that were killed are replaced about once a second."""
    house.worker(BOOKVALUE_CONCURRENCY="3")
    return house


# Each run is killed at two steps; each step comes in two of the four pairs.
PAIRS = (
    ("before_claim", "in_compute"),
    ("in_compute", "mid_post"),
    ("mid_post", "after_commit"),
    ("before_claim", "after_commit"),
)


def _kill_at_each_failpoint(house: House, prefix: str, businesses: int) -> None:
    before = {step: house.fired(step) for step in STEPS}
    planned = _Planned(house, prefix, businesses)
    armed = [(run_id, step) for number, run_id in enumerate(planned.runs) for step in PAIRS[number % len(PAIRS)]]
    planned.show(armed)
    house.finish(90 + businesses)
    house.check()
    fired = {step: house.fired(step) - before[step] for step in STEPS}
    print(f"kills: {fired}, attempts {house.sql('SELECT attempts, count(*) FROM run GROUP BY 1 ORDER BY 1')}")
    assert min(fired.values()) >= 10
    assert sum(fired.values()) == len(armed)
    most = house.one("SELECT max(attempts) FROM run WHERE id = ANY (:runs)", runs=planned.runs)
    assert most == 3, "two kills cost two attempts"


def test_kill_at_each_failpoint(house: House) -> None:
    _kill_at_each_failpoint(house, "kill", 24)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_kills_at_each_failpoint(house: House) -> None:
    for batch in range(10):
        _kill_at_each_failpoint(house, f"many{batch}", 24)


class _Planned:
    """The first runs of new businesses, planned in a transaction that nobody sees the result of until `show`."""

    def __init__(self, house: House, prefix: str, count: int) -> None:
        self.house = house
        house.finish()
        house.set_clock("2026-07-01T00:00:00Z")  # nobody else plans them
        self.keys = add_businesses(house.engine, prefix, count, assets=3)
        self.connection = house.engine.connect()
        runs.plan(self.connection, datetime(2026, 10, 20, 12, tzinfo=UTC))
        self.runs: list[UUID] = list(
            self.connection.scalars(
                text(
                    "SELECT r.id FROM run r JOIN business b ON b.id = business_id WHERE key = ANY (:keys) ORDER BY key"
                ),
                {"keys": self.keys},
            )
        )
        assert len(self.runs) == count

    def show(self, armed: Sequence[tuple[UUID, str]], what: str = "kill") -> list[Path]:
        """Arms failpoints, each for one run alone, and lets the workers see the runs; returns the files that appear."""
        files = [self.house.arm(step, f"{what} run {run_id}") for run_id, step in armed]
        self.connection.commit()
        self.connection.close()
        self.house.set_clock("2026-10-20T12:00:00Z")
        return files


def _run_with(house: House, prefix: str, step: str, what: str) -> tuple[UUID, Path]:
    """One run of a new business with one failpoint, and the file that is there once it has fired."""
    planned = _Planned(house, prefix, 1)
    (fired,) = planned.show([(planned.runs[0], step)], what)
    return planned.runs[0], fired


def test_a_run_that_always_dies(house: House) -> None:
    planned = _Planned(house, "poison", 1)
    (key,), (run_id,) = planned.keys, planned.runs
    files = planned.show([(run_id, "in_compute")] * (MAX_ATTEMPTS + 2))
    add_businesses(house.engine, "beside", 10, assets=3)
    house.finish()
    house.disarm()
    house.stopped.append(key)
    house.check()
    (run,) = house.sql("SELECT * FROM run WHERE id = :id", id=run_id)
    assert (run.status, run.error_code, run.attempts) == ("failed", "attempts_used_up", MAX_ATTEMPTS)
    assert sum(file.exists() for file in files) == MAX_ATTEMPTS
    (period,) = house.sql("SELECT * FROM period WHERE business_id = :id", id=run.business_id)
    assert (period.status, period.last_run_id) == ("open", run_id)
    slow = house.sql("""SELECT b.key FROM run r JOIN business b ON b.id = r.business_id
                        WHERE b.key LIKE 'beside-%' AND (r.status <> 'posted' OR r.attempts > 1)""")
    assert not slow, "others were taken along"


@pytest.mark.parametrize("step", ["before_claim", "in_compute", "after_commit"])
def test_stopped_for_two_leases(house: House, step: str) -> None:
    """A process that sleeps through its lease wakes up to find itself fenced."""
    run_id, fired = _run_with(house, f"stop-{step.replace('_', '-')}", step, "stop")
    until(fired.exists, 20, "the process to stop")
    pid = _stopped(fired)
    try:
        stopped_at = time.monotonic()
        until(lambda: _status(house, run_id) == "posted", 30, "another child to take over")
        until(lambda: time.monotonic() - stopped_at > 2 * LEASE, 10, "two leases to pass")
        fence = house.one("SELECT fence FROM run WHERE id = :id", id=run_id)
        assert fence == (2 if step == "in_compute" else 1)
    finally:
        os.kill(pid, signal.SIGCONT)
    if step == "in_compute":
        until(
            lambda: f'"run_id": "{run_id}"' in (lost := _lines(house, "run.lease_lost")) and bool(lost), 20, "the fence"
        )
    _still_whole(house)


def test_stopped_in_mid_post(house: House) -> None:
    """It holds its locks until the database ends its session; the test does that in place of the 30 s timeout."""
    run_id, fired = _run_with(house, "stop-mid-post", "mid_post", "stop")
    until(fired.exists, 20, "the process to stop")
    pid = _stopped(fired)
    try:
        until(lambda: _lease_over(house, run_id), 20, "the lease to run out")
        assert _status(house, run_id) == "running", "its row is held, so nobody can have taken it over"
        idle = house.sql("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE state = 'idle in transaction' AND datname = current_database()
                              AND application_name = 'bookvalue'""")
        assert idle
        until(lambda: _status(house, run_id) == "posted", 30, "another child to take over")
    finally:
        os.kill(pid, signal.SIGCONT)
    _still_whole(house)
    assert house.one("SELECT fence FROM run WHERE id = :id", id=run_id) == 2


@pytest.mark.long
def test_stopped_in_mid_post_with_nobody_to_help(house: House) -> None:
    """Celery's hard time limit or the database's idle timeout, whichever comes first, sets its locks free."""
    run_id, fired = _run_with(house, "stop-for-good", "mid_post", "stop")
    until(fired.exists, 20, "the process to stop")
    pid = _stopped(fired)
    try:
        until(lambda: _status(house, run_id) == "posted", 90, "a takeover")
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    _still_whole(house)


def test_a_slow_run_keeps_its_lease(house: House) -> None:
    run_id, fired = _run_with(house, "slow", "in_compute", f"wait {2.5 * LEASE}")
    until(lambda: _status(house, run_id) == "posted", 30, "the slow run to end")
    assert fired.exists()
    (run,) = house.sql("SELECT * FROM run WHERE id = :id", id=run_id)
    assert (run.attempts, run.fence) == (1, 1), "it was taken over although it lived"
    assert (run.finished_at - run.started_at).total_seconds() > 2 * LEASE
    _still_whole(house)


def test_kill_a_whole_worker(house: House) -> None:
    """The parent alone, then parent and children; and one started again."""
    for whole in (False, True):
        worker = house.processes[-1]
        until(lambda worker=worker: len(children(worker)) >= 3, 30, "the pool")
        before, pool = house.posted(), children(worker)
        add_businesses(house.engine, f"parent-{whole}".lower(), 24, assets=3)
        until(lambda before=before: house.posted() > before + 6, 30, "the close to begin")
        kill(worker.pid, *(pool if whole else ()))
        assert not problems(house.engine)
        with ended(house, worker):
            house.worker(BOOKVALUE_CONCURRENCY="3")
            house.finish()
    _still_whole(house)


def _stopped(fired: Path) -> int:
    """The process that a failpoint has stopped, once it stands still."""
    until(lambda: " " in fired.read_text(), 5, "its number")
    pid = int(fired.read_text().split()[0])
    until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", 5, "it to stand still")
    return pid


def _status(house: House, run_id: UUID) -> str:
    return str(house.one("SELECT status FROM run WHERE id = :id", id=run_id))


def _lease_over(house: House, run_id: UUID) -> bool:
    return bool(
        house.one("SELECT lease_until < clock_timestamp() - interval '1 second' FROM run WHERE id = :id", id=run_id)
    )


def _lines(house: House, event: str) -> str:
    return "\n".join(line for line in house.all_logs().splitlines() if event in line)


def _still_whole(house: House) -> None:
    house.finish()
    house.check()
