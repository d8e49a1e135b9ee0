"""Value updates over HTTP: recorded with their entry, found, archived, and refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .house import House, codes
from .register_house import VAN

PATH = "/assets/value-updates"
DIRECTIONS = {
    "DEPRECIATION_AMORTIZATION": ("DEPRECIATION", ["6500"], ["1610"]),
    "IMPAIRMENT": ("IMPAIRMENT_LOSS", ["6520"], ["1510"]),
    "REVALUATION_DOWN": ("REVALUATION_SURPLUS", ["3100"], ["1510"]),
    "IMPROVEMENT": ("CASH", ["1510"], ["1010"]),
    "REVALUATION_UP": ("REVALUATION_SURPLUS", ["1510"], ["3100"]),
}
"""Type -> counter account, debited and credited accounts."""


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]]) -> House:
    made = House(app, client, engine, token)
    made.work("2026-11-02")  # August to October are closed
    return made


def van(house: House, **more: Any) -> str:
    """A van of 1,200.00 from November: its id."""
    body = {
        **VAN,
        "purchase_date": "2026-11-01",
        "depreciation_start_date": "2026-11-01",
        "ledger_account": "VEHICLES",
        "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_VEHICLES",
        "depreciation_expense_account": "DEPRECIATION",
        **more,
    }
    return str(house.post("/assets", body, 201)["data"]["id"])


def update(asset: str, **more: Any) -> dict[str, Any]:
    return {
        "asset_id": asset,
        "amount": 25_000,
        "update_type": "IMPROVEMENT",
        "counter_account": "CASH",
        "date": "2026-11-10T00:00:00Z",
        **more,
    }


def entry_of(house: House, entry_id: str) -> tuple[dict[str, Any], list[tuple[str, int, int]]]:
    entry = house.get(f"/journal-entries/{entry_id}")["data"]
    return entry, [(line["account_code"], line["debit_minor"], line["credit_minor"]) for line in entry["lines"]]


@pytest.mark.parametrize("update_type", DIRECTIONS)
def test_each_type_posts_its_entry_and_its_mirror_image(house: House, update_type: str) -> None:
    counter, (debit,), (credit,) = DIRECTIONS[update_type]
    body = update(van(house), update_type=update_type, counter_account=counter, memo="why", reference_number="R-1")
    made = house.post(PATH, body, 201)["data"]
    entry, lines = entry_of(house, made["journal_entry_id"])
    assert lines == [(debit, 25_000, 0), (credit, 0, 25_000)]
    assert (entry["kind"], entry["entry_date"], entry["run_id"]) == ("value_update", "2026-11-10", None)
    assert (entry["effective_period"], entry["posting_period"], made["is_catch_up"]) == ("2026-11", "2026-11", False)
    assert house.get(f"{PATH}/{made['id']}")["data"] == made
    assert (made["amount"], made["memo"], made["reference_number"], made["archived_at"]) == (25_000, "why", "R-1", None)

    archived = house.post(f"{PATH}/{made['id']}/archive")["data"]
    assert archived["archived_at"] is not None
    reversal, mirrored = entry_of(house, archived["reversal_entry_id"])
    assert sorted(mirrored) == sorted([(debit, 0, 25_000), (credit, 25_000, 0)])
    assert (reversal["kind"], reversal["reversal_of"]) == ("reversal", made["journal_entry_id"])
    assert house.post(f"{PATH}/{made['id']}/archive")["data"] == archived  # at most once
    assert [one["id"] for one in house.get(PATH, archived=True)["data"]] == [made["id"]]
    assert house.get(PATH, archived=False)["data"] == []


def test_a_recorded_change_counts_from_its_day(house: House) -> None:
    """1,200.00 over 12 months and 250.00 more from the first month: 1,450.00 / 12 = 120.83 in November."""
    asset = van(house)
    house.post(PATH, update(asset), 201)
    house.work("2026-12-02")
    shown = house.get(f"/assets/{asset}")["data"]
    assert (shown["accumulated_depreciation"], shown["book_value"]) == (12_083, 132_917)


def test_a_recorded_depreciation_counts_as_posted(house: House) -> None:
    asset = van(house)
    body = update(asset, update_type="DEPRECIATION_AMORTIZATION", counter_account="DEPRECIATION", amount=4_000)
    made = house.post(PATH, body, 201)["data"]
    house.work("2026-12-02")
    entries = [(one["kind"], one["total_minor"]) for one in house.get("/journal-entries")["data"]]
    assert entries == [("value_update", 4_000), ("depreciation", 6_000)]
    house.post(f"{PATH}/{made['id']}/archive")  # November is closed by now
    house.work("2027-01-02")
    entries = [
        (one["kind"], one["effective_period"], one["posting_period"], one["total_minor"])
        for one in house.get("/journal-entries", after=2)["data"]
    ]
    assert entries == [
        ("reversal", "2026-11", "2026-12", 4_000),
        ("depreciation", "2026-11", "2026-12", 4_000),
        ("depreciation", "2026-12", "2026-12", 10_000),
    ]


def test_the_account_by_id_by_stable_name_and_by_code(house: House) -> None:
    asset = van(house)
    cash = house.get("/accounts", stable_name="CASH")["data"][0]["id"]
    for reference in ("CASH", "1010", {"type": "AccountId", "id": cash}, {"type": "StableName", "stable_name": "CASH"}):
        made = house.post(PATH, update(asset, counter_account=reference), 201)["data"]
        assert made["counter_account"]["id"] == cash


def test_the_same_external_id(house: House) -> None:
    asset = van(house, external_id="ERP-1")
    body = {**update(asset, external_id="VU-1"), "metadata": {"a": [1, None]}}
    first = house.post(PATH, body, 201)
    assert house.post(PATH, body, 201) == first
    assert house.post(PATH, {**body, "memo": None}, 201) == first  # null is not given
    problem = house.post(PATH, {**body, "amount": 1}, 409)
    assert problem["code"] == "duplicate"
    assert [one["id"] for one in house.get(PATH, external_id="VU-1")["data"]] == [first["data"]["id"]]
    by_external = house.post(PATH, {**update(asset), "asset_id": None, "asset_external_id": "ERP-1"}, 201)["data"]
    assert (by_external["asset_id"], by_external["asset_external_id"]) == (asset, "ERP-1")


def test_the_same_external_id_at_once_is_recorded_once(house: House) -> None:
    body = update(van(house), external_id="VU-1")

    def send(_: int) -> str:
        return str(house.post(PATH, body, 201)["data"]["id"])

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(send, range(12)))) == 1
    assert len(house.get("/journal-entries")["data"]) == 1


def test_a_date_is_the_businesss_own(house: House) -> None:
    asset = van(house)
    made = house.post(PATH, update(asset, date="2026-11-09T23:30:00-02:00"), 201)["data"]
    assert (made["date"], made["effective_date"]) == ("2026-11-10T01:30:00Z", "2026-11-10")
    plain = house.post(PATH, update(asset, date="2026-11-10"), 201)["data"]
    assert (plain["date"], plain["effective_date"]) == ("2026-11-10T00:00:00Z", "2026-11-10")


WRONG: list[tuple[dict[str, Any], list[tuple[str | None, str]]]] = [
    ({"amount": 0}, [("amount", "amount_not_positive")]),
    ({"amount": -5}, [("amount", "amount_not_positive")]),
    ({"amount": 1.5}, [("amount", "not_an_integer")]),
    ({"amount": 10**30}, [("amount", "amount_out_of_range")]),
    ({"amount": None}, [("amount", "required")]),
    ({"update_type": "LINEAR"}, [("update_type", "not_one_of")]),
    ({"update_type": "ACQUISITION"}, [("update_type", "not_one_of")]),
    ({"counter_account": "NOWHERE"}, [("counter_account", "unknown_account")]),
    ({"counter_account": 7}, [("counter_account", "not_an_account_reference")]),
    ({"counter_account": None}, [("counter_account", "required")]),
    ({"counter_account": "VEHICLES"}, [("counter_account", "same_account")]),
    ({"date": "yesterday"}, [("date", "not_an_instant")]),
    ({"date": "2026-11-10T00:00:00"}, [("date", "not_an_instant")]),
    ({"date": "2026-11-21T00:00:00Z"}, [("date", "in_the_future")]),
    ({"date": "2026-10-31T00:00:00Z"}, [("date", "before_start")]),
    ({"asset_external_id": "ERP-1"}, [("asset_id", "asset_reference")]),
    ({"asset_id": None}, [("asset_id", "asset_reference")]),
    ({"asset_id": "550e8400-e29b-41d4-a716-446655440000"}, [("asset_id", "unknown_asset")]),
    ({"asset_id": "x"}, [("asset_id", "not_an_id")]),
    ({"surprise": 1}, [("surprise", "unknown_field")]),
    ({"memo": "x\0"}, [("memo", "text_not_allowed")]),
    ({"update_type": "IMPAIRMENT", "amount": 120_001}, [("amount", "decrease_above_book_value")]),
    ({"update_type": "DEPRECIATION_AMORTIZATION", "amount": 120_001}, [("amount", "below_floor")]),
    ({"update_type": "DEPRECIATION_AMORTIZATION", "residual_value": 1}, [("residual_value", "not_of_depreciation")]),
    ({"amount": 0, "date": "x"}, [("amount", "amount_not_positive"), ("date", "not_an_instant")]),
]


def test_what_is_wrong_is_named_and_nothing_is_posted(house: House) -> None:
    asset = van(house)
    for wrong, expected in WRONG:
        problem = house.post(PATH, update(asset, **wrong), 422)
        assert sorted(codes(problem), key=str) == sorted(expected, key=str), wrong
    assert house.get("/journal-entries")["data"] == []
    assert house.sql("SELECT 1 FROM value_update_record") == []


def test_what_an_earlier_change_takes_from_a_later_one_is_found(house: House) -> None:
    asset = van(house)
    up = house.post(PATH, update(asset, date="2026-11-05", amount=50_000), 201)["data"]
    house.post(PATH, update(asset, update_type="IMPAIRMENT", amount=160_000, counter_account="IMPAIRMENT_LOSS"), 201)
    problem = house.post(f"{PATH}/{up['id']}/archive", None, 422)
    assert codes(problem) == [("amount", "decrease_above_book_value")]


def test_an_asset_without_accounts_says_which(house: House) -> None:
    bare = van(house, ledger_account=None, accumulated_depreciation_account=None)
    assert codes(house.post(PATH, update(bare), 422)) == [("ledger_account", "ledger_account_missing")]
    body = update(bare, update_type="DEPRECIATION_AMORTIZATION", counter_account="DEPRECIATION")
    found = codes(house.post(PATH, body, 422))
    assert found == [("accumulated_depreciation_account", "accumulated_account_missing")]


def test_a_draft_is_a_conflict_and_a_cash_business_a_finding(house: House) -> None:
    draft = van(house, status="draft")
    assert house.post(PATH, update(draft), 409)["code"] == "asset_not_registered"
    house.sql("UPDATE business SET accounting_basis = 'cash'")
    assert codes(house.post(PATH, update(van(house)), 422)) == [(None, "cash_basis")]


def test_pages_and_filters(house: House) -> None:
    one, two = van(house), van(house)
    ids = [house.post(PATH, update(one, amount=n, date=f"2026-11-{n:02d}"), 201)["data"]["id"] for n in range(1, 8)]
    other = house.post(PATH, update(two, update_type="REVALUATION_UP"), 201)["data"]["id"]
    assert [found["id"] for found in house.pages(PATH, 3)] == [*ids, other]
    assert [found["id"] for found in house.pages(PATH, 2, asset_id=one)] == ids
    assert [found["id"] for found in house.pages(PATH, 2, update_type="REVALUATION_UP")] == [other]
    wanted = {"since": "2026-11-03T00:00:00Z", "until": "2026-11-05T00:00:00Z"}
    assert [found["id"] for found in house.pages(PATH, 2, **wanted)] == ids[2:5]
    house.get(f"{PATH}/550e8400-e29b-41d4-a716-446655440000", 404)
