"""Asset types over HTTP."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import TYPE, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def test_a_type_is_added_and_changed(house: Register) -> None:
    made = house.post("/asset-types", TYPE)
    assert (made["ledger_account"]["code"], made["ledger_account"]["stable_name"]) == ("1510", "VEHICLES")
    assert made["depreciation"] == {
        "method": "straight_line", "life_months": 12, "rate_percent": None, "declining_factor": "2", "rate_places": 9,
        "declining_base": "gross", "declining_within_year": "even", "end_of_life": "leave",
        "switch_to_straight_line": False, "straight_line_base": "depreciable", "averaging": "full_month",
        "day_basis": "365", "rounding": "cumulative", "change_policy": "remaining_life"}  # fmt: skip
    place = f"/asset-types/{made['id']}"
    assert house.get(place)["data"] == made == house.patch(place, {})
    facts = house.facts()
    faster = house.patch(place, {"name": "Lorries", "depreciation": {"method": "declining_balance"}})
    assert (faster["name"], faster["depreciation"]["life_months"], faster["depreciation"]["declining_factor"]) == (
        "Lorries", 12, "2")  # fmt: skip
    assert house.facts() == facts  # settings are for assets to come
    bare = house.patch(place, {"ledger_account": None, "depreciation": {"rate_percent": "12.5"}})
    assert bare["ledger_account"] is None
    assert (bare["depreciation"]["life_months"], bare["depreciation"]["rate_percent"]) == (None, "12.5")
    assert house.facts() == facts + 1  # its accounts are its assets' accounts
    assert found(house.patch(place, {"depreciation": None, "name": None}, 422)) == [
        ("name", "required"), ("depreciation", "required")]  # fmt: skip
    assert house.audited() == [("tester", "asset_type.added")] + [("tester", "asset_type.changed")] * 2


def test_a_name_is_had_once(house: Register) -> None:
    house.post("/asset-types", TYPE)
    assert house.post("/asset-types", TYPE, 409)["code"] == "duplicate"
    other = house.post("/asset-types", {**TYPE, "name": "Cars"})
    assert house.patch(f"/asset-types/{other['id']}", {"name": "Vans"}, 409)["code"] == "duplicate"
    house.post("/asset-types", TYPE, of=house.b)


def test_every_finding_at_once(house: Register) -> None:
    bad = {"kind": "BOAT", "depreciation": {"method": "straight_line", "life_months": 0, "rate_percent": "5"}, "x": 1,
           "ledger_account": "NONE", "depreciation_expense_account": {"type": "AccountId"},
           "accumulated_depreciation_account": {"type": "AccountId", "id": "nothing"}}  # fmt: skip
    refused = found(house.post("/asset-types", bad, 422))
    assert set(refused) == {
        ("name", "required"), ("kind", "not_one_of"), ("x", "unknown_field"), ("ledger_account", "unknown_account"),
        ("depreciation.life_months", "life_out_of_range"),
        ("depreciation_expense_account", "not_an_account_reference"),
        ("accumulated_depreciation_account", "not_an_account_reference"),
    }  # fmt: skip
    missing = found(house.post("/asset-types", {"name": "x"}, 422))
    assert missing == [("kind", "required"), ("depreciation", "required")]


def test_the_list_is_paged_and_holds_still(house: Register) -> None:
    made = [house.post("/asset-types", {**TYPE, "name": f"T{number}"})["id"] for number in range(5)]
    first = house.get("/asset-types", params={"limit": 2})
    house.post("/asset-types", {**TYPE, "name": "A late one"})
    rest = house.get("/asset-types", params={"cursor": first["next"]})["data"]
    assert [one["id"] for one in first["data"] + rest][:5] == made
    assert len(house.pages("/asset-types", 2)) == 6


def test_not_yours_is_not_there(house: Register) -> None:
    theirs = house.post("/asset-types", TYPE, of=house.b)["id"]
    account = house.get("/accounts", of=house.b)["data"][0]["id"]
    house.get(f"/asset-types/{theirs}", 404)
    house.patch(f"/asset-types/{theirs}", {"name": "mine"}, 404)
    refused = house.post("/asset-types", {**TYPE, "ledger_account": {"type": "AccountId", "id": account}}, 422)
    assert found(refused) == [("ledger_account", "unknown_account")]
