"""Rows of docs/sources.md that no other test shows by themselves: members that come back, words that are taken, codes.

Amounts are worked out here with fractions, not read off.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import TYPE, VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
BOUGHT = {**VAN, "purchase_date": "2026-01-01"}
WHOLE = {
    **BOUGHT, "purchase_date": "2025-12-30", "depreciation_start_date": "2026-01-02", "salvage_value": 5_000,
    "cost_limit": 100_000, "serial_number": "WV1-7", "warranty_expiry_date": "2029-01-15", "description": "white",
    "number": "V-7", "external_id": "ERP-7", "useful_life_months": 24,
}  # fmt: skip


@pytest.fixture
def house(
    app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two
) -> Register:
    app.state.settings = app.state.settings.model_copy(update={"clock": "2026-04-20T12:00:00Z"})
    return Register(client, engine, token, businesses.a, businesses.b)


def test_every_member_of_an_asset_comes_back_as_it_was_given(house: Register) -> None:
    made = house.post("/assets", WHOLE)
    references = {name for name in WHOLE if name.endswith("_account")}
    assert {name: made[name] for name in WHOLE if name not in references} == {
        name: value for name, value in WHOLE.items() if name not in references
    }
    assert {name: made[name]["stable_name"] for name in references} == {
        "ledger_account": "VEHICLES", "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_VEHICLES",
        "depreciation_expense_account": "DEPRECIATION"}  # fmt: skip
    assert house.get(f"/assets/{made['id']}")["data"] == house.get("/assets")["data"][0] == made
    assert house.patch(f"/assets/{made['id']}", {}) == made


@pytest.mark.parametrize("kind", ["RIGHT_OF_USE_ASSET", "VEHICLE", "EQUIPMENT", "GOODWILL"])
def test_the_four_kinds(house: Register, kind: str) -> None:
    assert house.post("/assets", {**VAN, "asset_type": kind})["asset_type"] == kind


def test_the_three_accounts_of_a_type(house: Register) -> None:
    made = house.post("/asset-types", TYPE)
    for name in ("ledger_account", "accumulated_depreciation_account", "depreciation_expense_account"):
        assert made[name]["stable_name"] == TYPE[name]
    assert house.get("/asset-types")["data"] == [made]


def test_registering_posts_nothing_unless_it_is_said_what_paid(house: Register) -> None:
    house.post("/assets", VAN)
    assert house.get("/journal-entries")["data"] == []
    house.post("/assets", {**BOUGHT, "acquisition_counter_account": "CASH"})
    (entry,) = house.get("/journal-entries")["data"]
    assert sorted((one["account_stable_name"], one["debit_minor"] - one["credit_minor"]) for one in entry["lines"]) == [
        ("CASH", -120_000), ("VEHICLES", 120_000)]  # fmt: skip


def test_an_asset_of_a_business_on_a_cash_basis(house: Register) -> None:
    house.patch("/settings", {"accounting_basis": "cash"})
    made = house.post("/assets", VAN)
    assert (made["status"], made["ledger_account"]["stable_name"]) == ("registered", "VEHICLES")
    house.close("2026-02-02")
    assert house.get("/journal-entries")["data"] == []


def test_the_three_statuses_and_the_lists_of_each(house: Register) -> None:
    sale = {"date": "2026-02-10", "proceeds": 100_000, "proceeds_account": "CASH"}
    made = [
        house.post("/assets", {**BOUGHT, "status": "draft"}),
        house.post("/assets", BOUGHT),
        house.post("/assets", {**BOUGHT, "disposal": sale}),
    ]
    assert [one["status"] for one in made] == ["draft", "registered", "disposed"]
    for one in made:
        assert house.get("/assets", params={"status": one["status"]})["data"] == [one]


def test_the_orders_of_the_disposed_and_of_names(house: Register) -> None:
    for name, price, day in (("b", 300, "2026-02-10"), ("c", 200, "2026-02-12"), ("a", 400, "2026-02-11")):
        sale = {"date": day, "proceeds": price, "proceeds_account": "CASH"}
        house.post("/assets", {**BOUGHT, "name": name, "disposal": sale})

    def names(order: str, direction: str = "asc") -> str:
        query = {"status": "disposed", "order_by": order, "direction": direction}
        return "".join(one["name"] for one in house.get("/assets", params=query)["data"])

    assert (names("disposal_price"), names("disposal_price", "desc")) == ("cba", "abc")
    assert (names("disposal_date"), names("disposal_date", "desc")) == ("bac", "cab")
    assert (names("name"), names("name", "desc")) == ("abc", "cba")


def test_text_is_found_in_the_description_too(house: Register) -> None:
    made = house.post("/assets", {**VAN, "description": "the company car"})
    house.post("/assets", VAN)
    assert house.get("/assets", params={"q": "COMPANY"})["data"] == [made]


@pytest.mark.parametrize("query", [{"status": "DRAFT"}, {"order_by": "price"}, {"direction": "up"}, {"active": "?"}])
def test_a_query_of_words_that_there_are_not(house: Register, query: dict[str, str]) -> None:
    ((field, _),) = found(house.get("/assets", 422, params=query))
    assert field in query
    house.get(f"/assets/{uuid4()}", 404)
    assert found(house.get("/assets/FA-1", 422)) == [("assetId", "not_an_id")]


def test_a_fault_is_a_problem_with_findings(house: Register) -> None:
    problem = house.post("/assets", {**VAN, "original_value": "x", "purchase_date": "soon"}, 422)
    assert {"type", "title", "status", "detail", "code", "errors"} <= set(problem)
    findings = sorted(problem["errors"], key=lambda one: str(one["field"]))
    assert [(one["field"], one["value"]) for one in findings] == [("original_value", "x"), ("purchase_date", "soon")]
    assert all(one["message"] and one["remedy"] for one in findings)


def test_each_rule_about_the_date_of_a_disposal_has_its_own_code(house: Register) -> None:
    made = house.post("/assets", {**BOUGHT, "useful_life_months": 1})
    place = f"/assets/{made['id']}/disposals"
    for day, code in (
        ("2026-01-01", "not_after_purchase"),
        ("2025-12-31", "before_start"),
        ("2026-04-21", "in_the_future"),
    ):
        assert found(house.post(place, {"date": day, "reason": "sold", "proceeds": 0}, 422)) == [("date", code)]
    house.close("2026-02-10")
    house.post("/periods/2026-01/lock", {"reason": "audited"}, 200)
    refused = house.post(place, {"date": "2026-01-31", "reason": "sold", "proceeds": 0}, 409)
    assert refused["code"] == "period_locked"


@pytest.mark.parametrize("reason", ["out_of_use", "sold", "private_withdrawal", "divested"])
def test_each_reason_of_a_disposal_and_no_second_one(house: Register, reason: str) -> None:
    made = house.post("/assets", BOUGHT)
    place, body = f"/assets/{made['id']}/disposals", {"date": "2026-02-10", "reason": reason, "proceeds": 0}
    gone = house.post(place, body)
    assert (gone["asset_id"], gone["date"], gone["reason"], gone["externally_booked"]) == (
        made["id"], "2026-02-10", reason, False)  # fmt: skip
    assert house.post(place, body, 409)["code"] == "asset_disposed"


CHANGES: list[tuple[str, str, dict[str, Any], int]] = [
    ("manual", "manual", {"amount": -7, "description": "hail"}, -7),
    ("arbitrary", "arbitrary", {"amount": 7, "description": "found", "externally_booked": True}, 7),
    ("divestment", "divestment", {}, -110_000),
    ("full-depreciation", "full_depreciation", {"description": "worn out"}, -110_000),
]


@pytest.mark.parametrize(("path", "kind", "body", "amount"), CHANGES, ids=[one[0] for one in CHANGES])
def test_every_member_of_a_value_change(house: Register, path: str, kind: str, body: Any, amount: int) -> None:
    made = house.post("/assets", BOUGHT)
    house.close("2026-02-02")
    answer = house.post(f"/assets/{made['id']}/value-changes/{path}", {"date": "2026-02-10", **body})
    assert {name: answer[name] for name in ("type", "date", "amount", "description", "externally_booked")} == {
        "type": kind, "date": "2026-02-10", "amount": amount, "description": body.get("description"),
        "externally_booked": body.get("externally_booked", False)}  # fmt: skip
    assert answer["asset_id"] == made["id"]
    listed = house.get(f"/assets/{made['id']}/value-changes")["data"]
    assert [one["type"] for one in listed] == ["linear", kind]
    assert listed[1] == answer


METHODS: list[tuple[str, dict[str, Any], Fraction]] = [
    ("NoDepreciation", {"method": "none"}, Fraction(0)),
    ("StraightLine", {"method": "straight_line", "life_months": 60}, Fraction(1, 5)),
    ("DiminishingValue100", {"declining_factor": "1"}, Fraction(1, 5)),
    ("DiminishingValue150", {"declining_factor": "1.5"}, Fraction(3, 10)),
    ("DiminishingValue200", {"declining_factor": "2"}, Fraction(2, 5)),
    ("FullDepreciation", {"method": "full"}, Fraction(1)),
]


@pytest.mark.parametrize(("name", "settings", "share"), METHODS, ids=[one[0] for one in METHODS])
@pytest.mark.parametrize("averaging", ["full_month", "actual_days"])
def test_each_method_of_xeros_in_its_first_year(
    house: Register, name: str, settings: dict[str, Any], share: Fraction, averaging: str
) -> None:
    given = settings if "method" in settings else {"method": "declining_balance", "life_months": 60, **settings}
    spec = {"id": name, "cost": 120_000, "depreciation_start_date": "2025-01-01", "until": "2025-12-31",
            "frequency": "yearly", "settings": {**given, "averaging": averaging}}  # fmt: skip
    answer = house.client.post("/v1/depreciation/schedule", json={"assets": [spec]}, headers=house.token(house.a))
    (schedule,) = answer.json()["data"]
    first = schedule["rows"][0]["depreciation"] if schedule["rows"] else 0
    assert (first, schedule["findings"]) == (120_000 * share, [])
