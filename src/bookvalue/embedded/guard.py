"""Ends one child's process group as soon as the process that started it is gone. A script, never imported.

It leads the group that the child is born into, so nothing can be started that it does not see. It must import
nothing that is slow, talk to nobody, and touch no process outside its own group.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress

POLL_SECONDS = 0.5


def alive(pid: int) -> bool:
    """Whether this process number is still taken (a zombie counts until it is reaped)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_for_an_end(owner: int) -> int | None:
    """Blocks until the owner is gone or the child is; returns the child's process number, if it was told.

    The pipe on standard input closes at once when the owner dies. A fork of the owner may keep it open, so the
    parent's number is looked at as well.
    """
    child: int | None = None
    told = b""
    while os.getppid() == owner and (child is None or alive(child)):
        ready, _, _ = select.select([0], [], [], POLL_SECONDS)
        if not ready:
            continue
        piece = os.read(0, 64)
        if not piece:
            break
        told += piece
        if told.endswith(b"\n"):
            child = int(told)
    return child


def ask_to_end(child: int | None, steps: str) -> None:
    """Sends each of `INT:1.5,QUIT:0.5` in turn and waits that many seconds for the child to be gone."""
    for step in steps.split(","):
        name, seconds = step.split(":")
        with suppress(ProcessLookupError, PermissionError):
            number = getattr(signal, f"SIG{name}")
            if child is None:
                os.killpg(0, number)
            else:
                os.kill(child, number)
        until = time.monotonic() + float(seconds)
        while time.monotonic() < until:
            if child is not None and not alive(child):
                return
            time.sleep(0.02)


def remove(folder: str) -> None:
    """Removes a flat folder of sockets."""
    with suppress(OSError):
        for name in os.listdir(folder):
            with suppress(OSError):
                os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def main(owner: int, steps: str, folder: str) -> None:
    """Waits, asks politely, removes the socket folder, then kills what is left of the group, itself included."""
    if os.getpgrp() != os.getpid():
        sys.exit("guard.py leads a process group of its own; it is started by bookvalue.embedded only")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child = wait_for_an_end(owner)
    ask_to_end(child, steps)
    if folder:
        remove(folder)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
