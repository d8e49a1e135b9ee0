"""Failpoints: kill, stop or delay this very process at a named step, when a fault test has asked for it.

A test puts files `<step>.<n>` into a folder; whoever reaches the step first takes one (by renaming it to
`<step>.<n>.fired`, so that each fires once and is counted only if it did) and dies by SIGKILL. What the file says may
change that: `stop` (SIGSTOP), `wait 2.5` (seconds), and `run <id>` (only for this run). No folder, no effect.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID


def hit(folder: Path | None, step: str, run_id: UUID) -> None:
    """Dies, stops or waits here if a failpoint is armed for this step."""
    if folder is None:
        return
    for armed in sorted(folder.glob(f"{step}.*")):
        if armed.suffix != ".fired":
            with suppress(FileNotFoundError):
                words = armed.read_text().split()
                if "run" in words and words[words.index("run") + 1] != str(run_id):
                    continue
                fired = armed.rename(armed.with_name(f"{armed.name}.fired"))
                fired.write_text(f"{os.getpid()} {run_id}")
                _act(words)
                return


def _act(words: list[str]) -> None:
    if "wait" in words:
        time.sleep(float(words[words.index("wait") + 1]))
    else:
        os.kill(os.getpid(), signal.SIGSTOP if "stop" in words else signal.SIGKILL)
