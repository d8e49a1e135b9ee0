"""A rolling restart in mid-close: each worker ends what it has in hand and takes no more; nothing lost or doubled."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from .house import House, children
from .register import add_businesses
from .waiting import until

PATIENT = "30"  # so long a lease that a run is begun again only where a worker has let it go


def _in_hand(fired: list[Path], worker: "subprocess.Popen[bytes]") -> list[UUID]:
    """The runs that children of this worker hold at a failpoint."""
    pool = {str(pid) for pid in (worker.pid, *children(worker))}
    told = [file.read_text().split() for file in fired if file.exists()]
    return [UUID(words[1]) for words in told if len(words) == 2 and words[0] in pool]


def _restart_all(house: House, prefix: str, businesses: int) -> None:
    for number, old in enumerate(list(house.processes)):
        add_businesses(house.engine, f"{prefix}-{number}", businesses)
        fired = [house.arm("in_compute", "wait 0.5") for _ in range(6)]
        until(lambda old=old, fired=fired: _in_hand(fired, old), 60, "the worker to have a run in hand")
        held = _in_hand(fired, old)
        assert house.alive(), "everything was done before the restart"
        house.worker(BOOKVALUE_LEASE_SECONDS=PATIENT)
        pool, told = [old.pid, *children(old)], house.one("SELECT clock_timestamp()")
        os.kill(old.pid, signal.SIGTERM)
        assert old.wait(40) == 0, house.log_of(old)[-3000:]
        owners = [f"%/{pid}" for pid in pool]
        ended = "SELECT count(*) FROM run WHERE finished_at > :told AND lease_owner LIKE ANY (:owners)"
        assert house.one(ended, told=told, owners=owners) <= 4, "it went on with the other runs of its message"
        for run_id in held:
            (run,) = house.sql("SELECT * FROM run WHERE id = :id", id=run_id)
            assert (run.status, run.attempts) == ("posted", 1), "what was in hand was let go"
        house.end(old)
        house.disarm()
    house.finish(120)
    house.check()
    attempts = house.sql("SELECT DISTINCT attempts FROM run")
    assert [row.attempts for row in attempts] == [1], "a run had to be begun again"


def test_a_rolling_restart_in_mid_close(build: Callable[[], House]) -> None:
    house = build()
    for _ in range(2):
        house.worker(BOOKVALUE_LEASE_SECONDS=PATIENT)
    _restart_all(house, "rolling", 30)
    assert "run.lease_lost" not in house.all_logs()
    house.end_all()


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_rolling_restarts_in_mid_close(build: Callable[[], House]) -> None:
    house = build()
    for _ in range(3):
        house.worker(BOOKVALUE_LEASE_SECONDS=PATIENT)
    for turn in range(8):
        _restart_all(house, f"rolling{turn}", 120)
    house.end_all()
