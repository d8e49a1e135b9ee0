"""Tenants are kept apart by the database, table by table; with no business bound there is nothing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from bookvalue.domain.errors import BookvalueError
from bookvalue.storage.unit_of_work import Role, connect, transaction
from storage.ledger_rows import (
    AUGUST,
    DECEMBER,
    NOVEMBER,
    Statement,
    Tenant,
    admitted,
    entry_row,
    execute,
    insert,
    line_rows,
    queued_run,
    refused,
    running_run,
    take_number,
    tenant,
    update_row,
)
from storage.recorded_rows import recorded, sources, tags

# For each table what has to be changed in a row of another business for it to reach row-level security, and not to be
# refused before by what the table's own guard says of the row.
CASES: dict[str, Mapping[str, Any]] = {
    "business": {},
    "book": {},
    "account": {},
    "depreciation_settings": {},
    "asset_type": {},
    "asset": {},
    "asset_book": {},
    "estimate_change": {},
    "suspension": {},
    "units_used": {},
    "manual_amount": {},
    "period": {},
    "run": {"generation": 0},
    "run_outcome": {},
    "value_update": {},
    "journal_entry": {},
    "journal_line": {},
    "period_balance": {},
    "posted_position": {},
    "feed_counter": {"last_seq": 0},
    "outbox": {},
    "audit": {},
    "idempotency_key": {},
    "value_update_record": {},
    "disposal": {},
    "tag_dimension": {},
    "tag_definition": {},
    "asset_tag": {},
    "tag_set": {},
    "ledger_detail": {},
    "asset_source": {},
}
EXEMPT = {"alembic_version": "holds no tenant's rows; no application role may read or write it"}


@pytest.fixture(scope="module")
def shared(shared: Engine) -> Engine:
    """The shared database, with rows of what people record in both businesses."""
    for key in ("portland-coffee", "osaka-tools"):
        of = tenant(shared, key)
        with transaction(shared, Role.API, of.id) as connection:
            execute(connection, *tags(of), *sources(of), *recorded(of))
            connection.commit()
    return shared


def relations(connection: Connection) -> set[str]:
    """Every table, partition, view and foreign table of the schema."""
    return set(
        connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'bookvalue'::regnamespace AND relkind IN "
                "('r', 'p', 'v', 'm', 'f')"
            )
        )
    )


def without_case(connection: Connection) -> set[str]:
    """The relations that no case speaks of."""
    return relations(connection) - set(CASES) - set(EXEMPT)


def test_every_relation_has_a_case(shared: Engine) -> None:
    with shared.connect() as connection:
        assert without_case(connection) == set()
        assert relations(connection) >= set(CASES)


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE bookvalue.scratch (business_id uuid)",
        "CREATE TABLE bookvalue.scratch (business_id uuid) PARTITION BY LIST (business_id)",
        "CREATE VIEW bookvalue.scratch AS SELECT * FROM bookvalue.asset",
        "CREATE MATERIALIZED VIEW bookvalue.scratch AS SELECT 1 AS one",
    ],
)
def test_a_relation_without_a_case_is_found(shared: Engine, made: str) -> None:
    with shared.connect() as connection:
        connection.execute(text(made))
        assert without_case(connection) == {"scratch"}


def test_every_table_forces_row_level_security(shared: Engine) -> None:
    with shared.connect() as connection:
        lax = connection.scalars(
            text(
                """SELECT relname FROM pg_class WHERE relnamespace = 'bookvalue'::regnamespace AND relkind IN ('r', 'p')
               AND NOT (relrowsecurity AND relforcerowsecurity)"""
            )
        )
        assert set(lax) == set(EXEMPT)


def _key(table: str) -> str:
    return "id" if table == "business" else "business_id"


def _row(engine: Engine, table: str, of: Tenant) -> dict[str, Any]:
    """A row of the business, as far as the API may give its columns; all of it where it may give none."""
    with engine.connect() as connection:
        row = (
            connection.execute(text(f"SELECT * FROM {table} WHERE {_key(table)} = :b LIMIT 1"), {"b": of.id})
            .mappings()
            .one()
        )
        allowed = list(
            connection.scalars(
                text(
                    """SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0
               AND has_column_privilege('bookvalue_api', attrelid, attnum, 'INSERT')"""
                ),
                {"table": table},
            )
        )
    changed = {**row, **CASES[table]}
    if table == "period":
        changed = {k: changed[k] for k in ("business_id", "book_id", "period_start", "period_end")}
    in_json = {"metadata", "details", "body", "headers", "transaction_tags"}
    return {k: Jsonb(v) if k in in_json and v is not None else v for k, v in changed.items() if k in (allowed or row)}


def _privilege(engine: Engine, table: str, privilege: str) -> list[str]:
    with engine.connect() as connection:
        return list(
            connection.scalars(
                text(
                    """SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0
               AND has_column_privilege('bookvalue_api', attrelid, attnum, :privilege) ORDER BY attnum"""
                ),
                {"table": table, "privilege": privilege},
            )
        )


def _stopped(engine: Engine, bound: UUID | None, statement: Statement) -> tuple[str | None, str]:
    with pytest.raises(BookvalueError) as caught, transaction(engine, Role.API, bound) as connection:
        execute(connection, statement)
    return caught.value.details["sqlstate"], caught.value.message


@pytest.mark.parametrize("table", sorted(CASES))
def test_rows_of_another_business_cannot_be_read(shared: Engine, ours: Tenant, theirs: Tenant, table: str) -> None:
    count = text(f"SELECT count(*) FROM {table} WHERE {_key(table)} = :b")
    with shared.connect() as connection:
        there = {of: connection.scalar(count, {"b": of.id}) for of in (ours, theirs)}
    assert there[ours] > 0, "the test would show nothing"
    assert there[theirs] > 0, "the test would show nothing"
    with transaction(shared, Role.API, ours.id) as connection:
        assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == there[ours]
        assert connection.scalar(count, {"b": theirs.id}) == 0
    with transaction(shared, Role.API) as connection:
        assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0


@pytest.mark.parametrize("table", sorted(CASES))
def test_rows_of_another_business_cannot_be_inserted(shared: Engine, ours: Tenant, theirs: Tenant, table: str) -> None:
    statement = insert(table, _row(shared, table, theirs))
    sqlstate, message = _stopped(shared, ours.id, statement)
    nothing_bound, unbound_message = _stopped(shared, None, statement)
    if table in ("run", "period"):  # the guard before it finds no such period, or another business
        assert sqlstate in ("23514", "42501")
        assert nothing_bound in ("23514", "42501")
    else:
        assert (sqlstate, nothing_bound) == ("42501", "42501")
        by = "row-level security" if _privilege(shared, table, "INSERT") else "permission denied"
        assert by in message
        assert by in unbound_message
    # The same row under its own business gets past all that, where the API inserts at all.
    if _privilege(shared, table, "INSERT"):
        expected = "23514" if table == "period" else "23505"
        assert _stopped(shared, theirs.id, statement)[0] in (expected, "23505")


@pytest.mark.parametrize("table", sorted(CASES))
def test_rows_of_another_business_cannot_be_updated(shared: Engine, ours: Tenant, theirs: Tenant, table: str) -> None:
    columns = _privilege(shared, table, "UPDATE")
    if not columns:
        statement: Statement = (f"UPDATE {table} SET {_key(table)} = {_key(table)}", {})
        assert _stopped(shared, ours.id, statement)[0] == "42501"
        assert _stopped(shared, None, statement)[0] == "42501"
        return
    forward = " + 1" if table == "feed_counter" else ""  # which moves forward only
    touch = f"UPDATE {table} SET {columns[0]} = {columns[0]}{forward}"
    with transaction(shared, Role.API, ours.id) as connection:
        assert connection.execute(text(f"{touch} WHERE {_key(table)} = :b"), {"b": theirs.id}).rowcount == 0
        of_it = ""
        if table == "run":  # an ended run never changes, so there has to be one that waits
            execute(connection, insert("run", queued_run(ours)))
            of_it = " WHERE status = 'queued'"
        everything = connection.execute(text(touch + of_it)).rowcount
        assert everything == connection.scalar(text(f"SELECT count(*) FROM {table}{of_it}")) > 0
    with transaction(shared, Role.API) as connection:
        assert connection.execute(text(touch)).rowcount == 0
    if table == "run":
        refused(shared, Role.API, ours.id, (touch, {}), sqlstate="23514", constraint="guard_run")


@pytest.mark.parametrize("table", sorted(CASES))
@pytest.mark.parametrize("how", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_nothing_can_be_deleted(shared: Engine, ours: Tenant, table: str, how: str) -> None:
    for bound in (ours.id, None):
        for role in set(Role) - _may(table, how):
            refused(shared, role, bound, (how.format(f"bookvalue.{table}"), {}), sqlstate="42501")


def _may(table: str, how: str) -> set[Role]:
    """Old answers to requests are no part of the books: the planner forgets them."""
    return {Role.PLANNER} if table == "idempotency_key" and how.startswith("DELETE") else set()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM bookvalue.alembic_version",
        "INSERT INTO bookvalue.alembic_version VALUES ('x')",
        "UPDATE bookvalue.alembic_version SET version_num = 'x'",
        "DELETE FROM bookvalue.alembic_version",
        "CREATE TABLE bookvalue.own (x int)",
        "ALTER TABLE bookvalue.asset NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE bookvalue.journal_line DISABLE TRIGGER guard",
        "DROP TABLE bookvalue.audit",
        "ALTER ROLE bookvalue_api BYPASSRLS",
        "SELECT bookvalue.guard_periods(NULL, '{}', NULL)",
    ],
)
def test_no_application_role_touches_the_schema(shared: Engine, ours: Tenant, role: Role, sql: str) -> None:
    refused(shared, role, ours.id, (sql, {}), sqlstate="42501")


@pytest.mark.parametrize("function", ["guard_period", "guard_value_update", "guard_journal_line"])
def test_a_guard_cannot_be_hung_on_a_table_of_ones_own(shared: Engine, ours: Tenant, function: str) -> None:
    refused(
        shared,
        Role.API,
        ours.id,
        ("CREATE TEMP TABLE own (LIKE bookvalue.period)", {}),
        (f"CREATE TRIGGER t BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION bookvalue.{function}()", {}),
        sqlstate="42501",
    )


# ------------------------------------------------------------------------------------------------ the planner


def test_the_planner_sees_runs_periods_and_names_only(shared: Engine) -> None:
    with shared.connect() as connection:
        readable = connection.execute(
            text(
                """SELECT relname, array_agg(attname::text ORDER BY attnum) AS columns
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE relnamespace = 'bookvalue'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0
               AND has_column_privilege('bookvalue_planner', c.oid, attnum, 'SELECT') GROUP BY relname"""
            )
        ).all()
        everything = {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("run", "period", "business", "book")
        }
    found = {row.relname: row.columns for row in readable}
    assert set(found) == {"run", "period", "business", "book", "idempotency_key"}
    assert found["business"] == ["id", "key", "name"]
    assert found["book"] == ["business_id", "id", "auto", "auto_lock_after_days"]
    assert found["idempotency_key"] == ["business_id", "client", "route", "key", "created_at"]
    with transaction(shared, Role.PLANNER) as connection:
        for table, count in everything.items():
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == count
    for table in sorted(set(CASES) - set(found)):
        refused(shared, Role.PLANNER, None, (f"SELECT 1 FROM {table}", {}), sqlstate="42501")
    for unseen in ("currency FROM business", "grain FROM book", "body FROM idempotency_key"):
        refused(shared, Role.PLANNER, None, (f"SELECT {unseen}", {}), sqlstate="42501")


def test_the_planner_writes_runs_only(shared: Engine) -> None:
    with shared.connect() as connection:
        writable = set(
            connection.scalars(
                text(
                    """SELECT DISTINCT relname || ' ' || lower(p) FROM pg_class c JOIN pg_attribute a ON
                        a.attrelid = c.oid,
               unnest(ARRAY['INSERT', 'UPDATE']) p WHERE relnamespace = 'bookvalue'::regnamespace AND relkind
                   IN ('r', 'p', 'v')
               AND attnum > 0 AND has_column_privilege('bookvalue_planner', c.oid, attnum, p)"""
                )
            )
        )
    assert writable == {"run insert", "run update"}


def test_the_planner_sees_and_forgets_old_answers_only(ledger: Engine, ours: Tenant) -> None:
    """Whatever it asks for, and whether a business is bound or not: of what is younger than a day it sees nothing."""
    with ledger.begin() as connection:
        connection.execute(
            text("UPDATE idempotency_key SET created_at = now() - interval '25 hours' WHERE business_id = :b"),
            {"b": ours.id},
        )
    for bound in (None, ours.id):
        with transaction(ledger, Role.PLANNER, bound) as connection:
            seen = connection.execute(text("SELECT business_id, key FROM idempotency_key")).all()
            assert [tuple(row) for row in seen] == [(ours.id, "1")]
            assert connection.execute(text("DELETE FROM idempotency_key")).rowcount == 1
    with ledger.begin() as connection:
        connection.execute(text("UPDATE idempotency_key SET created_at = now() - interval '23 hours'"))
    for bound in (None, ours.id):
        with transaction(ledger, Role.PLANNER, bound) as connection:
            assert connection.execute(text("DELETE FROM idempotency_key")).rowcount == 0
    refused(ledger, Role.PLANNER, None, ("UPDATE idempotency_key SET created_at = now()", {}), sqlstate="42501")


# ------------------------------------------------------------------------------------------ the worker is bound too


WORKER_ROWS = {
    "value_update": lambda of: update_row(of),
    "journal_entry": lambda of: entry_row(of, feed_seq=of.last_seq),
    "journal_line": lambda of: {**line_rows(of, of.entry, 5)[0], "line_no": 99},
    "run_outcome": lambda of: {
        "business_id": of.id,
        "run_id": of.runs[0],
        "asset_id": uuid4(),  # its own assets may have an outcome already
        "status": "skipped",
        "code": "x",
    },
    "period_balance": lambda of: {
        "business_id": of.id,
        "book_id": of.book,
        "period_start": NOVEMBER,
        "generation": 0,
        "account_id": of.account,
        "opening_minor": 0,
        "debit_minor": 0,
        "credit_minor": 0,
        "closing_minor": 0,
    },
    "posted_position": lambda of: {
        "business_id": of.id,
        "book_id": of.book,
        "period_start": NOVEMBER,
        "generation": 0,
        "asset_ids": [],
        "posted_minor": [],
    },
    "audit": lambda of: {"business_id": of.id, "id": uuid4(), "actor": "x", "action": "x", "subject": "x"},
    "outbox": lambda of: {"business_id": of.id, "id": uuid4(), "event": "x", "body": Jsonb({})},
    "period": lambda of: {
        "business_id": of.id,
        "book_id": of.book,
        "period_start": DECEMBER,
        "period_end": DECEMBER.replace(day=31),
    },
}


def test_there_is_a_row_for_each_table_that_the_worker_fills(shared: Engine) -> None:
    with shared.connect() as connection:
        fills = connection.scalars(
            text(
                """SELECT relname FROM pg_class WHERE relnamespace = 'bookvalue'::regnamespace AND relkind IN ('r', 'p')
               AND has_any_column_privilege('bookvalue_worker', oid, 'INSERT')"""
            )
        )
        assert set(fills) == set(WORKER_ROWS)


@pytest.mark.parametrize("table", sorted(WORKER_ROWS))
def test_the_worker_inserts_for_the_bound_business_alone(
    shared: Engine, ours: Tenant, theirs: Tenant, table: str
) -> None:
    row: dict[str, Any] = WORKER_ROWS[table](theirs)
    if table == "journal_entry":
        # `feed_seq` and such are unique: only the guard's answer counts, so the row must be new to the table.
        row = entry_row(theirs, feed_seq=theirs.last_seq + 1000)
    for bound in (ours.id, None):
        with pytest.raises(BookvalueError) as caught, transaction(shared, Role.WORKER, bound) as connection:
            execute(connection, insert(table, row))
        assert caught.value.details == {"sqlstate": "42501", "constraint": "guard_business"}, caught.value


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE period SET due_at = due_at WHERE business_id = :b",
        "UPDATE run SET timings = timings WHERE business_id = :b",
    ],
)
def test_the_worker_updates_the_bound_business_alone(shared: Engine, ours: Tenant, theirs: Tenant, sql: str) -> None:
    for bound in (ours.id, None):
        refused(shared, Role.WORKER, bound, (sql, {"b": theirs.id}), sqlstate="42501", constraint="guard_business")


def test_the_worker_cannot_move_another_feed(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    for bound in (ours.id, None):
        refused(shared, Role.WORKER, bound, take_number(theirs), sqlstate="23514", constraint="guard_feed_gapless")


# ------------------------------------------------------------------------------- no row refers to another's row


def test_an_asset_names_its_own_business_s_account(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    refused(
        shared,
        Role.API,
        ours.id,
        (
            "UPDATE asset SET ledger_account_id = :other WHERE business_id = :b AND id = :asset",
            {"other": theirs.account, "b": ours.id, "asset": ours.asset},
        ),
        sqlstate="23503",
        constraint="asset_business_id_ledger_account_id_fkey",
    )


@pytest.mark.parametrize("column", ["settings_id", "asset_type", "accumulated_account", "expense_account"])
def test_a_book_s_small_numbers_are_its_own_business_s(shared: Engine, ours: Tenant, column: str) -> None:
    """A number that another business has given out, and this one has not, stands for nothing here."""
    refused(
        shared,
        Role.API,
        ours.id,
        (f"UPDATE asset_book SET {column} = 100000 WHERE business_id = :b", {"b": ours.id}),
        sqlstate="23503",
        constraint=f"asset_book_business_id_{column}_fkey",
    )


@pytest.mark.parametrize(
    "column", ["ledger_account_id", "accumulated_account_id", "expense_account_id", "impairment_account_id"]
)
def test_an_asset_type_names_its_own_business_s_accounts(
    shared: Engine, ours: Tenant, theirs: Tenant, column: str
) -> None:
    sql = f"UPDATE asset_type SET {column} = :other WHERE business_id = :b"
    refused(
        shared,
        Role.API,
        ours.id,
        (sql, {"other": theirs.account, "b": ours.id}),
        sqlstate="23503",
        constraint=f"asset_type_business_id_{column}_fkey",
    )


def test_an_asset_is_kept_in_its_own_business_s_book(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    row = {
        "business_id": ours.id,
        "book_id": ours.book,
        "asset_id": ours.asset,
        "cost_minor": 0,
        "residual_minor": 0,
        "settings_id": 1,
        "status": "draft",
    }
    for changed, constraint in (
        ({"asset_id": theirs.asset}, "asset_book_business_id_asset_id_fkey"),
        ({"book_id": theirs.book}, "asset_book_business_id_book_id_fkey"),
    ):
        refused(
            shared, Role.API, ours.id, insert("asset_book", {**row, **changed}), sqlstate="23503", constraint=constraint
        )


def test_a_period_and_a_run_lie_in_their_own_business_s_book(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    period = {"business_id": ours.id, "book_id": theirs.book, "period_start": NOVEMBER, "period_end": NOVEMBER}
    for role in (Role.API, Role.WORKER):
        refused(
            shared,
            role,
            ours.id,
            insert("period", period),
            sqlstate="23503",
            constraint="period_business_id_book_id_fkey",
        )
    for role, bound in ((Role.API, ours.id), (Role.PLANNER, None)):
        refused(
            shared,
            role,
            bound,
            insert("run", queued_run(ours, book_id=theirs.book)),
            sqlstate="23514",
            constraint="guard_run",
        )


def test_a_period_names_its_own_business_s_runs(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    for sql, sqlstate, constraint in (
        (
            "UPDATE period SET last_run_id = :run WHERE business_id = :b AND period_start = :s",
            "23503",
            "period_last_run",
        ),
        (
            "UPDATE period SET status = 'closing', closing_run_id = :run WHERE business_id = :b AND period_start = :s",
            "23514",
            "guard_period",
        ),
    ):
        refused(
            shared,
            Role.WORKER,
            ours.id,
            (sql, {"run": theirs.runs[-1], "b": ours.id, "s": NOVEMBER}),
            sqlstate=sqlstate,
            constraint=constraint,
        )


@pytest.mark.parametrize(
    ("column", "sqlstate", "constraint"),
    [
        ("asset_id", "23503", "guard_value_update_asset"),
        ("book_id", "23514", "guard_period_open"),
        ("run_id", "23503", "guard_run_of_book"),
    ],
)
def test_a_value_update_refers_to_its_own_business(
    shared: Engine, ours: Tenant, theirs: Tenant, column: str, sqlstate: str, constraint: str
) -> None:
    other = {"asset_id": theirs.asset, "book_id": theirs.book, "run_id": theirs.runs[0]}[column]
    admitted(shared, Role.WORKER, ours.id, insert("value_update", update_row(ours)))
    refused(
        shared,
        Role.WORKER,
        ours.id,
        insert("value_update", update_row(ours, **{column: other})),
        sqlstate=sqlstate,
        constraint=constraint,
    )


@pytest.mark.parametrize(
    ("column", "sqlstate", "constraint"),
    [
        ("asset_id", "23503", "guard_journal_entry_asset"),
        ("book_id", "23514", "guard_period_open"),
        ("run_id", "23503", "guard_run_of_book"),
        ("reversal_of", "23503", "journal_entry_business_id_reversal_of_fkey"),
    ],
)
def test_an_entry_refers_to_its_own_business(
    shared: Engine, ours: Tenant, theirs: Tenant, column: str, sqlstate: str, constraint: str
) -> None:
    other = {"asset_id": theirs.asset, "book_id": theirs.book, "run_id": theirs.runs[0], "reversal_of": theirs.entry}[
        column
    ]
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", entry_row(ours, **{column: other})),
        sqlstate=sqlstate,
        constraint=constraint,
        or_key={
            "book_id": "journal_entry_business_id_book_id_posting_period_fkey",
            "run_id": "journal_entry_business_id_run_id_fkey",
        }.get(column),
    )


def test_a_line_refers_to_its_own_business(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    header = entry_row(ours)
    first = (take_number(ours), insert("journal_entry", header))
    good = line_rows(ours, header["id"], 500, -500)
    admitted(shared, Role.WORKER, ours.id, *first, insert("journal_line", *good))
    refused(
        shared,
        Role.WORKER,
        ours.id,
        *first,
        insert("journal_line", good[0], {**good[1], "account_id": theirs.account}),
        sqlstate="23503",
        constraint="guard_journal_line_account",
    )
    refused(
        shared,
        Role.WORKER,
        ours.id,
        *first,
        insert("journal_line", *({**line, "entry_id": theirs.entry} for line in good)),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )


def test_an_outcome_and_a_balance_refer_to_their_own_business(ledger: Engine, ours: Tenant, theirs: Tenant) -> None:
    with transaction(ledger, Role.PLANNER) as connection:
        run_id = running_run(connection, ours)
        connection.commit()
    outcome = {"business_id": ours.id, "run_id": run_id, "asset_id": ours.asset, "status": "skipped", "code": "x"}
    admitted(ledger, Role.WORKER, ours.id, insert("run_outcome", outcome))
    refused(
        ledger,
        Role.WORKER,
        ours.id,
        insert("run_outcome", {**outcome, "asset_id": theirs.asset}),
        sqlstate="23503",
        constraint="guard_run_outcome_asset",
    )
    refused(
        ledger,
        Role.WORKER,
        ours.id,
        insert("run_outcome", {**outcome, "run_id": theirs.runs[0]}),
        sqlstate="23514",
        constraint="guard_run_outcome",
        or_key="run_outcome_business_id_run_id_fkey",
    )
    closing = (
        "UPDATE period SET status = 'closing', closing_run_id = :run WHERE business_id = :b AND period_start = :s",
        {"run": run_id, "b": ours.id, "s": NOVEMBER},
    )
    balance = WORKER_ROWS["period_balance"](ours)
    admitted(ledger, Role.WORKER, ours.id, closing, insert("period_balance", balance))
    refused(
        ledger,
        Role.WORKER,
        ours.id,
        closing,
        insert("period_balance", {**balance, "account_id": theirs.account}),
        sqlstate="23503",
        constraint="period_balance_business_id_account_id_fkey",
    )


# What refers to a row and has no foreign key: which guard looks at it, or why none does.
UNKEYED = {
    "value_update.book_id": "guard_periods",
    "value_update.asset_id": "guard_value_update",
    "value_update.run_id": "guard_periods",
    "value_update.business_id": "guard_business",
    "journal_line.business_id": "guard_business",
    "value_update.entry_id": "names only an entry of its own business; the tie-out of a close refuses one that "
    "is not there",
    "journal_line.account_id": "guard_journal_line",
    "journal_line.tag_set": "guard_journal_line_tags",
    "journal_line.entry_id": "guard_journal_line",
    "journal_entry.asset_id": "guard_journal_entry",
    "journal_entry.book_id": "guard_periods",
    "journal_entry.run_id": "guard_periods",
    "run_outcome.business_id": "guard_business",
    "run_outcome.run_id": "guard_run_outcome",
    "run_outcome.asset_id": "guard_run_outcome",
    "idempotency_key.business_id": "row-level security: only the API writes it; the nil id is no business's",
    "value_update.reversal_of": "a sequence of the same asset and period, lower than its own; reversed at most once",
    "asset.external_id": "a name of the customer's",
    "value_update_record.external_id": "a name of the customer's",
    "ledger_detail.external_id": "a name of the customer's",
}


def test_foreign_keys_are_composite_and_what_has_none_is_guarded(shared: Engine) -> None:
    with shared.connect() as connection:
        keys = connection.execute(
            text(
                """SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
                      (SELECT array_agg(attname::text ORDER BY o) FROM unnest(conkey) WITH ORDINALITY k(n, o)
                       JOIN pg_attribute ON attrelid = conrelid AND attnum = n) AS columns,
                      (SELECT array_agg(attname::text ORDER BY o) FROM unnest(confkey) WITH ORDINALITY k(n, o)
                       JOIN pg_attribute ON attrelid = confrelid AND attnum = n) AS referred
               FROM pg_constraint WHERE contype = 'f' AND connamespace = 'bookvalue'::regnamespace"""
            )
        ).all()
        references = set(
            connection.scalars(
                text(
                    """SELECT relname || '.' || attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
               WHERE relnamespace = 'bookvalue'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT
                   attisdropped
               AND (attname LIKE '%\\_id' OR attname IN ('reversal_of', 'tag_set'))"""
                )
            )
        )
    for key in keys:
        assert key.columns[0] == ("id" if key.child == "business" else "business_id"), key
        assert key.referred[0] == ("id" if key.parent == "business" else "business_id"), key
    keyed = {f"{key.child}.{column}" for key in keys for column in key.columns}
    assert references - keyed <= set(UNKEYED) <= references


# --------------------------------------------------------------------------------------------- pooled connections


@pytest.mark.parametrize("ending", ["commit", "rollback", "failure"])
def test_a_pooled_connection_carries_nothing_over(database_url: str, ending: str) -> None:
    engine = connect(database_url, pool_size=1)
    with engine.connect() as connection:
        backend, login = connection.execute(text("SELECT pg_backend_pid(), session_user")).one()
    try:
        with transaction(engine, Role.API, uuid4(), lock_timeout="7s") as connection:
            assert connection.scalar(text("SELECT current_user")) == Role.API
            if ending == "failure":
                connection.execute(text("SELECT 1 / 0"))
            getattr(connection, ending)()
    except BookvalueError:
        assert ending == "failure"
    with engine.connect() as connection:
        found = connection.execute(
            text(
                """SELECT pg_backend_pid(), current_user, coalesce(current_setting('app.business_id', true), ''),
                      current_setting('lock_timeout')"""
            )
        ).one()
    assert tuple(found) == (backend, login, "", "5s")
    with transaction(engine, Role.API) as connection:
        assert connection.scalar(text("SELECT count(*) FROM asset")) == 0
    engine.dispose()


def test_a_transaction_bound_anew_sees_the_other_business_only(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    for of in (ours, theirs):
        with transaction(shared, Role.API, of.id) as connection:
            assert list(connection.scalars(text("SELECT id FROM business"))) == [of.id]
            assert set(connection.scalars(text("SELECT DISTINCT business_id FROM asset"))) == {of.id}


def test_what_is_bound_must_be_a_business_s_id(shared: Engine) -> None:
    with shared.connect() as connection, pytest.raises(Exception, match="invalid input syntax for type uuid") as caught:
        connection.execute(text("SET LOCAL ROLE bookvalue_api"))
        connection.execute(text("SELECT set_config('app.business_id', 'x'' OR true', true)"))
        connection.execute(text("SELECT * FROM asset"))
    assert not isinstance(caught.value, ProgrammingError)


def test_names_of_other_businesses_do_not_reach_a_message(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    row = {
        "id": ours.id,
        "key": "osaka-tools",
        "name": "x",
        "currency": "EUR",
        "time_zone": "UTC",
        "fiscal_month": 1,
        "fiscal_day": 1,
        "books_start": AUGUST,
        "accounting_basis": "accrual",
        "number_prefix": "",
    }
    _, message = _stopped(shared, ours.id, insert("business", row))
    assert "osaka" not in message
    assert str(theirs.id) not in message
