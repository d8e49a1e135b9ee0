"""Assets that come into the books late, under each lock policy: what is charged, and what the asset says of it."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from .conftest import Two
from .register_house import VAN, Register

pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.fixture
def house(client: TestClient, engine: Engine, token: Callable[..., dict[str, str]], businesses: Two) -> Register:
    """January is locked and February closed; March is the first open month."""
    made = Register(client, engine, token, businesses.a, businesses.b)
    made.post("/assets", {**VAN, "external_id": "in time"})
    made.close("2026-03-10")
    made.post("/periods/2026-01/lock", {"reason": "audited"}, 200)
    return made


def policy(house: Register, word: str) -> None:
    house.patch(f"/books/{house.get('/books')['data'][0]['id']}", {"lock_policy": word})


def charges(house: Register, asset: dict[str, Any]) -> list[tuple[str, str, int]]:
    """What is charged to an asset: effective period, posting period, amount."""
    rows = house.sql(
        "SELECT * FROM value_update WHERE asset_id = :id ORDER BY effective_period, sequence", id=asset["id"]
    )
    return [(f"{row.effective_period:%m}", f"{row.posting_period:%m}", row.amount_minor) for row in rows]


def test_the_next_run_catches_up(house: Register) -> None:
    late = house.post("/assets", VAN)
    house.close("2026-04-10")
    assert charges(house, late) == [(month, "03", 10_000) for month in ("01", "02", "03")]


def test_a_book_that_refuses(house: Register) -> None:
    policy(house, "refuse")
    for start in ("2026-01-01", "2026-02-28"):
        refused = house.post("/assets", {**VAN, "depreciation_start_date": start}, 409)
        assert refused["code"] == "late_fact_refused"
    assert len(house.get("/assets")["data"]) == 1
    draft = house.post("/assets", {**VAN, "status": "draft"})
    assert house.patch(f"/assets/{draft['id']}", {"status": "registered"}, 409)["code"] == "late_fact_refused"
    house.post("/assets", {**VAN, "depreciation_start_date": "2026-03-01"})
    house.post("/assets", {**VAN, "depreciation_start_date": "2027-01-01"})  # a period that has not begun
    house.post("/assets", {**VAN, "depreciation": {"method": "none"}, "useful_life_months": None})
    house.post("/assets", {**VAN, "external_id": "in time", "name": "Van 0"}, 200)  # it is in the books


@pytest.mark.parametrize(("averaging", "start", "life", "march", "april"), [
    ("full_month", "2026-01-15", 12, 12_000, 12_000), ("following_month", "2026-01-15", 12, 10_909, 10_909),
    ("following_month", "2026-02-28", 12, 10_000, 10_000), ("half_month", "2026-01-16", 13, 10_000, 10_000),
    ("actual_days", "2026-01-01", 12, 12_157, 11_765),
])  # fmt: skip
def test_what_is_left_of_the_life_takes_it_all(
    house: Register, averaging: str, start: str, life: int, march: int, april: int
) -> None:
    policy(house, "spread_remaining")
    late = house.post("/assets", {
        **VAN, "external_id": "late", "depreciation_start_date": start, "useful_life_months": life,
        "depreciation": {"averaging": averaging}})  # fmt: skip
    assert (late["depreciation_start_date"], late["opening"]) == (start, None)
    again = house.post("/assets", {
        **VAN, "external_id": "late", "depreciation_start_date": start, "useful_life_months": life,
        "depreciation": {"averaging": averaging}}, 200)  # fmt: skip
    assert again == late
    house.close("2026-04-10")
    assert charges(house, late) == [("03", "03", march)]
    house.close("2026-05-10")
    assert [amount for _, _, amount in charges(house, late)] == [march, april]
    house.close("2027-03-10")
    assert sum(amount for _, _, amount in charges(house, late)) == 120_000


def test_a_life_that_is_over_is_caught_up(house: Register) -> None:
    policy(house, "spread_remaining")
    late = house.post("/assets", {**VAN, "useful_life_months": 2})
    house.close("2026-04-10")
    assert charges(house, late) == [("01", "03", 60_000), ("02", "03", 60_000)]


def test_an_opening_balance_goes_on_from_the_first_open_day(house: Register) -> None:
    policy(house, "spread_remaining")
    opening = {"as_of": "2026-01-31", "accumulated": 20_000}
    late = house.post("/assets", {**VAN, "opening": opening})
    house.close("2026-04-10")
    assert charges(house, late) == [("03", "03", 10_000)]  # 100000 over the ten months left
    house.post("/assets", {**VAN, "opening": {"as_of": "2026-03-31", "accumulated": 20_000}})  # in time
    assert [str(row.asset_id) for row in house.sql("SELECT asset_id FROM suspension")] == [late["id"]]
