"""A house for each test file: a database, a Redis and two workers of two children each, shared by its tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.embedded import Endpoints
from bookvalue.storage.unit_of_work import connect

from .broker import Broker
from .house import House


@pytest.fixture(scope="session", autouse=True)
def only_where_processes_can_be_listed() -> None:
    if not Path("/proc/self/task").exists():
        pytest.skip("these tests read /proc")


@pytest.fixture(scope="session")
def build(stack: Endpoints, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], House]]:
    """Makes houses without processes; each is cleared away at the end."""
    with ExitStack() as exits:
        yield lambda: exits.enter_context(_house(stack, template, tmp_path_factory.mktemp("house")))


@contextmanager
def _house(stack: Endpoints, template: str, folder: Path) -> Iterator[House]:
    admin = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    name = f"fault_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    url = stack.database_url.replace("/bookvalue?", f"/{name}?")
    engine = connect(url, pool_size=4)
    broker = Broker()
    house = House(url, engine, broker, folder)
    try:
        broker.start()
        yield house
    finally:
        house.end_all()
        broker.remove()
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def _with_workers(made: House) -> Iterator[House]:
    for _ in range(2):
        made.worker()
    yield made
    made.end_all()


@pytest.fixture(scope="module")
def house(build: Callable[[], House]) -> Iterator[House]:
    """A house with two workers of two children each and no beat, shared by the tests of a file in any order."""
    with _with_workers(build()) as made:
        yield made


@pytest.fixture
def own_house(build: Callable[[], House]) -> Iterator[House]:
    """The same for one test alone: for those that count everything that is in the house."""
    with _with_workers(build()) as made:
        yield made
