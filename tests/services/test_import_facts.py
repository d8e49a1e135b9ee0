"""Imports of facts: all or nothing, with every finding on its line; what is there already stays as it is."""

from collections.abc import Sequence
from typing import Any

import pytest

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import Imported, RegisterInvalid, import_register

from .conftest import Books, Line, asset, at, business, csv_of

NOW = "2026-08-20"


@pytest.fixture
def bakery(books: Books) -> Books:
    """Assets of 1,200.00 over a year from August, one of units and one of a table; nothing is closed."""
    books.put(business(), asset("a"), asset("b"), asset("c"), asset("draft", status="draft"))
    books.put(asset("u", method="units_of_production", units_total="1000", life_months=""))
    books.put(asset("m", method="manual", life_months=""))
    return books


def update(name: str = "a", **more: Any) -> Line:
    return {"business": "bakery", "asset": name, "date": "2026-08-10", "update_type": "IMPROVEMENT",
            "amount": "250.00", "counter_account": "CASH", **more}  # fmt: skip


def fact(name: str, **more: Any) -> Line:
    return {"business": "bakery", "asset": name, **more}


def bring(books: Books, now: str = NOW, **files: Sequence[Line]) -> Imported:
    """Imports these lines, a file for each name."""
    read = [RegisterFile(f"{name}.csv", csv_of(lines)) for name, lines in files.items()]
    return import_register(books.engine, read, actor="tester", now=at(now))


def found(books: Books, **files: Sequence[Line]) -> list[tuple[str, int | None, str, str | None, Any]]:
    """(file, line, code, column, value) of each finding, where an import is refused."""
    before = books.counts()
    with pytest.raises(RegisterInvalid) as refused:
        bring(books, **files)
    assert books.counts() == before, "nothing is half-imported"
    for one in refused.value.file_findings:
        assert one.finding.message
        assert one.finding.remedy
    return [
        (one.file, one.finding.line, one.finding.code, one.finding.field, one.finding.value)
        for one in refused.value.file_findings
    ]


ALL: dict[str, list[Line]] = {
    "disposals": [fact("c", date="2026-08-15", reason="sold", proceeds="900.00", proceeds_account="CASH", memo="gone")],
    "value_updates": [
        update("c", amount="100.00"),
        update("a", external_id="vu-1", memo="new engine", reference_number="R-1", residual_value="10.00"),
    ],
    "units_used": [fact("u", period_end="2026-08-20", quantity="25.5")],
    "manual_amounts": [fact("m", charge_date="2026-08-12", amount="33.33")],
    "suspensions": [fact("b", **{"from": "2026-10-01", "to": "2026-12-31", "extend_life": "false"})],
    "estimate_changes": [fact("b", date="2026-09-01", remaining_life_months=30, residual_value="100.00")],
}


def test_every_kind_is_recorded_whatever_the_order_of_the_files(bakery: Books) -> None:
    done = bring(bakery, **ALL)
    assert (done.facts_recorded, done.facts_unchanged) == (7, 0)
    (disposal,) = bakery.sql("SELECT cost_minor, proceeds_minor, memo FROM disposal")
    assert tuple(disposal) == (130_000, 90_000, "gone"), "after the improvement"
    rows = bakery.sql("""SELECT v.amount_minor, v.residual_minor, r.memo, r.reference_number, r.external_id
                         FROM value_update v JOIN value_update_record r USING (asset_id, sequence)
                         WHERE r.external_id IS NOT NULL""")
    assert [tuple(row) for row in rows] == [(25_000, 1_000, "new engine", "R-1", "vu-1")]
    assert [row.quantity_micro for row in bakery.sql("SELECT quantity_micro FROM units_used")] == [25_500_000]
    assert [row.amount_minor for row in bakery.sql("SELECT amount_minor FROM manual_amount")] == [3_333]
    assert [row.extend_life for row in bakery.sql("SELECT extend_life FROM suspension")] == [False]
    (change,) = bakery.sql("SELECT remaining_life_months, residual_minor FROM estimate_change")
    assert tuple(change) == (30, 10_000)


def test_the_same_files_twice_change_nothing(bakery: Books) -> None:
    bring(bakery, **ALL)
    tables = ("value_update", "value_update_record", "disposal", "units_used", "manual_amount", "suspension",
              "estimate_change", "journal_line")  # fmt: skip
    before = [bakery.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables]
    again = bring(bakery, **ALL)
    assert (again.facts_recorded, again.facts_unchanged) == (0, 7)
    assert [bakery.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables] == before


def test_a_line_that_comes_twice_is_one_fact_unless_it_has_ids_of_its_own(bakery: Books) -> None:
    done = bring(bakery, value_updates=[update(), update(), update(external_id="1"), update(external_id="2")])
    assert (done.facts_recorded, done.facts_unchanged) == (3, 1)
    assert found(bakery, value_updates=[update(external_id="1", amount="1.00")]) == [
        ("value_updates.csv", 2, "duplicate", "external_id", "1")
    ]


def test_facts_of_assets_and_businesses_of_the_same_import(books: Books) -> None:
    done = bring(books, value_updates=[update("new")], assets=[asset("new")], businesses=[business()])
    assert (done.businesses, done.assets_created, done.facts_recorded) == (1, 1, 1)
    assert [line[2] for line in books.lines()] == ["1520", "1010"]


JPY = business("tokyo", currency="JPY", time_zone="Asia/Tokyo")
BAD: list[tuple[str, Line, str, str]] = [
    ("value_updates", update(amount="2.505"), "too_many_decimals", "amount"),
    ("value_updates", update(amount="0.00"), "amount_not_positive", "amount"),
    ("value_updates", update(amount=""), "required", "amount"),
    ("value_updates", update(update_type="MIRACLE"), "not_one_of", "update_type"),
    ("value_updates", update(counter_account="9999"), "unknown_account", "counter_account"),
    ("value_updates", update(date="10.08.2026"), "not_a_date", "date"),
    ("value_updates", update(date="2026-08-21"), "in_the_future", "date"),
    ("value_updates", update(date="2026-07-31"), "before_start", "date"),
    ("value_updates", update(""), "required", "asset"),
    ("value_updates", update("nothing"), "unknown_asset", "asset"),
    ("value_updates", update("draft"), "asset_not_registered", "asset"),
    ("value_updates", update(update_type="IMPAIRMENT", amount="9000.00"), "decrease_above_book_value", "amount"),
    ("value_updates", update(business="nobody"), "unknown_business", "business"),
    ("disposals", fact("b", date="2026-08-15", reason="bored", proceeds="0.00"), "not_one_of", "reason"),
    ("disposals", fact("b", date="2026-08-15", reason="sold", proceeds="1.00"), "proceeds_account_missing",
     "proceeds_account"),
    ("disposals", fact("b", date="2026-08-15", reason="sold", proceeds=""), "value_left", "proceeds"),
    ("units_used", fact("u", period_end="2026-09-30", quantity="1"), "in_the_future", "period_end"),
    ("units_used", fact("u", period_end="2026-08-31", quantity="-1"), "quantity_out_of_range", "quantity"),
    ("suspensions", fact("b", **{"from": "2026-10-01", "to": "2026-09-01"}), "ends_before_it_begins", "to"),
    ("estimate_changes", fact("b", date="2026-09-01", remaining_life_months="ten"), "not_an_integer",
     "remaining_life_months"),
    ("manual_amounts", fact("m", charge_date="2026-08-12", amount="x"), "not_an_amount", "amount"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "line", "code", "column"), BAD, ids=[f"{one[0]}-{one[2]}" for one in BAD])
def test_a_bad_line_is_told_and_nothing_is_imported(
    bakery: Books, file: str, line: Line, code: str, column: str
) -> None:
    good = [update("a", external_id="good")] if file == "value_updates" else []
    columns = {name: "" for one in (*good, line) for name in one}
    lines = [{**columns, **one} for one in (*good, line)]
    told = found(bakery, **{file: lines})
    assert told == [(f"{file}.csv", len(lines) + 1, code, column, line.get(column) or None)]


def test_every_bad_line_of_every_file_is_told_at_once(bakery: Books) -> None:
    told = found(
        bakery,
        value_updates=[update("a"), update("nothing"), update("b", amount="x"), update("draft"), update("new")],
        assets=[asset("new", cost="free")],
        units_used=[fact("u", period_end="2026-08-20", quantity="1"), fact("u", period_end="2026-08-19", quantity="2")],
    )
    assert [one[:3] for one in told] == [
        ("value_updates.csv", 3, "unknown_asset"),
        ("value_updates.csv", 4, "not_an_amount"),
        ("value_updates.csv", 5, "asset_not_registered"),
        ("assets.csv", 2, "not_an_amount"),
        ("units_used.csv", 2, "duplicate"),
    ], "the line that names the asset of a bad line has no finding of its own"


def test_what_is_closed_follows_the_policy_and_what_is_locked_is_refused(bakery: Books) -> None:
    bakery.put(*[asset(name, status="registered") for name in ("x",)])
    bakery.uncharged |= {"u", "m", "draft"}
    units = [fact("u", period_end="2026-08-31", quantity="10")]
    bring(bakery, "2026-09-01", units_used=units)
    bakery.close("2026-09-02")
    done = bring(bakery, "2026-09-03", value_updates=[update(amount="120.00")])
    assert done.facts_recorded == 1
    assert [line for line in bakery.lines() if line[2] == "1010"] == [("2026-09", "2026-08", "1010", 0, 12_000)]
    bakery.lock("2026-08-01")
    assert found(bakery, value_updates=[update(amount="60.00")]) == [
        ("value_updates.csv", 2, "period_locked", "date", "2026-08-10")
    ]
