"""Settings and books over HTTP: what may change, what periods were made from, and when periods are due."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import VAN, Register, found

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


def test_a_result_has_accounts_of_its_own_or_those_of_the_default_chart(house: Register) -> None:
    before = house.get("/settings")["data"]
    shown = {name: before[name]["stable_name"] for name in ("gain_account", "loss_account", "capital_gain_account")}
    assert shown == {
        "gain_account": "GAIN_ON_DISPOSAL", "loss_account": "LOSS_ON_DISPOSAL",
        "capital_gain_account": "CAPITAL_GAIN_ON_DISPOSAL"}  # fmt: skip
    own = house.post("/accounts", {"code": "4950", "name": "Gain on vans", "type": "income"})
    by_id = {"type": "AccountId", "id": own["id"]}
    after = house.patch("/settings", {"gain_account": by_id, "loss_account": "4950"})
    assert (after["gain_account"]["code"], after["loss_account"]["code"]) == ("4950", "4950")
    assert house.patch("/settings", {"name": "Alpha"}) == after  # left out: it stays
    assert house.patch("/settings", {"gain_account": None, "loss_account": None}) == before
    bad = {"gain_account": "NONE", "loss_account": [], "capital_gain_account": False, "number_sequence": 0}
    assert set(found(house.patch("/settings", bad, 422))) == {
        ("gain_account", "unknown_account"), ("loss_account", "not_an_account_reference"),
        ("capital_gain_account", "not_an_account_reference"), ("number_sequence", "out_of_range")}  # fmt: skip
    theirs = house.get("/accounts", of=house.b)["data"][0]["id"]
    refused = house.patch("/settings", {"gain_account": {"type": "AccountId", "id": theirs}}, 422)
    assert found(refused) == [("gain_account", "unknown_account")]
    assert house.get("/settings")["data"] == before
    assert house.audited() == [("tester", "account.added")] + [("tester", "settings.changed")] * 2


def test_the_sequence_is_set_and_passes_over_what_is_taken(house: Register) -> None:
    assert house.get("/settings")["data"]["number_sequence"] == 1
    house.post("/assets", {**VAN, "number": "FA-0051"})
    assert house.patch("/settings", {"number_sequence": 50})["number_sequence"] == 50
    assert [house.post("/assets", VAN)["number"] for _ in range(2)] == ["FA-0050", "FA-0052"]
    assert house.get("/settings")["data"]["number_sequence"] == 53
    assert house.patch("/settings", {"number_sequence": 50})["number_sequence"] == 50  # below what is used
    assert house.post("/assets", VAN)["number"] == "FA-0053"
    house.patch("/settings", {"number_prefix": "V"})
    assert house.post("/assets", VAN)["number"] == "V0054"
    assert house.patch("/settings", {"number_sequence": None})["number_sequence"] == 1


def test_the_last_depreciation_date_is_that_of_the_last_period_posted(house: Register) -> None:
    assert house.get("/settings")["data"]["last_depreciation_date"] is None
    house.post("/assets", VAN)
    house.close("2026-03-10")
    assert house.get("/settings")["data"]["last_depreciation_date"] == "2026-02-28"
    house.post("/periods/2026-02/reopen", {"reason": "an invoice came late"}, 200)
    assert house.get("/settings")["data"]["last_depreciation_date"] == "2026-02-28"  # posted still


def test_a_book_says_where_late_facts_go_and_when_it_locks(house: Register) -> None:
    book = house.get("/books")["data"][0]
    assert (book["lock_policy"], book["auto_lock_after_days"]) == ("next_open", None)
    place = f"/books/{book['id']}"
    for policy in ("refuse", "spread_remaining", "next_open"):
        assert house.patch(place, {"lock_policy": policy})["lock_policy"] == policy
    assert house.patch(place, {"auto_lock_after_days": 0})["auto_lock_after_days"] == 0
    assert house.patch(place, {"auto_lock_after_days": 366}) == {**book, "auto_lock_after_days": 366}
    assert house.patch(place, {"auto_lock_after_days": None}) == book
    for wrong in (-1, 367):
        assert set(found(house.patch(place, {"auto_lock_after_days": wrong, "lock_policy": "forget"}, 422))) == {
            ("auto_lock_after_days", "out_of_range"), ("lock_policy", "not_one_of")}  # fmt: skip


def test_scopes(house: Register) -> None:
    def ask(scope: str, method: str) -> int:
        place = f"/v1/businesses/{house.a}/settings"
        return house.client.request(method, place, json={}, headers=house.token(house.a, scope)).status_code

    assert (ask("assets", "GET"), ask("assets", "PATCH"), ask("settings", "PATCH")) == (200, 403, 200)
