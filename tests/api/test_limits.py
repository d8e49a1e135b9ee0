"""Limits: bodies that are too large, too deep or no JSON, whatever sends them, and memory that stays flat."""

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.api.conftest import MakeToken, Served, Two
from tests.api.probe import with_probe
from tests.api.test_errors import check

from bookvalue.api.body import MOST_LEVELS, examined
from bookvalue.domain.finding import Finding

GIGABYTE = 2**30
MEGABYTE = 2**20


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    return with_probe(app)


def send_chunks(
    port: int, total: int, path: str = "/v1/businesses/x/runs", *, listen: bool = True
) -> tuple[bytes, int]:
    """Sends a chunked body without a length until all is sent or the server has had enough: its answer, bytes sent."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        with suppress(ConnectionError):
            while sent < total:
                connection.sendall(chunk)
                sent += 0x10000
                if listen and sent > 2 * MEGABYTE:
                    break
        with suppress(ConnectionError):
            while piece := connection.recv(65_536):
                answer += piece
    return answer, sent


def test_a_gigabyte_in_chunks(served: Served) -> None:
    send_chunks(served.port, 4 * MEGABYTE)  # warm
    before = served.memory_peak()
    began = time.monotonic()
    answer, _ = send_chunks(served.port, GIGABYTE)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer.lower()
    assert b'"code":"payload_too_large"' in answer
    # One that never stops to listen, and sixteen at once.
    _, sent = send_chunks(served.port, GIGABYTE, listen=False)
    with ThreadPoolExecutor(16) as pool:
        many = list(pool.map(lambda _: send_chunks(served.port, GIGABYTE, listen=False), range(16)))
    assert max(sent, *(one for _, one in many)) < 64 * MEGABYTE, "the server reads on after its answer"
    assert time.monotonic() - began < 60
    assert served.memory_peak() - before < 48 * MEGABYTE


def test_a_length_that_is_too_large_is_refused_unread(served: Served) -> None:
    for length in (MEGABYTE + 1, GIGABYTE, 10**18):
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
            connection.sendall(
                f"POST /v1/businesses HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Content-Length: {length}\r\n\r\n{{".encode()
            )
            assert connection.recv(65_536).startswith(b"HTTP/1.1 413 "), length


def test_huge_headers_are_refused(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        with suppress(ConnectionError):
            connection.sendall(
                b"GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + b"a" * 4 * MEGABYTE + b"\r\n\r\n"
            )
        answer = b""
        with suppress(ConnectionError):
            answer = connection.recv(65_536)
        assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert served.memory_peak() < 500 * MEGABYTE


def test_half_a_body_is_no_request(served: Served, token: MakeToken, businesses: Two) -> None:
    """Who goes away before the end of the body has asked for nothing; the next one is served."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/businesses HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{}"
        )
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_it_stops_when_told(served: Served) -> None:
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(30) in (0, -signal.SIGTERM)
    assert "Traceback" not in served.log.read_text()


MALFORMED: list[bytes] = [
    b"{",
    b"nul",
    b'{"name": "a",}',
    b"{'name': 'a'}",
    b'{"name": "a"} {"name": "b"}',
    b'{"name": "\xff"}',
    b'{"name": "\xed\xa0\x80"}',
    b'{"name": "a\x00b"}',
    b'{"name": "a\nb"}',
    b"\xef\xbb\xbf{}",
    '{"name": "a"}'.encode("utf-16"),
    '{"name": "a"}'.encode("utf-32"),
    b"\x00",
    b"[" * 500_000,
    b'{"a":' * 100_000,
    b'"' + b"\\" * 99_999,
]

ODD: list[tuple[str, str, str]] = [
    ('{"name": NaN}', "name", "not_a_number"),
    ('{"amount": Infinity}', "amount", "not_a_number"),
    ('{"metadata": {"a": [1, -Infinity]}}', "metadata.a.1", "not_a_number"),
    ('{"amount": 1e999}', "amount", "not_a_number"),
    ('{"months": ' + "9" * 5_000 + "}", "months", "not_a_number"),
    ('{"name": "\\u0000"}', "name", "text_not_allowed"),
    ('{"metadata": {"a": ["b", "\\ud800"]}}', "metadata.a.1", "text_not_allowed"),
    ('{"metadata": {"a\\u0000": 1}}', "metadata.a\\u0000", "text_not_allowed"),
    ('{"name": "a", "metadata": {"x": [[' + "[" * 100 + "]" * 100 + "]]}}", "metadata.x.0.0", "too_deep"),
    ("[" * 65 + "]" * 65, "0.0.0.0", "too_deep"),
]


def test_bodies_that_are_no_json(client: TestClient, token: MakeToken, businesses: Two) -> None:
    url = f"/v1/businesses/{businesses.a}/probes"
    headers = {**token(), "Content-Type": "application/json"}
    for body in MALFORMED:
        answer = client.post(url, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), (body[:40], answer.text)
    for text, field, code in ODD:
        answer = client.post(url, content=text, headers=headers)
        status, name = (422, "invalid_input") if code == "text_not_allowed" else (400, "malformed")
        check(answer, status, name, (field, code))


def test_media_types(client: TestClient, token: MakeToken, businesses: Two) -> None:
    url = f"/v1/businesses/{businesses.a}/probes"
    body = json.dumps({"name": "a"})
    for given in ("application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"):
        assert client.post(url, content=body, headers={**token(), "Content-Type": given}).status_code == 201, given
    for given in (
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
        "application/json; charset=utf-16", "application/vnd.api+json", "application/problem+json", "json", "",
    ):  # fmt: skip
        check(client.post(url, content=body, headers={**token(), "Content-Type": given}), 415, "unsupported_media")
    check(client.post(url, content=body, headers=token()), 415, "unsupported_media")
    # No body needs no type.
    check(client.post(url, headers=token()), 422, "invalid_input", ("body", "required"))
    assert client.get(url, headers=token()).status_code == 200


def test_the_limit_is_exact(client: TestClient, token: MakeToken, businesses: Two) -> None:
    url = f"/v1/businesses/{businesses.a}/probes"
    headers = {**token(), "Content-Type": "application/json"}
    body = b'{"name": "a"}'
    full = body + b" " * (MEGABYTE - len(body))
    assert client.post(url, content=full, headers=headers).status_code == 201
    check(client.post(url, content=full + b" ", headers=headers), 413, "payload_too_large")
    check(client.post(url, content=iter([full, b" "]), headers=headers), 413, "payload_too_large")
    assert client.post(url, content=iter([body[:5], body[5:]]), headers=headers).status_code == 201


def found_in(value: Any) -> list[Finding] | None:
    return examined(json.dumps(value).encode())


def test_depth_is_counted_outside_texts() -> None:
    deep: Any = "[" * 1000 + '"\\{{{'
    for _ in range(MOST_LEVELS):
        deep = [deep]
    assert found_in(deep) == []
    assert [one.code for one in found_in([deep]) or []] == ["too_deep"]
    assert found_in({"a": [[], {}] * 1000}) == []
    began = time.monotonic()
    examined(b"[" + b"[]," * 300_000 + b"[]]")
    assert time.monotonic() - began < 5
