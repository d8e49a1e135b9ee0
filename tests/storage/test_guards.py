"""The last line of defence: each constraint, trigger and privilege refuses what it is there for, whoever asks.

Everything happens in transactions that are rolled back, in a database that has closed three months.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, text

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.run import TRANSITIONS
from bookvalue.domain.terms import Method, RunStatus
from bookvalue.storage.unit_of_work import Role, transaction
from storage.ledger_rows import (
    AUGUST,
    DECEMBER,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    START_RUN,
    Statement,
    Tenant,
    admitted,
    entry_row,
    execute,
    insert,
    line_rows,
    posted_entry,
    queued_run,
    refused,
    running_run,
    take_number,
    update_row,
)

GUARDED = ("value_update", "value_update_record", "disposal", "journal_entry", "journal_line", "audit", "outbox",
           "run_outcome", "period_balance", "posted_position")  # fmt: skip
APPEND_ONLY = (*GUARDED, "depreciation_settings")

NOBODY = UUID(int=7)  # fixed, so that every test process names its cases alike


@pytest.fixture(scope="module")
def running(shared: Engine, ours: Tenant) -> Any:
    """A run of November that runs; committed, so that every role can refer to it."""
    with transaction(shared, Role.PLANNER) as connection:
        run_id = running_run(connection, ours)
        connection.commit()
    return run_id


# ------------------------------------------------------------------------------------------------- append-only


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "how",
    ["UPDATE bookvalue.{} SET business_id = business_id", "DELETE FROM bookvalue.{}", "TRUNCATE bookvalue.{} CASCADE"],
)
def test_what_is_posted_is_not_changed(shared: Engine, ours: Tenant, table: str, how: str) -> None:
    for role in Role:
        refused(shared, role, ours.id, (how.format(table), {}), sqlstate="42501")  # by privilege
    with transaction_as_owner(shared, ours) as refused_by, refused_by("42501", "guard_append_only") as connection:
        connection.execute(text(how.format(table)))


class transaction_as_owner:  # noqa: N801
    """The owner of the tables, bound to a business: whom only triggers hold back."""

    def __init__(self, engine: Engine, of: Tenant) -> None:
        self.connection, self.of = engine.connect(), of

    def __enter__(self) -> Any:
        self.connection.execute(text("SET LOCAL ROLE bookvalue_owner"))
        self.connection.execute(text("SELECT set_config('app.business_id', :b, true)"), {"b": str(self.of.id)})
        return self._refused

    def __exit__(self, *exc: object) -> None:
        self.connection.close()

    def _refused(self, sqlstate: str, constraint: str) -> Any:
        return _Refused(self.connection, sqlstate, constraint)


class _Refused:
    def __init__(self, connection: Connection, sqlstate: str, constraint: str) -> None:
        self.connection, self.expected = connection, (sqlstate, constraint)

    def __enter__(self) -> Connection:
        return self.connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        cause = getattr(error, "orig", None)
        assert cause is not None, "nothing was refused"
        assert (cause.sqlstate, cause.diag.constraint_name) == self.expected
        return True


def test_guards_fire_for_replication_too(shared: Engine) -> None:
    with shared.connect() as connection:
        found = connection.execute(
            text(
                """SELECT tgrelid::regclass || '.' || tgname, tgenabled FROM pg_trigger
               JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = 'bookvalue'::regnamespace AND NOT tgisinternal"""
            )
        ).all()
    assert {row[1] for row in found} == {"A"}
    assert {row[0] for row in found} >= {f"{table}.append_only" for table in APPEND_ONLY} | {
        f"{table}.guard" for table in (*GUARDED, "period", "run")
    } | {
        "feed_counter.guard_feed",
        "feed_counter.forward",
        "period.guard_reopen",
        "value_update.guard_recorded",
        "feed_counter.guard_recorded",
    }


@pytest.mark.parametrize(
    "table", ["value_update", "journal_entry", "journal_line", "run_outcome", "period_balance", "posted_position"]
)
def test_the_api_and_the_planner_do_not_post_as_a_run_does(shared: Engine, ours: Tenant, table: str) -> None:
    """What the API may write of these it writes under other guards: test_recorded_facts.py."""
    if table == "journal_line":  # has no column of a run's: the API adds none to a run's entry all the same
        copied = f"SELECT business_id, entry_id, line_no + 50, account_id, debit_minor, credit_minor FROM {table}"
        refused(shared, Role.API, ours.id, (f"INSERT INTO {table} {copied}", {}), sqlstate="23514",
                constraint="guard_journal_balanced")  # fmt: skip
    for role in {Role.API, Role.PLANNER} - ({Role.API} if table == "journal_line" else set()):
        refused(
            shared,
            role,
            ours.id,
            (f"INSERT INTO bookvalue.{table} SELECT * FROM bookvalue.{table}", {}),
            sqlstate="42501",
        )


def test_the_database_s_clock_is_not_the_writer_s(shared: Engine, ours: Tenant) -> None:
    row = {"business_id": ours.id, "id": uuid4(), "actor": "x", "action": "x", "subject": "x"}
    event = {"business_id": ours.id, "id": uuid4(), "event": "x", "body": Jsonb({})}
    for role in (Role.API, Role.WORKER):
        admitted(shared, role, ours.id, insert("audit", row), insert("outbox", event))
        refused(shared, role, ours.id, insert("audit", {**row, "at": AUGUST}), sqlstate="42501")
        refused(shared, role, ours.id, insert("outbox", {**event, "created_at": AUGUST}), sqlstate="42501")


# ---------------------------------------------------------------------------------------------- balanced entries


def test_a_right_entry_is_admitted(shared: Engine, ours: Tenant) -> None:
    admitted(shared, Role.WORKER, ours.id, *posted_entry(ours))
    admitted(shared, Role.WORKER, ours.id, *posted_entry(ours, 200, 300, -500, line_count=3))
    admitted(shared, Role.WORKER, ours.id, *posted_entry(ours, asset_id=ours.asset))


@pytest.mark.parametrize(
    ("amounts", "header"),
    [
        ((500, -499), {}),
        ((500, -500), {"total_minor": 400}),
        ((499, -500), {}),
        ((500, 500), {}),
        ((-500, -500), {}),
        ((500, -500), {"line_count": 3}),
        ((200, 300, -500), {}),
        ((500, -250, -250), {"line_count": 2}),
        ((500,), {}),
        ((2**62, -(2**62)), {}),
    ],
    ids=str,
)
def test_lines_must_balance_to_what_the_entry_states(
    shared: Engine, ours: Tenant, amounts: tuple[int, ...], header: Mapping[str, Any]
) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        *posted_entry(ours, *amounts, **header),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )


def test_lines_are_numbered_from_one_without_a_gap(shared: Engine, ours: Tenant) -> None:
    header = entry_row(ours)
    lines = line_rows(ours, header["id"], 500, -500)
    begun = (take_number(ours), insert("journal_entry", header))
    for number, constraint in (
        (3, "guard_journal_balanced"),
        (0, "journal_line_line_no_check"),
        (1, "journal_line_pkey"),
    ):
        refused(
            shared,
            Role.WORKER,
            ours.id,
            *begun,
            insert("journal_line", lines[0], {**lines[1], "line_no": number}),
            sqlstate="23505" if number == 1 else "23514",
            constraint=constraint,
        )


@pytest.mark.parametrize(("debit", "credit"), [(0, 0), (-500, 0), (0, -500), (500, 500), (500, -1), (-500, 500)])
def test_a_line_has_one_positive_side(shared: Engine, ours: Tenant, debit: int, credit: int) -> None:
    header = entry_row(ours)
    first, second = line_rows(ours, header["id"], 500, -500)
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", header),
        insert("journal_line", {**first, "debit_minor": debit, "credit_minor": credit}, second),
        sqlstate="23514",
        constraint="journal_line_check",
    )


def test_all_lines_come_in_one_statement(shared: Engine, ours: Tenant) -> None:
    header = entry_row(ours)
    lines = line_rows(ours, header["id"], 500, -500)
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", header),
        insert("journal_line", lines[0]),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )


def test_lines_come_after_their_entry(shared: Engine, ours: Tenant) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        insert("journal_line", *line_rows(ours, uuid4(), 500, -500)),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )


def test_no_line_joins_a_posted_entry(shared: Engine, ours: Tenant) -> None:
    for later in ((5, -5), (5,)):
        lines = [{**line, "line_no": line["line_no"] + 50} for line in line_rows(ours, ours.entry, *later)]
        refused(
            shared,
            Role.WORKER,
            ours.id,
            insert("journal_line", *lines),
            sqlstate="23514",
            constraint="guard_journal_balanced",
        )
    posted = posted_entry(ours)
    entry = posted[1][1]["id_0"]
    refused(
        shared,
        Role.WORKER,
        ours.id,
        *posted,
        insert("journal_line", *({**line, "line_no": line["line_no"] + 2} for line in line_rows(ours, entry, 5, -5))),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )


def test_one_wrong_entry_among_many_is_found(shared: Engine, ours: Tenant) -> None:
    headers = [entry_row(ours, feed_seq=ours.last_seq + number) for number in range(1, 31)]
    lines = [line for header in headers for line in line_rows(ours, header["id"], 500, -500)]
    admitted(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours, 30),
        insert("journal_entry", *headers),
        insert("journal_line", *lines),
    )
    lines[31] = {**lines[31], "credit_minor": 501}
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours, 30),
        insert("journal_entry", *headers),
        insert("journal_line", *lines),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )
    # Two wrongs that cancel out over the statement are wrong all the same.
    lines[33] = {**lines[33], "credit_minor": 499}
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours, 30),
        insert("journal_entry", *headers),
        insert("journal_line", *lines),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )


def test_an_entry_without_lines_is_refused_at_the_commit(shared: Engine, ours: Tenant) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", entry_row(ours)),
        sqlstate="23514",
        constraint="guard_journal_balanced",
    )


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"total_minor": 0}, "journal_entry_total_minor_check"),
        ({"total_minor": -5}, "journal_entry_total_minor_check"),
        ({"line_count": 1}, "journal_entry_line_count_check"),
        ({"kind": "other"}, "journal_entry_kind_check"),
        ({"feed_seq": 0}, "journal_entry_feed_seq_check"),
        ({"currency": "EUR"}, "guard_journal_entry"),
        ({"entry_date": date(2026, 10, 31)}, "guard_journal_entry"),
        ({"entry_date": DECEMBER}, "guard_journal_entry"),
        ({"effective_period": DECEMBER}, "journal_entry_effective"),
        ({"effective_period": date(2026, 10, 15)}, "guard_effective_period"),
        ({"effective_period": date(2020, 1, 1)}, "guard_effective_period"),
    ],
    ids=str,
)
def test_an_entry_states_what_can_be(shared: Engine, ours: Tenant, changed: dict[str, Any], constraint: str) -> None:
    sqlstate = "23503" if constraint == "guard_effective_period" else "23514"
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", entry_row(ours, **changed)),
        sqlstate=sqlstate,
        constraint=constraint,
    )


def test_an_entry_does_not_reverse_itself_and_none_is_reversed_twice(shared: Engine, ours: Tenant) -> None:
    header = entry_row(ours)
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", {**header, "reversal_of": header["id"]}),
        sqlstate="23514",
        constraint="journal_entry_reverses_another",
    )
    admitted(shared, Role.WORKER, ours.id, *posted_entry(ours, reversal_of=ours.entry))
    refused(
        shared,
        Role.WORKER,
        ours.id,
        *posted_entry(ours, reversal_of=ours.entry),
        take_number(ours),
        insert("journal_entry", entry_row(ours, feed_seq=ours.last_seq + 2, reversal_of=ours.entry)),
        sqlstate="23505",
        constraint="journal_entry_reversal_unique",
    )


# -------------------------------------------------------------------------------------------------------- feed


def test_an_entry_is_not_ahead_of_the_feed(shared: Engine, ours: Tenant) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        insert("journal_entry", entry_row(ours)),
        sqlstate="23514",
        constraint="guard_journal_entry",
    )
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", entry_row(ours, feed_seq=ours.last_seq + 2)),
        sqlstate="23514",
        constraint="guard_journal_entry",
    )


def test_an_entry_does_not_take_a_number_twice(shared: Engine, ours: Tenant) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        insert("journal_entry", entry_row(ours, feed_seq=ours.last_seq)),
        sqlstate="23505",
        constraint="journal_entry_feed_seq_unique",
    )


@pytest.mark.parametrize("taken", [1, 2, 1000])
def test_the_feed_has_no_gap(shared: Engine, ours: Tenant, taken: int) -> None:
    refused(shared, Role.WORKER, ours.id, take_number(ours, taken), sqlstate="23514", constraint="guard_feed_gapless")
    refused(
        shared,
        Role.WORKER,
        ours.id,
        *posted_entry(ours),
        take_number(ours, taken),
        sqlstate="23514",
        constraint="guard_feed_gapless",
    )


def test_a_number_is_not_kept_where_its_entry_was_rolled_back(shared: Engine, ours: Tenant) -> None:
    number, *entry = posted_entry(ours)
    refused(
        shared,
        Role.WORKER,
        ours.id,
        number,
        ("SAVEPOINT s", {}),
        *entry,
        ("ROLLBACK TO s", {}),
        sqlstate="23514",
        constraint="guard_feed_gapless",
    )


def test_the_feed_is_checked_for_the_business_it_belongs_to(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    rebind = ("SELECT set_config('app.business_id', :b, true)", {"b": str(theirs.id)})
    refused(
        shared, Role.WORKER, ours.id, *posted_entry(ours), rebind, sqlstate="23514", constraint="guard_feed_gapless"
    )


@pytest.mark.parametrize("to", ["last_seq - 1", "last_seq", "0", "-1"])
def test_the_feed_moves_forward_only(shared: Engine, ours: Tenant, to: str) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        (f"UPDATE feed_counter SET last_seq = {to} WHERE business_id = :b", {"b": ours.id}),
        sqlstate="23514",
        constraint="guard_feed_forward",
    )


def test_a_feed_begins_at_nought(shared: Engine, ours: Tenant) -> None:
    new = uuid4()
    refused(
        shared,
        Role.API,
        new,
        insert("feed_counter", {"business_id": new, "last_seq": 5}),
        sqlstate="23514",
        constraint="guard_feed_forward",
    )
    refused(shared, Role.PLANNER, ours.id, take_number(ours), sqlstate="42501")


# --------------------------------------------------------------------------------------- postings and periods


@pytest.mark.parametrize("period", [AUGUST, SEPTEMBER, OCTOBER, DECEMBER, date(2026, 11, 15)], ids=str)
def test_nothing_is_posted_but_into_an_open_period(shared: Engine, ours: Tenant, running: Any, period: date) -> None:
    """August is locked, September and October are closed, there is no December."""
    refusal: Any = {"sqlstate": "23514", "constraint": "guard_period_open"}
    for run_id in (None, running, ours.runs[0]):
        update = update_row(
            ours, effective_period=min(period, NOVEMBER), posting_period=period, sequence=99, run_id=run_id
        )
        refused(shared, Role.WORKER, ours.id, insert("value_update", update), **refusal)
        header = entry_row(ours, effective_period=AUGUST, posting_period=period, entry_date=period, run_id=run_id)
        refused(
            shared,
            Role.WORKER,
            ours.id,
            take_number(ours),
            insert("journal_entry", header),
            **refusal,
            or_key="journal_entry_business_id_book_id_posting_period_fkey",
        )
    for role in (Role.API, Role.PLANNER):
        refused(shared, role, ours.id, insert("value_update", update), sqlstate="42501")


def test_lines_do_not_enter_a_period_that_closed_meanwhile(shared: Engine, ours: Tenant, running: Any) -> None:
    header, close = entry_row(ours), _to("closed")
    refused(
        shared,
        Role.WORKER,
        ours.id,
        take_number(ours),
        insert("journal_entry", header),
        _closing(ours, running),
        _move(ours, NOVEMBER, close),
        insert("journal_line", *line_rows(ours, header["id"], 500, -500)),
        sqlstate="23514",
        constraint="guard_period_open",
    )


def test_one_row_into_a_closed_period_stops_all(shared: Engine, ours: Tenant) -> None:
    good = [update_row(ours, asset_id=asset) for asset in ours.assets[:20]]
    admitted(shared, Role.WORKER, ours.id, insert("value_update", *good))
    good[13] = {**good[13], "posting_period": OCTOBER, "effective_period": OCTOBER, "sequence": 9}
    refused(
        shared, Role.WORKER, ours.id, insert("value_update", *good), sqlstate="23514", constraint="guard_period_open"
    )


def test_a_closing_period_takes_postings_of_its_run_only(shared: Engine, ours: Tenant, running: Any) -> None:
    closing = _closing(ours, running)
    admitted(
        shared,
        Role.WORKER,
        ours.id,
        closing,
        insert("value_update", update_row(ours, run_id=running)),
        *posted_entry(ours, run_id=running),
    )
    for other in (None, ours.runs[0]):
        refused(
            shared,
            Role.WORKER,
            ours.id,
            closing,
            insert("value_update", update_row(ours, run_id=other)),
            sqlstate="23514",
            constraint="guard_period_open",
        )
        refused(
            shared,
            Role.WORKER,
            ours.id,
            closing,
            *posted_entry(ours, run_id=other)[:2],
            sqlstate="23514",
            constraint="guard_period_open",
        )


@pytest.mark.parametrize(
    ("changed", "sqlstate", "constraint"),
    [
        ({"posting_period": NOVEMBER, "effective_period": DECEMBER}, "23514", "guard_effective_period"),
        ({"effective_period": date(2026, 11, 2)}, "23514", "guard_effective_period"),
        ({"effective_period": date(2026, 10, 15)}, "23503", "guard_effective_period"),
        ({"effective_period": date(1999, 1, 1)}, "23503", "guard_effective_period"),
        ({"asset_id": NOBODY}, "23503", "guard_value_update_asset"),
        ({"run_id": NOBODY}, "23503", "guard_run_of_book"),
        ({"amount_minor": 0}, "23514", "value_update_amount_minor_check"),
        ({"sequence": -1}, "23514", "value_update_sequence_check"),
        ({"update_type": "GIFT"}, "23514", "value_update_update_type_check"),
        ({"update_type": "IMPROVEMENT"}, "23514", "value_update_value_change"),  # on no day
        ({"date": NOVEMBER}, "23514", "value_update_value_change"),
        ({"residual_minor": 5}, "23514", "value_update_value_change"),
        ({"update_type": "IMPAIRMENT", "date": NOVEMBER, "amount_minor": -5}, "23514", "value_update_value_change"),
        ({"reversal_of": 0}, "23514", "value_update_reversal"),
        ({"entry_id": NOBODY}, "23514", "value_update_check"),
        ({"debit_line": 1, "credit_line": 2}, "23514", "value_update_check"),
    ],
    ids=str,
)
def test_a_value_update_states_what_can_be(
    shared: Engine, ours: Tenant, changed: dict[str, Any], sqlstate: str, constraint: str
) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        insert("value_update", update_row(ours, **changed)),
        sqlstate=sqlstate,
        constraint=constraint,
    )


def test_a_value_update_is_taken_back_once(shared: Engine, ours: Tenant) -> None:
    first = update_row(ours, update_type="IMPROVEMENT", date=NOVEMBER)
    back = {**first, "sequence": 1, "amount_minor": -500, "reversal_of": 0}
    plain = [{**row, "reversal_of": row.get("reversal_of")} for row in (first, back)]
    admitted(shared, Role.WORKER, ours.id, *(insert("value_update", row) for row in plain))
    refused(
        shared,
        Role.WORKER,
        ours.id,
        *(insert("value_update", row) for row in (*plain, {**back, "sequence": 2})),
        sqlstate="23505",
        constraint="value_update_reversal_unique",
    )


@pytest.mark.parametrize(
    ("table", "fact", "constraint"),
    [
        ("estimate_change", {"date": NOVEMBER}, "estimate_change_check1"),
        ("estimate_change", {"date": NOVEMBER, "method": "magic"}, "estimate_change_method_check"),
        (
            "estimate_change",
            {"date": NOVEMBER, "remaining_life_months": 5, "rate_nanopercent": 5},
            "estimate_change_check",
        ),
        ("suspension", {"first_day": NOVEMBER, "last_day": OCTOBER, "extend_life": True}, "suspension_check"),
        ("units_used", {"period_end": NOVEMBER, "quantity_micro": -1}, "units_used_quantity_micro_check"),
        ("manual_amount", {"date": NOVEMBER, "amount_minor": -1}, "manual_amount_amount_minor_check"),
    ],
)
def test_a_fact_states_what_can_be(
    shared: Engine, ours: Tenant, table: str, fact: dict[str, Any], constraint: str
) -> None:
    key = {"business_id": ours.id, "book_id": ours.book, "asset_id": ours.asset, "id": uuid4()}
    refused(shared, Role.API, ours.id, insert(table, {**key, **fact}), sqlstate="23514", constraint=constraint)
    refused(shared, Role.WORKER, ours.id, insert(table, {**key, **fact}), sqlstate="42501")


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"life_months": None}, "depreciation_settings_needs_time"),
        ({"method": "sum_of_years_digits", "life_months": None}, "depreciation_settings_needs_life"),
        ({"rate_nanopercent": 5}, "depreciation_settings_life_or_rate"),
        ({"averaging": "never"}, "depreciation_settings_averaging_check"),
        ({}, "depreciation_settings_unique"),
    ],
    ids=str,
)
def test_settings_state_what_can_be_and_are_there_once(
    shared: Engine, ours: Tenant, changed: dict[str, Any], constraint: str
) -> None:
    row = {"business_id": ours.id, "id": 5000, **asdict(DepreciationSettings(Method.STRAIGHT_LINE, 1199)), **changed}
    before = [insert("depreciation_settings", {**row, "id": 5001})] if not changed else []
    refused(
        shared,
        Role.API,
        ours.id,
        *before,
        insert("depreciation_settings", row),
        sqlstate="23514" if changed else "23505",
        constraint=constraint,
    )


def test_a_charge_is_posted_once(shared: Engine, ours: Tenant) -> None:
    row = update_row(ours)
    admitted(shared, Role.WORKER, ours.id, insert("value_update", row), insert("value_update", {**row, "sequence": 1}))
    for again in (row, {**row, "amount_minor": 1}):
        with pytest.raises(BookvalueError) as caught, transaction(shared, Role.WORKER, ours.id) as connection:
            execute(connection, insert("value_update", row), insert("value_update", again))
        assert caught.value.code == "concurrent_change"
        assert caught.value.details == {"sqlstate": "23505", "constraint": "value_update_pkey"}


def test_what_is_posted_waits_for_who_holds_the_period(ledger: Engine, ours: Tenant) -> None:
    """Posting and locking serialise on the period's row, whichever comes first."""
    with transaction(ledger, Role.WORKER, ours.id) as holder:
        execute(holder, insert("value_update", update_row(ours)))
        with (
            pytest.raises(BookvalueError) as caught,
            transaction(ledger, Role.API, ours.id, lock_timeout="50ms") as other,
        ):
            other.execute(
                text("SELECT 1 FROM period WHERE business_id = :b AND period_start = :s FOR UPDATE"),
                {"b": ours.id, "s": NOVEMBER},
            )
        assert caught.value.details["sqlstate"] == "55P03"
    with transaction(ledger, Role.API, ours.id) as holder:
        holder.execute(
            text("SELECT 1 FROM period WHERE business_id = :b AND period_start = :s FOR UPDATE"),
            {"b": ours.id, "s": NOVEMBER},
        )
        with (
            pytest.raises(BookvalueError) as caught,
            transaction(ledger, Role.WORKER, ours.id, lock_timeout="50ms") as other,
        ):
            execute(other, insert("value_update", update_row(ours)))
        assert caught.value.details["sqlstate"] == "55P03"


# ---------------------------------------------------------------------------------------------------- periods


STATES = ("open", "closing", "closed", "locked")
ALLOWED = {
    ("open", "open"),
    ("open", "closing"),
    ("closing", "open"),
    ("closing", "closing"),
    ("closing", "closed"),
    ("closed", "closed"),
    ("closed", "locked"),
    ("closed", "open"),
    ("locked", "locked"),
}
_HELD = "status = 'closing', closing_run_id = :run"
_CONTENT = "content_hash = 'x', closed_at = clock_timestamp(), charged_minor = 0, entry_count = 0"
_EMPTY = (
    "content_hash = NULL, closed_at = NULL, charged_minor = NULL, entry_count = NULL, locked_at = NULL, "
    "closing_run_id = NULL"
)
_LOCK = "status = 'locked', closing_run_id = NULL, locked_at = clock_timestamp(), lock_version = lock_version + 1"


def _to(status: str) -> str:
    return {
        "closing": _HELD,
        "closed": f"status = 'closed', closing_run_id = NULL, {_CONTENT}",
        "locked": _LOCK,
        "open": "status = 'open', closing_run_id = NULL",
    }[status]


def _move(of: Tenant, start: date, assignments: str, **parameters: Any) -> Statement:
    return (
        f"UPDATE bookvalue.period SET {assignments} WHERE business_id = :b AND period_start = :s",
        {"b": of.id, "s": start, **parameters},
    )


def _closing(of: Tenant, run_id: Any, start: date = NOVEMBER) -> Statement:
    return _move(of, start, _HELD, run=run_id)


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_which_state_of_a_period_follows_which(
    shared: Engine, ours: Tenant, running: Any, before: str, after: str
) -> None:
    """By the owner's hand, with every other column as it ought to be: what is refused is the transition."""
    # Of the closed ones the oldest is locked and the newest reopened.
    closed = OCTOBER if after == "open" else SEPTEMBER
    start = {"locked": AUGUST, "closed": closed}.get(before, NOVEMBER)
    assignments = _to(after)
    if before == after:
        assignments = "fact_version = fact_version + 1"
    elif before in ("closed", "locked"):
        assignments = {
            "open": f"status = 'open', generation = generation + 1, {_EMPTY}",
            "closing": f"{_EMPTY.removesuffix(', closing_run_id = NULL')}, {_HELD}, generation = generation + 1",
            "closed": "status = 'closed', locked_at = NULL",
            "locked": _LOCK,
        }[after]
    elif after == "locked":
        assignments = f"{_LOCK}, {_CONTENT}"
    run = {"run": running} if ":run" in assignments else {}
    with shared.connect() as connection:
        connection.execute(text("SET LOCAL ROLE bookvalue_owner"))
        connection.execute(text("SELECT set_config('app.business_id', :b, true)"), {"b": str(ours.id)})
        if before == "closing":
            execute(connection, _closing(ours, running))
        move = _move(ours, start, assignments, **run)
        if (before, after) in ALLOWED:
            execute(connection, move)
            found = connection.scalar(
                text("SELECT status FROM period WHERE business_id = :b AND period_start = :s"),
                {"b": ours.id, "s": start},
            )
            assert found == after
        else:
            with _Refused(connection, "23514", "guard_period"):
                execute(connection, move)


@pytest.mark.parametrize(
    ("start", "assignments"),
    [
        (AUGUST, "locked_at = clock_timestamp()"),
        (AUGUST, "lock_version = lock_version + 1"),
        (AUGUST, "due_at = now()"),
        (AUGUST, "content_hash = 'y'"),
        (AUGUST, "charged_minor = 1"),
        (AUGUST, "entry_count = 9"),
        (AUGUST, "closed_at = now()"),
        (AUGUST, "generation = generation + 1"),
        (AUGUST, "period_end = period_end + 1"),
        (AUGUST, "fact_version = fact_version - 1"),
        (SEPTEMBER, "content_hash = 'y'"),
        (SEPTEMBER, "charged_minor = charged_minor + 1"),
        (SEPTEMBER, "entry_count = 9"),
        (SEPTEMBER, "closed_at = now()"),
        (SEPTEMBER, "generation = generation + 1"),
        (SEPTEMBER, "lock_version = lock_version + 1"),
        (SEPTEMBER, f"status = 'open', {_EMPTY}"),
        (SEPTEMBER, f"status = 'open', generation = generation + 2, {_EMPTY}"),
        (SEPTEMBER, "status = 'locked', locked_at = now()"),
        (OCTOBER, _LOCK),
        (NOVEMBER, "generation = generation + 1"),
        (NOVEMBER, "lock_version = lock_version + 1"),
        (NOVEMBER, "lock_version = -1"),
        (NOVEMBER, "period_start = period_start - 1"),
        (NOVEMBER, "period_end = period_end + 1"),
        (NOVEMBER, "book_id = gen_random_uuid()"),
        (NOVEMBER, f"status = 'closed', {_CONTENT}"),
    ],
    ids=str,
)
def test_what_a_period_keeps(shared: Engine, ours: Tenant, start: date, assignments: str) -> None:
    """A locked period never changes, a closed one keeps its content, none is reopened without a new
    generation or locked before the one before it."""
    with transaction_as_owner(shared, ours) as refused_by, refused_by("23514", "guard_period") as connection:
        execute(connection, _move(ours, start, assignments))


@pytest.mark.parametrize(
    ("assignments", "constraint"),
    [
        (
            "status = 'closed', closing_run_id = NULL, content_hash = 'x', charged_minor = 0, entry_count = 0",
            "period_closed_with",
        ),
        ("status = 'closed', closing_run_id = NULL, content_hash = 'x'", "period_closed_with"),
        (
            "status = 'closed', closing_run_id = NULL, closed_at = now(), charged_minor = 0, entry_count = 0",
            "period_check2",
        ),
        (f"status = 'closed', {_CONTENT}", "period_check1"),
        (f"{_to('closed')}, locked_at = now()", "period_locked_at"),
    ],
)
def test_what_a_period_closes_with(
    shared: Engine, ours: Tenant, running: Any, assignments: str, constraint: str
) -> None:
    with transaction_as_owner(shared, ours) as refused_by, refused_by("23514", constraint) as connection:
        execute(connection, _closing(ours, running), _move(ours, NOVEMBER, assignments))


def test_only_a_live_run_of_the_book_closes_a_period(shared: Engine, ours: Tenant, running: Any) -> None:
    admitted(shared, Role.WORKER, ours.id, _closing(ours, running))
    for run_id in (*ours.runs, uuid4()):  # ended ones, and none at all
        refused(shared, Role.WORKER, ours.id, _closing(ours, run_id), sqlstate="23514", constraint="guard_period")
    refused(
        shared,
        Role.WORKER,
        ours.id,
        _closing(ours, running),
        _closing(ours, ours.runs[0]),
        sqlstate="23514",
        constraint="guard_period",
    )


def test_periods_close_in_order(shared: Engine, ours: Tenant, running: Any) -> None:
    december = {
        "business_id": ours.id,
        "book_id": ours.book,
        "period_start": DECEMBER,
        "period_end": date(2026, 12, 31),
    }
    of_december = queued_run(ours, period_start=DECEMBER, sequence=1, kind="rerun")
    with shared.connect() as connection:
        connection.execute(text("SELECT set_config('app.business_id', :b, true)"), {"b": str(ours.id)})
        execute(
            connection,
            insert("period", december),
            insert("run", of_december),
            (START_RUN, {"id": of_december["id"]}),
            _closing(ours, of_december["id"], DECEMBER),
        )
        with _Refused(connection, "23514", "guard_period"):
            execute(connection, _move(ours, DECEMBER, _to("closed")))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("start", "assignments"),
    [
        (SEPTEMBER, f"status = 'open', generation = generation + 1, {_EMPTY}"),
        (AUGUST, "content_hash = 'y'"),
        (NOVEMBER, "period_end = period_end + 1"),
        (NOVEMBER, "expected_assets = 7"),
    ],
)
def test_no_role_has_the_privilege_for_it(
    shared: Engine, ours: Tenant, role: Role, start: date, assignments: str
) -> None:
    with pytest.raises(BookvalueError) as caught, transaction(shared, role, ours.id) as connection:
        execute(connection, _move(ours, start, assignments))
    expected = (
        ("23514", "guard_period")
        if role in (Role.WORKER, Role.API) and "content_hash = 'y'" in assignments
        else ("42501", None)
    )
    assert (caught.value.details["sqlstate"], caught.value.details["constraint"]) == expected


_REOPEN = f"status = 'open', generation = generation + 1, {_EMPTY.removesuffix(', closing_run_id = NULL')}"


def test_the_newest_closed_period_reopens_and_no_other(shared: Engine, ours: Tenant) -> None:
    """August is locked, September and October are closed; the later one has to be reopened first."""
    october = _move(ours, OCTOBER, _REOPEN)
    september = _move(ours, SEPTEMBER, _REOPEN)
    refusal: Any = {"sqlstate": "23514", "constraint": "guard_reopen"}
    admitted(shared, Role.API, ours.id, october)
    admitted(shared, Role.API, ours.id, october, september)
    refused(shared, Role.API, ours.id, september, **refusal)
    refused(shared, Role.API, ours.id, september, october, september, sqlstate="23514", constraint="guard_reopen")
    refused(shared, Role.API, ours.id, _move(ours, AUGUST, _REOPEN), sqlstate="23514", constraint="guard_period")
    with transaction_as_owner(shared, ours) as refused_by, refused_by("23514", "guard_reopen") as connection:
        execute(connection, september)
    for role, bound in ((Role.WORKER, ours.id), (Role.PLANNER, None)):
        refused(shared, role, bound, october, sqlstate="42501")


@pytest.mark.parametrize(
    "left", ["content_hash = 'x'", "locked_at = now()", "closed_at = now()", "charged_minor = 0", "entry_count = 0"]
)
def test_a_reopened_period_keeps_nothing_of_its_close(shared: Engine, ours: Tenant, left: str) -> None:
    column = left.split()[0]
    kept = ", ".join(left if part.startswith(column) else part for part in _REOPEN.split(", "))
    assert kept != _REOPEN
    with pytest.raises(BookvalueError) as caught, transaction(shared, Role.API, ours.id) as connection:
        execute(connection, _move(ours, OCTOBER, kept))
    assert caught.value.details["sqlstate"] == "23514"


@pytest.mark.parametrize(
    "assignments", [_to("closed"), f"status = 'closed', {_CONTENT}", _HELD], ids=["closed", "held_by_none", "closing"]
)
def test_the_api_does_not_close_a_period(shared: Engine, ours: Tenant, running: Any, assignments: str) -> None:
    """It may write what a period is closed with, in order to empty it; a period closes by its run alone."""
    run = {"run": running} if ":run" in assignments else {}
    for begun in ((), (_closing(ours, running),)):
        with pytest.raises(BookvalueError) as caught, transaction(shared, Role.API, ours.id) as connection:
            connection.execute(text("RESET ROLE"))
            execute(connection, *begun)
            connection.execute(text("SET LOCAL ROLE bookvalue_api"))
            execute(connection, _move(ours, NOVEMBER, assignments, **run))
        assert caught.value.details["sqlstate"] in ("42501", "23514")


@pytest.mark.parametrize(
    "content", ["content_hash = 'y'", "charged_minor = -1", "entry_count = 99", "closed_at = now()"]
)
def test_the_api_does_not_change_what_a_period_was_closed_with(shared: Engine, ours: Tenant, content: str) -> None:
    for start in (AUGUST, SEPTEMBER, OCTOBER):
        refused(shared, Role.API, ours.id, _move(ours, start, content), sqlstate="23514", constraint="guard_period")


@pytest.mark.parametrize(
    "changed",
    [
        {"period_start": date(2026, 12, 2)},
        {"period_start": date(2027, 1, 1), "period_end": date(2027, 1, 31)},
        {"period_start": date(2026, 11, 15)},
        {"period_start": date(2026, 7, 1), "period_end": date(2026, 7, 31)},
        {"period_start": date(2026, 7, 1)},
        {"status": "closed"},
        {"status": "locked"},
        {"status": "closing"},
        {"generation": 1},
        {"lock_version": 3},
    ],
    ids=str,
)
def test_a_period_follows_the_last_one_open(shared: Engine, ours: Tenant, changed: dict[str, Any]) -> None:
    row = {"business_id": ours.id, "book_id": ours.book, "period_start": DECEMBER, "period_end": date(2026, 12, 31)}
    for role in (Role.API, Role.WORKER):
        admitted(shared, role, ours.id, insert("period", row))
        refused(
            shared, role, ours.id, insert("period", {**row, **changed}), sqlstate="23514", constraint="guard_period"
        )
    refused(shared, Role.PLANNER, None, insert("period", row), sqlstate="42501")
    refused(
        shared,
        Role.API,
        ours.id,
        insert("period", {**row, "period_end": date(2026, 11, 30)}),
        sqlstate="23514",
        constraint="period_check",
    )


def test_the_first_period_may_come_again_but_not_another_before_it(shared: Engine, ours: Tenant) -> None:
    """`open_next` says that nothing happens where the period is there already: for the first one as well."""
    again = insert(
        "period",
        {"business_id": ours.id, "book_id": ours.book, "period_start": AUGUST, "period_end": date(2026, 8, 31)},
    )
    admitted(shared, Role.API, ours.id, (f"{again[0]} ON CONFLICT DO NOTHING", again[1]))


def test_two_first_periods_at_once_do_not_leave_a_gap(ledger: Engine, ours: Tenant) -> None:
    other = uuid4()
    with transaction(ledger, Role.API, ours.id) as connection:
        execute(
            connection,
            insert(
                "book",
                {
                    "business_id": ours.id,
                    "id": other,
                    "name": "tax",
                    "is_posting": False,
                    "lock_policy": "next_open",
                    "grain": "account",
                    "auto": "off",
                    "close_after_days": 0,
                    "close_at": "00:00",
                },
            ),
        )
        connection.commit()
    first = {"business_id": ours.id, "book_id": other, "period_start": AUGUST, "period_end": date(2026, 8, 31)}
    with transaction(ledger, Role.API, ours.id) as one:
        execute(one, insert("period", first))
        refused(
            ledger,
            Role.API,
            ours.id,
            ("SET LOCAL lock_timeout = '50ms'", {}),
            insert("period", {**first, "period_start": OCTOBER, "period_end": date(2026, 10, 31)}),
            sqlstate="55P03",
        )


def test_periods_are_never_deleted(shared: Engine, ours: Tenant) -> None:
    with transaction_as_owner(shared, ours) as refused_by, refused_by("42501", "guard_period") as connection:
        connection.execute(text("DELETE FROM period"))


# --------------------------------------------------------------------------------------------- balances, outcomes


def test_balances_are_written_while_a_period_closes(shared: Engine, ours: Tenant, running: Any) -> None:
    row = {
        "business_id": ours.id,
        "book_id": ours.book,
        "period_start": NOVEMBER,
        "generation": 0,
        "account_id": ours.account,
        "opening_minor": 5,
        "debit_minor": 10,
        "credit_minor": 3,
        "closing_minor": 12,
    }
    admitted(shared, Role.WORKER, ours.id, _closing(ours, running), insert("period_balance", row))
    refused(
        shared,
        Role.WORKER,
        ours.id,
        _closing(ours, running),
        insert("period_balance", {**row, "closing_minor": 11}),
        sqlstate="23514",
        constraint="period_balance_check",
    )
    refused(
        shared,
        Role.WORKER,
        ours.id,
        _closing(ours, running),
        insert("period_balance", {**row, "generation": 1}),
        sqlstate="23514",
        constraint="guard_period_balance",
    )
    for start in (AUGUST, SEPTEMBER, OCTOBER, NOVEMBER):  # locked, closed, closed, open
        refused(
            shared,
            Role.WORKER,
            ours.id,
            insert("period_balance", {**row, "period_start": start, "account_id": ours.accounts[-1]}),
            sqlstate="23514",
            constraint="guard_period_balance",
        )


def test_positions_are_written_while_a_period_closes(shared: Engine, ours: Tenant, running: Any) -> None:
    row = {"business_id": ours.id, "book_id": ours.book, "period_start": NOVEMBER, "generation": 0,
           "asset_ids": [ours.asset], "posted_minor": [5]}  # fmt: skip
    admitted(shared, Role.WORKER, ours.id, _closing(ours, running), insert("posted_position", row))
    for changed, constraint in (
        ({"posted_minor": [5, 6]}, "posted_position_check"),
        ({"generation": 1}, "guard_period_balance"),
    ):
        refused(
            shared,
            Role.WORKER,
            ours.id,
            _closing(ours, running),
            insert("posted_position", {**row, **changed}),
            sqlstate="23514",
            constraint=constraint,
        )
    for start in (AUGUST, SEPTEMBER, OCTOBER, NOVEMBER):  # locked, closed, closed, open
        refused(
            shared,
            Role.WORKER,
            ours.id,
            insert("posted_position", {**row, "period_start": start, "generation": 0 if start == NOVEMBER else 9}),
            sqlstate="23514",
            constraint="guard_period_balance",
        )


def test_outcomes_are_written_while_their_run_runs(shared: Engine, ours: Tenant, running: Any) -> None:
    row = {"business_id": ours.id, "run_id": running, "asset_id": ours.asset, "status": "blocked", "code": "x"}
    admitted(shared, Role.WORKER, ours.id, insert("run_outcome", row))
    refused(
        shared,
        Role.WORKER,
        ours.id,
        insert("run_outcome", {**row, "run_id": ours.runs[0], "asset_id": uuid4()}),
        sqlstate="23514",
        constraint="guard_run_outcome",
    )
    refused(
        shared,
        Role.WORKER,
        ours.id,
        insert("run_outcome", {**row, "asset_id": uuid4()}),
        sqlstate="23503",
        constraint="guard_run_outcome_asset",
    )


# ------------------------------------------------------------------------------------------------------- runs


def test_a_generation_has_one_scheduled_run(shared: Engine, ours: Tenant, running: Any) -> None:
    """October's has ended; November's is there, and runs."""
    for role, bound in ((Role.PLANNER, None), (Role.API, ours.id)):
        for start in (OCTOBER, NOVEMBER):
            of = {"period_start": start}
            refused(
                shared,
                role,
                bound,
                insert("run", queued_run(ours, **of)),
                sqlstate="23505",
                constraint="run_period_unique",
            )
            refused(
                shared,
                role,
                bound,
                insert("run", queued_run(ours, sequence=1, **of)),
                sqlstate="23514",
                constraint="run_check",
            )
            refused(
                shared,
                role,
                bound,
                insert("run", queued_run(ours, kind="rerun", **of)),
                sqlstate="23514",
                constraint="run_check",
            )
            for generation in (1, 99, -1):  # a generation that the period has not had
                refused(
                    shared,
                    role,
                    bound,
                    insert("run", queued_run(ours, generation=generation, **of)),
                    sqlstate="23514",
                    constraint="guard_run",
                )
        rerun = {"period_start": OCTOBER, "kind": "rerun", "sequence": 1}
        admitted(shared, role, bound, insert("run", queued_run(ours, **rerun)))
        refused(
            shared,
            role,
            bound,
            insert("run", queued_run(ours, **rerun)),
            insert("run", queued_run(ours, **rerun)),
            sqlstate="23505",
            constraint="run_period_unique",
        )
    refused(shared, Role.WORKER, ours.id, insert("run", queued_run(ours, sequence=1, kind="rerun")), sqlstate="42501")


@pytest.mark.parametrize("status", list(RunStatus))
def test_a_period_has_one_live_run(shared: Engine, ours: Tenant, status: RunStatus) -> None:
    """Whoever asks, of whatever kind and sequence; when it has ended there may be another."""
    row = queued_run(ours, period_start=OCTOBER, kind="rerun", sequence=7)
    live = status in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.RETRY_WAIT)
    for role in (Role.PLANNER, Role.API):
        for kind in ("rerun", "on_demand"):
            with shared.connect() as connection:
                connection.execute(text("SELECT set_config('app.business_id', :b, true)"), {"b": str(ours.id)})
                execute(connection, insert("run", row))
                for moved in _RUN_BEFORE[status]:
                    sql = f"UPDATE run SET status = '{moved}', {_RUN_COLUMNS[moved]} WHERE id = :id"
                    connection.execute(text(sql), {"id": row["id"]})
                connection.execute(text(f"SET LOCAL ROLE {role}"))
                another = insert("run", queued_run(ours, period_start=OCTOBER, kind=kind, sequence=8))
                if live:
                    with _Refused(connection, "23505", "run_alive_unique"):
                        execute(connection, another)
                else:
                    execute(connection, another)


def test_the_api_takes_a_waiting_run_over_and_says_nothing_else_of_it(shared: Engine, ours: Tenant) -> None:
    waiting = queued_run(ours, period_start=OCTOBER, kind="rerun", sequence=7)
    for assignments in ("requested_by = 'ada'", "reason = 'month end'"):
        sql = f"UPDATE run SET {assignments} WHERE id = :id"
        admitted(shared, Role.API, ours.id, insert("run", waiting), (sql, {"id": waiting["id"]}))
        for ended in ours.runs[:3]:
            refused(shared, Role.API, ours.id, (sql, {"id": ended}), sqlstate="23514", constraint="guard_run")
    for assignments in ("status = 'running'", "fence = fence + 1", "lease_until = now()", "posted_minor = 1",
                        "output_hash = 'x'", "generation = 0", "sequence = 9", "kind = 'on_demand'"):  # fmt: skip
        sql = f"UPDATE run SET {assignments} WHERE id = :id"
        refused(shared, Role.API, ours.id, insert("run", waiting), (sql, {"id": waiting["id"]}), sqlstate="42501")


@pytest.mark.parametrize(
    "changed", [{"status": "posted"}, {"fence": 9}, {"attempts": 0}, {"created_at": AUGUST}], ids=str
)
def test_a_run_begins_as_the_table_says(shared: Engine, ours: Tenant, changed: dict[str, Any]) -> None:
    row = queued_run(ours, kind="rerun", sequence=1, **changed)
    for role, bound in ((Role.PLANNER, None), (Role.API, ours.id)):
        refused(shared, role, bound, insert("run", row), sqlstate="42501")


_RUN_COLUMNS = {
    "running": "lease_until = now(), fence = fence + 1",
    "queued": "lease_until = NULL",
    "retry_wait": "lease_until = NULL",
    "posted": "lease_until = NULL, output_hash = 'x'",
    "posted_with_exceptions": "lease_until = NULL, output_hash = 'x'",
    "blocked": "lease_until = NULL",
    "failed": "lease_until = NULL",
}
_RUN_BEFORE = {
    "queued": (),
    "running": ("running",),
    "retry_wait": ("running", "retry_wait"),
    **{status: ("running", status) for status in ("posted", "posted_with_exceptions", "blocked", "failed")},
}


@pytest.mark.parametrize("before", list(RunStatus))
@pytest.mark.parametrize("after", list(RunStatus))
def test_which_state_of_a_run_follows_which(shared: Engine, ours: Tenant, before: RunStatus, after: RunStatus) -> None:
    """The same table as domain.run's, and a waiting run may be stamped."""
    row = queued_run(ours, period_start=OCTOBER, kind="rerun", sequence=7)  # whose other runs have ended
    allowed = after in TRANSITIONS[before] or before == after in (RunStatus.QUEUED, RunStatus.RETRY_WAIT)
    with shared.connect() as connection:
        connection.execute(text("SELECT set_config('app.business_id', :b, true)"), {"b": str(ours.id)})
        execute(connection, insert("run", row))

        def move(status: str) -> None:
            connection.execute(
                text(f"UPDATE run SET status = '{status}', {_RUN_COLUMNS[status]} WHERE id = :id"), {"id": row["id"]}
            )

        for status in _RUN_BEFORE[before]:
            move(status)
        if allowed:
            move(after)
        else:
            with _Refused(connection, "23514", "guard_run"):
                move(after)


def test_a_fence_only_rises(shared: Engine, ours: Tenant, running: Any) -> None:
    for sql in ("UPDATE run SET fence = fence - 1 WHERE id = :id", "UPDATE run SET fence = 0 WHERE id = :id"):
        refused(shared, Role.PLANNER, None, (sql, {"id": running}), sqlstate="23514", constraint="guard_run")
    row = queued_run(ours, period_start=OCTOBER, kind="rerun", sequence=7)  # whose other runs have ended
    taken = ("UPDATE run SET status = 'running', lease_until = now() WHERE id = :id", {"id": row["id"]})
    refused(shared, Role.PLANNER, None, insert("run", row), taken, sqlstate="23514", constraint="guard_run")


def test_the_planner_cannot_say_that_a_run_has_posted(shared: Engine, running: Any) -> None:
    for status in ("posted", "posted_with_exceptions"):
        refused(
            shared,
            Role.PLANNER,
            None,
            (f"UPDATE run SET status = '{status}', lease_until = NULL WHERE id = :id", {"id": running}),
            sqlstate="23514",
            constraint="run_posted_with",
        )
    refused(
        shared,
        Role.PLANNER,
        None,
        ("UPDATE run SET output_hash = 'x' WHERE id = :id", {"id": running}),
        sqlstate="42501",
    )
    refused(shared, Role.API, None, ("UPDATE run SET status = status", {}), sqlstate="42501")


@pytest.mark.parametrize(
    ("assignments", "sqlstate", "constraint"),
    [
        ("lease_until = NULL", "23514", "run_check1"),
        ("kind = 'rerun', sequence = 5", "42501", None),
        ("fence = fence + 1", "42501", None),
        ("generation = 5", "42501", None),
    ],
)
def test_what_a_worker_may_not_say_of_its_run(
    shared: Engine, ours: Tenant, running: Any, assignments: str, sqlstate: str, constraint: str | None
) -> None:
    refused(
        shared,
        Role.WORKER,
        ours.id,
        (f"UPDATE run SET {assignments} WHERE id = :id", {"id": running}),
        sqlstate=sqlstate,
        constraint=constraint,
    )


def test_runs_are_never_deleted(shared: Engine, ours: Tenant) -> None:
    with transaction_as_owner(shared, ours) as refused_by, refused_by("42501", "guard_run") as connection:
        connection.execute(text("DELETE FROM run WHERE status = 'posted'"))


# ---------------------------------------------------------------------------------------------------- register


@pytest.mark.parametrize(
    ("assignments", "constraint"),
    [
        ("cost_minor = -1", None),
        ("cost_minor = 1000000000000001", "asset_book_cost_minor_check"),
        ("cost_minor = 100, residual_minor = 101, opening_accumulated_minor = 0, opening_current_year_minor = 0", None),
        ("residual_minor = -1", None),
        ("opening_accumulated_minor = cost_minor + 1", None),
        ("status = 'sold'", "asset_book_status_check"),
        ("opening_as_of = NULL, opening_accumulated_minor = 1, opening_current_year_minor = 0", None),
        ("settings_id = 999999", "asset_book_business_id_settings_id_fkey"),
        ("asset_type = 999", "asset_book_business_id_asset_type_fkey"),
        ("expense_account = 9999", "asset_book_business_id_expense_account_fkey"),
        ("units_total_micro = 0", "asset_book_units_total_micro_check"),
    ],
)
def test_an_asset_states_what_can_be(shared: Engine, ours: Tenant, assignments: str, constraint: str | None) -> None:
    with pytest.raises(BookvalueError) as caught, transaction(shared, Role.API, ours.id) as connection:
        connection.execute(text(f"UPDATE asset_book SET {assignments} WHERE business_id = :b"), {"b": ours.id})
    assert caught.value.details["sqlstate"] == ("23503" if str(constraint).endswith("fkey") else "23514")
    assert constraint in (None, caught.value.details["constraint"])


def test_a_business_has_one_posting_book(shared: Engine, ours: Tenant) -> None:
    refused(
        shared,
        Role.API,
        ours.id,
        insert(
            "book",
            {
                "business_id": ours.id,
                "id": uuid4(),
                "name": "x",
                "is_posting": True,
                "lock_policy": "next_open",
                "grain": "account",
                "auto": "off",
                "close_after_days": 0,
                "close_at": "00:00",
            },
        ),
        sqlstate="23505",
        constraint="book_posting_unique",
    )
