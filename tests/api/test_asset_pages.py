"""Lists of assets by the numbers of their pages (seeds 003 and 004), and what is shown beside an asset."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def names(page: Any) -> list[str]:
    return [one["name"] for one in page["data"]]


def follow(house: Register, link: str) -> Any:
    return house.client.get(link, headers=house.token(house.a)).json()


def test_numbered_pages_and_their_links(house: Register) -> None:
    for name in "abcde":
        house.post("/assets", {**VAN, "name": name})
    query = {"order_by": "name", "direction": "desc", "q": "", "status": "registered"}
    first = house.get("/assets", params={**query, "page": 1, "per_page": 2})
    place = f"/v1/businesses/{house.a}/assets?order_by=name&direction=desc&q=&status=registered"
    assert (names(first), first["pagination"]) == (["e", "d"], {
        "page": 1, "per_page": 2, "page_count": 3, "item_count": 5,
        "links": {"first": f"{place}&per_page=2&page=1", "prev": None, "next": f"{place}&per_page=2&page=2",
                  "last": f"{place}&per_page=2&page=3"},
    })  # fmt: skip
    second = follow(house, first["pagination"]["links"]["next"])
    last = follow(house, first["pagination"]["links"]["last"])
    assert (names(second), names(last)) == (["c", "b"], ["a"])
    assert second["pagination"]["links"]["prev"] == first["pagination"]["links"]["first"]
    assert last["pagination"]["links"]["next"] is None and last["next"] is None
    # the cursor goes on where the page ended
    assert names(house.get("/assets", params={**query, "cursor": second["next"]})) == ["a"]
    # either of them asks for a numbered page
    by_size = house.get("/assets", params={**query, "per_page": 2})
    assert (names(by_size), by_size["pagination"]["page"], by_size["pagination"]["page_count"]) == (["e", "d"], 1, 3)
    assert house.get("/assets", params={**query, "page": 1})["pagination"]["per_page"] == 50
    assert house.get("/assets", params=query)["pagination"] is None


def test_a_page_beyond_the_last_one_and_one_of_nothing(house: Register) -> None:
    empty = house.get("/assets", params={"page": 1})
    counts = {name: value for name, value in empty["pagination"].items() if name != "links"}
    assert counts == {"page": 1, "per_page": 50, "page_count": 0, "item_count": 0}
    links = empty["pagination"]["links"]
    assert (links["prev"], links["next"], links["first"]) == (None, None, links["last"])
    house.post("/assets", VAN)
    beyond = house.get("/assets", params={"page": 7, "per_page": 1})
    assert (beyond["data"], beyond["next"], beyond["pagination"]["item_count"]) == ([], None, 1)
    assert names(follow(house, beyond["pagination"]["links"]["prev"])) == ["Van"]
    assert house.get("/assets", params={"page": 1, "ledger_account": "NONE"})["pagination"]["item_count"] == 0
    assert house.get("/assets", params={"page": 1, "status": "draft"})["pagination"]["item_count"] == 0
    assert house.get("/assets", params={"page": 1}, of=house.b)["pagination"]["item_count"] == 0


def test_pages_that_there_are_not(house: Register) -> None:
    house.post("/assets", VAN)
    house.post("/assets", VAN)
    cursor = house.get("/assets", params={"limit": 1})["next"]
    for query, finding in (
        ({"page": 0}, ("page", "out_of_range")), ({"per_page": 101}, ("per_page", "out_of_range")),
        ({"page": "x"}, ("page", "not_an_integer")), ({"page": 1, "cursor": cursor}, ("page", "page_and_cursor")),
        ({"page": 1, "order_by": "disposal_price"}, ("order_by", "order_of_disposed")),
        ({"include": "everything"}, ("include", "wrong_format")), ({"include": ""}, ("include", "wrong_format")),
    ):  # fmt: skip
        assert found(house.get("/assets", 422, params=query)) == [finding], query


def test_what_is_asked_for_beside_assets(house: Register) -> None:
    van = house.post("/assets", {**VAN, "purchase_date": "2026-01-01"})
    bare, draft = house.post("/assets", VAN), house.post("/assets", {**VAN, "status": "draft"})
    detail = house.post("/ledger-details", {"account": "VEHICLES", "date": "2026-01-01", "amount": 120_000})
    source = house.post(f"/assets/{van['id']}/sources", {"detail_id": detail["id"]})
    house.close("2026-03-05")
    place = f"/assets/{van['id']}"
    alone = house.get(place)["data"]
    assert [alone[name] for name in ("value_changes", "sources", "value_change_plan")] == [None] * 3

    every = {"include": "sources,value_changes,value_change_plan"}
    shown = house.get(place, params=every)["data"]
    changes, plan = (house.get(f"{place}/{name}")["data"] for name in ("value-changes", "value-change-plan"))
    assert [(one["type"], one["date"], one["amount"]) for one in changes] == [
        ("linear", "2026-01-31", -10_000), ("linear", "2026-02-28", -10_000)]  # fmt: skip
    assert [one["amount"] for one in plan["changes"]] == [-10_000] * 10
    assert shown == {**alone, "value_changes": changes, "sources": [source], "value_change_plan": plan}
    assert house.get(place, params={"include": "sources"})["data"] == {**alone, "sources": [source]}

    listed = {one["id"]: one for one in house.get("/assets", params=every)["data"]}
    assert listed[van["id"]] == shown
    assert (listed[bare["id"]]["sources"], listed[bare["id"]]["value_change_plan"]["changes"]) == ([], plan["changes"])
    assert listed[draft["id"]]["value_changes"] == listed[draft["id"]]["value_change_plan"]["changes"] == []
    numbered = house.get("/assets", params={**every, "page": 1})
    assert {one["id"]: one for one in numbered["data"]} == listed
    assert house.get("/assets", params={**every, "status": "disposed"})["data"] == []
