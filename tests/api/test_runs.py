"""Runs over HTTP: asked for once however often, watched, listed, and what became of each asset."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text

from bookvalue.services.plan_runs import plan_runs
from bookvalue.storage import runs

from .conftest import MakeToken
from .house import House, add_businesses, asset, at, codes

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(app: FastAPI, client: TestClient, engine: Engine, token: MakeToken) -> House:
    return House(app, client, engine, token)


def test_a_run_is_asked_for_and_watched_to_its_end(house: House) -> None:
    house.put(asset("a"), asset("b", cost="600.00"))
    answer = house.client.post(
        f"{house.place}/runs", json={"kind": "on_demand", "period": "2026-08"}, headers=house.headers
    )
    assert answer.status_code == 202
    run = answer.json()["data"]
    assert answer.headers["Location"] == run["links"]["self"] == f"{house.place}/runs/{run['id']}"
    assert (run["kind"], run["status"], run["period"], run["progress"]["phase"]) == (
        "on_demand", "queued", "2026-08", "waiting")  # fmt: skip
    assert run["counts"]["assets"] is run["timings"] is run["error"] is run["finished_at"] is None
    assert house.get(answer.headers["Location"])["data"] == run

    house.work()
    ended = house.get(answer.headers["Location"])["data"]
    assert (ended["status"], ended["progress"]["phase"], ended["progress"]["attempts"]) == ("posted", "ended", 1)
    assert ended["counts"] == {"assets": 2, "posted": 2, "nothing_due": 0, "skipped": 0, "blocked": 0}
    assert ended["totals"] == {"currency": "EUR", "posted_minor": 15000, "entries": 1}
    assert set(ended["timings"]) == {"read_and_compute_s", "write_s", "check_s"}
    assert ended["findings"] == {}
    for name in ("outcomes", "period", "journal_entries"):
        assert house.get(ended["links"][name])["data"] is not None
    assert house.get("/periods/2026-08")["data"]["status"] == "closed"


def test_the_same_request_is_one_run(house: House) -> None:
    house.put(asset("a"))
    run = house.request("2026-08")
    assert house.request("2026-08")["id"] == house.request("2026-08", kind="rerun")["id"] == run["id"]
    house.work()
    statements: list[str] = []
    event.listen(house.app.state.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    ended = house.request("2026-08", status=200)
    assert (ended["id"], ended["status"]) == (run["id"], "posted")
    assert house.request("2026-08", status=200, kind="rerun", reason="to be sure")["id"] == run["id"]
    assert statements
    assert not [one for one in statements if re.search(r"\b(asset|asset_book|value_update)\b", one)]
    assert len(house.sql("SELECT FROM run WHERE business_id = :id", id=house.id)) == 1
    assert house.sql("SELECT count(*) FROM audit WHERE action = 'run.requested'")[0][0] == 1


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"kind": "unplanned", "through": "2026-08-15"}, [("kind", "not_supported_yet")]),
        ({"kind": "preview", "period": "2026-08"}, [("kind", "not_supported_yet")]),
        ({"kind": "rollback", "period": "2026-08"}, [("kind", "not_supported_yet")]),
        ({"kind": "on_demand", "period": "2026-08", "asset_ids": []}, [("asset_ids", "not_supported_yet")]),
        ({"kind": "on_demand", "period": "2026-08", "through": "2026-08-15"}, [("through", "not_supported_yet")]),
        ({"kind": "on_demand"}, [("period", "required")]),
        ({"kind": "on_demand", "period": "2026-13"}, [("period", "not_a_period")]),
        ({"kind": "on_demand", "period": "August"}, [("period", "not_a_period")]),
        ({"kind": "on_demand", "period": 202608}, [("period", "not_text")]),
        ({"kind": "scheduled", "period": "2026-08"}, [("kind", "not_one_of")]),
        ({"kind": "on_demand", "period": "2026-08", "status": "posted"}, [("status", "unknown_field")]),
        ({"period": "2026-08"}, [("kind", "required")]),
    ],
)
def test_what_cannot_be_asked_for(house: House, body: Any, found: list[tuple[str, str]]) -> None:
    problem = house.post("/runs", body, 422)
    assert (problem["code"], codes(problem)) == ("invalid_input", found)
    assert all(one["remedy"] for one in problem["errors"])
    assert house.sql("SELECT count(*) FROM run")[0][0] == 0


def test_a_period_that_has_not_ended_or_is_not_reached(house: House) -> None:
    assert house.request("2026-11", 422)["code"] == "period_not_ended"
    assert house.request("2026-09", 404)["code"] == "not_found"  # 2026-08 is still to be posted
    assert house.request("2026-07", 404)["code"] == "not_found"  # before the books
    (other,) = add_businesses(house.engine, ["other"])
    foreign = house.sql("SELECT id FROM book WHERE business_id = :id", id=other)[0].id
    assert house.request("2026-08", 404, book_id=str(foreign))["code"] == "not_found"
    mine = house.sql("SELECT id FROM book WHERE business_id = :id", id=house.id)[0].id
    assert house.request("2026-08", book_id=str(mine))["book_id"] == str(mine)


def test_blocked_assets_are_shown_and_a_run_that_would_come_out_the_same_stands(house: House) -> None:
    house.put(asset("a"), *(asset(name, expense="") for name in "bcd"))
    run = house.request("2026-08")
    house.work()
    ended = house.get(run["links"]["self"])["data"]
    assert (ended["status"], ended["findings"]) == ("posted_with_exceptions", {"expense_account_missing": 3})
    outcomes = house.pages(f"/runs/{run['id']}/outcomes", 1)
    assert sorted((one["external_id"], one["status"], one["code"]) for one in outcomes) == [
        (name, "blocked", "expense_account_missing") for name in "bcd"]  # fmt: skip
    assert outcomes[0]["finding"]["field"] == "depreciation_expense_account"
    assert "set depreciation_expense_account" in outcomes[0]["finding"]["remedy"]
    assert house.get("/periods/2026-08")["data"]["blocked_assets"] == 3

    assert house.request("2026-08", 200)["id"] == house.request("2026-08", 200, kind="rerun")["id"] == run["id"]
    house.put(*(asset(name) for name in "bcd"))
    again = house.request("2026-08", kind="rerun")
    assert (again["kind"], again["sequence"]) == ("rerun", 2)
    house.work()
    assert house.get(again["links"]["self"])["data"]["totals"]["posted_minor"] == 30000
    assert house.get("/periods/2026-08")["data"]["status"] == "closed"


def test_outcomes_are_filtered_and_charges_are_among_them(house: House) -> None:
    house.put(asset("a"), asset("b", expense=""), asset("c"))
    house.work("2026-11-02")  # 2026-08 to 2026-10 are posted, b is blocked in each
    house.put(asset("b"))
    run = house.request("2026-10", kind="rerun")
    house.work()
    path = f"/runs/{run['id']}/outcomes"
    assert house.get(path)["data"] == []
    charges = house.pages(path, 2, status="posted")
    shown = [tuple(one[name] for name in ("external_id", "effective_period", "posting_period", "amount_minor"))
             for one in charges]  # fmt: skip
    assert shown == [("b", f"2026-{month}", f"2026-{month}", 10000) for month in ("10", "09", "08")]
    assert all(one["finding"] is None and one["code"] == "posted" and one["entry_id"] for one in charges)
    first = house.get("/runs", period="2026-08")["data"][0]
    for query, count in (
        ({"status": "blocked"}, 1), ({"status": "skipped"}, 0), ({"code": "draft"}, 0),
        ({"code": "expense_account_missing"}, 1), ({"status": "posted", "code": "draft"}, 0),
    ):  # fmt: skip
        assert len(house.get(f"/runs/{first['id']}/outcomes", **query)["data"]) == count, query
    house.get(path, 422, status="nothing")
    house.get(path, 422, cursor="nonsense")


def test_a_rerun_of_a_closed_period_reopens_it_and_posts_the_difference(house: House) -> None:
    house.put(asset("a"))
    first = house.request("2026-08")
    house.work()
    before = house.get("/periods/2026-08")["data"]
    house.put(asset("late", cost="2400.00"))  # a fact in the closed period
    assert house.request("2026-08", 409)["code"] == "period_not_open"
    body = {"kind": "rerun", "period": "2026-08", "reason": "a late invoice"}
    assert house.post("/runs", body, 403, house.only("runs"))["code"] == "forbidden"
    assert codes(house.post("/runs", {**body, "reason": " "}, 422)) == [("reason", "required")]
    assert house.get("/periods/2026-08")["data"] == before

    again = house.post("/runs", body, 202, house.only("runs", "periods.close"))["data"]
    assert (again["kind"], again["generation"], again["reason"]) == ("rerun", 1, "a late invoice")
    assert house.get("/periods/2026-08")["data"]["status"] == "open"
    house.work()
    ended = house.get(again["links"]["self"])["data"]
    assert (ended["status"], ended["totals"]["posted_minor"], ended["counts"]["posted"]) == ("posted", 20000, 1)
    after = house.get("/periods/2026-08")["data"]
    assert (after["status"], after["generation"], after["totals"]["charged_minor"]) == ("closed", 1, 30000)
    assert house.request("2026-08", 200)["id"] == again["id"] != first["id"]

    house.put(asset("later"))
    house.post("/periods/2026-08/lock")
    assert house.request("2026-08", 409, kind="rerun", reason="no")["code"] == "period_not_open"


def test_a_rerun_closes_where_the_book_itself_only_posts(
    app: FastAPI, client: TestClient, engine: Engine, token: MakeToken
) -> None:
    house = House(app, client, engine, token, auto="post")
    house.put(asset("a"))
    house.work("2026-09-02")
    assert house.get("/periods/2026-08")["data"]["status"] == "open"
    house.request("2026-08", kind="rerun")
    house.work()
    assert house.get("/periods/2026-08")["data"]["status"] == "closed"

    plan_runs(house.engine, at("2026-10-02"))
    planned = house.get("/runs", period="2026-09")["data"][0]
    taken = house.request("2026-09", reason="month end")
    assert (taken["id"], taken["kind"], planned["requested_by"]) == (planned["id"], "scheduled", "planner")
    assert (taken["requested_by"], taken["reason"]) == ("tester", "month end")
    assert house.request("2026-09")["reason"] == "month end"
    house.work()
    assert house.get("/periods/2026-09")["data"]["status"] == "closed"
    assert len(house.sql("SELECT FROM audit WHERE action = 'run.requested' AND business_id = :id", id=house.id)) == 2


def test_runs_are_listed_newest_first(house: House) -> None:
    house.put(asset("a"), asset("b", expense=""))
    house.work("2026-11-02")
    house.put(asset("b"))
    house.work("2026-11-02")
    found = house.pages("/runs", 2)
    assert len(found) == 4
    assert found == house.get("/runs")["data"]
    assert [one["created_at"] for one in found] == sorted((one["created_at"] for one in found), reverse=True)
    assert [one["kind"] for one in found] == ["rerun", "scheduled", "scheduled", "scheduled"]
    for query, count in (
        ({"status": "posted"}, 1), ({"status": ["posted", "posted_with_exceptions"]}, 4), ({"status": "failed"}, 0),
        ({"kind": "scheduled"}, 3), ({"period": "2026-09"}, 1), ({"period": "2026-10", "kind": "rerun"}, 1),
    ):  # fmt: skip
        assert len(house.pages("/runs", 1, **query)) == count, query
    assert codes(house.get("/runs", 422, period="soon")) == [("period", "not_a_period")]
    house.get("/runs", 422, status="asleep")


def test_progress_shows_what_is_known(house: House) -> None:
    house.put(asset("a"))
    plan_runs(house.engine, at("2026-09-02"))
    run_id = house.sql("SELECT id FROM run WHERE business_id = :id", id=house.id)[0].id
    path = f"/runs/{run_id}"
    with house.engine.begin() as connection:
        connection.execute(text("SELECT set_config('app.business_id', :id, true)"), {"id": str(house.id)})
        held = runs.claim(connection, run_id, owner="tester", lease_seconds=60)
    assert held is not None
    progress = house.get(path)["data"]["progress"]
    assert progress["phase"] == "working"
    assert 0 < progress["lease_seconds_left"] <= 60
    house.sql("UPDATE run SET lease_until = now() - interval '5 seconds' WHERE id = :id", id=run_id)
    assert house.get(path)["data"]["progress"]["phase"] == "overdue"
    with house.engine.begin() as connection:
        runs.wait_to_retry(connection, held, code="integrity_violation", message="SELECT secret FROM inside")
    waiting = house.get(path)["data"]
    assert (waiting["progress"]["phase"], waiting["error"]["code"]) == ("waiting_to_retry", "integrity_violation")
    assert "SELECT" not in waiting["error"]["message"]


def test_a_key_answers_once_and_strangers_see_nothing(house: House, token: MakeToken) -> None:
    house.put(asset("a"))
    keyed = {**house.headers, "Idempotency-Key": "close-august"}
    body = {"kind": "on_demand", "period": "2026-08"}
    run = house.post("/runs", body, 202, keyed)["data"]
    house.work()
    assert house.post("/runs", body, 202, keyed)["data"] == run  # the answer as it was given
    assert house.post("/runs", {**body, "reason": "other"}, 422, keyed)["code"] == "idempotency_key_reused"
    (other,) = add_businesses(house.engine, ["other"])
    for path in (f"/runs/{run['id']}", f"/runs/{run['id']}/outcomes"):
        answer = house.client.get(f"/v1/businesses/{other}{path}", headers=token(other))
        assert answer.status_code == 404
        house.get(path, 403, house.only("journal.read"))
    house.get("/runs/00000000-0000-7000-8000-000000000000", 404)
    house.get("/runs/00000000-0000-7000-8000-000000000000/outcomes", 404, status="posted")
