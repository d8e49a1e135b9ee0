"""Databases to measure in: a migrated template, cheap clones of it, and a connection that sees everything.

Runs on the embedded Postgres, or on the server of a given URL whose user is a superuser.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from bookvalue.embedded import running
from bookvalue.storage.migrate import migrate
from bookvalue.storage.unit_of_work import connect


@contextmanager
def server(url: str | None) -> Iterator[str]:
    """The URL of a server to measure on; without one, a private one is started and thrown away."""
    if url is not None:
        yield url
        return
    with TemporaryDirectory(prefix="bookvalue-bench-", ignore_cleanup_errors=True) as folder:
        state = Path(folder) / "state"
        with running(state, redis_url="redis://unused") as endpoints:
            yield endpoints.database_url


@contextmanager
def fresh(server_url: str, template: str | None = None) -> Iterator[str]:
    """The URL of a database that lives as long as the block: migrated and empty, or a copy of `template`."""
    name = f"bench_{uuid4().hex[:12]}"
    origin = make_url(template).database if template else None
    with superuser(server_url) as admin:
        admin.execute(f"CREATE DATABASE {name} {f'TEMPLATE {origin} STRATEGY file_copy' if origin else ''}")
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    try:
        if template is None:
            migrate(connect(url, pool_size=0))
        yield url
    finally:
        with superuser(server_url) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def superuser(url: str) -> Iterator[psycopg.Connection]:
    """A connection of the server's own user, in autocommit, on the schema's tables and past every policy."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, options="-c search_path=bookvalue,pg_catalog") as connection:
        yield connection
