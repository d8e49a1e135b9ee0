"""The posting formula on figures that can be checked by hand."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.charge import catch_up, due, due_in_turn
from bookvalue.engine.register import NO_DAY
from bookvalue.engine.timeline import timeline
from engine.registers import columns, engine_day, engine_days, month_ends


def spec(method: str, cost: int, start: str, **members: Any) -> dict[str, Any]:
    settings = {name: members.pop(name) for name in ("life_months", "rate_percent", "averaging") if name in members}
    settings["method"] = method
    return {"cost": cost, "depreciation_start_date": start, "settings": settings, **members}


TRUCK = spec("straight_line", 4_000_000, "2024-01-15", life_months=60)
LAND = spec("none", 9_000_000, "2020-01-01", opening={"as_of": "2022-06-30", "accumulated": 500})


def int64(*values: object) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_seed_002_first_month_and_end() -> None:
    register = columns([TRUCK])
    assert due(register, engine_day(date(2024, 1, 31)), int64(0)).tolist() == [66_667]
    assert due(register, engine_day(date(2028, 11, 30)), int64(0)).tolist() == [3_933_333]
    assert due(register, engine_day(date(2028, 12, 31)), int64(3_933_333)).tolist() == [66_667]
    assert due(register, engine_day(date(2040, 1, 31)), int64(4_000_000)).tolist() == [0]


def test_260_a_year_over_twelve_months() -> None:
    year = spec("straight_line", 26_000, "2024-01-01", rate_percent="100")
    charges = catch_up(
        columns([year]), engine_days(month_ends(date(2024, 1, 1), 13)), np.zeros((1, 13), dtype=np.int64)
    )
    assert charges.tolist() == [[2167, 2166, 2167, 2167, 2166, 2167, 2167, 2166, 2167, 2167, 2166, 2167, 0]]


def test_none_is_never_charged_nor_credited() -> None:
    register = columns([LAND, TRUCK])
    day = engine_day(date(2024, 1, 31))
    assert accumulated(register, day).tolist() == [500, 66_667]
    assert due(register, day, int64(77, 77)).tolist() == [0, 66_590]
    assert catch_up(register, int64(day), int64([77], [77])).tolist() == [[0], [66_590]]


def test_what_was_none_is_charged_once_it_has_a_method() -> None:
    building = {**LAND, "estimate_changes": [{"date": "2024-01-01", "method": "straight_line", "rate_percent": "12"}]}
    register = columns([building])
    assert due(register, engine_day(date(2023, 12, 31)), int64(77)).tolist() == [0]
    assert due(register, engine_day(date(2024, 1, 31)), int64(0)).tolist() == [90_000]


def test_over_posted_is_credited() -> None:
    assert due(columns([TRUCK]), engine_day(date(2024, 1, 31)), int64(70_000)).tolist() == [-3_333]


def test_catch_up_goes_to_each_missed_period() -> None:
    ends = engine_days(month_ends(date(2024, 3, 1), 3))  # the books begin in March: it takes January and February too
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


def test_before_the_start_nothing_accumulates() -> None:
    for method in ("full", "straight_line", "declining_balance", "sum_of_years_digits"):
        register = columns([spec(method, 1_000, "2024-01-15", life_months=12)])
        assert accumulated(register, engine_day(date(2024, 1, 14))).tolist() == [0]


def test_the_largest_amount_and_rate() -> None:
    rows = [
        spec(method, 10**15, "1900-01-01", rate_percent="1000", averaging=averaging)
        for method in ("straight_line", "declining_balance")
        for averaging in ("full_month", "partial_month_by_days", "actual_days")
    ]
    assert accumulated(columns(rows), engine_day(date(2300, 12, 31))).tolist() == [10**15] * 6


def test_an_opening_on_the_day_of_the_start_stands_for_that_day() -> None:
    opened = spec(
        "straight_line",
        36_500,
        "2023-01-01",
        averaging="actual_days",
        life_months=12,
        opening={"as_of": "2023-01-01", "accumulated": 0},
    )
    # 36500 over the 364 days left
    assert accumulated(columns([opened]), engine_day(date(2023, 1, 2))).tolist() == [100]
    assert accumulated(columns([opened]), engine_day(date(2023, 6, 30))).tolist() == [18_049]


def test_runs_in_turn_charge_what_catching_up_at_once_does() -> None:
    """TRUCK's first three months; somebody else had posted 100.00 of the second, which the first run does not see."""
    register = columns([TRUCK, LAND])
    line = timeline(register)
    days = engine_days(month_ends(date(2024, 1, 1), 3))
    by_others = int64([0, 0], [10_000, 0], [0, 0])
    charges = [charge.tolist() for charge in due_in_turn(line, days.tolist(), by_others)]
    assert charges == [[66_667, 0], [56_666, 0], [66_667, 0]]
    assert charges == catch_up(register, days, by_others.T).T.tolist()


def test_segments_by_a_slice_are_those_by_their_places() -> None:
    improved = {**TRUCK, "value_updates": [{"date": "2024-06-01", "update_type": "IMPROVEMENT", "amount": 10_000}]}
    segments = timeline(columns([improved, TRUCK, improved])).segments
    assert len(segments) == 4
    middle, same = segments.take(slice(1, 3)), segments.take(int64(1, 2))
    assert (middle.cost_minor.tolist(), middle.valid_from.tolist()) == (
        same.cost_minor.tolist(),
        same.valid_from.tolist(),
    )
