"""Each worked example of docs/methods says what the engine says, what a schedule shows, and what the oracle says."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from bookvalue.domain.schedule_spec import read_schedule_spec
from bookvalue.domain.terms import (
    Averaging,
    ChangePolicy,
    DayBasis,
    DecliningBase,
    DecliningWithinYear,
    EndOfLife,
    Frequency,
    Method,
    Rounding,
    StraightLineBase,
    UpdateType,
)
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.register import EPOCH_ORDINAL, columns_of
from bookvalue.engine.timeline import timeline
from bookvalue.services.build_schedule import build_schedule
from oracle import accumulated as by_oracle

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "methods"
NAMES = [*Method, "averaging", "changes", "rounding"]
SAID = ("| by the end of | accumulated | why |\n", "Refused: ", "Finding: ", "Disposal: ")


@dataclass(frozen=True)
class Example:
    """A spec and what its page says of it: T by the end of some days, or why it is refused."""

    page: str
    spec: dict[str, Any]
    table: dict[date, int]
    refused: bool
    findings: list[tuple[str, str]]
    disposal: dict[str, int] | None

    def __str__(self) -> str:
        return f"{self.page}:{self.spec['id']}"


def text_of(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def examples(page: str) -> Iterator[Example]:
    """The examples of a page: each block of JSON with the paragraphs below it that say something of it."""
    for block in text_of(page).split("```json\n")[1:]:
        spec, after = block.split("```\n", 1)
        said = list(takewhile(lambda text: text.startswith(SAID), after.strip("\n").split("\n\n")))
        assert said, spec
        tables = [text for text in said if text.startswith("|")]
        disposals = [json.loads(text.split("`")[1]) for text in said if text.startswith("Disposal: ")]
        codes = [text.split("`")[1::2] for text in said if text.startswith(("Refused: ", "Finding: "))]
        yield Example(
            page,
            json.loads(spec),
            {day: total for text in tables for day, total in lines_of(text)},
            any(text.startswith("Refused: ") for text in said),
            [(code, field) for code, field in codes],
            disposals[0] if disposals else None,
        )


def lines_of(table: str) -> Iterator[tuple[date, int]]:
    for line in table.splitlines()[2:]:
        day, total = (cell.strip() for cell in line.split("|")[1:3])
        yield date.fromisoformat(day), int(total)


EXAMPLES = [example for name in NAMES for example in examples(str(name))]
COMPUTED = [example for example in EXAMPLES if not example.refused]


@pytest.mark.parametrize("example", COMPUTED, ids=str)
def test_the_engine_says_the_same(example: Example) -> None:
    spec, findings = read_schedule_spec(example.spec)
    assert spec is not None, findings
    line = timeline(columns_of(spec.calendar, [spec.asset]))
    days = {day: accumulated(line, day.toordinal() - EPOCH_ORDINAL).tolist() for day in example.table}
    assert days == {day: [total] for day, total in example.table.items()}


@pytest.mark.parametrize("example", COMPUTED, ids=str)
def test_the_oracle_says_the_same(example: Example) -> None:
    assert {day: by_oracle(example.spec, day) for day in example.table} == example.table


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_schedule_says_the_same(example: Example) -> None:
    (answer,) = build_schedule([example.spec])
    assert [(found["code"], found["field"]) for found in answer["findings"]] == example.findings
    assert answer.get("disposal") == example.disposal
    assert bool(rows_on(example, answer)) == bool(answer["rows"])
    assert not (example.refused and answer["rows"])
    for frequency in Frequency:
        (answer,) = build_schedule([{**example.spec, "frequency": frequency.value}])
        shown = rows_on(example, answer)
        assert shown == {day: example.table[day] for day in shown}


def rows_on(example: Example, answer: dict[str, Any]) -> dict[date, int]:
    """The accumulated amounts of the periods that end on a day of the example's table."""
    ends = {date.fromisoformat(row["period_end"]): row["accumulated"] for row in answer["rows"]}
    return {day: ends[day] for day in example.table if day in ends}


def test_every_page_is_read_and_every_example_has_a_name() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {*NAMES, "README", "profiles"}
    names = [str(example) for example in EXAMPLES]
    assert len(set(names)) == len(names)
    assert {example.page for example in COMPUTED} == set(NAMES)
    assert all(example.table.keys() or example.refused for example in EXAMPLES)


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("method", Method),
        ("averaging", Averaging),
        ("day_basis", DayBasis),
        ("rounding", set(Rounding) - {Rounding.CUMULATIVE}),
        ("declining_base", {DecliningBase.NET_OF_RESIDUAL}),
        ("declining_within_year", {DecliningWithinYear.COMPOUND}),
        ("end_of_life", {EndOfLife.TRUE_UP}),
        ("straight_line_base", {StraightLineBase.COST}),
        ("change_policy", {ChangePolicy.CURRENT_PERIOD}),
        ("switch_to_straight_line", {True}),
    ],
)
def test_every_value_of_every_setting_has_an_example(setting: str, values: Any) -> None:
    assert {*values} - {DayBasis.DAYS_365} <= {example.spec["settings"].get(setting) for example in COMPUTED}


def test_every_change_and_every_rule_with_a_disposal_has_an_example() -> None:
    updates = {update["update_type"] for example in COMPUTED for update in example.spec.get("value_updates", [])}
    assert updates == set(UpdateType) - {UpdateType.DEPRECIATION_AMORTIZATION}
    disposed = [example.spec["settings"] for example in COMPUTED if example.disposal and example.page == "averaging"]
    assert {settings.get("averaging", Averaging.FULL_MONTH) for settings in disposed} == set(Averaging)
    suspended = [part for example in COMPUTED for part in example.spec.get("suspensions", [])]
    assert {part.get("extend_life", True) for part in suspended} == {True, False}


@pytest.mark.parametrize("page", [*NAMES, "README", "profiles"])
def test_links_lead_somewhere(page: str) -> None:
    text = text_of(page)
    defined, used = set(re.findall(r"^\[([\w-]+)\]: ", text, re.M)), set(re.findall(r"\]\[([\w-]+)\]", text))
    assert defined == used
    for target, anchor in re.findall(r"\]\(([\w.]*)#?([\w-]*)\)", text):
        assert f"\n## {anchor}" in (FOLDER / (target or f"{page}.md")).read_text(encoding="utf-8")
