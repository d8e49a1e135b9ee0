"""`schedule`: what it reads, what it answers, in which form, and with which exit status."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from .command import Answer, bookvalue
from .schedule_command import TRUCK, answers, codes, lines, schedule

SHORT = {**TRUCK, "id": "short", "cost": 1000, "settings": {"method": "straight_line", "life_months": 2}}
SHORT_ROWS = [
    {"period_start": "2024-01-01", "period_end": "2024-01-31", "depreciation": 500, "accumulated": 500,
     "book_value": 500},
    {"period_start": "2024-02-01", "period_end": "2024-02-29", "depreciation": 500, "accumulated": 1000,
     "book_value": 0},
]  # fmt: skip
CAPPED = {
    **TRUCK, "id": "capped", "cost": 100, "settings": {"method": "manual"},
    "manual": [{"date": "2024-03-31", "amount": 250}],
}  # fmt: skip


def test_the_example_of_the_format() -> None:
    """SEMANTICS section 3, amount for amount."""
    example = {
        "id": "truck-1", "currency": "USD", "cost": 4000000, "cost_limit": None, "residual_value": 0,
        "depreciation_start_date": "2024-01-15", "fiscal_year_start": "01-01", "frequency": "monthly", "until": None,
        "settings": {"method": "straight_line", "life_months": 60, "averaging": "full_month"},
        "value_updates": [{"date": "2025-06-01", "update_type": "IMPROVEMENT", "amount": 250000,
                           "remaining_life_months": None, "residual_value": None}],
        "disposal": {"date": "2026-05-10", "proceeds": 1500000},
    }  # fmt: skip
    answer = schedule(given=lines(example))
    assert (answer.status, answer.err) == (0, "")
    (told,) = answers(answer)
    assert list(told) == ["id", "rows", "disposal", "findings"]
    assert (told["id"], told["findings"]) == ("truck-1", [])
    assert told["disposal"] == {"book_value": 2319380, "gain_or_loss": -819380, "capital_gain": 0}
    assert told["rows"][0] == {
        "period_start": "2024-01-01", "period_end": "2024-01-31", "depreciation": 66667, "accumulated": 66667,
        "book_value": 3933333,
    }  # fmt: skip
    accumulated = {row["period_end"]: row["accumulated"] for row in told["rows"]}
    assert (accumulated["2025-05-31"], accumulated["2026-04-30"]) == (1133333, 1930620)
    assert told["rows"][-1]["period_end"] == "2026-05-31"


def test_each_line_is_answered_in_its_place_whatever_stands_in_the_others() -> None:
    given = lines(SHORT, "{nonsense", {**SHORT, "cost": 1.5}, [1], {"cost": 1}, {**SHORT, "id": "last"})
    answer = schedule(given=given)
    assert (answer.status, answer.err) == (1, "")
    told = answers(answer)
    assert [(one["id"], one.get("line"), len(one["rows"])) for one in told] == [
        ("short", None, 2), (None, 2, 0), ("short", None, 0), (None, 4, 0), (None, 5, 0), ("last", None, 2),
    ]  # fmt: skip
    assert list(told[1]) == ["id", "line", "rows", "findings"]
    assert codes(told[1]) == [("not_json", None)]
    assert codes(told[2]) == [("not_an_integer", "cost")]
    assert codes(told[3]) == [("not_an_object", None)]
    assert ("required", "settings") in codes(told[4])
    assert told[5]["rows"] == SHORT_ROWS
    for one in told[1:5]:
        for found in one["findings"]:
            assert list(found) == ["code", "field", "value", "message", "remedy"]


def test_a_finding_that_leaves_a_schedule_is_no_failure() -> None:
    answer = schedule(given=lines(CAPPED))
    (told,) = answers(answer)
    assert codes(told) == [("manual_above_floor", "manual.0.amount")]
    assert told["rows"][-1]["book_value"] == 0
    assert answer.status == 0


def test_what_charges_nothing_is_no_failure() -> None:
    answer = schedule(given=lines({**TRUCK, "settings": {"method": "none"}}))
    assert (answer.status, answers(answer)) == (0, [{"id": "truck-1", "rows": [], "findings": []}])


ENDS = [
    ("", 0),
    ("{}", 1),  # the last line break may be missing
    ("{}\n", 1),
    ("\n", 1),  # a blank line is a line, and not JSON
    ("{}\n\n", 2),
    ("\n{}\n \n", 3),
    ("{}\r\n{}\r\n", 2),
    ("\ufeff{}\n", 1),
]


@pytest.mark.parametrize(("given", "count"), ENDS)
def test_as_many_answers_as_lines(given: str, count: int) -> None:
    answer = schedule(given=given)
    told = answers(answer)
    assert [one["line"] for one in told] == list(range(1, count + 1))
    assert answer.status == (1 if count else 0)
    blank = [not line.strip() for line in given.splitlines()]
    assert [codes(one) == [("not_json", None)] for one in told] == blank


def test_a_file_a_dash_and_nothing_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "assets.jsonl"
    file.write_text(lines(SHORT, TRUCK))
    found = {
        schedule(str(file)).out,
        schedule("-", given=lines(SHORT, TRUCK)).out,
        schedule(given=file.read_text()).out,
    }
    assert len(found) == 1
    assert len(answers(schedule(str(file)))) == 2


def test_names_of_any_script_go_through() -> None:
    name = "søm-工具-\U0001f69a"
    told = schedule(given=lines({**SHORT, "id": name}), PYTHONIOENCODING="utf-8")
    assert f'"id": "{name}"' in told.out
    plain = schedule(given=lines({**SHORT, "id": name}), PYTHONIOENCODING="ascii")
    assert plain.out.isascii()
    assert answers(plain)[0]["id"] == name


# ------------------------------------------------------------------------------------------------ other formats


def test_csv_has_a_row_a_period_in_major_units_and_findings_go_to_stderr() -> None:
    comma = {**SHORT, "id": 'a,"b"', "currency": "JPY"}
    dinar = {**SHORT, "id": "=1+1", "currency": "KWD"}
    answer = schedule("--format", "csv", given=lines(comma, {**SHORT, "cost": -1}, "x", dinar, CAPPED))
    assert answer.status == 1
    rows = list(csv.reader(io.StringIO(answer.out)))
    assert rows[0] == ["id", "currency", "period_start", "period_end", "depreciation", "accumulated", "book_value"]
    assert rows[1] == ['a,"b"', "JPY", "2024-01-01", "2024-01-31", "500", "500", "500"]
    assert rows[4] == ["=1+1", "KWD", "2024-02-01", "2024-02-29", "0.500", "1.000", "0.000"]
    assert {row[0] for row in rows[5:]} == {"capped"}
    said = answer.err.splitlines()
    assert [line.partition(":")[0] for line in said] == ["short", "line 3", "capped"]
    assert said[0] == "short: cost  amount_negative: cost is negative: -1; remedy: give zero or a positive amount"


def test_a_table_for_a_person() -> None:
    sold = {**TRUCK, "until": "2024-02-01", "disposal": {"date": "2024-03-10", "proceeds": 5000000}}
    steering = {**SHORT, "id": "a\x1b[31m\nb [red]", "cost": "x"}
    answer = schedule("--format", "table", given=lines(sold, steering, CAPPED))
    assert answer.out.splitlines() == [
        "truck-1  (USD)",
        "from        to          depreciation  accumulated  book value",
        "2024-01-01  2024-01-31        666.67       666.67   39,333.33",
        "2024-02-01  2024-02-29        666.66     1,333.33   38,666.67",
        "disposal: book value 38,666.67, gain or loss 1,333.33, capital gain 10,000.00",
        "",
        "capped  (USD)",
        "from        to          depreciation  accumulated  book value",
        "2024-01-01  2024-01-31          0.00         0.00        1.00",
        "2024-02-01  2024-02-29          0.00         0.00        1.00",
        "2024-03-01  2024-03-31          1.00         1.00        0.00",
    ]
    assert answer.err.startswith(r"a\x1b[31m\nb [red]: cost  not_an_integer: ")
    assert answer.status == 1


# ------------------------------------------------------------------------------------------------ one asset


def one(*words: str) -> Any:
    """The answer about one asset given by options."""
    answer = schedule(*words)
    assert answer.err == ""
    (told,) = answers(answer)
    assert answer.status == (1 if told["findings"] else 0)
    return told


def as_spec(**members: Any) -> Any:
    """The answer about the same asset given as a line."""
    return answers(schedule(given=lines({**TRUCK, "id": "asset", **members})))[0]


@pytest.mark.parametrize("amount", ["40000", "40000.00", "40000.", "040000.000"])
def test_amounts_of_a_person_are_in_major_units(amount: str) -> None:
    assert one("--cost", amount, "--life", "60", "--start", "2024-01-15") == as_spec()


def test_every_option_is_a_member() -> None:
    declining = {"method": "declining_balance", "life_months": 60, "declining_factor": "1.5", "day_basis": "actual",
                 "averaging": "actual_days", "declining_base": "net_of_residual", "declining_within_year": "compound",
                 "end_of_life": "true_up", "switch_to_straight_line": True, "rounding": "per_period"}  # fmt: skip
    told = one(
        "--cost", "4000", "--currency", "KWD", "--cost-limit", "3999.999", "--residual", "100.5", "--start",
        "2024-01-15", "--fiscal-year-start", "04-06", "--frequency", "quarterly", "--until", "2027-12-31",
        "--disposal-date", "2027-05-10", "--proceeds", "0.001", "--method", "declining_balance", "--life", "60",
        "--factor", "1.5", "--averaging", "actual_days", "--day-basis", "actual", "--declining-base",
        "net_of_residual", "--within-year", "compound", "--end-of-life", "true_up", "--switch", "--rounding",
        "per_period",
    )  # fmt: skip
    assert told["findings"] == []
    assert told == as_spec(
        currency="KWD", cost_limit=3999999, residual_value=100500, fiscal_year_start="04-06", frequency="quarterly",
        until="2027-12-31", disposal={"date": "2027-05-10", "proceeds": 1}, settings=declining,
    )  # fmt: skip
    rated = one("--cost", "40000", "--rate", "20", "--straight-line-base", "cost", "--start", "2024-01-15")
    assert rated == as_spec(settings={"method": "straight_line", "rate_percent": "20", "straight_line_base": "cost"})
    fixed = ["--method", "fixed_rate_declining", "--life", "36", "--rate-places", "3", "--residual", "1000"]
    assert one("--cost", "40000", "--start", "2024-01-15", *fixed) == as_spec(
        residual_value=100000, settings={"method": "fixed_rate_declining", "life_months": 36, "rate_places": 3}
    )
    profiled = one("--cost", "40000", "--profile", "irs_macrs_half_year", "--life", "60", "--start", "2024-01-15")
    assert profiled == as_spec(settings={"profile": "irs_macrs_half_year", "life_months": 60})


def test_without_a_start_it_is_the_first_of_this_month() -> None:
    before = date.today().replace(day=1)
    told = one("--cost", "40000", "--life", "60", "--averaging", "actual_days")
    begun = told["rows"][0]["period_start"]
    assert begun in {before.isoformat(), date.today().replace(day=1).isoformat()}


def test_what_the_reader_finds_is_found_in_options_too() -> None:
    assert codes(one("--cost", "40000")) == [("life_or_rate_missing", "settings.life_months")]
    assert codes(one("--cost", "-1", "--life", "60")) == [("amount_negative", "cost")]
    assert codes(one("--cost", "1", "--life", "60", "--rate", "20")) == [("life_and_rate", "settings.life_months")]
    assert codes(one("--cost", "1", "--life", "60", "--proceeds", "5")) == [("required", "disposal.date")]


WRONG = [
    (["/nonexistent.jsonl"], "No such file"),
    (["."], "Is a directory"),
    (["--format", "csv", "."], "Is a directory"),
    (["--format", "xml"], "xml"),
    (["--cost", "40.000,00", "--life", "60"], "is not an amount: 40.000,00"),
    (["--cost", "1.005", "--life", "60"], "more decimals than its currency"),
    (["--cost", "1.5", "--currency", "JPY", "--life", "60"], "more decimals than its currency"),
    (["--cost", "1", "--residual", "x"], "--residual"),
    (["--cost", "1", "--life", "sixty"], "--life"),
    (["--cost", "1", "--method", "guess"], "guess"),
    (["--life", "60"], "--cost"),
    (["--proceeds", "60"], "--cost"),
    (["--currency", "EUR", "-"], "--cost"),
    (["--cost", "1", "-"], "not both"),
    (["a", "b"], "b"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_usage_is_two(words: list[str], said: str) -> None:
    answer = schedule(*words)
    assert (answer.status, answer.out) == (2, "")
    assert "Usage: bookvalue schedule" in answer.err
    assert said in " ".join(answer.err.replace("│", " ").split())


def test_the_help_says_what_units_are_meant() -> None:
    answer: Answer = bookvalue("schedule", "--help")
    flat = " ".join(answer.out.replace("│", " ").split())
    assert answer.status == 0
    assert "In major units of the currency: 40000 or 40000.00" in flat
    assert "integers in minor units" in flat


def test_findings_are_strict_json() -> None:
    huge = '{"id": "h", "cost": ' + "9" * 5000 + ', "residual_value": 1e999}'
    told = schedule(given=lines(huge, '{"cost": NaN}'))

    def refuse(_: str) -> None:
        raise AssertionError("not JSON")

    for line in told.out.splitlines():
        json.loads(line, parse_constant=refuse)
