"""State folders that every user can reach, one of them with a cluster made beforehand, and owners to be killed."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bookvalue.embedded import running

from .machine import OWNER, SOURCES, processes_naming, wait_until


def quick_disk() -> str | None:
    """In memory where there is room: the tests make many clusters, and wait for a busy disk's fsync otherwise."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2_000_000_000
    return str(memory) if roomy else None


@pytest.fixture(scope="session", autouse=True)
def only_where_processes_can_be_listed() -> None:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("these tests read /proc")


@pytest.fixture
def empty_state() -> Iterator[Path]:
    """Not under tmp_path: that one is closed to the user Postgres runs as when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="bv-test-", dir=quick_disk()))
    folder.chmod(0o711)
    yield folder / "state"
    left = processes_naming(folder)
    shutil.rmtree(folder, ignore_errors=True)
    assert not left


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """A state folder whose first start has been."""
    folder = Path(tempfile.mkdtemp(prefix="bv-test-", dir=quick_disk()))
    folder.chmod(0o711)
    with running(folder / "state"):
        pass
    yield folder / "state"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def state(empty_state: Path, made_once: Path) -> Path:
    """A copy of it, with owners and modes."""
    subprocess.run(["cp", "-a", made_once, empty_state], check=True)
    return empty_state


@pytest.fixture
def start_owner(empty_state: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the stack in another process; its first line says that it is up."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        env = {**os.environ, "PYTHONPATH": SOURCES}
        args = [sys.executable, str(OWNER), str(empty_state), *words]
        owner = subprocess.Popen(args, env=env, stdout=subprocess.PIPE, text=True)
        started.append(owner)
        return owner

    yield start
    for owner in started:
        owner.kill()
        owner.wait()
        assert owner.stdout is not None
        owner.stdout.close()
    wait_until(lambda: not processes_naming(empty_state))
