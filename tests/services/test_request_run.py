"""A person asks for a period: the planner's run, sooner, and it closes."""

import pytest

from bookvalue.domain.errors import BookvalueError, InvalidInput, NotFound, PeriodNotEnded, PeriodNotOpen
from services.conftest import Books, asset, business


def test_a_period_ends_at_midnight_where_the_business_is(books: Books) -> None:
    """August is over on Kiritimati (UTC+14) sixteen and a half hours before it is in St. John's (UTC-2:30)."""
    for key, zone in (("reef", "Pacific/Kiritimati"), ("marine", "America/St_Johns")):
        books.put(business(key, time_zone=zone), asset("a", key))
    for before, from_then_on, key in (
        ("2026-08-31T09:59:59", "2026-08-31T10:00:00", "reef"),
        ("2026-09-01T02:29:59", "2026-09-01T02:30:00", "marine"),
    ):
        with pytest.raises(PeriodNotEnded):
            books.request("2026-08", before, key)
        assert books.runs(key) == []
        assert books.request("2026-08", from_then_on, key)
    with pytest.raises(PeriodNotEnded):
        books.request("2026-09", "2026-09-29", "marine")


def test_the_same_request_twice_is_one_run_while_it_is_alive(bakery: Books) -> None:
    bakery.put(asset("a"))
    first = bakery.request("2026-08", "2026-09-02")
    assert bakery.request("2026-08", "2026-09-02") == first
    assert bakery.plan("2026-09-02") == [], "nor does the planner add one"
    assert bakery.runs() == [("2026-08", "on_demand", "queued")]
    told = bakery.sql("SELECT actor, subject, reason, details FROM audit WHERE action = 'run.requested'")
    assert [tuple(row) for row in told] == [("ada", f"run/{first}", "month end", {"period": "2026-08"})]
    row = bakery.run(first)
    assert (row.requested_by, row.reason) == ("ada", "month end")


def test_it_posts_and_closes_and_asked_again_is_the_answer(bakery: Books) -> None:
    bakery.put(asset("a"))
    first = bakery.request("2026-08", "2026-09-02")
    done = bakery.work(first)
    assert done is not None
    assert (done.status, done.posted_minor, done.closed_periods) == ("posted", 10_000, ("2026-08",))
    counts = bakery.counts()
    assert bakery.request("2026-08", "2026-09-03") == first
    assert bakery.counts() == counts
    bakery.lock("2026-08-01")
    counts = bakery.counts()
    assert bakery.request("2026-08", "2026-09-03") == first
    assert bakery.counts() == counts
    assert bakery.work(first) is None
    assert bakery.close("2026-09-04") == []
    assert bakery.charges() == [("a", "2026-08", "2026-08", 10_000)]


@pytest.mark.parametrize("locked", [False, True])
def test_a_closed_period_whose_facts_have_changed_can_not_be_asked_again(bakery: Books, locked: bool) -> None:
    bakery.put(asset("a"))
    bakery.work(bakery.request("2026-08", "2026-09-02"))
    if locked:
        bakery.lock("2026-08-01")
    bakery.put(asset("late"))
    counts = bakery.counts()
    with pytest.raises(PeriodNotOpen) as refused:
        bakery.request("2026-08", "2026-09-03")
    assert ("rerun" in refused.value.advice) is not locked, "a locked period is final"
    assert bakery.counts() == counts
    assert bakery.periods()["2026-08"] == ("locked" if locked else "closed")
    bakery.close("2026-10-02")
    later = bakery.sql("SELECT id FROM run WHERE period_start = '2026-09-01'")[0].id
    assert bakery.request("2026-08", "2026-10-03") == later, "September's run has posted what was due"
    assert bakery.charged("late") == {"2026-08": 10_000, "2026-09": 10_000}


def test_a_planned_run_is_the_one_that_a_person_gets(bakery: Books) -> None:
    (planned,) = bakery.plan("2026-09-02")
    assert bakery.request("2026-08", "2026-09-02") == planned


def test_a_person_who_asks_gets_a_close_even_while_a_planned_run_waits(books: Books) -> None:
    books.put(business(auto="post"), asset("a"))
    (planned,) = books.plan("2026-09-02")
    assert books.request("2026-08", "2026-09-02") == planned, "taken over, not added"
    books.work(planned)
    assert books.periods()["2026-08"] == "closed"
    assert books.charges() == [("a", "2026-08", "2026-08", 10_000)]


@pytest.mark.parametrize(("period", "error"), [
    ("2026-09", NotFound), ("2026-07", NotFound), ("2026-13", InvalidInput), ("August", InvalidInput),
    ("2026-8", InvalidInput), ("", InvalidInput),
])  # fmt: skip
def test_refused_requests_leave_nothing_behind(bakery: Books, period: str, error: type[BookvalueError]) -> None:
    before = bakery.counts()
    with pytest.raises(error):
        bakery.request(period, "2027-01-01")
    assert bakery.counts() == before


def test_a_request_after_a_failed_run_is_another_run(bakery: Books) -> None:
    bakery.put(asset("a"))
    first = bakery.request("2026-08", "2026-09-02")
    for _ in range(2):
        assert bakery.work(first, _crash) is not None
        bakery.sql("UPDATE run SET next_attempt_at = now() - interval '1 second' WHERE status = 'retry_wait'")
    assert bakery.run(first).status == "failed"
    again = bakery.request("2026-08", "2026-09-02")
    assert again != first
    assert bakery.work(again) is not None
    assert bakery.charged("a") == {"2026-08": 10_000}
    assert bakery.runs() == [("2026-08", "on_demand", "failed"), ("2026-08", "on_demand", "posted")]


def _crash(step: str) -> None:
    if step == "in_compute":
        raise ZeroDivisionError("a defect")
