"""Runs the embedded stack for as long as a `with` block lasts: takes the state folder, starts what was not given,
stops it in reverse order. Must not know how either server works.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bookvalue.domain.errors import EmbeddedUnavailable
from bookvalue.embedded import postgres, redis
from bookvalue.embedded.ownership import Endpoints, Ownership, take


@contextmanager
def running(state: Path, *, database_url: str | None = None, redis_url: str | None = None) -> Iterator[Endpoints]:
    """Starts what is not given (a given URL means that one is NOT started), yields both URLs and stops everything on
    exit, also on an exception. SIGTERM is the caller's: let its handler raise, else the guards clear up.

    Raises EmbeddedUnavailable, with nothing left running: another process runs this state folder's stack, a server is
    not installed, or it does not start. With both URLs given the state folder is not touched.
    """
    if database_url is not None and redis_url is not None:
        yield Endpoints(database_url, redis_url)
        return
    owner = os.getpid()
    stack = ExitStack()
    try:
        owned = take(state.absolute())
        stack.callback(owned.release)
        endpoints = _start(owned, stack, database_url, redis_url)
        owned.publish(endpoints)
        yield endpoints
    finally:
        if os.getpid() == owner:  # a fork that unwinds through here must not stop its parent's servers
            stack.close()


def _start(owned: Ownership, stack: ExitStack, database_url: str | None, redis_url: str | None) -> Endpoints:
    """Postgres first, so that it is stopped last."""
    try:
        if database_url is None:
            database = postgres.start(owned)
            stack.callback(database.stop)
            database_url = database.url
        if redis_url is None:
            broker = redis.start(owned)
            stack.callback(broker.stop)
            redis_url = broker.url
    except (OSError, subprocess.SubprocessError) as failed:
        raise EmbeddedUnavailable(
            f"the embedded servers cannot be started in {owned.state}: {failed}",
            remedy="free some disk space if it is full, choose another state folder, or set DATABASE_URL and REDIS_URL",
        ) from failed
    return Endpoints(database_url, redis_url)
