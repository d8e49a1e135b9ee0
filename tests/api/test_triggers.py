"""16 clients ask for the same run at the same time, 50 times over: one run each, with an Idempotency-Key or not."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from bookvalue.services.close_period import close_period
from bookvalue.storage import runs
from bookvalue.storage.unit_of_work import Role, transaction

from .conftest import MakeToken
from .house import House, add_businesses, asset, put_assets

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
CLIENTS, ROUNDS = 16, 50
AtOnce = Callable[[Callable[[], Any]], list[Any]]
AUGUST = {"kind": "on_demand", "period": "2026-08"}


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> House:
    made = House(app, client, engine, token)
    made.headers = token()
    return made


@pytest.fixture
def at_once() -> Iterator[AtOnce]:
    """Has every client do the same at the same time, and returns what each got."""
    barrier = threading.Barrier(CLIENTS)

    def begin(do: Callable[[], Any]) -> Any:
        barrier.wait(30)
        return do()

    with ThreadPoolExecutor(CLIENTS) as pool:
        yield lambda do: [found.result() for found in [pool.submit(begin, do) for _ in range(CLIENTS)]]


def businesses(house: House, auto: str = "close") -> Sequence[UUID]:
    keys = [f"round-{number}" for number in range(ROUNDS)]
    ids = add_businesses(house.engine, keys, auto=auto)
    put_assets(house.engine, *(asset("a", key=key) for key in keys))
    return ids


def runs_of(house: House, business_id: UUID, kind: str) -> list[UUID]:
    rows = house.sql("SELECT id FROM run WHERE business_id = :id AND kind = :kind", id=business_id, kind=kind)
    return [row.id for row in rows]


def ask(house: House, business_id: UUID, body: Any, more: Mapping[str, str] | None = None) -> Any:
    """What one client is answered."""
    place = f"/v1/businesses/{business_id}/runs"
    return house.client.post(place, json=body, headers={**house.headers, **(more or {})})


def work(engine: Engine) -> None:
    """Works on whatever was asked for."""
    with transaction(engine, Role.PLANNER) as connection:
        due = runs.due(connection, None)
    for run_id in due:
        close_period(engine, run_id, owner="worker")


@contextmanager
def a_worker(engine: Engine) -> Iterator[None]:
    """Works on whatever was asked for, while the block lasts and to the end of it."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.02):
            work(engine)
        work(engine)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(("working", "rounds"), [(False, 10), (True, ROUNDS)], ids=["alone", "beside-a-worker"])
def test_the_same_trigger_is_one_run(house: House, at_once: AtOnce, working: bool, rounds: int) -> None:
    with a_worker(house.engine) if working else nullcontext():
        for business_id in businesses(house)[:rounds]:
            answers = at_once(partial(ask, house, business_id, AUGUST))
            assert {answer.status_code for answer in answers} <= ({200, 202} if working else {202})
            (made,) = runs_of(house, business_id, "on_demand")
            assert {answer.json()["data"]["id"] for answer in answers} == {str(made)}
    if working:
        assert {row.status for row in house.sql("SELECT status FROM run WHERE kind = 'on_demand'")} == {"posted"}


def test_the_same_idempotency_key_is_one_answer(house: House, at_once: AtOnce) -> None:
    for number, business_id in enumerate(businesses(house)):
        asked = partial(ask, house, business_id, AUGUST, {"Idempotency-Key": f"round-{number}"})
        answers = at_once(asked)
        assert {answer.status_code for answer in answers} <= {202, 409}
        (made,) = runs_of(house, business_id, "on_demand")
        first, *others = [answer for answer in answers if answer.status_code == 202]
        assert first.json()["data"]["id"] == str(made)
        assert all(other.content == first.content for other in others)
        for refused in (answer for answer in answers if answer.status_code == 409):
            assert refused.json()["code"] == "idempotency_in_flight"
        again = asked()
        assert (again.status_code, again.content) == (202, first.content)


def test_the_same_rerun_reopens_once(house: House, at_once: AtOnce) -> None:
    ids = businesses(house)[:10]
    for business_id in ids:
        ask(house, business_id, AUGUST)
    work(house.engine)
    put_assets(house.engine, *(asset("late", key=f"round-{number}") for number in range(10)))
    body = {"kind": "rerun", "period": "2026-08", "reason": "a late invoice"}
    with a_worker(house.engine):
        for business_id in ids:
            answers = at_once(partial(ask, house, business_id, body))
            assert {answer.status_code for answer in answers} <= {200, 202}
            (made,) = runs_of(house, business_id, "rerun")
            assert {answer.json()["data"]["id"] for answer in answers} == {str(made)}
    found = house.sql("SELECT status, generation, charged_minor FROM period WHERE business_id = ANY (:ids) "
                      "AND period_start = '2026-08-01'", ids=list(ids))  # fmt: skip
    assert {tuple(row) for row in found} == {("closed", 1, 20000)}
