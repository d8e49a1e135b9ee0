"""Where the lock policy is `refuse`, every asset and fact of a closed period is a finding on its own line."""

from typing import Any

import pytest

from bookvalue.domain.register_csv import FileFinding, RegisterFile
from bookvalue.services.import_register import RegisterInvalid, import_register

from .conftest import Books, Line, asset, at, business, csv_of

REFUSE = {"lock_policy": "refuse"}


@pytest.fixture
def bakery(books: Books) -> Books:
    """August is closed, and whatever comes for it is refused; `kept` is charged in it."""
    books.put(business(**REFUSE), asset("kept"), asset("draft", status="draft"), business("other"))
    books.close("2026-09-02")
    return books


def refused(books: Books, **files: list[Line]) -> list[FileFinding]:
    """The findings of an import that changes nothing."""
    before = books.counts()
    read = [RegisterFile(f"{name}.csv", csv_of(lines)) for name, lines in files.items()]
    with pytest.raises(RegisterInvalid) as raised:
        import_register(books.engine, read, actor="tester", now=at("2026-09-10"))
    assert books.counts() == before
    return list(raised.value.file_findings)


def places(found: list[FileFinding]) -> list[tuple[str, int | None, str, str | None, Any]]:
    return [(one.file, one.finding.line, one.finding.code, one.finding.field, one.finding.value) for one in found]


def test_every_late_asset_is_told_on_its_line_beside_what_else_is_wrong(bakery: Books) -> None:
    opened = {"opening_as_of": "2026-08-10", "opening_accumulated": "50.00", "depreciation_start_date": "2026-08-01"}
    september = {"depreciation_start_date": "2026-09-01"}
    found = refused(
        bakery,
        assets=[
            asset("late"), asset("good", **september), asset("with opening", **opened), asset("other", "other"),
            asset("draft", status="registered"), asset("numbered", **september, number="FA-0001"),
            asset("bad", cost="free"), asset("none", method="none", life_months=""),
        ],
    )  # fmt: skip
    late = "late_fact_refused"
    assert places(found) == [
        ("assets.csv", 2, late, "depreciation_start_date", "2026-08-01"),
        ("assets.csv", 4, late, "opening_as_of", "2026-08-10"),
        ("assets.csv", 6, late, "depreciation_start_date", "2026-08-01"),
        ("assets.csv", 7, "duplicate_number", "number", "FA-0001"),
        ("assets.csv", 8, "not_an_amount", "cost", "free"),
    ]
    assert found[0].finding.message == "period 2026-08 is closed, and the book refuses facts of such a period"
    assert "change the book's lock_policy" in found[0].finding.remedy


def test_a_late_purchase_is_told_by_its_own_column(bakery: Books) -> None:
    bought: Line = {"depreciation_start_date": "2026-09-01", "acquisition_counter_account": "CASH"}
    lines = [
        asset("august", **bought, purchase_date="2026-08-31"), asset("september", **bought, purchase_date="2026-09-01"),
        asset("july", **bought, purchase_date="2026-07-31"), asset("dateless", method="none", life_months="",
        acquisition_counter_account="CASH", depreciation_start_date=""),
    ]  # fmt: skip
    assert places(refused(bakery, assets=lines)) == [
        ("assets.csv", 2, "late_fact_refused", "purchase_date", "2026-08-31"),
        ("assets.csv", 4, "before_the_books", "purchase_date", "2026-07-31"),
        ("assets.csv", 5, "required", "purchase_date", None),
    ]


def test_every_late_fact_is_told_on_its_line(bakery: Books) -> None:
    def fact(**columns: Any) -> Line:
        return {"business": "bakery", "asset": "kept", **columns}

    def update(day: str) -> Line:
        return fact(date=day, update_type="IMPROVEMENT", amount="10.00", counter_account="CASH")

    found = refused(
        bakery,
        value_updates=[update("2026-08-10"), update("2026-09-02"), update("2026-08-11")],
        disposals=[fact(date="2026-08-31", reason="sold", proceeds="1.00", proceeds_account="CASH")],
        estimate_changes=[fact(date="2026-08-20", remaining_life_months=30)],
        suspensions=[fact(**{"from": "2026-08-20", "to": "2026-10-01"})],
        manual_amounts=[fact(charge_date="2026-08-20", amount="1.00")],
    )
    late = "late_fact_refused"
    assert [one[:4] for one in places(found)] == [
        ("value_updates.csv", 2, late, "date"),
        ("value_updates.csv", 4, late, "date"),
        ("disposals.csv", 2, late, "date"),
        ("estimate_changes.csv", 2, late, "date"),
        ("suspensions.csv", 2, late, "from"),
        ("manual_amounts.csv", 2, late, "charge_date"),
    ]
