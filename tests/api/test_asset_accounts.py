"""Where an asset's cost is carried, over HTTP: on an account of its own, and by the entry that registering it posts."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register

from .conftest import Two
from .register_house import TYPE, VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
BARE = {name: value for name, value in VAN.items() if name != "ledger_account"}
BOUGHT = {**VAN, "purchase_date": "2026-01-15", "depreciation_start_date": "2026-01-15",
          "acquisition_counter_account": "CASH"}  # fmt: skip


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def entries(house: Register) -> list[dict[str, Any]]:
    """The feed, each entry as kind, periods, date and its lines by account."""
    found = house.get("/journal-entries")["data"]
    return [
        {
            "kind": one["kind"], "date": one["entry_date"], "lines": [
                (line["account_code"], line["debit_minor"], line["credit_minor"]) for line in one["lines"]
            ],
        }
        for one in found
    ]  # fmt: skip


# --------------------------------------------------------------------------------------------- an account of its own


def test_each_new_asset_has_an_account_of_its_own(house: Register) -> None:
    before = house.post("/assets", BARE)
    assert before["ledger_account"] is None
    assert house.patch("/settings", {"asset_accounts": "per_asset"})["asset_accounts"] == "per_asset"
    first, second = house.post("/assets", {**BARE, "name": "Truck"}), house.post("/assets", BARE)
    own = house.get(f"/accounts/{first['ledger_account']['id']}")["data"]
    (parent,) = house.get("/accounts", params={"stable_name": "FIXED_ASSETS"})["data"]
    assert own == {**first["ledger_account"], "code": f"1500-{first['number']}", "name": "Truck", "type": "asset",
                   "stable_name": None, "parent_id": parent["id"]}  # fmt: skip
    assert parent["parent_id"] is None
    assert second["ledger_account"]["code"] == f"1500-{second['number']}"
    assert house.get("/assets", params={"ledger_account": own["code"]})["data"] == [first]
    assert house.post("/assets", VAN)["ledger_account"]["stable_name"] == "VEHICLES"  # named: that one
    assert house.get(f"/assets/{before['id']}")["data"]["ledger_account"] is None  # those that are there stay


def test_a_types_account_is_not_one_of_its_own(house: Register) -> None:
    house.patch("/settings", {"asset_accounts": "per_asset"})
    kind = house.post("/asset-types", TYPE)
    made = house.post("/assets", {**BARE, "asset_type_id": kind["id"]})
    assert made["ledger_account"]["code"] == f"1500-{made['number']}"
    assert made["accumulated_depreciation_account"]["stable_name"] == "ACCUMULATED_DEPRECIATION_VEHICLES"
    house.patch("/settings", {"asset_accounts": None})
    assert house.post("/assets", {**BARE, "asset_type_id": kind["id"]})["ledger_account"]["stable_name"] == "VEHICLES"


def test_an_own_account_stays_with_its_asset_and_its_code_is_free(house: Register) -> None:
    house.patch("/settings", {"asset_accounts": "per_asset"})
    house.post("/accounts", {"code": "1500-FA-0001", "name": "Taken", "type": "asset"})
    made = house.post("/assets", {**BARE, "external_id": "V1"})
    assert (made["number"], made["ledger_account"]["code"]) == ("FA-0001", "1500-FA-0001-2")
    assert house.post("/assets", {**BARE, "external_id": "V1"}, 200) == made
    assert house.patch(f"/assets/{made['id']}", {"ledger_account": None}) == made
    renamed = house.patch(f"/assets/{made['id']}", {"number": "X-1", "name": "Other"})
    assert renamed["ledger_account"] == made["ledger_account"]
    assert house.post("/assets", {**BARE, "number": "FA-0001"})["ledger_account"]["code"] == "1500-FA-0001-3"


def test_imported_assets_have_accounts_of_their_own_too(house: Register) -> None:
    businesses = (
        "business,name,currency,time_zone,books_start,asset_accounts\n"
        "gamma,Gamma,EUR,UTC,2026-01-01,per_asset\n"
    )  # fmt: skip
    lines = [f"gamma,V{n},Van {n},VEHICLE,1200.00,2026-01-01,straight_line,12" for n in range(3)]
    head = "business,external_id,name,kind,cost,depreciation_start_date,method,life_months"
    assets = "\n".join([head, *lines])
    files = [RegisterFile("b.csv", businesses.encode()), RegisterFile("a.csv", assets.encode())]
    import_register(house.engine, files, actor="tester")
    again = import_register(house.engine, files, actor="tester")
    assert again.assets_unchanged == 3
    kept = house.sql(
        "SELECT a.number, c.code, c.name, p.stable_name FROM asset a JOIN account c ON c.id = a.ledger_account_id"
        " JOIN account p ON p.id = c.parent_id ORDER BY a.number"
    )
    assert [tuple(row) for row in kept] == [
        (f"FA-000{n + 1}", f"1500-FA-000{n + 1}", f"Van {n}", "FIXED_ASSETS") for n in range(3)]  # fmt: skip


# ------------------------------------------------------------------------------------------------------ acquisitions


def test_registering_posts_the_cost_where_somebody_paid(house: Register) -> None:
    facts = house.facts()
    made = house.post("/assets", BOUGHT)
    lines = [("1510", 120_000, 0), ("1010", 0, 120_000)]
    assert entries(house) == [{"kind": "acquisition", "date": "2026-01-15", "lines": lines}]
    assert (made["book_value"], made["accumulated_depreciation"], made["can_roll_back"]) == (120_000, 0, True)
    assert house.facts() == facts + 1
    house.close("2026-02-10")
    assert [one["kind"] for one in entries(house)] == ["acquisition", "depreciation"]
    shown = house.get(f"/assets/{made['id']}")["data"]
    assert (shown["book_value"], shown["accumulated_depreciation"]) == (110_000, 10_000)
    balances = {one["code"]: one["closing_minor"] for one in house.get("/periods/2026-01")["data"]["balances"]}
    assert balances == {"1010": -120_000, "1510": 120_000, "1610": -10_000, "6500": 10_000}
    place = f"/v1/businesses/{house.a}/assets/{made['id']}"
    assert house.client.delete(place, headers=house.token(house.a)).json()["code"] == "in_use"


def test_a_draft_posts_when_it_is_registered_and_nobody_posts_twice(house: Register) -> None:
    draft = house.post("/assets", {**BOUGHT, "external_id": "V1", "status": "draft"})
    assert entries(house) == []
    house.patch(f"/assets/{draft['id']}", {"status": "registered"})
    assert len(entries(house)) == 1
    house.post("/assets", {**BOUGHT, "external_id": "V1"}, 200)
    house.patch(f"/assets/{draft['id']}", {"name": "Van 1"})
    assert len(entries(house)) == 1
    house.post("/assets", VAN)
    house.post("/assets", {**BOUGHT, "original_value": 0, "depreciation": {"method": "none"}})
    assert len(entries(house)) == 1  # nobody is said to have paid, or nothing


def test_an_own_account_takes_the_cost(house: Register) -> None:
    house.patch("/settings", {"asset_accounts": "per_asset"})
    made = house.post("/assets", {name: value for name, value in BOUGHT.items() if name != "ledger_account"})
    assert entries(house)[0]["lines"] == [(made["ledger_account"]["code"], 120_000, 0), ("1010", 0, 120_000)]


def test_what_stands_against_an_acquisition(house: Register) -> None:
    bare = {name: value for name, value in BOUGHT.items() if name != "ledger_account"}
    for body, wrong in (
        (bare, ("ledger_account", "ledger_account_missing")),
        ({**BOUGHT, "acquisition_counter_account": "VEHICLES"}, ("acquisition_counter_account", "same_account")),
        ({**BOUGHT, "purchase_date": "2025-12-31", "depreciation_start_date": "2026-01-01"},
         ("purchase_date", "before_the_books")),
        ({"name": "Land", "asset_type": "EQUIPMENT", "original_value": 5, "depreciation": {"method": "none"},
          "ledger_account": "LAND", "acquisition_counter_account": "CASH"}, ("purchase_date", "required")),
    ):  # fmt: skip
        assert found(house.post("/assets", body, 422)) == [wrong]
    assert house.get("/assets")["data"] == [] and entries(house) == []


def test_a_late_acquisition_follows_the_lock_policy(house: Register) -> None:
    house.post("/assets", VAN)
    house.close("2026-02-10")
    house.post("/assets", BOUGHT)
    late = house.get("/journal-entries")["data"][-1]
    assert (late["kind"], late["effective_period"], late["posting_period"], late["entry_date"]) == (
        "acquisition", "2026-01", "2026-02", "2026-02-01")  # fmt: skip
    book = house.get("/books")["data"][0]["id"]
    house.patch(f"/books/{book}", {"lock_policy": "refuse"})
    assert house.post("/assets", BOUGHT, 409)["code"] == "late_fact_refused"
    assert len(house.get("/assets")["data"]) == 2


# --------------------------------------------------------------------------------------------- accumulated impairment


def test_impairments_have_an_account_of_their_own(house: Register) -> None:
    kind = house.post("/asset-types", {**TYPE, "accumulated_impairment_account": "ACCUMULATED_IMPAIRMENT"})
    assert kind["accumulated_impairment_account"]["code"] == "1700"
    made = house.post("/assets", {**BOUGHT, "asset_type_id": kind["id"]})
    assert made["accumulated_impairment_account"]["stable_name"] == "ACCUMULATED_IMPAIRMENT"
    assert house.post("/assets", VAN)["accumulated_impairment_account"] is None
    impairment = {"asset_id": made["id"], "update_type": "IMPAIRMENT", "amount": 20_000, "date": "2026-01-20T09:00:00Z",
                  "counter_account": "IMPAIRMENT_LOSS"}  # fmt: skip
    house.post("/assets/value-updates", impairment)
    assert entries(house)[-1]["lines"] == [("6520", 20_000, 0), ("1700", 0, 20_000)]
    place = f"/assets/{made['id']}"
    sale = {"date": "2026-01-25", "reason": "sold", "proceeds": 90_000, "proceeds_account": "CASH"}
    gone = house.post(f"{place}/disposals", sale)
    assert (gone["cost"], gone["accumulated_impairment"], gone["book_value"]) == (100_000, 20_000, 100_000)
    lines = [(line["account"]["code"], line["debit_minor"] - line["credit_minor"]) for line in gone["entry"]["lines"]]
    assert lines == [("1010", 90_000), ("1700", 20_000), ("6530", 10_000), ("1510", -120_000)]
    assert house.get(place)["data"]["disposal"]["accumulated_impairment"] == 20_000


@pytest.mark.parametrize("given", ["9999", {"type": "AccountId", "id": "x"}, {"type": "Code"}, 7], ids=str)
def test_an_account_of_impairments_is_one_of_the_chart(house: Register, given: Any) -> None:
    for path, body in (("/assets", VAN), ("/asset-types", TYPE)):
        wrong = found(house.post(path, {**body, "accumulated_impairment_account": given}, 422))
        assert [field for field, _ in wrong] == ["accumulated_impairment_account"]


# ----------------------------------------------------------------------------------------- an account that is held


def test_an_account_that_holds_what_is_posted_is_kept(house: Register) -> None:
    kind = house.post("/asset-types", TYPE)
    own = house.post("/assets", {**BOUGHT, "external_id": "own"})
    typed = {name: value for name, value in VAN.items() if not name.endswith("_account")}
    house.post("/assets", {**typed, "asset_type_id": kind["id"]})
    house.close("2026-02-10")
    held = "account_holds_balance"
    bodies: list[dict[str, Any]] = [{"ledger_account": "BUILDINGS"}, {"ledger_account": None}]
    for body in bodies:
        assert found(house.patch(f"/assets/{own['id']}", body, 422)) == [("ledger_account", held)]
    moved = {**BOUGHT, "external_id": "own", "accumulated_depreciation_account": "1620"}
    assert found(house.post("/assets", moved, 422)) == [("accumulated_depreciation_account", held)]
    refused = house.patch(f"/asset-types/{kind['id']}", {"accumulated_depreciation_account": "1620"}, 422)
    (error,) = refused["errors"]
    assert (error["field"], error["code"], error["value"]) == ("accumulated_depreciation_account", held, "1610")
    assert "archive the value updates" in error["remedy"]
    assert house.patch(f"/assets/{own['id']}", {"accumulated_impairment_account": "1700"})
    changed = house.patch(
        f"/asset-types/{kind['id']}", {"ledger_account": None, "depreciation_expense_account": "6510"}
    )
    assert changed["ledger_account"] is None
