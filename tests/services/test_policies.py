"""How far a book goes by itself, when it is due, and what calendars and clocks do to that."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bookvalue.services.show_periods import show_periods
from services.conftest import Books, Line, asset, business


def due(books: Books, key: str = "bakery") -> dict[str, datetime | None]:
    """When each period is due."""
    return {row.name: row.due_at for row in show_periods(books.engine, books.id(key))}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_off_is_never_planned_and_a_person_closes(books: Books) -> None:
    books.put(business(auto="off"), asset("a"))
    assert due(books) == {"2026-08": None}
    assert books.close("2036-01-01") == []
    done = books.work(books.request("2026-08", "2036-01-01"))
    assert done is not None
    assert done.closed_periods == ("2026-08",)
    assert due(books)["2026-09"] is None
    assert books.close("2036-01-01") == []


def test_post_posts_each_month_and_a_person_closes_them_all(books: Books) -> None:
    books.put(business(auto="post"), asset("a"))
    done = books.close("2026-11-02")
    assert [(run.status, run.closed_periods) for run in done] == [("posted", ())] * 3
    assert books.charged("a") == dict.fromkeys(["2026-08", "2026-09", "2026-10"], 10_000)
    assert set(books.periods().values()) == {"open"}
    last = books.work(books.request("2026-10", "2026-11-03"))
    assert last is not None
    assert (last.posted_minor, last.closed_periods) == (0, ("2026-08", "2026-09", "2026-10"))
    balances = books.sql("SELECT opening_minor, closing_minor FROM period_balance WHERE closing_minor > 0 ORDER BY 2")
    assert [tuple(row) for row in balances] == [(0, 10_000), (10_000, 20_000), (20_000, 30_000)]


def test_a_person_closes_one_of_several_posted_months(books: Books) -> None:
    books.put(business(auto="post"), asset("a"))
    books.close("2026-11-02")
    books.work(books.request("2026-08", "2026-11-03"))
    assert books.periods() == {"2026-08": "closed", "2026-09": "open", "2026-10": "open", "2026-11": "open"}


def test_a_book_that_comes_to_close_by_itself_closes_what_it_had_only_posted(books: Books) -> None:
    """At once, not with the next month; the close is a run of the planner's that posts nothing."""
    books.put(business(auto="post"), asset("a"), asset("b"))
    books.close("2026-11-02")
    assert set(books.periods().values()) == {"open"}
    assert books.plan("2026-11-03") == [], "a book that only posts has nothing to do"
    books.put(business(auto="close"))
    (done,) = books.close("2026-11-03")
    assert (done.status, done.posted_minor, done.closed_periods) == ("posted", 0, ("2026-08", "2026-09", "2026-10"))
    assert books.periods() == {"2026-08": "closed", "2026-09": "closed", "2026-10": "closed", "2026-11": "open"}
    assert books.runs()[-1] == ("2026-10", "rerun", "posted")
    assert books.plan("2026-11-03") == []


def test_where_the_next_month_is_due_its_own_run_closes_them(books: Books) -> None:
    books.put(business(auto="post"), asset("a"))
    books.close("2026-10-02")
    books.put(business(auto="close"))
    (done,) = books.close("2026-11-02")
    assert (done.posted_minor, done.closed_periods) == (10_000, ("2026-08", "2026-09", "2026-10"))
    assert {kind for _, kind, _ in books.runs()} == {"scheduled"}


def test_what_a_book_may_close_by_now_waits_for_its_blocked_assets(books: Books) -> None:
    books.put(business(auto="post"), asset("a"), asset("bare", depreciation_expense_account=""))
    books.close("2026-10-02")
    books.put(business(auto="close"))
    (again,) = books.close("2026-10-03")
    assert (again.posted_minor, again.blocked, again.closed_periods) == (0, 1, ())
    assert books.plan("2026-10-03") == []
    books.put(asset("bare"))
    (done,) = books.close("2026-10-03")
    assert (done.posted_minor, done.closed_periods) == (20_000, ("2026-08", "2026-09"))


def test_a_run_that_a_person_waits_for_is_not_planned_beside(books: Books) -> None:
    books.put(business(auto="post"), asset("a"))
    books.close("2026-10-02")
    books.request("2026-09", "2026-10-03")
    books.put(business(auto="close"))
    assert books.plan("2026-10-03") == []


def test_what_is_registered_late_lies_in_its_own_month_while_that_is_open(books: Books) -> None:
    books.put(business(auto="post"), asset("a"))
    books.close("2026-10-02")
    books.put(asset("late"))
    books.close("2026-11-02")
    assert [charge[1:3] for charge in books.charges() if charge[0] == "late"] == [
        ("2026-08", "2026-08"),
        ("2026-09", "2026-09"),
        ("2026-10", "2026-10"),
    ]


@pytest.mark.parametrize(("columns", "instant"), [
    ({}, "2026-09-01T00:00"),
    ({"close_after_days": 5}, "2026-09-06T00:00"),
    ({"close_at": "18:30"}, "2026-09-01T18:30"),
    ({"close_after_days": 1, "close_at": "02:00", "time_zone": "America/St_Johns"}, "2026-09-02T04:30"),
    ({"time_zone": "Pacific/Kiritimati"}, "2026-08-31T10:00"),
    ({"auto": "post", "close_after_days": 366}, "2027-09-02T00:00"),
])  # fmt: skip
def test_when_a_period_is_due(books: Books, columns: Line, instant: str) -> None:
    books.put(business(**columns))
    assert due(books) == {"2026-08": utc(instant)}
    assert books.plan((utc(instant) - timedelta(seconds=1)).isoformat()[:19]) == []
    assert len(books.plan(instant)) == 1


def test_policies_that_an_import_changes_reschedule_the_open_periods(bakery: Books) -> None:
    bakery.put(asset("a"), asset("bare", depreciation_expense_account=""))
    bakery.uncharged = {"bare"}
    bakery.close("2026-09-02")
    assert due(bakery) == {"2026-08": utc("2026-09-01"), "2026-09": utc("2026-10-01")}
    bakery.put(business(close_after_days=3, close_at="06:00"))
    assert due(bakery) == {"2026-08": utc("2026-09-04T06:00"), "2026-09": utc("2026-10-04T06:00")}
    assert bakery.close("2026-10-04T05:59") == []
    bakery.put(business(auto="off"))
    assert set(due(bakery).values()) == {None}
    assert bakery.close("2026-12-01") == []
    bakery.put(business())
    assert due(bakery) == {"2026-08": utc("2026-09-01"), "2026-09": utc("2026-10-01")}
    bakery.close("2026-10-02")
    assert bakery.charged("a") == {"2026-08": 10_000, "2026-09": 10_000}
    assert due(bakery)["2026-10"] == utc("2026-11-01")


def test_what_a_closed_period_was_due_stays(bakery: Books) -> None:
    bakery.close("2026-09-02")
    bakery.put(business(close_after_days=3))
    assert due(bakery) == {"2026-08": utc("2026-09-01"), "2026-09": utc("2026-10-04")}


def test_planning_twice_plans_once(books: Books) -> None:
    for number in range(3):
        books.put(business(f"b{number}"))
    assert len(books.plan("2026-12-01")) == 3, "the oldest month of each; the next ones once that is posted"
    assert books.plan("2026-12-01") == []


@pytest.mark.parametrize(("start", "books_start", "ends"), [
    ("07-01", "2026-08-01", ["2026-08-31", "2026-09-30", "2026-10-31"]),
    ("04-06", "2026-08-06", ["2026-09-05", "2026-10-05", "2026-11-05"]),
    ("01-31", "2026-12-31", ["2027-01-30", "2027-02-27", "2027-03-30"]),
    ("01-31", "2027-12-31", ["2028-01-30", "2028-02-28", "2028-03-30"]),
    ("12-15", "2026-08-20", ["2026-09-14", "2026-10-14", "2026-11-14"]),
])  # fmt: skip
def test_fiscal_months(books: Books, start: str, books_start: str, ends: list[str]) -> None:
    """Three months of the book: contiguous, named by the month they begin in, charged once each."""
    books.put(
        business(fiscal_year_start=start, books_start=books_start),
        asset("a", depreciation_start_date=books_start, life_months=3, cost="100.00"),
    )
    books.close((utc(ends[-1]) + timedelta(days=1)).date().isoformat())
    views = show_periods(books.engine, books.id())
    assert [f"{view.period_end}" for view in views[:3]] == ends
    assert [view.status for view in views] == ["closed"] * 3 + ["open"]
    assert all(before.period_end + timedelta(days=1) == after.period_start for before, after in pairwise(views))
    assert list(books.charged("a").values()) == [3_333, 3_334, 3_333]
    assert list(books.charged("a")) == [view.name for view in views[:3]]
    dates = books.sql("SELECT entry_date FROM journal_entry ORDER BY feed_seq")
    assert [f"{row.entry_date}" for row in dates] == ends


CHANGES = {  # local times that a clock change skips or repeats: zone, close_at
    "amsterdam": ("Europe/Amsterdam", "02:30"),
    "york": ("America/New_York", "02:30"),
    "lord-howe": ("Australia/Lord_Howe", "02:15"),
    "st-johns": ("America/St_Johns", "00:00"),
    "cairo": ("Africa/Cairo", "00:00"),
    "santiago": ("America/Santiago", "00:00"),
}


def test_each_period_is_due_exactly_once_whatever_the_clocks_do(books: Books) -> None:
    """Clocks go back on 25 October and forward on 28 March in Amsterdam; elsewhere on other days."""
    after = {"amsterdam": 24, "york": 31, "lord-howe": 3, "st-johns": 31, "cairo": 29, "santiago": 5}
    for key, (zone, close_at) in CHANGES.items():
        books.put(business(key, time_zone=zone, close_at=close_at, close_after_days=after[key]))
    for day in range(0, 300, 10):
        books.close((utc("2026-08-01") + timedelta(days=day)).isoformat()[:19])
    for key in CHANGES:
        names = [row[0] for row in books.runs(key)]
        months = [f"2026-{month:02d}" for month in range(8, 13)] + [f"2027-{month:02d}" for month in range(1, 5)]
        assert names == months[: len(names)]
        assert len(names) >= 8
        instants = [instant for instant in due(books, key).values() if instant]
        assert all(timedelta(days=27) < later - earlier < timedelta(days=32) for earlier, later in pairwise(instants))
    assert due(books, "amsterdam")["2026-09"] == utc("2026-10-25T00:30"), "02:30 comes twice: the first of them"
    assert due(books, "amsterdam")["2027-02"] == utc("2027-03-25T01:30")


def test_closing_one_business_plans_no_run_of_another(books: Books) -> None:
    books.put(business(), business("cafe"), asset("a"), asset("b", key="cafe"))
    assert len(books.close("2026-10-02", key="bakery")) == 2
    assert [
        row.key for row in books.sql("SELECT DISTINCT b.key FROM run JOIN business b ON b.id = run.business_id")
    ] == ["bakery"]
    assert len(books.close("2026-10-02")) == 2
