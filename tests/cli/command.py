"""Runs `bookvalue` as a person does: a process of its own, with nothing in the environment but what a test gives."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSI = re.compile(r"\x1b[\[\]()]")
OURS = ("BOOKVALUE_", "COV_", "DATABASE_", "REDIS_", "PYTHONUNBUFFERED")
CLOCK = "2026-11-20T12:00:00Z"
NOWHERE = "postgresql+psycopg://nobody@/nothing?host=/nonexistent/socket"


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        """stdout as the one JSON document that it must be."""
        return json.loads(self.out)


def environment(**given: str) -> dict[str, str]:
    """The test's own environment without any setting of bookvalue, and with what is given."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    return {**kept, "BOOKVALUE_STATE": "/nonexistent/state", **given}


def start(*words: str, **given: str) -> subprocess.Popen[str]:
    """The command, started."""
    return subprocess.Popen(
        [sys.executable, "-m", "bookvalue", *words], env=environment(**given), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def bookvalue(*words: str, **given: str) -> Answer:
    """The command, run to its end. No answer ever shows a traceback or, away from a terminal, colours."""
    since = time.monotonic()
    process = start(*words, **given)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err, err
    assert not ANSI.search(out + err)
    return Answer(process.returncode, out, err, time.monotonic() - since)


def until(true: Callable[[], Any], seconds: float = 30.0) -> float:
    """Waits, and returns how long it took."""
    since = time.monotonic()
    while not true():
        assert time.monotonic() - since < seconds, "waited too long"
        time.sleep(0.05)
    return time.monotonic() - since


def processes_of(state: Path) -> set[int]:
    """Living processes whose environment or command line names this folder."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(state) in told:
                found.add(int(entry.name))
    return found


def alive(pid: int) -> bool:
    """Whether a process lives (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
