"""`ledger-details` and `sources`: what an asset was bought with."""

import pytest
from sqlalchemy import Engine

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register

from .command import Answer, bookvalue

BUSINESS = b"business,name,currency,time_zone,books_start\nacme,Acme,EUR,UTC,2026-08-01\n"
ASSETS = b"""business,external_id,name,kind,depreciation_start_date,cost,method,life_months,ledger_account
acme,lathe,Lathe,EQUIPMENT,2026-08-01,1200.00,straight_line,12,EQUIPMENT
"""
INVOICE = ("add", "--account", "EQUIPMENT", "-d", "2026-08-01", "--amount", "1200.00", "--external-id", "INV-7/1")


@pytest.fixture
def acme(engine: Engine, database_url: str) -> str:
    """The URL of books with one asset."""
    import_register(engine, [RegisterFile("businesses", BUSINESS), RegisterFile("assets", ASSETS)], actor="test")
    return database_url


def details(url: str, *words: str) -> Answer:
    return bookvalue("ledger-details", *words, "-b", "acme", DATABASE_URL=url)


def sources(url: str, *words: str) -> Answer:
    return bookvalue("sources", *words, "-b", "acme", DATABASE_URL=url)


def test_added_made_a_source_and_removed(acme: str) -> None:
    assert details(acme, "list").err == "there are no ledger details\n"
    assert sources(acme, "list", "lathe").err == "the asset has no sources\n"
    (made,) = details(acme, *INVOICE, "--kind", "invoice line", "--json").json["data"]
    assert (made["external_id"], made["account"], made["amount"]) == ("INV-7/1", "1520", 120_000)
    (credit,) = details(acme, *INVOICE[:-2], "--amount", "-0.50", "--json").json["data"]
    assert (credit["amount"], credit["external_id"]) == (-50, credit["id"])

    first = details(acme, "list", "--limit", "1")
    header, row = first.out.splitlines()
    assert header.split()[:2] == ["external", "id"]
    assert row.split()[:4] == ["INV-7/1", "1520", "2026-08-01", "1,200.00"]
    assert first.err == f"more: --after {made['id']}\n"
    assert details(acme, "list", "--after", "INV-7/1", "--json").json["data"] == [credit]

    assert sources(acme, "add", "lathe", "INV-7/1").out.splitlines()[1].split()[0] == "INV-7/1"
    sources(acme, "add", "lathe", credit["id"])
    assert sources(acme, "list", "lathe", "--json").json == {"data": [made, credit], "currency": "EUR"}
    assert sources(acme, "remove", "lathe", "INV-7/1", "--json").json["data"] == [credit]
    gone = sources(acme, "remove", "lathe", credit["id"])
    assert (gone.status, gone.out, gone.err) == (0, "", "the asset has no sources left\n")
    assert len(details(acme, "list", "--json").json["data"]) == 2, "the details stay"


def test_what_is_refused_is_told_with_its_field(acme: str) -> None:
    details(acme, *INVOICE)
    assert details(acme, *INVOICE, "--amount", "1.00", "--json").json["error"]["code"] == "duplicate"
    wrong = details(acme, *INVOICE, "--account", "9999", "-d", "soon", "--json").json["error"]["errors"]
    assert [(one["code"], one["field"]) for one in wrong] == [("unknown_account", "account"), ("not_a_date", "date")]
    amount = details(acme, *INVOICE, "--amount", "much")
    assert (amount.status, amount.out) == (1, "")
    assert "amount  not_an_amount" in amount.err
    details(acme, *INVOICE, "--account", "CASH", "--external-id", "cash")
    other = sources(acme, "add", "lathe", "cash", "--json")
    assert (other.status, other.json["error"]["errors"][0]["code"]) == (1, "other_ledger_account")
    for words in (("add", "lathe", "nothing"), ("remove", "lathe", "INV-7/1"), ("list", "nothing")):
        assert sources(acme, *words, "--json").json["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "words",
    [("ledger-details", "list"), ("ledger-details", "add"), ("sources", "list"), ("sources", "add"),
     ("sources", "remove")],
)  # fmt: skip
def test_every_command_shows_an_example(words: tuple[str, str]) -> None:
    answer = bookvalue(*words, "--help")
    assert answer.status == 0
    assert f"bookvalue {words[0]} {words[1]} " in " ".join(answer.out.split())
    assert "--json" in answer.out
