"""Whatever is sent instead of a spec: findings, never a traceback, and soon."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookvalue.domain.fact_spec import MAX_MEMBERS
from bookvalue.domain.field_readers import MAX_FINDINGS
from bookvalue.domain.schedule_line import read_schedule_line
from bookvalue.domain.schedule_spec import SPEC_READERS, read_schedule_spec, schedule_id
from bookvalue.domain.settings_spec import SETTINGS_READERS
from bookvalue.domain.terms import Averaging, Method, UpdateType

from .schedule_specs import TRUCK, found_with

WORDS = [*Method, *Averaging, *UpdateType, "365", "compound", "true_up", "quarterly", "layer", "irs_macrs_half_year"]
dates = st.dates().map(str) | st.sampled_from(["2024-01-15", "2024-02-29", "2025-01-01", "2026-01-31", "2200-12-31"])
amounts = st.integers(-2, 20) | st.sampled_from([4000000, 10**15, 10**15 + 1, 10**400, -(10**400)])
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | dates | amounts
    | st.sampled_from([*map(str, WORDS), "20", "0.000001", "33.3333333333", "04-06", "02-29", "EUR", "\ud800", "\0"])
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
MEMBER_NAMES = [
    "date", "amount", "new_book_value", "update_type", "remaining_life_months", "residual_value", "rate_percent",
    "method", "from", "to", "extend_life", "period_end", "quantity", "proceeds", "as_of", "accumulated",
    "current_year", "total", "used",
]  # fmt: skip
PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "date": dates, "from": dates, "to": dates, "period_end": dates, "as_of": dates, "amount": amounts,
    "new_book_value": amounts, "residual_value": amounts, "accumulated": amounts, "current_year": amounts,
    "proceeds": amounts, "update_type": st.sampled_from(UpdateType), "method": st.sampled_from(Method),
    "remaining_life_months": st.integers(0, 1201), "rate_percent": st.sampled_from(["20", "0", "50", "0.1"]),
    "quantity": st.sampled_from(["0", "1", "60", "-1"]), "total": st.sampled_from(["100", "0"]),
    "extend_life": st.booleans(),
}  # fmt: skip
objects = st.fixed_dictionaries({}, optional={name: PLAUSIBLE.get(name, anything) | scalars for name in MEMBER_NAMES})
lists = st.lists(objects | anything, max_size=4)
own_settings = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(WORDS) | scalars for name in SETTINGS_READERS}
) | st.fixed_dictionaries(
    {"method": st.sampled_from(Method)},
    optional={"life_months": st.integers(1, 1200), "rate_percent": st.sampled_from(["20", "60", "0.2"])},
)  # fmt: skip
SHAPES = {
    "settings": own_settings, "opening": objects, "disposal": objects, "units": objects, "value_updates": lists,
    "estimate_changes": lists, "suspensions": lists, "manual": lists,
}  # fmt: skip
specs = st.fixed_dictionaries({}, optional={name: SHAPES.get(name, scalars) | anything for name in SPEC_READERS})
facts = st.fixed_dictionaries({}, optional=SHAPES)


def check(raw: Any) -> None:
    spec, findings = read_schedule_spec(raw)
    assert (spec is None) == bool(findings)
    assert len(findings) <= MAX_FINDINGS
    json.dumps([found.as_dict() for found in findings], allow_nan=False, ensure_ascii=False).encode()
    if spec is not None:
        assert schedule_id(raw) == spec.id
        assert spec.asset.start is not None
        hash(spec)  # plain values alone


@settings(max_examples=300, deadline=None)
@given(specs | anything | st.dictionaries(scalars.filter(lambda key: key == key), anything, max_size=3))
def test_any_object(raw: Any) -> None:
    check(raw)


@settings(max_examples=300, deadline=None)
@given(facts, st.booleans())
def test_any_facts_of_a_sound_asset(changes: dict[str, Any], in_settings: bool) -> None:
    check({**TRUCK, **({} if in_settings else {"settings": TRUCK["settings"]}), **changes})


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | specs.map(lambda raw: json.dumps(raw, default=str).encode()), st.integers(1, 3))
def test_any_line(content: bytes, number: int) -> None:
    line = read_schedule_line(content, number)
    assert (line.spec is None) == bool(line.findings)
    json.dumps([found.as_dict() for found in line.findings], allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("path", ["value_updates", "estimate_changes", "suspensions", "manual"])
def test_lists_are_bounded(path: str) -> None:
    assert found_with(**{path: [{}] * 1_000_000}) == [("too_many", path)]
    assert len(found_with(**{path: [5] * MAX_MEMBERS})) == MAX_FINDINGS


def test_as_many_facts_as_months() -> None:
    months = [f"{year}-{month:02d}-28" for year in range(1900, 2201) for month in range(1, 13)]
    used = [{"period_end": day, "quantity": "1"} for day in months]
    manual = [{"date": day, "amount": 1} for day in months]
    began = time.process_time()
    assert found_with(depreciation_start_date="1900-01-01", units={"total": "4000", "used": used}, manual=manual) == []
    assert time.process_time() - began < 2
    assert found_with(units={"used": used * 2}) == [("too_many", "units.used")]


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value, {"a": value}]
    return value


@pytest.mark.parametrize(
    "raw",
    [
        {f"name-{at}": at for at in range(300_000)},
        {**TRUCK, "settings": {f"name-{at}": at for at in range(300_000)}},
        {**TRUCK, "id": "x" * 10**7},
        {**TRUCK, "cost": 10**100_000},
        {**TRUCK, "settings": {"method": "straight_line", "rate_percent": "9" * 10**7}},
        {**TRUCK, "manual": [deep(50)] * 1000, "disposal": deep(50), "units": {"used": [deep(50)], "total": deep(50)}},
        {**TRUCK, "value_updates": [{f"name-{at}": at for at in range(300)} for _ in range(1000)]},
        {("a", 1): 2, 3: 4, None: 5, True: 6},
    ],
)
def test_large_and_odd_things_are_refused_soon(raw: Any) -> None:
    began = time.process_time()
    check(raw)
    assert time.process_time() - began < 2
