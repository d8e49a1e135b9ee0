"""Columns of an import that reach the journal: tags, what paid for an asset, and parts that are disposed of."""

from typing import Any

import pytest

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import Imported, RegisterInvalid, import_register

from .conftest import Books, Line, asset, at, business, csv_of

NOW = "2026-08-20"


def bring(books: Books, lines: list[Line], name: str = "disposals") -> Imported:
    return import_register(books.engine, [RegisterFile(f"{name}.csv", csv_of(lines))], actor="tester", now=at(NOW))


def refused(books: Books, lines: list[Line], name: str = "disposals") -> list[tuple[int | None, str, str | None, Any]]:
    """(line, code, column, value) of each finding of an import that changes nothing."""
    before = books.counts()
    with pytest.raises(RegisterInvalid) as raised:
        bring(books, lines, name)
    assert books.counts() == before
    found = [one.finding for one in raised.value.file_findings]
    return [(one.line, one.code, one.field, one.value) for one in found]


@pytest.fixture
def bakery(books: Books) -> Books:
    """The books of one business from August on, nothing closed, with an asset of 1,200.00 over a year from July."""
    books.put(business())
    return books


def tags(books: Books, external_id: str = "a") -> list[tuple[str, str | None, str | None]]:
    """(key=value, first day, last day) of each tag of an asset."""
    rows = books.sql(
        """SELECT d.key || '=' || v.value, t.first_day::text, t.last_day::text FROM asset_tag t
           JOIN asset a ON a.id = t.asset_id JOIN tag_definition v ON v.id = t.definition_id
           JOIN tag_dimension d ON d.id = t.dimension_id
           WHERE a.external_id = :id AND t.archived_at IS NULL ORDER BY 1, 2 NULLS FIRST""",
        id=external_id,
    )
    return [tuple(row) for row in rows]


def tagged(text: str, external_id: str = "a", **columns: Any) -> Line:
    return asset(external_id, tags=text, **columns)


def test_tags_stay_are_changed_from_a_day_and_are_taken_away(bakery: Books) -> None:
    bring(bakery, [tagged(" location = Porto ;team=Bar;"), tagged("", "b")], "assets")
    assert tags(bakery) == [("location=Porto", None, None), ("team=Bar", None, None)]
    assert tags(bakery, "b") == []
    assert bring(bakery, [asset("a")], "assets").assets_unchanged == 1, "a file without the column says nothing of them"

    moved = [tagged("location=Faro=south; team=Bar", tags_from="2026-08-11")]
    assert bring(bakery, moved, "assets").assets_updated == 1
    assert tags(bakery) == [
        ("location=Faro=south", "2026-08-11", None),
        ("location=Porto", None, "2026-08-10"),
        ("team=Bar", None, None),
    ]
    bakery.close("2026-09-02")
    assert bring(bakery, moved, "assets").assets_unchanged == 1, "the same file again, the period closed by now"
    assert bring(bakery, [tagged(";", tags_from="2026-09-10")], "assets").assets_updated == 1
    assert [last for _, _, last in tags(bakery)] == ["2026-09-09", "2026-08-10", "2026-09-09"]
    august = bakery.sql("""SELECT sum(debit_minor)::int FROM journal_line WHERE tag_set IS NOT NULL
                           GROUP BY tag_set HAVING sum(debit_minor) > 0 ORDER BY 1""")
    assert [row[0] for row in august] == [3_226, 6_774], "10 and 21 of 31 days"


@pytest.mark.parametrize(("columns", "code", "column"), [
    ({"tags": "Porto"}, "not_tags", "tags"),
    ({"tags": "location="}, "not_tags", "tags"),
    ({"tags": "team=Bar; team=Shop"}, "duplicate", "tags"),
    ({"tags": ";".join(f"k{number}=v" for number in range(51))}, "too_many", "tags"),
    ({"tags": f"k={'v' * 501}"}, "text_too_long", "tags"),
    ({"tags": "team=Bar", "tags_from": "11.08.2026"}, "not_a_date", "tags_from"),
    ({"acquisition_counter_account": "9999"}, "unknown_account", "acquisition_counter_account"),
])  # fmt: skip
def test_a_cell_that_cannot_be_read(bakery: Books, columns: Line, code: str, column: str) -> None:
    (told,) = refused(bakery, [asset("a", **columns)], "assets")
    assert told[:3] == (2, code, column)


def test_tags_cannot_change_what_is_posted(bakery: Books) -> None:
    bring(bakery, [tagged("team=Bar")], "assets")
    bakery.close("2026-09-02")
    assert refused(bakery, [tagged("team=Shop", tags_from="2026-08-31")], "assets") == [
        (2, "tags_from_posted", "tags_from", "2026-08-31")
    ]


def test_what_paid_for_an_asset_posts_its_cost_once(bakery: Books) -> None:
    lines = [asset("a", purchase_date="2026-08-03", acquisition_counter_account="CASH", depreciation_start_date="")]
    bring(bakery, lines, "assets")
    assert bakery.lines() == [
        ("2026-08", "2026-08", "1520", 120_000, 0),
        ("2026-08", "2026-08", "1010", 0, 120_000),
    ]
    assert bring(bakery, lines, "assets").assets_unchanged == 1
    assert refused(bakery, [{**lines[0], "acquisition_counter_account": "6500"}], "assets") == [
        (2, "not_changeable", "acquisition_counter_account", "6500")
    ]


def test_each_asset_that_lacks_an_account_for_what_paid_for_it_is_told(bakery: Books) -> None:
    paid = {"acquisition_counter_account": "CASH"}
    lines = [asset("a", **paid), asset("b", **paid, ledger_account=""), asset("c", **paid, ledger_account="CASH")]
    assert [one[:3] for one in refused(bakery, lines, "assets")] == [
        (3, "ledger_account_missing", "ledger_account"),
        (4, "same_account", "acquisition_counter_account"),
    ]


def part(**columns: Any) -> Line:
    return {"business": "bakery", "asset": "a", "date": "2026-08-15", "reason": "sold", "proceeds": "10.00",
            "proceeds_account": "CASH", **columns}  # fmt: skip


PARTS = [{"part_cost": "300.00"}, {"part_percent": "25"}, {"part_units": "1", "part_units_of": "4"}]


@pytest.mark.parametrize("columns", PARTS, ids=["cost", "percent", "units"])
def test_a_part_goes_by_cost_percent_or_units_once(bakery: Books, columns: Line) -> None:
    bakery.put(asset("a"))
    assert bring(bakery, [part(**columns), part(**columns)]).facts_recorded == 1
    (row,) = bakery.sql("SELECT cost_minor, share_numerator, share_denominator FROM disposal")
    assert tuple(row) == (30_000, 1, 4)
    again = bring(bakery, [part(**columns)])
    assert (again.facts_recorded, again.facts_unchanged) == (0, 1)
    assert bring(bakery, [part(**columns, memo="another four")]).facts_recorded == 1


def test_parts_go_before_the_whole_whatever_the_order_of_the_lines(bakery: Books) -> None:
    bakery.put(asset("a"))
    lines = [part(part_percent=""), part(part_percent="50", memo="half"), part(part_percent="10", date="2026-08-12")]
    assert bring(bakery, lines).facts_recorded == 3
    rows = bakery.sql("SELECT cost_minor FROM disposal ORDER BY sequence")
    assert [row.cost_minor for row in rows] == [12_000, 54_000, 54_000]


def test_what_is_booked_elsewhere_has_no_entry_here(bakery: Books) -> None:
    bakery.put(asset("a"))
    lines = [part(externally_booked="TRUE", part_cost="300.00")]
    assert bring(bakery, lines).facts_recorded == 1
    assert bring(bakery, lines).facts_unchanged == 1
    assert bakery.sql("SELECT externally_booked, entry_id FROM disposal")[0].entry_id is None


@pytest.mark.parametrize(("columns", "code", "column"), [
    ({"part_cost": "300.00", "part_percent": "5"}, "one_part", "part_cost"),
    ({"part_percent": "5", "part_units": "1", "part_units_of": "2"}, "one_part", "part_percent"),
    ({"part_units": "1"}, "required", "part_units_of"),
    ({"part_units_of": "1"}, "required", "part_units"),
    ({"part_cost": "3.001"}, "too_many_decimals", "part_cost"),
    ({"part_cost": "0"}, "amount_not_positive", "part_cost"),
    ({"part_percent": "100.5"}, "out_of_range", "part_percent"),
    ({"part_percent": "100"}, "part_is_the_whole", "part_percent"),
    ({"part_units": "5", "part_units_of": "5"}, "part_is_the_whole", "part_units"),
    ({"externally_booked": "perhaps", "part_percent": "5"}, "not_a_boolean", "externally_booked"),
])  # fmt: skip
def test_a_part_that_is_none(bakery: Books, columns: Line, code: str, column: str) -> None:
    bakery.put(asset("a"))
    assert refused(bakery, [part(**columns)]) == [(2, code, column, columns.get(column))]
