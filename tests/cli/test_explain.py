"""`explain`: of a spec without any database, of a registered asset beside what is posted; what it refuses, and how."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.by_hand import Page, charge_of

from .command import NOWHERE, Answer, bookvalue, environment

GOLDEN = Path(__file__).parents[1] / "golden" / "explain"
TRUCK: dict[str, Any] = {
    "id": "truck-1",
    "cost": 4000000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
}


def explain(*words: str, given: str | bytes = b"", **env: str) -> Answer:
    """The command, run on what stdin is given; a database would not be there."""
    content = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        [sys.executable, "-m", "bookvalue", "explain", *words],
        env=environment(**{"DATABASE_URL": NOWHERE, **env}), input=content, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return Answer(done.returncode, out, err, 0)


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a file and says where."""

    def write(content: str | bytes, name: str = "specs.json") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


@pytest.mark.parametrize("case", ["improvement", "fiscal-year-rounded"])
def test_a_golden_page(written: Any, case: str) -> None:
    given = json.loads((GOLDEN / f"{case}.json").read_text())
    page = (GOLDEN / f"{case}.txt").read_text()
    pretty = written(json.dumps(given["spec"], indent=2))
    for answer in (
        explain("--spec", pretty, "--period", given["period"]),
        explain(given["spec"]["id"], given["period"], "--spec", pretty),
        explain("--spec", "-", "-p", given["period"], given=json.dumps(given["spec"])),
    ):
        assert (answer.status, answer.out, answer.err) == (0, page, "")


def test_one_of_several_lines_and_json(written: Any) -> None:
    lines = written("".join(json.dumps({**TRUCK, "id": name, "cost": cost}) + "\n\n" for name, cost in
                            (("a", 60000), ("b", 120000))))  # fmt: skip
    answer = explain("b", "2025-06", "--spec", lines, "--json")
    assert (answer.status, answer.err) == (0, "")
    assert (answer.json["data"]["id"], charge_of(answer.json["data"])) == ("b", 2000)
    assert explain("--spec", lines, "-p", "2025-06").status == 2  # which one?
    missing = explain("c", "2025-06", "--spec", lines)
    assert (missing.status, missing.out) == (1, "")
    assert "has no spec c" in missing.err


def test_an_id_cannot_steer_the_terminal(written: Any) -> None:
    answer = explain("--spec", written(json.dumps({**TRUCK, "id": "a\x1b[31m\nb"})), "-p", "2025-06")
    assert answer.status == 0
    assert answer.out.startswith("a\\x1b[31m\\nb, 2025-06-01")


UNREADABLE = [
    (b"{", "not_json"),
    (b"", "not_json"),
    (b"{}\n{", "not_json"),
    (b'{"cost": ' + b"1" * 5000 + b"}", "not_json"),
    (b"\xff\xfe", "not_utf8"),
    (b"[" * 100_000, "too_deep"),
    (b"7", "not_an_object"),
    (json.dumps({**TRUCK, "cost": 1.5}).encode(), "not_an_integer"),
]


@pytest.mark.parametrize(("content", "code"), UNREADABLE, ids=[code for _, code in UNREADABLE])
def test_what_is_no_spec_is_a_finding(content: bytes, code: str) -> None:
    answer = explain("--spec", "-", "-p", "2025-06", "--json", given=content)
    assert (answer.status, answer.err) == (1, "")
    assert answer.json["error"]["code"] == "invalid_input"
    assert [one["code"] for one in answer.json["error"]["errors"]] == [code]
    told = explain("--spec", "-", "-p", "2025-06", given=content)
    assert (told.status, told.out) == (1, "")
    assert code in told.err


WRONG = [
    [], ["truck-1"], ["--spec", "-"], ["a", "2025-06", "--spec", "-", "-p", "2025-07"], ["-b", "bakery"],
    ["a", "2025-06", "-b", "bakery", "--spec", "-"], ["--spec", "/nonexistent.json", "-p", "2025-06"],
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage(words: list[str]) -> None:
    answer = explain(*words)
    assert (answer.status, answer.out) == (2, "")
    assert "Usage: bookvalue explain" in answer.err


def test_a_registered_asset(filled: str) -> None:
    answer = bookvalue("explain", "-b", "portland-coffee", "seed-002", "2026-08", DATABASE_URL=filled)
    assert (answer.status, answer.err) == (0, "")
    page = Page(answer.out, 2)
    assert page.charge == 66667
    assert "Posted for the period\n  DEPRECIATION_AMORTIZATION  666.67  lies in 2026-08  entry " in answer.out
    last = bookvalue("explain", "-b", "portland-coffee", "seed-002", "--json", DATABASE_URL=filled)
    assert last.json["data"]["period_end"] == "2026-11-30"
    assert (charge_of(last.json["data"]), last.json["data"]["posted"]["due"]) == (66667, 66667)
    for words, said in ((["-b", "nobody", "seed-002"], "no business"), (["-b", "portland-coffee", "x"], "asset")):
        missing = bookvalue("explain", *words, DATABASE_URL=filled)
        assert (missing.status, missing.out) == (1, "")
        assert said in missing.err


def test_an_asset_that_is_blocked_says_why(filled: str) -> None:
    answer = bookvalue("explain", "-b", "lisbon-studio", "lis-lighting-rig", "2026-09", DATABASE_URL=filled)
    assert answer.status == 0
    assert "Nothing is posted for the period\n" in answer.out
    assert "The last run charged nothing: accumulated_account_missing\n" in answer.out
