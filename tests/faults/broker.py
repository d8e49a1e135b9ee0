"""A Redis that a test may freeze, fill, empty, kill and start again at the same address."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import redis

from bookvalue.embedded import spawn, stop
from bookvalue.embedded.redis import _binary

from .waiting import until


class Broker:
    """redis-server on a socket of its own, holding nothing on disk: a kill loses every message."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bv-redis-"))
        self.socket = self.folder / "r.sock"
        self.url = f"redis+socket://{self.socket}"
        self.client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits for its answer."""
        args = [_binary(), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)]
        args += ["--appendonly", "no", "--save", "", "--maxmemory-policy", "noeviction"]
        self.process = spawn(args, log=self.folder / "log", env={"PATH": os.defpath})
        until(self.answers, 10, "Redis to answer")

    def answers(self) -> bool:
        """Whether it answers a PING."""
        with suppress(redis.RedisError):
            return bool(self.client.ping())
        return False

    def kill(self) -> None:
        """SIGKILL; what it held is gone."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        stop(self.process, grace=0)

    def freeze(self) -> None:
        """SIGSTOP: connections stay, nothing is answered."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)
        until(self.answers, 10, "Redis to answer")

    def remove(self) -> None:
        """Ends it and removes its folder."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGCONT)
            stop(self.process, grace=0)
        shutil.rmtree(self.folder, ignore_errors=True)
