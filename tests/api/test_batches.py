"""Batches over HTTP: one item that is refused stops no other, unless all are to stand or fall together."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .house import House

UPDATES, FACTS = "/assets/value-updates/batch", "/assets/facts/batch"
VAN = {
    "name": "Van", "asset_type": "VEHICLE", "original_value": 120_000, "depreciation_start_date": "2026-11-01",
    "purchase_date": "2026-11-01", "depreciation": {"method": "straight_line", "life_months": 12},
    "ledger_account": "VEHICLES", "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_VEHICLES",
    "depreciation_expense_account": "DEPRECIATION",
}  # fmt: skip


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]]) -> House:
    """August to October are closed; three vans from November, and a draft."""
    made = House(app, client, engine, token)
    made.work("2026-11-02")
    for name in ("a", "b", "c"):
        made.post("/assets", {**VAN, "external_id": name}, 201)
    made.post("/assets", {**VAN, "external_id": "draft", "status": "draft"}, 201)
    return made


def update(asset: str, **more: Any) -> dict[str, Any]:
    return {
        "asset_external_id": asset, "amount": 25_000, "update_type": "IMPROVEMENT", "counter_account": "CASH",
        "date": "2026-11-10", **more,
    }  # fmt: skip


def value_updates(house: House) -> list[Any]:
    return list(house.get("/assets/value-updates?limit=100")["data"])


def statuses(answer: Any) -> list[int]:
    assert [one["index"] for one in answer["data"]] == list(range(len(answer["data"])))
    return [one["status"] for one in answer["data"]]


MIXED = [
    update("a", external_id="u-1"),
    update("nothing"),
    update("draft"),
    update("b", update_type="IMPAIRMENT", counter_account="IMPAIRMENT_LOSS", amount=120_001),
    update("c", amount=-1, date="soon"),
    "nonsense",
    update("a", external_id="u-1"),
    update("a", external_id="u-1", amount=1),
    update("b", update_type="IMPAIRMENT", counter_account="IMPAIRMENT_LOSS", amount=100_000),
    update("b", update_type="IMPAIRMENT", counter_account="IMPAIRMENT_LOSS", amount=30_000),
    update("c", counter_account={"type": "StableName", "stable_name": "CASH"}),
]
EXPECTED = [
    (201, None, []),
    (422, "invalid_input", [("asset_external_id", "unknown_asset")]),
    (409, "asset_not_registered", []),
    (422, "invalid_input", [("amount", "decrease_above_book_value")]),
    (422, "invalid_input", [("amount", "amount_not_positive"), ("date", "not_an_instant")]),
    (422, "invalid_input", [(None, "not_an_object")]),
    (200, None, []),
    (409, "duplicate", []),
    (201, None, []),
    (422, "invalid_input", [("amount", "decrease_above_book_value")]),
    (201, None, []),
]


def test_one_bad_item_stops_no_other(house: House) -> None:
    answer = house.post(UPDATES, {"items": MIXED}, 200)
    assert (answer["recorded"], answer["unchanged"], answer["refused"]) == (3, 1, 7)
    told = [
        (one["status"], one["problem"] and one["problem"]["code"],
         [(error["field"], error["code"]) for error in (one["problem"] or {"errors": []})["errors"]])
        for one in answer["data"]
    ]  # fmt: skip
    assert told == EXPECTED
    kept = value_updates(house)
    assert [one["data"] for one in answer["data"] if one["status"] == 201] == sorted(
        kept, key=lambda one: (one["asset_external_id"], one["id"])
    )
    assert answer["data"][6]["data"] == answer["data"][0]["data"]
    entries = [house.get(f"/journal-entries/{one['journal_entry_id']}")["data"] for one in kept]
    assert sorted(sum(line["debit_minor"] for line in entry["lines"]) for entry in entries) == [25_000, 25_000, 100_000]


def test_together_they_stand_or_fall_with_every_finding(house: House) -> None:
    problem = house.post(UPDATES, {"items": MIXED, "atomic": True}, 422)
    assert [(one["field"], one["code"]) for one in problem["errors"]] == [
        ("items.1.asset_external_id", "unknown_asset"),
        ("items.2", "asset_not_registered"),
        ("items.3.amount", "decrease_above_book_value"),
        ("items.4.amount", "amount_not_positive"),
        ("items.4.date", "not_an_instant"),
        ("items.5", "not_an_object"),
        ("items.7", "duplicate"),
        ("items.9.amount", "decrease_above_book_value"),
    ]
    assert all(one["message"] and one["remedy"] for one in problem["errors"])
    assert value_updates(house) == []
    good = [item for item, (status, *_) in zip(MIXED, EXPECTED, strict=True) if status in (200, 201)]
    assert statuses(house.post(UPDATES, {"items": good, "atomic": True}, 200)) == [201, 200, 201, 201]


def test_the_same_key_is_answered_once(house: House) -> None:
    body, key = {"items": [update("a"), update("nothing")]}, {**house.headers, "Idempotency-Key": "batch-1"}
    first = house.post(UPDATES, body, 200, key)
    assert house.post(UPDATES, body, 200, key) == first
    assert len(value_updates(house)) == 1


def test_a_thousand_and_no_more(house: House) -> None:
    items = [update("abc"[number % 3], amount=1) for number in range(1_000)]
    answer = house.post(UPDATES, {"items": items}, 200)
    assert (answer["recorded"], answer["refused"]) == (1_000, 0)
    assert house.post(UPDATES, {"items": [*items, items[0]]}, 422)["errors"][0]["code"] == "too_many"
    assert house.post(UPDATES, {"items": []}, 422)["errors"][0]["code"] == "too_few"


def test_facts_of_every_kind(house: House) -> None:
    items: list[Any] = [
        {"kind": "estimate_change", "asset_external_id": "a", "date": "2026-12-01", "remaining_life_months": 24},
        {"kind": "suspension", "asset_external_id": "a", "from": "2026-12-01", "to": "2026-12-31"},
        {"kind": "value_update", **update("b")},
        {"kind": "units_used", "asset_external_id": "b", "period_end": "2026-11-30", "quantity": "1"},
        {"kind": "manual_amount", "asset_external_id": "b", "date": "2026-11-30"},
        {"kind": "disposal", "asset_external_id": "c", "date": "2026-11-02", "reason": "out_of_use", "proceeds": 0},
        {"kind": "value_update", **update("c")},
        {"kind": "disposal", "asset_external_id": "b", "date": "2026-11-02", "reason": "sold", "dry_run": True},
        {"kind": "party", "asset_external_id": "b"},
        {"asset_external_id": "b"},
        17,
        {"kind": "suspension", "from": "2026-12-01", "to": "2026-12-31"},
    ]
    house.work("2026-11-03")
    answer = house.post(FACTS, {"items": items}, 200)
    assert statuses(answer) == [201, 201, 201, 422, 422, 201, 409, 422, 422, 422, 422, 422]
    problems = [one["problem"] for one in answer["data"][6:]]
    assert problems[0]["code"] == "asset_disposed"
    assert [(one["errors"][0]["field"], one["errors"][0]["code"]) for one in problems[1:]] == [
        ("dry_run", "unknown_field"), ("kind", "not_one_of"), ("kind", "required"), (None, "not_an_object"),
        ("asset_id", "asset_reference"),
    ]  # fmt: skip
    disposed = answer["data"][5]["data"]
    place = f"/assets/{disposed['asset_id']}"
    assert house.get(f"{place}/disposals/{disposed['id']}")["data"] == disposed
    change, suspension = answer["data"][0]["data"], answer["data"][1]["data"]
    assert house.get(f"/assets/{change['asset_id']}/estimate-changes")["data"] == [change]
    assert house.get(f"/assets/{change['asset_id']}/suspensions")["data"] == [suspension]
