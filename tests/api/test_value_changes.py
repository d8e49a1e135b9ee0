"""Value changes beside the plan, against it and for the whole value (seed 003), rule by rule."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .house import House, codes
from .register_house import VAN


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: Callable[..., dict[str, str]]) -> House:
    return House(app, client, engine, token)


def van(house: House, **more: Any) -> str:
    """A van of 1,200.00 bought on 31 July and depreciated by 100.00 a month from August: its id."""
    body = {**VAN, "purchase_date": "2026-07-31", "depreciation_start_date": "2026-08-01", **more}
    return str(house.post("/assets", body, 201)["data"]["id"])


def change(house: House, asset: str, kind: str, status: int = 201, **body: Any) -> Any:
    answer = house.post(f"/assets/{asset}/value-changes/{kind}", body, status)
    return answer.get("data", answer)


def told(house: House, asset: str) -> list[tuple[str, str, int, bool]]:
    """The changes of an asset: type, effective period, amount, whether taken back."""
    found = house.get(f"/assets/{asset}/value-changes")["data"]
    return [(one["type"], one["effective_period"], one["amount"], one["reversed"]) for one in found]


def entries(house: House, after: int = 0) -> list[tuple[str, str, str, list[tuple[str, int]]]]:
    """Kind, effective and posting period, and lines with debits above zero."""
    return [
        (
            one["kind"],
            one["effective_period"],
            one["posting_period"],
            [(line["account_code"], line["debit_minor"] - line["credit_minor"]) for line in one["lines"]],
        )
        for one in house.get("/journal-entries", after=after)["data"]
    ]


def test_a_manual_change_leaves_the_plan_as_it_is(house: House) -> None:
    asset = van(house)
    house.work("2026-09-02")
    made = change(house, asset, "manual", date="2026-09-15", amount=-25_000, description="hail")
    assert (made["type"], made["amount"], made["description"], made["externally_booked"]) == (
        "manual", -25_000, "hail", False)  # fmt: skip
    house.work("2026-10-02")
    assert told(house, asset) == [
        ("linear", "2026-08", -10_000, False), ("manual", "2026-09", -25_000, False),
        ("linear", "2026-09", -10_000, False)]  # fmt: skip
    assert house.get(f"/assets/{asset}")["data"]["book_value"] == 120_000 - 45_000
    plan = house.get(f"/assets/{asset}/value-change-plan")["data"]
    # 100.00 a month as before; what is left ends sooner
    assert [one["amount"] for one in plan["changes"]] == [-10_000] * 7 + [-5_000]
    assert (plan["type"], plan["changes"][0]["period"], plan["catch_up"]) == ("linear", "2026-10", 0)


def test_a_manual_increase_is_left_at_the_end(house: House) -> None:
    asset = van(house)
    change(house, asset, "manual", date="2026-08-15", amount=7_000, description="found")
    house.work("2026-09-02")
    assert house.get(f"/assets/{asset}")["data"]["book_value"] == 117_000
    plan = house.get(f"/assets/{asset}/value-change-plan")["data"]
    assert [one["amount"] for one in plan["changes"]] == [-10_000] * 11


def test_an_arbitrary_change_reverses_what_came_later_and_makes_the_plan_anew(house: House) -> None:
    asset = van(house)
    house.work("2026-11-02")  # August to October are closed
    made = change(house, asset, "arbitrary", date="2026-09-15", amount=-11_000, description="flood")
    assert (made["effective_period"], made["posting_period"]) == ("2026-09", "2026-11")
    assert told(house, asset) == [
        ("linear", "2026-08", -10_000, False), ("arbitrary", "2026-09", -11_000, False),
        ("linear", "2026-09", -10_000, True), ("linear", "2026-10", -10_000, True)]  # fmt: skip
    assert [(kind, effective, posting) for kind, effective, posting, _ in entries(house, 3)] == [
        ("reversal", "2026-09", "2026-11"), ("reversal", "2026-10", "2026-11"),
        ("value_update", "2026-09", "2026-11")]  # fmt: skip
    # 1,200.00 - 100.00 - 110.00 over the eleven months left: 90.00 a month from September
    plan = house.get(f"/assets/{asset}/value-change-plan")["data"]
    assert (plan["catch_up"], [one["amount"] for one in plan["changes"]]) == (-18_000, [-9_000] * 9)
    house.work("2026-12-02")
    assert [one for one in told(house, asset) if one[0] == "linear" and not one[3]] == [
        ("linear", "2026-08", -10_000, False), ("linear", "2026-09", -9_000, False),
        ("linear", "2026-10", -9_000, False), ("linear", "2026-11", -9_000, False)]  # fmt: skip


def test_what_is_planned_anew_starts_from_what_a_manual_change_has_left(house: House) -> None:
    asset = van(house)
    change(house, asset, "manual", date="2026-08-15", amount=-33_000, description="hail")
    house.work("2026-09-02")
    change(house, asset, "arbitrary", date="2026-09-01", amount=-11_000, description="flood")
    # 1,200.00 - 330.00 - 100.00 - 110.00 = 660.00 over eleven months
    plan = house.get(f"/assets/{asset}/value-change-plan")["data"]
    assert [one["amount"] for one in plan["changes"]] == [-6_000] * 11


def test_later_changes_in_a_locked_period_make_the_request_fail_whole(house: House) -> None:
    asset = van(house)
    house.work("2026-11-02")
    for period in ("2026-08", "2026-09"):
        house.post(f"/periods/{period}/lock", {"reason": "audited"})
    for kind in ("manual", "arbitrary", "divestment", "full-depreciation"):
        body: dict[str, Any] = {"date": "2026-09-15", "description": "late"}
        body |= {"amount": -1} if kind in ("manual", "arbitrary") else {}
        assert change(house, asset, kind, 409, **body)["code"] == "period_locked"
    assert len(told(house, asset)) == 3
    change(house, asset, "arbitrary", date="2026-10-15", amount=-9_000, description="in time")


def test_the_two_closing_routes_side_by_side(house: House) -> None:
    """A divestment books the result; a full depreciation takes the rest as cost. Both dispose of the asset."""
    divested, depreciated = van(house), van(house)
    house.work("2026-09-02")
    made = change(house, divested, "divestment", date="2026-09-15")
    other = change(house, depreciated, "full-depreciation", date="2026-09-15", description="worn out")
    assert (made["type"], made["amount"]) == ("divestment", -110_000)
    assert (other["type"], other["amount"], other["description"]) == ("full_depreciation", -110_000, "worn out")
    assert [one[3] for one in entries(house, 1)] == [
        [("1610", 10_000), ("6530", 110_000), ("1510", -120_000)],
        [("1610", 120_000), ("6500", 110_000), ("1510", -120_000), ("1610", -110_000)],
    ]
    for asset, reason in ((divested, "divested"), (depreciated, "out_of_use")):
        shown = house.get(f"/assets/{asset}")["data"]
        assert (shown["status"], shown["book_value"], shown["disposal"]["reason"]) == ("disposed", 0, reason)
    place = f"/assets/{depreciated}/disposals/{other['id']}/reinstate"
    house.post(place, {}, 200)
    shown = house.get(f"/assets/{depreciated}")["data"]
    assert (shown["status"], shown["book_value"]) == ("registered", 110_000)
    house.work("2026-10-02")
    assert house.get(f"/assets/{depreciated}")["data"]["book_value"] == 100_000


@pytest.mark.parametrize("kind", ["divestment", "full-depreciation"])
def test_a_whole_value_takes_back_what_was_charged_later(house: House, kind: str) -> None:
    asset = van(house)
    house.work("2026-11-02")
    more: Any = {"description": "worn out"} if kind == "full-depreciation" else {}
    made = change(house, asset, kind, date="2026-09-15", **more)
    assert made["amount"] == -110_000  # at that date, not today's 900.00
    assert sorted(told(house, asset)) == sorted([
        ("linear", "2026-08", -10_000, False), ("linear", "2026-09", -10_000, True),
        ("linear", "2026-10", -10_000, True), (made["type"], "2026-09", -110_000, False)])  # fmt: skip
    assert [one[:2] for one in entries(house, 3)] == [
        ("reversal", "2026-09"), ("reversal", "2026-10"), ("disposal", "2026-09")]  # fmt: skip
    assert {one[2] for one in entries(house, 3)} == {"2026-11"}
    house.post(f"/assets/{asset}/disposals/{made['id']}/reinstate", {}, 200)
    house.work("2026-12-02")
    assert house.get(f"/assets/{asset}")["data"]["book_value"] == 80_000


def test_what_is_externally_booked_has_no_entry(house: House) -> None:
    asset = van(house)
    before = len(entries(house))
    for kind in ("manual", "arbitrary"):
        made = change(
            house, asset, kind, date="2026-08-15", amount=-12_000, description="elsewhere", externally_booked=True
        )
        assert (made["externally_booked"], made["journal_entry_id"]) == (True, None)
    assert len(entries(house)) == before
    assert house.get(f"/assets/{asset}")["data"]["book_value"] == 96_000
    house.work("2026-09-02")  # 1,200.00 - 120.00 - 120.00 over twelve months
    assert house.get(f"/assets/{asset}")["data"]["book_value"] == 88_000


def test_a_disposal_that_is_externally_booked_has_no_entry_but_its_depreciation(house: House) -> None:
    asset = van(house, depreciation={"method": "straight_line", "life_months": 12, "averaging": "actual_days"})
    made = house.post(
        f"/assets/{asset}/disposals",
        {"date": "2026-08-15", "reason": "sold", "proceeds": 0, "externally_booked": True},
        201,
    )["data"]
    assert [one[0] for one in entries(house)] == ["depreciation"]
    assert house.get(f"/assets/{asset}")["data"]["status"] == "disposed"
    house.post(f"/assets/{asset}/disposals/{made['id']}/reinstate", {}, 200)
    assert [one[0] for one in entries(house)] == ["depreciation"]
    house.work("2026-09-02")


RULES: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("manual", {"date": None}, "date", "required"),
    ("manual", {"amount": None}, "amount", "required"),
    ("manual", {"description": None}, "description", "required"),
    ("arbitrary", {"description": None}, "description", "required"),
    ("manual", {"amount": 0}, "amount", "amount_zero"),
    ("manual", {"amount": 10**30}, "amount", "amount_out_of_range"),
    ("manual", {"date": "2026-07-31"}, "date", "before_start"),
    ("manual", {"date": "2026-11-21"}, "date", "in_the_future"),
    ("manual", {"amount": -120_001}, "amount", "decrease_above_book_value"),
    ("arbitrary", {"amount": -110_001, "date": "2026-08-31"}, "amount", "decrease_above_book_value"),
    ("arbitrary", {"counter_account": "NOWHERE"}, "counter_account", "unknown_account"),
]


def test_each_rule_has_its_own_code(house: House) -> None:
    asset = van(house)
    for kind, wrong, field, code in RULES:
        body = {"date": "2026-08-15", "amount": -1, "description": "x", **wrong}
        assert (field, code) in codes(change(house, asset, kind, 422, **body)), (kind, wrong)
    found = codes(change(house, asset, "full-depreciation", 422, date="2026-08-15"))
    assert found == [("description", "required")]
    on_the_day = van(house, purchase_date="2026-08-01")
    found = codes(change(house, on_the_day, "divestment", 422, date="2026-08-01"))
    assert found == [("date", "not_after_purchase")]
    assert told(house, asset) == []


def test_the_value_at_that_date_counts_and_not_todays(house: House) -> None:
    asset = van(house)
    house.work("2026-11-02")  # 900.00 today, 1,100.00 by the end of August
    change(house, asset, "manual", date="2026-08-31", amount=-110_000, description="all of it")
    assert codes(change(house, asset, "manual", 422, date="2026-09-01", amount=-1, description="too much"))


def test_a_second_disposal_is_refused_and_so_is_any_other_change(house: House) -> None:
    asset = van(house)
    change(house, asset, "divestment", date="2026-08-15")
    for kind in ("divestment", "full-depreciation", "manual", "arbitrary"):
        body: dict[str, Any] = {"date": "2026-08-16", "description": "again"}
        body |= {"amount": -1} if kind in ("manual", "arbitrary") else {}
        assert change(house, asset, kind, 409, **body)["code"] == "asset_disposed"
