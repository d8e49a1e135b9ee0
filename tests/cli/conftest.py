"""A database that the commands themselves have filled: imported, and closed as far as it goes. Only to be read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.embedded import Endpoints

from .command import CLOCK, bookvalue

SAMPLE = Path(__file__).parents[2] / "src/bookvalue/sample"
FILES = [str(SAMPLE / f"{name}.csv") for name in ("businesses", "accounts", "asset_types", "assets")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/cli/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("cli"))


@pytest.fixture(scope="session")
def filled(stack: Endpoints, template: str) -> Iterator[str]:
    """The URL of the sample's database: every business closed to October 2026 but one, which is blocked."""
    admin = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE filled_for_cli TEMPLATE {template} STRATEGY file_copy"))
    url = stack.database_url.replace("/bookvalue?", "/filled_for_cli?")
    imported = bookvalue("import", *FILES, DATABASE_URL=url)
    assert imported.status == 0, imported.err
    closed = bookvalue("close", "--json", DATABASE_URL=url, BOOKVALUE_CLOCK=CLOCK)
    assert closed.status == 5, closed.err  # one business has a blocked asset
    assert len(closed.json["data"]) == 27
    yield url
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE filled_for_cli WITH (FORCE)"))
