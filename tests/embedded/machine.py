"""What the tests ask of the machine: which processes live, what a started owner said, where its sockets are."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import bookvalue

OWNER = Path(__file__).with_name("owner.py")
SOURCES = str(Path(bookvalue.__file__).parents[1])


def first_line(owner: subprocess.Popen[str]) -> list[str]:
    """What a started owner says: database URL, redis URL, process number of its worker."""
    assert owner.stdout is not None
    words = owner.stdout.readline().split()
    assert len(words) == 3, "the owner did not come up"
    return words


def processes_naming(path: Path) -> list[str]:
    """Living processes (no zombies) whose command line or working folder names this path."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            where = os.readlink(entry / "cwd")
        except OSError:
            continue
        if str(path) in line or where.startswith(str(path)):
            found.append(f"{entry.name} {line}")
    return found


def wait_until(true: Callable[[], bool], seconds: float = 10.0) -> float:
    """Waits and returns how long it took."""
    since = time.monotonic()
    while not true():
        assert time.monotonic() - since < seconds, "waited too long"
        time.sleep(0.02)
    return time.monotonic() - since


def socket_folders(*urls: str) -> list[Path]:
    """The folders of the sockets in these URLs."""
    paths = [url.partition("host=")[2].partition("&")[0] or url.removeprefix("redis+socket://") for url in urls]
    return [Path(path).parent if path.endswith(".sock") else Path(path) for path in paths]
