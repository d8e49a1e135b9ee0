"""spawn and stop: politely first, then the whole group; a log where one is wanted."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bookvalue.embedded import spawn, stop

from .machine import processes_naming, wait_until

pytestmark = pytest.mark.timeout(30)
ENV = {"PATH": os.defpath}


def test_a_polite_child_ends_with_its_own_code_and_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    script = "trap 'echo bye; exit 7' TERM; echo hello; while :; do sleep 0.02; done"
    child = spawn(["/bin/sh", "-c", script], log=log, env=ENV)
    wait_until(lambda: log.read_text() == "hello\n")
    assert stop(child, grace=5) == 7
    assert stop(child, grace=5) == 7  # a second time does no harm
    assert log.read_text() == "hello\nbye\n"


def test_a_stubborn_family_is_killed_after_the_grace(tmp_path: Path) -> None:
    script = f"trap '' TERM; (trap '' TERM; sleep 60; : {tmp_path}) & echo up; wait; sleep 60"
    child = spawn(["/bin/sh", "-c", script], log=tmp_path / "log", env=ENV)
    wait_until(lambda: (tmp_path / "log").read_text() == "up\n")
    since = time.monotonic()
    assert stop(child, grace=0.3) == -9
    assert time.monotonic() - since < 2
    wait_until(lambda: not processes_naming(tmp_path), 2)


def test_what_a_dead_child_leaves_is_cleared_by_its_guard(tmp_path: Path) -> None:
    child = spawn(["/bin/sh", "-c", f"(sleep 60; : {tmp_path}) & wait; : {tmp_path}"], log=tmp_path / "log", env=ENV)
    wait_until(lambda: len(processes_naming(tmp_path)) == 2)
    child.kill()
    child.wait()
    wait_until(lambda: not processes_naming(tmp_path), 3)
    assert stop(child, grace=1) == -9


def test_a_program_that_is_not_there_leaves_no_guard(tmp_path: Path) -> None:
    def guards_of_mine() -> list[str]:  # this process may have a stack of its own, with its guards
        return sorted(line for line in processes_naming(Path("guard.py")) if f" {os.getpid()} " in line)

    before = guards_of_mine()
    with pytest.raises(FileNotFoundError):
        spawn([str(tmp_path / "missing")], log=None, env=ENV)
    assert guards_of_mine() == before


def test_children_outlive_the_thread_that_started_them() -> None:
    script = (
        "import threading,time,os;from bookvalue.embedded import spawn,stop;c=[]\n"
        "t=threading.Thread(target=lambda:c.append(spawn(['/bin/sleep','60'],log=None,env={})));t.start();t.join()\n"
        "time.sleep(1.2);assert c[0].poll() is None;print(stop(c[0],grace=3))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env, check=True)
    assert done.stdout == "-15\n"
