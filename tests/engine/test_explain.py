"""Explanations: worked out again by hand, from the printed figures alone, they come to the engine's charge."""

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bookvalue.domain.money import exponent
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.explain import explain
from bookvalue.engine.facts import FactKind
from bookvalue.engine.pieces import Formula
from bookvalue.engine.register import NO_DAY
from bookvalue.engine.timeline import Timeline, timeline
from bookvalue.services.explain_charge import Explained, explain_spec
from bookvalue.services.explanation_members import members_of
from bookvalue.services.explanation_text import text_of
from engine.by_hand import Page, charge_of
from engine.registers import SEED, columns, days_of, engine_day, read, specs
from oracle.specs import valid_combinations

COMBINATIONS = sorted(valid_combinations())
SPECS, PERIODS = 4, 3  # a combination, a spec
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "explain"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json"))
TRUCK: dict[str, Any] = {
    "id": "truck-1",
    "cost": 4000000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
    "value_updates": [{"date": "2025-06-01", "update_type": "IMPROVEMENT", "amount": 250000}],
}


def explained(raw: dict[str, Any], period: str) -> Explained:
    """The explanation of a spec that must have one."""
    found, findings = explain_spec(raw, period)
    assert found is not None, (findings, raw)
    return found


def total(line: Timeline, day: int, row: int = 0) -> int:
    """T(day), asked for as anybody asks."""
    return int(accumulated(line, np.array([day]), rows=np.array([row]))[0])


def check(raw: dict[str, Any], period: str) -> Explained:
    """An explanation comes to T(last day) - T(first day - 1), in the text and in the members."""
    told = explained(raw, period)
    line = timeline(columns([raw]))
    first, last = told.explanation.first_day, told.explanation.last_day
    before, after = total(line, first - 1), total(line, last)
    assert told.explanation.charge_minor == after - before
    members = json.loads(json.dumps(members_of(told)))
    assert (members["accumulated_before"], members["accumulated_after"]) == (before, after)
    assert charge_of(members) == after - before, (period, raw)
    text = text_of(told, told.id)
    page = Page(text, exponent(told.currency))
    assert (page.before, page.after, page.charge) == (before, after, after - before), text
    for way in (told.explanation.before, told.explanation.after):
        if way.pieces:  # it starts from what the ledger had
            assert way.pieces[0].from_minor == total(line, way.pieces[0].first_day - 1), (period, raw)
        for base in (piece.base for piece in way.pieces):
            # an opening's running year has its own base, and what is recomputed was never in the ledger
            posted = not raw.get("opening") and raw["settings"].get("change_policy") != "current_period"
            if base is not None and base.accumulated_minor and posted:
                assert base.accumulated_minor == total(line, base.since - 1), (period, raw)
    return told


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_by_hand_every_combination_comes_to_the_engine_s_charge(combination: tuple[str, str, str]) -> None:
    method, averaging, rounding = combination
    rng = random.Random(f"{SEED}/explain/{combination}")
    for raw in specs(f"explain/{combination}", SPECS, method=method, averaging=averaging, rounding=rounding):
        currency = rng.choice(["USD", "JPY", "KWD"])
        for day in days_of(raw, rng, PERIODS):
            period = read(raw).calendar.period_of(day).name
            check({**raw, "currency": currency}, period)


CORNERS: list[tuple[str, str, dict[str, Any]]] = [
    ("a year's total over a switch within it", "2025-10", {
        "cost": 8723787, "residual_value": 872378, "depreciation_start_date": "2022-12-30", "frequency": "yearly",
        "fiscal_year_start": "04-06",
        "settings": {"method": "declining_balance", "averaging": "mid_quarter", "rounding": "fiscal_year",
                     "declining_within_year": "compound", "declining_base": "net_of_residual", "life_months": 60,
                     "switch_to_straight_line": True}}),
    ("manual amounts after a method whose months are rounded", "2024-12", {
        "cost": 1000000, "depreciation_start_date": "2024-01-01", "frequency": "yearly",
        "settings": {"method": "straight_line", "life_months": 60, "rounding": "fiscal_year"},
        "estimate_changes": [{"date": "2024-03-10", "method": "manual"}],
        "value_updates": [{"date": "2024-06-10", "update_type": "IMPROVEMENT", "amount": 250000}],
        "manual": [{"date": "2024-04-30", "amount": 1000}, {"date": "2024-07-31", "amount": 2000}]}),
    ("two changes of one day", "2024-05", {
        "cost": 1200000, "depreciation_start_date": "2024-01-01",
        "settings": {"method": "straight_line", "life_months": 24},
        "value_updates": [{"date": "2024-05-10", "update_type": "IMPAIRMENT", "amount": 100000},
                          {"date": "2024-05-20", "update_type": "REVALUATION_UP", "new_book_value": 1100000}]}),
    ("nothing left after an impairment", "2024-06", {
        "cost": 1200000, "depreciation_start_date": "2024-01-01", "residual_value": 600000,
        "settings": {"method": "declining_balance", "rate_percent": "50", "declining_base": "net_of_residual"},
        "value_updates": [{"date": "2024-05-10", "update_type": "IMPAIRMENT", "amount": 500000}]}),
]  # fmt: skip


@pytest.mark.parametrize(("period", "raw"), [case[1:] for case in CORNERS], ids=[case[0] for case in CORNERS])
def test_corners(period: str, raw: dict[str, Any]) -> None:
    check({"id": "corner", **raw}, period)


@pytest.mark.parametrize("case", CASES)
def test_golden_pages(case: str) -> None:
    given = json.loads((GOLDEN / f"{case}.json").read_text())
    told = check(given["spec"], given["period"])
    assert text_of(told, told.id) == (GOLDEN / f"{case}.txt").read_text()


def test_the_documentation_shows_a_golden_page() -> None:
    page = (GOLDEN.parents[2] / "docs" / "explain.md").read_text()
    assert f"```text\n{(GOLDEN / 'improvement.txt').read_text()}```" in page


def test_the_golden_pages_show_every_formula() -> None:
    found = set()
    for case in CASES:
        given = json.loads((GOLDEN / f"{case}.json").read_text())
        found |= {
            piece["formula"] for piece in members_of(explained(given["spec"], given["period"]))["after"]["pieces"]
        }
    assert found == set(Formula)


def test_an_improvement_as_the_format_has_it() -> None:
    """SEMANTICS section 3: 28,666.67 + 2,500.00 spreads over the 43 months left."""
    told = check(TRUCK, "2025-06")
    (piece,) = told.explanation.after.pieces
    assert told.explanation.before.pieces == ()  # the new line starts from it
    assert (piece.from_minor, piece.to_minor, told.explanation.charge_minor) == (1133333, 1205814, 72481)
    assert piece.base is not None
    assert (piece.base.amount_minor, piece.counted, piece.of) == (3116667, 1, 43)
    change = told.explanation.facts[-1]
    assert (change.kind, change.book_value_minor, change.amount_minor) == (FactKind.INCREASE, 2866667, 250000)


def test_a_row_among_others_is_explained_alone() -> None:
    others = [{**TRUCK, "cost": 100, "value_updates": []}, TRUCK, {**TRUCK, "settings": {"method": "none"}}]
    line = timeline(columns(others))
    first, last = engine_day(date(2025, 6, 1)), engine_day(date(2025, 6, 30))
    found = [explain(line, row, first, last) for row in range(3)]
    assert [one.charge_minor for one in found] == [
        total(line, last, row) - total(line, first - 1, row) for row in range(3)
    ]
    assert found[1] == explain(timeline(columns([TRUCK])), 0, first, last)
    assert len(found[0].facts) == 1


def test_an_asset_without_a_start_has_nothing_to_explain() -> None:
    register = columns([TRUCK])
    register.start_day[0] = NO_DAY
    found = explain(timeline(register), 0, 20_000, 20_030)
    assert (found.charge_minor, found.after.pieces, found.facts, found.counted) == (0, (), (), None)


@pytest.mark.parametrize("period", ["2023-12", "2028-12", "2029-01", "2200-12"])
def test_before_the_start_and_after_the_end_nothing_is_charged(period: str) -> None:
    told = check(TRUCK, period)
    assert (told.explanation.charge_minor == 0) == (period != "2028-12")


def test_a_schedule_that_would_need_an_end_needs_none_here() -> None:
    endless = {**TRUCK, "settings": {"method": "declining_balance", "rate_percent": "20"}}
    told = explained(endless, "2030-05")
    assert told == explained({**endless, "until": "2031-12-31"}, "2030-05")
    assert told.explanation.charge_minor > 0


REFUSED = [
    ({**TRUCK, "cost": 1.5}, "2025-06", ("not_an_integer", "cost")),
    ([TRUCK], "2025-06", ("not_an_object", None)),
    (TRUCK, "2025-13", ("not_a_period", "period")),
    (TRUCK, "2025", ("not_a_period", "period")),
    (TRUCK, "9999-01", ("not_a_period", "period")),
    (
        {**TRUCK, "value_updates": [{"date": "2025-06-01", "update_type": "IMPAIRMENT", "amount": 4000000}]},
        "2025-06",
        ("decrease_above_book_value", "value_updates.0.amount"),
    ),
]


@pytest.mark.parametrize(("raw", "period", "finding"), REFUSED)
def test_what_has_no_explanation_has_findings(raw: Any, period: str, finding: tuple[str, str | None]) -> None:
    found, findings = explain_spec(raw, period)
    assert found is None
    assert [(one.code, one.field) for one in findings] == [finding]
