"""Recorded value updates on real books: what the floor stands against, and what it does not."""

from typing import Any

import pytest

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.change_value import change_value
from bookvalue.services.record_value_update import record_value_update
from bookvalue.services.reopen_period import reopen_period
from bookvalue.services.show_value_updates import ValueUpdateView

from .conftest import Books, asset, at, business
from .disposing import id_of
from .facts_of_assets import record as fact

NOW = "2026-11-20"


def record(books: Books, kind: str, amount: int, day: str, counter: str) -> ValueUpdateView:
    raw = {"asset_external_id": "a", "update_type": kind, "amount": amount, "date": day, "counter_account": counter}
    return record_value_update(books.engine, books.id(), raw, actor="ada", now=at(NOW))[0]


def codes(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str | None, str]]:
    return [(found.field, found.code) for found in error.value.findings]


def put(books: Books, **columns: Any) -> None:
    books.put(asset("a", **columns))
    books.close("2026-11-02")  # 100.00 a month for August to October


def test_an_impairment_may_leave_less_than_the_residual_value(bakery: Books) -> None:
    """1,500.00 with 300.00 left at the end: 1,200.00 after three months, of which 1,000.00 are lost."""
    put(bakery, cost="1500.00", residual_value="300.00")
    record(bakery, "IMPAIRMENT", 100_000, "2026-11-10", "IMPAIRMENT_LOSS")
    bakery.close("2027-01-02")
    assert [amount for *_, amount in bakery.charges()] == [10_000, 10_000, 10_000, 100_000]


def test_a_late_impairment_meets_the_value_of_its_own_day(bakery: Books) -> None:
    """On 1 August there are 1,200.00: the 950.00 leave 250.00 over twelve months, what was charged is taken back."""
    put(bakery)
    record(bakery, "IMPAIRMENT", 95_000, "2026-08-10", "IMPAIRMENT_LOSS")
    bakery.close("2026-12-02")
    assert sum(amount for *_, amount in bakery.charges()) == 95_000 + 8_333


def test_recorded_depreciation_stops_at_the_residual_value_in_force(bakery: Books) -> None:
    put(bakery, residual_value="120.00")
    raw = {"asset_external_id": "a", "update_type": "IMPROVEMENT", "amount": 1, "date": "2026-11-01",
           "counter_account": "CASH", "residual_value": 0}  # fmt: skip
    record_value_update(bakery.engine, bakery.id(), raw, actor="ada", now=at(NOW))
    left = 120_001 - 3 * 9_000
    with pytest.raises(InvalidInput) as raised:
        record(bakery, "DEPRECIATION_AMORTIZATION", left + 1, "2026-11-10", "DEPRECIATION")
    assert codes(raised) == [("amount", "below_floor")]
    record(bakery, "DEPRECIATION_AMORTIZATION", left, "2026-11-10", "DEPRECIATION")
    bakery.unchecked = True  # the checker takes no residual values of changes into account for what is yet to come


def test_a_reversal_lies_no_earlier_than_what_it_takes_back(bakery: Books) -> None:
    """Recorded of August and posted in November; then October is opened again, and the update archived."""
    put(bakery)
    made = record(bakery, "IMPROVEMENT", 5_000, "2026-08-10", "CASH")
    reopen_period(bakery.engine, bakery.id(), "2026-10", actor="ada", reason="once more")
    archive_value_update(bakery.engine, bakery.id(), made.id, actor="ada", now=at(NOW))
    lie = [posting for *_, posting, amount in bakery.charges() if abs(amount) == 5_000]
    assert lie == ["2026-11", "2026-11"]
    bakery.close("2026-12-02")


def test_what_lies_beside_the_plan_leaves_that_much_less_to_record(bakery: Books) -> None:
    """900.00 are left of 1,200.00, of which 400.00 go beside the plan."""
    put(bakery)
    raw = {"date": "2026-11-10", "amount": -40_000, "description": "worn"}
    of = bakery.id(), bakery.sql("SELECT id FROM asset")[0].id
    change_value(bakery.engine, *of, ValueChangeType.MANUAL, raw, actor="ada", now=at(NOW))
    with pytest.raises(InvalidInput) as raised:
        record(bakery, "DEPRECIATION_AMORTIZATION", 50_001, "2026-11-12", "6500")
    assert codes(raised) == [("amount", "below_floor")]
    record(bakery, "DEPRECIATION_AMORTIZATION", 50_000, "2026-11-12", "6500")


def test_an_estimate_that_takes_up_more_than_the_plan_leaves_is_refused(bakery: Books) -> None:
    """All 900.00 go beside the plan, which had charged 100.00 more by the time at which it would be made anew."""
    put(bakery)
    raw = {"date": "2026-11-10", "amount": -90_000, "description": "worn"}
    of = bakery.id(), bakery.sql("SELECT id FROM asset")[0].id
    change_value(bakery.engine, *of, ValueChangeType.MANUAL, raw, actor="ada", now=at(NOW))
    with pytest.raises(InvalidInput) as raised:
        fact(bakery, FactType.ESTIMATE_CHANGE, date="2026-12-05", remaining_life_months=5)
    assert codes(raised) == [("date", "decrease_above_book_value")]


def changed(books: Books, kind: ValueChangeType, amount: int, day: str) -> None:
    raw = {"date": day, "amount": amount, "description": "looked at"}
    change_value(books.engine, books.id(), id_of(books, "a"), kind, raw, actor="ada", now=at(NOW))


def test_what_was_charged_late_is_reversed_no_earlier_than_it_lies(bakery: Books) -> None:
    """August to October are charged in October; all three are open again as the change comes."""
    bakery.put(asset("b"))
    bakery.close("2026-10-02")
    bakery.put(asset("a"))
    bakery.close("2026-11-02")
    for period in ("2026-10", "2026-09", "2026-08"):
        reopen_period(bakery.engine, bakery.id(), period, actor="ada", reason="look again")
    changed(bakery, ValueChangeType.ARBITRARY, -10_000, "2026-08-20")
    rows = bakery.sql(
        "SELECT to_char(effective_period, 'YYYY-MM') AS effective, to_char(posting_period, 'YYYY-MM') AS posting "
        "FROM value_update WHERE reversal_of IS NOT NULL ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("2026-08", "2026-10"), ("2026-09", "2026-10"), ("2026-10", "2026-10")]


def test_a_change_beside_the_plan_that_was_moved_counts_from_where_it_went(bakery: Books) -> None:
    put(bakery)
    bakery.put(business(lock_policy="spread_remaining"))
    changed(bakery, ValueChangeType.MANUAL, 30_000, "2026-08-10")  # counts from November on
    bakery.put(business())
    with pytest.raises(InvalidInput) as raised:
        changed(bakery, ValueChangeType.ARBITRARY, -120_000, "2026-09-15")
    assert codes(raised) == [("amount", "decrease_above_book_value")]


def test_a_decrease_comes_off_the_cost_and_not_off_what_was_added_beside_the_plan(bakery: Books) -> None:
    """1,200.00 and 500.00 beside the plan: more than the cost cannot come off the asset's account."""
    bakery.put(asset("a"))
    changed(bakery, ValueChangeType.MANUAL, 50_000, "2026-08-10")
    with pytest.raises(InvalidInput) as raised:
        changed(bakery, ValueChangeType.ARBITRARY, -130_000, "2026-08-20")
    assert codes(raised) == [("amount", "decrease_above_book_value")]
    changed(bakery, ValueChangeType.ARBITRARY, -120_000, "2026-08-20")
