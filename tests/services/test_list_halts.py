"""A book that a failed or blocked run has halted is shown until it goes on: why, since when, and what to do."""

import pytest

from bookvalue.domain.errors import Busy, PeriodNotOpen
from bookvalue.domain.run import MAX_ATTEMPTS
from bookvalue.services.list_halts import Halt, count_halted_books, list_halts
from bookvalue.services.sweep_runs import sweep_runs
from services.conftest import Books, asset, business
from services.test_stopped_runs import again, failing


def halts(books: Books, key: str = "bakery") -> list[Halt]:
    return list_halts(books.engine, books.id(key))


def fail(books: Books, now: str, error: Exception) -> None:
    """Plans and lets every attempt of the one run fail."""
    books.plan(now)
    (run_id,) = (row.id for row in books.sql("SELECT id FROM run WHERE status = 'queued'"))
    for _ in range(MAX_ATTEMPTS):
        books.work(run_id, failing("in_compute", error))
        again(books)


def test_a_failed_run_halts_its_book_until_a_person_asks(books: Books) -> None:
    books.put(business(), business("florist"), asset("a"))
    books.close("2026-10-02")
    assert halts(books) == []
    books.close("2026-11-02", "florist")
    fail(books, "2026-11-02", ZeroDivisionError("a defect"))
    (halt,) = halts(books)
    run = books.run(halt.run_id)
    assert (halt.period, halt.status, halt.code) == ("2026-10", "failed", "integrity_violation")
    assert (halt.message, halt.since) == ("ZeroDivisionError: a defect", run.finished_at)
    assert halt.remedy.endswith("; then run: bookvalue close -b bakery -p 2026-10")
    assert "repair no rows by hand" in halt.remedy
    assert (halts(books, "florist"), count_halted_books(books.engine)) == ([], 1)

    books.put(asset("b"))
    assert books.plan("2027-01-02") != [], "the florist goes on"
    assert books.runs()[-1][0] == "2026-10", "the bakery does not"
    assert len(halts(books)) == 1, "a change of the register sets nothing going"

    books.request("2026-10", "2027-01-02")
    assert halts(books) == [], "somebody is at it"
    books.close("2027-01-02", "bakery")
    assert (halts(books), count_halted_books(books.engine)) == ([], 0)
    assert books.periods()["2026-12"] == "closed"


@pytest.mark.parametrize(("error", "code", "first"), [
    (Busy("x"), "busy", "see what holds locks"),
    (ZeroDivisionError("x"), "integrity_violation", "keep the worker's log"),
])  # fmt: skip
def test_the_remedy_begins_with_the_cause(bakery: Books, error: Exception, code: str, first: str) -> None:
    fail(bakery, "2026-09-02", error)
    (halt,) = halts(bakery)
    assert (halt.code, halt.remedy.startswith(first)) == (code, True)


def test_a_run_whose_every_worker_died(bakery: Books) -> None:
    (run_id,) = bakery.plan("2026-09-02")
    bakery.sql("UPDATE run SET status = 'running', fence = 1, lease_until = now() - interval '1 s', attempts = 5")
    sweep_runs(bakery.engine, lambda _: None)
    (halt,) = halts(bakery)
    assert (halt.run_id, halt.code, halt.remedy) == (
        run_id,
        "attempts_used_up",
        "find out what ended the workers that tried it (out of memory, killed); "
        "then run: bookvalue close -b bakery -p 2026-08",
    )


def test_a_blocked_run_halts_until_a_fact_changes(bakery: Books) -> None:
    (run_id,) = bakery.plan("2026-09-02")
    bakery.work(run_id, failing("in_compute", PeriodNotOpen("held elsewhere")))
    (halt,) = halts(bakery)
    assert (halt.status, halt.code) == ("blocked", "period_not_open")
    assert halt.remedy.endswith("plans a new run by itself; or run: bookvalue close -b bakery -p 2026-08")
    bakery.put(asset("a"))
    assert bakery.close("2026-09-02") != []
    assert halts(bakery) == []


def test_blocked_assets_are_no_halt(bakery: Books) -> None:
    bakery.put(asset("bare", depreciation_expense_account=""))
    bakery.uncharged = {"bare"}
    bakery.close("2026-11-02")
    assert halts(bakery) == []
