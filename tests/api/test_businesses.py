"""Businesses over HTTP: made with all that a close needs, and shown to whom they belong."""

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
Token = Callable[..., dict[str, str]]
NEW = {"key": "gamma", "name": "Gamma", "currency": "EUR", "time_zone": "Europe/Lisbon", "books_start": "2026-08-01"}


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Token, businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def test_a_business_comes_with_all_that_a_close_needs(house: Register) -> None:
    answer = house.client.post(
        "/v1/businesses", json={**NEW, "auto": "post", "close_at": "06:00"}, headers=house.token()
    )
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert answer.headers["location"] == f"/v1/businesses/{made['id']}"
    assert (made["key"], made["fiscal_year_start"], made["accounting_basis"], made["number_prefix"]) == (
        "gamma", "01-01", "accrual", "FA-")  # fmt: skip
    house.a = UUID(made["id"])
    assert house.get("")["data"] == made
    (book,) = house.get("/books")["data"]
    assert (book["id"], book["auto"], book["close_at"], book["is_posting"]) == (made["book_id"], "post", "06:00", True)
    assert len(house.get("/accounts", params={"limit": 100})["data"]) > 20
    assert [one.period_start.isoformat() for one in house.sql("SELECT * FROM period WHERE business_id = :a")] == [
        "2026-08-01"]  # fmt: skip
    assert house.audited() == [("tester", "business.created")]


def test_a_key_is_had_once(house: Register) -> None:
    answer = house.client.post("/v1/businesses", json={**NEW, "key": "alpha"}, headers=house.token())
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")


def test_every_finding_at_once(house: Register) -> None:
    bad = {"key": "no key", "currency": "EURO", "time_zone": 5, "books_start": "soon", "fiscal_year_start": 1,
           "close_at": 7, "auto": "perhaps", "close_after_days": 400, "colour": "red"}  # fmt: skip
    answer = house.client.post("/v1/businesses", json=bad, headers=house.token())
    assert answer.status_code == 422
    assert set(found(answer.json())) == {
        ("key", "not_a_key"), ("currency", "unknown_currency"), ("time_zone", "not_text"), ("name", "required"),
        ("books_start", "not_a_date"), ("fiscal_year_start", "not_text"), ("close_at", "not_a_time"),
        ("auto", "not_one_of"), ("close_after_days", "out_of_range"), ("colour", "unknown_field"),
    }  # fmt: skip
    assert house.client.post("/v1/businesses", json=[1], headers=house.token()).status_code == 422
    needs = house.client.post("/v1/businesses", json=NEW, headers=house.token("settings"))
    assert needs.status_code == 403


def test_the_list_holds_the_tokens_businesses(house: Register) -> None:
    def keys(headers: dict[str, str], **query: object) -> list[str]:
        answer = house.client.get("/v1/businesses", params=query, headers=headers)
        assert answer.status_code == 200
        return [one["key"] for one in answer.json()["data"]]

    assert keys(house.token()) == ["alpha", "beta"]
    assert keys(house.token(house.b)) == ["beta"]
    assert keys(house.token(businesses=[])) == []
    first = house.client.get("/v1/businesses", params={"limit": 1}, headers=house.token()).json()
    house.client.post("/v1/businesses", json={**NEW, "key": "aardvark"}, headers=house.token())
    assert keys(house.token(), cursor=first["next"]) == ["beta"]
    assert house.client.get("/v1/businesses", params={"cursor": "x"}, headers=house.token()).status_code == 422


def test_not_yours_is_not_there(house: Register) -> None:
    (book,) = house.get("/books", of=house.b)["data"]
    house.get(f"/books/{book['id']}", 404)
    house.patch(f"/books/{book['id']}", {"auto": "off"}, 404)
    mine = house.token(house.a)
    there = house.client.get(f"/v1/businesses/{house.b}", headers=mine)
    nowhere = house.client.get("/v1/businesses/01890a5d-ac96-774b-bcce-b302099a8057", headers=mine)
    assert there.status_code == nowhere.status_code == 404
    assert there.json()["detail"] == nowhere.json()["detail"]


def test_the_same_key_makes_one_business(house: Register) -> None:
    headers = {**house.token(), "Idempotency-Key": "once"}
    first = house.client.post("/v1/businesses", json=NEW, headers=headers)
    again = house.client.post("/v1/businesses", json=NEW, headers=headers)
    assert (first.status_code, first.content) == (again.status_code, again.content)
