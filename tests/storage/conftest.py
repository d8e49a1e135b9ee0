"""A database that has closed three months of the sample register, cloned for each test that wants one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.embedded import Endpoints
from bookvalue.services.close_period import close_period
from bookvalue.services.import_register import import_register
from bookvalue.services.lock_period import lock_period
from bookvalue.services.plan_runs import plan_runs
from bookvalue.storage import posted_positions
from bookvalue.storage.unit_of_work import Role, connect, transaction
from storage.ledger_rows import Statement, Tenant, execute, insert, tenant

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILES = ("businesses.csv", "accounts.csv", "asset_types.csv", "assets.csv")


def admin(stack: Endpoints) -> Connection:
    """The superuser on the cluster's own database, each statement for itself."""
    return create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()


def url(stack: Endpoints, database: str) -> str:
    """The URL of a database of the test cluster."""
    return stack.database_url.replace("/bookvalue?", f"/{database}?")


@pytest.fixture(scope="session")
def filled_template(stack: Endpoints, template: str) -> str:
    """The name of a database with August to October closed, and August of two businesses locked."""
    name = "template_filled"
    with admin(stack) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    engine = connect(url(stack, name))
    folder = Path(__file__).parents[2] / "src/bookvalue/sample"
    import_register(engine, [RegisterFile(file, (folder / file).read_bytes()) for file in FILES], actor="test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posted_positions, "WORTHWHILE", 0)  # the sample is small, and is to have positions all the same
        while planned := plan_runs(engine, NOW):
            for run_id in planned:
                close_period(engine, run_id, owner="test")
    with engine.connect() as connection:
        ids = list(
            connection.scalars(
                text("SELECT id FROM bookvalue.business WHERE key IN ('portland-coffee', 'osaka-tools')")
            )
        )
    for business_id in ids:
        lock_period(engine, business_id, date(2026, 8, 1), actor="test")
        with transaction(engine, Role.API, business_id) as connection:
            kept = {"business_id": business_id, "client": "test", "route": "POST /v1/runs", "key": "1",
                    "fingerprint": "x", "status": 201, "headers": Jsonb({}), "body": Jsonb({})}  # fmt: skip
            execute(connection, insert("idempotency_key", kept), *_archived_facts(connection, business_id))
            connection.commit()
    engine.dispose()
    return name


def _archived_facts(connection: Connection, business_id: UUID) -> list[Statement]:
    """One fact of each kind about one asset, taken back: they are there, and count for nothing."""
    book_id, asset_id = connection.execute(text("SELECT book_id, asset_id FROM asset_book LIMIT 1")).one()
    day = date(2026, 9, 1)
    facts: dict[str, dict[str, Any]] = {
        "estimate_change": {"date": day, "remaining_life_months": 5},
        "suspension": {"first_day": day, "last_day": day, "extend_life": True},
        "units_used": {"period_end": day, "quantity_micro": 5},
        "manual_amount": {"date": day, "amount_minor": 5},
    }
    key = {"business_id": business_id, "book_id": book_id, "asset_id": asset_id}
    added = [insert(table, {**key, "id": uuid4(), **fact}) for table, fact in facts.items()]
    return added + [(f"UPDATE {table} SET archived_at = now()", {}) for table in facts]


def _clone(stack: Endpoints, template: str) -> Iterator[Engine]:
    name = f"filled_{uuid4().hex[:12]}"
    with admin(stack) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    engine = connect(url(stack, name))
    yield engine
    engine.dispose()
    with admin(stack) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def ledger(stack: Endpoints, filled_template: str) -> Iterator[Engine]:
    """A filled database of the test's own."""
    yield from _clone(stack, filled_template)


@pytest.fixture(scope="module")
def shared(stack: Endpoints, filled_template: str) -> Iterator[Engine]:
    """A filled database for tests that commit nothing."""
    yield from _clone(stack, filled_template)


@pytest.fixture(scope="module")
def ours(shared: Engine) -> Tenant:
    """The business that is bound."""
    return tenant(shared, "portland-coffee")


@pytest.fixture(scope="module")
def theirs(shared: Engine) -> Tenant:
    """The other business."""
    return tenant(shared, "osaka-tools")
