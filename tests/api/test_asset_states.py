"""An asset's life over HTTP: deleted, archived, disposed of, found in lists; and what can be rolled back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import TYPE, VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def delete(house: Register, asset_id: str, status: int = 204) -> str:
    """The problem's code of a deletion, empty where there is none."""
    place = f"/v1/businesses/{house.a}/assets/{asset_id}"
    answer = house.client.delete(place, headers=house.token(house.a))
    assert answer.status_code == status, answer.text
    return "" if status == 204 else str(answer.json()["code"])


def dispose(house: Register, asset_id: str, day: str = "2026-02-10") -> None:
    """Only the register's side of a disposal: state and day."""
    house.sql(
        "UPDATE asset_book SET status = 'disposed', disposal_date = :day WHERE asset_id = :id RETURNING 1",
        day=day, id=asset_id,
    )  # fmt: skip


def test_an_asset_without_postings_is_deleted_with_all_that_is_said_of_it(house: Register) -> None:
    made = house.post("/assets", {**VAN, "tags": [{"key": "site", "value": "lisbon"}]})
    facts = house.facts()
    assert delete(house, made["id"]) == ""
    house.get(f"/assets/{made['id']}", 404)
    assert delete(house, made["id"], 404) == "not_found"
    assert house.get("/assets")["data"] == []
    assert house.facts() == facts + 1
    assert house.audited()[-1] == ("tester", "asset.deleted")
    assert house.post("/assets", {**VAN, "number": made["number"]})["id"] != made["id"]


def test_one_with_postings_is_not(house: Register) -> None:
    made = house.post("/assets", VAN)
    house.close("2026-02-10")
    assert delete(house, made["id"], 409) == "in_use"
    assert house.get(f"/assets/{made['id']}")["data"]["accumulated_depreciation"] == 10_000


def test_the_database_itself_keeps_an_asset_with_postings(house: Register) -> None:
    made = house.post("/assets", VAN)
    house.close("2026-02-10")
    with pytest.raises(Exception, match="something is posted to the asset"):
        house.sql("SELECT set_config('app.business_id', CAST(:a AS text), true), delete_asset(:id)", id=made["id"])


def test_a_deletion_and_a_close_come_one_after_the_other(house: Register) -> None:
    made = house.post("/assets", VAN)
    other = house.post("/assets", VAN)

    def remove() -> int:
        place = f"/v1/businesses/{house.a}/assets/{made['id']}"
        return house.client.delete(place, headers=house.token(house.a)).status_code

    with ThreadPoolExecutor(2) as pool:
        closing = pool.submit(house.close, "2026-02-10")
        status = pool.submit(remove).result()
        closing.result()
    house.close("2026-02-10")
    charged = {str(row.asset_id) for row in house.sql("SELECT asset_id FROM value_update WHERE business_id = :a")}
    assert (status, made["id"] in charged) in ((204, False), (409, True))
    assert other["id"] in charged


def test_archiving_hides_and_takes_nothing_away(house: Register) -> None:
    draft = house.post("/assets", {**VAN, "name": "Draft", "status": "draft"})
    kept = house.post("/assets", VAN)
    place = f"/assets/{draft['id']}"
    archived = house.post(f"{place}/archive", None, 200)
    assert archived == {**draft, "archived_at": archived["archived_at"]} and archived["archived_at"] is not None
    assert house.post(f"{place}/archive", None, 200) == archived
    assert house.get(place)["data"] == archived

    def ids(**query: object) -> list[str]:
        return [one["id"] for one in house.get("/assets", params=query)["data"]]

    assert ids() == [kept["id"]] == ids(archived=False) == ids(active=True)
    assert ids(archived=True) == [draft["id"]] == ids(active=False)
    assert found(house.patch(place, {"status": "registered"}, 422)) == [("status", "asset_archived")]
    assert house.post(f"{place}/unarchive", None, 200) == draft
    assert house.post(f"{place}/unarchive", None, 200) == draft
    assert house.patch(place, {"status": "registered"})["status"] == "registered"
    assert [action for _, action in house.audited()] == [
        "asset.added", "asset.added", "asset.archived", "asset.unarchived", "asset.changed"]  # fmt: skip


def test_what_has_value_left_is_not_archived(house: Register) -> None:
    van = house.post("/assets", VAN)
    assert house.post(f"/assets/{van['id']}/archive", None, 409)["code"] == "not_archivable"
    house.close("2027-01-10")
    assert house.get(f"/assets/{van['id']}")["data"]["book_value"] == 0
    assert house.post(f"/assets/{van['id']}/archive", None, 200)["archived_at"] is not None
    gone = house.post("/assets", VAN)
    dispose(house, gone["id"])
    assert house.post(f"/assets/{gone['id']}/archive", None, 200)["archived_at"] is not None


def test_the_lists_of_the_disposed(house: Register) -> None:
    late, early, here = (house.post("/assets", {**VAN, "name": name}) for name in ("Late", "Early", "Here"))
    dispose(house, late["id"], "2026-03-01")
    dispose(house, early["id"], "2026-02-01")

    def names(**query: object) -> list[str]:
        return [one["name"] for one in house.get("/assets", params=query)["data"]]

    assert names(active=True) == ["Here"]
    assert names(active=False) == names(status="disposed") == ["Late", "Early"]
    assert names(status="disposed", order_by="disposal_date") == ["Early", "Late"]
    assert names(status="disposed", order_by="disposal_date", direction="desc") == ["Late", "Early"]
    assert sorted(names(status="disposed", order_by="disposal_price")) == ["Early", "Late"]
    assert [one["name"] for one in house.pages("/assets", 1, status="disposed", order_by="disposal_date")] == [
        "Early", "Late"]  # fmt: skip
    for order in ("disposal_date", "disposal_price"):
        for query in ({}, {"status": "registered"}):
            refused = house.get("/assets", 422, params={"order_by": order, **query})
            assert found(refused) == [("order_by", "order_of_disposed")]
    assert here["status"] == "registered"


def test_the_list_is_ordered_by_the_name_of_the_type(house: Register) -> None:
    types = {name: house.post("/asset-types", {**TYPE, "name": name})["id"] for name in ("Vans", "Cars")}
    for name, kind in (("one", "Vans"), ("two", "Cars"), ("three", "Vans")):
        house.post("/assets", {**VAN, "name": name, "asset_type_id": types[kind]})
    house.post("/assets", {**VAN, "name": "four"})
    ordered = house.pages("/assets", 1, order_by="asset_type")
    assert [one["name"] for one in ordered] == ["four", "two", "one", "three"]


def test_a_disposed_asset_stays_so_where_it_comes_again(house: Register) -> None:
    body = {**VAN, "external_id": "V1"}
    made = house.post("/assets", body)
    dispose(house, made["id"])
    assert house.post("/assets", {**body, "name": "Old van"}, 200)["status"] == "disposed"
    assert found(house.post("/assets", {**body, "status": "registered"}, 422)) == [("status", "status_not_allowed")]
    assert found(house.patch(f"/assets/{made['id']}", {"status": "registered"}, 422)) == [
        ("status", "status_not_allowed")]  # fmt: skip


def test_what_can_be_rolled_back(house: Register) -> None:
    """Something is posted, and the newest of it lies in no locked period."""
    made = house.post("/assets", VAN)
    assert made["can_roll_back"] is False

    def shown() -> bool:
        return bool(house.get(f"/assets/{made['id']}")["data"]["can_roll_back"])

    house.close("2026-03-10")
    assert shown()
    house.post("/periods/2026-01/lock", {"reason": "audited"}, 200)
    assert shown()
    house.post("/periods/2026-02/lock", {"reason": "audited"}, 200)
    assert not shown()
    house.close("2026-04-10")
    assert shown()


def test_tags_have_all_that_the_seed_shows(house: Register) -> None:
    tags = [{"key": "site", "value": "lisbon", "dimension_display_name": "Site", "value_display_name": "Lisbon"},
            {"key": "crew", "value": "7"}]  # fmt: skip
    made = house.post("/assets", {**VAN, "tags": tags})
    crew, site = made["tags"]
    assert set(site) == {"id", "key", "dimension_display_name", "value", "value_display_name", "dimension_id",
                         "definition_id", "archived_at", "first_day"}  # fmt: skip
    assert {name: site[name] for name in tags[0]} == tags[0]
    shown = [crew[name] for name in ("key", "value", "dimension_display_name", "archived_at")]
    assert shown == ["crew", "7", None, None]
    other = house.post("/assets", {**VAN, "tags": [{"key": "site", "value": "lisbon"}]})["tags"][0]
    assert {**other, "id": site["id"]} == site and other["id"] != site["id"]
    place = f"/assets/{made['id']}"
    assert house.patch(place, {"name": "Van 1"})["tags"] == made["tags"]
    porto = house.patch(place, {"tags": [{"key": "site", "value": "porto"}]})["tags"]
    assert [(one["key"], one["value"], one["dimension_display_name"]) for one in porto] == [("site", "porto", "Site")]
    assert porto[0]["dimension_id"] == site["dimension_id"] and porto[0]["definition_id"] != site["definition_id"]
    assert house.patch(place, {"tags": None})["tags"] == []
    again = house.patch(place, {"tags": tags})["tags"]
    assert again[1]["definition_id"] == site["definition_id"] and again[1]["id"] != site["id"]
    assert len(house.sql("SELECT 1 FROM asset_tag WHERE archived_at IS NOT NULL")) == 5, "those whose days were others"
    assert {one["first_day"] for one in (*made["tags"], *again)} == {None}, "what goes on again was never gone"


def test_what_is_wrong_with_tags(house: Register) -> None:
    bad = [{"key": "a", "value": ""}, {"value": "x", "colour": 1}, "site", {"key": "b", "value": "1"},
           {"key": "b", "value": "2"}, {"key": "c", "value": 5, "value_display_name": 1}]  # fmt: skip
    assert set(found(house.post("/assets", {**VAN, "tags": bad}, 422))) == {
        ("tags.0.value", "required"), ("tags.1.key", "required"), ("tags.1.colour", "unknown_field"),
        ("tags.2", "not_an_object"), ("tags.4.key", "duplicate"), ("tags.5.value", "not_text"),
        ("tags.5.value_display_name", "not_text")}  # fmt: skip
    assert found(house.post("/assets", {**VAN, "tags": "site"}, 422)) == [("tags", "not_a_list")]
    assert found(house.post("/assets", {**VAN, "tags": [None]}, 422)) == [("tags.0", "not_an_object")]
    many = [{"key": str(number), "value": "x"} for number in range(51)]
    assert found(house.post("/assets", {**VAN, "tags": many}, 422)) == [("tags", "too_many")]


def test_what_paid_for_an_asset_is_said_once(house: Register) -> None:
    body = {**VAN, "external_id": "V1", "status": "draft", "acquisition_counter_account": "CASH"}
    made = house.post("/assets", body)
    assert made["acquisition_counter_account"]["code"] == "1010"
    assert house.post("/assets", body, 200) == made
    assert house.post("/assets", {**VAN, "external_id": "V1", "status": "draft"}, 200) == made
    refused = house.post("/assets", {**body, "acquisition_counter_account": "ACCOUNTS_PAYABLE"}, 422)
    assert found(refused) == [("acquisition_counter_account", "not_changeable")]
    refused = house.post("/assets", {**VAN, "acquisition_counter_account": "NONE"}, 422)
    assert found(refused) == [("acquisition_counter_account", "unknown_account")]
