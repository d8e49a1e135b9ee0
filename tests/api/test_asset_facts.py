"""Estimate changes, suspensions, units and manual amounts over HTTP: what they change, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import VAN, Register, found

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")

GOOD: dict[str, dict[str, Any]] = {
    "estimate-changes": {"date": "2026-03-01", "remaining_life_months": 5, "residual_value": 20_000},
    "suspensions": {"from": "2026-03-01", "to": "2026-04-30"},
    "units-used": {"period_end": "2026-01-31", "quantity": "12.5"},
    "manual-amounts": {"date": "2026-03-31", "amount": 50_000},
}


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    return Register(client, engine, token, businesses.a, businesses.b)


def place_of(house: Register, **fields: Any) -> str:
    """The path of a new asset."""
    return f"/assets/{house.post('/assets', {**VAN, **fields})['id']}"


def charged(house: Register) -> dict[str, int]:
    """What is posted to each effective period."""
    rows = house.sql(
        """SELECT to_char(effective_period, 'YYYY-MM') AS period, sum(amount_minor)::bigint AS amount
           FROM value_update WHERE business_id = :a GROUP BY 1 ORDER BY 1"""
    )
    return {row.period: row.amount for row in rows}


@pytest.mark.parametrize("noun", GOOD)
def test_recorded_listed_read_and_archived(house: Register, noun: str) -> None:
    place = f"{place_of(house)}/{noun}"
    before = house.facts()
    made = house.post(place, GOOD[noun])
    assert {name: made[name] for name in GOOD[noun]} == GOOD[noun]
    assert made["created_at"] and made["archived_at"] is None
    assert house.facts() == before + 1
    assert house.get(f"{place}/{made['id']}")["data"] == made
    assert house.get(place)["data"] == [made]
    archived = house.post(f"{place}/{made['id']}/archive", None, 200)
    assert archived == {**made, "archived_at": archived["archived_at"]} and archived["archived_at"]
    assert house.facts() == before + 2
    assert house.post(f"{place}/{made['id']}/archive", None, 200) == archived, "it stays so"
    assert house.facts() == before + 2
    assert house.get(place)["data"] == []
    assert house.get(place, params={"archived": "true"})["data"] == [archived]
    name = noun.replace("-", "_").removesuffix("s") if noun != "units-used" else "units_used"
    assert house.audited()[-2:] == [("tester", f"{name}.recorded"), ("tester", f"{name}.archived")]
    events = [row.event for row in house.sql("SELECT event FROM outbox WHERE business_id = :a ORDER BY id")]
    assert events[-2:] == [f"{name}.recorded", f"{name}.archived"]


def test_a_list_is_paged(house: Register) -> None:
    place = f"{place_of(house)}/manual-amounts"
    made = [house.post(place, {"date": f"2026-0{month}-28", "amount": month})["id"] for month in range(1, 6)]
    assert [one["id"] for one in house.pages(place, 2)] == made


def test_a_repeated_key_records_once(house: Register) -> None:
    place = f"{place_of(house)}/suspensions"
    headers = {**house.token(house.a), "Idempotency-Key": "once"}
    answers = [
        house.client.post(f"/v1/businesses/{house.a}{place}", json=GOOD["suspensions"], headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(house.get(place)["data"]) == 1
    fact = answers[0].json()["data"]["id"]
    headers["Idempotency-Key"] = "twice"
    archived = [house.client.post(f"/v1/businesses/{house.a}{place}/{fact}/archive", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in archived] == [200, 200]
    assert archived[1].headers["Idempotency-Replayed"] == "true"


def test_not_yours_is_not_there(house: Register) -> None:
    mine, other = place_of(house), place_of(house, external_id="other")
    for noun, body in GOOD.items():
        fact = house.post(f"{mine}/{noun}", body)["id"]
        house.get(f"{other}/{noun}/{fact}", 404)
        house.post(f"{other}/{noun}/{fact}/archive", None, 404)
        house.get(f"{mine}/{noun}/{fact}", 404, of=house.b)
        house.post(f"{mine}/{noun}", body, 404, of=house.b)


def test_an_estimate_change_spreads_what_is_left(house: Register) -> None:
    place = place_of(house)
    house.close("2026-02-02")
    house.post(
        f"{place}/estimate-changes", {"date": "2026-03-01", "remaining_life_months": 5, "residual_value": 20_000}
    )
    house.close("2026-08-05")
    assert charged(house) == {"2026-01": 10_000, "2026-02": 10_000, **{f"2026-0{n}": 16_000 for n in range(3, 8)}}


def test_an_estimate_change_of_a_closed_month_is_caught_up(house: Register) -> None:
    place = place_of(house)
    house.close("2026-04-05")
    made = house.post(f"{place}/estimate-changes", {"date": "2026-02-01", "remaining_life_months": 22})
    house.close("2026-05-05")
    assert charged(house) == {"2026-01": 10_000, "2026-02": 5_000, "2026-03": 5_000, "2026-04": 5_000}
    house.post(f"{place}/estimate-changes/{made['id']}/archive", None, 200)
    house.close("2026-06-05")
    assert charged(house) == dict.fromkeys(["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"], 10_000)
    posted_in = house.sql(
        """SELECT DISTINCT to_char(posting_period, 'YYYY-MM') AS period FROM value_update
           WHERE business_id = :a AND posting_period <> effective_period ORDER BY 1"""
    )
    assert [row.period for row in posted_in] == ["2026-04", "2026-05"]


def test_a_suspension_stops_the_clock(house: Register) -> None:
    place = place_of(house)
    house.post(f"{place}/suspensions", {"from": "2026-02-01", "to": "2026-03-31"})
    house.post(f"{place}/suspensions", {"from": "2026-06-01", "to": "2026-06-30", "extend_life": False})
    house.close("2027-05-05")
    posted = charged(house)
    assert not {"2026-02", "2026-03", "2026-06"} & posted.keys()
    assert sum(posted.values()) == 120_000
    assert max(posted) == "2027-02", "two months later, and not three"


def test_units_are_charged_by_what_was_used(house: Register) -> None:
    place = place_of(house, useful_life_months=None, depreciation={"method": "units_of_production"}, units_total="1000")
    house.post(f"{place}/units-used", {"period_end": "2026-01-31", "quantity": "100"})
    refused = house.post(f"{place}/units-used", {"period_end": "2026-01-15", "quantity": "1"}, 409)
    assert refused["code"] == "duplicate"
    house.close("2026-02-05")
    assert charged(house) == {"2026-01": 12_000}


def test_a_manual_table(house: Register) -> None:
    place = place_of(house, useful_life_months=None, depreciation={"method": "manual"})
    house.post(f"{place}/manual-amounts", GOOD["manual-amounts"])
    house.post(f"{place}/manual-amounts", {"date": "2026-04-01", "amount": 90_000})
    house.close("2026-05-05")
    assert charged(house) == {"2026-03": 50_000, "2026-04": 70_000}


BAD = [
    ("estimate-changes", {}, [("date", "required")]),
    ("estimate-changes", {"date": "2026-03-01"}, [("remaining_life_months", "changes_nothing")]),
    ("estimate-changes", {"date": "2026-03-01", "remaining_life_months": 0, "method": "magic", "x": 1},
     [("remaining_life_months", "life_out_of_range"), ("method", "unknown_method"), ("x", "unknown_field")]),
    ("estimate-changes", {"date": "2026-03-01", "remaining_life_months": 12, "rate_percent": "20"},
     [("remaining_life_months", "life_and_rate")]),
    ("estimate-changes", {"date": "2025-12-31", "remaining_life_months": 12}, [("date", "before_start")]),
    ("estimate-changes", {"date": "2026-03-01", "residual_value": 120_001},
     [("residual_value", "residual_above_cost")]),
    ("estimate-changes", {"date": "2026-03-01", "method": "sum_of_years_digits", "rate_percent": "10"},
     [("remaining_life_months", "life_missing")]),
    ("estimate-changes", {"date": "2026-03-01", "method": "fixed_rate_declining"},
     [("residual_value", "residual_missing")]),
    ("estimate-changes", {"date": "2026-03-01", "method": "units_of_production"},
     [("units_total", "units_total_missing")]),
    ("suspensions", {"from": "2026-03-02", "to": "2026-03-01"}, [("to", "ends_before_it_begins")]),
    ("suspensions", {"from_": "2026-03-02", "to": "2026-03-09"}, [("from_", "unknown_field"), ("from", "required")]),
    ("suspensions", {"from": "2026-06-30", "to": "2026-07-01"}, [("from", "suspensions_overlap")]),
    ("suspensions", {"from": "2026-05-01", "to": "2026-06-01"}, [("from", "suspensions_overlap")]),
    ("units-used", {"period_end": "2026-01-31", "quantity": 5}, [("quantity", "not_a_decimal")]),
    ("units-used", {"period_end": "2199-01-31", "quantity": "5"}, [("period_end", "in_the_future")]),
    ("manual-amounts", {"date": "2026-01-31", "amount": -1}, [("amount", "amount_negative")]),
]  # fmt: skip


@pytest.mark.parametrize(("noun", "body", "findings"), BAD)
def test_what_is_refused(house: Register, noun: str, body: dict[str, Any], findings: list[tuple[str, str]]) -> None:
    place = place_of(house)
    house.post(f"{place}/suspensions", {"from": "2026-06-01", "to": "2026-06-30"})
    before = house.facts()
    assert sorted(found(house.post(f"{place}/{noun}", body, 422))) == sorted(findings)
    assert house.facts() == before


def test_before_an_opening_only_what_is_part_of_it(house: Register) -> None:
    opening = {"as_of": "2026-02-28", "accumulated": 20_000}
    place = place_of(house, opening=opening)
    refused = house.post(f"{place}/estimate-changes", {"date": "2026-02-01", "remaining_life_months": 3}, 422)
    assert found(refused) == [("date", "before_opening")]
    house.post(f"{place}/units-used", {"period_end": "2026-01-31", "quantity": "5"})


def test_only_registered_assets(house: Register) -> None:
    draft = place_of(house, status="draft")
    for noun, body in GOOD.items():
        assert house.post(f"{draft}/{noun}", body, 409)["code"] == "asset_not_registered"


def test_a_change_that_another_stands_on_is_not_archived(house: Register) -> None:
    place = place_of(house, useful_life_months=None, depreciation={"method": "straight_line", "rate_percent": "10"})
    life = house.post(f"{place}/estimate-changes", {"date": "2026-02-01", "remaining_life_months": 36})
    house.post(f"{place}/estimate-changes", {"date": "2026-03-01", "method": "sum_of_years_digits"})
    refused = house.post(f"{place}/estimate-changes/{life['id']}/archive", None, 422)
    assert found(refused) == [("date", "life_missing")]
