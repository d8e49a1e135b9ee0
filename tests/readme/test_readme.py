"""What README.md and `bookvalue up` tell people to paste, pasted: one after another, on a fresh stack."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bookvalue
from cli.command import environment, processes_of, until

README = Path(__file__).parents[2] / "README.md"
QUICK = {
    "BOOKVALUE_API_PORT": "0",
    "BOOKVALUE_TICK_SECONDS": "0.5",
    "BOOKVALUE_SWEEP_SECONDS": "0.5",
    "BOOKVALUE_CONCURRENCY": "1",
}
BLOCK = re.compile(r"^<!-- tested: api -->\n```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
BETWEEN = "=====8<====="

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@dataclass(frozen=True)
class Up:
    """A running `bookvalue up`: what it has told the person, and a folder to work in as if it were the checkout."""

    folder: Path
    told: str

    def paste(self, shell: str, script: str) -> str:
        """What the script answers; it must not fail at any line."""
        done = subprocess.run(
            [shell, "-s"], input=script, cwd=self.folder, text=True, capture_output=True, timeout=60, check=False,
            env=environment(BOOKVALUE_STATE=str(self.folder / "state")),
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr}"
        assert done.stderr == ""
        return done.stdout


@pytest.fixture
def up() -> Iterator[Up]:
    """`bookvalue up` on a fresh state folder and a free port, and a command in .venv/bin as the README has it."""
    folder = Path(tempfile.mkdtemp(prefix="bv-readme-"))
    folder.chmod(0o711)
    command = folder / ".venv/bin/bookvalue"
    command.parent.mkdir(parents=True)
    sources = Path(bookvalue.__file__).parents[1]
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{sources}" exec "{sys.executable}" -m bookvalue "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    log = folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, "up"], env=environment(BOOKVALUE_STATE=str(folder / "state"), **QUICK), stdin=subprocess.DEVNULL,
            stdout=output, stderr=output,
        )  # fmt: skip
    try:
        until(lambda: process.poll() is not None or re.search(r"/runs\".*\n", log.read_text()), 60)
        assert process.poll() is None, log.read_text()
        yield Up(folder, log.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        until(lambda: not processes_of(folder), 10)
    finally:
        process.kill()
        process.wait()
        for pid in processes_of(folder):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def as_told(shown: Any, answered: Any) -> bool:
    """Whether an answer is the one shown, which may leave members out, and texts that differ from time to time."""
    if isinstance(shown, dict):
        return isinstance(answered, dict) and all(
            name in answered and as_told(value, answered[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(answered, list) and len(shown) == len(answered) and all(map(as_told, shown, answered))
    return shown == "…" or bool(shown == answered)


def test_the_readme_s_examples(up: Up) -> None:
    (port,) = set(re.findall(r"the API is at http://127\.0\.0\.1:(\d+)", up.told))
    blocks = BLOCK.findall(README.read_text())
    assert len(blocks) == README.read_text().count("<!-- tested: api -->") >= 7
    script = "set -euo pipefail\n" + f"printf '\\n{BETWEEN}\\n'\n".join(lines for lines, _ in blocks)
    answers = up.paste("bash", script.replace("127.0.0.1:8000", f"127.0.0.1:{port}")).split(BETWEEN)
    assert len(answers) == len(blocks)
    shown = [(json.loads(told), json.loads(answer)) for (_, told), answer in zip(blocks, answers, strict=True) if told]
    assert len(shown) >= 2
    for told, answered in shown:
        assert as_told(told, answered), json.dumps(answered, indent=1)
    assert (up.folder / "openapi.json").stat().st_size > 10_000


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_lines_that_up_prints(up: Up, shell: str) -> None:
    lines = up.told.partition("\nTOKEN=")[2].splitlines()
    token, *curls = lines
    assert len(curls) == 3
    assert all("curl" in line for line in curls)
    pasted = "\n".join(["set -eu", f"TOKEN={token}", *curls, ""])
    asset, run = map(json.loads, up.paste(shell, pasted).splitlines())
    assert (asset["data"]["external_id"], asset["data"]["book_value"]) == ("van-1", 4_000_000)
    assert (run["data"]["kind"], run["data"]["progress"]["attempts"]) == ("on_demand", 0)
    place = re.findall(r"http://[^/]+", curls[0])[0] + run["data"]["links"]["self"]
    asked = f"curl -fsS -H 'Authorization: Bearer {token}' {place}"
    posted = json.loads(up.paste(shell, f'until {asked} | grep \'"status":"posted"\'; do sleep 0.2; done\n'))
    assert posted["data"]["totals"] == {"currency": "EUR", "posted_minor": 66_667, "entries": 1}
    again = up.paste(shell, pasted).splitlines()  # pasted again, they are the same requests
    assert json.loads(again[1])["data"]["id"] == run["data"]["id"]
