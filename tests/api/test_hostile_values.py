"""What nothing could keep, in every field of every body: refused with the field named, never an error of the house."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import MakeToken
from .world import GOOD, Operation, Prepared, body_of, fields, kinds, operations, prepare

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
MARK = "here-it-goes"
DEEP = 200
HOSTILE = {
    "a NUL": '"a\\u0000b"',
    "a lone surrogate": '"a\\ud800b"',
    "a low surrogate": '"\\udfff"',
    "10^30": f"1{'0' * 30}",
    "-10^30": f"-1{'0' * 30}",
    "1e30": "1e30",
    "1e999": "1e999",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "five thousand digits": "9" * 5000,
}

MEMBERS = {
    "ab\\u0000": "ab",
    "\\ud800": "\\ud800",
    "unheard_of": "unheard_of",
    "__proto__": "__proto__",
    "x" * 5000: "xxxxx",
}
"""Names of members, as they are sent and as a finding shows them."""

ANSWERED_SINGLY = {"build_schedules": {"assets.0"}, "forecast_what_if": {"assets.0"}}
"""Members of a list that are answered each for itself: what is wrong with one stops no other. Their own members:
test_schedule.py."""


def wrong_types(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, str]:
    """Values of types that the field does not take."""
    taken = set()
    for one in kinds(schema, components):
        told = one.get("type") or ("string" if "enum" in one or "const" in one else "object")
        taken |= set(told if isinstance(told, list) else [told])
    if "integer" in taken:
        taken.discard("number")  # what is sent as a number is none that is whole
    values = {"a text": '"\\u00e9 7"', "a number": "7.5", "true": "true", "a list": '[["x"]]', "an object": '{"no": 1}'}
    types = {"a text": "string", "a number": "number", "true": "boolean", "a list": "array", "an object": "object"}
    return {f"wrong type: {name}": value for name, value in values.items() if types[name] not in taken}


def sent(body: Any, path: str, value: str) -> str:
    """The good body as JSON, with the value put in at the path."""
    copy = json.loads(json.dumps(body))
    place, steps = copy, path.split(".")
    for step, following in pairwise(steps):
        inner: Any = [] if following == "0" else {}
        if not isinstance(place.get(step), type(inner)):
            place[step] = inner
        place = place[step]
    if isinstance(place, list):
        place[:] = [MARK]
    else:
        place[steps[-1]] = MARK
    return json.dumps(copy).replace(json.dumps(MARK), value)


def named(path: str, problem: Any) -> bool:
    """Whether a finding is about the field, or about a member of it; or about what the field is a part of, where only
    the whole has a meaning: an account's reference."""
    whole = path.rpartition(".")[0] if "account." in path else path
    found = [one["field"] or "" for one in problem["errors"]]
    return any(f"{field}.".startswith((f"{path}.", f"{whole}.")) or field == whole for field in found)


class Asker:
    """A prepared business, and its bodies' fields."""

    def __init__(self, app: FastAPI, client: TestClient, engine: Engine, headers: dict[str, str]) -> None:
        self.client, self.headers = client, {**headers, "Content-Type": "application/json"}
        self.components = app.openapi()["components"]["schemas"]
        self.world: Prepared = prepare(client, engine, headers, "hostile", "2026-01-01", "2026-03-10")
        self.all = [one for one in operations(app.openapi()) if body_of(one) is not None]

    def ask(self, operation: Operation, text: str) -> Any:
        return self.client.request(
            operation.method, self.world.place(operation), content=text.encode(), headers=self.headers
        )

    def every_field(self) -> Iterator[tuple[Operation, str, dict[str, Any]]]:
        """Each operation with each field of its body."""
        for one in self.all:
            schema = body_of(one) or {}
            seen = set()
            for alternative in kinds(schema, self.components):
                for path, kind in fields(alternative, self.components):
                    if path not in seen:
                        seen.add(path)
                        yield one, path, kind


@pytest.fixture
def asker(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> Asker:
    return Asker(app, client, engine, token())


def test_hostile_values_in_every_field(asker: Asker) -> None:
    wrong, asked, seen = [], 0, set()
    for operation, path, kind in asker.every_field():
        seen.add(operation.name)
        for what, value in {**HOSTILE, **wrong_types(kind, asker.components)}.items():
            answer = asker.ask(operation, sent(GOOD[operation.name].body, path, value))
            asked += 1
            if answer.status_code == 200 and path in ANSWERED_SINGLY.get(operation.name, ()):
                told = answer.json()["data"]
                refused = bool((told if isinstance(told, list) else told["what_if"])[0]["findings"])
            else:
                refused = 400 <= answer.status_code < 500 and named(path, answer.json())
            if not refused:
                wrong.append((operation.name, path, what, answer.status_code, answer.text[:300]))
    assert not wrong, f"{len(wrong)} of {asked}:\n" + "\n".join(map(str, wrong[:40]))
    assert seen == {one.name for one in asker.all}
    assert asked > 1000


def test_hostile_members_and_bodies(asker: Asker) -> None:
    """Names that cannot be kept, and whole bodies that are no objects."""
    for operation in asker.all:
        good = json.dumps(GOOD[operation.name].body)
        for name, shown in MEMBERS.items():
            answer = asker.ask(operation, f'{good[:-1]}, "{name}": 1}}')
            assert 400 <= answer.status_code < 500, (operation.name, name, answer.text)
            named_so = [one["field"] or "" for one in answer.json()["errors"]]
            assert any(field.startswith(shown[:5]) for field in named_so), (operation.name, name, answer.text)
        for value in (*HOSTILE.values(), '"x"', "7", "true", "[]", "{", "\\", "\x00", f"[{good}]"):
            answer = asker.ask(operation, value)
            assert 400 <= answer.status_code < 500, (operation.name, value[:50], answer.text)
            told = answer.json()
            assert told["errors"] or told["detail"], (operation.name, value[:50])
