"""The journal feed over HTTP: pages, filters that leave the cursor right, cheap polling, and single entries."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from bookvalue.services import read_journal

from .conftest import MakeToken
from .house import House, add_businesses, asset, codes

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> House:
    """Three months of entries by asset: 2026-08 to 2026-10 of a and b, and c's three months, caught up."""
    made = House(app, client, engine, token, grain="asset")
    made.put(asset("a"), asset("b", cost="600.00"))
    made.work("2026-11-02")
    made.put(asset("c", cost="240.00"))
    made.work("2026-12-02")
    return made


def followed(house: House, limit: int, **query: Any) -> list[Any]:
    """All entries, as a consumer reads them."""
    found: list[Any] = []
    after = 0
    while True:
        page = house.get("/journal-entries", after=after, limit=limit, **query)
        assert len(page["data"]) <= limit
        assert [one["sequence"] for one in page["data"]] == sorted({one["sequence"] for one in page["data"]})
        assert all(after < one["sequence"] <= page["next_after"] for one in page["data"])
        found += page["data"]
        if not page["has_more"]:
            assert page["next_after"] == 12
            return found
        assert page["next_after"] > after
        after = page["next_after"]


def test_the_feed_is_gapless_and_complete(house: House) -> None:
    entries = followed(house, 1000)
    assert [one["sequence"] for one in entries] == list(range(1, 13))
    for limit in (1, 5, 12, 13):
        assert followed(house, limit) == entries
    entry = next(one for one in entries if one["effective_period"] == "2026-08" and one["asset_external_id"] == "c")
    assert (entry["posting_period"], entry["is_catch_up"], entry["entry_date"]) == ("2026-11", True, "2026-11-30")
    assert (entry["currency"], entry["total_minor"], entry["reversal_of"], entry["memo"]) == ("EUR", 2000, None, None)
    assert [(line["line_no"], line["account_code"], line["account_stable_name"], line["account_name"],
             line["debit_minor"], line["credit_minor"]) for line in entry["lines"]] == [
        (1, "6500", "DEPRECIATION", "Depreciation Expense", 2000, 0),
        (2, "1620", "ACCUMULATED_DEPRECIATION_EQUIPMENT", "Accumulated Depreciation: Equipment", 0, 2000)]  # fmt: skip
    assert house.get(f"/journal-entries/{entry['id']}")["data"] == entry
    assert house.get(f"/runs/{entry['run_id']}")["data"]["period"] == "2026-11"
    page = house.get("/journal-entries", after=12)
    assert page == {"data": [], "next_after": 12, "has_more": False}
    assert house.get("/journal-entries", after=99)["next_after"] == 99


@pytest.mark.parametrize("at_once", [2, 10_000])
def test_filters_do_not_break_the_cursor(house: House, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(read_journal, "EXAMINED_AT_ONCE", at_once)
    every = followed(house, 1000)
    expense = every[0]["lines"][0]["account_id"]
    c = next(one for one in every if one["asset_external_id"] == "c")
    cases: list[tuple[dict[str, Any], Any]] = [
        ({"posting_period": "2026-11"}, lambda one: one["posting_period"] == "2026-11"),
        ({"effective_period": "2026-08"}, lambda one: one["effective_period"] == "2026-08"),
        ({"posting_period": "2026-11", "effective_period": "2026-09"}, lambda one: one["posting_period"] == "2026-11"
            and one["effective_period"] == "2026-09"),
        ({"run_id": c["run_id"]}, lambda one: one["run_id"] == c["run_id"]),
        ({"asset_id": c["asset_id"]}, lambda one: one["asset_external_id"] == "c"),
        ({"account": "DEPRECIATION"}, lambda one: True),
        ({"account": "6500"}, lambda one: True),
        ({"account": expense}, lambda one: True),
        ({"account": "CASH"}, lambda one: False),
        ({"run_id": c["asset_id"]}, lambda one: False),
    ]  # fmt: skip
    for query, chosen in cases:
        for limit in (2, 1000):
            assert followed(house, limit, **query) == [one for one in every if chosen(one)], (query, limit)


def test_an_asset_is_found_in_entries_that_sum_up_many(
    app: FastAPI, client: TestClient, engine: Engine, token: MakeToken
) -> None:
    house = House(app, client, engine, token)
    house.put(asset("a"), asset("b", start="2026-09-01"))
    house.work("2026-10-02")
    b = house.sql("SELECT id FROM asset WHERE external_id = 'b'")[0].id
    (entry,) = house.get("/journal-entries", asset_id=str(b))["data"]
    assert (entry["posting_period"], entry["asset_id"], entry["total_minor"]) == ("2026-09", None, 20000)


def test_polling_is_cheap(house: House) -> None:
    path = f"{house.place}/journal-entries"

    def ask(tag: str | None = None, **query: Any) -> Any:
        return house.client.get(
            path, params=query, headers={**house.headers, **({"If-None-Match": tag} if tag else {})}
        )

    first = ask(after=12)
    tag = first.headers["ETag"]
    same = ask(tag, after=12)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert ask(f'"other", {tag.removeprefix("W/")}', after=12).status_code == 304
    for other in ({"after": 11}, {"after": 12, "account": "6500"}, {}):  # another request is another answer
        assert ask(tag, **other).status_code == 200
    for nonsense in ("*", '""', 'W/"99-x"', '"' + "9" * 40 + '-0123456789abcdef"'):
        assert ask(nonsense, after=12).status_code == 200

    house.put(asset("d"))
    house.work("2027-01-02")
    changed = ask(tag, after=12)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    assert [one["sequence"] for one in changed.json()["data"]] == list(range(13, 21))


def test_what_cannot_be_asked(house: House, token: MakeToken) -> None:
    for query, found in (
        ({"after": -1}, ("after", "out_of_range")), ({"after": 2**63}, ("after", "out_of_range")),
        ({"after": "x"}, ("after", "not_an_integer")), ({"limit": 0}, ("limit", "out_of_range")),
        ({"limit": 1001}, ("limit", "out_of_range")), ({"run_id": "x"}, ("run_id", "not_an_id")),
        ({"posting_period": "x"}, ("posting_period", "not_a_period")),
        ({"account": "\0"}, ("account", "text_not_allowed")),
    ):  # fmt: skip
        assert codes(house.get("/journal-entries", 422, **query)) == [found]
    house.get("/journal-entries", after=2**63 - 1)
    house.get("/journal-entries", 403, house.only("runs", "assets"))
    house.get("/journal-entries/00000000-0000-7000-8000-000000000000", 404)
    entry = house.get("/journal-entries", limit=1)["data"][0]
    (other,) = add_businesses(house.engine, ["other"])
    mine = f"/v1/businesses/{other}/journal-entries"
    assert house.client.get(f"{mine}/{entry['id']}", headers=token(other)).status_code == 404
    assert house.client.get(mine, headers=token(other)).json() == {"data": [], "next_after": 0, "has_more": False}
