"""Idempotency keys: one effect and one answer, however often and however closely together a request comes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from tests.api.conftest import MakeToken, Two
from tests.api.probe import with_probe
from tests.api.test_errors import check

ROUNDS = 50
CLIENTS = 16


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    return with_probe(app)


@pytest.fixture
def url(businesses: Two) -> str:
    return f"/v1/businesses/{businesses.a}/probes"


def effects(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM bookvalue.audit WHERE action = 'probe'")) or 0)


def test_the_same_answer_again(client: TestClient, token: MakeToken, url: str, engine: Engine) -> None:
    headers = {**token(), "Idempotency-Key": "one"}
    first = client.post(url, json={"name": "ä", "amount": 1}, headers=headers)
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    # Another way of writing the same, with a fresh token: the answer to the last byte.
    for _ in range(3):
        again = client.post(
            url, content='{ "amount":1,\n"name":"\\u00e4" }',
            headers={**headers, **token(), "Content-Type": "application/json"},
        )  # fmt: skip
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["location"] == first.headers["location"]
        assert again.headers["content-type"] == first.headers["content-type"]
        assert again.headers["idempotency-replayed"] == "true"
    assert effects(engine) == 1


def test_another_request_with_the_same_key(client: TestClient, token: MakeToken, url: str, engine: Engine) -> None:
    headers = {**token(), "Idempotency-Key": "one"}
    assert client.post(url, json={"name": "a"}, headers=headers).status_code == 201
    for body in ({"name": "b"}, {"name": "a", "amount": 0}, {"name": "a", "amount": None}):
        check(client.post(url, json=body, headers=headers), 422, "idempotency_key_reused")
    check(client.post(f"{url}?slow=0", json={"name": "a"}, headers=headers), 422, "idempotency_key_reused")
    assert effects(engine) == 1


def test_whose_key_it_is(client: TestClient, token: MakeToken, businesses: Two, engine: Engine) -> None:
    """The same key of another business, another subject or another route is another key."""
    key = {"Idempotency-Key": "one"}
    answers = [
        client.post(path, json={"name": "a"}, headers={**token(subject=who), **key}).json()["data"]["id"]
        for path in (f"/v1/businesses/{businesses.a}/probes", f"/v1/businesses/{businesses.b}/probes")
        for who in ("me", "you")
    ]
    assert len(set(answers)) == 4
    assert effects(engine) == 4


def test_without_a_business(client: TestClient, token: MakeToken) -> None:
    headers = {**token(), "Idempotency-Key": "one"}
    first = client.post("/v1/probes", json={"name": "gamma"}, headers=headers)
    assert first.status_code == 201, first.text
    again = client.post("/v1/probes", json={"name": "gamma"}, headers=headers)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    check(client.post("/v1/probes", json={"name": "delta"}, headers=headers), 422, "idempotency_key_reused")


def test_what_is_no_key(client: TestClient, token: MakeToken, url: str, engine: Engine) -> None:
    for odd in ("", " ", "a b", "x" * 129, b"\xe4", "a\tb"):
        answer = client.post(url, json={"name": "a"}, headers={**token(), "Idempotency-Key": odd})  # type: ignore[dict-item]
        check(answer, 422, "invalid_input", ("Idempotency-Key", "not_an_idempotency_key"))
    twice: Any = [*token().items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    check(
        client.post(url, json={"name": "a"}, headers=twice), 422, "invalid_input",
        ("Idempotency-Key", "not_an_idempotency_key"),
    )  # fmt: skip
    assert effects(engine) == 0
    assert client.post(url, json={"name": "a"}, headers={**token(), "Idempotency-Key": "!" * 128}).status_code == 201


def test_a_failure_is_not_kept(client: TestClient, token: MakeToken, url: str, engine: Engine) -> None:
    headers = {**token(), "Idempotency-Key": "one"}
    for _ in range(2):
        check(client.post(url, json={"name": "fail"}, headers=headers), 500, "integrity_violation")
    check(client.post(url, json={"name": 1}, headers=headers), 422, "invalid_input", ("name", "not_text"))
    assert effects(engine) == 0
    assert client.post(url, json={"name": "fine"}, headers=headers).status_code == 201


def test_in_flight(client: TestClient, token: MakeToken, url: str, engine: Engine) -> None:
    headers = {**token(), "Idempotency-Key": "one"}
    slow = f"{url}?slow=1.5"
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, slow, json={"name": "a"}, headers=headers)
        while not waiting(engine):
            pass
        answer = client.post(slow, json={"name": "a"}, headers=headers)
        check(answer, 409, "idempotency_in_flight")
        assert answer.headers["retry-after"] == "1"
        done = first.result()
    assert done.status_code == 201
    assert client.post(slow, json={"name": "a"}, headers=headers).content == done.content
    assert effects(engine) == 1


def waiting(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")))


def test_sixteen_clients_at_once(client: TestClient, token: MakeToken, url: str, engine: Engine) -> None:
    """Equal requests, all at the same instant, round after round: one effect each, and nobody waits for ever."""
    headers = token()
    barrier = threading.Barrier(CLIENTS)
    answered: list[list[tuple[int, bytes]]] = [[] for _ in range(ROUNDS)]

    def ask(_: int) -> None:
        for at in range(ROUNDS):
            barrier.wait(120)
            answer = client.post(url, json={"name": "a"}, headers={**headers, "Idempotency-Key": f"round-{at}"})
            answered[at].append((answer.status_code, answer.content))

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask, range(CLIENTS)))
    for round_ in answered:
        assert {status for status, _ in round_} <= {201, 409}
        assert len({content for status, content in round_ if status == 201}) == 1
    assert effects(engine) == ROUNDS


def test_a_lost_gate_lets_one_effect_through(
    client: TestClient, token: MakeToken, url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the advisory lock, the row's own key still keeps the second effect out."""
    from bookvalue.storage import idempotency

    numbers = iter(range(10**9))
    monkeypatch.setattr(idempotency.Key, "lock", property(lambda _: next(numbers)))
    headers = {**token(), "Idempotency-Key": "one"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client.post(f"{url}?slow=0.3", json={"name": "a"}, headers=headers), range(8))
        )
    assert sorted(answer.status_code for answer in answers)[0] == 201
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert effects(engine) == 1
