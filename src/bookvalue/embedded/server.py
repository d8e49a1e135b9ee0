"""One supervised server: started, waited for, stopped, with its log's last lines as the explanation of a failure.

Knows processes and logs; must not know Postgres from Redis.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded.ownership import Ownership
from bookvalue.embedded.processes import Account, Ending, GuardedProcess, stop

_TOLD_LINES = 12
_REMEDIES = {
    "No space left on device": "free some disk space and start again",
    "Disk quota exceeded": "free some disk space and start again",
    "Read-only file system": "choose a state folder on a disk that can be written",
    "Permission denied": "give the state folder to the user you run as, or choose another one",
    "could not look up effective user ID": "give this user id an entry in /etc/passwd",
    "Cannot allocate memory": "free some memory and start again",
}


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, as whom, where it logs, and how it wants to be ended."""

    name: str
    args: Sequence[str]
    env: Mapping[str, str]
    log: Path
    ending: Ending
    account: Account | None = None
    data: Path | None = None


@dataclass(slots=True)
class Server:
    """A running server. `stop` may be called again."""

    process: GuardedProcess
    url: str
    sockets: Path
    grace: float = 10.0

    def stop(self) -> None:
        """Ends the server politely and removes its socket."""
        try:
            stop(self.process, grace=self.grace)
        finally:
            shutil.rmtree(self.sockets, ignore_errors=True)


def launch(owned: Ownership, program: Program, *, stdin: int = subprocess.DEVNULL) -> GuardedProcess:
    """Starts a program of the stack and writes it down."""
    try:
        with program.log.open("ab") as output:
            process = GuardedProcess(
                program.args, env=program.env, output=output, stdin=stdin, cwd="/",
                account=program.account, ending=program.ending,
            )  # fmt: skip
    except PermissionError as refused:
        if program.account is None:
            raise
        raise EmbeddedUnavailable(
            f"{program.name} refuses root and cannot be started as user {program.account.uid}: {refused.strerror}",
            remedy="run as an ordinary user, or set DATABASE_URL to a server of yours",
        ) from refused
    try:
        owned.remember(process.pid)
    except BaseException:
        stop(process, grace=0)
        raise
    return process


def complete(owned: Ownership, program: Program, *, typed: bytes = b"", seconds: float = 120.0) -> None:
    """Runs a program to its end. Raises EmbeddedUnavailable with its last words when it fails."""
    since = _size(program.log)
    process = launch(owned, program, stdin=subprocess.PIPE)
    try:
        process.communicate(typed, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise failure(program, since, f"did not finish within {seconds:.0f} s") from None
    finally:
        stop(process, grace=0)
    if process.returncode != 0:
        raise failure(program, since, "failed")


def serve(
    owned: Ownership, program: Program, *, url: str, sockets: Path, ready: Callable[[int], bool], seconds: float = 60.0
) -> Server:
    """Starts a server and returns once `ready(its process number)`. Raises EmbeddedUnavailable, leaving nothing."""
    since = _size(program.log)
    server = Server(launch(owned, program), url, sockets)
    try:
        until = time.monotonic() + seconds
        while not ready(server.process.pid):
            if server.process.poll() is not None:
                raise failure(program, since, "ended while starting")
            if time.monotonic() > until:
                raise failure(program, since, f"was not ready within {seconds:.0f} s")
            time.sleep(0.005)
    except BaseException:
        server.stop()
        raise
    return server


def failure(program: Program, since: int, what: str) -> EmbeddedUnavailable:
    """The error of a program that did not do its work, with what it logged from byte `since` on and a remedy."""
    lines = _lines(program.log, since)
    told = "\n".join(lines[-_TOLD_LINES:]) or "(it logged nothing)"
    matching = (remedy for words, remedy in _REMEDIES.items() if any(words in line for line in lines))
    usual = f"read {program.log}; if the data in {program.data} is damaged, restore it or move it aside to start anew"
    return EmbeddedUnavailable(f"{program.name} {what}:\n{told}", remedy=next(matching, usual), log=str(program.log))


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _lines(log: Path, since: int) -> list[str]:
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(since)
        return file.read().decode(errors="replace").splitlines()
