"""A blocked asset stops its period's close and nobody else; once mended, one run charges all that it missed."""

import pytest

from bookvalue.services.list_exceptions import list_exceptions
from services.conftest import Books, Line, asset, asset_type, business

BARE: Line = {"accumulated_depreciation_account": ""}
MISSED = [("bare", "2026-08", "2026-08", 10_000), ("bare", "2026-09", "2026-09", 10_000),
          ("bare", "2026-10", "2026-10", 10_000)]  # fmt: skip


def test_the_others_post_and_so_do_the_later_months(bakery: Books) -> None:
    bakery.put(asset("good"), asset("bare", **BARE))
    bakery.uncharged = {"bare"}
    done = bakery.close("2026-11-02")
    assert [run.status for run in done] == ["posted_with_exceptions"] * 3
    assert bakery.charged("good") == dict.fromkeys(["2026-08", "2026-09", "2026-10"], 10_000)
    assert bakery.charged("bare") == {}
    assert bakery.periods() == dict.fromkeys(["2026-08", "2026-09", "2026-10", "2026-11"], "open")
    (exception,) = list_exceptions(bakery.engine, bakery.id())
    assert (exception.external_id, exception.periods) == ("bare", ("2026-08", "2026-09", "2026-10"))
    assert (exception.finding.code, exception.finding.field) == (
        "accumulated_account_missing",
        "accumulated_depreciation_account",
    )


def test_one_run_after_the_mending_charges_every_missed_period_into_its_own_and_closes_all(bakery: Books) -> None:
    bakery.put(asset("good"), asset("bare", **BARE))
    bakery.close("2026-11-02")
    assert bakery.close("2026-11-03") == [], "nothing has changed"
    bakery.put(asset("bare"))
    (done,) = bakery.close("2026-11-04")
    assert [charge for charge in bakery.charges() if charge[0] == "bare"] == MISSED
    assert (done.status, done.posted_minor) == ("posted", 30_000)
    assert done.closed_periods == ("2026-08", "2026-09", "2026-10")
    assert bakery.runs()[-1] == ("2026-10", "rerun", "posted")
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "closed", "2026-10": "closed", "2026-11": "open"}
    assert list_exceptions(bakery.engine, bakery.id()) == []
    assert bakery.close("2026-11-05") == []


def test_the_next_months_scheduled_run_charges_it_just_the_same(bakery: Books) -> None:
    bakery.put(asset("good"), asset("bare", **BARE))
    bakery.close("2026-10-02")
    (scheduled,) = bakery.plan("2026-11-02")  # planned before the mending, so that no rerun is
    bakery.put(asset("bare"))
    done = bakery.work(scheduled)
    assert done is not None
    assert done.closed_periods == ("2026-08", "2026-09", "2026-10")
    assert [charge for charge in bakery.charges() if charge[0] == "bare"] == MISSED
    assert bakery.close("2026-11-03") == []


def test_mended_in_the_minute_in_which_the_next_month_is_due(bakery: Books) -> None:
    """The scheduled run of the next month posts what was missing too; a rerun of the month before it, that another
    planner may have put there, then finds nothing to do: everything is charged once."""
    bakery.put(asset("good"), asset("bare", **BARE))
    bakery.close("2026-10-02")
    bakery.put(asset("bare"))
    rerun = bakery.add_run("2026-09-01")
    (scheduled,) = bakery.plan("2026-11-02")
    assert bakery.run(scheduled).kind == "scheduled"
    bakery.work(scheduled)
    bakery.work(rerun)
    assert [charge for charge in bakery.charges() if charge[0] == "bare"] == MISSED
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "closed", "2026-10": "closed", "2026-11": "open"}
    last = bakery.sql("SELECT last_run_id FROM period WHERE period_start = '2026-09-01'")[0].last_run_id
    assert bakery.run(last).status == "posted_with_exceptions", "a closed period keeps the run that posted it"


@pytest.mark.parametrize(("columns", "code", "field"), [
    ({"accumulated_depreciation_account": ""}, "accumulated_account_missing", "accumulated_depreciation_account"),
    ({"depreciation_expense_account": ""}, "expense_account_missing", "depreciation_expense_account"),
    ({"depreciation_start_date": "2026-07-31"}, "opening_missing", "opening"),
    ({"depreciation_start_date": "2026-07-01", "accumulated_depreciation_account": ""}, "opening_missing", "opening"),
])  # fmt: skip
def test_what_blocks_says_which_field_to_mend(bakery: Books, columns: Line, code: str, field: str) -> None:
    bakery.put(asset("bad", **columns))
    bakery.uncharged = {"bad"}
    (done,) = bakery.close("2026-09-02")
    assert bakery.outcomes(done.run_id) == {"bad": ("blocked", code, field)}
    assert (done.status, done.blocked, done.posted_minor) == ("posted_with_exceptions", 1, 0)


def test_an_opening_mends_an_asset_older_than_the_books(bakery: Books) -> None:
    old = {"depreciation_start_date": "2026-01-01"}
    bakery.put(asset("old", **old))
    bakery.close("2026-10-02")
    assert bakery.charges() == []
    bakery.put(asset("old", **old, opening_as_of="2026-07-31", opening_accumulated="700.00"))
    (done,) = bakery.close("2026-10-03")
    assert bakery.charged("old") == {"2026-08": 10_000, "2026-09": 10_000}
    assert done.closed_periods == ("2026-08", "2026-09")


def test_an_account_missing_on_the_type_is_mended_on_the_type(bakery: Books) -> None:
    bakery.put(asset_type(depreciation_expense_account=""),
               asset("a", asset_type="Machines", accumulated_depreciation_account="", depreciation_expense_account=""),
               asset("b", asset_type="Machines", accumulated_depreciation_account="1610",
                     depreciation_expense_account="6510"))  # fmt: skip
    (first,) = bakery.close("2026-09-02")
    assert bakery.outcomes(first.run_id) == {
        "a": ("blocked", "expense_account_missing", "depreciation_expense_account")
    }
    bakery.put(asset_type(depreciation_expense_account="6510"))
    (done,) = bakery.close("2026-09-03")
    assert done.closed_periods == ("2026-08",)
    assert [line[2:] for line in bakery.lines()][-2:] == [("6510", 10_000, 0), ("1620", 0, 10_000)]


def test_a_missing_account_where_nothing_is_due_does_not_block(bakery: Books) -> None:
    bakery.put(asset("good"), asset("later", depreciation_start_date="2026-09-01", **BARE),
               asset("done", depreciation_start_date="2025-01-01", opening_as_of="2026-07-31",
                     opening_accumulated="1200.00", **BARE))  # fmt: skip
    first, second = bakery.close("2026-10-02")
    assert (first.status, first.closed_periods) == ("posted", ("2026-08",))
    assert (second.status, second.blocked) == ("posted_with_exceptions", 1)
    bakery.put(asset("later", depreciation_start_date="2026-09-01"))
    assert bakery.close("2026-10-03")[0].closed_periods == ("2026-09",)


def test_two_blocked_assets_mended_one_after_the_other(bakery: Books) -> None:
    bakery.put(asset("one", **BARE), asset("two", cost="2400.00", depreciation_expense_account=""))
    bakery.close("2026-10-02")
    bakery.put(asset("two", cost="2400.00"))
    (half,) = bakery.close("2026-10-03")
    assert (half.status, half.posted_minor, half.closed_periods) == ("posted_with_exceptions", 40_000, ())
    bakery.put(asset("one"))
    (whole,) = bakery.close("2026-10-04")
    assert (whole.status, whole.posted_minor, whole.closed_periods) == ("posted", 20_000, ("2026-08", "2026-09"))


def test_a_fact_that_mends_nothing_runs_again_and_changes_nothing(bakery: Books) -> None:
    bakery.put(asset("good"), asset("bare", **BARE))
    bakery.uncharged = {"bare"}
    bakery.close("2026-09-02")
    before = bakery.charges()
    bakery.put(asset("bare", cost="2400.00", **BARE))
    (done,) = bakery.close("2026-09-03")
    assert (done.status, done.posted_minor, done.entries) == ("posted_with_exceptions", 0, 0)
    assert bakery.charges() == before


def test_taking_the_blocked_asset_out_of_use_lets_the_period_close(bakery: Books) -> None:
    bakery.put(asset("good"), asset("bare", **BARE))
    bakery.close("2026-09-02")
    bakery.put(asset("bare", **{**BARE, "method": "none", "life_months": ""}))
    assert bakery.close("2026-09-03")[0].closed_periods == ("2026-08",)


def test_another_business_closes_beside_a_blocked_one(books: Books) -> None:
    books.put(business("bad"), asset("bare", "bad", **BARE), business("good"), asset("a", "good"))
    books.uncharged = {"bare"}
    books.close("2026-09-02")
    assert books.periods("bad") == {"2026-08": "open", "2026-09": "open"}
    assert books.periods("good") == {"2026-08": "closed", "2026-09": "open"}
