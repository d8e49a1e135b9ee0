"""Schedules over HTTP: the objects that `bookvalue schedule` answers, and no database is asked."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bookvalue import local_issuer
from bookvalue.api.app import create_app
from bookvalue.api.schemas.depreciation import SETTINGS, DepreciationOut, Schema
from bookvalue.api.schemas.schedule import MOST_ASSETS, MOST_ROWS, SPEC
from bookvalue.domain.book_asset_spec import OPENING_READERS
from bookvalue.domain.fact_spec import _DISPOSAL_READERS, _UNITS_READERS, MEMBER_READERS, REQUIRED
from bookvalue.domain.schedule_spec import SPEC_READERS
from bookvalue.domain.settings_spec import SETTINGS_READERS
from bookvalue.services.build_schedule import build_schedule
from bookvalue.settings import Settings
from cli.hostile_lines import SOUND, hostile_lines

from .conftest import MakeToken, Two

PLACE = "/v1/depreciation/schedule"
TRUCK = {
    "id": "truck-1", "cost": 4000000, "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
}  # fmt: skip
UNREADABLE = re.compile(rb"\\u0000|\\ud800|[0-9]{401}|NaN|Infinity")
"""What the API refuses in any body, before it is a spec."""


class Asker:
    """The API where there is no database, and a caller who may read assets."""

    def __init__(self, client: TestClient, settings: Settings) -> None:
        self._client, self._settings = client, settings
        self.headers = self.with_scope("assets.read")

    def with_scope(self, scope: str) -> dict[str, str]:
        made = local_issuer.issue(self._settings, businesses=[], scopes=[scope], ttl_seconds=600, subject="tester")
        return {"Authorization": f"Bearer {made}", "Content-Type": "application/json"}

    def send(self, content: bytes | str, status: int, headers: dict[str, str] | None = None) -> Any:
        answer = self._client.post(PLACE, content=content, headers=headers or self.headers)
        assert answer.status_code == status, answer.text[:1000]
        return answer.json()

    def ask(self, *assets: Any) -> list[Any]:
        """The answers about these assets, which are those of the service itself."""
        (told,) = self.send(json.dumps({"assets": assets}), 200).values()
        assert told == json.loads(json.dumps(list(build_schedule(assets))))
        return list(told)


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder: Path = tmp_path_factory.mktemp("schedules")
    nowhere = "postgresql+psycopg://nobody@/nothing?host=/nonexistent/socket"
    settings = Settings(DATABASE_URL=nowhere, REDIS_URL=None, state=folder)
    app: FastAPI = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Asker(client, settings)


def test_each_asset_is_answered_for_itself(asker: Asker) -> None:
    wrong = {**TRUCK, "id": "wrong", "settings": {"method": "straight_line", "life_months": 60, "rate_percent": "20"}}
    told = asker.ask(TRUCK, wrong, 5, None, [], {"id": "x"}, {**TRUCK, "id": "last"}, SOUND)
    assert [one["id"] for one in told] == ["truck-1", "wrong", None, None, None, "x", "last", "every-member"]
    assert [bool(one["rows"]) for one in told] == [True, *[False] * 5, True, True]
    assert told[1]["findings"] == [
        {"code": "life_and_rate", "field": "settings.life_months", "value": 60,
         "message": "both a life and a rate are given (settings.life_months)",
         "remedy": "give life_months or rate_percent, not both"},
    ]  # fmt: skip
    assert [one["findings"][0]["code"] for one in told[2:5]] == ["not_an_object"] * 3
    assert "line" not in told[2]
    assert ("disposal" in told[0], sorted(told[-1]["disposal"])) == (
        False, ["book_value", "capital_gain", "gain_or_loss"])  # fmt: skip
    assert asker.ask() == []


def test_hostile_specs_stop_nobody(asker: Asker) -> None:
    chosen = [line for line in hostile_lines(1500) if line.named and not UNREADABLE.search(line.content)]
    chosen = [line for line in chosen if len(line.content) < 9_000]
    assert len(chosen) > 800
    for first in range(0, len(chosen), 50):
        together = chosen[first : first + 50]
        told = asker.ask(*(part for line in together for part in (json.loads(line.content), TRUCK)))
        for line, one, truck in zip(together, told[::2], told[1::2], strict=True):
            fields = [f"{found['field']}." for found in one["findings"]]
            assert all(any(field.startswith(path) for field in fields) for path in line.named), (line, one)
            assert (len(truck["rows"]), truck["findings"]) == (60, [])


REFUSED: list[tuple[str | bytes, int, str, list[tuple[str | None, str]]]] = [
    ("{", 400, "malformed", []),
    ('{"assets": [{"id": NaN}]}', 400, "malformed", [("assets.0.id", "not_a_number")]),
    ('{"assets": [' + "[" * 100 + "]" * 100 + "]}", 400, "malformed", [("assets.0.0.0", "too_deep")]),
    ('{"assets": ["\\u0000"]}', 422, "invalid_input", [("assets.0", "text_not_allowed")]),
    ("[]", 422, "invalid_input", [("body", "not_an_object")]),
    ("5", 422, "invalid_input", [("body", "not_an_object")]),
    ("{}", 422, "invalid_input", [("assets", "required")]),
    ('{"assets": null}', 422, "invalid_input", [("assets", "not_a_list")]),
    ('{"assets": {}}', 422, "invalid_input", [("assets", "not_a_list")]),
    ('{"assets": [], "frequency": "yearly"}', 422, "invalid_input", [("frequency", "unknown_field")]),
    (json.dumps({"assets": [TRUCK] * (MOST_ASSETS + 1)}), 422, "invalid_input", [("assets", "too_many")]),
    (json.dumps({"assets": ["x" * 2**20]}), 413, "payload_too_large", []),
]  # fmt: skip


@pytest.mark.parametrize(("content", "status", "code", "found"), REFUSED)
def test_what_is_no_request(asker: Asker, content: Any, status: int, code: str, found: Any) -> None:
    problem = asker.send(content, status)
    assert problem["code"] == code
    assert [(one["field"], one["code"]) for one in problem["errors"]] == found


def test_who_may_ask(asker: Asker) -> None:
    asked = json.dumps({"assets": [TRUCK]})
    asker.send(asked, 200, asker.with_scope("assets"))
    asker.send(asked, 403, asker.with_scope("runs"))
    asker.send(asked, 401, {"Content-Type": "application/json"})


def test_an_answer_is_bounded_in_assets_and_rows(asker: Asker) -> None:
    """The largest one comes soon, and what would be larger is refused soon; time of the processor."""
    five_years = {**TRUCK, "settings": {"method": "straight_line", "life_months": 60}}
    began = time.process_time()
    told = asker.send(json.dumps({"assets": [five_years] * MOST_ASSETS}), 200)["data"]
    assert sum(len(one["rows"]) for one in told) == MOST_ROWS
    longest = {
        "id": "a", "cost": 10**15, "depreciation_start_date": "1900-01-01", "until": "2200-12-31",
        "settings": {"method": "declining_balance", "rate_percent": "0.5"},
    }  # fmt: skip
    problem = asker.send(json.dumps({"assets": [longest] * MOST_ASSETS}), 422)
    assert [(one["field"], one["code"]) for one in problem["errors"]] == [("assets", "too_many")]
    assert time.process_time() - began < 10


# --------------------------------------------------------------------------------------------- the description


def members(schema: Schema, path: str) -> Schema:
    """The members of an object or of a list's objects at a path of the spec's schema."""
    for step in path.split("."):
        schema = schema["properties"][step]
        schema = schema.get("items", schema)
    return schema


def test_the_description_has_every_member_that_is_read() -> None:
    assert SPEC["properties"].keys() == SPEC_READERS.keys()
    assert SETTINGS["properties"].keys() == SETTINGS_READERS.keys()
    assert DepreciationOut.model_fields.keys() == SETTINGS_READERS.keys() - {"profile"}
    inner = {**MEMBER_READERS, "opening": OPENING_READERS, "units": _UNITS_READERS, "disposal": _DISPOSAL_READERS}
    for path, readers in inner.items():
        described = members(SPEC, path)
        assert described["properties"].keys() == readers.keys(), path
        assert tuple(described["required"]) == REQUIRED.get(path, tuple(described["required"])), path


def leaves(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Every member with its path."""
    for name, one in schema["properties"].items():
        yield path + name, one
        inner = one.get("items", one)
        if "properties" in inner:
            yield from leaves(inner, f"{path}{name}.")


def test_every_member_is_described_and_shown() -> None:
    found = dict(leaves(SPEC))
    assert len(found) > 50
    for path, one in found.items():
        assert one.get("description"), path
        plain = {"integer", "string"} & set(one["type"] if isinstance(one["type"], list) else [one["type"]])
        assert not plain or "enum" in one or "examples" in one or "amount" in path or "value" in path or "cost" in path


def test_what_is_shown_of_settings_is_taken_again(asker: Asker) -> None:
    """Each word of each setting that the description lists is one that is read."""
    for name, one in SETTINGS["properties"].items():
        for word in [word for word in one.get("enum", []) if word is not None]:
            told = asker.ask({**TRUCK, "settings": {**TRUCK["settings"], name: word}})[0]
            fields = [found["field"] for found in told["findings"]]
            assert f"settings.{name}" not in fields, (name, word, told["findings"])


# ------------------------------------------------------------------------------------------- with a database


def test_idempotency_keys(client: TestClient, token: MakeToken, businesses: Two) -> None:
    """The answer is a function of the request alone: asked again it is the same, and nothing need be kept."""
    headers = {**token(businesses.a, "assets.read"), "Idempotency-Key": "k-1"}
    first, again = (client.post(PLACE, json={"assets": [TRUCK]}, headers=headers) for _ in range(2))
    assert (first.status_code, first.text) == (again.status_code, again.text) == (200, first.text)
    refused = client.post(PLACE, json={"assets": []}, headers={**headers, "Idempotency-Key": "x" * 129})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_an_idempotency_key")
