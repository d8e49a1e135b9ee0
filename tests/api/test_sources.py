"""Sources over HTTP (seed 003): ledger details, and which of them an asset was bought with."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import TYPE, VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
LINE = {
    "external_id": "INV-7/1", "account": "VEHICLES", "date": "2026-01-02", "amount": 120_000, "kind": "invoice line",
    "description": "Van",
}  # fmt: skip


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def remove(house: Register, asset_id: str, detail_id: str, status: int = 204) -> None:
    place = f"/v1/businesses/{house.a}/assets/{asset_id}/sources/{detail_id}"
    assert house.client.delete(place, headers=house.token(house.a)).status_code == status


def sources(house: Register, asset_id: str) -> Any:
    return house.get(f"/assets/{asset_id}/sources")["data"]


def test_a_detail_is_kept_and_shown(house: Register) -> None:
    made = house.post("/ledger-details", LINE)
    assert house.get(f"/ledger-details/{made['id']}")["data"] == made
    shown = {name: made[name] for name in LINE if name != "account"}
    assert shown == {name: value for name, value in LINE.items() if name != "account"}
    assert made["account"]["stable_name"] == "VEHICLES"
    assert house.post("/ledger-details", LINE) == made
    assert house.post("/ledger-details", {**LINE, "amount": 1}, 409)["code"] == "duplicate"
    bare = house.post("/ledger-details", {"account": "1010", "date": "2026-01-03", "amount": -5})
    assert (bare["external_id"], bare["amount"], bare["kind"]) == (bare["id"], -5, None)
    assert house.pages("/ledger-details", 1) == [made, bare]
    house.get(f"/ledger-details/{uuid4()}", 404)
    assert house.get("/ledger-details", of=house.b)["data"] == []
    assert house.audited() == [("tester", "ledger_detail.added")] * 2


def test_every_finding_about_a_detail_at_once(house: Register) -> None:
    wrong = {"account": "NONE", "date": "soon", "amount": 10**16, "kind": 5, "colour": "red", "external_id": " "}
    assert set(found(house.post("/ledger-details", wrong, 422))) == {
        ("account", "unknown_account"), ("date", "not_a_date"), ("amount", "amount_out_of_range"), ("kind", "not_text"),
        ("colour", "unknown_field"), ("external_id", "required"),
    }  # fmt: skip
    assert set(found(house.post("/ledger-details", {}, 422))) == {
        ("account", "required"), ("date", "required"), ("amount", "required"),
    }  # fmt: skip


def test_a_source_is_added_and_removed_and_nothing_else(house: Register) -> None:
    asset, detail = house.post("/assets", VAN), house.post("/ledger-details", LINE)
    facts = house.facts()
    made = house.post(f"/assets/{asset['id']}/sources", {"detail_id": detail["id"]})
    assert made == {"id": made["id"], "asset_id": asset["id"], "detail_id": detail["id"]}
    assert sources(house, asset["id"]) == [made]
    remove(house, asset["id"], detail["id"])
    assert sources(house, asset["id"]) == []
    remove(house, asset["id"], detail["id"], 404)
    assert house.get(f"/assets/{asset['id']}")["data"] == asset
    assert house.get(f"/ledger-details/{detail['id']}")["data"] == detail
    again = house.post(f"/assets/{asset['id']}/sources", {"detail_id": detail["id"]})
    assert again["id"] != made["id"] and sources(house, asset["id"]) == [again]
    assert house.facts() == facts  # no charge depends on it
    assert [action for _, action in house.audited()] == [
        "asset.added", "ledger_detail.added", "source.added", "source.removed", "source.added",
    ]  # fmt: skip


def test_a_detail_on_another_ledger_account_is_refused(house: Register) -> None:
    kind = house.post("/asset-types", TYPE)
    own = house.post("/assets", VAN)
    typed = house.post("/assets", {"name": "Van", "original_value": 1000, "asset_type_id": kind["id"],
                                   "depreciation_start_date": "2026-01-01"})  # fmt: skip
    bare = house.post("/assets", {**VAN, "ledger_account": None})
    right = house.post("/ledger-details", LINE)["id"]
    wrong = house.post("/ledger-details", {**LINE, "external_id": "INV-7/2", "account": "EQUIPMENT"})["id"]
    for asset, detail, status in (
        (own, right, 201), (typed, right, 201), (bare, right, 422), (own, wrong, 422), (typed, wrong, 422),
    ):  # fmt: skip
        answer = house.post(f"/assets/{asset['id']}/sources", {"detail_id": detail}, status)
        if status == 422:
            assert found(answer) == [("detail_id", "other_ledger_account")]
            assert detail not in [one["detail_id"] for one in sources(house, asset["id"])]
    # the account in force counts, the asset's own before its type's
    house.patch(f"/assets/{typed['id']}", {"ledger_account": "EQUIPMENT"})
    house.post(f"/assets/{typed['id']}/sources", {"detail_id": wrong})
    # what was a source before the account changed stays one, and one detail is a source of two assets
    assert [one["detail_id"] for one in sources(house, typed["id"])] == [right, wrong]


def test_the_same_detail_again_is_the_same_source(house: Register) -> None:
    asset, detail = house.post("/assets", VAN), house.post("/ledger-details", LINE)
    place, body = f"/v1/businesses/{house.a}/assets/{asset['id']}/sources", {"detail_id": detail["id"]}

    def add(_: int) -> Any:
        return house.client.post(place, json=body, headers=house.token(house.a)).json()["data"]

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(add, range(4)))
    assert made == [made[0]] * 4
    house.patch(f"/assets/{asset['id']}", {"ledger_account": "EQUIPMENT"})
    assert add(0) == made[0]
    assert len(house.sql("SELECT FROM asset_source WHERE business_id = :a")) == 1


def test_what_is_not_there(house: Register) -> None:
    asset, detail = house.post("/assets", VAN), house.post("/ledger-details", LINE)
    theirs = house.post("/ledger-details", LINE, of=house.b)  # an external id is unique in its business
    for body, refused in (
        ({"detail_id": str(uuid4())}, ("detail_id", "unknown_ledger_detail")),
        ({"detail_id": theirs["id"]}, ("detail_id", "unknown_ledger_detail")),
        ({"detail_id": "7"}, ("detail_id", "not_an_id")),
        ({}, ("detail_id", "required")),
    ):
        assert found(house.post(f"/assets/{asset['id']}/sources", body, 422)) == [refused]
    house.post(f"/assets/{uuid4()}/sources", {"detail_id": detail["id"]}, 404)
    house.get(f"/assets/{uuid4()}/sources", 404)
    remove(house, asset["id"], theirs["id"], 404)


def test_an_asset_is_deleted_with_its_sources_and_the_detail_stays(house: Register) -> None:
    asset, detail = house.post("/assets", VAN), house.post("/ledger-details", LINE)
    house.post(f"/assets/{asset['id']}/sources", {"detail_id": detail["id"]})
    place = f"/v1/businesses/{house.a}/assets/{asset['id']}"
    assert house.client.delete(place, headers=house.token(house.a)).status_code == 204
    assert house.get(f"/ledger-details/{detail['id']}")["data"] == detail


def test_once_for_one_key(house: Register) -> None:
    asset = house.post("/assets", VAN)
    key = {**house.token(house.a), "Idempotency-Key": "line-1"}
    root = f"/v1/businesses/{house.a}"
    first = house.client.post(f"{root}/ledger-details", json={**LINE, "external_id": None}, headers=key)
    again = house.client.post(f"{root}/ledger-details", json={**LINE, "external_id": None}, headers=key)
    assert first.json() == again.json() and again.headers["Idempotency-Replayed"] == "true"
    body = {"detail_id": first.json()["data"]["id"]}
    one, two = (
        house.client.post(f"{root}/assets/{asset['id']}/sources", json=body, headers=key).json() for _ in range(2)
    )
    assert one == two
    assert len(house.get("/ledger-details")["data"]) == len(sources(house, asset["id"])) == 1
