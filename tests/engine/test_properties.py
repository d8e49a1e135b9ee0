"""What must hold whatever the facts: monotone, floored, ended, and the same in any order, block or split of time."""

from datetime import date, timedelta
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.charge import catch_up, due
from engine.registers import columns, days_for, engine_day, engine_days, registers
from engine.test_against_oracle import PATIENT
from oracle import last_day_of_life

LAST = date(2600, 1, 1)


@PATIENT
@given(st.data())
def test_never_falls_and_keeps_to_opening_and_floor(data: st.DataObject) -> None:
    rows = data.draw(registers(most=16))
    register = columns(rows)
    reached = np.array([spec.opening_accumulated for spec in rows])
    for day in data.draw(days_for(rows, 8)):
        now = accumulated(register, engine_day(day))
        assert (now >= reached).all()
        assert (now <= [spec.depreciable for spec in rows]).all()
        not_begun = np.array([day < spec.first_day for spec in rows])
        assert (now[not_begun] == register.opening_accumulated_minor[not_begun]).all()
        reached = now


@PATIENT
@given(st.data())
def test_all_is_charged_where_it_must_be(data: st.DataObject) -> None:
    for spec in data.draw(registers()):
        if spec.method != "full" and (spec.method != "straight_line" or spec.life is None):
            continue
        end = spec.start if spec.method == "full" else last_day_of_life(spec)
        day = max(end, spec.first_day)
        assert accumulated(columns([spec]), engine_day(day)).tolist() == [spec.depreciable]
        assert accumulated(columns([spec]), engine_day(LAST)).tolist() == [spec.depreciable]


@PATIENT
@given(st.data(), st.integers(1, 7), st.randoms(use_true_random=False))
def test_order_and_blocks_change_nothing(data: st.DataObject, block_rows: int, random: Random) -> None:
    rows = data.draw(registers(most=12))
    register = columns(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    for day in map(engine_day, data.draw(days_for(rows, 4))):
        expected = accumulated(register, day)
        shuffled = np.empty_like(expected)
        shuffled[order] = accumulated(register.take(np.array(order)), day, block_rows=block_rows)
        assert shuffled.tobytes() == expected.tobytes()
        alone = [accumulated(register.take(np.array([row])), day)[0] for row in range(len(rows))]
        assert alone == expected.tolist()


@PATIENT
@given(st.data())
def test_any_split_of_time_sums_to_the_same(data: st.DataObject) -> None:
    rows = data.draw(registers(most=8))
    register = columns(rows)
    days = engine_days(data.draw(days_for(rows, 5)))
    cells = st.lists(st.integers(-(10**6), 10**6), min_size=len(days), max_size=len(days))
    posted = np.array([data.draw(cells) for _ in rows], dtype=np.int64)
    charges = catch_up(register, days, posted)
    assert charges.sum(axis=1).tolist() == due(register, int(days[-1]), posted.sum(axis=1)).tolist()
    # with each period's charge posted to it, every period is right and nothing is due
    after = np.where(register.method[:, None] == 1, 0, posted + charges)
    assert not catch_up(register, days, after).any()
    for column, day in enumerate(days.tolist()):
        assert not due(register, day, after[:, : column + 1].sum(axis=1)).any()
    # one period at a time gives the same charges as all at once
    for column, day in enumerate(days.tolist()):
        so_far = charges[:, :column].sum(axis=1) + posted[:, : column + 1].sum(axis=1)
        assert due(register, day, so_far).tolist() == charges[:, column].tolist()


@PATIENT
@given(st.data())
def test_month_by_month_equals_day_by_day(data: st.DataObject) -> None:
    rows = data.draw(registers(most=6))
    register = columns(rows)
    first = min(spec.first_day for spec in rows)
    days = [first + timedelta(days=number) for number in range(40)]
    every_day = catch_up(register, engine_days(days), np.zeros((len(rows), 40), dtype=np.int64))
    at_once = catch_up(register, engine_days(days[-1:]), np.zeros((len(rows), 1), dtype=np.int64))
    assert every_day.sum(axis=1).tolist() == at_once[:, 0].tolist()
