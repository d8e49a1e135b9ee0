"""The stack comes up fast, keeps its data, keeps to itself, and goes away whatever ends the block."""

import os
import signal
import stat
import subprocess
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded import Endpoints, attached, running

from .machine import first_line, processes_naming, socket_folders

pytestmark = pytest.mark.timeout(60)


def connect(endpoints: Endpoints) -> psycopg.Connection:
    return psycopg.connect(endpoints.database_url.replace("+psycopg", ""))


def broker(endpoints: Endpoints) -> redis.Redis:
    return redis.Redis(unix_socket_path=endpoints.redis_url.removeprefix("redis+socket://"))


def ask(endpoints: Endpoints, query: str) -> object:
    with connect(endpoints) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_data_outlives_a_stop_and_the_second_start_is_fast(state: Path) -> None:
    with running(state) as endpoints:
        with connect(endpoints) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        broker(endpoints).set("kept", "yes")
        folders = socket_folders(endpoints.database_url, endpoints.redis_url)
        assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in folders)
    assert not any(folder.exists() for folder in folders)
    assert not processes_naming(state)
    since = time.monotonic()
    with running(state) as endpoints:
        assert time.monotonic() - since < 3.0  # 0.1 s on an idle machine
        assert ask(endpoints, "SELECT answer FROM kept") == 42
        assert broker(endpoints).get("kept") == b"yes"


def test_postgres_and_redis_are_durable_and_closed_to_the_network(state: Path) -> None:
    wanted = {
        "fsync": "on", "synchronous_commit": "on", "listen_addresses": "", "max_connections": "100", "TimeZone": "UTC",
        "client_connection_check_interval": "1s", "deadlock_timeout": "200ms", "log_lock_waits": "on",
        "shared_buffers": "128MB", "max_wal_size": "2GB", "server_encoding": "UTF8",
    }  # fmt: skip
    with running(state) as endpoints:
        assert {name: ask(endpoints, f"SHOW {name}") for name in wanted} == wanted
        found = broker(endpoints).config_get("*")
        assert (found["appendonly"], found["save"], found["maxmemory-policy"], found["port"]) == (
            "yes", "", "noeviction", "0",
        )  # fmt: skip
    assert "ready to accept connections" in (state / "log" / "postgres.log").read_text()
    assert "ready to accept connections" in (state / "log" / "redis.log").read_text()


def test_a_long_state_path_is_no_obstacle(empty_state: Path) -> None:
    deep = empty_state / ("d" * 90) / ("e" * 90)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with running(deep) as endpoints:
            assert ask(endpoints, "SELECT 1") == 1
            assert broker(endpoints).ping()


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_any_exception_stops_everything(state: Path, end: type[BaseException]) -> None:
    with pytest.raises(end), running(state, database_url="given") as endpoints:
        assert processes_naming(socket_folders(endpoints.redis_url)[0])
        raise end
    assert not processes_naming(state)
    assert not processes_naming(socket_folders(endpoints.redis_url)[0])
    assert attached(state) is None


def test_a_given_url_is_used_and_its_server_not_started(empty_state: Path) -> None:
    state = empty_state
    with running(state, database_url="postgresql://there") as endpoints:
        assert endpoints.database_url == "postgresql://there"
        assert broker(endpoints).ping()
        assert not (state / "postgres").exists()
    with running(state / "untouched", database_url="a", redis_url="b") as endpoints:
        assert endpoints == Endpoints("a", "b")
    assert not (state / "untouched").exists()


def test_one_owner_at_a_time(state: Path, start_owner: Callable[..., subprocess.Popen[str]]) -> None:
    assert attached(state) is None
    owner = start_owner()
    database_url, redis_url, _ = first_line(owner)
    assert attached(state) == Endpoints(database_url, redis_url)
    with pytest.raises(EmbeddedUnavailable, match=f"already runs .*process {owner.pid}"), running(state):
        pass
    assert ask(Endpoints(database_url, redis_url), "SELECT 1") == 1


def test_a_fork_of_the_owner_neither_stops_nor_owns_the_stack(state: Path) -> None:
    stack = running(state, database_url="given")
    endpoints = stack.__enter__()
    child = os.fork()
    if child == 0:
        stack.__exit__(None, None, None)  # as when an exception unwinds a fork through its parent's block
        time.sleep(600)
    try:
        time.sleep(0.3)
        assert broker(endpoints).ping()
        stack.__exit__(None, None, None)
        with running(state, database_url="given"):  # the fork still lives and does not hold the lock
            assert attached(state) is not None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
