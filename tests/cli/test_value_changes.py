"""`value-changes`: the list, the plan, and the four ways of changing a value, on books of their own."""

import pytest
from sqlalchemy import Engine

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register

from .command import Answer, bookvalue

BUSINESS = b"business,name,currency,time_zone,books_start\nacme,Acme,EUR,UTC,2026-08-01\n"
ASSETS = """business,external_id,name,kind,purchase_date,cost,method,life_months,depreciation_start_date
acme,lathe,Lathe,EQUIPMENT,2026-07-15,1200.00,straight_line,12,2026-08-01
acme,press,Press,EQUIPMENT,2026-07-15,1200.00,straight_line,12,2026-08-01
"""
ACCOUNTS = {
    "ledger_account": "EQUIPMENT",
    "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_EQUIPMENT",
    "depreciation_expense_account": "DEPRECIATION",
}
CLOCK = "2026-10-20T12:00:00Z"
ON = ("-d", "2026-10-15", "--amount", "-250.00", "--description", "a flood")


@pytest.fixture
def acme(engine: Engine, database_url: str) -> str:
    """The URL of books with two assets of 100.00 a month; nothing is closed."""
    head, *rows = ASSETS.splitlines()
    lines = [",".join([head, *ACCOUNTS])] + [",".join([row, *ACCOUNTS.values()]) for row in rows]
    files = [RegisterFile("businesses", BUSINESS), RegisterFile("assets", "\n".join(lines).encode())]
    import_register(engine, files, actor="test")
    return database_url


def ask(url: str, command: str, asset: str, *words: str) -> Answer:
    return bookvalue("value-changes", command, asset, "-b", "acme", *words, DATABASE_URL=url, BOOKVALUE_CLOCK=CLOCK)


def test_beside_the_plan_against_it_and_both_listed(acme: str) -> None:
    empty = ask(acme, "list", "lathe")
    assert (empty.status, empty.out, empty.err) == (0, "", "nothing has changed its value yet\n")
    planned = ask(acme, "plan", "lathe", "--periods", "3", "--json").json["data"]
    assert [(one["period"], one["amount"]) for one in planned["changes"]] == [
        ("2026-08", -10_000), ("2026-09", -10_000), ("2026-10", -10_000)
    ]  # fmt: skip
    assert planned["type"] == "linear"

    beside = ask(acme, "manual", "lathe", *ON, "--json")
    assert beside.status == 0, beside.out
    made = beside.json["data"]
    assert (made["type"], made["date"], made["amount"], made["description"]) == (
        "manual", "2026-10-15", -25_000, "a flood"
    )  # fmt: skip
    assert ask(acme, "plan", "lathe", "--periods", "3", "--json").json["data"] == planned

    against = ask(acme, "arbitrary", "lathe", *ON, "-c", "6520")
    assert (against.status, against.err) == (0, "recorded\n")
    header, row = against.out.splitlines()
    assert header.split()[:3] == ["date", "type", "amount"]
    assert row.split()[:4] == ["2026-10-15", "arbitrary", "-250.00", "2026-10"]
    table = ask(acme, "plan", "lathe", "--periods", "3").out.splitlines()
    assert [line.split() for line in table[:3]] == [
        ["period", "amount"],
        ["2026-08", "-100.00"],
        ["2026-09", "-100.00"],
    ]
    assert table[3].split() != ["2026-10", "-100.00"], "the plan was made anew"
    listed = ask(acme, "list", "lathe", "--json").json
    assert listed["data"][0] == made
    assert [one["type"] for one in listed["data"]] == ["manual", "arbitrary"]
    assert listed["currency"] == "EUR"

    archived = bookvalue("value-updates", "archive", made["id"], "-b", "acme", DATABASE_URL=acme, BOOKVALUE_CLOCK=CLOCK)
    assert archived.status == 0, archived.err
    reversed_ = [one["reversed"] for one in ask(acme, "list", "lathe", "--json").json["data"] if one["id"]]
    assert reversed_ == [True, False]


def test_the_whole_value_goes_as_a_result_or_as_a_cost(acme: str) -> None:
    gone = ask(acme, "divestment", "lathe", "-d", "2026-10-15", "--json").json["data"]
    assert (gone["type"], gone["amount"]) == ("divestment", -100_000), "200.00 is charged by then"
    burnt = ask(acme, "full-depreciation", "press", "-d", "2026-10-15", "--description", "burnt")
    assert (burnt.status, burnt.err) == (0, "recorded; the asset is disposed of\n")
    back = bookvalue("reinstate", "press", "-b", "acme", "--dry-run", DATABASE_URL=acme, BOOKVALUE_CLOCK=CLOCK)
    assert (back.status, back.err) == (0, "nothing was done\n")
    again = ask(acme, "manual", "press", *ON, "--json")
    assert (again.status, again.json["error"]["code"]) == (1, "asset_disposed")


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (("manual", "lathe", *ON, "--amount", "2.505"), "too_many_decimals", "amount"),
        (("manual", "lathe", *ON, "--amount", "0"), "amount_zero", "amount"),
        (("arbitrary", "lathe", *ON, "--amount", "-1200.01"), "decrease_above_book_value", "amount"),
        (("arbitrary", "lathe", *ON, "-c", "9999"), "unknown_account", "counter_account"),
        (("divestment", "lathe", "-d", "2026-10-21"), "in_the_future", "date"),
        (("full-depreciation", "lathe", "-d", "2026-07-15", "--description", "x"), "before_start", "date"),
    ],
)
def test_what_is_refused_is_told_with_its_field(acme: str, words: tuple[str, ...], code: str, field: str) -> None:
    answer = ask(acme, *words, "--json")
    assert answer.status == 1
    (found,) = answer.json["error"]["errors"]
    assert (found["code"], found["field"]) == (code, field)


def test_an_asset_that_is_not_there_and_an_option_that_is_missing(acme: str) -> None:
    assert ask(acme, "list", "nothing", "--json").json["error"]["code"] == "not_found"
    assert ask(acme, "full-depreciation", "lathe", "-d", "2026-10-15").status == 2


@pytest.mark.parametrize("command", ["list", "plan", "manual", "arbitrary", "divestment", "full-depreciation"])
def test_every_command_shows_an_example(command: str) -> None:
    answer = bookvalue("value-changes", command, "--help")
    assert answer.status == 0
    assert f"bookvalue value-changes {command} " in " ".join(answer.out.split())
    assert "--json" in answer.out
