"""Disposals on real books: the entry to the cent, the depreciation up to the day, where a late one goes, what is
refused, and what a dry run leaves behind."""

import threading
from typing import Any

import pytest

from bookvalue.domain.errors import (
    AssetDisposed,
    AssetNotRegistered,
    BookvalueError,
    IntegrityViolation,
    InvalidInput,
    LateFactRefused,
    NotFound,
    PeriodLocked,
)
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.dispose_asset import dispose_asset
from bookvalue.services.show_disposals import show_disposal, show_disposals
from services.conftest import ACCUMULATED, EXPENSE, Books, asset, at, business
from services.disposing import NOW, change, dispose, entry, id_of, ledger, standing

CASH, EQUIPMENT, GAIN, CAPITAL_GAIN, LOSS = "1010", "1520", "4900", "4910", "6530"
DAYS = {"cost": "3650.00", "averaging": "actual_days"}  # 10.00 a day


@pytest.fixture
def autumn(bakery: Books) -> Books:
    """An asset of 100.00 a month, and one of 10.00 a day; August and September closed, October open."""
    bakery.put(asset("months"), asset("days", **DAYS))
    bakery.close("2026-10-02")
    return bakery


def codes(caught: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str | None]]:
    return [(one.code, one.field) for one in caught.value.findings]


# cost 1,200.00, accumulated 200.00: book value 1,000.00
RESULTS = [
    (110_000, 10_000, 0, [(CASH, 110_000), (ACCUMULATED, 20_000), (EQUIPMENT, -120_000), (GAIN, -10_000)]),
    (100_000, 0, 0, [(CASH, 100_000), (ACCUMULATED, 20_000), (EQUIPMENT, -120_000)]),
    (30_000, -70_000, 0, [(CASH, 30_000), (ACCUMULATED, 20_000), (LOSS, 70_000), (EQUIPMENT, -120_000)]),
    (0, -100_000, 0, [(ACCUMULATED, 20_000), (LOSS, 100_000), (EQUIPMENT, -120_000)]),
    (
        150_000,
        20_000,
        30_000,
        [(CASH, 150_000), (ACCUMULATED, 20_000), (EQUIPMENT, -120_000), (GAIN, -20_000), (CAPITAL_GAIN, -30_000)],
    ),
]


@pytest.mark.parametrize(("proceeds", "result", "capital", "lines"), RESULTS, ids=[str(one[0]) for one in RESULTS])
def test_what_it_brings(autumn: Books, proceeds: int, result: int, capital: int, lines: list[tuple[str, int]]) -> None:
    view = dispose(autumn, "months", "2026-10-10", proceeds=proceeds)
    assert (view.book_value_minor, view.gain_or_loss_minor, view.capital_gain_minor) == (100_000, result, capital)
    assert entry(view.entry) == lines
    assert view.entry is not None
    assert (view.entry.kind, view.entry.entry_date.isoformat()) == ("disposal", "2026-10-10")
    assert (view.stub_minor, view.late, list(view.charges)) == (0, None, [])
    assert standing(autumn, "months") == ("disposed", "2026-10-10")
    autumn.close("2026-12-02")  # ties out, and charges nothing more
    assert autumn.charged("months") == {"2026-08": 10_000, "2026-09": 10_000}


def test_the_depreciation_up_to_the_day_lies_in_the_entry(autumn: Books) -> None:
    view = dispose(autumn, "days", "2026-10-15", proceeds=300_000, memo="to the neighbour")
    assert (view.stub_minor, view.accumulated_minor, view.book_value_minor) == (15_000, 76_000, 289_000)
    assert entry(view.entry) == [
        (CASH, 300_000), (ACCUMULATED, 76_000), (EXPENSE, 15_000), (EQUIPMENT, -365_000), (ACCUMULATED, -15_000),
        (GAIN, -11_000),
    ]  # fmt: skip
    assert autumn.charged("days") == {"2026-08": 31_000, "2026-09": 30_000, "2026-10": 15_000}
    assert autumn.sql("SELECT count(*) AS n FROM journal_entry WHERE memo = 'to the neighbour'")[0].n == 1
    autumn.close("2026-11-02")
    assert ledger(autumn)[ACCUMULATED] == -30_000  # of the other asset alone


def test_what_is_told_and_shown(autumn: Books) -> None:
    view = dispose(autumn, "days", "2026-10-15", proceeds=0)
    body = {"disposal_id": str(view.id), "asset_id": str(view.asset_id), "date": "2026-10-15", "reason": "out_of_use",
            "effective_period": "2026-10", "posting_period": "2026-10"}  # fmt: skip
    told = autumn.sql("SELECT actor, subject, details FROM audit WHERE action = 'asset.disposed'")
    assert [tuple(row) for row in told] == [("ada", f"asset/{view.asset_id}", body)]
    assert [row.body for row in autumn.sql("SELECT body FROM outbox WHERE event = 'asset.disposed'")] == [body]
    assert view.id is not None
    assert show_disposal(autumn.engine, autumn.id(), view.asset_id, view.id) == view
    assert show_disposals(autumn.engine, autumn.id(), view.asset_id, after=None, limit=5) == [view]
    assert show_disposals(autumn.engine, autumn.id(), view.asset_id, after=0, limit=5) == []
    other = id_of(autumn, "months")
    with pytest.raises(NotFound):
        show_disposal(autumn.engine, autumn.id(), other, view.id)
    with pytest.raises(NotFound):
        show_disposals(autumn.engine, autumn.id(), view.id, after=None, limit=5)


def test_what_is_charged_already_for_its_month_is_taken_back(books: Books) -> None:
    books.put(business(auto="post"), asset("a"))
    books.close("2026-11-02")  # August to October posted, all open
    view = dispose(books, "a", "2026-08-20", proceeds=110_000)
    assert view.stub_minor == -10_000
    assert [(f"{one.effective_period:%m}", f"{one.posting_period:%m}", one.amount_minor) for one in view.charges] == [
        ("09", "09", -10_000),
        ("10", "10", -10_000),
    ]
    assert entry(view.entry) == [
        (CASH, 110_000), (ACCUMULATED, 10_000), (LOSS, 10_000), (EQUIPMENT, -120_000), (EXPENSE, -10_000),
    ]  # fmt: skip
    assert books.charged("a") == dict.fromkeys(["2026-08", "2026-09", "2026-10"], 0)
    books.work(books.request("2026-10", "2026-11-03"))
    assert ledger(books) == {CASH: 110_000, EQUIPMENT: -120_000, LOSS: 10_000}
    assert set(list(books.periods().values())[:3]) == {"closed"}


def test_months_that_no_run_has_charged_are_charged_first(books: Books) -> None:
    books.put(business(auto="off"), asset("a"))
    view = dispose(books, "a", "2026-10-20", proceeds=100_000)
    posted = books.sql("SELECT kind, entry_date, run_id FROM journal_entry ORDER BY feed_seq")
    assert [(row.kind, row.entry_date.isoformat(), row.run_id) for row in posted] == [
        ("depreciation", "2026-08-31", None), ("depreciation", "2026-09-30", None), ("disposal", "2026-10-20", None),
    ]  # fmt: skip
    assert [one.amount_minor for one in view.charges] == [10_000, 10_000]
    for period in ("2026-08", "2026-09", "2026-10"):
        books.work(books.request(period, "2026-11-02"))
    assert books.charged("a") == {"2026-08": 10_000, "2026-09": 10_000}


def test_a_late_one_is_caught_up_in_the_first_open_period(autumn: Books) -> None:
    view = dispose(autumn, "days", "2026-08-10", proceeds=350_000)
    assert (view.late, f"{view.effective_period:%m}", f"{view.posting_period:%m}") == ("catch_up", "08", "10")
    assert (view.stub_minor, view.day.isoformat()) == (-21_000, "2026-08-10")
    assert [(f"{one.effective_period:%m}", f"{one.posting_period:%m}", one.amount_minor) for one in view.charges] == [
        ("09", "10", -30_000)
    ]
    assert view.entry is not None
    assert view.entry.entry_date.isoformat() == "2026-10-01"
    assert (view.book_value_minor, view.gain_or_loss_minor) == (355_000, -5_000)
    autumn.close("2026-11-02")
    assert autumn.charged("days") == {"2026-08": 10_000, "2026-09": 0}


def test_a_late_one_moves_where_the_book_spreads(books: Books) -> None:
    books.put(business(lock_policy="spread_remaining"), asset("days", **DAYS))
    books.close("2026-10-02")
    view = dispose(books, "days", "2026-08-10", proceeds=0)
    assert (view.late, view.day.isoformat(), view.given_day.isoformat()) == ("move", "2026-10-01", "2026-08-10")
    assert (view.stub_minor, view.effective_period, list(view.charges)) == (1_000, view.posting_period, [])
    assert standing(books, "days") == ("disposed", "2026-10-01")
    books.close("2026-11-02")


@pytest.mark.parametrize("policy", ["next_open", "refuse", "spread_remaining"])
def test_a_late_one_that_is_refused(books: Books, policy: str) -> None:
    books.put(business(lock_policy=policy), asset("a"))
    books.close("2026-10-02")
    before = books.counts()
    if policy == "refuse":
        with pytest.raises(LateFactRefused):
            dispose(books, "a", "2026-09-10", proceeds=0)
    books.lock("2026-08-01")
    with pytest.raises(PeriodLocked):
        dispose(books, "a", "2026-08-10", proceeds=0)
    assert books.counts() == {**before, "audit": before["audit"] + 1, "outbox": before["outbox"] + 1}  # the lock's


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, [("value_left", "proceeds")]),
    ({"proceeds": 5, "proceeds_account": None}, [("proceeds_account_missing", "proceeds_account")]),
    ({"proceeds": 5, "proceeds_account": "NOBODY"}, [("unknown_account", "proceeds_account")]),
    ({"proceeds": 0, "loss_account": 7}, [("not_an_account_reference", "loss_account")]),
    ({"proceeds": 0, "date": "2026-11-21"}, [("in_the_future", "date")]),
    ({"proceeds": 0, "date": "2026-07-31"}, [("before_start", "date")]),
    ({"proceeds": -1}, [("amount_negative", "proceeds")]),
    ({"proceeds": 0, "reason": "stolen"}, [("not_one_of", "reason")]),
    ({"strange": 1, "date": None}, [("unknown_field", "strange"), ("required", "date")]),
]


@pytest.mark.parametrize(("given", "found"), WRONG, ids=[one[1][0][0] for one in WRONG])
def test_what_is_refused_with_findings(autumn: Books, given: dict[str, Any], found: list[tuple[str, str]]) -> None:
    before = autumn.counts()
    with pytest.raises(InvalidInput) as caught:
        dispose(autumn, "months", **{"day": "2026-10-10", **given})
    assert codes(caught) == found
    assert autumn.counts() == before
    assert standing(autumn, "months") == ("registered", None)


def test_what_is_no_object(autumn: Books) -> None:
    for raw in ([], "sold", None):
        with pytest.raises(InvalidInput) as caught:
            dispose_asset(autumn.engine, autumn.id(), id_of(autumn, "months"), raw, actor="ada", now=at(NOW))
        assert codes(caught) == [("not_an_object", None)]


def test_days_that_an_asset_itself_refuses(bakery: Books) -> None:
    bakery.put(
        asset("bought", purchase_date="2026-08-01"),
        asset("opened", depreciation_start_date="2026-01-01", opening_as_of="2026-08-31", opening_accumulated="700.00"),
    )
    for external_id, day, code in (
        ("bought", "2026-08-01", "not_after_purchase"),
        ("opened", "2026-08-31", "before_opening"),
    ):
        with pytest.raises(InvalidInput) as caught:
            dispose(bakery, external_id, day, proceeds=0)
        assert codes(caught) == [(code, "date")]
    assert dispose(bakery, "bought", "2026-08-02", proceeds=0).book_value_minor == 120_000
    assert dispose(bakery, "opened", "2026-09-01", proceeds=0).accumulated_minor == 70_000


def test_what_is_missing_is_said(bakery: Books) -> None:
    bakery.put(
        asset("no-asset-account", ledger_account=""),
        asset("no-accumulated", accumulated_depreciation_account=""),
        asset("no-opening", depreciation_start_date="2026-01-01"),
    )
    for external_id, found in (
        ("no-asset-account", [("ledger_account_missing", "ledger_account")]),
        ("no-accumulated", [("accumulated_account_missing", "accumulated_depreciation_account")]),
        ("no-opening", [("opening_missing", "opening")]),
    ):
        with pytest.raises(InvalidInput) as caught:
            dispose(bakery, external_id, "2026-09-10", proceeds=0)
        assert codes(caught) == found


def test_a_cash_basis_has_no_disposals(books: Books) -> None:
    books.put(business(accounting_basis="cash"), asset("a"))
    with pytest.raises(InvalidInput) as caught:
        dispose(books, "a", "2026-08-10", proceeds=0)
    assert codes(caught) == [("cash_basis", None)]


FACTS = {
    "estimate_change": "INSERT INTO estimate_change (business_id, book_id, asset_id, id, date, residual_minor) "
    "SELECT business_id, book_id, asset_id, gen_random_uuid(), '2026-10-20', 5 FROM asset_book",
    "suspension": "INSERT INTO suspension (business_id, book_id, asset_id, id, first_day, last_day, extend_life) "
    "SELECT business_id, book_id, asset_id, gen_random_uuid(), '2026-10-20', '2026-10-25', true FROM asset_book",
}


@pytest.mark.parametrize("kind", ["IMPAIRMENT", "DEPRECIATION_AMORTIZATION", *FACTS])
def test_facts_after_it_are_in_its_way(bakery: Books, kind: str) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-10-02")
    if kind in FACTS:
        bakery.sql(FACTS[kind])
        bakery.unchecked = True  # the checker does not read these
    else:
        update = change(bakery, "a", kind, 100, "2026-10-20", "IMPAIRMENT_LOSS")
    with pytest.raises(InvalidInput) as caught:
        dispose(bakery, "a", "2026-10-19", proceeds=0)
    assert [(one.code, one.value) for one in caught.value.findings] == [("facts_after_disposal", "2026-10-20")]
    if kind in FACTS:
        bakery.sql(f"UPDATE {kind} SET archived_at = now()")
    else:
        archive_value_update(bakery.engine, bakery.id(), update, actor="ada", now=at(NOW))
    assert dispose(bakery, "a", "2026-10-19", proceeds=0).book_value_minor == 100_000
    bakery.close("2026-11-02")


def test_changes_before_it_are_in_the_figures(bakery: Books) -> None:
    bakery.put(asset("a"))
    change(bakery, "a", "IMPROVEMENT", 11_000, "2026-08-10")
    change(bakery, "a", "IMPAIRMENT", 22_000, "2026-08-20", "IMPAIRMENT_LOSS")
    bakery.close("2026-09-02")
    view = dispose(bakery, "a", "2026-09-10", proceeds=140_000)
    assert (view.cost_minor, view.capital_gain_minor) == (109_000, 9_000)  # above 131,000, the cost with increases
    assert view.gain_or_loss_minor == 131_000 - view.book_value_minor
    bakery.close("2026-10-02")
    assert EQUIPMENT not in {code for code, value in ledger(bakery).items() if value != -120_000}


def test_an_asset_without_value_goes_without_proceeds(bakery: Books) -> None:
    bakery.put(
        asset("done", life_months=2), asset("free", cost="0.00"), asset("left", life_months=2, residual_value="1.00")
    )
    bakery.close("2026-10-02")
    view = dispose(bakery, "done", "2026-10-10")
    assert (view.proceeds_minor, entry(view.entry)) == (None, [(ACCUMULATED, 120_000), (EQUIPMENT, -120_000)])
    free = dispose(bakery, "free", "2026-10-10")
    assert (free.entry, free.gain_or_loss_minor, standing(bakery, "free")[0]) == (None, 0, "disposed")
    with pytest.raises(InvalidInput) as caught:  # the residual value is a value
        dispose(bakery, "left", "2026-10-10")
    assert [(one.code, one.value) for one in caught.value.findings] == [("value_left", 100)]
    bakery.close("2026-11-02")


def test_land_is_sold_without_any_depreciation(bakery: Books) -> None:
    bakery.put(asset("land", method="none", life_months="", ledger_account="LAND",
                     accumulated_depreciation_account="", depreciation_expense_account=""))  # fmt: skip
    bakery.uncharged.add("land")
    view = dispose(bakery, "land", "2026-09-10", proceeds=150_000, capital_gain_account="OWNERS_EQUITY")
    assert entry(view.entry) == [(CASH, 150_000), ("1560", -120_000), ("3000", -30_000)]


def test_once_only(autumn: Books) -> None:
    autumn.put(asset("draft", status="draft"))
    dispose(autumn, "months", "2026-10-10", proceeds=0)
    with pytest.raises(AssetDisposed):
        dispose(autumn, "months", "2026-10-10", proceeds=0)
    with pytest.raises(AssetNotRegistered):
        dispose(autumn, "draft", "2026-10-10", proceeds=0)
    with pytest.raises(NotFound):
        dispose_asset(autumn.engine, autumn.id(), autumn.id(), {}, actor="ada", now=at(NOW))


@pytest.mark.parametrize("day", ["2026-08-10", "2026-10-15", "2026-11-15"])
def test_a_dry_run_says_all_of_it_and_leaves_nothing(autumn: Books, day: str) -> None:
    def stored() -> Any:
        return (
            autumn.counts(),
            autumn.periods(),
            [
                tuple(row)
                for row in autumn.sql(
                    "SELECT last_seq, (SELECT sum(fact_version) FROM period), (SELECT count(*) FROM disposal) AS gone "
                    "FROM feed_counter"
                )
            ],
        )

    before = stored()
    tried = dispose(autumn, "days", day, proceeds=200_000, dry_run=True)
    assert (stored(), standing(autumn, "days")) == (before, ("registered", None))
    assert tried.entry is not None
    assert (tried.id, tried.entry.id, {one.entry_id for one in tried.charges} - {None}) == (None, None, set())
    done = dispose(autumn, "days", day, proceeds=200_000)
    same = ("day", "late", "stub_minor", "cost_minor", "accumulated_minor", "gain_or_loss_minor", "capital_gain_minor",
            "effective_period", "posting_period")  # fmt: skip
    assert [getattr(tried, name) for name in same] == [getattr(done, name) for name in same]
    assert entry(tried.entry) == entry(done.entry)
    assert [one.amount_minor for one in tried.charges] == [one.amount_minor for one in done.charges]
    autumn.close("2026-12-02")


# Amounts that still add up within the row, so that the table itself has nothing against them
FORGED = ["cost_minor = cost_minor + 1, accumulated_minor = accumulated_minor + 1",
          "cost_minor = cost_minor + 1, gain_or_loss_minor = gain_or_loss_minor - 1",
          "proceeds_minor = proceeds_minor + 1, gain_or_loss_minor = gain_or_loss_minor + 1",
          "result_line = asset_line, asset_line = result_line", "proceeds_line = 99"]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_a_period_with_another_disposal_than_its_entry_does_not_close(autumn: Books, forged: str) -> None:
    dispose(autumn, "months", "2026-10-10", proceeds=50_000)
    autumn.unchecked = True
    autumn.sql("ALTER TABLE disposal DISABLE TRIGGER append_only")
    autumn.sql(f"UPDATE disposal SET {forged}")
    autumn.sql("ALTER TABLE disposal ENABLE ALWAYS TRIGGER append_only")
    (run,) = autumn.plan("2026-11-02")
    done = autumn.work(run)
    assert done is not None
    assert done.error is not None
    assert "does not tie out" in done.error.message
    assert autumn.periods()["2026-10"] == "open"


def test_a_disposal_is_part_of_what_a_period_was_closed_with(autumn: Books) -> None:
    view = dispose(autumn, "months", "2026-10-10", proceeds=50_000)
    autumn.close("2026-11-02")
    autumn.unchecked = True
    autumn.lock("2026-08-01")
    autumn.lock("2026-09-01")
    autumn.sql("ALTER TABLE disposal DISABLE TRIGGER append_only")
    autumn.sql("UPDATE disposal SET asset_id = :id", id=id_of(autumn, "days"))
    with pytest.raises(IntegrityViolation, match="closed with"):
        autumn.lock("2026-10-01")
    autumn.sql("UPDATE disposal SET asset_id = :id", id=view.asset_id)
    autumn.sql("ALTER TABLE disposal ENABLE ALWAYS TRIGGER append_only")
    assert autumn.lock("2026-10-01")


def test_many_at_once_with_a_close_between_them(bakery: Books) -> None:
    names = [f"a{number}" for number in range(8)]
    bakery.put(*(asset(name) for name in names))
    ended: list[str] = []

    def go(name: str) -> None:
        try:
            dispose(bakery, name, "2026-10-10", proceeds=0)
            ended.append("done")
        except BookvalueError as error:
            ended.append(error.code)

    rivals = [threading.Thread(target=go, args=(name,)) for name in (*names, *names[:3])]
    for rival in rivals:
        rival.start()
    bakery.close("2026-11-02")
    for rival in rivals:
        rival.join()
    assert sorted(ended) == ["asset_disposed"] * 3 + ["done"] * 8
    bakery.close("2026-12-02")
