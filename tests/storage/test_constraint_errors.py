"""What the database refuses, provoked for real, becomes the right error of the domain."""

import threading
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text

from bookvalue.domain.errors import (
    BookvalueError,
    Busy,
    ConcurrentChange,
    DatabaseUnavailable,
    IntegrityViolation,
    InvalidInput,
    PeriodNotOpen,
    SchemaNotReady,
)
from bookvalue.storage.constraint_errors import translate
from bookvalue.storage.unit_of_work import Role, connect, transaction
from storage.ledger_rows import (
    OCTOBER,
    Statement,
    Tenant,
    entry_row,
    execute,
    insert,
    queued_run,
    take_number,
    update_row,
)


def _raised(
    engine: Engine, *statements: str, role: Role = Role.API, bound: Any = None, **options: Any
) -> BookvalueError:
    with pytest.raises(BookvalueError) as caught, transaction(engine, role, bound, **options) as connection:
        for statement in statements:
            connection.execute(text(statement))
    return caught.value


def _is(error: BookvalueError, kind: type[BookvalueError], sqlstate: str | None, constraint: str | None = None) -> None:
    assert type(error) is kind
    assert error.details == {"sqlstate": sqlstate, "constraint": constraint}


def test_a_lock_that_is_not_had_in_time(ledger: Engine, ours: Tenant) -> None:
    with transaction(ledger, Role.API, ours.id) as holder:
        holder.execute(text("SELECT 1 FROM period FOR UPDATE"))
        error = _raised(ledger, "SELECT 1 FROM period FOR UPDATE", bound=ours.id, lock_timeout="30ms")
    _is(error, Busy, "55P03")


def test_a_lock_that_is_refused_at_once(ledger: Engine, ours: Tenant) -> None:
    with transaction(ledger, Role.API, ours.id) as holder:
        holder.execute(text("SELECT 1 FROM period FOR UPDATE"))
        _is(_raised(ledger, "SELECT 1 FROM period FOR UPDATE NOWAIT", bound=ours.id), Busy, "55P03")


def test_a_statement_that_takes_too_long(shared: Engine) -> None:
    _is(_raised(shared, "SET LOCAL statement_timeout = '30ms'", "SELECT pg_sleep(5)"), Busy, "57014")


def test_a_deadlock(ledger: Engine, ours: Tenant) -> None:
    """Two take the same two rows in opposite order: one of them is told to try again."""
    gate, errors = threading.Barrier(2), []

    def take(first: int, second: int) -> None:
        try:
            with transaction(ledger, Role.API, ours.id) as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": first})
                gate.wait(10)
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": second})
        except BookvalueError as error:
            errors.append(error)

    threads = [threading.Thread(target=take, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (error,) = errors
    _is(error, Busy, "40P01")


def test_a_serialization_failure(ledger: Engine, ours: Tenant) -> None:
    with transaction(ledger, Role.API, ours.id) as connection:
        connection.rollback()
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(
            text("SELECT set_config('role', 'bookvalue_api', true), set_config('app.business_id', :b, true)"),
            {"b": str(ours.id)},
        )
        connection.execute(text("SELECT count(*) FROM period"))
        with transaction(ledger, Role.API, ours.id) as other:
            other.execute(text("UPDATE period SET fact_version = fact_version + 1"))
            other.commit()
        with pytest.raises(BookvalueError) as caught, transaction(ledger, Role.API, ours.id) as _:
            connection.execute(text("UPDATE period SET fact_version = fact_version + 1"))
    _is(caught.value, Busy, "40001")


def test_a_transaction_left_idle(shared: Engine) -> None:
    with pytest.raises(BookvalueError) as caught, transaction(shared, Role.API) as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '20ms'"))
        threading.Event().wait(0.3)
        connection.execute(text("SELECT 1"))
    _is(caught.value, Busy, "25P03")


def test_a_backend_that_is_terminated(database_url: str) -> None:
    engine = connect(database_url)
    with pytest.raises(BookvalueError) as caught, transaction(engine, Role.API) as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        connection.execute(text("SELECT 1"))
    _is(caught.value, DatabaseUnavailable, "57P01")
    with transaction(engine, Role.API) as connection:  # the pool has another
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_a_server_that_is_not_there(tmp_path: Any) -> None:
    engine = connect(f"postgresql+psycopg://postgres@/bookvalue?host={tmp_path}", pool_size=0)
    error = _raised(engine, "SELECT 1")
    assert type(error) is DatabaseUnavailable
    assert error.details["sqlstate"] in (None, "08001", "08006")


def test_a_server_that_has_no_connection_left(shared: Engine, database_url: str) -> None:
    name = f"few_{uuid4().hex[:8]}"
    with shared.begin() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 0"))
    try:
        engine = connect(database_url.replace("postgres@", f"{name}@"), pool_size=0)
        error = _raised(engine, "SELECT 1")
        assert type(error) is DatabaseUnavailable  # the driver gives no SQLSTATE for a connection that never was
        assert "too many connections" in error.message
    finally:
        with shared.begin() as connection:
            connection.execute(text(f"DROP ROLE {name}"))


def test_values_that_cannot_be_stored(shared: Engine, ours: Tenant) -> None:
    for statement, sqlstate in (
        ("UPDATE asset_book SET cost_minor = 9999999999999999999", "22003"),
        ("SELECT CAST('x' AS uuid)", "22P02"),
        ("SELECT CAST('2026-02-30' AS date)", "22008"),
        ("SELECT 1 / 0", "22012"),
        ("SELECT CAST('abc' AS varchar(2)) || 1/0", "22012"),
    ):
        _is(_raised(shared, statement, bound=ours.id), InvalidInput, sqlstate)
    with shared.connect() as connection:
        connection.execute(text("CREATE TEMP TABLE narrow (x varchar(2))"))
        with pytest.raises(Exception, match="value too long") as caught:
            connection.execute(text("INSERT INTO narrow VALUES ('abc')"))
    _is(translate(caught.value.orig), InvalidInput, "22001")  # type: ignore[attr-defined]


def test_a_nul_in_a_text_is_the_input_s_fault(shared: Engine, ours: Tenant) -> None:
    with pytest.raises(InvalidInput), transaction(shared, Role.API, ours.id) as connection:
        connection.execute(text("UPDATE asset SET name = :name"), {"name": "a\0b"})


def test_a_pool_that_has_no_connection_left(database_url: str) -> None:
    engine = connect(database_url, pool_size=1)
    engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    try:
        with (
            transaction(engine, Role.API),
            transaction(engine, Role.API),
            pytest.raises(BookvalueError),
            transaction(engine, Role.API),
        ):
            pass
    finally:
        engine.dispose()


def test_keys_that_somebody_else_took(shared: Engine, ours: Tenant) -> None:
    update = insert("value_update", update_row(ours))
    rerun = insert("run", queued_run(ours, kind="rerun", sequence=1))
    again = insert("run", queued_run(ours, kind="rerun", sequence=1))
    headers = [entry_row(ours), entry_row(ours)]
    cases: dict[str, tuple[Role, list[Statement]]] = {
        "value_update_pkey": (Role.WORKER, [update, update]),
        "run_period_unique": (Role.API, [rerun, again]),
        "journal_entry_feed_seq_unique": (
            Role.WORKER,
            [take_number(ours), *(insert("journal_entry", h) for h in headers)],
        ),
        "asset_external_id_unique": (Role.API, [_copy_of_an_asset(ours, "external_id")]),
        "asset_number_unique": (Role.API, [_copy_of_an_asset(ours, "number")]),
    }
    for constraint, (role, statements) in cases.items():
        with pytest.raises(ConcurrentChange) as caught, transaction(shared, role, ours.id) as connection:
            execute(connection, *statements)
        _is(caught.value, ConcurrentChange, "23505", constraint)
    new = uuid4()
    row = {
        "id": new,
        "key": "osaka-tools",
        "name": "x",
        "currency": "EUR",
        "time_zone": "UTC",
        "fiscal_month": 1,
        "fiscal_day": 1,
        "books_start": OCTOBER,
        "accounting_basis": "accrual",
        "number_prefix": "",
    }
    with pytest.raises(ConcurrentChange) as caught, transaction(shared, Role.API, new) as connection:
        execute(connection, insert("business", row))
    _is(caught.value, ConcurrentChange, "23505", "business_key_unique")


def _copy_of_an_asset(of: Tenant, same: str) -> tuple[str, dict[str, Any]]:
    values = {"external_id": "gen_random_uuid()::text", "number": "gen_random_uuid()::text", same: same}
    return (
        f"""INSERT INTO asset (business_id, id, external_id, number, name, kind)
                SELECT business_id, gen_random_uuid(), {values["external_id"]}, {values["number"]}, name, kind
                FROM asset WHERE business_id = :b LIMIT 1""",
        {"b": of.id},
    )


def test_a_period_that_is_not_open(shared: Engine, ours: Tenant) -> None:
    with pytest.raises(PeriodNotOpen) as caught, transaction(shared, Role.WORKER, ours.id) as connection:
        execute(
            connection,
            insert("value_update", update_row(ours, posting_period=OCTOBER, effective_period=OCTOBER, sequence=9)),
        )
    _is(caught.value, PeriodNotOpen, "23514", "guard_period_open")


def test_what_must_never_be_is_a_violation(shared: Engine, ours: Tenant) -> None:
    for statement, sqlstate, constraint in (
        ("DELETE FROM journal_line", "42501", None),
        ("UPDATE asset_book SET status = 'sold'", "23514", "asset_book_status_check"),
        ("UPDATE asset_book SET settings_id = 99999", "23503", "asset_book_business_id_settings_id_fkey"),
        ("UPDATE asset SET name = NULL", "23502", None),
    ):
        _is(_raised(shared, statement, bound=ours.id), IntegrityViolation, sqlstate, constraint)


def test_a_schema_that_is_not_there(shared: Engine) -> None:
    _is(_raised(shared, "SELECT * FROM no_such_table"), SchemaNotReady, "42P01")
    _is(_raised(shared, "CREATE TABLE no_such_schema.x (y int)"), SchemaNotReady, "3F000")


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("40001", Busy),
        ("40P01", Busy),
        ("55P03", Busy),
        ("57014", Busy),
        ("25P03", Busy),
        ("57P01", DatabaseUnavailable),
        ("57P02", DatabaseUnavailable),
        ("57P03", DatabaseUnavailable),
        ("08006", DatabaseUnavailable),
        ("08001", DatabaseUnavailable),
        ("53300", DatabaseUnavailable),
        ("53100", DatabaseUnavailable),
        ("53200", DatabaseUnavailable),
        ("22001", InvalidInput),
        ("23514", IntegrityViolation),
        ("23505", IntegrityViolation),
        ("42501", IntegrityViolation),
        ("XX000", IntegrityViolation),
    ],
)
def test_every_class_that_cannot_be_provoked_here(sqlstate: str, kind: type[BookvalueError]) -> None:
    error = psycopg.errors.lookup(sqlstate)("said so")
    assert error.sqlstate == sqlstate
    assert type(translate(error)) is kind
