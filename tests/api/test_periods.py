"""Periods over HTTP: listed, shown, locked in order, reopened for a reason and closed again with exact figures."""

from datetime import date

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from bookvalue.domain.errors import IntegrityViolation
from bookvalue.services.plan_runs import plan_runs
from bookvalue.services.sweep_runs import sweep_runs
from bookvalue.storage import periods
from bookvalue.storage.unit_of_work import Role, transaction

from .conftest import MakeToken
from .house import House, add_businesses, asset, at, codes

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")
WHY = {"reason": "an invoice came late"}


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> House:
    made = House(app, client, engine, token)
    made.put(asset("a"), asset("b", cost="600.00"))
    return made


def states(house: House) -> dict[str, str]:
    return {one["period"]: one["status"] for one in house.get("/periods")["data"]}


def test_periods_are_listed_and_shown(house: House) -> None:
    house.work("2026-11-02")
    house.post("/periods/2026-08/lock")
    assert states(house) == {"2026-08": "locked", "2026-09": "closed", "2026-10": "closed", "2026-11": "open"}
    assert house.pages("/periods", 1) == house.pages("/periods", 3) == house.get("/periods")["data"]
    assert [one["period"] for one in house.pages("/periods", 1, status="closed")] == ["2026-09", "2026-10"]
    assert len(house.pages("/periods", 2, status=["open", "locked"])) == 2
    house.get("/periods", 422, status="ajar")
    house.get("/periods", 422, cursor="nonsense")

    shown = house.get("/periods/2026-09")["data"]
    listed = next(one for one in house.get("/periods")["data"] if one["period"] == "2026-09")
    balances = shown.pop("balances")
    assert shown == listed
    assert (shown["period_start"], shown["period_end"], shown["generation"]) == ("2026-09-01", "2026-09-30", 0)
    assert shown["totals"] == {"currency": "EUR", "charged_minor": 15000, "entries": 1}
    assert shown["run"]["status"] == "posted"
    assert house.get(f"/runs/{shown['run']['id']}")["data"]["period"] == "2026-09"
    assert [(one["stable_name"], one["opening_minor"], one["debit_minor"], one["credit_minor"], one["closing_minor"])
            for one in balances] == [
        ("ACCUMULATED_DEPRECIATION_EQUIPMENT", -15000, 0, 15000, -30000),
        ("DEPRECIATION", 15000, 15000, 0, 30000)]  # fmt: skip
    still_open = house.get("/periods/2026-11")["data"]
    assert still_open["run"] is still_open["totals"]["charged_minor"] is still_open["content_hash"] is None
    assert still_open["balances"] == []
    for unknown in ("2026-12", "2026-07", "2026-13", "soon", "9999-12"):
        house.get(f"/periods/{unknown}", 404)
        house.post(f"/periods/{unknown}/lock", status=404)
        house.post(f"/periods/{unknown}/reopen", WHY, 404)


def test_periods_are_locked_in_order_and_once(house: House) -> None:
    house.work("2026-10-02")
    assert house.post("/periods/2026-09/lock", status=409)["code"] == "period_not_lockable"
    assert house.post("/periods/2026-10/lock", status=409)["code"] == "period_not_lockable"
    house.post("/periods/2026-08/lock", status=403, headers=house.only("runs", "periods.reopen"))
    locker = house.only("periods.lock")
    locked = house.post("/periods/2026-08/lock", {"reason": "audited"}, headers=locker)["data"]
    assert (locked["status"], locked["lock_version"], locked["locked_at"] is None) == ("locked", 1, False)
    assert house.post("/periods/2026-08/lock", {}, headers=locker)["data"] == locked
    assert len(house.sql("SELECT FROM audit WHERE action = 'period.locked' AND reason = 'audited'")) == 1
    assert codes(house.post("/periods/2026-09/lock", {"force": True}, 422)) == [("force", "unknown_field")]
    keyed = {**house.headers, "Idempotency-Key": "lock-september"}
    first = house.post("/periods/2026-09/lock", headers=keyed)
    assert house.post("/periods/2026-09/lock", headers=keyed) == first
    assert states(house) == {"2026-08": "locked", "2026-09": "locked", "2026-10": "open"}


def test_only_the_newest_closed_period_is_reopened_and_for_a_reason(house: House) -> None:
    house.work("2026-11-02")
    house.post("/periods/2026-08/lock")
    before = house.get("/periods")
    for body in (None, {}, {"reason": None}, {"reason": ""}, {"reason": "  "}):
        assert house.post("/periods/2026-10/reopen", body, 422)["code"] == "invalid_input"
    house.post("/periods/2026-10/reopen", WHY, 403, house.only("runs", "periods.lock", "periods.close"))
    for name in ("2026-08", "2026-09", "2026-11"):  # locked; not the newest; open
        assert house.post(f"/periods/{name}/reopen", WHY, 409)["code"] == "period_not_reopenable"
    assert house.get("/periods") == before
    house.request("2026-10", 200)
    house.sql("""INSERT INTO run (business_id, id, book_id, period_start, generation, sequence, kind, requested_by)
        SELECT business_id, gen_random_uuid(), book_id, '2026-11-01', 0, 1, 'on_demand', 'test' FROM period
        WHERE business_id = :id AND period_start = '2026-11-01'""", id=house.id)  # fmt: skip
    assert house.post("/periods/2026-10/reopen", WHY, 409)["code"] == "run_in_progress"


def test_a_reopened_period_is_closed_again_with_the_exact_difference(house: House) -> None:
    house.work("2026-09-02")
    closed = house.get("/periods/2026-08")["data"]
    reopener = {**house.only("periods.reopen"), "Idempotency-Key": "reopen-august"}
    reopened = house.post("/periods/2026-08/reopen", WHY, headers=reopener)
    assert house.post("/periods/2026-08/reopen", WHY, headers=reopener) == reopened
    period = reopened["data"]
    assert (period["status"], period["generation"], period["balances"]) == ("open", 1, [])
    assert period["content_hash"] is period["closed_at"] is None
    assert period["totals"] == {"currency": "EUR", "charged_minor": None, "entries": None}
    (kept,) = house.sql("SELECT reason, details, actor FROM audit WHERE action = 'period.reopened'")
    assert (kept.reason, kept.actor, kept.details["content_hash"]) == (WHY["reason"], "tester", closed["content_hash"])
    assert len(house.sql("SELECT FROM outbox WHERE event = 'period.reopened'")) == 1

    house.put(asset("late", cost="2400.00"))
    assert len(house.work("2026-09-02")) == 1  # planned anew, for its new generation
    run = house.get("/runs", period="2026-08")["data"][0]
    assert (run["kind"], run["generation"], run["sequence"]) == ("scheduled", 1, 0)
    assert (run["counts"]["posted"], run["totals"]["posted_minor"]) == (1, 20000)
    again = house.get("/periods/2026-08")["data"]
    assert (again["status"], again["generation"], again["totals"]["charged_minor"]) == ("closed", 1, 35000)
    assert again["content_hash"] != closed["content_hash"]
    assert [one["closing_minor"] for one in again["balances"]] == [-35000, 35000]
    assert len(house.sql("SELECT FROM period_balance WHERE generation = 0")) == 2  # the old ones stay

    house.work("2026-10-02")
    following = house.get("/periods/2026-09")["data"]
    assert [one["opening_minor"] for one in following["balances"]] == [-35000, 35000]
    for name in ("2026-08", "2026-09"):  # each lock computes the chained hash once more
        assert house.post(f"/periods/{name}/lock")["data"]["status"] == "locked"


def test_reopened_without_a_change_it_closes_with_the_same_content(house: House) -> None:
    house.work("2026-09-02")
    closed = house.get("/periods/2026-08")["data"]
    for generation in (1, 2):
        house.post("/periods/2026-08/reopen", WHY)
        house.work("2026-09-02")
        again = house.get("/periods/2026-08")["data"]
        assert again["generation"] == generation
        for name in ("content_hash", "totals", "balances", "status"):
            assert again[name] == closed[name]
    assert house.get("/journal-entries")["next_after"] == 1


def test_a_period_behind_a_later_one_with_exceptions_is_reopened(house: House) -> None:
    house.put(asset("late", start="2026-09-01", expense=""))
    house.work("2026-10-02")
    assert states(house) == {"2026-08": "closed", "2026-09": "open", "2026-10": "open"}
    house.post("/periods/2026-08/reopen", WHY)
    house.put(asset("older"))
    house.work("2026-10-02")
    assert states(house)["2026-08"] == "closed"
    house.put(asset("late", start="2026-09-01"))
    house.work("2026-10-02")
    assert states(house) == {"2026-08": "closed", "2026-09": "closed", "2026-10": "open"}
    charged = [one["totals"]["charged_minor"] for one in house.get("/periods")["data"]]
    assert charged == [25000, 35000, None]
    house.post("/periods/2026-08/lock")
    house.post("/periods/2026-09/lock")


def test_the_database_itself_reopens_only_the_newest(house: House) -> None:
    house.work("2026-10-02")
    book_id = house.sql("SELECT id FROM book WHERE business_id = :id", id=house.id)[0].id
    with pytest.raises(IntegrityViolation, match="later period"), transaction(
        house.engine, Role.API, house.id
    ) as connection:  # fmt: skip
        periods.reopen(connection, house.id, book_id, date(2026, 8, 1))
    for change in ("content_hash = 'forged'", "charged_minor = 0", "generation = generation + 1", "closed_at = now()"):
        with pytest.raises(IntegrityViolation), transaction(house.engine, Role.API, house.id) as connection:
            connection.execute(text(f"UPDATE period SET {change} WHERE period_start = '2026-09-01'"))


def test_a_live_run_is_the_only_one_of_its_period(house: House) -> None:
    house.request("2026-08")
    plan_runs(house.engine, at("2026-09-02"))
    assert len(house.sql("SELECT FROM run WHERE business_id = :id", id=house.id)) == 1
    house.work("2026-09-02")
    assert [one["status"] for one in house.get("/runs")["data"]] == ["posted"]


def test_a_halted_period_says_why_and_what_to_do(house: House) -> None:
    assert house.get("/periods/2026-08")["data"]["halt"] is None
    plan_runs(house.engine, at("2026-09-02"))
    (run_id,) = (row.id for row in house.sql("SELECT id FROM run WHERE business_id = :id", id=house.id))
    house.sql("UPDATE run SET status = 'running', fence = 1, attempts = 5, lease_until = now() - interval '1 second'")
    sweep_runs(house.engine, lambda _: None)
    shown = house.get("/periods/2026-08")["data"]
    halt = shown["halt"]
    assert (halt["run_id"], halt["status"], halt["code"]) == (str(run_id), "failed", "attempts_used_up")
    assert halt["since"] == house.get(f"/runs/{run_id}")["data"]["finished_at"]
    assert halt["remedy"].endswith("bookvalue close -b bakery -p 2026-08")
    assert house.get("/periods")["data"][0]["halt"] == halt
    assert house.request("2026-08")["status"] == "queued"
    assert house.get("/periods/2026-08")["data"]["halt"] is None


def test_strangers_see_no_periods(house: House, token: MakeToken) -> None:
    (other,) = add_businesses(house.engine, ["other"])
    place = f"/v1/businesses/{house.id}/periods"
    for path in ("", "/2026-08"):
        assert house.client.get(place + path, headers=token(other)).status_code == 404
        assert house.client.get(place + path, headers=house.only("assets")).status_code == 403
    assert house.client.post(f"{place}/2026-08/lock", headers=token(other)).status_code == 404
