"""`estimate`, `suspend`, `units`, `manual` and `facts`: facts of an asset that have no entry."""

import pytest
from sqlalchemy import Engine

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register

from .command import CLOCK, Answer, bookvalue

ASSETS = b"""business,external_id,name,kind,cost,depreciation_start_date,method,life_months,units_total
bakery,oven,Oven,EQUIPMENT,1200.00,2026-10-01,straight_line,12,
bakery,press,Press,EQUIPMENT,1200.00,2026-10-01,units_of_production,,1000
"""
RECORDED = [
    (["estimate", "oven", "-d", "2026-11-01", "--remaining-life", "20", "--residual", "100.00"],
     {"kind": "estimate_change", "date": "2026-11-01", "remaining_life_months": 20, "residual_value": 10_000,
      "rate_percent": None, "method": None}, "date 2026-11-01, remaining_life_months 20, residual_value 100.00"),
    (["estimate", "oven", "-d", "2026-11-01", "--remaining-life", "20"],
     {"kind": "estimate_change", "residual_value": None}, "date 2026-11-01, remaining_life_months 20"),
    (["suspend", "oven", "--from", "2027-01-01", "--to", "2027-03-31", "--keep-end"],
     {"kind": "suspension", "from": "2027-01-01", "to": "2027-03-31", "extend_life": False},
     "from 2027-01-01, to 2027-03-31, extend_life false"),
    (["units", "press", "-d", "2026-10-31", "-q", "12.5"],
     {"kind": "units_used", "period_end": "2026-10-31", "quantity": "12.5"}, "period_end 2026-10-31, quantity 12.5"),
    (["manual", "oven", "-d", "2026-11-30", "--amount", "500.00"],
     {"kind": "manual_amount", "date": "2026-11-30", "amount": 50_000}, "date 2026-11-30, amount 500.00"),
]  # fmt: skip


@pytest.fixture
def books(engine: Engine, database_url: str) -> str:
    """The URL of the books of a bakery with an oven and a press."""
    business = b"business,name,currency,time_zone,books_start\nbakery,Bakery,EUR,UTC,2026-10-01"
    files = [RegisterFile("businesses.csv", business), RegisterFile("assets.csv", ASSETS)]
    import_register(engine, files, actor="test")
    return database_url


def ask(books: str, *words: str) -> Answer:
    """A command about the bakery."""
    return bookvalue(words[0], words[1], "-b", "bakery", *words[2:], DATABASE_URL=books, BOOKVALUE_CLOCK=CLOCK)


@pytest.mark.parametrize(("words", "members", "told"), RECORDED, ids=[" ".join(words[::4]) for words, _, _ in RECORDED])
def test_recorded_shown_and_archived(books: str, words: list[str], members: dict[str, object], told: str) -> None:
    made = ask(books, *words, "--json")
    assert made.status == 0, made.out
    (fact,) = made.json["data"]
    assert {name: fact[name] for name in members} == members
    table = ask(books, "facts", words[1])
    _, _, shown = table.out.splitlines()[1].partition(fact["kind"].replace("_", " "))
    assert shown.split(fact["id"])[0].strip() == told, "and nothing of what is not given"
    archived = ask(books, "facts", words[1], "--archive", fact["id"])
    assert (archived.status, archived.err) == (0, "archived; the next close posts the difference\n")
    assert ask(books, "facts", words[1]).err == "there are none\n"
    (kept,) = ask(books, "facts", words[1], "--all", "--json").json["data"]
    assert kept["archived_at"]


def test_what_is_wrong_is_said_field_by_field(books: str) -> None:
    answer = ask(books, "estimate", "oven", "-d", "soon", "--remaining-life", "0", "--residual", "1.00")
    assert answer.status == 1
    assert "date  not_a_date" in answer.err
    assert "remaining_life_months  life_out_of_range" in answer.err
    assert "not_an_amount" in ask(books, "manual", "oven", "-d", "2026-11-30", "--amount", "much").err
    assert "not_found" in ask(books, "units", "nothing", "-d", "2026-10-31", "-q", "1").err
    assert "not_found" in ask(books, "facts", "oven", "--archive", "nothing").err
    assert "in_the_future" in ask(books, "units", "press", "-d", "2026-12-31", "-q", "1").err


def test_a_second_report_is_refused_until_the_first_is_archived(books: str) -> None:
    ask(books, "units", "press", "-d", "2026-10-31", "-q", "1")
    again = ask(books, "units", "press", "-d", "2026-10-31", "-q", "2", "--json")
    assert (again.status, again.json["error"]["code"]) == (1, "duplicate")
    assert "archive" in again.json["error"]["remedy"]
