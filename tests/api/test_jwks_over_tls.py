"""Tokens of an issuer elsewhere, whose keys come over real TLS: rotated, away, not to be trusted, never there."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bookvalue.api import keys
from bookvalue.api.app import create_app
from bookvalue.settings import Settings

from .conftest import Two
from .issuer import Authority, Issuer, send, signing_key
from .test_errors import check

PAUSE, FRESH = keys.PAUSE_SECONDS + 1, keys.FRESH_SECONDS + 1


class Api:
    """The whole API, by settings that name the issuer; only the clock of its keys is a test's to move."""

    def __init__(self, client: TestClient, url: str) -> None:
        self.client, self.url = client, url
        self.now = 0.0

    def status(self, headers: dict[str, str]) -> int:
        """What a caller is answered."""
        answer = self.client.get(self.url, headers=headers)
        if answer.status_code == 401:
            check(answer, 401, "unauthenticated")
        if answer.status_code == 503:
            check(answer, 503, "issuer_unavailable")
            assert answer.headers["retry-after"] == "5"
        return answer.status_code


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusting(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process trusts the authority, as docs/configuration.md says, and asks through no proxy."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def serve(database_url: str, tmp_path: Path, businesses: Two) -> Iterator[Callable[[Issuer], object]]:
    @contextmanager
    def serving(issuer: Issuer) -> Iterator[Api]:
        settings = Settings(
            DATABASE_URL=database_url, REDIS_URL=None, state=tmp_path, jwks_url=issuer.url,
            jwt_algorithm=issuer.algorithm, jwt_issuer="https://issuer.test", jwt_audience="books",
        )  # fmt: skip
        app = create_app(settings)
        with TestClient(app, raise_server_exceptions=False) as client:
            made = Api(client, f"/v1/businesses/{businesses.a}/assets")
            app.state.verifier._keys._clock = lambda: made.now
            yield made

    return serving  # type: ignore[return-value]


@pytest.fixture
def issuer(authority: Authority, trusting: None) -> Issuer:
    return Issuer("RS256", authority.context("127.0.0.1"))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_key_is_rotated(authority: Authority, trusting: None, serve: Callable, algorithm: str) -> None:  # type: ignore[type-arg]
    issuer = Issuer(algorithm, authority.context("127.0.0.1"))
    with issuer.up(), serve(issuer) as api:
        assert [api.status(issuer.token("one")) for _ in range(3)] == [200] * 3
        assert issuer.asked == 1
        assert api.status(issuer.token("one", signing_key(algorithm))) == 401

        issuer.keys["two"] = signing_key(algorithm)
        assert api.status(issuer.token("two")) == 401, "an unknown key is not asked for at once"
        api.now += PAUSE
        assert [api.status(issuer.token(kid)) for kid in ("two", "one")] == [200, 200]
        assert issuer.asked == 2

        old = issuer.token("one")
        del issuer.keys["one"]
        assert api.status(old) == 200, "until the keys are asked for again"
        api.now += FRESH
        assert [api.status(old), api.status(issuer.token("two"))] == [401, 200]
        assert issuer.asked == 3


def test_while_the_issuer_is_away_what_was_good_stays_good(issuer: Issuer, serve: Callable) -> None:  # type: ignore[type-arg]
    with issuer.up():
        api_context = serve(issuer)
        api = api_context.__enter__()
        assert api.status(issuer.token("one")) == 200
    try:
        issuer.keys["two"] = signing_key("RS256")
        for _ in range(4):
            api.now += FRESH
            assert [api.status(issuer.token(kid)) for kid in ("one", "two")] == [200, 401]
            assert api.status({}) == 401
        with issuer.up():
            assert api.status(issuer.token("two")) == 401, "it was asked for a moment ago"
            api.now += PAUSE
            assert api.status(issuer.token("two")) == 200
    finally:
        api_context.__exit__(None, None, None)


def test_without_any_key_nobody_is_turned_away_for_good(issuer: Issuer, serve: Callable) -> None:  # type: ignore[type-arg]
    with issuer.up():
        pass  # now it has a port, and nobody listens there
    with serve(issuer) as api:
        assert [api.status(issuer.token("one")) for _ in range(3)] == [503] * 3
        assert api.status({}) == 401, "whoever brings no token is told so"
        with issuer.up():
            assert api.status(issuer.token("one")) == 503, "it was asked a moment ago"
            api.now += PAUSE
            assert api.status(issuer.token("one")) == 200


def distrusted(context: ssl.SSLContext, serve: Callable) -> None:  # type: ignore[type-arg]
    """No key is taken from a server with this certificate; the same issuer with a good one would do."""
    issuer = Issuer("RS256", context)
    with issuer.up(), serve(issuer) as api:
        assert api.status(issuer.token("one")) == 503
        assert issuer.asked == 0, "the question itself went to a server that had not shown who it is"


def test_a_stranger_in_its_place_gives_no_keys(
    authority: Authority, trusting: None, serve: Callable, tmp_path: Path  # type: ignore[type-arg]
) -> None:  # fmt: skip
    distrusted(Authority(tmp_path).context("127.0.0.1"), serve)
    distrusted(authority.context("issuer.test"), serve)
    distrusted(authority.context("127.0.0.1", ended=True), serve)


def test_an_authority_that_nobody_named_is_not_trusted(
    authority: Authority, serve: Callable, monkeypatch: pytest.MonkeyPatch  # type: ignore[type-arg]
) -> None:  # fmt: skip
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    distrusted(authority.context("127.0.0.1"), serve)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": []}', b'{"keys": 5}', b" " * (keys.MOST_BYTES + 1)],
    ids=["empty", "html", "list", "object", "none", "number", "huge"],
)
def test_an_answer_that_is_no_key_set(issuer: Issuer, serve: Callable, body: bytes) -> None:  # type: ignore[type-arg]
    with issuer.up(), serve(issuer) as api:
        assert api.status(issuer.token("one")) == 200
        issuer.answer = lambda request: send(request, 200, body)
        api.now += FRESH
        assert api.status(issuer.token("one")) == 200, "what was good stays good"
        assert issuer.asked == 2
    with issuer.up(), serve(issuer) as api:
        assert api.status(issuer.token("one")) == 503


def test_errors_redirects_and_silence(issuer: Issuer, serve: Callable, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[type-arg]
    monkeypatch.setattr(keys, "FETCH_SECONDS", 0.5)

    def moved(request: BaseHTTPRequestHandler) -> None:
        if request.path == "/elsewhere":
            issuer.publish(request)
        else:
            send(request, 302, b"", Location="/elsewhere")

    def silent(_: BaseHTTPRequestHandler) -> None:
        time.sleep(2)

    for fault in (moved, silent, lambda request: send(request, 500, b"{}"), lambda request: send(request, 404, b"")):
        issuer.answer, issuer.asked = fault, 0
        with issuer.up(), serve(issuer) as api:
            began = time.monotonic()
            assert api.status(issuer.token("one")) == 503
            assert time.monotonic() - began < 1.8
            assert issuer.asked == 1
