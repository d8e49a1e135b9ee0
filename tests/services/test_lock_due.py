"""Periods that lock by themselves: when, in which order, and what is left for a person."""

import pytest

from bookvalue.services.lock_due import lock_due
from bookvalue.services.reopen_period import reopen_period

from .conftest import Books, asset, at, business

LAST = "2026-11-02"


@pytest.fixture
def books(books: Books) -> Books:
    """August to October are closed; the book locks ten days after a period has ended."""
    books.put(business(auto_lock_after_days="10", time_zone="Pacific/Kiritimati"), asset("a"))
    books.close(LAST)
    assert books.periods() == {"2026-08": "closed", "2026-09": "closed", "2026-10": "closed", "2026-11": "open"}
    return books


def locked(books: Books) -> list[str]:
    return [name for name, status in books.periods().items() if status == "locked"]


def test_a_period_locks_so_many_days_after_its_end_where_the_business_is(books: Books) -> None:
    id_ = books.id()
    # the eleventh of September begins in Kiritimati when it is ten o'clock on the tenth in Greenwich
    assert lock_due(books.engine, at("2026-09-10").replace(hour=9, minute=59)) == []
    assert lock_due(books.engine, at("2026-09-10").replace(hour=10)) == [(id_, "2026-08")]
    assert lock_due(books.engine, at("2026-09-10").replace(hour=10)) == []
    assert locked(books) == ["2026-08"]
    audited = books.sql("SELECT actor, subject, reason FROM audit WHERE action = 'period.locked'")
    assert [tuple(row) for row in audited] == [("scheduler", "period/2026-08", "auto_lock_after_days")]


def test_what_is_due_locks_in_order(books: Books) -> None:
    assert [name for _, name in lock_due(books.engine, at("2026-12-01"))] == ["2026-08", "2026-09", "2026-10"]


def test_a_book_that_locks_nothing_by_itself_is_left_alone(books: Books) -> None:
    books.put(business(auto_lock_after_days="", time_zone="Pacific/Kiritimati"))
    assert lock_due(books.engine, at("2026-12-01")) == []


def test_one_that_cannot_be_locked_holds_those_after_it(books: Books) -> None:
    books.add_run("2026-09-01")  # one that is still to end
    assert [name for _, name in lock_due(books.engine, at("2026-12-01"))] == ["2026-08"]
    assert locked(books) == ["2026-08"]


def test_an_open_period_is_not_due(books: Books) -> None:
    reopen_period(books.engine, books.id(), "2026-10", actor="ada", reason="an invoice came late")
    assert [name for _, name in lock_due(books.engine, at("2026-12-01"))] == ["2026-08", "2026-09"]
    books.close("2026-12-01")
    assert [name for _, name in lock_due(books.engine, at("2026-12-01"))] == ["2026-10"]
