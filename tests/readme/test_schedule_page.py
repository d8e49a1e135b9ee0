"""docs/schedule.md says what is read: every member, every word, and every finding, each of which an example yields."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bookvalue.domain.book_asset_spec import OPENING_READERS
from bookvalue.domain.explanations import EXPLANATIONS
from bookvalue.domain.fact_spec import _DISPOSAL_READERS, _UNITS_READERS, MAX_MEMBERS, MEMBER_READERS
from bookvalue.domain.field_readers import MAX_FINDINGS, MAX_TEXT
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.profiles import PROFILES
from bookvalue.domain.schedule_line import MAX_LINE_BYTES, read_schedule_line
from bookvalue.domain.schedule_spec import SPEC_READERS
from bookvalue.domain.settings_spec import SETTINGS_READERS
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
from bookvalue.services.build_schedule import answers
from cli.hostile_lines import hostile_lines

PAGE = (Path(__file__).parents[2] / "docs/schedule.md").read_text()
TRUCK: dict[str, Any] = {
    "id": "truck-1",
    "cost": 4000000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
}


def own(**settings: Any) -> dict[str, Any]:
    return {"settings": settings}


def update(**members: Any) -> dict[str, Any]:
    return {"value_updates": [{"date": "2025-06-01", "update_type": "IMPAIRMENT", "amount": 1} | members]}


# code -> the field that it names, and the truck's members with which it does, or the whole line
EXAMPLES: dict[str, tuple[str | None, dict[str, Any] | str | bytes]] = {
    "not_json": (None, '{"id": "truck-1", "cost": NaN}'),
    "not_utf8": (None, b'{"id": "\xff"}'),
    "line_too_long": (None, " " * (MAX_LINE_BYTES + 1)),
    "too_deep": (None, "[" * 100_000),
    "not_an_object": ("value_updates.0", {"value_updates": [5]}),
    "given_twice": ("cost", '{"id": "truck-1", "cost": 1, "cost": 2}'),
    "unknown_field": ("settings.life", own(method="straight_line", life_months=60, life=60)),
    "required": ("settings.method", own(life_months=60)),
    "not_text": ("id", {"id": 5}),
    "text_too_long": ("id", {"id": "x" * 501}),
    "text_not_allowed": ("id", {"id": "a\0"}),
    "not_an_integer": ("cost", {"cost": 40000.0}),
    "amount_negative": ("cost", {"cost": -1}),
    "amount_not_positive": ("value_updates.0.amount", update(amount=0)),
    "amount_out_of_range": ("cost", {"cost": MAX_MINOR + 1}),
    "not_a_date": ("until", {"until": "2024-02-30"}),
    "not_a_decimal": ("settings.rate_percent", own(method="straight_line", rate_percent=20)),
    "too_many_decimals": ("settings.rate_percent", own(method="straight_line", rate_percent="0.1234567891")),
    "not_a_boolean": ("suspensions.0.extend_life",
                      {"suspensions": [{"from": "2025-01-01", "to": "2025-03-31", "extend_life": 1}]}),
    "not_a_list": ("manual", {"manual": {}}),
    "too_many": ("manual", {"manual": [{}] * (MAX_MEMBERS + 1)}),
    "not_one_of": ("frequency", {"frequency": "weekly"}),
    "unknown_currency": ("currency", {"currency": "EURO"}),
    "not_a_fiscal_year_start": ("fiscal_year_start", {"fiscal_year_start": "02-29"}),
    "unknown_method": ("settings.method", own(method="linear")),
    "unknown_averaging": ("settings.averaging", own(method="full", averaging="weekly")),
    "unknown_profile": ("settings.profile", own(profile="xero")),
    "life_and_rate": ("settings.life_months", own(method="straight_line", life_months=60, rate_percent="20")),
    "life_or_rate_missing": ("settings.life_months", own(method="straight_line")),
    "life_missing": ("settings.life_months", own(method="sum_of_years_digits")),
    "setting_needs_life": ("settings.switch_to_straight_line",
                           own(method="declining_balance", rate_percent="20", switch_to_straight_line=True)
                           | {"until": "2030-12-31"}),
    "life_out_of_range": ("settings.life_months", own(method="straight_line", life_months=1201)),
    "rate_out_of_range": ("settings.rate_percent", own(method="straight_line", rate_percent="1000.1")),
    "factor_out_of_range": ("settings.declining_factor",
                            own(method="declining_balance", life_months=60, declining_factor="101")),
    "rate_places_out_of_range": ("settings.rate_places",
                                 own(method="fixed_rate_declining", life_months=60, rate_places=10)
                                 | {"residual_value": 1}),
    "residual_above_cost": ("residual_value", {"residual_value": 4000001}),
    "residual_missing": ("residual_value", own(method="fixed_rate_declining", life_months=60)),
    "opening_incomplete": ("opening.accumulated", {"opening": {"as_of": "2024-12-31"}}),
    "opening_above_depreciable": ("opening.accumulated", {"opening": {"as_of": "2024-12-31", "accumulated": 4000001}}),
    "opening_current_year_above_accumulated": (
        "opening.current_year", {"opening": {"as_of": "2024-12-31", "accumulated": 5, "current_year": 6}}),
    "opening_before_start": ("opening.as_of", {"opening": {"as_of": "2023-12-31", "accumulated": 0}}),
    "before_start": ("value_updates.0.date", update(date="2024-01-14")),
    "before_opening": ("value_updates.0.date",
                       update(date="2024-12-31") | {"opening": {"as_of": "2024-12-31", "accumulated": 0}}),
    "after_disposal": ("value_updates.0.date", update() | {"disposal": {"date": "2025-05-31"}}),
    "amount_or_book_value": ("value_updates.0.amount", update(new_book_value=1)),
    "not_in_a_schedule": ("value_updates.0.update_type", update(update_type="DEPRECIATION_AMORTIZATION")),
    "decrease_above_book_value": ("value_updates.0.amount", update(amount=4000000)),
    "change_direction": ("value_updates.0.new_book_value", update(amount=None, new_book_value=4000001)),
    "ends_before_it_begins": ("suspensions.0.to", {"suspensions": [{"from": "2025-03-31", "to": "2025-01-01"}]}),
    "suspensions_overlap": ("suspensions.1.from", {"suspensions": [{"from": "2025-01-01", "to": "2025-03-31"}] * 2}),
    "quantity_out_of_range": ("units.total", {"units": {"total": "0"}}),
    "units_total_missing": ("units.total", own(method="units_of_production")),
    "until_missing": ("until", own(method="declining_balance", rate_percent="0.5")),
    "manual_above_floor": ("manual.0.amount",
                           own(method="manual") | {"manual": [{"date": "2024-03-31", "amount": 4000001}]}),
}  # fmt: skip


@pytest.mark.parametrize("code", EXAMPLES)
def test_every_finding_of_the_page_is_found(code: str) -> None:
    field, changes = EXAMPLES[code]
    if isinstance(changes, dict):
        changes = json.dumps({**TRUCK, **changes})
    content = changes if isinstance(changes, bytes) else changes.encode()
    read = read_schedule_line(content, 1)
    (told,) = answers([(read.id, read.spec, read.findings)])
    assert [(one["code"], one["field"]) for one in told["findings"]] == [(code, field)]
    assert bool(told["rows"]) == (code == "manual_above_floor")


def tables(heading: str) -> dict[str, list[str]]:
    """The rows of the tables below a heading, by what stands in backticks in their first cell."""
    section = re.split(r"^#+ ", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", section, re.MULTILINE)
    return {name: [cell.strip() for cell in re.split(r"(?<!\\)\|", rest)] for name, rest in rows}


def test_the_page_has_every_finding_in_its_own_words() -> None:
    rows = tables("Findings")
    assert list(rows) == list(EXAMPLES)
    for code, (field, meaning, remedy) in rows.items():
        told = EXPLANATIONS[code]
        shown = {"field": "{field}", "value": "{value}"}
        assert field == (f"`{EXAMPLES[code][0]}`" if EXAMPLES[code][0] else ""), code
        assert (meaning, remedy) == (told.message.format(**shown), told.remedy.format(**shown)), code


def test_the_page_has_every_member() -> None:
    assert tables("An asset").keys() == SPEC_READERS.keys()
    assert tables("Its settings").keys() == SETTINGS_READERS.keys()
    inner = {**MEMBER_READERS, "opening": OPENING_READERS, "disposal": _DISPOSAL_READERS}
    expected = {f"{path}.{name}" for path, readers in inner.items() for name in readers}
    expected |= {f"units.{name}" for name in _UNITS_READERS} - {"units.used"}
    assert tables("What happens to it").keys() == expected


WORDS: dict[tuple[str, str], Any] = {
    ("An asset", "frequency"): Frequency,
    ("Its settings", "profile"): PROFILES,
    ("Its settings", "method"): Method,
    ("Its settings", "averaging"): Averaging,
    ("Its settings", "day_basis"): DayBasis,
    ("Its settings", "declining_base"): DecliningBase,
    ("Its settings", "declining_within_year"): DecliningWithinYear,
    ("Its settings", "end_of_life"): EndOfLife,
    ("Its settings", "straight_line_base"): StraightLineBase,
    ("Its settings", "rounding"): Rounding,
    ("Its settings", "change_policy"): ChangePolicy,
    ("What happens to it", "value_updates.update_type"): set(UpdateType) - {UpdateType.DEPRECIATION_AMORTIZATION},
}


@pytest.mark.parametrize("place", WORDS, ids=lambda place: place[1])
def test_the_page_has_every_word(place: tuple[str, str]) -> None:
    heading, name = place
    row = " ".join(tables(heading)[name])
    missing = [str(word) for word in WORDS[place] if f"`{word}`" not in row]
    assert not missing


def test_the_page_has_the_bounds() -> None:
    for bound in (MAX_MINOR, MAX_LINE_BYTES, MAX_TEXT, MAX_MEMBERS, MAX_FINDINGS):
        assert f"{bound:,}" in PAGE or str(bound) in PAGE or f"10^{len(str(bound)) - 1}" in PAGE, bound


def test_the_page_s_examples() -> None:
    found = re.findall(r"^```json\n(.*?)^```\n\n```json\n(.*?)^```\n", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) >= 2
    for given, told in found:
        read = read_schedule_line(" ".join(given.split("\n")).encode(), 1)
        (answer,) = answers([(read.id, read.spec, read.findings)])
        assert answer == json.loads(told)


def test_no_hostile_line_has_a_finding_that_is_not_on_the_page() -> None:
    found = set()
    for number, line in enumerate(hostile_lines(10_000)[:3000], 1):
        found |= {one.code for one in read_schedule_line(line.content, number).findings}
    assert found <= EXAMPLES.keys()
    assert len(found) > 30
