"""Tags from asset to journal lines: each line is for the tags that its assets had on the days that it is for."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.change_value import change_value
from bookvalue.services.keep_asset import add_asset, change_asset
from bookvalue.services.list_assets import AssetView
from bookvalue.services.read_journal import read_entry, read_journal
from bookvalue.services.reopen_period import reopen_period
from services.conftest import ACCUMULATED, EXPENSE, Books, asset, at, business
from services.disposing import change, dispose, id_of, reinstate

Amounts = dict[tuple[str, str, str], int]
"""(effective period, account's code, tags) -> what its lines come to, debits above zero."""


def site(value: str) -> list[dict[str, str]]:
    return [{"key": "site", "value": value}]


def tag(books: Books, value: str | None, day: str | None = None, of: str = "a") -> AssetView:
    """Gives an asset a tag, from a day on."""
    given: dict[str, Any] = {"tags": site(value) if value else []} | ({} if day is None else {"tags_from": day})
    return change_asset(books.engine, books.id(), id_of(books, of), given, actor="ada")


def amounts(books: Books, *, code: str | None = None) -> Amounts:
    found: Counter[tuple[str, str, str]] = Counter()
    for entry in read_journal(books.engine, books.id(), limit=1000).entries:
        for line in entry.lines:
            named = ",".join(f"{one.key}={one.value}" for one in line.tags)
            found[entry.effective_period, line.account_code, named] += line.debit_minor - line.credit_minor
    return {key: amount for key, amount in found.items() if amount and code in (None, key[1])}


def expense(books: Books) -> dict[tuple[str, str], int]:
    """(effective period, tags) -> depreciation."""
    return {(period, named): amount for (period, _, named), amount in amounts(books, code=EXPENSE).items()}


def updates(books: Books, external_id: str = "a") -> list[tuple[str, int, int]]:
    """(effective period, sequence, amount) of an asset's value updates."""
    rows = books.sql(
        "SELECT to_char(effective_period, 'YYYY-MM') AS period, sequence, amount_minor FROM value_update "
        "WHERE asset_id = :id ORDER BY effective_period, sequence",
        id=id_of(books, external_id),
    )
    return [tuple(row) for row in rows]


@pytest.fixture
def tagged(bakery: Books) -> Books:
    """Two assets of 100.00 a month from August on, `a` in Lisbon, and one that has no tags; August is closed."""
    bakery.put(asset("a"), asset("b"), asset("c"))
    for name in ("a", "b"):
        tag(bakery, "lisbon", "2026-08-01", of=name)
    bakery.close("2026-09-02")
    return bakery


LISBON, PORTO, CASH = "site=lisbon", "site=porto", "1010"
BY_DAYS = {"averaging": "actual_days", "life_months": "", "rate_percent": "36.5"}  # 1.20 a day


def test_lines_are_by_account_and_tags(tagged: Books) -> None:
    assert amounts(tagged) == {
        ("2026-08", EXPENSE, ""): 10_000, ("2026-08", EXPENSE, LISBON): 20_000,
        ("2026-08", ACCUMULATED, ""): -10_000, ("2026-08", ACCUMULATED, LISBON): -20_000,
    }  # fmt: skip
    assert len(tagged.lines()) == 4
    assert tagged.periods()["2026-08"] == "closed"


def test_a_change_on_the_11th_of_a_month_of_30_days_and_of_31(tagged: Books) -> None:
    tag(tagged, "porto", "2026-09-11")
    tag(tagged, "porto", "2026-10-11", of="b")
    tagged.close("2026-11-02")
    assert updates(tagged)[1:] == [("2026-09", 0, 3_333), ("2026-09", 1, 6_667), ("2026-10", 0, 10_000)]
    assert updates(tagged, "b")[2:] == [("2026-10", 0, 3_226), ("2026-10", 1, 6_774)], "10 and 21 of 31 days"
    found = {key: amount for key, amount in expense(tagged).items() if key[1]}
    assert found == {
        ("2026-08", LISBON): 20_000, ("2026-09", LISBON): 13_333, ("2026-09", PORTO): 6_667,
        ("2026-10", LISBON): 3_226, ("2026-10", PORTO): 16_774,
    }  # fmt: skip


def test_months_of_thirty_days_where_the_rule_has_them(bakery: Books) -> None:
    bakery.put(asset("a", averaging="days_360"), asset("b", **BY_DAYS))
    for name in ("a", "b"):
        tag(bakery, "lisbon", "2026-08-01", of=name)
        tag(bakery, "porto", "2026-10-11", of=name)
    bakery.close("2026-11-02")
    october = [(name, amount) for name in "ab" for period, _, amount in updates(bakery, name) if period == "2026-10"]
    assert october == [("a", 3_333), ("a", 6_667), ("b", 1_200), ("b", 2_520)]


def test_an_entry_for_each_where_the_grain_is_the_asset(books: Books) -> None:
    books.put(business(grain="asset"))
    books.put(asset("a"))
    tag(books, "lisbon", "2026-08-01")
    tag(books, "porto", "2026-08-11")
    books.close("2026-09-02")
    entries = read_journal(books.engine, books.id()).entries
    shown = [[(line.debit_minor, [one.value for one in line.tags]) for line in entry.lines] for entry in entries]
    assert shown == [[(3_226, ["lisbon"]), (0, ["lisbon"])], [(6_774, ["porto"]), (0, ["porto"])]]
    assert {entry.asset_external_id for entry in entries} == {"a"}


def test_the_feed_and_an_entry_show_all_that_a_tag_has(bakery: Books) -> None:
    tags = [{"key": "site", "value": "lisbon", "dimension_display_name": "Site", "value_display_name": "Lisbon"},
            {"key": "crew", "value": "7"}]  # fmt: skip
    bakery.put(asset("a"))
    change_asset(bakery.engine, bakery.id(), id_of(bakery, "a"), {"tags": tags, "tags_from": "2026-08-01"}, actor="ada")
    bakery.close("2026-09-02")
    (entry,) = read_journal(bakery.engine, bakery.id()).entries
    assert read_entry(bakery.engine, bakery.id(), entry.id) == entry
    crew, own = entry.lines[0].tags
    assert entry.lines[1].tags == (crew, own)
    names = [(one.key, one.value, one.dimension_display_name, one.value_display_name) for one in (crew, own)]
    assert names == [("crew", "7", None, None), ("site", "lisbon", "Site", "Lisbon")]
    rows = bakery.sql("SELECT id, dimension_id FROM tag_definition")
    assert {(one.definition_id, one.dimension_id) for one in (crew, own)} == {tuple(row) for row in rows}


def test_what_is_caught_up_has_the_tags_of_its_own_month(bakery: Books) -> None:
    bakery.put(asset("c"))
    bakery.close("2026-11-02")
    raw = {"external_id": "a", "name": "a", "asset_type": "EQUIPMENT", "original_value": 120_000,
           "depreciation_start_date": "2026-08-01", "useful_life_months": 12, "tags": site("lisbon"),
           "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_EQUIPMENT",
           "depreciation_expense_account": "DEPRECIATION"}  # fmt: skip
    add_asset(bakery.engine, bakery.id(), raw, actor="ada")
    tag(bakery, "porto", "2026-09-11")
    bakery.close("2026-12-02")
    assert {key: amount for key, amount in expense(bakery).items() if key[1]} == {
        ("2026-08", LISBON): 10_000, ("2026-09", LISBON): 3_333, ("2026-09", PORTO): 6_667,
        ("2026-10", PORTO): 10_000, ("2026-11", PORTO): 10_000,
    }  # fmt: skip


def test_nothing_is_posted_twice(tagged: Books) -> None:
    tag(tagged, "porto", "2026-09-11")
    tagged.close("2026-10-02")
    before = tagged.lines()
    reopen_period(tagged.engine, tagged.id(), "2026-09", actor="ada", reason="look again")
    tagged.work(tagged.request("2026-09", "2026-10-03"))
    assert tagged.lines() == before
    assert tagged.periods()["2026-09"] == "closed"
    tagged.lock("2026-08-01")
    tagged.lock("2026-09-01")


def test_a_correction_of_a_split_month_is_split_as_well(tagged: Books) -> None:
    tag(tagged, "porto", "2026-09-11")
    tagged.close("2026-10-02")
    reopen_period(tagged.engine, tagged.id(), "2026-09", actor="ada", reason="the life was wrong")
    given = {"useful_life_months": 11, "effective_date": "2026-09-01"}
    change_asset(tagged.engine, tagged.id(), id_of(tagged, "a"), given, actor="ada")
    tagged.work(tagged.request("2026-09", "2026-10-03"))
    # 1,100.00 over the ten months left is 110.00 a month: 36.67 and 73.33, less what is posted
    assert [amount for _, _, amount in updates(tagged)[1:]] == [3_333, 6_667, 334, 666]


@pytest.fixture
def turning(bakery: Books) -> Books:
    """An asset of 100.00 a month of thirty days, in Lisbon, and in Porto from September 11 on; August is closed."""
    bakery.put(asset("a", averaging="days_360"))
    tag(bakery, "lisbon", "2026-08-01")
    bakery.close("2026-09-02")
    tag(bakery, "porto", "2026-09-11")
    return bakery


def september(books: Books) -> dict[str, int]:
    """September's depreciation by tags, once it is closed."""
    books.close("2026-10-02")
    return {tags: amount for (period, tags), amount in expense(books).items() if period == "2026-09"}


def test_an_asset_that_comes_back_has_borne_the_days_of_the_month(turning: Books) -> None:
    gone = dispose(turning, "a", "2026-09-20", proceeds=0)
    assert [amount for period, _, amount in updates(turning) if period == "2026-09"] == [3_334, 3_333]
    reinstate(turning, "a", gone)
    assert september(turning) == {LISBON: 3_333, PORTO: 6_667}


def test_a_month_in_which_a_part_leaves_is_split_as_a_whole(turning: Books) -> None:
    dispose(turning, "a", "2026-09-20", proceeds=0, part={"percent": "50"})
    total = september(turning)
    assert total == {LISBON: 2_778, PORTO: 5_556}, "10 and 20 thirtieths of 83.34"


def test_what_somebody_recorded_in_a_split_month_counts_for_its_tags(turning: Books) -> None:
    change(turning, "a", "DEPRECIATION_AMORTIZATION", 4_000, "2026-09-20", "DEPRECIATION")
    assert september(turning) == {LISBON: 3_333, PORTO: 6_667}
    assert [amount for period, _, amount in updates(turning) if period == "2026-09"] == [4_000, 3_333, 2_667]


def test_a_disposal_after_the_month_was_posted_takes_back_from_the_tags_of_the_days_that_are_gone(
    turning: Books,
) -> None:
    change(turning, "a", "DEPRECIATION_AMORTIZATION", 3_333, "2026-09-05", "DEPRECIATION")
    change(turning, "a", "DEPRECIATION_AMORTIZATION", 6_667, "2026-09-20", "DEPRECIATION")
    dispose(turning, "a", "2026-09-20", proceeds=0)
    assert [amount for period, _, amount in updates(turning) if period == "2026-09"] == [3_333, 6_667, 1, -3_334]
    assert september(turning) == {LISBON: 3_334, PORTO: 3_333}


def test_what_was_posted_for_tags_that_are_gone_is_taken_back_from_them(turning: Books) -> None:
    change(turning, "a", "DEPRECIATION_AMORTIZATION", 3_000, "2026-09-05", "DEPRECIATION")
    tag(turning, "faro", "2026-09-01")
    assert september(turning) == {"site=faro": 10_000}


def test_what_a_person_posts_has_the_tags_of_its_day(tagged: Books) -> None:
    tag(tagged, "porto", "2026-09-11")
    early = change(tagged, "a", "IMPROVEMENT", 5_000, "2026-09-10")
    late = change(tagged, "a", "IMPROVEMENT", 7_000, "2026-09-11")
    change(tagged, "c", "IMPROVEMENT", 9_000, "2026-09-11")
    said = {row.id: row.transaction_tags for row in tagged.sql("SELECT id, transaction_tags FROM value_update_record")}
    assert [one["value"] for id_ in (early, late) for one in said[id_]] == ["lisbon", "porto"]
    cost = {key[2]: amount for key, amount in amounts(tagged).items() if amount in (5_000, 7_000, 9_000)}
    assert cost == {LISBON: 5_000, PORTO: 7_000, "": 9_000}
    for one in (early, late):
        archive_value_update(tagged.engine, tagged.id(), one, actor="ada", now=at("2026-11-20"))
    after = amounts(tagged)
    assert not [key for key in after if key[0] == "2026-09" and key[2]], "each is taken back from its own tags"


def test_an_arbitrary_change_takes_back_each_part_from_its_tags(tagged: Books) -> None:
    tag(tagged, "porto", "2026-09-11")
    tagged.close("2026-10-02")
    raw = {"date": "2026-09-05", "amount": -10_000, "description": "broken"}
    kind = ValueChangeType.ARBITRARY
    change_value(tagged.engine, tagged.id(), id_of(tagged, "a"), kind, raw, actor="ada", now=at("2026-10-20"))
    tagged.close("2026-11-02")
    september = {key[1]: amount for key, amount in expense(tagged).items() if key[0] == "2026-09"}
    # 1,100.00 less the 100.00 of the change, over eleven months: 90.91, beside the change itself and the other asset
    assert september == {LISBON: 10_000 + 3_030, PORTO: 6_061, "": 10_000}


def test_a_disposal_and_its_stub(tagged: Books) -> None:
    tag(tagged, "porto", "2026-09-11", of="a")
    tagged.put(asset("d", **BY_DAYS))
    tag(tagged, "lisbon", "2026-09-01", of="d")
    tag(tagged, "porto", "2026-09-11", of="d")
    tag(tagged, "faro", "2026-09-25", of="d")
    gone = dispose(tagged, "d", "2026-09-20", proceeds=100_000)
    own = {key: amount for key, amount in amounts(tagged).items() if key[0] == "2026-09"}
    # ten days of Lisbon by themselves; ten of Porto in the disposal, which has all of it; and nothing in Faro
    assert [amount for period, _, amount in updates(tagged, "d") if period == "2026-09"] == [1_200, 1_200]
    assert own["2026-09", EXPENSE, LISBON] == 1_200
    assert own["2026-09", CASH, PORTO] == 100_000
    assert {key[2] for key in own} == {LISBON, PORTO}
    reinstate(tagged, "d", gone)
    left = {key: amount for key, amount in amounts(tagged).items() if key[0] == "2026-09"}
    assert left == {("2026-09", EXPENSE, LISBON): 1_200, ("2026-09", ACCUMULATED, LISBON): -1_200}
    tagged.close("2026-10-02")
    tagged.lock("2026-08-01")


def test_from_when_tags_are_others(tagged: Books) -> None:
    assert [one.first_day for one in tag(tagged, "porto").tags] == [date(2026, 9, 1)], "the first open period"
    tagged.close("2026-10-02")
    assert expense(tagged)["2026-09", PORTO] == 10_000
    with pytest.raises(InvalidInput) as raised:
        tag(tagged, "faro", "2026-09-30")
    assert [(one.code, one.field, one.value) for one in raised.value.findings] == [
        ("tags_from_posted", "tags_from", "2026-09-30")
    ]
    tag(tagged, "faro", "2027-01-01")
    view = change_asset(tagged.engine, tagged.id(), id_of(tagged, "a"), {"name": "Oven"}, actor="ada")
    assert [one.first_day for one in view.tags] == [date(2027, 1, 1)], "a name changes no tags"
    view = change_asset(tagged.engine, tagged.id(), id_of(tagged, "a"), {"tags_from": "2026-11-01"}, actor="ada")
    assert [(one.value.value, one.first_day) for one in view.tags] == [("faro", date(2026, 11, 1))], "they come earlier"
    assert tag(tagged, None, "2026-12-01").tags == []
    tagged.close("2027-02-02")
    found = {key: amount for key, amount in expense(tagged).items() if key[0] >= "2026-10" and key[1] != ""}
    assert found == {
        ("2026-10", PORTO): 10_000, ("2026-10", LISBON): 10_000, ("2026-11", "site=faro"): 10_000,
        **{(month, LISBON): 10_000 for month in ("2026-11", "2026-12", "2027-01")},
    }  # fmt: skip


def test_a_set_is_kept_once_and_every_day_has_one(tagged: Books) -> None:
    sets = tagged.sql("SELECT * FROM tag_set")
    tag(tagged, "porto", "2026-09-11")
    tag(tagged, "lisbon", "2026-10-01")
    tag(tagged, "porto", "2026-09-11", of="b")
    assert len(tagged.sql("SELECT * FROM tag_set")) == len(sets) + 1
    tagged.close("2026-11-02")
    assert expense(tagged)["2026-10", LISBON] == 10_000
    tag(tagged, "porto", "2026-11-01")
    rows = tagged.sql("SELECT first_day, last_day FROM asset_tag WHERE asset_id = :a AND archived_at IS NULL "
                      "ORDER BY first_day", a=id_of(tagged, "a"))  # fmt: skip
    assert [(str(row.first_day), row.last_day and str(row.last_day)) for row in rows] == [
        ("2026-08-01", "2026-09-10"), ("2026-09-11", "2026-09-30"), ("2026-10-01", "2026-10-31"), ("2026-11-01", None),
    ]  # fmt: skip
