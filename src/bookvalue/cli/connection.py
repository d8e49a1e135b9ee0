"""Which servers a command uses: those of DATABASE_URL and REDIS_URL, those of a running `bookvalue up`, or its own.

The only place that decides whether something embedded starts.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from bookvalue import observability, settings
from bookvalue.domain.errors import SchemaNotReady, SettingsInvalid
from bookvalue.embedded import Endpoints, attached, running
from bookvalue.settings import Settings
from bookvalue.storage.migrate import migrate, require_head
from bookvalue.storage.unit_of_work import Engine, connect

NOT_NEEDED = "redis://not-needed.invalid"
MIGRATING_SECONDS = 30.0


def settings_checked() -> Settings:
    """The settings, with URLs that can be used; from here on log lines go to stderr, and only warnings.

    Raises SettingsInvalid naming the variable.
    """
    loaded = settings.load()
    observability.configure(loaded.log_format, logging.WARNING)
    _check(
        "DATABASE_URL", loaded.database_url, ("postgresql+psycopg", "postgresql"), "postgresql+psycopg://user@host/db"
    )
    _check("REDIS_URL", loaded.redis_url, ("redis", "rediss", "redis+socket", "sentinel"), "redis://host:6379/0")
    return loaded


def _check(variable: str, url: str | None, schemes: Sequence[str], example: str) -> None:
    """The URL itself is not repeated: it may hold a password."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and "://" in url and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsInvalid(f"{variable} is not a URL of a server that can be used", remedy=f"write it as {example}")


@contextmanager
def servers(settings: Settings) -> Iterator[Endpoints]:
    """Postgres and Redis: what the environment names, the rest embedded; for a command that runs the whole stack."""
    with running(settings.state_folder, database_url=settings.database_url, redis_url=settings.redis_url) as endpoints:
        yield endpoints


def endpoints_of_running_stack(settings: Settings) -> Endpoints:
    """Both URLs, for a process that joins a stack: from the environment, or of a running `bookvalue up`."""
    live = attached(settings.state_folder) if not (settings.database_url and settings.redis_url) else None
    database_url = settings.database_url or (live.database_url if live else None)
    redis_url = settings.redis_url or (live.redis_url if live else None)
    if database_url is None or redis_url in (None, NOT_NEEDED):
        raise SettingsInvalid(
            "no database or broker to join",
            remedy="set DATABASE_URL and REDIS_URL, or start everything with `bookvalue up`",
        )
    return Endpoints(database_url, redis_url)


@contextmanager
def opened(database_url: str) -> Iterator[Engine]:
    """An engine while the block lasts."""
    engine = connect(database_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def database() -> Iterator[Engine]:
    """An engine on the books, at the schema this version needs. Without DATABASE_URL it is the embedded Postgres: of a
    running `bookvalue up`, or started for this command alone.

    Raises SchemaNotReady where DATABASE_URL names a database that is to be migrated first.
    """
    loaded = settings_checked()
    live = None if loaded.database_url else attached(loaded.state_folder)
    if loaded.database_url:
        with opened(loaded.database_url) as engine:
            require_head(engine)
            yield engine
    elif live:
        with opened(live.database_url) as engine:
            _wait_for_schema(engine)
            yield engine
    else:
        with running(loaded.state_folder, redis_url=NOT_NEEDED) as endpoints, opened(endpoints.database_url) as engine:
            migrate(engine)
            yield engine


def _wait_for_schema(engine: Engine) -> None:
    """A stack that has only just come up is still migrating."""
    until = time.monotonic() + MIGRATING_SECONDS
    while True:
        try:
            require_head(engine)
        except SchemaNotReady:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
