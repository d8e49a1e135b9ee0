"""Corners of value changes: what was found above what was depreciated, parts in between, and what is ahead."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .house import House, codes
from .test_value_changes import change, entries, told, van


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]]) -> House:
    return House(app, client, engine, token)


def test_increases_beside_the_plan_stay_within_what_can_be_computed(house: House) -> None:
    asset = van(house)
    most = change(house, asset, "manual", 422, date="2026-08-15", amount=10**15, description="found")
    assert codes(most) == [("amount", "amount_out_of_range")]
    change(house, asset, "manual", date="2026-08-15", amount=10**15 - 120_000, description="found")
    more = change(house, asset, "manual", 422, date="2026-08-16", amount=1, description="found")
    assert codes(more) == [("amount", "amount_out_of_range")]
    change(house, asset, "manual", date="2026-08-16", amount=-1, description="lost")
    assert change(house, asset, "divestment", date="2026-08-17")["amount"] == 1 - 10**15


@pytest.mark.parametrize("kind", ["divestment", "full-depreciation"])
def test_more_than_was_depreciated_was_found_and_all_of_it_goes_and_comes_back(house: House, kind: str) -> None:
    asset = van(house)
    change(house, asset, "manual", date="2026-08-15", amount=7_000, description="found")
    more: Any = {"description": "worn out"} if kind == "full-depreciation" else {}
    gone = change(house, asset, kind, date="2026-08-20", **more)
    assert gone["amount"] == -127_000
    expected = {
        "divestment": [("6530", 127_000), ("1510", -120_000), ("1610", -7_000)],
        "full-depreciation": [("1610", 120_000), ("6500", 127_000), ("1510", -120_000), ("1610", -127_000)],
    }
    assert sorted(entries(house)[-1][3]) == sorted(expected[kind])
    house.post(f"/assets/{asset}/disposals/{gone['id']}/reinstate", {}, 200)
    assert sorted(entries(house)[-1][3]) == sorted((code, -amount) for code, amount in expected[kind])
    house.work("2026-09-02")
    assert house.get(f"/assets/{asset}")["data"]["book_value"] == 117_000


def test_a_change_that_counts_from_a_later_day_is_shown_on_the_day_that_was_given(house: House) -> None:
    (book,) = house.get("/books")["data"]
    place = f"{house.place}/books/{book['id']}"
    assert house.client.patch(place, json={"lock_policy": "spread_remaining"}, headers=house.headers).status_code == 200
    assets = {kind: van(house) for kind in ("manual", "arbitrary", "divestment", "full-depreciation")}
    house.work("2026-10-02")
    for kind, asset in assets.items():
        body: dict[str, Any] = {"date": "2026-09-15"} | ({} if kind == "divestment" else {"description": "late"})
        made = change(house, asset, kind, **body, **({"amount": -1} if kind in ("manual", "arbitrary") else {}))
        assert (made["date"], made["effective_period"]) == ("2026-09-15", "2026-10"), kind


def test_what_a_part_took_along_is_not_reversed_by_a_change_before_it(house: House) -> None:
    """The depreciation up to a part's disposal is the disposal's: it goes back with that, and not before."""
    asset = van(house, depreciation={"method": "straight_line", "life_months": 12, "averaging": "actual_days"})
    sale = {"date": "2026-08-20", "reason": "sold", "proceeds": 0, "part": {"percent": "25"}}
    gone = house.post(f"/assets/{asset}/disposals", sale, 201)["data"]
    assert gone["stub"] > 0
    change(house, asset, "arbitrary", date="2026-08-10", amount=-12_000, description="flood")
    assert not any(taken_back for *_, taken_back in told(house, asset))
    house.post(f"/assets/{asset}/disposals/{gone['id']}/reinstate", {}, 200)
    twin = van(house, depreciation={"method": "straight_line", "life_months": 12, "averaging": "actual_days"})
    change(house, twin, "arbitrary", date="2026-08-10", amount=-12_000, description="flood")
    house.work("2026-09-02")
    assert house.get(f"/assets/{asset}")["data"]["book_value"] == house.get(f"/assets/{twin}")["data"]["book_value"]


def test_each_kind_names_the_account_that_it_has_another_side_for(house: House) -> None:
    divested, depreciated = van(house), van(house)
    change(house, divested, "divestment", date="2026-08-15", counter_account="IMPAIRMENT_LOSS")
    assert [code for code, _ in entries(house)[0][3]] == ["6520", "1510"]
    wrong = change(
        house, depreciated, "full-depreciation", 422, date="2026-08-15", description="x", counter_account="CASH"
    )
    assert codes(wrong) == [("counter_account", "unknown_field")]
    described = house.client.get("/openapi.json").json()["components"]["schemas"]
    assert "counter_account" in described["DivestmentIn"]["properties"]
    assert "counter_account" not in described["FullDepreciationIn"]["properties"]


def test_a_plan_takes_into_account_what_is_posted_ahead_and_of_no_other_asset(house: House) -> None:
    asset, other = van(house), van(house)
    update = {"asset_id": other, "amount": 4_000, "update_type": "DEPRECIATION_AMORTIZATION",
              "counter_account": "DEPRECIATION", "date": "2026-08-15T09:00:00Z"}  # fmt: skip
    house.post("/assets/value-updates", update, 201)
    plans = {one: house.get(f"/assets/{one}/value-change-plan")["data"]["changes"] for one in (asset, other)}
    assert [one["amount"] for one in plans[asset]] == [-10_000] * 12
    assert [one["amount"] for one in plans[other]] == [-6_000] + [-10_000] * 11
    listed = house.get("/assets", include="value_change_plan")["data"]
    assert {one["id"]: one["value_change_plan"]["changes"] for one in listed} == plans
