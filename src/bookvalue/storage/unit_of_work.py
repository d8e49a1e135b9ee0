"""One connection, one transaction, one role, one business: everything that touches a tenant's rows goes through here.

Rolls back unless committed. The role and the business are bound for the transaction only (SET LOCAL), so that a
pooled connection never carries them over; with no business bound the database shows nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.storage.constraint_errors import translated
from bookvalue.storage.tables import SCHEMA

__all__ = ["Connection", "Engine", "Role", "bind", "connect", "driver", "transaction"]


class Role(StrEnum):
    """Who acts, as the database knows it."""

    API = f"{SCHEMA}_api"  # one business at a time, row by row; owns nothing
    WORKER = f"{SCHEMA}_worker"  # posts in bulk
    PLANNER = f"{SCHEMA}_planner"  # sees every business's runs and periods, and nothing else


def connect(database_url: str, *, pool_size: int = 2) -> Engine:
    """An engine. `pool_size` 0 keeps no connection open between transactions."""
    options = {
        "search_path": f"{SCHEMA},pg_catalog",
        "timezone": "UTC",
        "statement_timeout": "120s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
        "client_connection_check_interval": "1s",
    }
    arguments = {
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        "application_name": "bookvalue",
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "prepare_threshold": None,  # works behind transaction poolers as well
    }
    if pool_size == 0:
        return create_engine(database_url, connect_args=arguments, poolclass=NullPool)
    return create_engine(
        database_url,
        connect_args=arguments,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
    )


@contextmanager
def transaction(
    engine: Engine, role: Role, business: UUID | None = None, *, snapshot: bool = False, lock_timeout: str | None = None
) -> Iterator[Connection]:
    """A transaction as `role`, bound to `business`; committed by `connection.commit()`, else rolled back.

    `snapshot`: REPEATABLE READ, READ ONLY, for a consistent read of many rows. Raises the domain's errors for what
    the database refuses.
    """
    with translated(), engine.connect() as connection:
        if snapshot:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        connection.execute(text("SELECT set_config('role', :role, true)"), {"role": role.value})
        bind(connection, business)
        if lock_timeout is not None:
            connection.execute(text("SELECT set_config('lock_timeout', :timeout, true)"), {"timeout": lock_timeout})
        yield connection


def bind(connection: Connection, business: UUID | None) -> None:
    """Binds the rest of the transaction to a business: an import of several goes from one to the next."""
    connection.execute(
        text("SELECT set_config('app.business_id', :business, true)"), {"business": str(business) if business else ""}
    )


def driver(connection: Connection) -> psycopg.Connection:
    """The driver's connection beneath, for COPY."""
    return cast(psycopg.Connection, connection.connection.driver_connection)
