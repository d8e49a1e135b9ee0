"""Disposals over HTTP: tried, made, shown, listed, taken back, and refused."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import MakeToken
from .house import House, add_businesses, asset, codes

SALE = {"date": "2026-11-10", "reason": "sold", "proceeds": 95_000, "proceeds_account": "CASH"}


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> House:
    """An asset of 1,200.00, 100.00 a month from August; August to October closed."""
    made = House(app, client, engine, token)
    made.put(asset("van"))
    change(made, place(made), {"ledger_account": "EQUIPMENT"})
    made.work("2026-11-02")
    return made


def change(house: House, path: str, body: Any) -> None:
    answer = house.client.patch(house.place + path, json=body, headers=house.headers)
    assert answer.status_code == 200, answer.text


def place(house: House) -> str:
    (one,) = house.get("/assets")["data"]
    return f"/assets/{one['id']}"


def lines(entry: Any) -> list[tuple[str, int]]:
    return [(one["account"]["code"], one["debit_minor"] - one["credit_minor"]) for one in entry["lines"]]


def test_a_sale_from_the_dry_run_to_the_reinstatement(house: House) -> None:
    where = place(house)
    tried = house.post(f"{where}/disposals", {**SALE, "dry_run": True}, 200)["data"]
    assert (tried["id"], tried["entry"]["id"], tried["late"]) == (None, None, None)
    assert house.get(where)["data"]["status"] == "registered"
    assert house.get(f"{where}/disposals") == {"data": [], "next": None}

    answer = house.client.post(house.place + f"{where}/disposals", json=SALE, headers=house.headers)
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert answer.headers["Location"] == f"{house.place}{where}/disposals/{made['id']}"
    assert house.get(answer.headers["Location"])["data"] == made
    assert lines(made["entry"]) == lines(tried["entry"]) == [
        ("1010", 95_000), ("1620", 30_000), ("1520", -120_000), ("4900", -5_000),
    ]  # fmt: skip
    told = {name: made[name] for name in ("cost", "accumulated_depreciation", "book_value", "gain_or_loss", "stub")}
    assert told == {"cost": 120_000, "accumulated_depreciation": 30_000, "book_value": 90_000, "gain_or_loss": 5_000,
                    "stub": 0}  # fmt: skip
    assert (made["effective_period"], made["posting_period"], made["charges"]) == ("2026-11", "2026-11", [])
    shown = house.get(where)["data"]
    assert (shown["status"], shown["book_value"], shown["disposal"]) == ("disposed", 0, made)
    entry = house.get(f"/journal-entries/{made['entry']['id']}")["data"]
    assert (entry["kind"], len(entry["lines"])) == ("disposal", 4)

    undo = f"{where}/disposals/{made['id']}/reinstate"
    assert house.post(undo, {"dry_run": True})["data"]["reinstatement"]["id"] is None
    assert house.get(where)["data"]["disposal"] == made
    back = house.post(undo, {"reason": "it came back"})["data"]
    assert (back["id"], back["reinstatement"]["reason"]) == (made["id"], "it came back")
    assert sorted(lines(back["reinstatement"]["entry"])) == sorted((code, -n) for code, n in lines(made["entry"]))
    again = house.post(undo, None, 409)
    assert again["code"] == "disposal_reinstated"
    shown = house.get(where)["data"]
    assert (shown["status"], shown["book_value"], shown["disposal"]) == ("registered", 90_000, None)
    house.post(f"{where}/disposals", SALE, 201)
    assert [one["reinstatement"] is None for one in house.pages(f"{where}/disposals", 1)] == [False, True]
    house.work("2026-12-02")
    assert house.get("/periods/2026-11")["data"]["status"] == "closed"


def test_a_late_one_says_where_it_goes(house: House) -> None:
    where = place(house)
    late = house.post(f"{where}/disposals", {**SALE, "date": "2026-09-10", "dry_run": True}, 200)["data"]
    assert (late["late"], late["effective_period"], late["posting_period"]) == ("catch_up", "2026-09", "2026-11")
    assert (late["stub"], [(one["effective_period"], one["amount"]) for one in late["charges"]]) == (
        -10_000, [("2026-10", -10_000)],
    )  # fmt: skip
    (book,) = house.get("/books")["data"]
    change(house, f"/books/{book['id']}", {"lock_policy": "spread_remaining"})
    moved = house.post(f"{where}/disposals", {**SALE, "date": "2026-09-10", "dry_run": True}, 200)["data"]
    assert (moved["late"], moved["date"], moved["given_date"]) == ("move", "2026-11-01", "2026-09-10")
    house.post("/periods/2026-08/lock", None)
    assert house.post(f"{where}/disposals", {**SALE, "date": "2026-08-10"}, 409)["code"] == "period_locked"


def test_once_for_one_key(house: House) -> None:
    where = place(house)
    key = {**house.headers, "Idempotency-Key": "sale-1"}
    first = house.post(f"{where}/disposals", SALE, 201, key)
    assert house.post(f"{where}/disposals", SALE, 201, key) == first
    assert house.post(f"{where}/disposals", SALE, 409)["code"] == "asset_disposed"
    undo = f"{where}/disposals/{first['data']['id']}/reinstate"
    assert house.post(undo, None, 200, key) == house.post(undo, None, 200, key)  # another route, another key
    assert len(house.sql("SELECT FROM disposal")) == 2
    # nothing is kept of a dry run: the same key is good for the thing itself
    dry = {**house.headers, "Idempotency-Key": "sale-2"}
    house.post(f"{where}/disposals", {**SALE, "dry_run": True}, 200, dry)
    house.post(f"{where}/disposals", SALE, 201, dry)


WRONG: list[tuple[Any, list[tuple[str | None, str]]]] = [
    ({"date": "2026-11-10", "reason": "out_of_use"}, [("proceeds", "value_left")]),
    ({**SALE, "proceeds_account": None}, [("proceeds_account", "proceeds_account_missing")]),
    ({**SALE, "proceeds_account": ""}, [("proceeds_account", "proceeds_account_missing")]),
    (
        {**SALE, "proceeds_account": {"type": "AccountId", "id": str(uuid4())}},
        [("proceeds_account", "unknown_account")],
    ),
    ({**SALE, "date": "2026-11-21"}, [("date", "in_the_future")]),
    ({**SALE, "date": "2026-07-31"}, [("date", "before_start")]),
    ({**SALE, "percent": 50}, [("percent", "unknown_field")]),
    ({}, [("date", "required"), ("reason", "required")]),
]


@pytest.mark.parametrize(("body", "found"), WRONG, ids=[str(found[0][1]) for _, found in WRONG])
def test_findings(house: House, body: Any, found: list[tuple[str | None, str]]) -> None:
    problem = house.post(f"{place(house)}/disposals", body, 422)
    assert (problem["code"], codes(problem)) == ("invalid_input", found)


def test_who_may(house: House) -> None:
    where = place(house)
    for allowed in ("assets", "assets.read"):
        house.get(f"{where}/disposals", 200, house.only(allowed))
    house.get(f"{where}/disposals", 403, house.only("runs"))
    house.post(f"{where}/disposals", SALE, 403, house.only("assets.read"))
    made = house.post(f"{where}/disposals", SALE, 201, house.only("assets"))["data"]
    house.post(f"{where}/disposals/{made['id']}/reinstate", None, 403, house.only("assets.read", "settings"))
    house.get(f"{where}/disposals/{made['id']}", 403, house.only("settings"))


def test_what_is_anothers_is_not_there(house: House, engine: Engine) -> None:
    where = place(house)
    made = house.post(f"{where}/disposals", SALE, 201)["data"]
    (other,) = add_businesses(engine, ["other"])
    theirs = f"/v1/businesses/{other}{where}/disposals"
    headers = house._token(other)
    for method, path in (("GET", ""), ("GET", f"/{made['id']}"), ("POST", ""), ("POST", f"/{made['id']}/reinstate")):
        body = None if method == "GET" else SALE if path == "" else {}
        assert house.client.request(method, theirs + path, json=body, headers=headers).status_code == 404
    nobodys = f"{where}/disposals/{uuid4()}"
    house.get(nobodys, 404)
    house.post(f"{nobodys}/reinstate", None, 404)
    house.post(f"/assets/{uuid4()}/disposals", SALE, 404)
    house.get(f"{where}/disposals", 422, None, cursor="nonsense")
