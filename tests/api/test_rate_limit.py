"""The limit of requests a minute: by subject, with a time to come back at, and for nobody but who may ask at all."""

import threading
from collections.abc import Sequence

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bookvalue.api import rate_limit
from bookvalue.api.rate_limit import RateLimit, RateLimited

from .conftest import MakeToken, Two
from .test_errors import check


class Clock:
    """A clock that a test moves."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def passed(limit: RateLimit, subject: str, times: int) -> int:
    """How many of so many requests pass."""
    count = 0
    for _ in range(times):
        try:
            limit.take(subject)
            count += 1
        except RateLimited:
            pass
    return count


def waits(limit: RateLimit, subject: str) -> str:
    with pytest.raises(RateLimited) as refused:
        limit.take(subject)
    return str(refused.value.details["headers"]["Retry-After"])


def test_a_full_bucket_then_an_even_flow(clock: Clock) -> None:
    limit = RateLimit(30, clock=clock)
    assert passed(limit, "ci", 50) == 30
    assert waits(limit, "ci") == "2"
    assert passed(limit, "someone else", 1) == 1
    clock.now += 1.9
    assert waits(limit, "ci") == "1"
    clock.now += 0.2
    assert passed(limit, "ci", 5) == 1
    clock.now += 60
    assert passed(limit, "ci", 50) == 30


def test_whoever_waits_as_long_as_told_passes(clock: Clock) -> None:
    limit = RateLimit(7, clock=clock)
    passed(limit, "ci", 7)
    for _ in range(20):
        clock.now += float(waits(limit, "ci"))
        limit.take("ci")


def test_over_a_long_time_no_more_than_the_rate_passes(clock: Clock) -> None:
    limit = RateLimit(60, clock=clock)
    count = 0
    for _ in range(6_000):  # ten minutes, ten requests a second
        clock.now += 0.1
        count += passed(limit, "ci", 1)
    assert 659 <= count <= 660  # a bucket of 60, filled by one a second; the clock counts in floats


def test_memory_is_bounded_and_the_silent_are_forgotten_first(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MOST_SUBJECTS", 100)
    limit = RateLimit(2, clock=clock)
    assert passed(limit, "busy", 3) == 2
    for number in range(1_000):
        limit.take(f"stranger {number}")
        if number % 50 == 0:
            waits(limit, "busy")
    assert len(limit._full_at) == 100
    waits(limit, "busy")


def test_zero_is_no_limit(clock: Clock) -> None:
    assert passed(RateLimit(0, clock=clock), "ci", 10_000) == 10_000


def test_many_threads_share_one_bucket(clock: Clock) -> None:
    limit, counts = RateLimit(1_000, clock=clock), []
    threads = [threading.Thread(target=lambda: counts.append(passed(limit, "ci", 200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 1_000


def statuses(client: TestClient, url: str, headers: dict[str, str], times: int) -> Sequence[int]:
    return [client.get(url, headers=headers).status_code for _ in range(times)]


def test_over_http(client: TestClient, app: FastAPI, token: MakeToken, businesses: Two, clock: Clock) -> None:
    app.state.rate_limit = RateLimit(4, clock=clock)
    url, mine = f"/v1/businesses/{businesses.a}/assets", token(subject="ci")
    assert statuses(client, url, mine, 4) == [200] * 4
    refused = client.get(url, headers=mine)
    check(refused, 429, "rate_limited")
    assert refused.headers["retry-after"] == "15"
    # by subject: another token of the same one, another business, another route, a scope too few
    for other in (url, f"/v1/businesses/{businesses.b}/assets", "/v1/businesses"):
        check(client.get(other, headers=token(subject="ci")), 429, "rate_limited")
    check(client.get(url, headers=token("runs", subject="ci")), 429, "rate_limited")
    check(client.post(url, json={}, headers=mine), 429, "rate_limited")
    assert statuses(client, url, token(subject="someone else"), 1) == [200]
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        assert statuses(client, path, {}, 6) == [200] * 6
    assert statuses(client, url, {}, 6) == [401] * 6
    assert statuses(client, url, {"Authorization": "Bearer x.y.z"}, 6) == [401] * 6
    clock.now += 15
    assert statuses(client, url, mine, 2) == [200, 429]


def test_the_setting_is_the_limit(client: TestClient, app: FastAPI, token: MakeToken, businesses: Two) -> None:
    from bookvalue.api.app import create_app

    with TestClient(create_app(app.state.settings.model_copy(update={"requests_per_minute": 2}))) as limited:
        assert statuses(limited, f"/v1/businesses/{businesses.a}/assets", token(), 3) == [200, 200, 429]
