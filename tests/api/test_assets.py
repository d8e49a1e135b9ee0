"""The register over HTTP: added, called by an external id again, changed, found."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import TYPE, VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def test_an_asset_is_added_and_shown_whole(house: Register) -> None:
    facts = house.facts()
    made = house.post("/assets", {**VAN, "metadata": {"site": ["Lisbon", None]}, "description": "white"})
    assert made["external_id"] == made["id"]
    assert house.get(f"/assets/{made['id']}")["data"] == made
    assert (made["number"], made["status"], made["useful_life_months"], made["book_value"]) == (
        "FA-0001", "registered", 12, 120_000)  # fmt: skip
    assert made["depreciation"]["method"] == "straight_line"  # a life and nothing else
    assert made["ledger_account"] == {
        "id": made["ledger_account"]["id"], "code": "1510", "stable_name": "VEHICLES", "name": "Vehicles"}  # fmt: skip
    assert made["metadata"] == {"site": ["Lisbon", None]}
    assert house.facts() == facts + 1
    assert house.audited() == [("tester", "asset.added")]


def test_an_external_id_that_comes_again_updates(house: Register) -> None:
    first = house.post("/assets", {**VAN, "external_id": "V1", "description": "white"})
    same = house.post("/assets", {**VAN, "external_id": "V1", "description": "white"}, 200)
    assert same == first
    second = house.post("/assets", {**VAN, "external_id": "V1", "name": "Van, new"}, 200)
    assert second == {**first, "name": "Van, new", "description": None}
    assert house.audited() == [("tester", "asset.added"), ("tester", "asset.changed")]


def test_the_same_external_id_at_once_is_one_asset(house: Register) -> None:
    def add(_: int) -> int:
        headers = house.token(house.a)
        body = {**VAN, "external_id": "V1"}
        return house.client.post(f"/v1/businesses/{house.a}/assets", json=body, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(add, range(6))) == [200] * 5 + [201]


def test_a_types_accounts_and_settings_are_its_assets(house: Register) -> None:
    made = house.post("/asset-types", TYPE)
    asset = house.post("/assets", {
        "name": "Van", "original_value": 1000, "asset_type_id": made["id"], "purchase_date": "2026-01-15",
        "depreciation": {"averaging": "actual_days"}})  # fmt: skip
    assert (asset["asset_type"], asset["asset_type_id"]) == ("VEHICLE", made["id"])
    assert (asset["useful_life_months"], asset["depreciation"]["averaging"]) == (12, "actual_days")
    assert asset["ledger_account"]["stable_name"] == "VEHICLES"
    assert asset["depreciation_start_date"] == "2026-01-15"
    own = house.patch(f"/assets/{asset['id']}", {"ledger_account": "1520"})
    assert own["ledger_account"]["stable_name"] == "EQUIPMENT"
    assert house.patch(f"/assets/{asset['id']}", {"ledger_account": None}) == asset


def test_every_finding_at_once(house: Register) -> None:
    bad = {"original_value": 1.5, "salvage_value": -1, "asset_type": "BOAT", "purchase_date": "soon", "colour": "red",
           "depreciation": {"method": "straight_line", "life_months": 5, "rate_percent": "5"}, "currency": "USD",
           "ledger_account": "NONE", "asset_type_id": "none", "opening": {"accumulated": 5}}  # fmt: skip
    refused = house.post("/assets", bad, 422)
    assert set(found(refused)) == {
        ("original_value", "not_an_integer"), ("salvage_value", "amount_negative"), ("asset_type", "not_one_of"),
        ("purchase_date", "not_a_date"), ("colour", "unknown_field"), ("depreciation.life_months", "life_and_rate"),
        ("currency", "currency_mismatch"), ("ledger_account", "unknown_account"), ("name", "required"),
        ("asset_type_id", "unknown_asset_type"), ("opening.as_of", "opening_incomplete"),
    }  # fmt: skip
    assert house.get("/assets")["data"] == []


def test_numbers_are_unique_and_drawn_around_those_given(house: Register) -> None:
    for number in ("FA-0001", "FA-0002", "FA-0004"):
        house.post("/assets", {**VAN, "number": number})
    drawn = [house.post("/assets", VAN)["number"] for _ in range(3)]
    assert drawn == ["FA-0003", "FA-0005", "FA-0006"]
    assert found(house.post("/assets", {**VAN, "number": "FA-0002"}, 422)) == [("number", "duplicate_number")]
    other = house.post("/assets", VAN)
    assert found(house.patch(f"/assets/{other['id']}", {"number": "FA-0001"}, 422)) == [("number", "duplicate_number")]
    assert house.patch(f"/assets/{other['id']}", {"number": None})["number"] == other["number"]


LAID_OVER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"depreciation": {"rate_percent": "20"}}, {"life_months": None, "rate_percent": "20"}),
    ({"useful_life_months": 24}, {"life_months": 24}),
    ({"depreciation": {"method": "declining_balance", "declining_factor": "1.5"}}, {"declining_factor": "1.5"}),
    ({"depreciation": {"method": "none"}}, {"method": "none", "life_months": None}),
    ({"depreciation": {"averaging": None}}, {"averaging": "full_month"}),
    ({"depreciation": None, "useful_life_months": 6}, {"averaging": "full_month", "life_months": 6}),
]


def test_settings_are_laid_over_those_kept(house: Register) -> None:
    for change, after in LAID_OVER:
        made = house.post("/assets", {**VAN, "depreciation": {"method": "straight_line", "averaging": "actual_days"}})
        changed = house.patch(f"/assets/{made['id']}", change)
        assert {name: changed["depreciation"][name] for name in after} == after


def test_null_takes_away_and_what_is_left_out_stays(house: Register) -> None:
    opening = {"as_of": "2026-03-31", "accumulated": 30_000, "current_year": 30_000}
    made = house.post("/assets", {
        **VAN, "opening": opening, "description": "white", "serial_number": "1", "metadata": {"a": 1},
        "salvage_value": 10, "cost_limit": 100_000, "warranty_expiry_date": "2030-01-01"})  # fmt: skip
    place = f"/assets/{made['id']}"
    assert made["opening"] == opening
    assert house.patch(place, {}) == made
    nulls = dict.fromkeys(("opening", "description", "serial_number", "cost_limit", "warranty_expiry_date"))
    assert house.patch(place, {"opening": {"accumulated": 40_000}})["opening"] == {**opening, "accumulated": 40_000}
    bare = house.patch(place, {**nulls, "metadata": None, "salvage_value": None})
    assert bare == {**made, **nulls, "metadata": {}, "salvage_value": 0, "book_value": 120_000,
                    "accumulated_depreciation": 0, "current_accumulated_depreciation": 0}  # fmt: skip
    assert set(found(house.patch(place, {"name": None, "original_value": None, "external_id": "other"}, 422))) == {
        ("name", "required"), ("original_value", "required"), ("external_id", "not_changeable")}  # fmt: skip
    assert found(house.patch(place, {"useful_life_months": None}, 422))[0][1] == "life_or_rate_missing"
    assert found(house.patch(place, {"depreciation": {"method": None}}, 422)) == [("depreciation.method", "required")]


def test_a_status_goes_forward(house: Register) -> None:
    draft = house.post("/assets", {**VAN, "status": "draft"})
    place = f"/assets/{draft['id']}"
    assert found(house.patch(place, {"status": "disposed"}, 422)) == [("status", "status_not_allowed")]
    assert house.patch(place, {"status": "registered"})["status"] == "registered"
    assert found(house.patch(place, {"status": "draft"}, 422)) == [("status", "status_not_allowed")]


def test_once_posted_only_what_describes_changes(house: Register) -> None:
    made = house.post("/assets", {**VAN, "external_id": "V1"})
    place = f"/assets/{made['id']}"
    house.close("2026-03-05")
    after = house.get(place)["data"]
    assert (after["accumulated_depreciation"], after["book_value"]) == (20_000, 100_000)
    for change, field in (
        ({"original_value": 1}, "original_value"), ({"cost_limit": 5}, "cost_limit"),
        ({"depreciation": {"averaging": "half_year"}}, "depreciation.averaging"),
        ({"depreciation_start_date": "2026-02-01"}, "depreciation_start_date"),
        ({"opening": {"as_of": "2026-01-31", "accumulated": 1}}, "opening"),
    ):  # fmt: skip
        assert found(house.patch(place, change, 422)) == [(field, "posted_asset_changed")]
    assert found(house.post("/assets", {**VAN, "external_id": "V1", "original_value": 1}, 422)) == [
        ("original_value", "posted_asset_changed")]  # fmt: skip
    assert house.get(place)["data"] == after
    facts = house.facts()
    free = {"name": "Old van", "description": "x", "metadata": {"k": 1}, "serial_number": "9", "number": "V-1"}
    assert house.patch(place, free) == {**after, **free}
    assert house.facts() == facts
    assert house.patch(place, {"depreciation_expense_account": "AMORTIZATION"})["depreciation_expense_account"][
        "code"] == "6510"  # fmt: skip
    assert house.facts() == facts + 1


def test_once_posted_other_estimates_count_from_a_day_on(house: Register) -> None:
    made = house.post("/assets", {**VAN, "external_id": "V1"})
    place = f"/assets/{made['id']}"
    house.close("2026-03-05")
    given = {"useful_life_months": 22, "salvage_value": 20_000, "effective_date": "2026-03-01"}
    changed = house.patch(place, given)
    assert (changed["useful_life_months"], changed["depreciation"]["life_months"]) == (22, 22)
    assert (changed["salvage_value"], changed["book_value"]) == (20_000, 100_000)
    assert house.get(place)["data"] == changed == house.patch(place, given)
    (fact,) = house.get(f"{place}/estimate-changes")["data"]
    assert (fact["date"], fact["remaining_life_months"], fact["residual_value"]) == ("2026-03-01", 20, 20_000)
    house.close("2026-04-05")
    assert house.get(place)["data"]["accumulated_depreciation"] == 24_000
    again = {**VAN, "external_id": "V1"}
    assert house.post("/assets", again, 200)["useful_life_months"] == 22, "as it was sent first: nothing is changed"
    as_shown = {**again, "useful_life_months": 22, "salvage_value": 20_000}
    assert house.post("/assets", as_shown, 200)["salvage_value"] == 20_000
    refused = house.post("/assets", {**again, "useful_life_months": 30}, 422)
    assert "PATCH" in refused["errors"][0]["remedy"]


def test_accumulated_depreciation_parts_at_the_fiscal_year(house: Register) -> None:
    opening = {"as_of": "2025-12-31", "accumulated": 48_000, "current_year": 24_000}
    made = house.post("/assets", {
        **VAN, "depreciation_start_date": "2024-01-01", "useful_life_months": 60, "opening": opening})  # fmt: skip
    names = ("accumulated_depreciation", "prior_accumulated_depreciation", "current_accumulated_depreciation")
    assert [made[name] for name in names] == [48_000, 48_000, 0]
    house.close("2026-12-05")
    shown = house.get(f"/assets/{made['id']}")["data"]
    assert [shown[name] for name in names] == [70_000, 48_000, 22_000]
    house.close("2027-02-05")
    shown = house.get(f"/assets/{made['id']}")["data"]
    assert [shown[name] for name in names] == [74_000, 72_000, 2_000]


def test_the_list_is_filtered_ordered_and_paged(house: Register) -> None:
    made_type = house.post("/asset-types", {**TYPE, "name": "Lorry_type"})["id"]
    for number, (name, cost, bought) in enumerate(
        [("beta", 500, None), ("alpha", 900, "2026-02-01"), ("Beta", 500, "2026-01-01"), ("100% off", 700, None)]
    ):
        house.post("/assets", {**VAN, "name": name, "original_value": cost, "purchase_date": bought,
                               "depreciation_start_date": "2026-02-01", "number": f"N-{number}"})  # fmt: skip
    typed = {"name": "typed", "original_value": 600, "asset_type_id": made_type, "number": "N-4", "status": "draft"}
    house.post("/assets", typed)

    def names(**query: Any) -> list[str]:
        listed = house.pages("/assets", 2, **query)
        assert listed == house.get("/assets", params=query)["data"]
        return [one["name"] for one in listed]

    assert names() == ["beta", "alpha", "Beta", "100% off", "typed"]
    assert names(direction="desc") == ["typed", "100% off", "Beta", "alpha", "beta"]
    assert names(order_by="original_value") == ["beta", "Beta", "typed", "100% off", "alpha"]
    assert names(order_by="purchase_date")[:2] == ["Beta", "alpha"]
    assert names(order_by="purchase_date", direction="desc")[-2:] == ["alpha", "Beta"]
    assert sorted(names(order_by="name")) == sorted(names())
    assert names(status="draft") == names(asset_type_id=made_type) == names(q="lorry_") == ["typed"]
    assert names(q="0%") == ["100% off"]
    assert names(q="BETA") == ["beta", "Beta"]
    assert names(q="n-1") == ["alpha"]
    assert names(kind="GOODWILL") == names(ledger_account="nothing") == names(q="l\\") == []
    ledger = house.get("/accounts", params={"stable_name": "VEHICLES"})["data"][0]
    for reference in ("VEHICLES", "1510", ledger["id"]):
        assert len(names(ledger_account=reference)) == 5


def test_pages_hold_still_under_inserts(house: Register) -> None:
    made = [house.post("/assets", {**VAN, "number": f"B-{number}"})["id"] for number in range(5)]
    first = house.get("/assets", params={"limit": 2})
    house.post("/assets", {**VAN, "number": "A-0"})
    house.post("/assets", {**VAN, "number": "C-0"})
    rest = house.get("/assets", params={"cursor": first["next"]})["data"]
    assert [one["id"] for one in first["data"] + rest][:5] == made
    house.get("/assets", 422, params={"cursor": first["next"], "order_by": "name"})
    house.get("/assets", 422, params={"cursor": "WyJwdXJjaGFzZV9kYXRlLWFzYyIsIngiLCJ5Il0", "order_by": "purchase_date"})
    for wrong in ({"limit": 0}, {"order_by": "colour"}, {"asset_type_id": "x"}, {"status": "lost"}):
        house.get("/assets", 422, params=wrong)


def test_not_yours_is_not_there(house: Register) -> None:
    theirs = house.post("/assets", VAN, of=house.b)["id"]
    nobodys = "01890a5d-ac96-774b-bcce-b302099a8057"
    assert house.get(f"/assets/{theirs}", 404)["detail"] == house.get(f"/assets/{nobodys}", 404)["detail"]
    for body in ({}, {"name": "mine"}, {"colour": 1}):
        house.patch(f"/assets/{theirs}", body, 404)
    assert house.get("/assets")["data"] == []
    foreign = house.post("/asset-types", TYPE, of=house.b)["id"]
    assert found(house.post("/assets", {**VAN, "asset_type_id": foreign}, 422)) == [
        ("asset_type_id", "unknown_asset_type")]  # fmt: skip


def test_the_same_key_adds_one_asset(house: Register) -> None:
    headers = {**house.token(house.a), "Idempotency-Key": "once"}
    place = f"/v1/businesses/{house.a}/assets"
    first = house.client.post(place, json=VAN, headers=headers)
    again = house.client.post(place, json=VAN, headers=headers)
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert len(house.get("/assets")["data"]) == 1


def test_hostile_values_name_their_field(house: Register) -> None:
    fields = ("original_value", "depreciation_start_date", "asset_type", "depreciation", "ledger_account", "opening")
    headers = {**house.token(house.a), "Content-Type": "application/json"}
    for value in (10**30, 1e400, True, "1", [], "a\0b", "\ud800", -(10**40)):
        for name in fields:
            body = json.dumps({**VAN, name: value})
            answer = house.client.post(f"/v1/businesses/{house.a}/assets", content=body, headers=headers)
            assert answer.status_code in (400, 422), (name, answer.text)
            assert name in answer.text
