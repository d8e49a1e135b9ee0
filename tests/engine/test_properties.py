"""What must hold whatever the facts: monotone, floored, ended, and the same in any order, block or split of time."""

import random
from datetime import date, timedelta

import numpy as np
import pytest

from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.charge import catch_up, due
from bookvalue.engine.register import NEVER
from bookvalue.engine.schedule import schedule
from bookvalue.engine.timeline import timeline
from engine.registers import SEED, asset, columns, days_of, engine_day, engine_days, of_one_calendar, specs
from oracle.specs import valid_combinations

LAST = date(2299, 12, 31)
COMBINATIONS = sorted(valid_combinations())
EACH = 4  # specs a combination in `make test`


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_without_changes_it_never_falls_and_keeps_to_opening_and_floor(combination: tuple[str, str, str]) -> None:
    method, averaging, rounding = combination
    fixed = {"method": method, "averaging": averaging, "rounding": rounding}
    for number, spec in enumerate(specs(f"monotone/{combination}", EACH, facts=False, **fixed)):
        rng = random.Random(f"{SEED}/{combination}/{number}")
        line = timeline(columns([spec]))
        known = asset(spec)
        limited = min(known.cost_minor, known.cost_limit_minor if known.cost_limit_minor is not None else 2**60)
        opening = known.opening.accumulated_minor if known.opening else 0
        reached = opening
        for day in sorted(days_of(spec, rng, 12)):
            now = int(accumulated(line, engine_day(day))[0])
            if rounding != "fiscal_year":  # there the last month of a year may take something back
                assert now >= reached, (spec, day)
            assert opening <= now <= max(limited - known.residual_minor, opening), (spec, day)
            reached = now
        if method in ("full", "straight_line", "sum_of_years_digits") and known.settings.life_months:
            assert accumulated(line, engine_day(LAST)).tolist() == [max(limited - known.residual_minor, opening)], spec


@pytest.mark.parametrize("group", range(12))
def test_order_blocks_and_neighbours_change_nothing(group: int) -> None:
    rows = of_one_calendar(f"order/{group}", 24)
    register = columns(rows)
    rng = random.Random(f"{SEED}/order/{group}")
    order = list(range(len(rows)))
    rng.shuffle(order)
    shuffled_register = register.take(np.array(order))
    for day in [engine_day(rng.choice(days_of(rng.choice(rows), rng, 1))) for _ in range(6)]:
        expected = accumulated(register, day)
        shuffled = np.empty_like(expected)
        shuffled[order] = accumulated(shuffled_register, day, block_rows=rng.randint(1, 7))
        assert shuffled.tobytes() == expected.tobytes()
        assert [int(accumulated(columns([row]), day)[0]) for row in rows] == expected.tolist()
        of_rows = np.array([rng.randrange(len(rows)) for _ in range(40)])
        days = np.full(40, day)
        assert accumulated(register, days, rows=of_rows).tolist() == expected[of_rows].tolist()


@pytest.mark.parametrize("group", range(8))
def test_any_split_of_time_sums_to_the_same(group: int) -> None:
    rows = [row for row in of_one_calendar(f"split/{group}", 12) if row["settings"]["method"] != "none"]
    register = columns(rows)
    rng = random.Random(f"{SEED}/split/{group}")
    days = engine_days(sorted({day for row in rows for day in days_of(row, rng, 2)}))
    posted = np.array([[rng.randint(-(10**6), 10**6) for _ in days] for _ in rows], dtype=np.int64)
    charges = catch_up(register, days, posted)
    assert charges.sum(axis=1).tolist() == due(register, int(days[-1]), posted.sum(axis=1)).tolist()
    assert not catch_up(register, days, posted + charges).any()
    # one period at a time gives the same charges as all at once
    for column, day in enumerate(days.tolist()):
        so_far = charges[:, :column].sum(axis=1) + posted[:, : column + 1].sum(axis=1)
        assert due(register, day, so_far).tolist() == charges[:, column].tolist()


@pytest.mark.parametrize("group", range(6))
def test_a_longer_period_is_the_sum_of_shorter_ones(group: int) -> None:
    rows = of_one_calendar(f"frequency/{group}", 12)
    line = timeline(columns(rows))
    never = np.full(len(rows), engine_day(date(2080, 12, 31)))
    by_month = schedule(line, np.full(len(rows), 1), never)
    for months in (3, 6, 12):
        longer = schedule(line, np.full(len(rows), months), never)
        for row in range(len(rows)):
            of_row, of_months = longer.row == row, by_month.row == row
            ends = dict(
                zip(
                    by_month.period_end_day[of_months].tolist(),
                    by_month.accumulated_minor[of_months].tolist(),
                    strict=True,
                )
            )
            for end, total in zip(longer.period_end_day[of_row], longer.accumulated_minor[of_row], strict=True):
                assert ends.get(int(end), total) == total, rows[row]
            assert longer.depreciation_minor[of_row].sum() == by_month.depreciation_minor[of_months].sum(), rows[row]


def test_a_later_fact_changes_nothing_before_it() -> None:
    for number, spec in enumerate(specs("later facts", 200)):
        changes = spec.get("value_updates") or []
        if spec.get("disposal") or len(changes) < 1 or spec["settings"].get("change_policy") == "current_period":
            continue
        first = min(date.fromisoformat(change["date"]) for change in changes)
        without = {**spec, "value_updates": []}
        rng = random.Random(f"{SEED}/later/{number}")
        before = first - timedelta(days=62)  # no boundary lies further from its change
        for day in days_of(spec, rng, 6):
            at = engine_day(min(day, before))
            assert accumulated(columns([spec]), at).tolist() == accumulated(columns([without]), at).tolist(), spec


def test_after_the_disposal_nothing_moves() -> None:
    for spec in specs("disposed", 150):
        register = columns([spec])
        if int(register.disposal_day[0]) == NEVER:
            continue
        day = int(register.disposal_day[0])
        at = accumulated(register, day)
        assert accumulated(register, day + 1).tolist() == at.tolist()
        assert accumulated(register, engine_day(LAST)).tolist() == at.tolist()
