"""A month without reported units blocks an asset that depreciates by units; a report of 0 mends it."""

import pytest

from bookvalue.domain.errors import Duplicate, LateFactRefused
from bookvalue.services.forecast import ForecastQuery, forecast
from bookvalue.services.list_exceptions import list_exceptions
from services.conftest import Books, Line, asset, business
from services.facts_of_assets import CHANGE, SUSPENSION, UNITS, archive, record, report

PRESS: Line = {"method": "units_of_production", "life_months": "", "units_total": "1000"}
BLOCKED = {"a": ("blocked", "units_missing", "units_used")}


def blocked(books: Books, now: str) -> bool:
    """Whether the run of that day leaves the asset blocked for want of units."""
    (done,) = books.close(now)
    assert books.outcomes(done.run_id) in (BLOCKED, {})
    return done.blocked == 1


def test_a_month_without_a_report_blocks_and_a_report_of_none_mends(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS), asset("b"))
    assert blocked(bakery, "2026-09-02")
    (exception,) = list_exceptions(bakery.engine, bakery.id())
    assert (exception.external_id, exception.finding.code) == ("a", "units_missing")
    assert "0 if none" in exception.finding.remedy
    report(bakery, "2026-08-31", "0")
    assert not blocked(bakery, "2026-09-03")
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "open"}
    assert bakery.charged("a") == {}
    report(bakery, "2026-09-15", "12.5")
    assert not blocked(bakery, "2026-10-02")
    assert bakery.charged("a") == {"2026-09": 1_500}


def test_an_earlier_month_that_is_missing_blocks_too(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS))
    bakery.uncharged = {"a"}
    bakery.close("2026-09-02")
    report(bakery, "2026-09-30", "100")
    assert blocked(bakery, "2026-10-02")
    assert bakery.charged("a") == {}
    bakery.uncharged = set()
    report(bakery, "2026-08-31", "50")
    assert not blocked(bakery, "2026-10-03")
    assert bakery.charged("a") == {"2026-08": 6_000, "2026-09": 12_000}


def test_no_report_is_needed_before_the_start_or_in_a_month_that_is_suspended(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS, averaging="actual_days", depreciation_start_date="2026-09-15"))
    assert not blocked(bakery, "2026-09-02")
    record(bakery, SUSPENSION, from_="2026-09-16", to="2026-09-30")
    assert blocked(bakery, "2026-10-02"), "a suspension of part of a month leaves days to report"
    report(bakery, "2026-09-15", "100")
    record(bakery, SUSPENSION, from_="2026-10-01", to="2026-10-20")
    record(bakery, SUSPENSION, from_="2026-10-21", to="2026-10-31")
    bakery.close("2026-11-02")
    assert bakery.periods()["2026-10"] == "closed"
    assert bakery.charged("a") == {"2026-09": 12_000}


def test_a_suspension_counts_from_where_the_averaging_rule_has_it(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS))
    report(bakery, "2026-08-31", "100")
    bakery.close("2026-09-02")
    record(bakery, SUSPENSION, from_="2026-09-20", to="2026-09-30")
    assert not blocked(bakery, "2026-10-02"), "by whole months, all September stands still"


def test_used_up_is_used_up(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS))
    report(bakery, "2026-08-31", "999.999999")
    bakery.close("2026-09-02")
    assert blocked(bakery, "2026-10-02")
    report(bakery, "2026-09-30", "2000")
    assert not blocked(bakery, "2026-10-03")
    assert not blocked(bakery, "2026-11-02")
    assert sum(bakery.charged("a").values()) == 120_000


def test_the_method_in_force_decides(bakery: Books) -> None:
    bakery.put(asset("a", units_total="1000"), asset("b", **PRESS))
    record(bakery, CHANGE, date="2026-09-01", method="units_of_production")
    record(bakery, CHANGE, of="b", date="2026-09-01", method="straight_line", remaining_life_months=10)
    report(bakery, "2026-08-31", "100", of="b")
    (august,) = bakery.close("2026-09-02")
    assert august.blocked == 0
    (september,) = bakery.close("2026-10-02")
    assert bakery.outcomes(september.run_id) == BLOCKED
    report(bakery, "2026-09-30", "500")
    assert [run.blocked for run in bakery.close("2026-10-03")] == [0]
    assert bakery.charged("a") == {"2026-08": 10_000, "2026-09": 55_000}
    assert bakery.charged("b") == {"2026-08": 12_000, "2026-09": 10_800}


def test_a_forecast_is_not_blocked_by_what_is_to_come(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS))
    report(bakery, "2026-08-31", "100")
    bakery.close("2026-09-02")
    told = forecast(bakery.engine, bakery.id(), ForecastQuery(periods=3))
    assert told.not_charged == ()
    assert [one.figures.total for one in told.periods] == [0, 0, 0]


def test_one_report_a_period(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS))
    first = report(bakery, "2026-08-31", "100")
    with pytest.raises(Duplicate):
        report(bakery, "2026-08-30", "7")
    archive(bakery, first, UNITS)
    report(bakery, "2026-08-30", "7")
    bakery.close("2026-09-02")
    assert bakery.charged("a") == {"2026-08": 840}


def test_a_report_that_was_wrong_is_corrected_after_the_close(bakery: Books) -> None:
    bakery.put(asset("a", **PRESS))
    wrong = report(bakery, "2026-08-31", "100")
    bakery.close("2026-09-02")
    archive(bakery, wrong, UNITS)
    report(bakery, "2026-08-31", "80")
    report(bakery, "2026-09-30", "10")
    bakery.close("2026-10-02")
    assert bakery.charges() == [("a", "2026-08", "2026-08", 12_000), ("a", "2026-08", "2026-09", -2_400),
                                ("a", "2026-09", "2026-09", 1_200)]  # fmt: skip


def test_where_late_facts_are_spread_a_late_report_counts_now(books: Books) -> None:
    books.put(business(lock_policy="spread_remaining"), asset("a", **PRESS))
    wrong = report(books, "2026-08-31", "100")
    books.close("2026-09-02")
    archive(books, wrong, UNITS)
    kept = report(books, "2026-08-31", "80")
    assert str(kept.fact.period_end) == "2026-09-01"  # type: ignore[union-attr]
    assert [run.blocked for run in books.close("2026-10-02")] == [1], "September has no report of its own"
    report(books, "2026-09-30", "10")
    assert [run.blocked for run in books.close("2026-10-03")] == [0]
    assert books.charged("a") == {"2026-08": 0, "2026-09": 10_800}


def test_where_late_facts_are_refused_a_late_report_is(books: Books) -> None:
    books.put(business(lock_policy="refuse"), asset("a", **PRESS))
    wrong = report(books, "2026-08-31", "100")
    books.close("2026-09-02")
    with pytest.raises(LateFactRefused):
        archive(books, wrong, UNITS)
    with pytest.raises(LateFactRefused):
        report(books, "2026-08-31", "80")
