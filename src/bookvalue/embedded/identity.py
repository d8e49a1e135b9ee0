"""Which process a remembered process number stands for. A number alone is reused, so its start time goes with it.

Reads /proc or asks ps; it must not signal anything.
"""

import subprocess
from pathlib import Path


def birth(pid: int) -> str | None:
    """When this process was started, as a text to compare only; None when it is gone or a zombie."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    shown = _ps(pid, "stat=,lstart=")
    return None if not shown or shown.startswith("Z") else shown.partition(" ")[2].strip()


def command(pid: int) -> str:
    """The command line of a process, empty when it is gone."""
    line = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/stat").exists():
        try:
            return line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return _ps(pid, "command=")


def _ps(pid: int, columns: str) -> str:
    asked = subprocess.run(["ps", "-o", columns, "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip()
