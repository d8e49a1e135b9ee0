"""`dispose` and `reinstate`, for people and for programs, on books of their own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.embedded import Endpoints

from .command import CLOCK, Answer, bookvalue
from .conftest import FILES

SALE = ["-d", "2026-11-15", "-r", "sold", "--proceeds", "15000.00", "--to", "CASH"]


@pytest.fixture(scope="module")
def books(stack: Endpoints, template: str) -> Iterator[str]:
    """The URL of a database with the sample in it, and nothing closed."""
    admin = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE disposals_for_cli TEMPLATE {template} STRATEGY file_copy"))
    url = stack.database_url.replace("/bookvalue?", "/disposals_for_cli?")
    assert bookvalue("import", *FILES, DATABASE_URL=url).status == 0
    closed = bookvalue("close", "-b", "portland-coffee", DATABASE_URL=url, BOOKVALUE_CLOCK=CLOCK)
    assert closed.status == 0, closed.err
    yield url
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE disposals_for_cli WITH (FORCE)"))


def ask(books: str, command: str, asset: str, *words: str) -> Answer:
    return bookvalue(command, asset, "-b", "portland-coffee", *words, DATABASE_URL=books, BOOKVALUE_CLOCK=CLOCK)


def test_disposals_are_listed_with_those_taken_back(books: str) -> None:
    none = ask(books, "disposals", "porcof-0001")
    assert (none.status, none.out, none.err) == (0, "", "the asset has not been disposed of, nor a part of it\n")
    part = ask(books, "dispose", "porcof-0001", *SALE, "--part", "1/4", "--json").json["data"]
    back = ask(books, "reinstate", "porcof-0001", "--disposal", part["id"])
    assert back.status == 0, back.err
    rest = ask(books, "dispose", "porcof-0001", *SALE, "--json").json["data"]
    listed = ask(books, "disposals", "porcof-0001", "--json").json["data"]
    assert [(one["id"], one["part"], one["is_reinstated"]) for one in listed] == [
        (part["id"], "1/4", True),
        (rest["id"], None, False),
    ]
    table = ask(books, "disposals", "porcof-0001")
    assert [line.split()[-2:] for line in table.out.splitlines()[-2:]] == [["taken", "back"], ["in", "force"]]


def test_from_the_dry_run_to_the_reinstatement(books: str) -> None:
    tried = ask(books, "dispose", "seed-002", *SALE, "--dry-run")
    assert (tried.status, tried.err) == (0, "nothing was done\n")
    figures = dict(line.rsplit(None, 1) for line in tried.out.splitlines() if line.startswith(("cost", "proceeds")))
    assert figures == {"cost": "40,000.00", "proceeds": "15,000.00"}
    document = ask(books, "dispose", "seed-002", *SALE, "--dry-run", "--json")
    assert (document.status, document.err, document.json["data"]["id"]) == (0, "", None)

    done = ask(books, "dispose", "seed-002", *SALE, "--json", "--memo", "to the driver")
    assert (done.status, done.err) == (0, "")
    made, shown = done.json["data"], document.json["data"]
    assert [one for one in made if made[one] != shown[one]] == ["id", "memo", "entry"]
    assert sum(line["debit_minor"] - line["credit_minor"] for line in made["entry"]["lines"]) == 0
    assert (made["cost"], made["proceeds"], made["currency"]) == (4_000_000, 1_500_000, "USD")
    again = ask(books, "dispose", "seed-002", *SALE)
    assert (again.status, again.out) == (1, "")
    assert "error asset_disposed" in again.err

    tried = ask(books, "reinstate", "seed-002", "--dry-run")
    assert (tried.status, tried.err) == (0, "nothing was done\n")
    back = ask(books, "reinstate", "seed-002", "--reason", "it came back", "--json")
    assert (back.status, back.json["data"]["is_reinstated"], back.json["data"]["entry"]["kind"]) == (
        0,
        True,
        "reversal",
    )
    none = ask(books, "reinstate", "seed-002")
    assert (none.status, none.out) == (1, "")
    assert "error not_found: the asset has not been disposed of" in none.err


PARTS = [("10000.00", 1_000_000), ("25%", 1_000_000), ("2/5", 1_600_000)]


@pytest.mark.parametrize(("part", "cost"), PARTS, ids=["cost", "percent", "units"])
def test_a_part_goes_and_comes_back_by_its_id(books: str, part: str, cost: int) -> None:
    tried = ask(books, "dispose", "seed-002", *SALE, "--part", part, "--dry-run", "--json").json["data"]
    assert (tried["cost"], tried["id"]) == (cost, None)
    done = ask(books, "dispose", "seed-002", *SALE, "--part", part, "--externally-booked")
    assert (done.status, done.err) == (0, "no entry\ndisposed of\n")
    shown = dict(line.split(None, 1) for line in done.out.splitlines() if line.startswith(("id ", "cost ")))
    assert shown["cost"] == f"{cost // 100:,}.00"
    missing = ask(books, "reinstate", "seed-002")
    assert (missing.status, missing.err.splitlines()) == (1, [
        "error not_found: a part of the asset has been disposed of, not the whole",
        "  take a part back with --disposal ID; `bookvalue disposals seed-002 -b portland-coffee` lists the ids",
    ])  # fmt: skip
    back = ask(books, "reinstate", "seed-002", "--disposal", shown["id"], "--json")
    assert (back.status, back.json["data"]["is_reinstated"]) == (0, True)


WRONG = [
    (["nobody", *SALE], 1, "not_found"),
    (["seed-002", *SALE[:4]], 1, "value_left"),
    (["seed-002", *SALE[:6]], 1, "proceeds_account_missing"),
    (["seed-002", *SALE[:4], "--proceeds", "1,5"], 1, "not_an_amount"),
    (["seed-002", *SALE[:4], "--proceeds", "1.234"], 1, "too_many_decimals"),
    (["seed-002", *SALE[:4], "--proceeds", "-1"], 1, "amount_negative"),
    (["seed-002", "-d", "2026-11-21", "--proceeds", "0"], 1, "in_the_future"),
    (["seed-002", "-d", "15.11.2026", "--proceeds", "0"], 1, "not_a_date"),
    (["seed-002", "-d", "2026-11-15", "-r", "stolen"], 1, "not_one_of"),
    (["seed-002", *SALE, "--part", "100%"], 1, "part_is_the_whole"),
    (["seed-002", *SALE, "--part", "2/x"], 1, "not_a_decimal"),
    (["seed-002", *SALE, "--part", "a half"], 1, "not_an_amount"),
]


@pytest.mark.parametrize(("words", "status", "code"), WRONG, ids=[one[2] for one in WRONG])
def test_what_is_refused(books: str, words: list[str], status: int, code: str) -> None:
    told = ask(books, "dispose", *words)
    assert (told.status, told.out) == (status, "")
    assert code in told.err
    document = ask(books, "dispose", *words, "--json")
    assert (document.status, document.err) == (status, "")
    error = document.json["error"]
    assert code in (error["code"], *(one["code"] for one in error["errors"]))


def test_a_locked_period_has_an_exit_status_of_its_own(books: str) -> None:
    locked = bookvalue("lock", "portland-coffee", "2026-08", DATABASE_URL=books)
    assert locked.status == 0, locked.err
    told = ask(books, "dispose", "seed-002", "-d", "2026-08-20", "--proceeds", "0")
    assert (told.status, told.out) == (4, "")
    assert "error period_locked" in told.err


@pytest.mark.parametrize("words", [["dispose"], ["dispose", "a", "-b", "b"], ["reinstate"], ["reinstate", "a"]])
def test_wrong_usage(words: list[str]) -> None:
    answer = bookvalue(*words)
    assert (answer.status, answer.out) == (2, "")
    assert f"Usage: bookvalue {words[0]}" in answer.err
