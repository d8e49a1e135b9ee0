"""Child processes that cannot outlive the process that started them, however that one ends.

One mechanism on every platform: each child is born into a process group that a tiny guard (guard.py) leads. The
guard holds the reading end of a pipe; when the owner dies, even by SIGKILL, the pipe closes, and the guard asks the
child to end and then kills the group. PR_SET_PDEATHSIG was not chosen: it is Linux only, fires when the *thread*
that forked ends, needs a preexec_fn (unsafe beside threads), spares grandchildren and cannot shut down gracefully.
This module must know nothing of Postgres, Redis or Celery.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_GUARD = Path(__file__).with_name("guard.py")


@dataclass(frozen=True, slots=True)
class Account:
    """The system user and group a child runs as, where that is not the owner's own."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child wants to be ended: by `polite` while the owner lives, by the guard's `steps` after its death."""

    polite: signal.Signals = signal.SIGTERM
    steps: str = "TERM:1.5"
    folder: Path | None = None


class GuardedProcess(subprocess.Popen[bytes]):
    """A child in a process group of its own, led by its guard. End it with `stop`."""

    def __init__(
        self,
        args: Sequence[str],
        *,
        env: Mapping[str, str],
        output: IO[bytes] | None = None,
        stdin: int = subprocess.DEVNULL,
        cwd: str | None = None,
        account: Account | None = None,
        ending: Ending | None = None,
    ) -> None:
        self.ending = ending or Ending()
        self.owner = os.getpid()
        self.guard = _guard(self.owner, self.ending)
        as_user: dict[str, Any] = {}
        if account is not None:
            as_user = {"user": account.uid, "group": account.gid, "extra_groups": []}
        try:
            super().__init__(
                list(args), env=dict(env), stdin=stdin, stdout=output, stderr=output, cwd=cwd,
                process_group=self.guard.pid, **as_user,
            )  # fmt: skip
        except BaseException:
            self.end_group()
            raise
        self._tell_guard()

    def _tell_guard(self) -> None:
        assert self.guard.stdin is not None
        with suppress(OSError):
            self.guard.stdin.write(b"%d\n" % self.pid)
            self.guard.stdin.flush()

    def end_group(self) -> None:
        """Kills whatever is left of the group, the guard included. The guard is not reaped before, so the group's
        number cannot have passed to somebody else."""
        if self.guard.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.guard.pid, signal.SIGKILL)
            self.guard.kill()
            self.guard.wait()
        if self.guard.stdin is not None:
            with suppress(OSError):
                self.guard.stdin.close()


def _guard(owner: int, ending: Ending) -> subprocess.Popen[bytes]:
    """Isolated and without site-packages, so that it starts in a few milliseconds and nothing can reach into it."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_GUARD), str(owner), ending.steps, str(ending.folder or "")],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", process_group=0,
    )  # fmt: skip


def spawn(args: Sequence[str], *, log: Path | None, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts a child that ends when this process ends. `env` is its whole environment; without a `log` it writes to
    this process's own output. A Ctrl-C in the terminal does not reach it: end it with `stop`."""
    if log is None:
        return GuardedProcess(args, env=env)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return GuardedProcess(args, env=env, output=output)


def stop(process: subprocess.Popen[bytes], *, grace: float) -> int:
    """Asks the child to end (SIGTERM, or what its kind prefers), after `grace` seconds kills its whole group.
    Returns its exit code (negative: the signal that ended it). May be called again, and by an impatient Ctrl-C."""
    if not isinstance(process, GuardedProcess):
        raise TypeError("stop() ends what spawn() started")
    if process.owner != os.getpid():  # a fork of the owner owns nothing
        return 0
    try:
        process.send_signal(process.ending.polite)
        process.wait(grace)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()
        process.end_group()
    return process.wait()
