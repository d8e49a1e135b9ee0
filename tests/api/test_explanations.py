"""Explanations over HTTP: worked out again from the members alone, for registered assets and for specs."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from engine.by_hand import charge_of

from .conftest import MakeToken
from .house import House, asset, codes

PLACE = "/v1/depreciation/explanation"
TRUCK: dict[str, Any] = {
    "id": "truck-1",
    "cost": 4000000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
    "value_updates": [{"date": "2025-06-01", "update_type": "IMPROVEMENT", "amount": 250000}],
}


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> House:
    return House(app, client, engine, token)


def of_spec(house: House, body: Any, status: int = 200) -> Any:
    answer = house.client.post(PLACE, json=body, headers=house.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_registered_asset_beside_what_is_posted(house: House) -> None:
    house.put(asset("oven", cost="1000.00"))
    house.work("2026-10-02")
    (oven,) = house.get("/assets")["data"]
    place = f"/assets/{oven['id']}/explanation"
    told = house.get(place, period="2026-09")["data"]
    assert (told["id"], told["name"], told["currency"]) == ("oven", "Asset oven", "EUR")
    assert (told["period_start"], told["period_end"]) == ("2026-09-01", "2026-09-30")
    assert (told["accumulated_before"], told["accumulated_after"]) == (8333, 16667)
    assert charge_of(told) == 8334
    assert told["counted"] == {"unit": "months", "count": "1", "share_of_year": "1/12"}
    (update,) = told["posted"]["updates"]
    (entry,) = house.get("/journal-entries", posting_period="2026-09")["data"]
    assert (update["amount"], update["entry_number"], update["run_id"]) == (8334, entry["sequence"], entry["run_id"])
    assert (told["posted"]["due"], told["posted"]["outcome"]) == (0, None)
    assert house.get(place, period="2026-09", book_id=house.get("/books")["data"][0]["id"])["data"] == told
    coming = house.get(place)["data"]  # the book's last period, which is open
    assert (coming["period_end"], charge_of(coming), coming["posted"]["due"]) == ("2026-10-31", 8333, 8333)
    assert coming["posted"]["updates"] == []


def test_what_is_asked_wrongly(house: House) -> None:
    house.put(asset("oven"))
    (oven,) = house.get("/assets")["data"]
    place = f"/assets/{oven['id']}/explanation"
    assert codes(house.get(place, 422, period="2026-13")) == [("period", "not_a_period")]
    assert house.get(place, 404, book_id=oven["id"])["code"] == "not_found"
    assert house.get(f"/assets/{house.id}/explanation", 404)["code"] == "not_found"
    house.get(place, 403, house.only("runs"), period="2026-08")


def test_a_spec(house: House) -> None:
    told = of_spec(house, {"asset": TRUCK, "period": "2025-06"})["data"]
    assert (told["accumulated_before"], told["accumulated_after"], charge_of(told)) == (1133333, 1205814, 72481)
    assert (told["posted"], told["name"]) == (None, None)
    improvement = told["facts"][-1]
    assert (improvement["name"], improvement["amount"]) == ("IMPROVEMENT", 250000)
    assert improvement["book_value_before"] == 2866667
    assert "units" not in improvement


def test_a_spec_without_an_explanation_has_findings(house: House) -> None:
    wrong = of_spec(house, {"asset": {**TRUCK, "cost": -1}, "period": "2025-06"}, 422)
    assert codes(wrong) == [("asset.cost", "amount_negative")]
    assert codes(of_spec(house, {"asset": 7, "period": "2025-06"}, 422)) == [("asset", "not_an_object")]
    assert codes(of_spec(house, {"asset": TRUCK, "period": "June"}, 422)) == [("period", "not_a_period")]
    assert codes(of_spec(house, {"asset": TRUCK}, 422)) == [("period", "required")]
