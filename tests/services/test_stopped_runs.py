"""A run that cannot post says why in its row: again later, blocked for a person, or failed. It never raises."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from bookvalue.domain.errors import Busy, ConcurrentChange, DatabaseUnavailable, IntegrityViolation
from bookvalue.services import post_run
from services.conftest import Books, asset, business


def failing(step: str, error: Exception) -> Callable[[str], None]:
    """A checkpoint that fails at a step."""

    def checkpoint(reached: str) -> None:
        if reached == step:
            raise error

    return checkpoint


def again(books: Books) -> None:
    """Lets a waiting run be due at once."""
    books.sql("UPDATE run SET next_attempt_at = now() - interval '1 second' WHERE status = 'retry_wait'")


def test_an_unknown_run_is_not_to_be_had(bakery: Books) -> None:
    assert bakery.work(uuid4()) is None


def test_an_ended_run_is_not_to_be_had(bakery: Books) -> None:
    (run_id,) = bakery.plan("2026-09-02")
    assert bakery.work(run_id) is not None
    before = bakery.counts()
    assert bakery.work(run_id) is None
    assert bakery.counts() == before


@pytest.mark.parametrize("step", ["in_compute", "mid_post"])
@pytest.mark.parametrize("error", [Busy("x"), DatabaseUnavailable("x"), ConcurrentChange("x")])
def test_a_passing_cause_waits_and_is_tried_again(bakery: Books, step: str, error: Exception) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    done = bakery.work(run_id, failing(step, error))
    assert done is not None
    row = bakery.run(run_id)
    assert (done.status, row.status, row.error_code) == ("retry_wait", "retry_wait", error.code)  # type: ignore[attr-defined]
    assert (row.lease_until, row.published_at, row.publications, row.attempts) == (None, None, 0, 1)
    wait = (row.next_attempt_at - row.started_at).total_seconds()
    assert 0 < wait <= 2 + 60, "full jitter of two seconds, from when the attempt ended"
    assert bakery.charges() == []
    assert bakery.periods() == {"2026-08": "open"}
    bakery.sql("UPDATE run SET next_attempt_at = now() + interval '1 hour'")
    assert bakery.work(run_id) is None, "it is not due yet"
    again(bakery)
    assert bakery.work(run_id) is not None
    row = bakery.run(run_id)
    assert (row.status, row.error_code, row.error_message, row.attempts) == ("posted", None, None, 2)
    assert bakery.charged("a") == {"2026-08": 10_000}


def test_a_lock_that_cannot_be_had_in_time_is_a_passing_cause(bakery: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_run, "WAIT_BEHIND_A_POST", "50ms")
    (run_id,) = bakery.plan("2026-09-02")
    with bakery.engine.connect() as other:
        other.exec_driver_sql("SELECT FROM period FOR UPDATE")
        done = bakery.work(run_id)
    assert done is not None
    assert isinstance(done.error, Busy)
    assert bakery.run(run_id).status == "retry_wait"
    again(bakery)
    assert bakery.work(run_id).status == "posted"  # type: ignore[union-attr]


def test_attempts_come_to_an_end(bakery: Books) -> None:
    (run_id,) = bakery.plan("2026-09-02")
    statuses = []
    for _ in range(6):
        done = bakery.work(run_id, failing("in_compute", Busy("x")))
        statuses.append(done and str(done.status))
        again(bakery)
    assert statuses == ["retry_wait"] * 4 + ["failed", None]
    row = bakery.run(run_id)
    assert (row.status, row.error_code, row.attempts) == ("failed", "busy", 5)


@pytest.mark.parametrize("step", ["in_compute", "mid_post"])
@pytest.mark.parametrize("error", [ZeroDivisionError("a defect"), IntegrityViolation("a check failed")])
def test_a_defect_fails_after_two_attempts(bakery: Books, step: str, error: Exception) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    first = bakery.work(run_id, failing(step, error))
    assert first is not None
    assert first.status == "retry_wait"
    again(bakery)
    second = bakery.work(run_id, failing(step, error))
    assert second is not None
    assert second.status == "failed"
    row = bakery.run(run_id)
    assert (row.status, row.error_code, row.attempts, row.lease_until) == ("failed", "integrity_violation", 2, None)
    assert str(error) in row.error_message
    assert row.finished_at is not None
    assert bakery.charges() == []
    assert bakery.lines() == []
    assert bakery.periods() == {"2026-08": "open"}
    told = bakery.sql("SELECT action, details FROM audit WHERE subject = :run", run=f"run/{run_id}")
    assert [tuple(row) for row in told] == [("run.failed", {"code": "integrity_violation"})]
    events = bakery.sql("SELECT event, body FROM outbox")
    assert [tuple(row) for row in events] == [("run.failed", {"run_id": str(run_id), "code": "integrity_violation"})]
    assert bakery.close("2026-10-02") == [], "a failed run waits for a person, and so do the months after it"


def test_after_the_commit_nothing_undoes_the_post(bakery: Books) -> None:
    """A crash behind the commit: the run is posted, whatever its worker thinks."""
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    bakery.work(run_id, failing("after_commit", ZeroDivisionError("a defect")))
    assert bakery.run(run_id).status == "posted"
    assert bakery.charged("a") == {"2026-08": 10_000}
    assert bakery.close("2026-09-03") == []


def test_a_period_that_is_closed_meanwhile_takes_nothing(bakery: Books) -> None:
    """August stands open for a blocked asset. While a run of it waits, September's closes them both."""
    bakery.put(asset("a"), asset("bare", depreciation_expense_account=""))
    bakery.close("2026-09-02")
    (september,) = bakery.plan("2026-10-02")
    bakery.put(asset("bare"))
    late = bakery.request("2026-08", "2026-10-02")
    first = bakery.work(september)
    assert first is not None
    assert first.closed_periods == ("2026-08", "2026-09")
    charges = bakery.charges()
    assert len(charges) == 4
    done = bakery.work(late)
    assert done is not None
    assert (done.status, done.error and done.error.code) == ("blocked", "period_not_open")
    assert bakery.charges() == charges
    closed = bakery.sql("SELECT last_run_id FROM period WHERE status = 'closed'")
    assert late not in {row.last_run_id for row in closed}


def huge_register(books: Books, grain: str) -> None:
    """9,224 assets at the highest cost, all due at once: each fits a ledger line, their sum does not."""
    books.put(business(grain=grain), asset("big", **BIG), asset("small"))
    books.sql("""INSERT INTO asset (business_id, id, external_id, number, name, kind)
        SELECT business_id, gen_random_uuid(), 'n' || n, 'n' || n, 'n', kind
        FROM asset, generate_series(1, 9223) n WHERE external_id = 'big'""")
    books.sql("""INSERT INTO asset_book (business_id, book_id, asset_id, cost_minor, residual_minor, settings_id,
            depreciation_start_date, accumulated_account, expense_account, status)
        SELECT a.business_id, b.book_id, a.id, b.cost_minor, 0, b.settings_id, b.depreciation_start_date,
            b.accumulated_account, b.expense_account, b.status
        FROM asset a, asset_book b JOIN asset o ON o.id = b.asset_id AND o.external_id = 'big'
        WHERE a.external_id LIKE 'n%'""")
    books.unchecked = True  # nine thousand oracles take their time


BIG = {"method": "full", "life_months": "", "cost": "10000000000000.00"}


def test_too_large_a_total_blocks_until_a_fact_changes(books: Books) -> None:
    huge_register(books, "account")
    (done,) = books.close("2026-09-02")
    assert (done.status, done.error and done.error.code) == ("blocked", "total_out_of_range")
    assert books.charges() == []
    assert books.periods() == {"2026-08": "open"}
    assert books.close("2026-09-03") == [], "nothing has changed"
    books.put(asset("big", **{**BIG, "method": "none", "life_months": ""}))
    (rerun,) = books.close("2026-09-04")
    assert (rerun.status, rerun.posted_minor) == ("posted", 9223 * 10**15 + 10_000)
    assert books.lines() == [("2026-08", "2026-08", "6500", rerun.posted_minor, 0),
                             ("2026-08", "2026-08", "1620", 0, rerun.posted_minor)]  # fmt: skip


def test_too_large_a_total_of_a_run_blocks_in_the_finer_grain_as_well(books: Books) -> None:
    huge_register(books, "asset")
    (done,) = books.close("2026-09-02")
    assert (done.status, done.error and done.error.code) == ("blocked", "total_out_of_range")
    assert books.charges() == []
