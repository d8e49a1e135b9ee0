"""Runs `bookvalue schedule` on lines."""

import json
import subprocess
import sys
import tempfile
from typing import Any

from .command import ANSI, Answer, environment

TRUCK: dict[str, Any] = {
    "id": "truck-1",
    "cost": 4000000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
}
COMMAND = [sys.executable, "-m", "bookvalue", "schedule"]


def schedule(*words: str, given: bytes | str = b"", **env: str) -> Answer:
    """The command, run on what stdin is given. Only bytes that came as UTF-8 go out, and no traceback ever."""
    content = given.encode() if isinstance(given, str) else given
    with tempfile.TemporaryFile() as stdin:  # a file, since nobody reads while a pipe is being filled
        stdin.write(content)
        stdin.seek(0)
        done = subprocess.run(
            [*COMMAND, *words], env=environment(**env), stdin=stdin, capture_output=True, timeout=200, check=False
        )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    assert not ANSI.search(out + err)
    return Answer(done.returncode, out, err, 0)


def answers(answer: Answer) -> list[Any]:
    """What the command has answered, one object a line."""
    assert answer.out.endswith("\n") or not answer.out
    return [json.loads(line) for line in answer.out.splitlines()]


def lines(*specs: Any) -> str:
    """Specs as JSON Lines; what is text already stays."""
    return "".join((spec if isinstance(spec, str) else json.dumps(spec)) + "\n" for spec in specs)


def codes(answer: Any) -> list[tuple[str, str | None]]:
    """Code and field of each finding of one answer."""
    return [(found["code"], found["field"]) for found in answer["findings"]]
