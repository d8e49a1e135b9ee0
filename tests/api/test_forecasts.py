"""Forecasts over HTTP: of the register, page by page of its groups, and with hypothetical assets."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from bookvalue.api.schemas.schedule import MOST_ASSETS

from .house import House, asset, codes

TRUCK: dict[str, Any] = {
    "id": "truck-1", "cost": 4_000_000, "depreciation_start_date": "2026-10-01",
    "settings": {"method": "straight_line", "life_months": 60},
}  # fmt: skip


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]]) -> House:
    """A business with three assets, whose August is closed, and one that came late."""
    made = House(app, client, engine, token)
    made.put(asset("a"), asset("b", cost="2400.00"), asset("c", start="2026-11-01"))
    made.work("2026-09-02")
    made.put(asset("late"))
    return made


def depreciation(found: Any) -> list[int]:
    return [one["depreciation"] for one in found["data"]["periods"]]


def test_the_register(house: House) -> None:
    found = house.get("/forecast", periods=3)
    assert found["next"] is None
    data = found["data"]
    assert (data["currency"], data["assets"], data["by"], data["groups"], data["what_if"]) == ("EUR", 4, None, [], [])
    assert data["catch_up"] == {"depreciation": 10_000, "what_if": 0, "total": 10_000}
    assert data["periods"][0] == {
        "period": "2026-09", "period_start": "2026-09-01", "period_end": "2026-09-30", "depreciation": 40_000,
        "what_if": 0, "total": 40_000,
    }  # fmt: skip
    assert depreciation(found) == [40_000, 40_000, 50_000]
    assert depreciation(house.get("/forecast", periods=1, **{"from": "2026-11"})) == [50_000]
    assert len(house.get("/forecast")["data"]["periods"]) == 12
    assert house.get("/forecast", 200, house.only("assets.read"), periods=3) == found
    house.get("/forecast", 403, house.only("runs"))
    (book,) = house.get("/books", 200)["data"]
    assert house.get("/forecast", periods=3, book_id=book["id"]) == found
    house.get("/forecast", 404, periods=3, book_id=str(uuid4()))


def test_groups_come_in_pages(house: House) -> None:
    names, cursor, pages = [], {}, 0
    while True:
        found = house.get("/forecast", periods=2, by="asset", limit=2, **cursor)
        assert depreciation(found) == [40_000, 40_000]
        names += [(one["asset"]["external_id"], one["code"], one["depreciation"]) for one in found["data"]["groups"]]
        pages += 1
        if found["next"] is None:
            break
        cursor = {"cursor": found["next"]}
    assert pages == 2
    assert sorted(names) == [
        ("a", None, [10_000, 10_000]), ("b", None, [20_000, 20_000]), ("c", None, [0, 0]),
        ("late", None, [10_000, 10_000]),
    ]  # fmt: skip
    assert codes(house.get("/forecast", 422, by="type", **cursor)) == [("cursor", "not_a_cursor")]
    assert codes(house.get("/forecast", 422, **cursor)) == [("cursor", "not_a_cursor")]
    (accounts,) = house.get("/forecast", periods=2, by="account")["data"]["groups"]
    assert (accounts["expense_account"]["stable_name"], accounts["depreciation"]) == ("DEPRECIATION", [40_000, 40_000])
    assert "asset" not in accounts
    (kind,) = house.get("/forecast", periods=2, by="type")["data"]["groups"]
    assert kind == {"asset_type": None, "catch_up": 10_000, "depreciation": [40_000, 40_000]}


def test_chosen_assets(house: House) -> None:
    ids = {one["external_id"]: one["id"] for one in house.pages("/assets", 100)}
    found = house.get("/forecast", periods=1, asset_id=[ids["b"], ids["late"]])
    assert (found["data"]["assets"], found["data"]["by"], depreciation(found)) == (2, "asset", [30_000])
    assert sorted(one["catch_up"] for one in found["data"]["groups"]) == [0, 10_000]
    house.get("/forecast", 404, asset_id=str(uuid4()))
    assert codes(house.get("/forecast", 422, asset_id=[str(uuid4())] * 101)) == [("asset_id", "too_many")]


def test_what_is_refused(house: House) -> None:
    for query, found in (
        ({"periods": 0}, ("periods", "out_of_range")),
        ({"periods": 121}, ("periods", "out_of_range")),
        ({"periods": "x"}, ("periods", "not_an_integer")),
        ({"from": "2026-08"}, ("from", "period_not_open")),
        ({"from": "later"}, ("from", "not_a_period")),
        ({"by": "colour"}, ("by", "not_one_of")),
        ({"first": "2026-09"}, ("first", "unknown_field")),
    ):
        assert codes(house.get("/forecast", 422, **query)) == [found], query
    for body, found in (
        ({}, ("assets", "required")),
        ({"assets": [], "periods": 121}, ("periods", "out_of_range")),
        ({"assets": [], "periods": "3"}, ("periods", "not_an_integer")),
        ({"assets": [], "from": "2026-08"}, ("from", "period_not_open")),
        ({"assets": [], "first": "2026-09"}, ("first", "unknown_field")),
        ({"assets": [TRUCK] * (MOST_ASSETS + 1)}, ("assets", "too_many")),
    ):
        assert codes(house.post("/forecast", body, 422)) == [found], body


def test_what_if(house: House) -> None:
    wrong = {**TRUCK, "id": "wrong", "currency": "USD"}
    body = {"periods": 3, "assets": [TRUCK, wrong, 5]}
    data = house.post("/forecast", body)["data"]
    assert [(one["id"], one["catch_up"], one["depreciation"]) for one in data["what_if"]] == [
        ("truck-1", 0, [0, 66_667, 66_666]), ("wrong", 0, []), (None, 0, []),
    ]  # fmt: skip
    assert [[found["code"] for found in one["findings"]] for one in data["what_if"]] == [
        [], ["currency_mismatch"], ["not_an_object"]]  # fmt: skip
    assert data["periods"][1] | {"period_start": "", "period_end": ""} == {
        "period": "2026-10", "period_start": "", "period_end": "",
        "depreciation": 40_000, "what_if": 66_667, "total": 106_667,
    }  # fmt: skip
    asked = {**TRUCK, "currency": "EUR", "until": "2026-11-30"}
    answer = house.client.post("/v1/depreciation/schedule", json={"assets": [asked]}, headers=house.headers)
    rows = answer.json()["data"][0]["rows"]
    assert [row["depreciation"] for row in rows] == data["what_if"][0]["depreciation"][1:]
    house.post("/forecast", body, 403, house.only("runs"))
    assert house.post("/forecast", {"assets": []})["data"]["what_if"] == []
    once = {**house.headers, "Idempotency-Key": "f1"}
    first, again = (house.post("/forecast", body, 200, once) for _ in range(2))
    assert json.dumps(first) == json.dumps(again)
