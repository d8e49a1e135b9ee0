"""Settings and books over HTTP: what may change, what periods were made from, and when periods are due."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def test_names_and_prefixes_change_and_null_is_the_default(house: Register) -> None:
    before = house.get("/settings")["data"]
    assert house.patch("/settings", {}) == before
    after = house.patch("/settings", {"name": "Alpha & Co", "number_prefix": "A-"})
    assert after == {**before, "name": "Alpha & Co", "number_prefix": "A-"}
    assert house.patch("/settings", {"number_prefix": None}) == {**before, "name": "Alpha & Co"}
    assert found(house.patch("/settings", {"name": None}, 422)) == [("name", "required")]
    assert house.audited() == [("tester", "settings.changed")] * 2


def test_what_periods_were_made_from_stays(house: Register) -> None:
    new = {"currency": "USD", "time_zone": "UTC", "fiscal_year_start": "07-01", "books_start": "2026-02-01"}
    refused = house.patch("/settings", {**new, "name": "Other"}, 422)
    assert found(refused) == [(name, "business_in_use") for name in new]
    kept = house.get("/settings")["data"]
    assert kept["name"] == "Alpha"
    assert house.patch("/settings", {name: kept[name] for name in new}) == kept
    assert found(house.patch("/settings", {"key": "x", "auto": "off"}, 422)) == [
        ("key", "unknown_field"), ("auto", "unknown_field")]  # fmt: skip


def test_the_accounting_basis_is_a_fact(house: Register) -> None:
    before = house.facts()
    assert house.patch("/settings", {"accounting_basis": "cash"})["accounting_basis"] == "cash"
    assert house.facts() == before + 1


def test_a_books_policies_move_its_open_periods(house: Register) -> None:
    def due() -> object:
        return house.sql("SELECT due_at FROM period WHERE business_id = :a")[0].due_at

    book = house.get("/books")["data"][0]
    place = f"/books/{book['id']}"
    assert house.get(place)["data"] == book
    later = house.patch(place, {"close_after_days": 5, "close_at": "06:00", "grain": "asset"})
    assert later == {**book, "close_after_days": 5, "close_at": "06:00", "grain": "asset"}
    assert due().isoformat() == "2026-02-06T05:00:00+00:00"
    house.patch(place, {"auto": "off"})
    assert due() is None
    assert house.patch(place, {"auto": None, "close_after_days": None})["auto"] == "close"
    assert due().isoformat() == "2026-02-01T05:00:00+00:00"
    assert set(found(house.patch(place, {"auto": 1, "close_at": "25:00", "name": "x"}, 422))) == {
        ("auto", "not_one_of"), ("close_at", "not_a_time"), ("name", "unknown_field")}  # fmt: skip
    assert house.audited() == [("tester", "book.changed")] * 3
    assert house.get("/books", params={"cursor": "bm8"}, status=422)["code"] == "invalid_input"


def test_scopes(house: Register) -> None:
    def ask(scope: str, method: str) -> int:
        place = f"/v1/businesses/{house.a}/settings"
        return house.client.request(method, place, json={}, headers=house.token(house.a, scope)).status_code

    assert (ask("assets", "GET"), ask("assets", "PATCH"), ask("settings", "PATCH")) == (200, 403, 200)
