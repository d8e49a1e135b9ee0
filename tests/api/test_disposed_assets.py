"""Assets that come in as disposed of already, and what disposed assets show (seed 004)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import TYPE, VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
BOUGHT = {**VAN, "purchase_date": "2026-01-01", "external_id": "V1"}
SALE = {"date": "2026-03-10", "proceeds": 130_000, "proceeds_account": "CASH"}
GAINS = {"disposal_date": "2026-03-10", "disposal_price": 130_000, "capital_gain": 10_000, "gain_or_loss": 20_000}


@pytest.fixture
def house(
    app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two
) -> Register:
    """The clock stands in April 2026."""
    app.state.settings = app.state.settings.model_copy(update={"clock": "2026-04-15T12:00:00Z"})
    return Register(client, engine, token, businesses.a, businesses.b)


def assets(house: Register) -> Any:
    return house.get("/assets")["data"]


def test_one_step_is_the_two_of_them(house: Register) -> None:
    house.close("2026-02-10")
    made = house.post("/assets", {**BOUGHT, "status": "disposed", "disposal": SALE})
    assert (made["status"], made["book_value"], made["accumulated_depreciation"]) == ("disposed", 0, 20_000)
    assert {name: made[name] for name in GAINS} == GAINS
    assert made["disposal"]["reason"] == "sold"
    # January is closed: caught up in February, as of an asset that is added and then disposed of
    two = house.post("/assets", {**BOUGHT, "external_id": "V2"})
    apart = house.post(f"/assets/{two['id']}/disposals", {**SALE, "reason": "sold"})
    for name in ("charges", "entry"):
        assert _bare(made["disposal"][name]) == _bare(apart[name]), name
    assert [charge["amount"] for charge in apart["charges"]] == [10_000, 10_000]
    assert house.get(f"/assets/{made['id']}")["data"] == made
    assert house.get("/assets", params={"status": "disposed", "order_by": "disposal_price"})["data"][0] == made
    assert [action for _, action in house.audited() if action.startswith("asset")] == [
        "asset.added",
        "asset.disposed",
    ] * 2
    # said again, it is so already
    assert house.post("/assets", {**BOUGHT, "disposal": SALE}, 200) == made
    assert house.post("/assets", {**BOUGHT, "disposal": {**SALE, "proceeds": 1}}, 409)["code"] == "asset_disposed"
    house.close("2026-04-10")
    assert house.get("/periods/2026-03")["data"]["status"] == "closed"


def _bare(told: Any) -> Any:
    """What is told, without ids."""
    if isinstance(told, list):
        return [_bare(one) for one in told]
    return {name: _bare(one) if isinstance(one, dict | list) else one for name, one in told.items()
            if not name.endswith("id")} if isinstance(told, dict) else told  # fmt: skip


def test_without_a_reason_what_brings_nothing_is_out_of_use(house: Register) -> None:
    made = house.post("/assets", {**BOUGHT, "disposal": {"date": "2026-03-10", "proceeds": 0}})
    assert (made["disposal"]["reason"], made["gain_or_loss"], made["capital_gain"]) == ("out_of_use", -100_000, 0)
    worth = {**BOUGHT, "external_id": "V2", "depreciation": {"method": "full"}}
    spent = house.post("/assets", {**worth, "disposal": {"date": "2026-03-10"}})
    assert (spent["disposal_price"], spent["gain_or_loss"], spent["book_value"]) == (None, 0, 0)
    none = house.post("/assets", {**BOUGHT, "external_id": "V3", "disposal": None})
    assert (none["status"], none["disposal"], none["disposal_date"]) == ("registered", None, None)


def test_a_known_asset_is_disposed_of_by_it(house: Register) -> None:
    first = house.post("/assets", BOUGHT)
    sold = house.post("/assets", {**BOUGHT, "name": "Old van", "disposal": SALE}, 200)
    assert (sold["id"], sold["name"], sold["status"]) == (first["id"], "Old van", "disposed")


WRONG: list[tuple[Any, set[tuple[str | None, str]]]] = [
    ({"date": "2026-03-10"}, {("disposal.proceeds", "value_left")}),
    ({**SALE, "date": "2026-01-01"}, {("disposal.date", "not_after_purchase")}),
    ({**SALE, "date": "2026-04-16"}, {("disposal.date", "in_the_future")}),
    ({**SALE, "proceeds_account": None}, {("disposal.proceeds_account", "proceeds_account_missing")}),
    ({**SALE, "dry_run": True}, {("disposal.dry_run", "unknown_field")}),
    ({**SALE, "part": {"percent": "50"}}, {("disposal.part", "unknown_field")}),
    ("sold", {("disposal", "not_an_object")}),
]


def test_it_is_refused_as_its_disposal_would_be_and_there_is_no_asset(house: Register) -> None:
    for disposal, findings in WRONG:
        assert set(found(house.post("/assets", {**BOUGHT, "disposal": disposal}, 422))) == findings, disposal
    draft = house.post("/assets", {**BOUGHT, "status": "draft", "disposal": SALE}, 409)
    assert draft["code"] == "asset_not_registered"
    # what is wrong with the asset and with its disposal comes at once
    bad = {**BOUGHT, "name": None, "disposal": {"reason": "eaten", "proceeds": -1, "gain_account": "NONE"}}
    assert set(found(house.post("/assets", bad, 422))) == {
        ("name", "required"), ("disposal.date", "required"), ("disposal.reason", "not_one_of"),
        ("disposal.proceeds", "amount_negative"), ("disposal.gain_account", "unknown_account"),
    }  # fmt: skip
    # an account that is the asset's own is named as that
    bare = {**BOUGHT, "ledger_account": None, "disposal": SALE}
    assert found(house.post("/assets", bare, 422)) == [("ledger_account", "ledger_account_missing")]
    assert assets(house) == [] and house.audited() == []
    assert found(house.patch(f"/assets/{house.post('/assets', BOUGHT)['id']}", {"disposal": SALE}, 422)) == [
        ("disposal", "unknown_field")]  # fmt: skip


def test_a_locked_period_takes_none(house: Register) -> None:
    house.post("/assets", VAN)
    house.close("2026-04-10")
    for period in ("2026-01", "2026-02", "2026-03"):
        house.post(f"/periods/{period}/lock", None, 200)
    assert house.post("/assets", {**BOUGHT, "disposal": SALE}, 409)["code"] == "period_locked"
    assert len(assets(house)) == 1


def test_once_for_one_key(house: Register) -> None:
    key = {**house.token(house.a), "Idempotency-Key": str(uuid4())}
    place, body = f"/v1/businesses/{house.a}/assets", {**BOUGHT, "external_id": None, "disposal": SALE}
    first, again = (house.client.post(place, json=body, headers=key) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    assert len(assets(house)) == 1


@pytest.mark.parametrize("status", ["registered", "disposed", None])
def test_the_same_again_with_the_status_that_it_came_with(house: Register, status: str | None) -> None:
    body = {**BOUGHT, "status": status, "disposal": SALE}
    first = house.post("/assets", body)
    assert house.post("/assets", body, 200) == first
    refused = house.post("/assets", {**body, "status": "draft"}, 422)
    assert found(refused) == [("status", "posted_asset_changed")]


def test_what_can_be_deleted_and_changed_outright(house: Register) -> None:
    made = house.post("/assets", BOUGHT)

    def told() -> tuple[bool, bool]:
        shown = house.get(f"/assets/{made['id']}")["data"]
        return shown["is_delete_enabled"], shown["meta_data"]["book_depreciation_details_can_change"]

    assert told() == (True, True)
    house.patch(f"/assets/{made['id']}", {"original_value": 130_000})
    house.close("2026-02-10")
    assert told() == (False, False)
    refused = house.patch(f"/assets/{made['id']}", {"original_value": 120_000}, 422)
    assert found(refused) == [("original_value", "posted_asset_changed")]


def test_one_that_never_depreciated_and_is_disposed_of_cannot_be_changed_outright(house: Register) -> None:
    land = house.post("/assets", {**BOUGHT, "depreciation": {"method": "none"}, "useful_life_months": None,
                                  "disposal": SALE})  # fmt: skip
    assert (land["is_delete_enabled"], land["meta_data"]["book_depreciation_details_can_change"]) == (False, False)
    refused = house.patch(f"/assets/{land['id']}", {"original_value": 1}, 422)
    assert found(refused) == [("original_value", "posted_asset_changed")]


BY: list[tuple[dict[str, Any], str]] = [
    ({"method": "straight_line", "life_months": 12}, "life"),
    ({"method": "straight_line", "rate_percent": "20"}, "rate"),
    ({"method": "declining_balance", "life_months": 12, "declining_factor": "1.5"}, "life"),
    ({"method": "full"}, "none"),
    ({"method": "none"}, "none"),
]


@pytest.mark.parametrize(("settings", "by"), BY)
def test_what_a_charge_is_computed_from(house: Register, settings: Any, by: str) -> None:
    kind = house.post("/asset-types", {**TYPE, "depreciation": settings})
    assert kind["depreciation_calculation_method"] == by
    made = house.post("/assets", {"name": "Van", "original_value": 1000, "asset_type_id": kind["id"],
                                  "depreciation_start_date": "2026-01-01"})  # fmt: skip
    assert made["depreciation_calculation_method"] == by
