"""Asset types over HTTP."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import TYPE, VAN, Register, found

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


def test_a_type_whose_assets_have_depreciated_is_locked(house: Register) -> None:
    made = house.post("/asset-types", TYPE)
    spare = house.post("/asset-types", {**TYPE, "name": "Cars"})
    assert (made["locks"], spare["locks"]) == (0, 0)
    opening = {"as_of": "2025-12-31", "accumulated": 10_000}
    old = {"depreciation_start_date": "2025-12-01", "opening": opening}
    for more in ({}, old, {"depreciation_start_date": "2026-06-01"}):
        house.post("/assets", {**VAN, "asset_type_id": made["id"], **more})
    place = f"/asset-types/{made['id']}"
    assert house.get(place)["data"]["locks"] == 1  # depreciated elsewhere
    house.close("2026-03-10")
    assert house.get(place)["data"]["locks"] == 2  # months of one asset count once
    assert [one["locks"] for one in house.get("/asset-types")["data"]] == [2, 0]
    assert house.patch(place, {"name": "Lorries"})["locks"] == 2
    refused = house.ask("DELETE", place, 409)
    assert refused["code"] == "in_use" and "2 of its assets" in refused["detail"]


def test_a_type_is_deleted_where_no_asset_has_it(house: Register) -> None:
    made = house.post("/asset-types", TYPE)
    asset = house.post("/assets", {**VAN, "asset_type_id": made["id"]})
    place = f"/asset-types/{made['id']}"
    assert house.ask("DELETE", place, 409)["code"] == "in_use"  # used, and nothing has depreciated
    with pytest.raises(Exception, match="asset_book_business_id_asset_type_fkey"):
        house.sql("SELECT set_config('app.business_id', CAST(:a AS text), true), delete_asset_type(:id)", id=made["id"])
    house.patch(f"/assets/{asset['id']}", {"asset_type_id": None})
    url = f"/v1/businesses/{house.a}{place}"
    assert house.client.delete(url, headers=house.token(house.a, "assets.read")).status_code == 403
    answer = house.client.delete(url, headers=house.token(house.a))
    assert (answer.status_code, answer.content) == (204, b"")
    house.get(place, 404)
    assert house.ask("DELETE", place, 404)["code"] == "not_found"
    assert house.audited()[-1] == ("tester", "asset_type.deleted")
    again = house.post("/asset-types", TYPE)
    assert house.post("/assets", {**VAN, "asset_type_id": again["id"]})["asset_type_id"] == again["id"]


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
