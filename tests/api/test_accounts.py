"""The chart of accounts over HTTP."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
NEW = {"code": "1590", "stable_name": "TRACTORS", "name": "Tractors", "type": "asset"}


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def test_an_account_is_added_and_changed(house: Register) -> None:
    made = house.post("/accounts", NEW)
    assert made == {"id": made["id"], "parent_id": None, **NEW}
    assert house.get(f"/accounts/{made['id']}")["data"] == made
    changed = house.patch(f"/accounts/{made['id']}", {"name": "Tractors, red"})
    assert changed == {**made, "name": "Tractors, red"} == house.patch(f"/accounts/{made['id']}", {})
    assert house.audited() == [("tester", "account.added"), ("tester", "account.changed")]
    assert house.post("/accounts", {"code": "1591", "name": "x", "type": "asset"})["stable_name"] is None


def test_what_an_account_is_called_by_is_its_own(house: Register) -> None:
    for clash in ({"code": "1510"}, {"stable_name": "CASH"}, {"code": "CASH"}, {"stable_name": "1010"}):
        assert house.post("/accounts", {**NEW, **clash}, 409)["code"] == "duplicate"


def test_every_finding_at_once(house: Register) -> None:
    wrong = house.post("/accounts", {"code": 5, "type": "things", "x": 1}, 422)
    assert set(found(wrong)) == {
        ("code", "not_text"), ("type", "not_one_of"), ("name", "required"), ("x", "unknown_field")}  # fmt: skip
    made = house.post("/accounts", NEW)
    place = f"/accounts/{made['id']}"
    assert set(found(house.patch(place, {"code": "9", "stable_name": "Y", "name": None}, 422))) == {
        ("code", "unknown_field"), ("stable_name", "unknown_field"), ("name", "required")}  # fmt: skip


def test_the_list_is_filtered_and_paged(house: Register) -> None:
    everything = house.pages("/accounts", 7)
    assert everything == house.get("/accounts", params={"limit": 100})["data"]
    first = house.get("/accounts", params={"limit": 3})
    house.post("/accounts", NEW)
    rest = house.get("/accounts", params={"limit": 100, "cursor": first["next"]})["data"]
    assert [one["id"] for one in first["data"] + rest[:-1]] == [one["id"] for one in everything]
    assert {one["type"] for one in house.pages("/accounts", 2, type="expense")} == {"expense"}
    assert [one["code"] for one in house.pages("/accounts", 2, stable_name="CASH")] == ["1010"]
    house.get("/accounts", 422, params={"type": "things"})
    house.get("/accounts", 422, params={"cursor": "e30"})


def test_not_yours_is_not_there(house: Register) -> None:
    theirs = house.get("/accounts", of=house.b)["data"][0]["id"]
    nobodys = "01890a5d-ac96-774b-bcce-b302099a8057"
    for id_ in (theirs, nobodys):
        assert house.get(f"/accounts/{id_}", 404)["detail"] == house.get(f"/accounts/{nobodys}", 404)["detail"]
        house.patch(f"/accounts/{id_}", {"name": "mine"}, 404)
    house.get("/accounts/cash", 422)
