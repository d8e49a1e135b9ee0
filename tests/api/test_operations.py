"""Health, readiness, metrics, the description, and the commands that serve."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from tests.api.conftest import MakeToken, Served, Two, make_business

from bookvalue import __version__, local_issuer
from bookvalue.api import openapi
from bookvalue.embedded import Endpoints
from bookvalue.services.request_run import request_run
from bookvalue.services.sweep_runs import sweep_runs
from bookvalue.settings import Settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "version": __version__}


def test_ready_without_a_broker(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    body = {"status": "degraded", "database": "ok", "schema": "ok", "broker": "not_configured", "halted_books": 0}
    assert answer.json() == body


def test_readiness_says_what_is_away(client: TestClient, app: FastAPI, stack: Endpoints, engine: Engine) -> None:
    def ready(**settings: Any) -> tuple[int, dict[str, str]]:
        app.state.settings = app.state.settings.model_copy(update=settings)
        began = time.monotonic()
        answer = client.get("/readyz")
        assert time.monotonic() - began < 8
        return answer.status_code, answer.json()

    assert ready(redis_url=stack.redis_url) == (
        200, {"status": "ready", "database": "ok", "schema": "ok", "broker": "ok", "halted_books": 0},
    )  # fmt: skip
    assert ready(redis_url="redis://127.0.0.1:1/0")[1]["broker"] == "unreachable"
    assert ready(redis_url="sentinel://127.0.0.1:1/0")[1]["broker"] == "unknown"
    with engine.connect() as connection:
        connection.execute(text("UPDATE bookvalue.alembic_version SET version_num = '0001_spine'"))
        connection.commit()
    assert ready()[0] == 503
    assert ready()[1]["schema"] == "not_ready"
    status, body = ready(database_url="postgresql+psycopg://x:secret@127.0.0.1:1/none")
    assert (status, body["status"], body["database"], body["schema"]) == (503, "not_ready", "unreachable", "unknown")
    assert body["halted_books"] is None
    assert "secret" not in json.dumps(body)


def test_readiness_of_a_frozen_database(client: TestClient, app: FastAPI) -> None:
    import socket

    with socket.socket() as frozen:
        frozen.bind(("127.0.0.1", 0))
        frozen.listen(16)
        url = f"postgresql+psycopg://x@127.0.0.1:{frozen.getsockname()[1]}/none"
        app.state.settings = app.state.settings.model_copy(update={"database_url": url})
        for _ in range(3):
            began = time.monotonic()
            answer = client.get("/readyz")
            assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
            assert time.monotonic() - began < 8
        assert client.get("/healthz").status_code == 200


LINE = re.compile(r'bookvalue_[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9.e+-]+')


def metrics(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(LINE.fullmatch(line) for line in lines)
    assert answer.text.endswith("\n")
    return {name.removeprefix("bookvalue_"): float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_metrics(client: TestClient, engine: Engine, businesses: Two) -> None:
    from datetime import UTC, datetime

    idle = metrics(client)
    assert idle['runs{status="queued"}'] == idle["due_runs"] == idle["oldest_due_run_age_seconds"] == 0
    assert idle['periods{status="open"}'] == 2
    request_run(engine, businesses.a, "2026-01", now=datetime(2026, 12, 1, tzinfo=UTC), actor="x")
    time.sleep(0.1)
    busy = metrics(client)
    assert busy['runs{status="queued"}'] == busy["due_runs"] == 1
    assert 0.1 <= busy["oldest_due_run_age_seconds"] < 60
    assert 0.1 <= busy["sweep_lag_seconds"] < 60
    assert busy['halted_books{status="failed"}'] == busy['halted_books{status="blocked"}'] == 0
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE run SET status = 'running', fence = 1, attempts = 5, lease_until = now() - interval '1 s'")
        )
    sweep_runs(engine, lambda _: None)
    halted = metrics(client)
    assert (halted['halted_books{status="failed"}'], halted['halted_books{status="blocked"}']) == (1, 0)
    assert client.get("/readyz").json()["halted_books"] == 1
    shown = client.get("/metrics").text
    for secret in ("alpha", "Alpha", str(businesses.a)):
        assert secret not in shown


def test_the_document_is_current() -> None:
    """Written by `python -m bookvalue.api.openapi`; what clients were told changes on purpose or not at all."""
    assert DOCUMENT.read_text() == openapi.written(), "run `python -m bookvalue.api.openapi` and look at the difference"


def test_the_document_is_whole() -> None:
    described = json.loads(openapi.written())
    ids = []
    for path, method, operation in openapi.operations(described):
        where = f"{method} {path}"
        ids.append(operation["operationId"])
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"]), where
        assert operation.get("description"), where
        assert operation.get("tags"), where
        assert any(status.startswith("2") for status in operation["responses"]), where
        if path.startswith("/v1"):
            assert operation["security"] == [{"bearer": []}], where
            assert {"400", "401", "403", "413", "415", "422", "429", "500", "503"} <= set(operation["responses"]), where
            names = [one["name"] for one in operation.get("parameters", ())]
            assert ("Idempotency-Key" in names) == (method == "post"), where
            assert len(names) == len(set(names)), where
        if "{" in path:
            assert "404" in operation["responses"], where
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")) and path.startswith("/v1"):
                shown = (
                    described["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
                    if "$ref" in answer
                    else answer
                )
                assert list(shown["content"]) == ["application/problem+json"], where
    assert len(ids) == len(set(ids))
    assert "HTTPValidationError" not in json.dumps(described)


def run(settings: Settings, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "DATABASE_URL": str(settings.database_url),
        "BOOKVALUE_STATE": str(settings.state),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "bookvalue", *arguments], env=environment, capture_output=True, text=True, timeout=60
    )


def test_the_token_command(api_settings: Settings, engine: Engine, client: TestClient, businesses: Two) -> None:
    done = run(
        api_settings, "token", "--business", "alpha", "--scope", "assets.read runs", "--ttl", "5m", "--subject", "ci"
    )
    assert done.returncode == 0, done.stderr
    claims = jwt.decode(done.stdout.strip(), options={"verify_signature": False})
    assert claims["businesses"] == [str(businesses.a)]
    assert (claims["scope"], claims["sub"], claims["exp"] - claims["iat"]) == ("assets.read runs", "ci", 300)
    done = run(api_settings, "token", "-b", "*", "-s", "all", "--json")
    told = json.loads(done.stdout)["data"]
    assert told["scope"] == " ".join(local_issuer.SCOPES)
    for wrong in (("-b", "*", "-s", "everything"), ("-b", "*", "-s", "runs", "--ttl", "1y"), ("-b", "*", "-s", "")):
        assert run(api_settings, "token", *wrong).returncode == 2, wrong
    done = run(api_settings, "token", "-b", "nobody", "-s", "runs", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "not_found")


def test_the_api_command_says_what_is_wrong(api_settings: Settings) -> None:
    done = run(api_settings, "api", DATABASE_URL="postgresql+psycopg://x@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "database_unavailable" in done.stderr
    done = run(api_settings, "api", BOOKVALUE_JWKS_URL="http://issuer.example")
    assert done.returncode == 1
    assert "BOOKVALUE_JWKS_URL" in done.stderr


def test_log_lines_carry_ids_and_no_token(served: Served, token: MakeToken, businesses: Two) -> None:
    import urllib.request

    headers = {**token(), "X-Request-ID": "find-me"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{served.port}/v1/businesses/{businesses.a}/runs", headers=headers
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
        assert "server" not in {name.lower() for name in answer.headers}
    until = time.monotonic() + 10
    lines: list[str] = []
    while not lines and time.monotonic() < until:  # written after the answer
        lines = [line for line in served.log.read_text().splitlines() if "find-me" in line]
    assert str(businesses.a) in lines[0]
    assert headers["Authorization"].split()[1] not in served.log.read_text()


@pytest.mark.parametrize("key", ["zeta"])
def test_a_business_made_later_is_found_at_once(client: TestClient, token: MakeToken, engine: Engine, key: str) -> None:
    made = make_business(engine, key)
    assert client.get(f"/v1/businesses/{made}/runs", headers=token(made)).status_code == 200
