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


@pytest.mark.parametrize("case", _cases(differing=False))
def test_accumulation_does_not_depend_on_the_frequency(case: Case) -> None:
    frequencies = ("monthly", "quarterly", "half_yearly", "yearly")
    answers = list(build_schedule(_spec(case, frequency=frequency) for frequency in frequencies))
    by_month = {row["period_end"]: row["accumulated"] for row in answers[0]["rows"]}
    for frequency, answer in zip(frequencies, answers, strict=True):
        for row in answer["rows"]:
            at_end = by_month.get(row["period_end"], row["accumulated"])
            assert row["accumulated"] == at_end, f"{frequency}, {row['period_end']}: {row['accumulated']}, {at_end}"


def test_answers_do_not_depend_on_the_order() -> None:
    specs = [_spec(case) for path in FILES for case in json.loads(path.read_text())]
    assert list(build_schedule(specs)) == list(build_schedule(specs[::-1]))[::-1]
