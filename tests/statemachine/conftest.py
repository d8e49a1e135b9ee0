"""One migrated database for all machines of a test process; each example has a business of its own in it."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.embedded import Endpoints
from bookvalue.storage import posted_positions
from bookvalue.storage.unit_of_work import connect


@pytest.fixture(scope="module")
def ground(stack: Endpoints, template: str) -> Iterator[Engine]:
    """An engine on a migrated database that the examples of a file share."""
    admin = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE machines TEMPLATE {template} STRATEGY file_copy"))
    made = connect(stack.database_url.replace("/bookvalue?", "/machines?"))
    yield made
    made.dispose()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE machines WITH (FORCE)"))


@pytest.fixture(autouse=True)
def _every_close_keeps_a_position(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However small it is; and no log, which takes longer than a step."""
    monkeypatch.setattr(posted_positions, "WORTHWHILE", 0)
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)
