"""Every route and two tenants: what is not yours is answered, byte by byte, as what is not there."""

import json
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from bookvalue import local_issuer

from .conftest import MakeToken
from .world import GOOD, Operation, body_of, fields, operations, prepare, resolved

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


class Tenants:
    """A and B, each with one object of each kind, and A's callers."""

    def __init__(self, app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> None:
        self.client, self.token = client, token
        self.all = operations(app.openapi())
        self.components = app.openapi()["components"]["schemas"]
        self.ours = [one for one in self.all if one.of_a_business]
        self.a = prepare(client, engine, token(), "ours", "2026-01-01", "2026-03-10")
        self.b = prepare(client, engine, token(), "theirs", "2025-12-01", "2026-03-10")
        self.headers = self.only()

    def only(self, *scopes: str) -> dict[str, str]:
        """The headers of a caller of A with these scopes, or all."""
        return self.token(*scopes, businesses=[self.a.id])

    def ask(self, operation: Operation, place: str, body: Any = None, query: Any = None, headers: Any = None) -> Any:
        return self.client.request(operation.method, place, json=body, params=query, headers=headers or self.headers)

    def same(self, operation: Operation, theirs: str, nobodys: str, place: str, body: Any = None, query: Any = None,
             headers: Any = None) -> Any:  # fmt: skip
        """The answer to a request with an id of B's, which must be the one to the same request with nobody's."""
        answers = []
        for one in (theirs, nobodys):
            asked, sent = place.replace("{id}", one), json.loads(json.dumps([body, query]).replace("{id}", one))
            answer = self.ask(operation, asked, sent[0], sent[1], headers)
            shown = answer.text.replace(one, "{id}").replace(answer.headers["X-Request-ID"], "{request}")
            # An ETag holds a digest of the query, and so of the id that the caller has sent.
            kept = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "etag")}
            answers.append((answer.status_code, shown, kept))
        assert answers[0] == answers[1], operation.name
        return answer


@pytest.fixture
def tenants(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> Tenants:
    return Tenants(app, client, engine, token)


def test_every_operation_has_a_case(tenants: Tenants) -> None:
    names = [one.name for one in tenants.all]
    assert sorted(names) == sorted(GOOD) and len(set(names)) == len(names)
    assert len(tenants.ours) >= 28
    for one in tenants.ours:
        assert set(one.path_names) <= set(tenants.a.ids), one.path
        assert GOOD[one.name].allowed, one.name


def test_the_other_business(tenants: Tenants) -> None:
    a, b = tenants.a, tenants.b
    for one in tenants.ours:
        good = GOOD[one.name]
        for owner in (a, b):
            place = owner.place(one, businessId="{id}")
            for body in (good.body, {"strange": 1}) if good.body else (None,):
                answer = tenants.same(one, b.id, str(uuid4()), place, body, good.query)
                assert answer.status_code == 404 and answer.json()["code"] == "not_found", (one.name, answer.text)
    listed = tenants.client.get("/v1/businesses", headers=tenants.headers).json()["data"]
    assert [entry["id"] for entry in listed] == [a.id]


def test_the_other_businesses_objects(tenants: Tenants) -> None:
    a, b = tenants.a, tenants.b
    for one in tenants.ours:
        good = GOOD[one.name]
        for name in one.path_names:
            nobodys = "2025-11" if name == "period" else str(uuid4())
            # A caller who may everything, and one of A's alone
            for headers in (tenants.headers, tenants.token()):
                place = a.place(one, **{name: "{id}"})
                answer = tenants.same(one, b.ids[name], nobodys, place, good.body, good.query, headers)
                assert answer.status_code == 404 and answer.json()["code"] == "not_found", (one.name, answer.text)


NAMES = {
    "asset_type_id": "assetTypeId", "run_id": "runId", "asset_id": "assetId", "book_id": "bookId",
    "asset_ids.0": "assetId", "detail_id": "detailId", "account": "accountId", "ledger_account": "accountId",
}  # fmt: skip
"""The object that a member of a query or of a body names."""


def test_the_other_businesses_objects_in_queries(tenants: Tenants) -> None:
    tried = set()
    for one in tenants.ours:
        for parameter in one.described.get("parameters", []):
            name, schema = parameter["name"], parameter["schema"]
            an_id = any(kind.get("format") == "uuid" for kind in [schema, *schema.get("anyOf", [])])
            if parameter["in"] != "query" or not (an_id or name in NAMES):
                continue
            assert name in NAMES, f"{one.name}: {name} has no case"
            theirs = tenants.b.ids[NAMES[name]]
            tenants.same(one, theirs, str(uuid4()), tenants.a.place(one), None, {name: "{id}"})
            tried.add((one.name, name))
    assert len(tried) >= 4, tried


def test_the_other_businesses_objects_in_bodies(tenants: Tenants) -> None:
    tried = set()
    for one in tenants.ours:
        schema = body_of(one)
        for path, kind in fields(schema, tenants.components) if schema else ():
            kind = resolved(kind, tenants.components)
            if not any(each.get("format") == "uuid" for each in [kind, *kind.get("anyOf", [])]):
                continue
            if path.endswith("account.id"):
                path, theirs, value = path.removesuffix(".id"), "accountId", {"type": "AccountId", "id": "{id}"}
            else:
                assert path in NAMES, f"{one.name}: {path} has no case"
                theirs, value = NAMES[path], "{id}"
            name, _, in_list = path.partition(".")
            body = {**GOOD[one.name].body, name: [value] if in_list else value}
            answer = tenants.same(one, tenants.b.ids[theirs], str(uuid4()), tenants.a.place(one), body)
            assert 400 <= answer.status_code < 500, (one.name, path, answer.text)
            tried.add((one.name, path))
    assert len(tried) >= 14, tried


def test_without_a_token(tenants: Tenants) -> None:
    for one in tenants.all:
        if not one.path.startswith("/v1"):
            continue
        good = GOOD[one.name]
        for owner in (tenants.a, tenants.b):
            answer = tenants.client.request(one.method, owner.place(one), json=good.body, params=good.query)
            assert answer.status_code == 401 and answer.json()["code"] == "unauthenticated", (one.name, answer.text)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_its_scope(tenants: Tenants) -> None:
    """All the other scopes together do not do; each of its own alone does: it gets as far as the business."""
    nowhere = str(uuid4())
    for one in tenants.all:
        good = GOOD[one.name]
        if not good.allowed:
            assert not one.path.startswith("/v1")
            continue
        others = [scope for scope in local_issuer.SCOPES if scope not in good.allowed]
        for business in (tenants.a.id, tenants.b.id, nowhere):
            place = tenants.a.place(one, businessId=business)
            for body in (good.body, {"strange": 1}) if good.body else (None,):
                answer = tenants.ask(one, place, body, good.query, tenants.only(*others))
                assert answer.status_code == 403 and answer.json()["code"] == "forbidden", (one.name, answer.text)
        for scope in good.allowed:
            bad = {"strange": 1} if good.body and not one.of_a_business else good.body
            answer = tenants.ask(one, tenants.a.place(one, businessId=nowhere), bad, good.query, tenants.only(scope))
            passed = 404 if one.of_a_business else 422 if good.body else 200
            assert answer.status_code == passed, (one.name, scope, answer.text)


def test_nothing_was_done_to_the_other(tenants: Tenants) -> None:
    """Every good request of A's, with B watched: B's lists answer as before."""

    def seen() -> list[str]:
        return [
            tenants.client.get(tenants.b.place(one), headers=tenants.token(businesses=[tenants.b.id])).text
            for one in tenants.ours
            if one.method == "GET"
        ]

    before = seen()
    for one in tenants.ours:
        good = GOOD[one.name]
        answer = tenants.ask(one, tenants.a.place(one), tenants.a.body(one), good.query)
        assert answer.status_code < 300, (one.name, answer.text)
    assert seen() == before
