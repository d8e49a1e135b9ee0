"""What README.md tells people to paste where there is no stack: pasted in a fresh folder, and answered as it says."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import bookvalue
from cli.command import environment

README = (Path(__file__).parents[2] / "README.md").read_text()
BLOCK = re.compile(r"^<!-- tested: alone -->\n```sh\n(.*?)^```\n\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def test_the_examples_that_need_no_stack(tmp_path: Path) -> None:
    command = tmp_path / ".venv/bin/bookvalue"
    command.parent.mkdir(parents=True)
    sources = Path(bookvalue.__file__).parents[1]
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{sources}" exec "{sys.executable}" -m bookvalue "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    blocks = BLOCK.findall(README)
    assert len(blocks) == README.count("<!-- tested: alone -->") >= 2
    for script, told in blocks:
        done = subprocess.run(
            ["sh", "-s"], input=script, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
        )
        assert (done.stdout, done.stderr) == (told, "")
