"""Each worked example of docs/methods says what the engine says, and what the oracle says."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bookvalue.engine.accumulate import accumulated
from engine.registers import columns, engine_day
from oracle import Spec
from oracle import accumulated as by_oracle
from oracle.spec import Fraction

PAGES = Path(__file__).resolve().parents[2] / "docs" / "methods"
NAMES = ["none", "full", "straight_line", "declining_balance", "averaging"]
EXAMPLE = re.compile(
    r"```json\n(?P<spec>[^`]*)```\n\n"
    r"\| by the end of \| accumulated \|.*\n\|---.*\n"
    r"(?P<table>(?:\|.*\n?)+)"
)


def examples(name: str) -> list[tuple[Spec, list[tuple[date, int]]]]:
    """The specs of a page, each with its table of days and accumulated amounts."""
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    found = []
    for match in EXAMPLE.finditer(text):
        cells = [[cell.strip() for cell in line.split("|")[1:3]] for line in match["table"].splitlines()]
        table = [(date.fromisoformat(day), int(total)) for day, total in cells]
        found.append((spec_of(json.loads(match["spec"])), table))
    assert len(found) == text.count("```json")
    return found


def spec_of(raw: dict[str, Any]) -> Spec:
    """A spec in the schedule format; a member that is not known here fails."""
    settings, opening = raw.pop("settings"), raw.pop("opening", {})
    month, day = raw.pop("fiscal_year_start", "01-01").split("-")
    rate = settings.pop("rate_percent", None)
    spec = Spec(
        settings.pop("method"),
        raw.pop("cost"),
        date.fromisoformat(raw.pop("depreciation_start_date")),
        settings.pop("averaging", "full_month"),
        settings.pop("life_months", None),
        None if rate is None else Fraction(rate) / 100,
        Fraction(settings.pop("declining_factor", "2")),
        raw.pop("cost_limit", None),
        raw.pop("residual_value", 0),
        date.fromisoformat(opening.pop("as_of")) if opening else None,
        opening.pop("accumulated", 0),
        opening.pop("current_year", 0),
        (int(month), int(day)),
    )
    assert not raw
    assert not settings
    assert not opening
    return spec


@pytest.mark.parametrize("name", NAMES)
def test_worked_examples(name: str) -> None:
    found = examples(name)
    assert found
    for spec, table in found:
        register = columns([spec])
        for day, total in table:
            assert accumulated(register, engine_day(day)).tolist() == [total], (day, spec)
            assert by_oracle(spec, day) == total, (day, spec)
