"""The migrated schema: what the code knows of it, and how a database comes to it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.dialects import postgresql

from bookvalue.domain.errors import SchemaNotReady
from bookvalue.embedded import Endpoints, running
from bookvalue.storage import migrate as migration
from bookvalue.storage.migrate import ROLE_SQL, RolesMissing, head, migrate, migrations_folder, require_head
from bookvalue.storage.tables import SCHEMA, metadata
from bookvalue.storage.unit_of_work import connect
from storage.conftest import admin, url

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def empty(stack: Endpoints) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    name = f"empty_{uuid4().hex[:12]}"
    with admin(stack) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url(stack, name)
    with admin(stack) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def fresh(empty: str) -> Iterator[Engine]:
    """An engine on a database with nothing in it."""
    engine = connect(empty)
    yield engine
    engine.dispose()


# ------------------------------------------------------------------------------------------------------ tables


def _described(columns: Sequence[tuple[str, Any, bool]]) -> list[tuple[str, str, bool]]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return [(name, type_.compile(dialect), nullable) for name, type_, nullable in columns]


def test_the_tables_are_those_of_the_migrated_schema(engine: Engine) -> None:
    inspector = inspect(engine)
    assert {table.name for table in metadata.tables.values()} == set(inspector.get_table_names(SCHEMA)) - {
        "alembic_version"
    }
    for table in metadata.tables.values():
        kept = [(c["name"], c["type"], c["nullable"]) for c in inspector.get_columns(table.name, SCHEMA)]
        known = [(c.name, c.type, bool(c.nullable)) for c in table.columns]
        assert _described(known) == _described(kept), table.name
        assert [c.name for c in table.primary_key] == inspector.get_pk_constraint(table.name, SCHEMA)[
            "constrained_columns"
        ]


def test_a_column_that_the_code_does_not_know_is_found(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE asset ADD COLUMN colour text"))
    with pytest.raises(AssertionError, match="asset"):
        test_the_tables_are_those_of_the_migrated_schema(engine)


# --------------------------------------------------------------------------------------------------- migrations


def test_an_empty_database_is_not_ready(fresh: Engine) -> None:
    with pytest.raises(SchemaNotReady, match=f"revision none, this version needs {head()}"):
        require_head(fresh)


def test_a_migrated_database_is_ready_and_migrating_again_changes_nothing(fresh: Engine) -> None:
    assert migrate(fresh) == (None, head())
    require_head(fresh)
    catalogue = text("SELECT oid, xmin::text FROM pg_class WHERE relnamespace = 'bookvalue'::regnamespace ORDER BY oid")
    with fresh.connect() as connection:
        before = connection.execute(catalogue).all()
    assert migrate(fresh) == (head(), head())
    with fresh.connect() as connection:
        assert connection.execute(catalogue).all() == before != []


def test_another_revision_is_not_ready(fresh: Engine) -> None:
    migrate(fresh)
    with fresh.begin() as connection:
        connection.execute(text("UPDATE bookvalue.alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaNotReady, match="revision 9999"):
        require_head(fresh)


def test_a_pooled_connection_is_as_before_after_migrating(empty: str) -> None:
    engine = connect(empty, pool_size=1)
    settings = text("SELECT current_user, current_setting('search_path'), current_setting('lock_timeout')")
    with engine.connect() as connection:
        before = connection.execute(settings).one()
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(settings).one() == before
    engine.dispose()


def test_everything_belongs_to_the_owner(engine: Engine) -> None:
    with engine.connect() as connection:
        owners = connection.scalars(
            text(
                """SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 'bookvalue'::regnamespace
               UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'bookvalue'::regnamespace
               UNION SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'bookvalue'"""
            )
        )
        assert set(owners) == {"bookvalue_owner"}
        attributes = connection.execute(
            text(
                "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE "
                "'bookvalue\\_%' ORDER BY 1"
            )
        ).all()
    assert [tuple(row) for row in attributes] == [
        ("bookvalue_api", False, False, False),
        ("bookvalue_owner", False, False, False),
        ("bookvalue_planner", False, False, False),
        ("bookvalue_worker", False, False, True),
    ]


_MIGRATOR = """
import sys
from bookvalue.storage.migrate import migrate
from bookvalue.storage.unit_of_work import connect
engine = connect(sys.argv[1], pool_size=0)
engine.connect().close()
print("ready", flush=True)
sys.stdin.readline()
print(*migrate(engine), flush=True)
"""


def test_two_migrators_at_once_both_succeed(empty: str) -> None:
    """As two containers that start: processes of their own."""

    def start() -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", _MIGRATOR, empty], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    both = [start(), start()]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    ended = [one.communicate(timeout=60)[0].split() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert [end[-1] for end in ended] == [head(), head()]
    require_head(connect(empty, pool_size=0))


# -------------------------------------------------------------------------------------------------------- roles


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """A cluster of its own in which the roles have never been made: roles are the cluster's, not the database's."""
    with running(tmp_path_factory.mktemp("bare")) as endpoints:
        yield endpoints


def test_without_roles_and_without_the_right_to_make_them_the_sql_is_told(bare: Endpoints) -> None:
    superuser = connect(bare.database_url, pool_size=0)
    with superuser.begin() as connection:
        for name, may in (("plain", "NOCREATEROLE"), ("maker", "CREATEROLE")):  # `maker` may not give BYPASSRLS
            connection.execute(text(f"CREATE ROLE {name} LOGIN {may}"))
            connection.execute(text(f"GRANT CREATE ON DATABASE bookvalue TO {name}"))
    for name in ("plain", "maker"):
        engine = connect(bare.database_url.replace("postgres@", f"{name}@"), pool_size=0)
        with pytest.raises(RolesMissing) as caught:
            migrate(engine)
        assert ROLE_SQL in caught.value.advice
        with pytest.raises(SchemaNotReady):
            require_head(engine)
    with superuser.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'bookvalue%'")) == 0

    # An administrator does as told; then the plain user migrates, and is nobody else for it.
    with superuser.begin() as connection:
        connection.execute(text(ROLE_SQL.replace("CURRENT_USER", "plain")))
    engine = connect(bare.database_url.replace("postgres@", "plain@"), pool_size=0)
    assert migrate(engine) == (None, head())
    require_head(engine)
    # Who is no member of the roles is told the same, roles or not.
    stranger = connect(bare.database_url.replace("postgres@", "maker@"), pool_size=0)
    with pytest.raises(RolesMissing):
        migrate(stranger)


# -------------------------------------------------------------------------------------------------------- wheel


def test_the_migrations_are_in_the_wheel(tmp_path: Path) -> None:
    """From an installed wheel, with the checkout out of reach."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("src", "migrations"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "installed"
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)], check=True)
    program = "from bookvalue.storage.migrate import migrations_folder, head; print(migrations_folder()); print(head())"
    # -P and PYTHONPATH: the installed package comes before the checkout's.
    found = subprocess.run(
        [sys.executable, "-P", "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
    ).stdout.split()
    assert found == [str(target / "bookvalue/migrations"), head()]
    shipped = {
        path.relative_to(target / "bookvalue/migrations") for path in (target / "bookvalue/migrations").rglob("*.sql")
    }
    assert shipped == {path.relative_to(migrations_folder()) for path in migrations_folder().rglob("*.sql")} != set()
    assert migration.migrations_folder() == REPOSITORY / "migrations"  # and the checkout has its own
