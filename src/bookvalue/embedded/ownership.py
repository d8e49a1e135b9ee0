"""Who runs the stack of a state folder: the lock, the record (endpoints.json) and what a killed owner left behind.

One owner at a time. The lock decides who may start; the record tells others where the servers are and tells the next
owner what to clear away. It must not know how a server is started.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded.identity import birth
from bookvalue.embedded.processes import Account
from bookvalue.embedded.quarters import reachable

_LONGEST_BASE = 50  # a socket's whole path must stay under 104 bytes on macOS, 108 on Linux
_held: set[int] = set()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the stack can be reached: SQLAlchemy's and kombu's URLs."""

    database_url: str
    redis_url: str


def attached(state: Path) -> Endpoints | None:
    """The endpoints of a stack that a live process runs on this state folder, else None."""
    record = _read(state)
    owner, endpoints = record.get("owner"), record.get("endpoints")
    if not endpoints or not owner or birth(owner["pid"]) != owner["started"]:
        return None
    return Endpoints(**endpoints)


@dataclass(slots=True)
class Ownership:
    """The right to run servers on a state folder, held until `release`."""

    state: Path
    lock: int
    processes: list[dict[str, Any]] = field(default_factory=list)

    def remember(self, pid: int) -> None:
        """Writes a child down, so that the next owner can clear it away if its guard is killed as well."""
        self.processes.append({"pid": pid, "started": birth(pid)})
        self._write(None)

    def publish(self, endpoints: Endpoints) -> None:
        """From now on `attached` answers."""
        self._write(endpoints)

    def release(self) -> None:
        """Gives the state folder up. The lock file itself stays: removing it would let two owners in."""
        with suppress(OSError):
            _record_file(self.state).unlink()
        _held.discard(self.lock)
        os.close(self.lock)

    def socket_folder(self, account: Account | None) -> Path:
        """A short private folder for one server's socket, marked with this state folder for the next owner."""
        folder = Path(tempfile.mkdtemp(prefix=_mark(self.state), dir=_base(account)))
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        return folder

    def log(self, name: str) -> Path:
        """The log file of a server; a grown one is put aside."""
        log = self.state / "log" / f"{name}.log"
        log.parent.mkdir(mode=0o700, exist_ok=True)
        if log.exists() and log.stat().st_size > 8_000_000:
            log.replace(log.with_suffix(".log.old"))
        return log

    def _write(self, endpoints: Endpoints | None) -> None:
        me = os.getpid()
        record = {
            "owner": {"pid": me, "started": birth(me)},
            "processes": self.processes,
            "endpoints": asdict(endpoints) if endpoints else None,
        }
        fresh = self.state / "endpoints.json.new"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(record, file, indent=1)
        fresh.replace(_record_file(self.state))


def take(state: Path) -> Ownership:
    """Makes the state folder if need be, takes its lock and clears away what a killed owner left.

    Raises EmbeddedUnavailable when another process owns it or it cannot be written.
    """
    try:
        # Root's servers run as another user, who must be able to pass through; only root's data folder is its own.
        state.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as refused:
        raise EmbeddedUnavailable(
            f"the state folder {state} cannot be written: {refused.strerror}",
            remedy="choose another state folder, or give this one to the user you run as",
        ) from refused
    try:
        _lock(lock, state)
        _held.add(lock)
        _end_leftovers(_read(state).get("processes", []))
        _sweep_sockets(state)
    except BaseException:
        _held.discard(lock)
        os.close(lock)
        raise
    return Ownership(state, lock)


def _lock(lock: int, state: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = _read(state).get("owner", {}).get("pid", "another one")
        raise EmbeddedUnavailable(
            f"a stack already runs on the state folder {state} (process {owner})",
            remedy="stop that one first, use it as it is, or choose another state folder",
        ) from None


def _let_go_in_fork() -> None:
    """A fork shares its parent's locks and would keep them beyond the parent's death."""
    for lock in _held:
        with suppress(OSError):
            os.close(lock)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_fork)


def _end_leftovers(processes: list[dict[str, Any]]) -> None:
    """Their guards are ending them already; this waits for it, and does it where the guards were killed too."""
    for number, seconds in ((signal.SIGINT, 3.0), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 1.0)):
        left = [p["pid"] for p in processes if p["started"] is not None and birth(p["pid"]) == p["started"]]
        if not left:
            return
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(birth(pid) for pid in left):
            time.sleep(0.02)


def _sweep_sockets(state: Path) -> None:
    for base in {tempfile.gettempdir(), "/tmp"}:
        for folder in Path(base).glob(f"{_mark(state)}*"):
            # Anybody can make a folder of that name in /tmp; only root may remove what belongs to another user.
            if not folder.is_symlink() and os.geteuid() in (0, folder.lstat().st_uid):
                shutil.rmtree(folder, ignore_errors=True)


def _mark(state: Path) -> str:
    return f"bookvalue-{hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:10]}-"


def _base(account: Account | None) -> str:
    """The user's temporary folder, where it is short enough and the server's user can reach it."""
    base = tempfile.gettempdir()
    fits = len(os.fsencode(base)) <= _LONGEST_BASE and (account is None or reachable(Path(base), account))
    return base if fits else "/tmp"


def _record_file(state: Path) -> Path:
    return state / "endpoints.json"


def _read(state: Path) -> dict[str, Any]:
    try:
        record = json.loads(_record_file(state).read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
