"""A killed owner leaves no process, no socket, no lock; the next start works."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from bookvalue.embedded import attached, running
from bookvalue.embedded.identity import birth, command

from .machine import first_line, processes_naming, socket_folders, wait_until

pytestmark = pytest.mark.timeout(60)
StartOwner = Callable[..., subprocess.Popen[str]]


def living(pids: list[int]) -> list[int]:
    """Those of these processes that run (a zombie does not)."""
    return [pid for pid in pids if birth(pid) is not None]


def family(pid: int) -> list[int]:
    """All descendants of a process, guards and Postgres backends included."""
    shown = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in shown.splitlines()]
    found, edge = [], [pid]
    while edge:
        edge = [child for child, parent in pairs if parent in edge]
        found += edge
    return found


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_killed_owner_leaves_nothing(state: Path, start_owner: StartOwner, end: signal.Signals) -> None:
    owner = start_owner("worker")
    database_url, redis_url, worker = first_line(owner)
    folders = socket_folders(database_url, redis_url)
    # A backend that computes without ever looking up: the hardest to end.
    busy = psycopg.connect(database_url.replace("+psycopg", ""))
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
    children = family(owner.pid)
    assert len(children) >= 12 and int(worker) in children
    owner.send_signal(end)
    owner.wait()
    assert wait_until(lambda: not living(children)) < 3.5
    assert not any(folder.exists() for folder in folders)
    assert attached(state) is None
    busy.close()


def test_a_fork_that_outlives_the_owner_keeps_nothing_alive(state: Path, start_owner: StartOwner) -> None:
    owner = start_owner("fork")
    first_line(owner)
    children = family(owner.pid)
    fork = next(pid for pid in children if command(pid) == command(owner.pid))
    owner.kill()
    owner.wait()
    assert wait_until(lambda: living(children) == [fork]) < 3.5
    with running(state):  # nor the lock
        os.kill(fork, signal.SIGKILL)


def test_a_start_right_after_a_kill_waits_for_the_old_servers(state: Path, start_owner: StartOwner) -> None:
    owner = start_owner()
    database_url = first_line(owner)[0]
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        owner.kill()
    owner.wait()
    with running(state) as endpoints, psycopg.connect(endpoints.database_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_leftovers_are_cleared_when_the_guards_were_killed_too(state: Path, start_owner: StartOwner) -> None:
    owner = start_owner()
    urls = first_line(owner)[:2]
    guards = [int(line.split()[0]) for line in processes_naming(Path("guard.py")) if f" {owner.pid} " in line]
    assert len(guards) == 2
    for guard in guards:
        os.kill(guard, signal.SIGKILL)
    owner.kill()
    owner.wait()
    orphans = [p["pid"] for p in json.loads((state / "endpoints.json").read_text())["processes"]]
    assert len(living(orphans)) == 2
    with running(state):
        assert not living(orphans)
        assert not any(folder.exists() for folder in socket_folders(*urls))


def test_killed_while_initdb_runs(empty_state: Path, start_owner: StartOwner) -> None:
    owner = start_owner()
    wait_until(lambda: any("initdb" in line for line in processes_naming(empty_state)))
    owner.kill()
    owner.wait()
    wait_until(lambda: not processes_naming(empty_state), 3.5)
    assert not (empty_state / "postgres").exists()
    with running(empty_state):
        assert [path.name for path in empty_state.glob("postgres*")] == ["postgres"]


def test_a_pid_file_whose_number_was_reused_does_not_block(state: Path) -> None:
    with running(state):
        copy = (state / "postgres" / "postmaster.pid").read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "60"])
    pid_file = state / "postgres" / "postmaster.pid"
    pid_file.write_text("\n".join([str(bystander.pid), *copy[1:]]) + "\n")
    shutil.chown(pid_file, (state / "postgres").stat().st_uid)
    (state / "endpoints.json").write_text("{half a reco")
    try:
        with running(state):
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
