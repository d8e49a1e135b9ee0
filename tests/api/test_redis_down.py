"""Redis frozen, gone and back: a run is asked for within a second, and it happens."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import Engine
from tests.faults import checker
from tests.faults.broker import Broker
from tests.faults.house import House, children
from tests.faults.waiting import until

from bookvalue.embedded import spawn
from bookvalue.settings import Settings

from .conftest import MakeToken
from .house import add_businesses, asset, put_assets

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


class Stack:
    """A broker, a worker and an API as processes, and one business whose runs nobody plans."""

    def __init__(self, house: House, settings: Settings, headers: dict[str, str]) -> None:
        self.house, self.headers = house, headers
        (business,) = add_businesses(house.engine, ["bakery"], auto="off")
        put_assets(house.engine, asset("a"), asset("b", cost="600.00"))
        self.place = f"/v1/businesses/{business}"
        self.worker = house.worker(BOOKVALUE_CONCURRENCY="1")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = house.folder / "api.log"
        more = {"BOOKVALUE_STATE": str(settings.state), "BOOKVALUE_API_PORT": str(port)}
        api = spawn([sys.executable, "-m", "bookvalue", "api"], log=log, env=house.environment(**more))
        house.processes.append(api)
        house.logs[api.pid] = log
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)
        until(lambda: children(self.worker) and self._ready() == "ready", 30, "the API and the worker")

    def _ready(self) -> str:
        try:
            return str(self.client.get("/readyz").json()["status"])
        except httpx2.TransportError:
            return "not yet"

    def request(self, period: str) -> Any:
        """A run, asked for and answered within a second, whatever Redis does."""
        since = time.monotonic()
        answer = self.client.post(
            f"{self.place}/runs",
            json={"kind": "on_demand", "period": period},
            headers={**self.headers, "Idempotency-Key": str(uuid4())},
        )
        took = time.monotonic() - since
        assert answer.status_code == 202, answer.text
        assert took < 1, f"{took:.2f} s"
        return answer.json()["data"]

    def happens(self, run: Any, seconds: float = 20) -> str:
        """Waits for the run to be posted; returns the process that did it."""
        place = run["links"]["self"]
        until(
            lambda: self.client.get(place, headers=self.headers).json()["data"]["status"] == "posted",
            seconds, f"the run of {run['period']}; log: {self.house.all_logs()[-3000:]}",
        )  # fmt: skip
        owner = self.house.one("SELECT lease_owner FROM run WHERE id = :id", id=run["id"])
        return str(owner.rpartition("/")[2])

    def check(self, periods: int) -> None:
        """Each period was run once, by one run, and the books are whole."""
        assert not checker.problems(self.house.engine)
        runs = self.house.sql("SELECT period_start, status, posted_minor FROM run ORDER BY period_start")
        assert [(row.status, row.posted_minor) for row in runs] == [("posted", 15_000)] * periods

    def readiness(self) -> Any:
        """What readiness says."""
        answer = self.client.get("/readyz")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def live(
    engine: Engine, database_url: str, api_settings: Settings, token: MakeToken, tmp_path: Path
) -> Iterator[Stack]:
    if not Path("/proc/self/task").exists():
        pytest.skip("workers' children are read from /proc")
    broker = Broker()
    house = House(database_url, engine, broker, tmp_path)
    made = None
    try:
        broker.start()
        made = Stack(house, api_settings, token())
        yield made
    finally:
        if made is not None:
            made.client.close()
        house.end_all()
        broker.remove()
        house.client.close()


def test_a_run_needs_no_redis(live: Stack) -> None:
    house, parent = live.house, str(live.worker.pid)
    assert live.happens(live.request("2026-08"))

    house.broker.freeze()
    try:
        assert live.readiness()["status"] == "degraded"
        run = live.request("2026-09")
        assert live.happens(run) == parent, "no child can have heard of it"
        assert live.readiness()["broker"] == "unreachable", "Redis was not frozen all the while"
    finally:
        house.broker.thaw()
    assert live.readiness()["status"] == "ready"

    house.set_clock("2027-01-20T12:00:00Z")
    house.broker.kill()
    house.broker.socket.unlink(missing_ok=True)
    assert live.readiness()["broker"] == "unreachable"
    assert live.happens(live.request("2026-10")) == parent, "no child can have heard of it"
    assert live.readiness()["status"] == "degraded"

    house.broker.start()
    assert live.readiness()["status"] == "ready"
    assert live.happens(live.request("2026-11"))
    live.check(4)


def test_a_run_asked_for_while_nobody_could_hear_of_it(live: Stack) -> None:
    """No worker and no Redis: the run waits in the database, and happens once both are there."""
    house = live.house
    house.end(live.worker, grace=5)
    house.broker.freeze()
    frozen = live.request("2026-08")
    house.broker.thaw()
    house.broker.kill()
    again = live.request("2026-08")
    assert again["id"] == frozen["id"] and again["status"] == "queued"
    house.broker.start()
    house.worker(BOOKVALUE_CONCURRENCY="1")
    live.happens(frozen)
    live.check(1)
