"""A PATCH of an asset's estimates, once something is posted: what was posted stays, the rest follows the change."""

from datetime import date
from typing import Any

import pytest

from bookvalue.domain.errors import AssetDisposed, InvalidInput, LateFactRefused
from bookvalue.domain.terms import UpdateType
from bookvalue.services.import_register import RegisterInvalid
from bookvalue.services.keep_asset import change_asset
from bookvalue.services.list_assets import AssetView, read_one_asset
from bookvalue.services.record_value_update import record_value_update
from services.conftest import Books, Line, asset, at, business
from services.facts_of_assets import CHANGE, SUSPENSION, archive, asset_id, record


def patch(books: Books, of: str = "a", **given: Any) -> AssetView:
    """A PATCH of an asset."""
    return change_asset(books.engine, books.id(), asset_id(books, of), given, actor="ada")


def refused(books: Books, **given: Any) -> list[tuple[str, str | None]]:
    """The (code, field) of each finding of a PATCH."""
    with pytest.raises(InvalidInput) as raised:
        patch(books, **given)
    return [(found.code, found.field) for found in raised.value.findings]


def changes(books: Books) -> list[tuple[str, int | None, int | None, int | None, str | None]]:
    """(date, remaining life, rate, residual, method) of each estimate change in force."""
    rows = books.sql("SELECT * FROM estimate_change WHERE archived_at IS NULL ORDER BY created_at, id")
    return [(str(r.date), r.remaining_life_months, r.rate_nanopercent, r.residual_minor, r.method) for r in rows]


@pytest.fixture
def posted(bakery: Books) -> Books:
    """One asset of 1,200.00 over 12 months, charged for August and September."""
    bakery.put(asset("a"))
    bakery.close("2026-10-02")
    return bakery


def test_a_life_is_one_in_all_and_counts_from_the_first_open_period(posted: Books) -> None:
    view = patch(posted, useful_life_months=22)
    assert changes(posted) == [("2026-10-01", 20, None, None, None)]
    assert (view.value.settings.life_months, view.accumulated_minor) == (22, 20_000)
    posted.close("2026-12-02")
    assert posted.charged("a") == {"2026-08": 10_000, "2026-09": 10_000, "2026-10": 5_000, "2026-11": 5_000}
    assert posted.sql("SELECT count(*) AS n FROM audit WHERE action = 'estimate_change.recorded'")[0].n == 1


def test_the_same_again_changes_nothing(posted: Books) -> None:
    patch(posted, useful_life_months=22, salvage_value=100)
    before = posted.counts() | {"facts": len(changes(posted))}
    patch(posted, useful_life_months=22, salvage_value=100)
    patch(posted, depreciation={"life_months": 22})
    patch(posted, effective_date="2026-11-01")
    assert posted.counts() | {"facts": len(changes(posted))} == before
    patch(posted, name="The oven", useful_life_months=22)
    assert len(changes(posted)) == before["facts"], "a name is no estimate"
    assert posted.sql("SELECT name FROM asset")[0].name == "The oven"


def test_what_a_method_no_longer_uses_is_in_nobodys_way(bakery: Books) -> None:
    settings = {"method": "declining_balance", "declining_base": "net_of_residual", "switch_to_straight_line": "true"}
    bakery.put(asset("a", **settings))
    bakery.close("2026-10-02")
    patch(bakery, depreciation={"method": "straight_line"})
    patch(bakery, tags=[{"key": "site", "value": "porto"}])
    assert patch(bakery, useful_life_months=30).value.settings.life_months == 30
    assert len(changes(bakery)) == 2


def test_residual_rate_and_method(posted: Books) -> None:
    patch(posted, salvage_value=50_000, effective_date="2026-10-15")
    patch(posted, depreciation={"rate_percent": "50"}, effective_date="2026-11-01")
    view = patch(posted, depreciation={"method": "declining_balance"}, effective_date="2027-01-01")
    assert changes(posted) == [
        ("2026-10-15", None, None, 50_000, None), ("2026-11-01", None, 50_000_000_000, None, None),
        ("2027-01-01", None, None, None, "declining_balance"),
    ]  # fmt: skip
    assert (view.value.residual_minor, view.value.settings.life_months) == (50_000, None)
    assert (view.value.settings.method, view.value.settings.rate_nanopercent) == ("declining_balance", 50 * 10**9)
    posted.close("2027-03-02")
    assert posted.charged("a")["2026-10"] == 5_000
    assert len(posted.charged("a")) == 7, "and the checker asks the oracle for each"


def test_a_change_of_a_closed_month_is_caught_up(posted: Books) -> None:
    patch(posted, useful_life_months=6, effective_date="2026-09-01")
    posted.close("2026-11-02")
    assert posted.charges() == [
        ("a", "2026-08", "2026-08", 10_000), ("a", "2026-09", "2026-09", 10_000), ("a", "2026-09", "2026-10", 12_000),
        ("a", "2026-10", "2026-10", 22_000),
    ]  # fmt: skip


def test_the_lock_policy_is_asked(books: Books) -> None:
    books.put(business(lock_policy="spread_remaining"), asset("a"))
    books.close("2026-10-02")
    patch(books, useful_life_months=22, effective_date="2026-08-20")
    assert changes(books) == [("2026-10-01", 20, None, None, None)], "what remains is counted from the day it counts"
    books.put(business(lock_policy="refuse"))
    with pytest.raises(LateFactRefused):
        patch(books, useful_life_months=30, effective_date="2026-08-20")


@pytest.mark.parametrize(("columns", "day", "remaining"), [
    ({"depreciation_start_date": "2026-08-15"}, "2026-10-01", 22),
    ({"depreciation_start_date": "2026-08-15", "averaging": "following_month"}, "2026-10-01", 22),
    ({"depreciation_start_date": "2026-08-20", "averaging": "half_month"}, "2026-10-01", 23),
    ({"depreciation_start_date": "2026-08-20", "averaging": "half_month"}, "2026-10-16", 22),
    ({"depreciation_start_date": "2026-08-15", "averaging": "actual_days"}, "2026-10-15", 22),
])  # fmt: skip
def test_months_are_counted_by_the_averaging_rule(bakery: Books, columns: Line, day: str, remaining: int) -> None:
    bakery.put(asset("a", **columns))
    bakery.close("2026-10-02")
    patch(bakery, useful_life_months=24, effective_date=day)
    assert [change[:2] for change in changes(bakery)] == [(day, remaining)]
    assert read_one_asset(bakery.engine, bakery.id(), asset_id(bakery)).value.settings.life_months == 24
    bakery.close("2026-12-02")


def test_suspended_months_are_no_part_of_a_life(posted: Books) -> None:
    record(posted, SUSPENSION, from_="2026-10-01", to="2026-11-30")
    patch(posted, useful_life_months=12, effective_date="2026-12-01")
    assert changes(posted) == []
    patch(posted, useful_life_months=7, effective_date="2026-12-01")
    assert changes(posted) == [("2026-12-01", 5, None, None, None)]
    posted.close("2027-06-02")
    assert posted.charged("a") == dict.fromkeys(["2026-08", "2026-09"], 10_000) | dict.fromkeys(
        ["2026-12", "2027-01", "2027-02", "2027-03", "2027-04"], 20_000
    )


def test_after_an_improvement_with_a_life_of_its_own(posted: Books) -> None:
    raw = {"asset_external_id": "a", "update_type": UpdateType.IMPROVEMENT, "amount": 20_000, "date": "2026-10-05",
           "counter_account": "CASH", "remaining_life_months": 24}  # fmt: skip
    record_value_update(posted.engine, posted.id(), raw, actor="ada", now=at("2026-11-20"))
    assert read_one_asset(posted.engine, posted.id(), asset_id(posted)).value.settings.life_months == 26
    patch(posted, useful_life_months=14, effective_date="2026-11-01")
    posted.close("2026-12-02")
    assert posted.charged("a") == {"2026-08": 10_000, "2026-09": 10_000, "2026-10": 5_000 + 20_000, "2026-11": 10_455}


def test_what_no_estimate_change_can_carry_is_refused_with_a_remedy(posted: Books) -> None:
    for given, field in (
        ({"original_value": 1}, "original_value"), ({"cost_limit": 1}, "cost_limit"),
        ({"units_total": "5"}, "units_total"),
        ({"depreciation_start_date": "2026-09-01"}, "depreciation_start_date"),
        ({"depreciation": {"averaging": "half_year"}}, "depreciation.averaging"),
        ({"depreciation": {"method": "declining_balance", "declining_factor": "1.5"}}, "depreciation.declining_factor"),
    ):  # fmt: skip
        assert refused(posted, **given) == [("posted_asset_changed", field)]
    with pytest.raises(InvalidInput) as raised:
        patch(posted, original_value=1)
    assert "IMPROVEMENT" in raised.value.findings[0].remedy
    assert changes(posted) == []


def test_findings_are_about_the_assets_own_fields(posted: Books) -> None:
    assert refused(posted, useful_life_months=2) == [("life_over", "useful_life_months")]
    assert refused(posted, salvage_value=5, effective_date="2026-07-31") == [("before_the_books", "effective_date")]
    assert refused(posted, salvage_value=5, effective_date="soon") == [("not_a_date", "effective_date")]
    assert refused(posted, salvage_value=120_001) == [("residual_above_cost", "salvage_value")]
    assert refused(posted, useful_life_months=5, depreciation={"rate_percent": "5"})[0][0] == "life_and_rate"


def test_an_upsert_with_what_is_kept_or_in_force_says_nothing_new(posted: Books) -> None:
    patch(posted, useful_life_months=22, salvage_value=10_000)
    assert posted.put(asset("a")).assets_unchanged == 1, "as it was imported"
    assert posted.put(asset("a", life_months=22, residual_value="100.00")).assets_unchanged == 1, "as it is shown"
    with pytest.raises(RegisterInvalid) as raised:
        posted.put(asset("a", life_months=30))
    (found,) = raised.value.findings
    assert (found.code, found.field) == ("posted_asset_changed", "method")
    assert "PATCH" in found.remedy


def test_before_anything_is_posted_fields_are_changed(bakery: Books) -> None:
    bakery.put(asset("a"))
    patch(bakery, useful_life_months=24)
    assert changes(bakery) == []
    patch(bakery, useful_life_months=12, effective_date="2026-09-01")
    assert changes(bakery) == [("2026-09-01", 11, None, None, None)]
    patch(bakery, useful_life_months=6, effective_date="2026-09-01")
    bakery.close("2026-10-02")
    assert bakery.charged("a") == {"2026-08": 5_000, "2026-09": 23_000}


def test_a_change_of_the_asset_that_its_facts_cannot_stand_on(bakery: Books) -> None:
    bakery.put(asset("a"))
    kept = record(bakery, SUSPENSION, from_="2026-09-01", to="2026-09-30")
    assert refused(bakery, depreciation_start_date="2026-09-02") == [("before_start", "suspensions.0.from")]
    with pytest.raises(RegisterInvalid) as raised:
        bakery.put(asset("a", depreciation_start_date="2026-09-02"))
    assert [found.code for found in raised.value.findings] == ["before_start"]
    archive(bakery, kept, SUSPENSION)
    patch(bakery, depreciation_start_date="2026-09-02")


def test_an_archived_change_is_as_if_it_never_was(posted: Books) -> None:
    kept = record(posted, CHANGE, date="2026-10-01", remaining_life_months=20)
    archive(posted, kept, CHANGE)
    assert read_one_asset(posted.engine, posted.id(), asset_id(posted)).value.settings.life_months == 12
    patch(posted, useful_life_months=22)
    assert date.fromisoformat(changes(posted)[0][0]) == date(2026, 10, 1)


def test_a_disposed_asset_has_no_estimates(posted: Books) -> None:
    posted.sql("UPDATE asset_book SET status = 'disposed', disposal_date = '2026-09-30'")
    with pytest.raises(AssetDisposed):
        patch(posted, useful_life_months=22)
    posted.unchecked = True
