"""`up`: the stack in one terminal; others join it, its worker closes, and however it ends nothing is left."""

import json
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .command import CLOCK, Answer, alive, bookvalue, processes_of, start, until
from .conftest import FILES


class Stack:
    """A running `bookvalue up`: its processes and sockets, and commands beside it."""

    def __init__(self, state: Path, *options: str, **given: str) -> None:
        self.state = state
        quick = {"BOOKVALUE_TICK_SECONDS": "0.5", "BOOKVALUE_SWEEP_SECONDS": "0.5", "BOOKVALUE_CONCURRENCY": "1",
                 "BOOKVALUE_API_PORT": "0"}  # fmt: skip
        self.given = {"BOOKVALUE_STATE": str(state), "BOOKVALUE_CLOCK": CLOCK, **quick, **given}
        self.process = start("up", "--json", *options, **self.given)
        assert self.process.stdout is not None
        self.told: dict[str, Any] = json.loads("".join(self.process.stdout.readline() for _ in range(9)))["data"]
        record = json.loads((state / "endpoints.json").read_text())
        self.pids = processes_of(state) | {one["pid"] for one in record["processes"]}
        self.sockets = [Path(self.told["database_url"].partition("host=")[2].partition("&")[0]),
                        Path(self.told["redis_url"].removeprefix("redis+socket://")).parent]  # fmt: skip

    def beside(self, *words: str) -> Answer:
        """A command in another terminal."""
        return bookvalue(*words, **self.given)

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Its exit status and last words, once it is gone; everything it started is gone soon after."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=20)
        until(lambda: not any(map(alive, self.pids)) and not processes_of(self.state), 10)
        assert not any(folder.exists() for folder in self.sockets)
        return self.process.returncode, err


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A folder that the user Postgres runs as can reach; the cluster in it is made once."""
    folder = Path(tempfile.mkdtemp(prefix="bv-up-"))
    folder.chmod(0o711)
    yield folder / "state"
    for pid in processes_of(folder):
        subprocess.run(["kill", "-9", str(pid)], check=False)
    shutil.rmtree(folder)


def test_others_join_its_worker_closes_and_ctrl_c_stops_it_all_and_the_books_are_kept(state: Path) -> None:
    stack = Stack(state)
    assert len(stack.pids) >= 7  # up, two servers with their guards, worker, beat, the API
    second = stack.beside("up")
    assert (second.status, second.out) == (1, "")
    assert "a stack already runs on the state folder" in second.err
    assert stack.beside("import", *FILES).status == 0

    def closed() -> bool:
        return sum(one["status"] == "closed" for one in stack.beside("periods", "--json").json["data"]) == 24

    until(closed, 60)
    api = stack.told["api_url"]
    assert len(_asked(f"{api}/v1/businesses", stack.told["token"])["data"]) == 9
    assert _asked(f"{api}/readyz", None)["status"] == "ready"
    status, err = stack.end(signal.SIGINT)
    assert (status, err.splitlines()[-1]) == (0, "stopped")
    with pytest.raises(OSError, match="refused"):
        _asked(f"{api}/healthz", None)
    assert "Traceback" not in err
    assert not (state / "endpoints.json").exists()
    kept = bookvalue("periods", "-b", "sydney-press", "--json", BOOKVALUE_STATE=str(state))  # a server of its own
    assert [one["name"] for one in kept.json["data"] if one["status"] == "closed"] == ["2026-08", "2026-09", "2026-10"]
    assert not processes_of(state)


def _asked(url: str, token: str | None) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_port_that_is_taken_is_said_in_a_sentence_and_the_api_can_be_left_out(state: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = bookvalue("up", BOOKVALUE_STATE=str(state), BOOKVALUE_API_PORT=str(port))
        assert (refused.status, refused.out) == (1, "")
        first, remedy = refused.err.splitlines()
        assert first == f"error settings_invalid: the API cannot listen on 127.0.0.1:{port} (address already in use)"
        assert "BOOKVALUE_API_PORT" in remedy and "--no-api" in remedy
        assert not processes_of(state)
        stack = Stack(state, "--no-api", BOOKVALUE_API_PORT=str(port))
        assert (stack.told["api_url"], stack.told["token"]) == (None, None)
        assert stack.end(signal.SIGINT)[0] == 0


def test_sigterm_stops_it(state: Path) -> None:
    assert Stack(state).end(signal.SIGTERM)[0] == 0


def test_kill_nine_leaves_nothing_running_and_the_next_one_starts(state: Path) -> None:
    stack = Stack(state)
    assert stack.end(signal.SIGKILL)[0] == -signal.SIGKILL
    assert Stack(state).end(signal.SIGTERM)[0] == 0


def test_a_worker_that_dies_ends_it_with_the_worker_s_last_words(state: Path) -> None:
    stack = Stack(state)
    log = state / "log" / "worker.log"
    (worker,) = (pid for pid in processes_of(state) if _is_parent_worker(pid, stack.process.pid))
    until(lambda: "ready" in log.read_text()[-2000:])
    subprocess.run(["kill", "-9", str(worker)], check=True)
    _, err = stack.process.communicate(timeout=20)
    assert stack.process.returncode == 1
    assert "the worker ended by itself (exit status -9)" in err
    assert f"{log} ends" in err
    until(lambda: not any(map(alive, stack.pids)), 10)


def test_an_api_that_dies_ends_it_too(state: Path) -> None:
    stack = Stack(state)
    (api,) = (pid for pid in processes_of(state) if b"bookvalue.api" in Path(f"/proc/{pid}/cmdline").read_bytes())
    subprocess.run(["kill", "-9", str(api)], check=True)
    _, err = stack.process.communicate(timeout=20)
    assert stack.process.returncode == 1
    assert "the api ended by itself (exit status -9)" in err
    until(lambda: not any(map(alive, stack.pids)), 10)


def _is_parent_worker(pid: int, owner: int) -> bool:
    line = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"worker" in line.split(b"\0") and f"PPid:\t{owner}\n" in Path(f"/proc/{pid}/status").read_text()
