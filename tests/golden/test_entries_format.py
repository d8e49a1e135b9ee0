"""The golden entries agree with themselves and with the default chart; what the services post is another test.

Must not use ledger or services: the files were written before them and judge them.
"""

from collections import Counter
from pathlib import Path

import pytest

from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.chart import DEFAULT_CHART
from bookvalue.domain.terms import UpdateType
from golden.entries_format import FILES, parse, read
from golden.entries_scenario import (
    Account,
    Archive,
    Close,
    Dispose,
    Entry,
    Reinstate,
    Scenario,
    ValueChange,
    ValueUpdate,
)

SCENARIOS = [read(path) for path in FILES]
CHART = {Account(account.code, str(account.stable_name)) for account in DEFAULT_CHART}
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])


def _debits_less_credits(entries: tuple[Entry, ...]) -> Counter[str]:
    """By stable name, minor units."""
    found: Counter[str] = Counter()
    for entry in entries:
        for line in entry.lines:
            found[line.account.stable_name] += line.amount_minor if line.side == "Dr" else -line.amount_minor
    return found


@each_scenario
def test_entries_balance(scenario: Scenario) -> None:
    for entry in scenario.entries:
        assert entry.lines and sum(_debits_less_credits((entry,)).values()) == 0, entry


@each_scenario
def test_lines_are_summed_and_in_order(scenario: Scenario) -> None:
    """One line for an account and side, debits first, then by code; no line of nothing."""
    for entry in scenario.entries:
        keys = [(line.side == "Cr", line.account.code) for line in entry.lines]
        assert keys == sorted(set(keys)), entry
        assert all(line.amount_minor > 0 for line in entry.lines), entry


@each_scenario
def test_accounts_are_in_the_default_chart(scenario: Scenario) -> None:
    named = {line.account for entry in scenario.entries for line in entry.lines}
    named |= {value for value in scenario.asset.values() if isinstance(value, Account)}
    assert named <= CHART
    asked = {step.counter for step in scenario.steps if isinstance(step, ValueUpdate)}
    asked |= {step.proceeds_account for step in scenario.steps if isinstance(step, Dispose) and step.proceeds_account}
    assert asked <= {account.stable_name for account in CHART}


@each_scenario
def test_figures_agree_with_the_entries(scenario: Scenario) -> None:
    """Cost and opening accumulated are carried from outside, unless an acquisition entry brings the cost in."""
    asset, figures, booked = scenario.asset, scenario.figures, _debits_less_credits(scenario.entries)
    outside = 0 if asset["acquisition counter"] else asset["cost"]
    cost, accumulated = outside + booked[asset["asset account"].stable_name], 0
    if asset["impairment account"]:
        cost += booked[asset["impairment account"].stable_name]
    if asset["accumulated account"]:
        opened = asset["opening"].accumulated_minor if asset["opening"] else 0
        accumulated = opened - booked[asset["accumulated account"].stable_name]
    # A disposal clears what was carried from outside too.
    assert (figures["cost carried"], figures["accumulated"]) == (cost, accumulated)
    assert figures["book value"] == cost - accumulated


@each_scenario
def test_results_of_a_disposal_agree_with_the_entries(scenario: Scenario) -> None:
    figures, booked = scenario.figures, _debits_less_credits(scenario.entries)
    gain, capital = figures["gain or loss"], figures["capital gain"]
    assert (gain or 0) == -booked["GAIN_ON_DISPOSAL"] - booked["LOSS_ON_DISPOSAL"]
    assert (capital or 0) == -booked["CAPITAL_GAIN_ON_DISPOSAL"]
    whole = [step for step in scenario.steps if isinstance(step, ValueChange) and step.amount_minor is None]
    ends = [step for step in scenario.steps if isinstance(step, Dispose | Reinstate)] + whole
    if ends and not isinstance(ends[-1], Reinstate):
        proceeds = ends[-1].proceeds_minor if isinstance(ends[-1], Dispose) else 0
        assert gain + capital == (proceeds or 0) - figures["book value disposed of"]
        assert figures["cost carried"] == figures["accumulated"] == 0
    else:
        assert (gain, capital, figures["book value disposed of"]) == (None, None, None)


@each_scenario
def test_entries_lie_in_open_periods(scenario: Scenario) -> None:
    """Dated within the posting period, which is open when its step is taken and not before the effective one."""
    calendar = FiscalCalendar.parse(scenario.business["fiscal year begins"])
    before = scenario.business["closed before"]
    last_closed = {0: before.last if before else ""}
    for number, step in enumerate(scenario.steps, 1):
        last_closed[number] = step.period if isinstance(step, Close) else last_closed[number - 1]
    assert [entry.step for entry in scenario.entries] == sorted(entry.step for entry in scenario.entries)
    for entry in scenario.entries:
        assert entry.effective <= entry.posting == calendar.period_of(entry.dated).name, entry
        assert entry.posting > last_closed[entry.step - 1], entry


@each_scenario
def test_a_reversal_mirrors_an_entry(scenario: Scenario) -> None:
    swapped = {"Dr": "Cr", "Cr": "Dr"}
    for at, entry in enumerate(scenario.entries):
        if entry.kind == "reversal":
            mirror = {line._replace(side=swapped[line.side]) for line in entry.lines}
            step = scenario.steps[entry.step - 1]
            reversed_kind = {Reinstate: "disposal", ValueChange: "depreciation"}.get(type(step), "value_update")
            assert any(
                (set(other.lines), other.effective, other.kind) == (mirror, entry.effective, reversed_kind)
                for other in scenario.entries[:at]
            ), entry


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_amounts_stand_in_two_columns(path: Path) -> None:
    """Debits end in one column of the file, credits in another to the right of it."""
    lines = [line for line in path.read_text().splitlines() if line.startswith(("      Dr", "      Cr"))]
    debit, credit = ({len(line) for line in lines if line[6:8] == side} for side in ("Dr", "Cr"))
    assert len(debit) == len(credit) == 1 and max(debit) < max(credit)


def test_every_kind_of_change_is_recorded_and_archived() -> None:
    recorded, archived = set(), set()
    for scenario in SCENARIOS:
        recorded |= {step.update_type for step in scenario.steps if isinstance(step, ValueUpdate)}
        undone = [scenario.steps[step.step - 1] for step in scenario.steps if isinstance(step, Archive)]
        archived |= {step.update_type for step in undone if isinstance(step, ValueUpdate)}
    assert recorded == archived == set(UpdateType)


def test_every_reason_of_disposal_is_used() -> None:
    reasons = {step.reason for scenario in SCENARIOS for step in scenario.steps if isinstance(step, Dispose)}
    assert reasons == {"out_of_use", "sold", "private_withdrawal", "divested"}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("Figures", "Totals"),
        ("12,000.00", "12000.00"),
        ("12,000.00", "12,000.0"),
        ("  life  ", "  lives "),
        ("next_open", "never"),
        ("  1  register", "  2  register"),
        ("  1  register", "  1  registers"),
        ("step 2  depreciation", "step 2  adjustment"),
        ("  1  step 2", "  3  step 2"),
        ("  1  step 2", "      step 2"),
        ("dated 2026-01-31", "dated 2026-01-32"),
        ("      Dr  6500", "      Db  6500"),
        ("=\n", "\n"),
    ],
)
def test_a_departure_from_the_grammar_is_refused(written: str, instead: str) -> None:
    [text] = [path.read_text() for path in FILES if path.stem == "disposal-above-cost"]
    assert written in text and parse("whole", text)
    with pytest.raises(ValueError, match="."):
        parse("broken", text.replace(written, instead, 1))
