"""Facts without entries: planned ones, late ones, those that others stand on, and those that come while a run works."""

from typing import Any

import pytest

from bookvalue.domain.errors import AssetDisposed, BookvalueError, InvalidInput
from bookvalue.services.forecast import ForecastQuery, forecast
from bookvalue.services.record_value_update import record_value_update
from services.conftest import Books, asset, at, business
from services.facts_of_assets import CHANGE, MANUAL, SUSPENSION, archive, record
from services.test_moving_facts import once


def refused(books: Books, *given: Any, **raw: Any) -> list[tuple[str, str | None]]:
    """The (code, field) of each finding about a fact."""
    with pytest.raises(InvalidInput) as raised:
        record(books, *given, **raw)
    return [(found.code, found.field) for found in raised.value.findings]


def test_what_is_planned_is_forecast_and_then_charged(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-09-02")
    record(bakery, CHANGE, now="2026-09-03", date="2026-11-01", remaining_life_months=3, residual_value=30_000)
    record(bakery, SUSPENSION, now="2026-09-03", from_="2026-12-01", to="2026-12-31")
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "open"}, "no period is opened before its time"
    told = forecast(bakery.engine, bakery.id(), ForecastQuery(periods=6))
    amounts = [one.figures.total for one in told.periods]
    assert amounts == [10_000, 10_000, 20_000, 0, 20_000, 20_000]
    bakery.close("2027-04-02")
    assert [bakery.charged("a").get(one.period.name, 0) for one in told.periods] == amounts


def test_a_fact_that_comes_while_a_run_computes_is_what_is_posted(bakery: Books) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    change = {"date": "2026-08-01", "remaining_life_months": 6}
    done = bakery.work(run_id, once("in_compute", lambda: record(bakery, CHANGE, **change)))
    assert done is not None
    assert bakery.charges() == [("a", "2026-08", "2026-08", 20_000)]


def test_a_planned_fact_too(bakery: Books) -> None:
    """It lies after the last period there is: the last one before it is told."""
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    bakery.work(run_id, once("in_compute", lambda: record(bakery, SUSPENSION, from_="2026-10-01", to="2026-10-31")))
    assert bakery.run(run_id).fact_version_read == 2, "the import of the asset, and the suspension"
    bakery.close("2026-11-02")
    assert bakery.charged("a") == dict.fromkeys(["2026-08", "2026-09"], 10_000)


def test_spread_over_what_is_left_a_suspension_is_cut_and_one_that_is_over_refused(books: Books) -> None:
    books.put(business(lock_policy="spread_remaining"), asset("a"))
    books.close("2026-10-02")
    kept = record(books, SUSPENSION, from_="2026-09-10", to="2026-10-31")
    assert str(kept.fact.first_day) == "2026-10-01"  # type: ignore[union-attr]
    assert refused(books, SUSPENSION, from_="2026-08-10", to="2026-09-30") == [("wholly_past", "to")]
    books.close("2026-12-02")
    assert books.charged("a") == dict.fromkeys(["2026-08", "2026-09", "2026-11"], 10_000)


def test_a_suspension_that_would_overlap_once_it_is_cut_is_refused(books: Books) -> None:
    books.put(business(lock_policy="spread_remaining"), asset("a"))
    books.close("2026-10-02")
    record(books, SUSPENSION, from_="2026-10-01", to="2026-10-01")
    assert refused(books, SUSPENSION, from_="2026-09-01", to="2026-10-20") == [("suspensions_overlap", "from")]


def test_a_later_impairment_keeps_what_it_stands_on(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-10-02")
    raw = {"asset_external_id": "a", "update_type": "IMPAIRMENT", "amount": 90_000, "date": "2026-10-05",
           "counter_account": "IMPAIRMENT_LOSS"}  # fmt: skip
    record_value_update(bakery.engine, bakery.id(), raw, actor="ada", now=at("2026-11-20"))
    change = {"date": "2026-08-01", "remaining_life_months": 3}
    assert refused(bakery, CHANGE, **change) == [("decrease_above_book_value", "date")]
    record(bakery, CHANGE, date="2026-08-01", remaining_life_months=11)


def test_manual_amounts_stop_at_the_floor_and_archived_ones_never_were(bakery: Books) -> None:
    bakery.put(asset("a", method="manual", life_months="", residual_value="200.00"))
    kept = record(bakery, MANUAL, date="2026-08-31", amount=70_000)
    record(bakery, MANUAL, date="2026-09-30", amount=50_000)
    bakery.close("2026-10-02")
    assert bakery.charged("a") == {"2026-08": 70_000, "2026-09": 30_000}
    archive(bakery, kept, MANUAL)
    bakery.close("2026-11-02")
    assert bakery.charged("a") == {"2026-08": 0, "2026-09": 50_000}


def test_a_locked_month_is_caught_up_and_not_touched(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-10-02")
    bakery.lock("2026-08-01")
    record(bakery, CHANGE, date="2026-08-01", remaining_life_months=24)
    bakery.close("2026-11-02")
    assert {(effective, posting) for _, effective, posting, amount in bakery.charges() if amount < 0} == {
        ("2026-08", "2026-10"), ("2026-09", "2026-10"),
    }  # fmt: skip
    assert bakery.charged("a") == dict.fromkeys(["2026-08", "2026-09", "2026-10"], 5_000)


def test_nothing_of_a_disposed_asset_is_recorded_or_archived(bakery: Books) -> None:
    bakery.put(asset("a"))
    kept = record(bakery, SUSPENSION, from_="2026-09-01", to="2026-09-30")
    bakery.sql("UPDATE asset_book SET status = 'disposed', disposal_date = '2026-10-31'")
    bakery.unchecked = True
    with pytest.raises(AssetDisposed):
        archive(bakery, kept, SUSPENSION)
    with pytest.raises(BookvalueError):
        record(bakery, SUSPENSION, from_="2026-11-01", to="2026-11-30")
