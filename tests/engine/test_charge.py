"""The posting formula on figures that can be checked by hand."""

from datetime import date

import numpy as np
import pytest

from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.charge import catch_up, due
from bookvalue.engine.register import NO_DAY
from engine.registers import columns, engine_day, engine_days, shift_ends
from oracle import Spec
from oracle.spec import Fraction

TRUCK = Spec("straight_line", 4_000_000, date(2024, 1, 15), life=60)
LAND = Spec("none", 9_000_000, date(2020, 1, 1), life=60, opening_day=date(2022, 6, 30), opening_accumulated=500)


def int64(*values: object) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_seed_002_first_month_and_end() -> None:
    register = columns([TRUCK])
    assert due(register, engine_day(date(2024, 1, 31)), int64(0)).tolist() == [66_667]
    assert due(register, engine_day(date(2028, 11, 30)), int64(0)).tolist() == [3_933_333]
    assert due(register, engine_day(date(2028, 12, 31)), int64(3_933_333)).tolist() == [66_667]
    assert due(register, engine_day(date(2040, 1, 31)), int64(4_000_000)).tolist() == [0]


def test_260_a_year_over_twelve_months() -> None:
    year = Spec("straight_line", 26_000, date(2024, 1, 1), rate=Fraction(1))
    ends = shift_ends(date(2024, 1, 1), 13)
    charges = catch_up(columns([year]), engine_days(ends), np.zeros((1, 13), dtype=np.int64))
    assert charges.tolist() == [[2167, 2166, 2167, 2167, 2166, 2167, 2167, 2166, 2167, 2167, 2166, 2167, 0]]


def test_none_is_never_charged_nor_credited() -> None:
    register = columns([LAND, TRUCK])
    day = engine_day(date(2024, 1, 31))
    assert accumulated(register, day).tolist() == [500, 66_667]
    assert due(register, day, int64(77, 77)).tolist() == [0, 66_590]
    assert catch_up(register, int64(day), int64([77], [77])).tolist() == [[0], [66_590]]


def test_over_posted_is_credited() -> None:
    assert due(columns([TRUCK]), engine_day(date(2024, 1, 31)), int64(70_000)).tolist() == [-3_333]


def test_catch_up_goes_to_each_missed_period() -> None:
    ends = engine_days(shift_ends(date(2024, 3, 1), 3))  # the books begin in March: it takes January and February too
    charges = catch_up(columns([TRUCK]), ends, int64([0, 50_000, 0]))
    assert charges.tolist() == [[200_000, 16_667, 66_666]]


def test_no_periods_and_no_rows() -> None:
    register = columns([TRUCK])
    assert catch_up(register, int64(), np.zeros((1, 0), dtype=np.int64)).shape == (1, 0)
    empty = register.take(int64())
    assert due(empty, 0, int64()).tolist() == []


@pytest.mark.parametrize(
    ("days", "posted"),
    [([30], [[0, 0]]), ([30, 30], [[0, 0]]), ([60, 30], [[0, 0]]), ([30], [[0], [0]])],
)
def test_periods_and_posted_must_match(days: list[int], posted: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="one column"):
        catch_up(columns([TRUCK]), int64(*days), int64(*posted))


def test_without_a_start_nothing_accumulates() -> None:
    register = columns([TRUCK, TRUCK])
    register.start_day[0] = NO_DAY
    assert accumulated(register, engine_day(date(2024, 1, 31))).tolist() == [0, 66_667]


def test_an_unknown_code_stops_the_run() -> None:
    register = columns([TRUCK])
    register.method[0] = 31
    with pytest.raises(KeyError):
        accumulated(register, 0)


def test_the_largest_amount_and_rate_for_thousands_of_years() -> None:
    methods = ["straight_line", "declining_balance"]
    rows = [Spec(method, 10**15, date(1900, 1, 1), rate=Fraction(10)) for method in methods]
    assert accumulated(columns(rows), engine_day(date(9998, 12, 31))).tolist() == [10**15, 10**15]


def test_an_opening_on_the_day_of_the_start_stands_for_that_day() -> None:
    spec = Spec(
        "straight_line",
        36_500,
        date(2023, 1, 1),
        "actual_days",
        life=12,
        opening_day=date(2023, 1, 1),
        opening_accumulated=0,
    )
    # 36500 over the 364 days left
    assert accumulated(columns([spec]), engine_day(date(2023, 1, 2))).tolist() == [100]
    assert accumulated(columns([spec]), engine_day(date(2023, 6, 30))).tolist() == [18_049]


def test_before_the_start_nothing_accumulates() -> None:
    for method in ("full", "straight_line", "declining_balance"):
        spec = Spec(method, 1_000, date(2024, 1, 15), life=12)
        assert accumulated(columns([spec]), engine_day(date(2024, 1, 14))).tolist() == [0]
