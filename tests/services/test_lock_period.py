"""A lock makes a closed period final: in order, once, and only while it holds what it was closed with."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from bookvalue.domain.errors import Busy, IntegrityViolation, NotFound, PeriodNotLockable, RunInProgress
from bookvalue.services.reopen_period import reopen_period
from services.conftest import Books, asset


@pytest.fixture
def closed(bakery: Books) -> Books:
    """August and September closed, October open."""
    bakery.put(asset("a"), asset("b", cost="2400.00"))
    bakery.close("2026-10-02")
    return bakery


def test_in_order_and_once(closed: Books) -> None:
    with pytest.raises(PeriodNotLockable, match="earlier"):
        closed.lock("2026-09-01")
    assert closed.lock("2026-08-01") is True
    assert closed.lock("2026-08-01") is False
    assert closed.lock("2026-09-01") is True
    with pytest.raises(PeriodNotLockable, match="open"):
        closed.lock("2026-10-01")
    assert closed.periods() == {"2026-08": "locked", "2026-09": "locked", "2026-10": "open"}
    rows = closed.sql("SELECT lock_version, locked_at, closed_at FROM period WHERE status = 'locked'")
    assert all(row.lock_version == 1 and row.locked_at >= row.closed_at for row in rows)


def test_what_is_told(closed: Books) -> None:
    closed.lock("2026-08-01")
    closed.lock("2026-08-01")
    told = closed.sql("SELECT actor, subject, reason, details FROM audit WHERE action = 'period.locked'")
    content_hash = closed.sql("SELECT content_hash FROM period WHERE status = 'locked'")[0].content_hash
    assert [tuple(row) for row in told] == [("ada", "period/2026-08", "audited", {"content_hash": content_hash})]
    assert [row.body for row in closed.sql("SELECT body FROM outbox WHERE event = 'period.locked'")] == [
        {"period": "2026-08"}
    ]


@pytest.mark.parametrize("start", ["2026-07-01", "2026-08-02", "2027-01-01"])
def test_a_period_that_is_not_there(closed: Books, start: str) -> None:
    with pytest.raises(NotFound):
        closed.lock(start)


@pytest.mark.parametrize("tampering", [
    "UPDATE journal_line SET {side} = {side} + 1 WHERE {side} > 0 AND entry_id = '{entry}'",
    "UPDATE journal_line SET account_id = (SELECT id FROM account WHERE code = '6510') "
    "WHERE debit_minor > 0 AND entry_id = '{entry}'",
    "UPDATE journal_entry SET entry_date = entry_date - 1 WHERE id = '{entry}'",
    "DELETE FROM journal_line WHERE line_no = 2 AND entry_id = '{entry}'",
    "DELETE FROM journal_entry WHERE id = '{entry}'",
    "UPDATE value_update SET amount_minor = amount_minor + 1 WHERE entry_id = '{entry}'",
    "DELETE FROM value_update WHERE amount_minor = 10000 AND entry_id = '{entry}'",
])  # fmt: skip
def test_tampered_content_is_not_locked(closed: Books, tampering: str) -> None:
    closed.unchecked = True
    entry = closed.sql("SELECT id FROM journal_entry WHERE posting_period = '2026-08-01'")[0].id
    _tamper(closed, tampering.format(entry=entry, side="debit_minor"))
    with pytest.raises(IntegrityViolation):
        closed.lock("2026-08-01")
    assert closed.periods()["2026-08"] == "closed"
    assert closed.sql("SELECT 1 FROM audit WHERE action = 'period.locked'") == []


def test_charges_moved_from_one_asset_to_another_are_not_locked(closed: Books) -> None:
    closed.unchecked = True
    _tamper(
        closed,
        """UPDATE value_update v SET amount_minor = CASE amount_minor WHEN 10000 THEN 20000 ELSE 10000 END
                       WHERE effective_period = '2026-08-01'""",
    )
    with pytest.raises(IntegrityViolation):
        closed.lock("2026-08-01")


@pytest.mark.parametrize("amounts", ["posted_minor[2:2] || posted_minor[1:1]", "array_fill(0::bigint, ARRAY[2])"])
def test_a_position_that_is_not_what_was_posted_is_not_locked(closed: Books, amounts: str) -> None:
    """Of August it would be found in August; of September, once August is locked."""
    for start in ("2026-08-01", "2026-09-01"):
        (kept,) = closed.sql("SELECT posted_minor FROM posted_position WHERE period_start = :start", start=start)
        _tamper(closed, f"UPDATE posted_position SET posted_minor = {amounts} WHERE period_start = '{start}'",
                "posted_position")  # fmt: skip
        with pytest.raises(IntegrityViolation, match="position of 2 assets"):
            closed.lock(start)
        _tamper(closed, f"UPDATE posted_position SET posted_minor = ARRAY{kept.posted_minor} "
                        f"WHERE period_start = '{start}'", "posted_position")  # fmt: skip
        assert closed.lock(start)


def test_a_reopened_period_has_another_position(closed: Books) -> None:
    closed.put(asset("late", depreciation_start_date="2026-09-01"))
    reopen_period(closed.engine, closed.id(), "2026-09", actor="ada", reason="an asset came late")
    closed.request("2026-09", "2026-10-02")
    closed.close("2026-11-02")
    found = closed.sql("SELECT period_start, generation, posted_minor FROM posted_position ORDER BY 1, 2")
    assert [(f"{row.period_start:%m}", row.generation, sum(row.posted_minor)) for row in found] == [
        ("08", 0, 30_000), ("09", 0, 60_000), ("09", 1, 70_000), ("10", 0, 110_000)
    ]  # fmt: skip
    for start in ("2026-08-01", "2026-09-01", "2026-10-01"):
        assert closed.lock(start)


def test_a_later_period_notices_an_earlier_ones_hash(closed: Books) -> None:
    """The hashes chain: whoever rewrites August and its hash has to rewrite September's as well."""
    closed.unchecked = True
    _tamper(
        closed,
        """UPDATE period SET content_hash = repeat('0', 64), status = 'locked', locked_at = now()
                       WHERE period_start = '2026-08-01'""",
        "period",
        "guard",
    )
    with pytest.raises(IntegrityViolation):
        closed.lock("2026-09-01")


def _tamper(books: Books, statement: str, table: str = "", trigger: str = "append_only") -> None:
    """As the superuser, with the guards switched off."""
    tables = [table] if table else ["value_update", "journal_entry", "journal_line"]
    with books.engine.begin() as connection:
        for name in tables:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER {trigger}")
        assert connection.exec_driver_sql(statement).rowcount >= 1
        for name in tables:
            connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {trigger}")


def test_not_while_a_run_of_it_is_alive(closed: Books) -> None:
    closed.sql("""INSERT INTO run (business_id, id, book_id, period_start, generation, sequence, kind, requested_by)
        SELECT business_id, gen_random_uuid(), book_id, period_start, generation, 9, 'rerun', 'ada' FROM run
        WHERE period_start = '2026-08-01'""")
    with pytest.raises(RunInProgress):
        closed.lock("2026-08-01")


def test_not_while_somebody_else_holds_it(closed: Books) -> None:
    closed.engine.dispose()
    event.listen(closed.engine, "connect", _impatient)
    try:
        with closed.engine.connect() as other:
            other.exec_driver_sql("SELECT FROM period FOR UPDATE")
            with pytest.raises(Busy):
                closed.lock("2026-08-01")
    finally:
        event.remove(closed.engine, "connect", _impatient)
        closed.engine.dispose()
    assert closed.lock("2026-08-01")


def _impatient(connection: Any, _: Any) -> None:
    connection.execute("SET lock_timeout = '50ms'")
    connection.commit()


def test_the_locked_period_takes_nothing_from_a_run(closed: Books) -> None:
    closed.lock("2026-08-01")
    closed.put(asset("late"))
    closed.close("2026-11-02")
    lying = closed.sql(
        "SELECT DISTINCT posting_period FROM value_update v JOIN asset a ON a.id = v.asset_id "
        "WHERE a.external_id = 'late'"
    )
    assert [row.posting_period for row in lying] == [date(2026, 10, 1)]
