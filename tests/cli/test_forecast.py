"""`bookvalue forecast` on the sample's books, for people and for programs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .command import Answer, bookvalue, environment

ROASTER = {
    "id": "roaster-2", "cost": 4_000_000, "depreciation_start_date": "2026-12-01",
    "settings": {"method": "straight_line", "life_months": 60},
}  # fmt: skip


def forecast(filled: str, *words: str, key: str = "portland-coffee") -> Answer:
    return bookvalue("forecast", "-b", key, *words, DATABASE_URL=filled)


def specs(folder: Path, *lines: Any) -> str:
    """A file of these specs; what is a text is a line as it is."""
    file = folder / "specs.jsonl"
    file.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines))
    return str(file)


def test_a_row_a_period_and_one_document(filled: str) -> None:
    document = forecast(filled, "--json", "--periods", "3")
    assert (document.status, document.err) == (0, "")
    data = document.json["data"]
    assert (data["business"], data["currency"]) == ("portland-coffee", "USD")
    assert [one["period"] for one in data["periods"]] == ["2026-11", "2026-12", "2027-01"]
    table = forecast(filled, "--periods", "3")
    header, *rows = table.out.splitlines()
    assert header.split() == ["period", "from", "to", "depreciation"]
    assert [row.split()[-1].replace(",", "").replace(".", "") for row in rows] == [
        str(one["depreciation"]) for one in data["periods"]]  # fmt: skip
    assert len(forecast(filled).out.splitlines()) == 13
    later = forecast(filled, "--from", "2027-01", "--periods", "1")
    assert later.out.splitlines()[1].startswith("earlier "), "what November and December have not had yet"
    assert later.out.splitlines()[2].split() == rows[2].split()


@pytest.mark.parametrize(("by", "columns"), [
    ("type", ["asset type"]), ("account", ["debit", "credit"]), ("asset", ["asset", "name", "not charged"]),
])  # fmt: skip
def test_groups(filled: str, by: str, columns: list[str]) -> None:
    answer = forecast(filled, "--by", by, "--periods", "2", "-n", "1000")
    assert answer.status == 0
    header, *rows = answer.out.splitlines()
    assert header.split("  ")[0] == columns[0]
    assert all(name in header for name in columns)
    data = forecast(filled, "--by", by, "--periods", "2", "-n", "1000", "--json").json["data"]
    assert len(rows) == 2 * len(data["groups"]) + 2 > 2
    sums = [sum(column) for column in zip(*(one["depreciation"] for one in data["groups"]), strict=True)]
    assert sums == [one["depreciation"] for one in data["periods"]]
    totals = [row.split() for row in rows[-2:]]
    assert [(name, period) for name, period, _ in totals] == [("total", one["period"]) for one in data["periods"]]
    assert [int(amount.replace(",", "").replace(".", "")) for *_, amount in totals] == sums
    if by == "asset":
        shown = [row.split()[0] for row in rows[:-2:2]]
        assert shown == sorted(one["asset"]["external_id"] for one in data["groups"])


def test_one_asset_and_page_after_page(filled: str) -> None:
    (one,) = forecast(filled, "--asset", "seed-002", "--json").json["data"]["groups"]
    assert one["asset"]["external_id"] == "seed-002"
    assert one["depreciation"][:3] == [66_667, 66_666, 66_667]
    assert "total" not in forecast(filled, "--asset", "seed-002").out, "there is nothing to add up"
    first = forecast(filled, "--by", "asset", "-n", "100", "--periods", "1")
    place = first.err.split("--after ")[1].strip()
    rest = forecast(filled, "--by", "asset", "-n", "100", "--periods", "1", "--after", place)
    assert "--after" not in rest.err
    names = [row.split()[0] for row in first.out.splitlines()[1:] + rest.out.splitlines()[1:]]
    assert len(names) == len(set(names)) == forecast(filled, "--json", "--periods", "1").json["data"]["assets"] > 100


def test_who_is_blocked_is_said(filled: str) -> None:
    answer = forecast(filled, "--periods", "5", key="lisbon-studio")
    assert answer.status == 0
    assert "1 not charged: accumulated_account_missing\n" in answer.err
    assert [row.split()[0] for row in answer.out.splitlines()[1:]] == [
        "2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]  # fmt: skip
    assert [row.split()[-1] for row in answer.out.splitlines()[1:4]] == ["0.00"] * 3, "posted, and not closed"


def test_what_if(filled: str, tmp_path: Path) -> None:
    good = forecast(filled, "--what-if", specs(tmp_path, ROASTER), "--periods", "3", "--json")
    assert good.status == 0
    (one,) = good.json["data"]["what_if"]
    assert (one["id"], one["depreciation"], one["findings"]) == ("roaster-2", [0, 66_667, 66_666], [])
    table = forecast(filled, "--what-if", specs(tmp_path, ROASTER), "--periods", "3", "--by", "account")
    assert table.out.splitlines()[0].split() == ["period", "from", "to", "depreciation", "what-if", "total"]
    assert table.out.splitlines()[2].split()[-2] == "666.67"
    assert table.out.splitlines()[4].startswith("debit ")
    wrong = specs(tmp_path, ROASTER, {**ROASTER, "id": "yen", "currency": "JPY"}, "{", "")
    mixed = forecast(filled, "--what-if", wrong, "--periods", "3")
    assert mixed.status == 1
    assert mixed.out.splitlines() == table.out.splitlines()[:4]
    yen, third, fourth, *_ = mixed.err.splitlines()
    assert yen.startswith("yen: currency  currency_mismatch: ")
    assert third.startswith("line 3: not_json: ")
    assert fourth.startswith("line 4: not_json: ")
    many = forecast(filled, "--what-if", specs(tmp_path, *[ROASTER] * 1001), "--json")
    assert (many.status, [found["code"] for found in many.json["error"]["errors"]]) == (1, ["too_many"])


def test_what_if_from_a_pipe(filled: str) -> None:
    words = [sys.executable, "-m", "bookvalue", "forecast", "-b", "portland-coffee", "--json", "--what-if", "-"]
    given, place = json.dumps(ROASTER), environment(DATABASE_URL=filled)
    done = subprocess.run(words, input=given, env=place, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [one["id"] for one in json.loads(done.stdout)["data"]["what_if"]] == ["roaster-2"]


WRONG = [
    (["--periods", "0"], 2), (["--periods", "121"], 2), (["--by", "colour"], 2), (["--what-if", "/nonexistent"], 2),
    (["--from", "2026-10"], 1), (["--from", "soon"], 1), (["--asset", "nobody"], 1),
    (["--by", "type", "--after", "x"], 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "status"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_what_is_asked_wrongly(filled: str, words: list[str], status: int) -> None:
    answer = forecast(filled, *words)
    assert (answer.status, answer.out) == (status, "")
    assert answer.err
