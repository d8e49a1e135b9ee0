"""Books on a fresh, real database: a register from dicts, closes up to a day, and what stands in the tables.

Amounts are read back by plain SQL as the superuser, never through the code under test. When a test ends, the checker
of tests/faults looks through the whole database.
"""

import csv
import io
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import Engine, Row, create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.embedded import Endpoints
from bookvalue.services.close_due import close_due
from bookvalue.services.close_period import close_period
from bookvalue.services.import_register import Imported, import_register
from bookvalue.services.lock_period import lock_period
from bookvalue.services.plan_runs import plan_runs
from bookvalue.services.post_run import Checkpoint, Closed
from bookvalue.services.request_run import request_run
from bookvalue.storage import posted_positions
from bookvalue.storage.unit_of_work import connect

TESTS = str(Path(__file__).resolve().parent.parent)
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)

from faults.checker import problems  # noqa: E402

Line = dict[str, Any]

BUSINESS: Line = {"business": "bakery", "name": "Bakery", "currency": "EUR", "time_zone": "UTC",
                  "books_start": "2026-08-01"}  # fmt: skip
TYPE: Line = {"name": "Machines", "kind": "EQUIPMENT", "ledger_account": "EQUIPMENT",
              "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_EQUIPMENT",
              "depreciation_expense_account": "DEPRECIATION"}  # fmt: skip
ASSET: Line = {"kind": "EQUIPMENT", "depreciation_start_date": "2026-08-01", "cost": "1200.00",
               "method": "straight_line", "life_months": 12, "ledger_account": "EQUIPMENT",
               "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_EQUIPMENT",
               "depreciation_expense_account": "DEPRECIATION"}  # fmt: skip
EXPENSE, ACCUMULATED = "6500", "1620"


def at(day: str) -> datetime:
    """Noon of a day, UTC; or an instant, where a time is given."""
    return datetime.fromisoformat(day if "T" in day else f"{day}T12:00").replace(tzinfo=UTC)


def csv_of(lines: Sequence[Line]) -> bytes:
    """The lines as a register file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(name for line in lines for name in line)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


def business(key: str = "bakery", **columns: Any) -> Line:
    """A line of businesses.csv."""
    return {**BUSINESS, "business": key, "name": key.title(), **columns}


def asset(external_id: str, key: str = "bakery", **columns: Any) -> Line:
    """A line of assets.csv: 100.00 a month for a year, with its accounts, unless said otherwise."""
    return {**ASSET, "business": key, "external_id": external_id, "name": external_id, **columns}


def asset_type(name: str = "Machines", key: str = "bakery", **columns: Any) -> Line:
    """A line of asset_types.csv."""
    return {**TYPE, "business": key, "name": name, **columns}


class Books:
    """The books of a database, and what a test may do with them.

    uncharged: external ids of assets that are rightly without charges, for the check at the end. unchecked: the test
    breaks the books on purpose.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.uncharged: set[str] = set()
        self.unchecked = False

    def put(self, *lines: Line, actor: str = "tester") -> Imported:
        """Imports lines of any kind, each kind as its file."""
        kinds: dict[str, list[Line]] = {}
        for line in lines:
            kind = (
                "assets"
                if "external_id" in line
                else "businesses"
                if "currency" in line
                else "accounts"
                if "code" in line
                else "types"
            )
            kinds.setdefault(kind, []).append(line)
        files = [RegisterFile(f"{kind}.csv", csv_of(of_kind)) for kind, of_kind in kinds.items()]
        return import_register(self.engine, files, actor=actor)

    def sql(self, query: str, **values: Any) -> Sequence[Row[Any]]:
        """Rows, as the superuser; what the query changes is kept."""
        with self.engine.begin() as connection:
            done = connection.execute(text(query), values)
            return done.all() if done.returns_rows else []

    def id(self, key: str = "bakery") -> UUID:
        """A business's id."""
        return self.sql("SELECT id FROM business WHERE key = :key", key=key)[0].id

    def close(self, now: str, key: str | None = None) -> list[Closed]:
        """Plans and works until nothing is due by that day."""
        return run_until_quiet(self.engine, at(now), self.id(key) if key else None)

    def plan(self, now: str) -> list[UUID]:
        """Plans what is due by that day, and works on nothing."""
        return plan_runs(self.engine, at(now))

    def work(self, run_id: UUID, checkpoint: Checkpoint = lambda _: None, owner: str = "tester") -> Closed | None:
        """Works on one run."""
        return close_period(self.engine, run_id, owner=owner, checkpoint=checkpoint)

    def request(self, period: str, now: str, key: str = "bakery") -> UUID:
        """A person asks for a period."""
        return request_run(self.engine, self.id(key), period, now=at(now), actor="ada", reason="month end")

    def add_run(self, start: str, key: str = "bakery") -> UUID:
        """Another run of a period, past the services: whoever asks them gets the run that answers already."""
        return self.sql(
            """
            INSERT INTO run (business_id, id, book_id, period_start, generation, sequence, kind, requested_by)
            SELECT business_id, gen_random_uuid(), book_id, period_start, generation, max(sequence) + 1, 'rerun',
                   'planner'
            FROM run WHERE business_id = :business AND period_start = :start GROUP BY 1, 3, 4, 5 RETURNING id""",
            business=self.id(key),
            start=start,
        )[0].id

    def lock(self, start: str, key: str = "bakery") -> bool:
        """A person locks a period."""
        return lock_period(self.engine, self.id(key), date.fromisoformat(start), actor="ada", reason="audited")

    def charges(self, key: str = "bakery") -> list[tuple[str, str, str, int]]:
        """(asset, effective period, posting period, amount) of every value update."""
        return [
            tuple(row)
            for row in self.sql(
                """
            SELECT a.external_id, to_char(v.effective_period, 'YYYY-MM'), to_char(v.posting_period, 'YYYY-MM'),
                   v.amount_minor
            FROM value_update v JOIN asset a ON a.id = v.asset_id JOIN business b ON b.id = v.business_id
            WHERE b.key = :key ORDER BY 1, 2, v.sequence""",
                key=key,
            )
        ]

    def charged(self, external_id: str, key: str = "bakery") -> dict[str, int]:
        """What is posted to each effective period of one asset."""
        found: dict[str, int] = {}
        for name, effective, _, amount in self.charges(key):
            if name == external_id:
                found[effective] = found.get(effective, 0) + amount
        return found

    def lines(self, key: str = "bakery") -> list[tuple[str, str, str, int, int]]:
        """(posting period, effective period, account's code, debit, credit) of every journal line, in order."""
        return [
            tuple(row)
            for row in self.sql(
                """
            SELECT to_char(e.posting_period, 'YYYY-MM'), to_char(e.effective_period, 'YYYY-MM'), a.code, l.debit_minor,
                   l.credit_minor
            FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id JOIN account a ON a.id = l.account_id
            JOIN business b ON b.id = e.business_id WHERE b.key = :key ORDER BY e.feed_seq, l.line_no""",
                key=key,
            )
        ]

    def periods(self, key: str = "bakery") -> dict[str, str]:
        """The status of each period."""
        return {
            row.name: row.status
            for row in self.sql(
                """
            SELECT to_char(p.period_start, 'YYYY-MM') AS name, p.status FROM period p
            JOIN business b ON b.id = p.business_id WHERE b.key = :key ORDER BY p.period_start""",
                key=key,
            )
        }

    def runs(self, key: str = "bakery") -> list[tuple[str, str, str]]:
        """(period, kind, status) of every run, by period and sequence."""
        return [
            tuple(row)
            for row in self.sql(
                """
            SELECT to_char(r.period_start, 'YYYY-MM'), r.kind, r.status FROM run r
            JOIN business b ON b.id = r.business_id WHERE b.key = :key ORDER BY r.period_start, r.sequence""",
                key=key,
            )
        ]

    def run(self, run_id: UUID) -> Row[Any]:
        """The row of a run."""
        return self.sql("SELECT * FROM run WHERE id = :id", id=run_id)[0]

    def outcomes(self, run_id: UUID) -> dict[str, tuple[str, str, str | None]]:
        """(status, code, field) of each asset that the run did not charge."""
        return {
            row.external_id: (row.status, row.code, row.field)
            for row in self.sql(
                """
            SELECT a.external_id, o.status, o.code, o.field FROM run_outcome o JOIN asset a ON a.id = o.asset_id
            WHERE o.run_id = :id""",
                id=run_id,
            )
        }

    def until_somebody_waits(self) -> None:
        """Returns once a session waits for a lock; fails where none does within five seconds."""
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        for _ in range(500):
            if self.sql(waiting):
                return
            time.sleep(0.01)
        raise AssertionError("nobody waits for a lock")

    def counts(self) -> dict[str, int]:
        """How many rows each table has that a run or an import writes to."""
        tables = (
            "business asset asset_book asset_type depreciation_settings account period run run_outcome value_update "
            "journal_entry journal_line period_balance outbox audit"
        ).split()
        return {table: self.sql(f"SELECT count(*) AS n FROM {table}")[0].n for table in tables}


def run_until_quiet(engine: Engine, now: datetime, business_id: UUID | None = None) -> list[Closed]:
    """Everything that is due by `now`, one run after the other."""
    return close_due(engine, now=now, owner="tester", business_id=business_id)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """No log: drawing a crash with all its values takes longer than the test."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def emptied(stack: Endpoints, template: str) -> Iterator[Engine]:
    """An engine on a migrated database of these tests, which `books` empties: cheaper than a clone for each test."""
    name = "test_services"
    admin = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    made = connect(stack.database_url.replace("/bookvalue?", f"/{name}?"))
    yield made
    made.dispose()


# Triggers that fire always are put aside for the moment, and come back as they were.
WIPE = """DO $$
DECLARE guard record; kept name;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR guard IN SELECT tgrelid::regclass AS place, tgname FROM pg_trigger WHERE tgenabled = 'A' LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', guard.place, guard.tgname);
    END LOOP;
    FOR kept IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'bookvalue' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM bookvalue.%I', kept);
    END LOOP;
    FOR guard IN SELECT tgrelid::regclass AS place, tgname FROM pg_trigger WHERE tgenabled = 'D' LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guard.place, guard.tgname);
    END LOOP;
END $$"""


@pytest.fixture
def books(emptied: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    """Empty books; what a test leaves in them must hold together. Every close keeps a position, small as it is."""
    monkeypatch.setattr(posted_positions, "WORTHWHILE", 0)
    with emptied.begin() as connection:
        connection.execute(text(WIPE))
    made = Books(emptied)
    yield made
    if not made.unchecked:
        assert problems(emptied, blocked=made.uncharged) == []


@pytest.fixture
def bakery(books: Books) -> Books:
    """The books of one business in EUR from 2026-08 on, without assets."""
    books.put(business())
    return books
