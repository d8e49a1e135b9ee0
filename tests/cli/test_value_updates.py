"""`value-updates`: recorded from a command line, shown, archived, and refused with a reason."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from .command import Answer, bookvalue

BUSINESS = "business,name,currency,time_zone,books_start\nacme,Acme,EUR,UTC,2026-08-01\n"
ASSETS = (
    "business,external_id,name,kind,depreciation_start_date,cost,method,life_months,ledger_account,"
    "accumulated_depreciation_account,depreciation_expense_account\n"
    "acme,a-1,Lathe,EQUIPMENT,2026-08-01,1200.00,straight_line,12,EQUIPMENT,ACCUMULATED_DEPRECIATION_EQUIPMENT,"
    "DEPRECIATION\n"
)
GOOD = ("-b", "acme", "-t", "IMPROVEMENT", "--amount", "250.00", "--counter", "CASH", "-d", "2026-08-10")
CLOCK = "2026-08-20T12:00:00Z"


@pytest.fixture
def acme(database_url: str, tmp_path: Path) -> str:
    """A business with one asset: the URL of its database."""
    (tmp_path / "businesses.csv").write_text(BUSINESS)
    (tmp_path / "assets.csv").write_text(ASSETS)
    assert bookvalue("import", str(tmp_path), DATABASE_URL=database_url).status == 0
    return database_url


def ask(url: str, *words: str) -> Answer:
    return bookvalue("value-updates", *words, DATABASE_URL=url, BOOKVALUE_CLOCK=CLOCK)


def test_recorded_shown_and_archived(acme: str, engine: Engine) -> None:
    assert ask(acme, "list", "-b", "acme").err == "there are no such value updates\n"
    answer = ask(acme, "record", "a-1", *GOOD, "--memo", "new motor", "--external-id", "vu-1", "--json")
    assert answer.status == 0, answer.err
    made = answer.json["data"]
    assert (made["amount"], made["asset_external_id"], made["counter_account"]) == (25_000, "a-1", "1010")
    again = ask(acme, "record", "a-1", *GOOD, "--memo", "new motor", "--external-id", "vu-1")
    assert (again.status, again.err) == (0, "unchanged: vu-1 is there already\n")
    listed = ask(acme, "list", "-b", "acme", "--asset", "a-1", "--in-force", "--json")
    assert listed.json == {"data": [made]}
    header, row = ask(acme, "list", "-b", "acme").out.splitlines()
    assert header.split()[:5] == ["id", "date", "asset", "type", "amount"]
    assert row.split()[:5] == [made["id"], "2026-08-10", "a-1", "IMPROVEMENT", "250.00"]

    archived = ask(acme, "archive", made["id"], "-b", "acme")
    assert (archived.status, archived.err) == (0, "archived\n")
    assert ask(acme, "list", "-b", "acme", "--in-force", "--json").json == {"data": []}
    with engine.connect() as connection:
        lines = connection.execute(text("SELECT debit_minor, credit_minor FROM bookvalue.journal_line"))
        assert sorted(map(tuple, lines)) == [(0, 25_000), (0, 25_000), (25_000, 0), (25_000, 0)]


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        (("a-1", *GOOD, "--amount", "2.505"), "too_many_decimals", "amount"),
        (("a-1", *GOOD, "--amount", "0"), "amount_not_positive", "amount"),
        (("a-1", *GOOD, "-t", "PARTY"), "not_one_of", "update_type"),
        (("a-1", *GOOD, "-c", "9999"), "unknown_account", "counter_account"),
        (("a-1", *GOOD, "-d", "2026-08-21"), "in_the_future", "date"),
    ],
)
def test_what_is_refused_is_told_with_its_field(acme: str, words: tuple[str, ...], code: str, field: str) -> None:
    answer = ask(acme, "record", *words, "--json")
    assert answer.status == 1
    (found,) = answer.json["error"]["errors"]
    assert (found["code"], found["field"]) == (code, field)


def test_what_is_not_there_and_what_is_no_id(acme: str) -> None:
    nothing = "0190a1b2-0000-7000-8000-000000000000"
    assert ask(acme, "archive", nothing, "-b", "acme", "--json").json["error"]["code"] == "not_found"
    assert ask(acme, "archive", "nothing", "-b", "acme").status == 2
    assert ask(acme, "record", "nothing", *GOOD, "--json").json["error"]["code"] == "not_found"
    assert ask(acme, "list", "-b", "nobody").status == 1


@pytest.mark.parametrize("command", ["list", "record", "archive"])
def test_every_command_shows_an_example(command: str) -> None:
    answer = bookvalue("value-updates", command, "--help")
    assert answer.status == 0
    assert f"bookvalue value-updates {command} " in " ".join(answer.out.split())
    assert "--json" in answer.out
