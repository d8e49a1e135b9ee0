"""An import is all or nothing, over all files and businesses, and every bad line of them is reported."""

import threading

import pytest

from bookvalue.domain.errors import ConcurrentChange
from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import RegisterInvalid, import_register
from services.conftest import Books, Line, asset, asset_type, business, csv_of

EMPTY = ["business", "asset", "asset_type", "account", "period", "audit"]


def places(books: Books, *lines: Line) -> list[tuple[str, int | None, str, str | None]]:
    """(file, line, code, column) of every finding."""
    with pytest.raises(RegisterInvalid) as raised:
        books.put(*lines)
    return [
        (found.file, found.finding.line, found.finding.code, found.finding.field)
        for found in raised.value.file_findings
    ]


BAD: list[tuple[Line, str, str]] = [
    ({"cost": "40.000,00"}, "not_an_amount", "cost"),
    ({"cost": "1.234"}, "too_many_decimals", "cost"),
    ({"cost": "-1"}, "amount_negative", "cost"),
    ({"cost": ""}, "required", "cost"),
    ({"cost": "99999999999999999"}, "amount_out_of_range", "cost"),
    ({"life_months": "0"}, "life_out_of_range", "life_months"),
    ({"life_months": "five"}, "not_an_integer", "life_months"),
    ({"rate_percent": "20"}, "life_and_rate", "life_months"),
    ({"life_months": ""}, "life_or_rate_missing", "life_months"),
    ({"method": "magic"}, "unknown_method", "method"),
    ({"averaging": "half_a_year"}, "unknown_averaging", "averaging"),
    ({"depreciation_start_date": "01/08/2026"}, "not_a_date", "depreciation_start_date"),
    ({"depreciation_start_date": ""}, "start_missing", "depreciation_start_date"),
    ({"residual_value": "1200.01"}, "residual_above_cost", "residual_value"),
    ({"currency": "USD"}, "currency_mismatch", "currency"),
    ({"asset_type": "Nothing"}, "unknown_asset_type", "asset_type"),
    ({"ledger_account": "9999"}, "unknown_account", "ledger_account"),
    ({"kind": "SPACESHIP"}, "not_one_of", "kind"),
    ({"opening_as_of": "2026-09-30"}, "opening_incomplete", "opening_accumulated"),
    ({"business": "nobody"}, "unknown_business", "business"),
]


def test_twenty_broken_lines_are_twenty_findings_and_nothing_is_imported(books: Books) -> None:
    lines = []
    for number, (columns, _, _) in enumerate(BAD):
        lines += [asset(f"good{number}"), {**asset(f"bad{number}"), **columns}]
    found = places(books, business(), *lines)
    assert [(line, code) for _, line, code, _ in found] == [
        (2 * number + 3, code) for number, (_, code, _) in enumerate(BAD)
    ]
    assert {file for file, *_ in found} == {"assets.csv"}
    assert {table: books.counts()[table] for table in EMPTY} == dict.fromkeys(EMPTY, 0)
    done = books.put(business(), *[asset(f"good{number}") for number in range(len(BAD))])
    assert (done.businesses, done.assets_created) == (1, 20)


def test_of_three_businesses_with_one_bad_none_is_imported(books: Books) -> None:
    lines = [line for key in ("one", "two", "three") for line in (business(key), asset("a", key))]
    lines[-1]["cost"] = "free"
    assert places(books, *lines) == [("assets.csv", 4, "not_an_amount", "cost")]
    assert books.counts()["business"] == 0


def test_a_refusal_by_what_is_kept_undoes_the_other_businesses_too(books: Books) -> None:
    books.put(business("kept"), asset("a", "kept", number="X-1"))
    found = places(books, business("aaa"), asset("n", "aaa"), asset("b", "kept", number="X-1"), business("zzz"))
    assert found == [("assets.csv", 3, "duplicate_number", "number")]
    assert [row.key for row in books.sql("SELECT key FROM business")] == ["kept"]
    assert [row.external_id for row in books.sql("SELECT external_id FROM asset")] == ["a"]


def test_the_same_file_twice_changes_nothing(bakery: Books) -> None:
    lines = [asset_type(), asset("a", asset_type="Machines", description="oven"), asset("b")]
    first = bakery.put(*lines)
    rows = [bakery.sql(f"SELECT * FROM {table} ORDER BY id") for table in ("asset", "asset_type", "account")]
    again = bakery.put(*lines)
    assert (first.assets_created, first.assets_unchanged) == (2, 0)
    assert (again.assets_created, again.assets_updated, again.assets_unchanged) == (0, 0, 2)
    assert rows == [bakery.sql(f"SELECT * FROM {table} ORDER BY id") for table in ("asset", "asset_type", "account")]


def test_an_external_id_that_comes_again_is_the_same_asset(bakery: Books) -> None:
    bakery.put(asset("a"))
    before = bakery.sql("SELECT id, number FROM asset")
    done = bakery.put(asset("a", name="Oven", cost="2400.00", life_months="", rate_percent="33.333333333"))
    assert (done.assets_created, done.assets_updated) == (0, 1)
    (after,) = bakery.sql(
        "SELECT a.id, a.number, a.name, b.cost_minor, s.life_months, s.rate_nanopercent FROM asset a "
        "JOIN asset_book b ON b.asset_id = a.id JOIN depreciation_settings s ON s.id = b.settings_id"
    )
    assert tuple(after) == (*before[0], "Oven", 240_000, None, 33_333_333_333)


def test_the_same_id_in_two_businesses_is_two_assets(books: Books) -> None:
    books.put(business("one"), business("two"), asset("a", "one"), asset("a", "two"))
    books.put(asset("a", "two", cost="1.00"))
    assert sorted(row.cost_minor for row in books.sql("SELECT cost_minor FROM asset_book")) == [100, 120_000]


@pytest.mark.parametrize(("columns", "field"), [
    ({"cost": "1200.01"}, "cost"), ({"life_months": 13}, "method"), ({"averaging": "actual_days"}, "method"),
    ({"residual_value": "0.01"}, "residual_value"), ({"cost_limit": "1000.00"}, "cost_limit"),
    ({"depreciation_start_date": "2026-08-02"}, "depreciation_start_date"),
    ({"opening_as_of": "2026-08-31", "opening_accumulated": "0"}, "opening_as_of"),
    ({"method": "none", "life_months": ""}, "method"), ({"status": "draft"}, "status"),
    ({"status": "disposed"}, "status"),
])  # fmt: skip
def test_what_posted_charges_were_computed_from_stays(bakery: Books, columns: Line, field: str) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-09-02")
    assert places(bakery, asset("b"), {**asset("a"), **columns}) == [("assets.csv", 3, "posted_asset_changed", field)]
    assert [
        tuple(row)
        for row in bakery.sql(
            "SELECT a.external_id, b.cost_minor, b.status FROM asset a JOIN asset_book b ON b.asset_id = a.id"
        )
    ] == [("a", 120_000, "registered")]


def test_names_texts_expense_and_type_of_a_posted_asset_may_change(bakery: Books) -> None:
    bakery.put(asset("a"), asset_type())
    bakery.close("2026-09-02")
    done = bakery.put(asset("a", name="Oven", number="X-9", description="big", serial_number="7", asset_type="Machines",
                            kind="VEHICLE", depreciation_expense_account="6510"))  # fmt: skip
    assert done.assets_updated == 1
    bakery.close("2026-10-02")
    assert [line[2] for line in bakery.lines()] == ["6500", "1620", "6510", "1620"]


def test_numbers_come_from_the_prefix_and_the_sequence(books: Books) -> None:
    books.put(business(number_prefix="OV-"), asset("a"), asset("b", number="MINE"), asset("c"))
    books.put(asset("d"), asset("a", name="again"))
    numbers = {row.external_id: row.number for row in books.sql("SELECT external_id, number FROM asset")}
    assert numbers == {"a": "OV-0001", "b": "MINE", "c": "OV-0002", "d": "OV-0003"}
    books.put(business(number_prefix="NEW-"), asset("e"))
    assert books.sql("SELECT number FROM asset WHERE external_id = 'e'")[0].number == "NEW-0004"


def test_a_refused_import_takes_no_numbers(bakery: Books) -> None:
    places(bakery, asset("a"), asset("b", cost="x"))
    bakery.put(asset("a", number="X"), asset("c"))
    found = places(bakery, asset("d"), asset("e", number="X"))
    assert found == [("assets.csv", 3, "duplicate_number", "number")]
    bakery.put(asset("d"))
    assert bakery.sql("SELECT number FROM asset WHERE external_id = 'd'")[0].number == "FA-0002"


def test_the_sequence_passes_numbers_that_were_given_by_hand(bakery: Books) -> None:
    bakery.put(asset("a", number="FA-0001"), asset("b", number="FA-0003"))
    bakery.put(asset("c"), asset("d", number="FA-0004"), asset("e"))
    numbers = {row.external_id: row.number for row in bakery.sql("SELECT external_id, number FROM asset")}
    assert numbers == {"a": "FA-0001", "b": "FA-0003", "c": "FA-0002", "d": "FA-0004", "e": "FA-0005"}


@pytest.mark.parametrize(("columns", "field"), [
    ({"currency": "USD"}, "currency"), ({"time_zone": "Asia/Tokyo"}, "time_zone"),
    ({"fiscal_year_start": "07-01"}, "fiscal_year_start"), ({"books_start": "2026-09-01"}, "books_start"),
])  # fmt: skip
def test_what_a_businesss_periods_were_made_from_stays(bakery: Books, columns: Line, field: str) -> None:
    before = bakery.sql("SELECT * FROM business")
    assert places(bakery, business(**columns)) == [("businesses.csv", 2, "business_in_use", field)]
    assert bakery.sql("SELECT * FROM business") == before


def test_all_refusals_come_in_the_order_of_files_and_lines(books: Books) -> None:
    books.put(business("one"), business("two"), asset("a", "one", number="N"))
    found = places(books, business("two", currency="USD"), asset("x", "two", cost="?"), asset("y", "one", number="N"))
    assert found == [("businesses.csv", 2, "business_in_use", "currency"), ("assets.csv", 2, "not_an_amount", "cost"),
                     ("assets.csv", 3, "duplicate_number", "number")]  # fmt: skip


ACCOUNT: Line = {"business": "bakery", "code": "1525", "stable_name": "OVENS", "name": "Ovens", "type": "asset"}


def test_an_account_of_ones_own_may_be_named_either_way_and_renamed(bakery: Books) -> None:
    bakery.put(ACCOUNT, asset("a", ledger_account="OVENS"), asset("b", ledger_account="1525"))
    accounts = {row.ledger_account_id for row in bakery.sql("SELECT ledger_account_id FROM asset")}
    assert len(accounts) == 1
    bakery.put(
        {**ACCOUNT, "name": "Brick ovens"},
        {**ACCOUNT, "code": "6500", "stable_name": "", "name": "Wear", "type": "expense"},
    )
    names = {row.code: row.name for row in bakery.sql("SELECT code, name FROM account")}
    assert (names["1525"], names["6500"]) == ("Brick ovens", "Wear")
    assert bakery.sql("SELECT stable_name FROM account WHERE code = '6500'")[0].stable_name == "DEPRECIATION"


@pytest.mark.parametrize(("columns", "field"), [
    ({"stable_name": "DEPRECIATION"}, "stable_name"),  # another account's
    ({"code": "DEPRECIATION"}, "code"),  # would take the name's references over
    ({"code": "6500"}, "stable_name"),  # that account has another stable name, for good
])  # fmt: skip
@pytest.mark.parametrize("fresh", [True, False])
def test_an_account_under_a_name_that_is_taken(books: Books, columns: Line, field: str, fresh: bool) -> None:
    if not fresh:
        books.put(business())
    found = places(books, *([business()] if fresh else []), {**ACCOUNT, **columns}, asset("a"))
    assert found == [("accounts.csv", 2, "duplicate", field)]
    assert books.counts()["asset"] == 0


def test_a_reference_to_a_bad_line_is_a_finding_of_that_line_alone(bakery: Books) -> None:
    assert places(bakery, {**ACCOUNT, "type": "assett"}, asset("a", ledger_account="OVENS"), asset("b")) == [
        ("accounts.csv", 2, "not_one_of", "type")
    ]
    assert bakery.counts()["asset"] == 0


def test_an_import_says_who_did_it(books: Books) -> None:
    books.put(business(), asset("a"), actor="ada")
    (told,) = books.sql("SELECT actor, action, subject, details FROM audit")
    assert tuple(told) == ("ada", "register.imported", "business/bakery", {"assets": 1, "asset_types": 0, "facts": 0})


def test_a_new_business_has_its_chart_its_book_and_its_first_period(books: Books) -> None:
    books.put(business(fiscal_year_start="04-06", books_start="2026-08-20", grain="asset", auto="post"))
    (book,) = books.sql("SELECT is_posting, lock_policy, grain, auto FROM book")
    assert tuple(book) == (True, "next_open", "asset", "post")
    (period,) = books.sql("SELECT * FROM period")
    assert (f"{period.period_start}", f"{period.period_end}", period.status) == ("2026-08-06", "2026-09-05", "open")
    assert books.counts()["account"] == 29
    assert books.sql("SELECT last_seq FROM feed_counter")[0].last_seq == 0


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n1,2\n", csv_of([business()])[:20]])
def test_a_file_that_is_no_register(books: Books, content: bytes) -> None:
    with pytest.raises(RegisterInvalid):
        import_register(books.engine, [RegisterFile("x.csv", content)], actor="tester")
    assert books.counts()["business"] == 0


def test_two_imports_of_one_new_business_at_once_make_one(books: Books) -> None:
    """Whoever comes second is told to read again, or finds the business there; nothing is there twice."""
    barrier, failed = threading.Barrier(2), []

    def put() -> None:
        barrier.wait()
        try:
            books.put(business(), asset("a"))
        except ConcurrentChange as error:
            failed.append(error)

    threads = [threading.Thread(target=put) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) <= 1
    counts = books.counts()
    assert (counts["business"], counts["asset"], counts["period"]) == (1, 1, 1)


def test_the_same_files_again_are_no_fact(books: Books) -> None:
    lines = (business(), asset_type("Vans"), asset("van", asset_type="Vans"))
    books.put(*lines)
    assert [run.status for run in books.close("2026-09-02")] == ["posted"]
    before = books.sql("SELECT business_id, period_start, fact_version FROM period ORDER BY 1, 2")
    books.put(*lines)
    assert books.sql("SELECT business_id, period_start, fact_version FROM period ORDER BY 1, 2") == before


OLD: Line = {"depreciation_start_date": "2026-01-01", "life_months": 12}


def test_an_opening_of_long_ago_is_warned_of_and_charged_in_the_first_period(bakery: Books) -> None:
    """100.00 a month from January on; the opening is that of March, and the books begin in August."""
    done = bakery.put(asset("old", **OLD, opening_as_of="2026-03-31", opening_accumulated="300.00"), asset("new"))
    (warning,) = done.warnings
    told = warning.finding
    assert (warning.file, told.line, told.field, told.code) == ("assets.csv", 2, "opening_as_of", "opening_gap")
    assert "from 2026-04-01 on" in told.message
    assert done.assets_created == 2
    bakery.close("2026-10-02")
    assert bakery.charged("old") == {"2026-08": 50_000, "2026-09": 10_000}


@pytest.mark.parametrize(("columns", "warned"), [
    ({"opening_as_of": "2026-07-31", "opening_accumulated": "700.00"}, False),  # the last day before the books
    ({"opening_as_of": "2026-07-30", "opening_accumulated": "700.00"}, True),
    ({"opening_as_of": "2026-08-31", "opening_accumulated": "800.00"}, False),  # depreciated elsewhere in August
    ({"opening_as_of": "2026-03-31", "opening_accumulated": "1200.00"}, False),  # nothing is left
    ({"opening_as_of": "2026-03-31", "opening_accumulated": "700.00", "cost_limit": "700.00"}, False),
    ({"opening_as_of": "2026-03-31", "opening_accumulated": "700.00", "residual_value": "499.99"}, True),
    ({"opening_as_of": "2026-03-31", "opening_accumulated": "300.00", "status": "draft"}, False),
    ({"opening_as_of": "2026-03-31", "opening_accumulated": "0", "method": "none", "life_months": ""}, False),
])  # fmt: skip
def test_which_openings_leave_a_gap(bakery: Books, columns: Line, warned: bool) -> None:
    assert [one.finding.code for one in bakery.put(asset("a", **{**OLD, **columns})).warnings] == [
        "opening_gap"
    ] * warned


def test_the_first_period_begins_with_its_month_and_cash_books_charge_nothing(books: Books) -> None:
    july = {**OLD, "opening_as_of": "2026-07-31", "opening_accumulated": "700.00"}
    march = {**OLD, "opening_as_of": "2026-03-31", "opening_accumulated": "300.00"}
    assert books.put(business(books_start="2026-08-20"), asset("a", **july)).warnings == []
    assert books.put(business("cash", accounting_basis="cash"), asset("a", "cash", **march)).warnings == []
