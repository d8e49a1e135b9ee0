"""What a mutation of the engine showed that no other test of a day, a row or a part would notice."""

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import oracle
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.exact import exact_sum, exact_sums
from bookvalue.engine.explain import Counted, explain
from bookvalue.engine.pieces import Unit
from bookvalue.engine.register import NO_DAY
from bookvalue.engine.timeline import timeline
from engine.registers import columns, engine_day, month_ends


def total(raw: dict[str, Any], day: str) -> int:
    """T of a spec by the end of a day."""
    return int(accumulated(columns([raw]), engine_day(date.fromisoformat(day)))[0])


def test_a_suspension_moves_the_last_day_of_a_life_by_its_days_and_no_more() -> None:
    """One month of February is 28 days of 365 / 12, and five days later it is over all the same."""
    raw = {
        "cost": 36_500,
        "depreciation_start_date": "2023-02-01",
        "settings": {"method": "straight_line", "life_months": 1, "averaging": "actual_days"},
        "suspensions": [{"from": "2023-02-10", "to": "2023-02-14"}],
    }
    days = ("2023-02-09", "2023-02-14", "2023-03-04", "2023-03-05")
    assert [total(raw, day) for day in days] == [10_800, 10_800, 32_400, 36_500]


@pytest.mark.parametrize("value", [0, 1, -1, 2**32 - 1, 2**32, 2**32 + 1, -(2**32) - 1, 2**63 - 1, -(2**63)])
def test_sums_beyond_int64_keep_every_bit(value: int) -> None:
    values = np.array([value, value, 1], dtype=np.int64)
    assert exact_sum(values) == 2 * value + 1
    assert exact_sums(values, np.array([1, 1, 0]), 3) == [1, 2 * value, 0]


@pytest.mark.parametrize(("first", "last", "months"), [
    ("2024-01-01", "2024-01-31", 1), ("2024-01-01", "2024-12-31", 12), ("2028-11-01", "2029-03-31", 2),
    ("2029-01-01", "2029-01-31", 0),
])  # fmt: skip
def test_what_a_period_counts_is_what_the_life_has_of_it(first: str, last: str, months: int) -> None:
    truck = {
        "cost": 4_000_000,
        "depreciation_start_date": "2024-01-15",
        "settings": {"method": "straight_line", "life_months": 60},
    }
    first_day, last_day = (engine_day(date.fromisoformat(day)) for day in (first, last))
    found = explain(timeline(columns([truck])), 0, first_day, last_day)
    assert found.counted == Counted(Unit.MONTHS, Fraction(months), Fraction(months, 12))


def test_a_change_on_the_day_of_a_switch_is_asked_before_it() -> None:
    """43.20 a year would go over to straight line; after an impairment of 50.00 the rate takes more, a year longer."""
    raw = {
        "cost": 100_000,
        "residual_value": 4_000,
        "depreciation_start_date": "2024-01-01",
        "settings": {"method": "declining_balance", "life_months": 60, "switch_to_straight_line": True},
        "value_updates": [{"date": "2027-01-01", "update_type": "IMPAIRMENT", "amount": 5_000}],
    }
    # 0.4 x 166.00 in 2027, and all but the residual value in 2028
    days = ("2026-12-31", "2027-12-31", "2028-12-31")
    assert [total(raw, day) for day in days] == [78_400, 85_040, 91_000]
    assert [oracle.accumulated(raw, date.fromisoformat(day)) for day in days] == [78_400, 85_040, 91_000]


def test_blocks_of_one_row_keep_what_lies_beside_their_row() -> None:
    start = {"cost": 100_000, "depreciation_start_date": "2024-01-01"}
    units = [
        {
            **start,
            "settings": {"method": "units_of_production"},
            "units": {"total": "100", "used": [{"period_end": "2024-01-31", "quantity": str(quantity)}]},
        }
        for quantity in (1, 2, 3, 4)
    ]
    manual = [
        {**start, "settings": {"method": "manual"}, "manual": [{"date": "2024-01-31", "amount": amount}]}
        for amount in (10, 20, 30)
    ]
    lines = {"method": "straight_line", "life_months": 10}
    suspended = [
        {**start, "settings": lines, "suspensions": [{"from": "2024-01-01", "to": f"2024-0{month}-28"}]}
        for month in (1, 2, 3)
    ]
    for rows, amounts in (
        (units, [1_000, 2_000, 3_000, 4_000]),
        (manual, [10, 20, 30]),
        (suspended, [50_000, 40_000, 30_000]),
    ):
        register, day = columns(rows), engine_day(date(2024, 5, 31))
        assert accumulated(register, day).tolist() == amounts
        assert [accumulated(register, day, block_rows=size).tolist() for size in (1, 2)] == [amounts, amounts]


def test_what_the_year_had_from_its_start_was_suspended_for_two_months_of_it() -> None:
    """As if the improvement had been there on 1 January: 15,000 x 0.75 x 9/12 by November, June and July left out."""
    raw = {
        "cost": 10_000,
        "depreciation_start_date": "2024-01-01",
        "settings": {
            "method": "declining_balance",
            "life_months": 24,
            "declining_factor": "1.5",
            "change_policy": "current_period",
        },
        "value_updates": [{"date": "2024-11-01", "update_type": "IMPROVEMENT", "amount": 5_000}],
        "suspensions": [{"from": "2024-06-01", "to": "2024-07-31", "extend_life": False}],
    }
    days = ("2024-05-31", "2024-07-31", "2024-10-31", "2024-11-30", "2024-12-31")
    assert [total(raw, day) for day in days] == [3_125, 3_125, 5_000, 8_438, 9_375]


def test_a_year_may_take_back_what_its_rounded_months_had_brought_to_the_floor() -> None:
    """Single months of 0.5 and more are 1 each until nothing is left; the year's own sum is less."""
    raw = {
        "cost": 7,
        "residual_value": 1,
        "depreciation_start_date": "2024-01-16",
        "fiscal_year_start": "10-15",
        "settings": {
            "method": "declining_balance",
            "averaging": "half_month",
            "rounding": "fiscal_year",
            "life_months": 60,
            "declining_factor": "1",
            "switch_to_straight_line": True,
        },
        "opening": {"as_of": "2028-04-01", "accumulated": 1, "current_year": 1},
    }
    days = ("2028-08-14", "2028-09-14", "2028-10-14", "2028-11-14")
    assert [total(raw, day) for day in days] == [6, 6, 5, 6]
    assert [oracle.accumulated(raw, date.fromisoformat(day)) for day in days] == [6, 6, 5, 6]


def test_an_explanation_begins_where_the_ledger_stood_before_the_period() -> None:
    settings = {"method": "straight_line", "life_months": 24}
    start = {"cost": 100_000, "depreciation_start_date": "2024-01-01"}
    by_month = {**start, "settings": {**settings, "rounding": "per_period"}}
    improved = {
        **start,
        "settings": {**settings, "averaging": "actual_days"},
        "value_updates": [{"date": "2024-06-02", "update_type": "IMPROVEMENT", "amount": 5_000}],
    }
    first, last = engine_day(date(2024, 6, 1)), engine_day(date(2024, 6, 30))
    shown = [explain(timeline(columns([raw])), 0, first, last).after.pieces for raw in (by_month, improved)]
    begins = engine_day(date(2024, 1, 1))  # one line, rounded once, up to the change on the period's second day
    assert [[(piece.first_day, piece.last_day) for piece in pieces] for pieces in shown] == [
        [(first, last)],
        [(begins, first), (first + 1, last)],
    ]


def test_a_manual_amount_of_the_first_day_counts() -> None:
    start = {"cost": 1_000, "depreciation_start_date": "2024-03-05", "settings": {"method": "manual"}}
    raw = {**start, "manual": [{"date": "2024-03-05", "amount": 70}, {"date": "2024-03-06", "amount": 8}]}
    assert [total(raw, day) for day in ("2024-03-04", "2024-03-05", "2024-03-06")] == [0, 70, 78]


def test_a_change_of_what_has_no_start_charges_nothing() -> None:
    raw = {
        "cost": 1_000,
        "depreciation_start_date": "2024-01-01",
        "settings": {"method": "straight_line", "life_months": 12},
        "value_updates": [{"date": "2024-03-01", "update_type": "IMPROVEMENT", "amount": 100}],
    }
    register = columns([raw, raw])
    register.start_day[0] = NO_DAY
    assert accumulated(register, engine_day(date(2024, 12, 31))).tolist() == [0, 1_100]


def test_straight_line_that_takes_as_much_does_not_take_over() -> None:
    """A year is left, at a rate of 1 a year: both take 4,641.41 in it, and 23 of 365 days of that by 31 July."""
    raw = {
        "cost": 497_294,
        "depreciation_start_date": "2024-01-01",
        "settings": {
            "method": "declining_balance",
            "averaging": "actual_days",
            "day_basis": "actual",
            "life_months": 24,
            "switch_to_straight_line": True,
        },
        "opening": {"as_of": "2025-07-08", "accumulated": 49_729, "current_year": 16_576},
    }
    assert total(raw, "2025-07-31") == 49_729 + 29_247


def test_the_rests_of_a_year_that_goes_over_to_straight_line_are_halved_as_any_other() -> None:
    raw = {
        "cost": 7,
        "residual_value": 1,
        "depreciation_start_date": "2025-07-11",
        "settings": {
            "method": "declining_balance",
            "averaging": "half_year",
            "rounding": "fiscal_year",
            "life_months": 24,
            "declining_factor": "1",
            "switch_to_straight_line": True,
            "declining_within_year": "compound",
        },
    }
    ends = month_ends(date(2025, 7, 1), 24)
    assert [total(raw, str(day)) for day in ends] == [oracle.accumulated(raw, day) for day in ends]


def test_a_declining_balance_goes_on_after_a_suspension_from_the_book_value_of_its_year_s_start() -> None:
    """After (29/31 + 10) / 12 of a year at 5 % of 4,000,000, 5 % of 3,817,742 from 1 July, suspended days left out."""
    raw = {
        "cost": 4_000_000,
        "depreciation_start_date": "2024-08-03",
        "fiscal_year_start": "07-01",
        "settings": {"method": "declining_balance", "averaging": "partial_month_by_days", "rate_percent": "5"},
        "until": "2030-01-03",
        "suspensions": [{"from": "2025-07-31", "to": "2025-11-28", "extend_life": False}],
    }
    days = ("2025-06-30", "2025-07-30", "2025-11-28", "2025-12-31", "2028-11-30")
    found = [total(raw, day) for day in days]
    assert found == [182_258, 197_652, 197_652, 214_620, 739_211]
    assert found == [oracle.accumulated(raw, date.fromisoformat(day)) for day in days]
