"""One database, one Redis and as many real Celery workers and beats as a test wants, with the faults to do to them."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import Celery
from sqlalchemy import Engine, text

from bookvalue.embedded import spawn, stop
from bookvalue.services.plan_runs import plan_runs

from . import checker
from .broker import Broker
from .waiting import until

LEASE, SWEEP, PATIENCE = 2.0, 0.4, 0.2
STEPS = ("before_claim", "in_compute", "mid_post", "after_commit")
_COUNTER = itertools.count(1)


class House:
    """`engine` is the superuser's: it sees and breaks everything. The business clock stands until it is set."""

    def __init__(self, database_url: str, engine: Engine, broker: Broker, folder: Path) -> None:
        self.database_url, self.engine, self.broker, self.folder = database_url, engine, broker, folder
        self.failpoints = folder / "failpoints"
        self.failpoints.mkdir()
        self.clock_file = folder / "clock"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.logs: dict[int, Path] = {}
        self.stopped: list[str] = []  # keys of businesses that a test has broken for good
        self.armed: dict[str, int] = dict.fromkeys(STEPS, 0)
        self.client = Celery(broker=broker.url, set_as_current=False)
        self.client.conf.update(broker_transport_options={"socket_timeout": 5}, task_ignore_result=True)
        self.set_clock("2026-10-20T12:00:00Z")

    # processes

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of this house is started with."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BOOKVALUE_", "COV_"))}
        return {
            **inherited,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.broker.url,
            "BOOKVALUE_CLOCK": f"@{self.clock_file}",
            "BOOKVALUE_TICK_SECONDS": "0.5",
            "BOOKVALUE_SWEEP_SECONDS": str(SWEEP),
            "BOOKVALUE_PATIENCE_SECONDS": str(PATIENCE),
            "BOOKVALUE_LEASE_SECONDS": str(LEASE),
            "BOOKVALUE_CONCURRENCY": "2",
            "BOOKVALUE_FAILPOINTS": str(self.failpoints),
            "BOOKVALUE_LOG_FORMAT": "json",
            **more,
        }

    def worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Starts a worker and does not wait for it."""
        name = f"w{next(_COUNTER)}"
        return self._start(["worker", "--loglevel", "INFO", "-n", f"{name}@test"], name, environment)

    def beat(self) -> subprocess.Popen[bytes]:
        """Starts a beat with a schedule file of its own."""
        name = f"b{next(_COUNTER)}"
        return self._start(["beat", "--schedule", str(self.folder / f"{name}.schedule"), "--pidfile="], name, {})

    def _start(self, words: Sequence[str], name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        log = self.folder / f"{name}.log"
        args = [sys.executable, "-m", "celery", "-A", "bookvalue.worker.app", *words]
        process = spawn(args, log=log, env=self.environment(**environment))
        self.processes.append(process)
        self.logs[process.pid] = log
        return process

    def end(self, process: subprocess.Popen[bytes], grace: float = 0) -> None:
        """Ends a process and its whole group, forked children included."""
        stop(process, grace=grace)
        self.processes.remove(process)

    def end_all(self) -> None:
        """Ends all that this house started."""
        for process in list(self.processes):
            self.end(process)

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        """What a process has logged."""
        return self.logs[process.pid].read_text(errors="replace")

    def all_logs(self) -> str:
        """What all processes have logged."""
        return "".join(log.read_text(errors="replace") for log in self.logs.values())

    # work

    def set_clock(self, instant: str) -> None:
        """Sets the business clock, in one stroke."""
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(instant)
        fresh.replace(self.clock_file)

    @property
    def now(self) -> datetime:
        """The business clock."""
        return datetime.fromisoformat(self.clock_file.read_text()).astimezone(UTC)

    def sql(self, statement: str, **parameters: Any) -> list[Any]:
        """A statement as the superuser, committed."""
        with self.engine.begin() as connection:
            result = connection.execute(text(statement), parameters)
            return list(result) if result.returns_rows else []

    def one(self, statement: str, **parameters: Any) -> Any:
        """The first value of the first row."""
        return self.sql(statement, **parameters)[0][0]

    def posted(self) -> int:
        """How many runs have ended as posted."""
        return int(self.one("SELECT count(*) FROM run WHERE status IN ('posted', 'posted_with_exceptions')"))

    def alive(self) -> list[UUID]:
        """The runs that still have work before them."""
        return [row.id for row in self.sql("SELECT id FROM run WHERE status IN ('queued', 'running', 'retry_wait')")]

    def finished(self) -> bool:
        """Whether no run is alive and no due period is without one."""
        return not self.one(
            """
            SELECT EXISTS (SELECT FROM run WHERE status IN ('queued', 'running', 'retry_wait')) OR EXISTS (
                SELECT FROM period p WHERE p.due_at <= :now AND p.status NOT IN ('closed', 'locked') AND NOT EXISTS (
                    SELECT FROM run r WHERE r.business_id = p.business_id AND r.book_id = p.book_id
                    AND r.period_start = p.period_start AND r.generation = p.generation))""",
            now=self.now,
        )

    def finish(self, seconds: float = 60) -> float:
        """Waits until everything due has ended; returns how long that took."""
        try:
            return until(self.finished, seconds, "every due run to end", every=0.1)
        except AssertionError as error:
            left = self.sql("""SELECT b.key, r.period_start, r.status, r.attempts, r.publications, r.error_code
                               FROM run r
                               JOIN business b ON b.id = r.business_id
                               WHERE r.status IN ('queued', 'running', 'retry_wait') LIMIT 8""")
            raise AssertionError(f"{error}; left: {left}; log ends: {self.all_logs()[-3000:]}") from None

    def plan(self) -> list[UUID]:
        """Plans in this process, by the business clock."""
        return plan_runs(self.engine, self.now)

    def check(self, **allowed: Any) -> None:
        """The one checker, over everything that this house has ever done."""
        found = checker.problems(self.engine, self.now, stopped=self.stopped, **allowed)
        assert not found, f"{len(found)} problems:\n" + "\n".join(found[:20])

    # faults

    def arm(self, step: str, what: str = "") -> Path:
        """Arms a failpoint; returns the file that is there once it has fired."""
        self.armed[step] += 1
        fresh = self.failpoints / f"new-{step}-{self.armed[step]}"
        fresh.write_text(what)
        fresh.rename(self.failpoints / f"{step}.{self.armed[step]:04d}")
        return self.failpoints / f"{step}.{self.armed[step]:04d}.fired"

    def fired(self, step: str) -> int:
        """How many failpoints of a step have really fired."""
        return len(list(self.failpoints.glob(f"{step}.*.fired")))

    def disarm(self) -> None:
        """Takes away the failpoints that have not fired."""
        for file in self.failpoints.iterdir():
            if file.suffix != ".fired":
                file.unlink(missing_ok=True)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The pool's children of a worker."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    found = set()
    with suppress(OSError):
        for task in listed.parents[1].iterdir():
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return sorted(found)


def kill(*pids: int) -> None:
    """SIGKILL to each that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def ended(house: House, *processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ends these processes at the end of the block, however it ends."""
    try:
        yield
    finally:
        for process in processes:
            if process in house.processes:
                house.end(process)
