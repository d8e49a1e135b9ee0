"""Every golden schedule, amount for amount; the cases that differ by design are kept and shown, not counted."""

import json
from pathlib import Path

import pytest

from bookvalue.services.build_schedule import build_schedule
from golden.expectations import Case, differences

FILES = sorted((Path(__file__).parent / "schedules").glob("*.json"))


def _cases(differing: bool) -> list[object]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['title']}")
        for path in FILES
        for case in json.loads(path.read_text())
        if ("differs" in case) is differing
    ]


def _spec(case: Case, **members: object) -> dict[str, object]:
    return {"id": case["title"], **case["spec"], **members}


@pytest.mark.parametrize("case", _cases(differing=False))
def test_schedule(case: Case) -> None:
    [answer] = build_schedule([_spec(case)])
    assert not differences(case, answer), "\n".join([case["source"], *differences(case, answer)])


@pytest.mark.parametrize("case", _cases(differing=True))
def test_published_case_still_differs(case: Case) -> None:
    """A case that no longer differs must lose its mark and be counted."""
    [answer] = build_schedule([_spec(case)])
    assert differences(case, answer), f"meets the published figures after all: {case['differs']}"


def test_accumulation_does_not_depend_on_the_frequency() -> None:
    """Periods of any length that end on the same day have accumulated the same."""
    specs = [_spec(case) for path in FILES for case in json.loads(path.read_text())]
    frequencies = ("monthly", "quarterly", "half_yearly", "yearly")
    answers = [build_schedule({**spec, "frequency": frequency} for spec in specs) for frequency in frequencies]
    for monthly, *others in zip(*answers, strict=True):
        by_month = {row["period_end"]: row["accumulated"] for row in monthly["rows"]}
        for frequency, other in zip(frequencies[1:], others, strict=True):
            found = {row["period_end"]: row["accumulated"] for row in other["rows"] if row["period_end"] in by_month}
            wanted = {day: by_month[day] for day in found}
            assert found == wanted, f"{monthly['id']}: {frequency}"


def test_answers_do_not_depend_on_the_order() -> None:
    specs = [_spec(case) for path in FILES for case in json.loads(path.read_text())]
    assert list(build_schedule(specs)) == list(build_schedule(specs[::-1]))[::-1]
