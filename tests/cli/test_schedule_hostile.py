"""Ten thousand lines that are no asset specs, through one process: an answer to each, and what is wrong is named."""

import json

from bookvalue.cli.schedule_formats import CSV_COLUMNS
from bookvalue.domain.explanations import EXPLANATIONS

from .hostile_lines import SOUND, Hostile, hostile_lines
from .schedule_command import TRUCK, answers, schedule

EVERY = 100
"""After so many hostile lines there is a sound one."""


def test_the_spec_that_they_are_made_of_is_sound() -> None:
    (told,) = answers(schedule(given=json.dumps(SOUND)))
    assert told["findings"] == []
    assert told["rows"]


def names(line: Hostile, found: list[str | None]) -> bool:
    """Whether each of the members that are wrong is named, by itself or by a member of it."""
    return all(any(f"{field or ''}.".startswith(f"{path}") for field in found) for path in line.named)


def test_ten_thousand_hostile_lines() -> None:
    hostile = hostile_lines(10_000)
    sent, sound = [], json.dumps({**TRUCK, "until": "2024-01-31"}).encode()
    for at in range(0, len(hostile), EVERY):
        sent += [sound, *(line.content for line in hostile[at : at + EVERY])]
    answer = schedule(given=b"\n".join(sent))
    assert (answer.status, answer.err) == (1, "")
    told = answers(answer)
    assert len(told) == len(sent) == 10_100
    good = told[:: EVERY + 1]
    assert good == [good[0]] * 100
    assert good[0]["rows"][0]["depreciation"] == 66667
    wrong = []
    for at, (line, one) in enumerate(
        zip(hostile, (one for at, one in enumerate(told) if at % (EVERY + 1)), strict=True)
    ):
        codes = [found["code"] for found in one["findings"]]
        known = "line" not in one or one["line"] == at + at // EVERY + 2
        if one["rows"] or not codes or not set(codes) <= set(EXPLANATIONS) or not known:
            wrong.append((line.content[:300], one))
        elif not names(line, [found["field"] for found in one["findings"]]):
            wrong.append((line.named, line.content[:300], one["findings"]))
        elif not line.named and one["id"] is not None:
            wrong.append((line.content[:300], one))
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(map(str, wrong[:20]))
    seen = {found["code"] for one in told for found in one["findings"]}
    assert len(seen) >= 35, sorted(seen)


def test_the_same_lines_as_csv_have_no_row_and_a_sentence_each() -> None:
    hostile = hostile_lines(10_000)[:500]
    answer = schedule("--format", "csv", given=b"\n".join(line.content for line in hostile))
    assert (answer.status, answer.out) == (1, ",".join(CSV_COLUMNS) + "\n")
    assert len(answer.err.splitlines()) >= 500
    assert all("; remedy: " in line for line in answer.err.splitlines())
