"""Errors: one shape, stable codes, the field named, nothing of the inside."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.api.conftest import MakeToken, Two
from tests.api.probe import with_probe

import bookvalue.services
from bookvalue.api.errors import CODES
from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.finding import EXPLANATIONS

MEMBERS = {"type", "title", "status", "code", "detail", "instance", "errors", "request_id"}
FINDING = {"code", "field", "value", "message", "remedy"}


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    return with_probe(app)


def check(answer: Any, status: int, code: str, *findings: tuple[str, str]) -> dict[str, Any]:
    """The answer is a whole problem with this status, this code and these findings."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == MEMBERS
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:bookvalue:problem:{code}")
    assert body["request_id"] == answer.headers["x-request-id"]
    assert all(set(found) == FINDING for found in body["errors"])
    assert {(found["field"], found["code"]) for found in body["errors"]} == set(findings)
    return dict(body)


@pytest.fixture
def url(businesses: Two) -> str:
    return f"/v1/businesses/{businesses.a}/probes"


BODIES: list[tuple[Any, list[tuple[str, str]]]] = [
    ({}, [("name", "required")]),
    ({"name": 5}, [("name", "not_text")]),
    ({"name": "x" * 501}, [("name", "text_too_long")]),
    ({"name": "a\0b"}, [("name", "text_not_allowed")]),
    ({"name": "a\ud800b"}, [("name", "text_not_allowed")]),
    ({"name": "a", "b\ud800\0": 1}, [("b\\ud800\\u0000", "text_not_allowed")]),
    ({"name": "a", "nmae": 1}, [("nmae", "unknown_field")]),
    ({"name": "a", "external_id": "  "}, [("external_id", "required")]),
    ({"name": "a", "amount": True}, [("amount", "not_an_integer")]),
    ({"name": "a", "amount": 1.0}, [("amount", "not_an_integer")]),
    ({"name": "a", "amount": "1"}, [("amount", "not_an_integer")]),
    ({"name": "a", "amount": -1}, [("amount", "amount_negative")]),
    ({"name": "a", "amount": 10**30}, [("amount", "amount_out_of_range")]),
    ({"name": "a", "months": 10**30}, [("months", "out_of_range")]),
    ({"name": "a", "months": 0}, [("months", "out_of_range")]),
    ({"name": "a", "months": "1"}, [("months", "not_an_integer")]),
    ({"name": "a", "day": "2026-02-30"}, [("day", "not_a_date")]),
    ({"name": "a", "day": 20260101}, [("day", "not_a_date")]),
    ({"name": "a", "kind": "never"}, [("kind", "not_one_of")]),
    ({"name": "a", "account_id": "x"}, [("account_id", "not_an_id")]),
    ({"name": "a", "done": "true"}, [("done", "not_a_boolean")]),
    ({"name": "a", "inner": []}, [("inner", "not_an_object")]),
    ({"name": "a", "inner": {"name": 1}}, [("inner.name", "not_text")]),
    ({"name": "a", "names": {}}, [("names", "not_a_list")]),
    ({"name": "a", "names": ["a", 1]}, [("names.1", "not_text")]),
    ({"name": "a", "names": ["a"] * 4}, [("names", "too_many")]),
    ([], [("body", "not_an_object")]),
    (None, [("body", "not_an_object")]),
    (
        {"name": 1, "amount": "x", "zz": 1},
        [("name", "not_text"), ("amount", "not_an_integer"), ("zz", "unknown_field")],
    ),
]


def test_findings_name_the_field(client: TestClient, token: MakeToken, url: str) -> None:
    headers = {**token(), "content-type": "application/json"}
    for body, findings in BODIES:
        check(client.post(url, content=json.dumps(body), headers=headers), 422, "invalid_input", *findings)


QUERIES = [
    ("limit=0", [("limit", "out_of_range")]),
    ("limit=101", [("limit", "out_of_range")]),
    ("limit=x", [("limit", "not_an_integer")]),
    ("limit=" + "9" * 30, [("limit", "out_of_range")]),
    ("cursor=x", [("cursor", "not_a_cursor")]),
    ("cursor=W10", [("cursor", "not_a_cursor")]),
    ("cursor=WyJhIl0", [("cursor", "not_a_cursor")]),
    ("cursor=" + "A" * 2000, [("cursor", "text_too_long")]),
    ("cursor=%00", [("cursor", "text_not_allowed")]),
    ("a%00b=1", [("a\\u0000b", "text_not_allowed")]),
    ("cursor=%ff%fe", [("cursor", "not_a_cursor")]),
    ("limti=5", [("limti", "unknown_field")]),
    ("limit=1&limit=2", [("limit", "given_twice")]),
]


def test_findings_of_the_query(client: TestClient, token: MakeToken, url: str) -> None:
    for query, findings in QUERIES:
        check(client.get(f"{url}?{query}", headers=token()), 422, "invalid_input", *findings)


def test_pages_lead_to_the_end(client: TestClient, token: MakeToken, url: str) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(url, params={"limit": 3, **({"cursor": cursor} if cursor else {})}, headers=token()).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next"]
    assert seen == [str(at) for at in range(1, 8)]


def test_what_is_not_there(client: TestClient, token: MakeToken, url: str) -> None:
    check(client.get("/nowhere", headers=token()), 404, "not_found")
    check(client.get("/v1/businesses/%00/probes", headers=token()), 404, "not_found")
    refused = client.delete(url, headers=token())
    check(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "GET, POST"
    check(client.get(url + "/", headers=token()), 404, "not_found")


def test_nothing_of_the_inside_gets_out(client: TestClient, token: MakeToken, url: str) -> None:
    crashed = client.get("/v1/crash")
    assert "secret" not in json.dumps(check(crashed, 500, "internal"))
    refused = client.post(url, json={"name": "fail"}, headers=token())
    assert "secret" not in json.dumps(check(refused, 500, "integrity_violation"))


def test_the_database_is_away(client: TestClient, token: MakeToken, url: str, app: FastAPI) -> None:
    from bookvalue.storage.unit_of_work import connect

    headers = token()
    app.state.engine = connect("postgresql+psycopg://somebody:secret@127.0.0.1:1/nothing", pool_size=0)
    answer = client.get(url, headers=headers)
    body = check(answer, 503, "database_unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "127.0.0.1" not in json.dumps(body)
    check(client.get("/metrics"), 503, "database_unavailable")


def test_request_ids(client: TestClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    for odd in ("", "a b", "x" * 65, b"a\nb".hex() + "\t"):
        answer = client.get("/healthz", headers={"X-Request-ID": odd})
        assert answer.headers["x-request-id"] not in ("", odd)


def test_headers_of_every_answer(client: TestClient) -> None:
    for path in ("/healthz", "/nowhere", "/v1/crash"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_every_error_has_its_status() -> None:
    """Each error of the house that a request can meet stands in the table."""
    import importlib
    import pkgutil

    for found in pkgutil.iter_modules(bookvalue.services.__path__, "bookvalue.services."):
        importlib.import_module(found.name)
    waiting, codes = [BookvalueError], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(("bookvalue.domain", "bookvalue.services", "bookvalue.storage", "bookvalue.api")):
            codes.add(kind.code)
    elsewhere = {"error", "settings_invalid", "embedded_unavailable", "roles_missing", "lease_lost", "cancelled"}
    assert codes - elsewhere <= set(CODES)


def test_every_finding_code_is_explained() -> None:
    from bookvalue.api import errors

    given = {*errors._FINDING_CODES.values(), *(code for _, code in errors._FINDING_PREFIXES), "not_valid"}
    assert given <= set(EXPLANATIONS)
