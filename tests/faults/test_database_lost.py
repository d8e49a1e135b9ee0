"""The database goes away in mid-close, whole or one connection at a time: what was posted stays, and was posted once.

The workers reach Postgres over a wire that can be cut, and whose other end may be another server after a restart.
"""

import json
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep

import pytest

from bookvalue.embedded import running
from bookvalue.storage.migrate import migrate
from bookvalue.storage.unit_of_work import connect

from .broker import Broker
from .house import House, ended, kill
from .register import add_businesses
from .waiting import until
from .wire import Wire


@contextmanager
def _wired(house: House) -> Iterator[Wire]:
    wire = Wire(house.database_url)
    try:
        yield wire
    finally:
        wire.close()


# ------------------------------------------------------------------------------------------ one connection at a time


def _cut_at_random(build: Callable[[], House], businesses: int, cuts: int, seed: int) -> None:
    house, draw, done = build(), random.Random(seed), threading.Event()

    def cutting() -> None:
        while wire.cuts < cuts and not done.is_set():
            wire.cut(draw, in_transaction=draw.random() < 0.8)
            sleep(draw.uniform(0.005, 0.1))  # not for synchronisation: it varies what is being done

    with _wired(house) as wire, ended(house, *(house.worker(DATABASE_URL=wire.url) for _ in range(2))):
        until(lambda: len(wire.pairs) > 0, 30, "a worker to connect")
        add_businesses(house.engine, "cut", businesses, assets=8)
        saboteur = threading.Thread(target=cutting)
        saboteur.start()
        try:
            house.finish(60 + cuts)
        finally:
            done.set()
            saboteur.join()
        attempts = {
            row.attempts: row.runs for row in house.sql("SELECT attempts, count(*) AS runs FROM run GROUP BY 1")
        }
        print(f"{wire.cuts} cuts, {wire.cuts_in_transaction} in a transaction; attempts {attempts}")
        house.check()
        assert wire.cuts >= cuts // 2, "everything was done before much was cut"
        assert wire.cuts_in_transaction >= wire.cuts // 3
        assert max(attempts) > 1, "no cut hit a run"


def test_connections_cut_in_mid_transaction(build: Callable[[], House]) -> None:
    _cut_at_random(build, businesses=40, cuts=30, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 7))
def test_many_connections_cut_in_mid_transaction(build: Callable[[], House], seed: int) -> None:
    _cut_at_random(build, businesses=240, cuts=200, seed=seed)


# ------------------------------------------------------------------------------------------------- the whole server


class Cluster:
    """A Postgres of the test's own, which it kills and starts again; `wire` leads to whichever one runs."""

    def __init__(self, state: Path, broker: Broker) -> None:
        self.state, self.broker, self.stack = state, broker, ExitStack()
        self.wire = Wire(self.start())

    def start(self) -> str:
        """Starts it, after a kill with its recovery; returns where it is."""
        url = self.stack.enter_context(running(self.state, redis_url=self.broker.url)).database_url
        if hasattr(self, "wire"):
            self.wire.upstream = Wire.socket_of(url)
        return url

    def kill(self) -> None:
        """SIGKILL to the server and to every process of its at once, then the owner gives it up."""
        record = json.loads((self.state / "endpoints.json").read_text())
        (server,) = (one["pid"] for one in record["processes"] if _is_running(one["pid"]))
        os.kill(server, signal.SIGSTOP)  # from here on it starts no other
        doomed = [server, *(pid for pid in _processes() if _parent(pid) == server)]
        assert len(doomed) > 3
        kill(*doomed)
        self.stack.close()
        # What is still dying holds the shared memory, and Postgres starts on no data that somebody else may be at.
        until(lambda: not any(_is_running(pid) for pid in doomed), 10, "every process of the server to be gone")


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _is_running(pid: int) -> bool:
    """Whether it is there, and no zombie: what made the cluster has ended long since."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, House]]:
    folder, broker = tmp_path_factory.mktemp("killed"), Broker()
    broker.start()
    made = Cluster(folder / "state", broker)
    engine = connect(made.wire.url, pool_size=4)
    migrate(engine)
    house = House(made.wire.url, engine, broker, folder)
    try:
        yield made, house
    finally:
        house.end_all()
        engine.dispose()
        made.wire.close()
        made.stack.close()
        broker.remove()


def _kill_in_mid_close(cluster: Cluster, house: House, rounds: int) -> None:
    workers = [house.worker() for _ in range(2)]
    with ended(house, *workers):
        for number in range(rounds):
            fired = house.arm("mid_post", "wait 1")  # a run that has written, and has not committed
            add_businesses(house.engine, f"killed{number}", 16)
            until(fired.exists, 60, "a run to stand in mid-post")
            answered = {row.id for row in house.sql("SELECT id FROM run WHERE status = 'posted'")}
            in_hand = fired.read_text().split()
            cluster.kill()
            cluster.start()
            still = {row.id for row in house.sql("SELECT id FROM run WHERE status = 'posted'")}
            assert answered <= still, "a run that was answered as posted is posted no more"
            house.finish(90)
            house.check()
            assert house.one("SELECT attempts FROM run WHERE id::text = :id", id=in_hand[1]) > 1
        assert [worker.poll() for worker in workers] == [None, None], "a worker did not live through it"
        print(f"{rounds} kills, attempts {house.sql('SELECT attempts, count(*) FROM run GROUP BY 1 ORDER BY 1')}")


def test_kill_nine_of_postgres_in_mid_close(cluster: tuple[Cluster, House]) -> None:
    _kill_in_mid_close(*cluster, rounds=2)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_kills_of_postgres_in_mid_close(cluster: tuple[Cluster, House]) -> None:
    _kill_in_mid_close(*cluster, rounds=25)
