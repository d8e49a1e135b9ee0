"""Reinstatements on real books: the exact inverse, where it lies, what the asset missed, and that any number of turns
leaves every figure as it was. The arithmetic of disposals is held against the oracle over random assets."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from bookvalue.domain.errors import DisposalReinstated, IntegrityViolation, LateFactRefused, NotFound
from bookvalue.domain.finding import EXPLANATIONS
from bookvalue.services.reinstate_asset import reinstate_asset
from bookvalue.services.reopen_period import reopen_period
from bookvalue.services.show_disposals import DisposalView, show_disposals
from bookvalue.storage.unit_of_work import Role, transaction
from oracle.amounts import book
from services.conftest import ACCUMULATED, EXPENSE, Books, asset, business
from services.disposing import change, dispose, entry, id_of, ledger, reinstate, standing

CASH, EQUIPMENT, LOSS = "1010", "1520", "6530"
DAYS = {"cost": "3650.00", "averaging": "actual_days"}  # 10.00 a day


@pytest.fixture
def autumn(bakery: Books) -> Books:
    """An asset of 10.00 a day; August and September closed, October open."""
    bakery.put(asset("days", **DAYS))
    bakery.close("2026-10-02")
    return bakery


def mirrored(lines: list[tuple[str, int]]) -> Counter[tuple[str, int]]:
    return Counter((code, -amount) for code, amount in lines)


def test_the_mirror_image_in_its_own_period(autumn: Books) -> None:
    before = ledger(autumn)
    gone = dispose(autumn, "days", "2026-10-15", proceeds=200_000)
    back = reinstate(autumn, "days", gone, reason="the buyer did not pay")
    assert back.reinstatement is not None
    made = back.reinstatement.entry
    assert made is not None
    assert Counter(entry(made)) == mirrored(entry(gone.entry))
    assert (made.kind, made.entry_date.isoformat()) == ("reversal", "2026-10-15")
    assert (back.reinstatement.reason, back.id, back.gain_or_loss_minor) == (
        "the buyer did not pay", gone.id, gone.gain_or_loss_minor,
    )  # fmt: skip
    assert (ledger(autumn), standing(autumn, "days")) == (before, ("registered", None))
    assert gone.entry is not None
    (row,) = autumn.sql("SELECT reversal_of FROM journal_entry WHERE kind = 'reversal'")
    assert row.reversal_of == gone.entry.id
    stubs = autumn.sql("""SELECT sequence, amount_minor, reversal_of FROM value_update
                          WHERE effective_period = '2026-10-01' ORDER BY sequence""")
    assert [tuple(row) for row in stubs] == [(0, 15_000, None), (1, -15_000, 0)]
    told = autumn.sql("SELECT reason, details FROM audit WHERE action = 'asset.reinstated'")
    events = autumn.sql("SELECT body FROM outbox WHERE event = 'asset.reinstated'")
    assert [(row.reason, row.details["disposal_id"]) for row in told] == [("the buyer did not pay", str(gone.id))]
    assert [row.body for row in events] == [row.details for row in told]
    autumn.close("2026-11-02")
    assert autumn.charged("days") == {"2026-08": 31_000, "2026-09": 30_000, "2026-10": 31_000}


def test_what_it_missed_is_caught_up_by_the_next_close(autumn: Books) -> None:
    gone = dispose(autumn, "days", "2026-10-10", proceeds=200_000)
    autumn.close("2026-12-02")  # October and November, without it
    back = reinstate(autumn, "days", gone)
    assert back.reinstatement is not None
    assert back.reinstatement.entry is not None
    assert (f"{back.reinstatement.posting_period:%Y-%m}", back.reinstatement.entry.entry_date.isoformat()) == (
        "2026-12", "2026-12-01",
    )  # fmt: skip
    autumn.close("2027-01-02")
    late = [row for row in autumn.charges() if row[1] != row[2]]
    assert late == [
        ("days", "2026-10", "2026-12", -10_000),  # the stub, with the reversal
        ("days", "2026-10", "2026-12", 31_000),
        ("days", "2026-11", "2026-12", 30_000),
    ]
    assert ledger(autumn) == {ACCUMULATED: -153_000, EXPENSE: 153_000}


def test_months_taken_back_are_charged_again(autumn: Books) -> None:
    gone = dispose(autumn, "days", "2026-08-10", proceeds=0)
    assert autumn.charged("days") == {"2026-08": 10_000, "2026-09": 0}
    reinstate(autumn, "days", gone)
    assert autumn.charged("days") == {"2026-08": 31_000, "2026-09": 0}
    autumn.close("2026-11-02")
    assert autumn.charged("days") == {"2026-08": 31_000, "2026-09": 30_000, "2026-10": 31_000}


def test_a_reversal_lies_no_earlier_than_its_entry(autumn: Books) -> None:
    gone = dispose(autumn, "days", "2026-09-10", proceeds=0)  # in October
    reopen_period(autumn.engine, autumn.id(), "2026-09", actor="ada", reason="to look at it again")
    back = reinstate(autumn, "days", gone)
    assert back.reinstatement is not None
    assert f"{back.reinstatement.posting_period:%Y-%m}" == "2026-10"
    autumn.work(autumn.request("2026-09", "2026-10-03"))
    autumn.close("2026-11-02")
    assert autumn.charged("days") == {"2026-08": 31_000, "2026-09": 30_000, "2026-10": 31_000}


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("policy", ["next_open", "refuse", "spread_remaining"])
def test_where_it_lies_once_its_period_is_closed(books: Books, policy: str, locked: bool) -> None:
    books.put(business(lock_policy=policy), asset("days", **DAYS))
    gone = dispose(books, "days", "2026-08-10", proceeds=0)
    books.close("2026-10-02")
    if locked:
        books.lock("2026-08-01")
    if policy == "refuse":
        with pytest.raises(LateFactRefused):
            reinstate(books, "days", gone)
        assert standing(books, "days") == ("disposed", "2026-08-10")
        return
    back = reinstate(books, "days", gone)  # what never was counts from its own day, also where the book spreads
    assert back.reinstatement is not None
    assert (f"{back.reinstatement.posting_period:%m}", f"{back.effective_period:%m}") == ("10", "08")
    books.close("2026-11-02")
    assert books.charged("days") == {"2026-08": 31_000, "2026-09": 30_000, "2026-10": 31_000}


def test_once_only_and_of_its_own_asset(autumn: Books) -> None:
    autumn.put(asset("other"))
    gone = dispose(autumn, "days", "2026-10-15", proceeds=0)
    with pytest.raises(NotFound):
        reinstate(autumn, "other", gone)
    reinstate(autumn, "days", gone)
    with pytest.raises(DisposalReinstated):
        reinstate(autumn, "days", gone)
    again = dispose(autumn, "days", "2026-10-20", proceeds=0)
    with pytest.raises(DisposalReinstated):  # the first one stays taken back
        reinstate(autumn, "days", gone)
    reinstate(autumn, "days", again)
    with pytest.raises(NotFound):
        reinstate_asset(autumn.engine, autumn.id(), autumn.id(), autumn.id(), actor="ada")
    autumn.close("2026-11-02")


def test_a_dry_run_leaves_nothing(autumn: Books) -> None:
    gone = dispose(autumn, "days", "2026-10-15", proceeds=0)
    before = autumn.counts(), len(autumn.sql("SELECT FROM disposal"))
    tried = reinstate(autumn, "days", gone, dry_run=True)
    assert (autumn.counts(), len(autumn.sql("SELECT FROM disposal"))) == before
    assert standing(autumn, "days") == ("disposed", "2026-10-15")
    done = reinstate(autumn, "days", gone)
    assert tried.reinstatement is not None
    assert done.reinstatement is not None
    assert tried.reinstatement.entry is not None
    assert (tried.id, tried.reinstatement.id, tried.reinstatement.entry.id) == (gone.id, None, None)
    assert entry(tried.reinstatement.entry) == entry(done.reinstatement.entry)
    autumn.close("2026-11-02")


def test_an_asset_that_left_without_an_entry_comes_back_without_one(bakery: Books) -> None:
    bakery.put(asset("free", cost="0.00"))
    back = reinstate(bakery, "free", dispose(bakery, "free", "2026-08-10"))
    assert back.reinstatement is not None
    assert (back.reinstatement.entry, standing(bakery, "free")) == (None, ("registered", None))


TURNS = [
    ("reverses = NULL", "a disposal beside another"),
    ("reverses = 2", "of another"),
    ("cost_minor = 5", "amounts"),
]


@pytest.mark.parametrize(("forged", "_why"), TURNS)
def test_the_table_itself_keeps_them_in_turn(autumn: Books, forged: str, _why: str) -> None:
    reinstate(autumn, "days", dispose(autumn, "days", "2026-10-15", proceeds=0))
    autumn.close("2026-11-02")
    autumn.sql("ALTER TABLE disposal DISABLE TRIGGER append_only")
    with pytest.raises(Exception, match="violates"):
        autumn.sql(f"UPDATE disposal SET {forged} WHERE sequence = 1")
    autumn.sql("ALTER TABLE disposal ENABLE ALWAYS TRIGGER append_only")
    with pytest.raises(IntegrityViolation), transaction(autumn.engine, Role.API, autumn.id()) as connection:
        connection.exec_driver_sql("UPDATE disposal SET memo = 'other'")


METHODS: list[dict[str, Any]] = [
    {"method": "straight_line", "life_months": 30},
    {"method": "straight_line", "rate_percent": "40", "life_months": ""},
    {"method": "declining_balance", "life_months": 36, "switch_to_straight_line": "true"},
    {"method": "declining_balance", "rate_percent": "35", "life_months": "", "declining_within_year": "compound"},
    {"method": "sum_of_years_digits", "life_months": 36},
    {"method": "full", "life_months": ""},
]
AVERAGING = ["full_month", "following_month", "half_month", "mid_month", "half_year", "mid_quarter", "actual_days",
             "days_360", "partial_month_by_days", "full_year"]  # fmt: skip
CHANGES = {"IMPROVEMENT": "CASH", "IMPAIRMENT": "IMPAIRMENT_LOSS", "REVALUATION_UP": "REVALUATION_SURPLUS",
           "REVALUATION_DOWN": "REVALUATION_SURPLUS"}  # fmt: skip
FIGURES = ("day", "stub_minor", "cost_minor", "accumulated_minor", "gain_or_loss_minor", "capital_gain_minor")


class RandomAsset:
    """An asset as the register takes it, and as the oracle does: random method, averaging, opening, residual."""

    def __init__(self, rng: random.Random, name: str) -> None:
        self.name, self.rng = name, rng
        settings = rng.choice(METHODS)
        averaging = rng.choice(AVERAGING)
        self.cost = rng.randrange(1, 5_000_000)
        residual = rng.choice([0, self.cost // 10])
        self.start = date(2026, 8, 1) + timedelta(rng.randrange(50))
        opened = rng.random() < 0.3 and settings["method"] != "full"
        self.start = date(2026, 2, 1) + timedelta(rng.randrange(100)) if opened else self.start
        line = {**settings, "averaging": averaging, "cost": f"{self.cost / 100:.2f}",
                "residual_value": f"{residual / 100:.2f}", "depreciation_start_date": str(self.start)}  # fmt: skip
        plain = {key: value for key, value in settings.items() if value not in ("", "true")}
        if "switch_to_straight_line" in settings:
            plain["switch_to_straight_line"] = True
        self.spec: dict[str, Any] = {
            "cost": self.cost, "residual_value": residual, "depreciation_start_date": str(self.start),
            "fiscal_year_start": "01-01", "settings": {**plain, "averaging": averaging}, "value_updates": [],
        }  # fmt: skip
        if opened:
            accumulated = (self.cost - residual) // rng.randrange(3, 9)
            line |= {"opening_as_of": "2026-07-31", "opening_accumulated": f"{accumulated / 100:.2f}",
                     "opening_current_year": f"{accumulated / 100:.2f}"}  # fmt: skip
            self.spec["opening"] = {"as_of": "2026-07-31", "accumulated": accumulated, "current_year": accumulated}
        self.line = asset(name, **line)

    def change(self, books: Books) -> None:
        """Perhaps an improvement, an impairment or a revaluation that fits."""
        if self.rng.random() < 0.5:
            return
        kind = self.rng.choice(list(CHANGES))
        day = max(self.start, date(2026, 8, 1)) + timedelta(self.rng.randrange(20))
        floor = (
            book(self.spec).cost(day) - book(self.spec).accumulated(date(2026, 12, 31)) - self.spec["residual_value"]
        )
        amount = self.rng.randrange(1, 10_000) if kind in ("IMPROVEMENT", "REVALUATION_UP") else floor // 4
        if amount > 0:
            change(books, self.name, kind, amount, str(day), CHANGES[kind])
            self.spec["value_updates"].append({"date": str(day), "update_type": kind, "amount": amount})


@pytest.mark.parametrize("seed", range(6))
def test_the_arithmetic_of_disposals_over_random_assets(bakery: Books, seed: int) -> None:
    rng = random.Random(seed)
    made = [RandomAsset(rng, f"{seed}-{number}") for number in range(10)]
    bakery.put(*(one.line for one in made))
    bakery.close("2026-09-02")
    for one in made:
        one.change(bakery)
    bakery.close("2026-10-02")
    before = ledger(bakery)
    for one in made:
        day = max(one.start + timedelta(25), date(2026, 8, 22)) + timedelta(rng.randrange(75))
        proceeds = rng.choice([0, rng.randrange(1, 2 * one.cost + 2)])
        gone = dispose(bakery, one.name, str(min(day, date(2026, 11, 20))), proceeds=proceeds)
        _check(bakery, one, gone, proceeds)
        standing_after = ledger(bakery)
        reinstate(bakery, one.name, gone)
        again = dispose(bakery, one.name, str(gone.given_day), proceeds=proceeds)
        assert [getattr(again, name) for name in FIGURES] == [getattr(gone, name) for name in FIGURES]
        assert (entry(again.entry), ledger(bakery)) == (entry(gone.entry), standing_after)
    bakery.close("2026-12-02")
    for one in made:
        (view,) = [gone for gone in _disposals(bakery, one.name) if gone.reinstatement is None]
        reinstate(bakery, one.name, view)
    bakery.close("2027-01-02")
    assert {code: ledger(bakery).get(code, 0) for code in (CASH, EQUIPMENT)} == {
        code: before.get(code, 0) for code in (CASH, EQUIPMENT)
    }


def _check(books: Books, one: RandomAsset, gone: DisposalView, proceeds: int) -> None:
    spec = {**one.spec, "disposal": {"date": str(gone.day)}}
    told = book(spec)
    assert gone.accumulated_minor == told.accumulated(gone.day)
    assert gone.cost_minor == told.cost(gone.day)
    cost = one.cost + told.increases(gone.day)
    assert gone.capital_gain_minor == max(0, proceeds - cost)
    assert proceeds - gone.book_value_minor == gone.gain_or_loss_minor + gone.capital_gain_minor
    assert sum(amount for _, amount in entry(gone.entry)) == 0
    opening = one.spec.get("opening", {}).get("accumulated", 0)
    posted = books.sql(
        "SELECT update_type, sum(amount_minor)::bigint AS n FROM value_update WHERE asset_id = :id GROUP BY 1",
        id=id_of(books, one.name),
    )
    by_type = {row.update_type: row.n for row in posted}
    assert gone.accumulated_minor == opening + by_type.get("DEPRECIATION_AMORTIZATION", 0)  # all of it, and no more
    down = sum(by_type.get(kind, 0) for kind in ("IMPAIRMENT", "REVALUATION_DOWN"))
    up = sum(by_type.get(kind, 0) for kind in ("IMPROVEMENT", "REVALUATION_UP"))
    assert gone.cost_minor == one.cost + up - down
    assert gone.capital_gain_minor >= 0


def _disposals(books: Books, name: str) -> list[DisposalView]:
    return show_disposals(books.engine, books.id(), id_of(books, name), after=None, limit=10)


def test_each_code_of_a_disposal_is_explained() -> None:
    assert {"value_left", "proceeds_account_missing", "not_after_purchase", "facts_after_disposal"} <= set(EXPLANATIONS)
