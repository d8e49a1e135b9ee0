"""The real thing: one embedded Postgres and Redis for each test process, a fresh database for each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import freezegun
import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.embedded import Endpoints, running
from bookvalue.storage.migrate import migrate
from bookvalue.storage.unit_of_work import connect

hypothesis.settings.register_profile("default", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2_000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A frozen clock must not stop the clocks of pools and sockets.
freezegun.configure(extend_ignore_list=["sqlalchemy", "psycopg", "kombu", "celery", "redis"])


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """The embedded stack of this test process."""
    with running(tmp_path_factory.mktemp("stack")) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def template(stack: Endpoints) -> str:
    """The name of a migrated database that others are cloned from."""
    with _admin(stack) as connection:
        connection.execute(text("CREATE DATABASE template_bookvalue"))
    engine = connect(_url(stack, "template_bookvalue"), pool_size=0)
    migrate(engine)
    return "template_bookvalue"


@pytest.fixture
def database_url(stack: Endpoints, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    name = f"test_{uuid4().hex[:12]}"
    with _admin(stack) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    yield _url(stack, name)
    with _admin(stack) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh, migrated database."""
    made = connect(database_url)
    yield made
    made.dispose()


@pytest.fixture
def sample() -> Path:
    """The folder of the sample register."""
    return Path(__file__).parents[1] / "src/bookvalue/sample"


def _url(stack: Endpoints, database: str) -> str:
    return stack.database_url.replace("/bookvalue?", f"/{database}?")


def _admin(stack: Endpoints):  # type: ignore[no-untyped-def]
    engine = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    return engine.connect()
