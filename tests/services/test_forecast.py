"""Forecasts: what they say is what the runs then post, asset for asset; and what hypothetical assets would add."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from bookvalue.domain.errors import InvalidInput, NotFound
from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.build_schedule import build_schedule
from bookvalue.services.forecast import MOST_PERIODS, Forecast, ForecastQuery, forecast
from bookvalue.services.forecast_groups import GroupBy
from bookvalue.services.import_register import import_register
from bookvalue.services.list_businesses import list_businesses
from bookvalue.services.reopen_period import reopen_period
from bookvalue.services.what_if import MOST_SPECS, WhatIf, read_what_if
from services.conftest import Books, asset, asset_type, business

NAMES = ("businesses", "accounts", "asset_types", "assets")
Posted = dict[tuple[str, str], int]
"""(asset, posting period) -> minor units."""

TRUCK: dict[str, Any] = {
    "id": "truck", "cost": 4_000_000, "depreciation_start_date": "2026-10-15",
    "settings": {"method": "straight_line", "life_months": 60, "averaging": "actual_days"},
}  # fmt: skip


def ask(books: Books, key: str = "bakery", specs: Sequence[Any] = (), **query: Any) -> Forecast:
    """The forecast of a business, with hypothetical assets."""
    return forecast(
        books.engine,
        books.id(key),
        ForecastQuery(**query),
        lambda value: [(raw.get("id"), *read_what_if(value, raw)) for raw in specs],
    )


def by_asset(found: Forecast) -> Posted:
    """What a forecast says will be posted, and when: what is due from earlier with the first period."""
    said: Posted = defaultdict(int)
    for one in found.groups:
        assert one.asset is not None
        for place, amount in zip(found.periods, one.depreciation, strict=True):
            said[one.asset.external_id, place.period.name] += amount
        said[one.asset.external_id, found.periods[0].period.name] += one.catch_up
    return {key: amount for key, amount in said.items() if amount}


def posted(books: Books, key: str) -> Posted:
    """What is posted."""
    found: Posted = defaultdict(int)
    for name, _, posting, amount in books.charges(key):
        found[name, posting] += amount
    return dict(found)


def totals(found: Forecast) -> list[int]:
    """What the registered assets will be charged, a number a period."""
    return [one.figures.depreciation for one in found.periods]


def sums(found: Forecast) -> list[int]:
    """The same from the groups."""
    return [sum(column) for column in zip(*(one.depreciation for one in found.groups), strict=True)]


def test_a_forecast_of_the_sample_is_what_its_closes_then_post(books: Books, sample: Path) -> None:
    files = [RegisterFile(f"{name}.csv", (sample / f"{name}.csv").read_bytes()) for name in NAMES]
    import_register(books.engine, files, actor="tester")
    books.unchecked = True  # one asset of the sample is blocked
    keys = [kept.value.key for kept in list_businesses(books.engine)]
    said = {key: ask(books, key, periods=3, by=GroupBy.ASSET) for key in keys}
    books.close("2026-11-20")
    compared = 0
    for key, found in said.items():
        told = by_asset(found)
        assert told == posted(books, key), key
        assert [one.period.name for one in found.periods] == ["2026-08", "2026-09", "2026-10"]
        of_month = [sum(amount for (_, month), amount in told.items() if month == one.period.name)
                    for one in found.periods]  # fmt: skip
        assert of_month == [found.catch_up.depreciation + totals(found)[0], *totals(found)[1:]]
        compared += len(told)
    assert len(said) == 9
    assert compared > 2_500
    codes = {one.reason.code: one.assets for one in said["lisbon-studio"].not_charged}
    assert codes["accumulated_account_missing"] == 1
    (lighting,) = [one for one in said["lisbon-studio"].groups if one.code == "accumulated_account_missing"]
    assert lighting.asset is not None
    assert lighting.asset.external_id == "lis-lighting-rig"
    # From here on a second forecast takes up where the first one ended.
    for key in set(keys) - {"lisbon-studio"}:
        later = ask(books, key, periods=2)
        assert (later.periods[0].period.name, later.catch_up.depreciation) == ("2026-11", 0)
        longer = ask(books, key, periods=2, first="2026-12")
        assert longer.catch_up.depreciation == totals(later)[0]
        assert totals(longer)[0] == totals(later)[1]


def test_what_is_late_is_shown_apart_and_charged_by_the_next_run(bakery: Books) -> None:
    bakery.put(asset("good"))
    bakery.close("2026-10-02")
    bakery.put(asset("late", cost="2400.00"), asset("later", depreciation_start_date="2026-12-01"))
    found = ask(bakery, periods=3, by=GroupBy.ASSET)
    assert found.catch_up.depreciation == 40_000, "August and September of the late one"
    assert totals(found) == [30_000, 30_000, 40_000]
    bakery.close("2027-01-02")
    after = {key: amount for key, amount in posted(bakery, "bakery").items() if key[1] > "2026-09"}
    assert by_asset(found) == after


def test_periods_that_are_posted_and_open_are_charged_no_more_than_the_rest(books: Books) -> None:
    books.put(business(auto="post"), asset("good"))
    books.close("2026-11-02")
    books.put(asset("late", cost="2400.00", depreciation_start_date="2026-09-01"))
    found = ask(books, periods=5, by=GroupBy.ASSET)
    assert [one.period.name for one in found.periods][:2] == ["2026-08", "2026-09"], "none of them is closed"
    assert totals(found) == [0, 20_000, 20_000, 30_000, 30_000]
    assert found.catch_up.depreciation == 0
    before = posted(books, "bakery")
    books.close("2027-01-02")
    grown = {key: amount - before.get(key, 0) for key, amount in posted(books, "bakery").items()}
    assert by_asset(found) == {key: amount for key, amount in grown.items() if amount}


def test_a_reopened_period_is_the_first_again(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-10-02")
    reopen_period(bakery.engine, bakery.id(), "2026-09", actor="ada", reason="a bill came late")
    bakery.put(asset("b", depreciation_start_date="2026-09-01"))
    found = ask(bakery, periods=2)
    assert [one.period.name for one in found.periods] == ["2026-09", "2026-10"]
    assert totals(found) == [10_000, 20_000]
    bakery.unchecked = True  # it stays reopened


def test_assets_are_left_out_as_the_close_leaves_them_out(books: Books) -> None:
    bare = {"accumulated_depreciation_account": ""}
    books.put(
        business(),
        asset("good"),
        asset("draft", status="draft"),
        asset("gone", status="disposed"),
        asset("land", method="none", life_months=""),
        asset("bare", **bare),
        asset("bare-later", depreciation_start_date="2026-10-01", **bare),
        asset("bare-short", life_months=1, **bare),
        asset("bare-for-nothing", cost="0", **bare),
        asset("old", depreciation_start_date="2026-01-01"),
    )
    books.uncharged = {"bare", "bare-later", "bare-short", "old"}
    found = ask(books, periods=3, by=GroupBy.ASSET)
    codes = {one.asset.external_id: one.code for one in found.groups if one.asset}
    assert codes == {
        "good": None, "draft": "draft", "gone": "disposed", "land": "not_depreciable",
        "bare": "accumulated_account_missing", "bare-later": "accumulated_account_missing", "bare-for-nothing": None,
        "old": "opening_missing", "bare-short": "accumulated_account_missing",
    }  # fmt: skip
    assert {(one.reason.code, one.reason.status.value, one.assets) for one in found.not_charged} == {
        ("draft", "skipped", 1), ("disposed", "skipped", 1), ("not_depreciable", "skipped", 1),
        ("accumulated_account_missing", "blocked", 3), ("opening_missing", "blocked", 1),
    }  # fmt: skip
    assert (found.assets, found.catch_up.depreciation, totals(found)) == (9, 0, [10_000] * 3)
    short = ask(books, periods=2, by=GroupBy.ASSET)
    assert {one.asset.external_id: one.code for one in short.groups if one.asset}["bare-later"] is None
    books.close("2026-11-02")
    assert by_asset(found) == posted(books, "bakery")
    (outcomes,) = [books.outcomes(row.id) for row in books.sql("SELECT id FROM run WHERE period_start = '2026-10-01'")]
    assert {name: code for name, (_, code, _) in outcomes.items()} == {n: c for n, c in codes.items() if c}


def test_a_cash_basis_business_is_charged_nothing_and_says_why(books: Books) -> None:
    books.put(business(accounting_basis="cash"), asset("a"))
    books.uncharged = {"a"}
    found = ask(books, periods=2, specs=[TRUCK])
    assert ([one.figures.total for one in found.periods], found.catch_up.total) == ([0, 0], 0)
    assert [(one.reason.code, one.assets) for one in found.not_charged] == [("cash_basis", 1)]
    assert [finding.code for finding in found.what_if[0].findings] == ["cash_basis"]


def test_by_type_and_account_add_up(bakery: Books) -> None:
    bakery.put(
        asset_type(), asset_type("Ovens", accumulated_depreciation_account="1610"),
        asset("a", asset_type="Machines"), asset("b", asset_type="Machines", cost="2400.00"),
        asset("c", asset_type="Ovens", accumulated_depreciation_account=""),
        asset("d", depreciation_start_date="2026-09-01"),
        asset("e", asset_type="Ovens", status="draft"),
    )  # fmt: skip
    kinds = ask(bakery, periods=2, by=GroupBy.TYPE)
    assert {one.asset_type and one.asset_type.name: one.depreciation for one in kinds.groups} == {
        None: (0, 10_000), "Machines": (30_000, 30_000), "Ovens": (10_000, 10_000)}  # fmt: skip
    accounts = ask(bakery, periods=2, by=GroupBy.ACCOUNT)
    assert [
        (one.expense_account and one.expense_account.code, one.accumulated_account and one.accumulated_account.code)
        for one in accounts.groups
    ] == [("6500", "1610"), ("6500", "1620")]
    assert sums(kinds) == sums(accounts) == totals(kinds) == [40_000, 50_000]
    bakery.close("2026-10-02")
    lines = [line[2:] for line in bakery.lines() if line[0] == "2026-09"]
    assert sorted(lines) == [("1610", 0, 10_000), ("1620", 0, 40_000), ("6500", 50_000, 0)]
    assert [one.depreciation[1] for one in accounts.groups] == [10_000, 40_000]


@pytest.mark.parametrize("by", list(GroupBy))
def test_pages_of_groups_are_all_of_them_once(bakery: Books, by: GroupBy) -> None:
    bakery.put(*[asset_type(f"Type {n}", accumulated_depreciation_account=str(1610 + 10 * (n % 3))) for n in range(5)])
    bakery.put(*[asset(f"a{n}", asset_type=f"Type {n % 5}", accumulated_depreciation_account="") for n in range(12)])
    whole = ask(bakery, periods=2, by=by)
    assert len(whole.groups) == {GroupBy.TYPE: 5, GroupBy.ACCOUNT: 3, GroupBy.ASSET: 12}[by]
    assert (whole.next, sums(whole)) == (None, totals(whole))
    seen: list[Any] = []
    after = None
    while True:
        page = ask(bakery, periods=2, by=by, after=after, limit=2)
        assert totals(page) == totals(whole), "totals are of all, whatever the page"
        seen += page.groups
        after = page.next
        if after is None:
            break
    assert tuple(seen) == whole.groups
    for strange in ("x", "", "99999999999999999999999999", "é"):
        with pytest.raises(InvalidInput) as refused:
            ask(bakery, periods=1, by=by, after=strange)
        assert [found.code for found in refused.value.findings] == ["not_a_cursor"]


def test_chosen_assets_alone(bakery: Books) -> None:
    bakery.put(asset("a"), asset("b", cost="2400.00"), asset("c", cost="3600.00"))
    ids = {row.external_id: row.id for row in bakery.sql("SELECT id, external_id FROM asset")}
    found = ask(bakery, periods=2, assets=[ids["c"], "a", "a"])
    assert (found.assets, found.by, totals(found)) == (2, GroupBy.ASSET, [40_000, 40_000])
    assert by_asset(found).keys() == {(name, month) for name in "ac" for month in ("2026-08", "2026-09")}
    kinds = ask(bakery, periods=2, assets=["b"], by=GroupBy.ACCOUNT)
    assert [one.depreciation for one in kinds.groups] == [(20_000, 20_000)]
    unknown: list[UUID | str] = [uuid4(), "nobody", UUID(int=0), UUID(int=2**128 - 1)]
    for nobody in unknown:
        with pytest.raises(NotFound):
            ask(bakery, assets=["a", nobody])
    with pytest.raises(NotFound):
        ask(bakery, book_id=uuid4())


def test_an_empty_business(bakery: Books) -> None:
    for by in (None, *GroupBy):
        found = ask(bakery, by=by, limit=5)
        assert (found.assets, found.groups, found.next, found.not_charged) == (0, (), None, ())
        assert (len(found.periods), set(totals(found)), found.catch_up.total) == (12, {0}, 0)
    (extra,) = ask(bakery, specs=[TRUCK], periods=3).what_if
    assert sum(extra.depreciation) > 0


def test_limits(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-09-02")
    most = ask(bakery, periods=MOST_PERIODS)
    assert (len(most.periods), most.periods[-1].period.name) == (120, "2036-08")
    assert sum(totals(most)) == 120_000 - 10_000, "all of the cost that is left"
    far = ask(bakery, periods=MOST_PERIODS, first="2200-12")
    assert (far.catch_up.depreciation, set(totals(far))) == (110_000, {0})
    for query, field, code in (
        ({"periods": 0}, "periods", "out_of_range"),
        ({"periods": 121}, "periods", "out_of_range"),
        ({"periods": -1}, "periods", "out_of_range"),
        ({"first": "2026-08"}, "from", "period_not_open"),
        ({"first": "2201-01"}, "from", "out_of_range"),
        ({"first": "9999-12"}, "from", "not_a_period"),
        ({"first": "2026-13"}, "from", "not_a_period"),
        ({"first": "soon"}, "from", "not_a_period"),
    ):
        with pytest.raises(InvalidInput) as refused:
            ask(bakery, **query)
        assert [(one.field, one.code) for one in refused.value.findings] == [(field, code)], query
    assert len(ask(bakery, periods=3, most=3).periods) == 3
    with pytest.raises(InvalidInput) as refused:
        ask(bakery, periods=4, most=3)
    assert [(one.field, one.code) for one in refused.value.findings] == [("periods", "too_many")]
    with pytest.raises(InvalidInput):
        ask(bakery, specs=[TRUCK] * (MOST_SPECS + 1))
    assert len(ask(bakery, specs=[TRUCK] * MOST_SPECS, periods=1).what_if) == MOST_SPECS


def test_totals_beyond_64_bits_are_exact(books: Books) -> None:
    books.put(business())
    books.put(*[asset(f"a{n}", cost="9999999999999.99", method="full", life_months="") for n in range(3)])
    one = {**TRUCK, "cost": 10**15, "settings": {"method": "full"}}
    found = ask(books, periods=3, specs=[one] * 1000)
    assert totals(found)[0] == 3 * 999_999_999_999_999
    assert found.periods[2].figures.what_if == 10**18


SPECS: list[dict[str, Any]] = [
    TRUCK,
    {**TRUCK, "id": "half", "settings": {"method": "declining_balance", "life_months": 36, "averaging": "half_month",
                                         "switch_to_straight_line": True}},
    {**TRUCK, "id": "late", "depreciation_start_date": "2026-08-20", "residual_value": 100_000},
    {**TRUCK, "id": "elsewhere", "depreciation_start_date": "2024-03-01",
     "opening": {"as_of": "2026-07-31", "accumulated": 1_500_000}},
    {**TRUCK, "id": "improved", "value_updates": [{"date": "2027-01-10", "update_type": "IMPROVEMENT",
                                                   "amount": 500_000}]},
    {**TRUCK, "id": "sold", "disposal": {"date": "2027-02-10", "proceeds": 0}},
    {**TRUCK, "id": "counted", "settings": {"method": "units_of_production"},
     "units": {"total": "1000", "used": [{"period_end": "2026-11-30", "quantity": "10"},
                                         {"period_end": "2027-01-31", "quantity": "300"}]}},
    {**TRUCK, "id": "paused", "suspensions": [{"from": "2026-12-01", "to": "2027-01-31"}]},
]  # fmt: skip


def test_what_if_is_the_schedule_s_rows(books: Books) -> None:
    books.put(business(fiscal_year_start="04-01"), asset("a"))
    books.close("2026-10-02")  # August and September
    found = ask(books, periods=MOST_PERIODS, specs=SPECS)
    answers = list(build_schedule({**raw, "fiscal_year_start": "04-01", "until": "2036-09-30"} for raw in SPECS))
    for one, answer in zip(found.what_if, answers, strict=True):
        assert (one.id, one.findings, answer["findings"]) == (answer["id"], (), []), answer
        rows = {date.fromisoformat(row["period_start"]): row["depreciation"] for row in answer["rows"]}
        earlier = sum(amount for start, amount in rows.items() if start < date(2026, 10, 1))
        assert one.catch_up == earlier
        assert list(one.depreciation) == [rows.get(place.period.start, 0) for place in found.periods], one.id
        assert any(one.depreciation)
    assert found.what_if[2].catch_up > 0
    alone = ask(books, periods=MOST_PERIODS)
    assert totals(alone) == totals(found), "the register's figures stay as they are"
    for place, figures in enumerate(one.figures for one in found.periods):
        assert figures.what_if == sum(one.depreciation[place] for one in found.what_if)
        assert figures.total == figures.depreciation + figures.what_if
    assert found.catch_up.what_if == sum(one.catch_up for one in found.what_if)


def test_what_if_is_what_is_posted_once_it_is_registered(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-10-02")
    spec = {"id": "b", "cost": 123_457, "depreciation_start_date": "2026-09-01",
            "settings": {"method": "straight_line", "life_months": 7}}  # fmt: skip
    found = ask(bakery, periods=3, specs=[spec])
    bakery.put(asset("b", cost="1234.57", life_months=7, depreciation_start_date="2026-09-01"))
    registered = ask(bakery, periods=3)
    assert (registered.catch_up.depreciation, totals(registered)) == (
        found.catch_up.total, [one.figures.total for one in found.periods])  # fmt: skip
    bakery.close("2027-01-02")
    (one,) = found.what_if
    rising = list(accumulate([one.catch_up, *one.depreciation]))
    assert rising == list(accumulate(bakery.charged("b").values()))


def test_what_cannot_be_computed_stops_nothing_else(bakery: Books) -> None:
    wrong: list[Any] = [
        {**TRUCK, "currency": "USD"},
        {**TRUCK, "fiscal_year_start": "07-01"},
        {**TRUCK, "cost": -1},
        {**TRUCK, "depreciation_start_date": "2020-01-01"},
        {**TRUCK, "value_updates": [{"date": "2027-01-10", "update_type": "IMPAIRMENT", "amount": 9_000_000}]},
        {},
    ]
    found = ask(bakery, periods=6, specs=[*wrong, {**TRUCK, "currency": None, "until": "2026-11-30"}])
    *refused, good = found.what_if
    assert [[(one.field, one.code) for one in each.findings][:1] for each in refused] == [
        [("currency", "currency_mismatch")],
        [("fiscal_year_start", "fiscal_year_mismatch")],
        [("cost", "amount_negative")],
        [("opening", "opening_missing")],
        [("value_updates.0.amount", "decrease_above_book_value")],
        [("id", "required")],
    ]
    assert all((one.catch_up, one.depreciation) == (0, ()) for one in refused)
    assert len(good.depreciation) == 6
    assert good.depreciation[5] > 0, "until says how far a schedule goes, and nothing about the asset"
    assert [one.figures.what_if for one in found.periods] == list(good.depreciation)
    capped = {**TRUCK, "settings": {"method": "manual"}, "manual": [{"date": "2026-11-30", "amount": 5_000_000}]}
    (one,) = ask(bakery, periods=6, specs=[capped]).what_if
    assert isinstance(one, WhatIf)
    assert [found.code for found in one.findings] == ["manual_above_floor"]
    assert sum(one.depreciation) == 4_000_000


def test_it_reads_only(bakery: Books) -> None:
    bakery.put(asset("a"))
    before = bakery.counts()
    ask(bakery, by=GroupBy.ASSET, specs=[TRUCK])
    assert bakery.counts() == before
