"""An account that holds what is posted to an asset stays its account, whoever would change it; any other may change."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from bookvalue.domain.errors import BookvalueError, InvalidInput
from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.change_value import change_value
from bookvalue.services.keep_asset import add_asset, change_asset
from bookvalue.services.keep_asset_types import change_asset_type
from services.conftest import ASSET, Books, Line, asset, asset_type, at
from services.disposing import NOW, change, dispose, id_of, ledger, reinstate

ACCUMULATED, LEDGER = "accumulated_depreciation_account", "ledger_account"
HELD = "account_holds_balance"
BARE: Line = {LEDGER: "", ACCUMULATED: "", "depreciation_expense_account": ""}


def wrong(act: Callable[[], Any]) -> list[tuple[str, str | None, Any]]:
    """(code, field, value) of each finding of what is refused; nothing for what is done."""
    try:
        act()
    except InvalidInput as error:
        return [(found.code, found.field, found.value) for found in error.findings]
    return []


def put(books: Books, *lines: Line) -> list[tuple[str, str | None, Any]]:
    return wrong(lambda: books.put(*lines))


def patch(books: Books, **given: Any) -> list[tuple[str, str | None, Any]]:
    return wrong(lambda: change_asset(books.engine, books.id(), id_of(books, "a"), given, actor="ada"))


def patch_type(books: Books, name: str = "Machines", **given: Any) -> list[tuple[str, str | None, Any]]:
    given["depreciation"] = {"method": "straight_line", "life_months": 12}
    (row,) = books.sql("SELECT id FROM asset_type WHERE name = :name", name=name)
    return wrong(lambda: change_asset_type(books.engine, books.id(), row.id, given, actor="ada"))


@pytest.fixture
def charged(bakery: Books) -> Books:
    """An asset of 100.00 a month with its own accounts, and one with its type's; August closed."""
    bakery.put(asset("a"), asset("typed", asset_type="Machines", **BARE), asset_type())
    bakery.close("2026-09-02")
    return bakery


# ------------------------------------------------------------------------------------------------------ of an asset


def test_depreciation_holds_its_account_on_every_way_to_change_it(charged: Books) -> None:
    refused = [(HELD, ACCUMULATED, "1620")]
    assert put(charged, asset("a", **{ACCUMULATED: "1610"})) == refused
    assert put(charged, asset("a", **{ACCUMULATED: ""})) == refused
    assert patch(charged, **{ACCUMULATED: "1610"}) == patch(charged, **{ACCUMULATED: None}) == refused
    again = {"external_id": "a", "name": "a", "asset_type": "EQUIPMENT", "original_value": 120_000,
             "useful_life_months": 12, "depreciation_start_date": "2026-08-01", LEDGER: "EQUIPMENT",
             ACCUMULATED: "1610", "depreciation_expense_account": "DEPRECIATION"}  # fmt: skip
    assert wrong(lambda: add_asset(charged.engine, charged.id(), again, actor="ada")) == refused
    charged.close("2026-10-02")
    assert {line[2] for line in charged.lines()} == {"6500", "1620"}


def test_what_holds_nothing_changes_as_does_the_expense(charged: Books) -> None:
    """The cost is carried from outside: nothing of it is on an account of this ledger."""
    assert patch(charged, **{LEDGER: "VEHICLES", "depreciation_expense_account": "6510"}) == []
    assert patch(charged, **{LEDGER: None}) == patch(charged, **{LEDGER: "BUILDINGS"}) == []


def test_the_same_account_from_elsewhere_is_no_change(charged: Books) -> None:
    assert put(charged, asset("a", **{**BARE, "asset_type": "Machines"})) == []
    assert put(charged, asset("typed", **{**ASSET, "asset_type": ""})) == []


def test_another_type_is_another_account(charged: Books) -> None:
    charged.put(asset_type("Vans", **{ACCUMULATED: "1610"}))
    refused = [(HELD, ACCUMULATED, "1620")]
    assert put(charged, asset("typed", asset_type="Vans", **BARE)) == refused
    assert put(charged, asset("typed", asset_type="", **BARE)) == refused
    assert put(charged, asset("typed", asset_type="Vans", **{**BARE, ACCUMULATED: "1620"})) == []
    assert put(charged, asset("a", asset_type="Vans")) == [], "it has its own"


def test_each_asset_of_a_file_is_told_on_its_line(charged: Books) -> None:
    moved = {ACCUMULATED: "1610"}
    with pytest.raises(InvalidInput) as refused:
        charged.put(asset("new"), asset("a", **moved), asset("typed", asset_type="Machines", **{**BARE, **moved}))
    assert [(one.line, one.code, one.field) for one in refused.value.findings] == [
        (3, HELD, ACCUMULATED), (4, HELD, ACCUMULATED)]  # fmt: skip


def test_an_account_where_there_was_none(bakery: Books) -> None:
    bakery.put(asset("a", **BARE))
    bakery.close("2026-09-02")  # blocked
    bakery.put(asset("a", **{LEDGER: ""}))
    bakery.close("2026-09-03")
    assert patch(bakery, **{LEDGER: "EQUIPMENT"}) == []


KINDS = [("IMPROVEMENT", "CASH"), ("REVALUATION_UP", "REVALUATION_SURPLUS"),
         ("REVALUATION_DOWN", "REVALUATION_SURPLUS"), ("IMPAIRMENT", "IMPAIRMENT_LOSS")]  # fmt: skip


@pytest.mark.parametrize(("kind", "counter"), KINDS)
def test_a_change_of_value_holds_the_ledger_account_until_it_is_archived(
    bakery: Books, kind: str, counter: str
) -> None:
    bakery.put(asset("a"))
    update = change(bakery, "a", kind, 12_000, "2026-08-10", counter)
    assert patch(bakery, **{LEDGER: "VEHICLES"}) == [(HELD, LEDGER, "1520")]
    assert patch(bakery, **{ACCUMULATED: "1610"}) == []
    archive_value_update(bakery.engine, bakery.id(), update, actor="ada", now=at(NOW))
    assert patch(bakery, **{LEDGER: "VEHICLES"}) == []
    assert ledger(bakery) == {}


def test_an_increase_and_a_decrease_of_the_same_amount_both_hold_it(bakery: Books) -> None:
    """What is archived goes back to the account that it was posted on: on balance nothing is not enough."""
    bakery.put(asset("a"))
    change(bakery, "a", "REVALUATION_UP", 12_000, "2026-08-10", "REVALUATION_SURPLUS")
    change(bakery, "a", "REVALUATION_DOWN", 12_000, "2026-08-11", "REVALUATION_SURPLUS")
    assert patch(bakery, **{LEDGER: "VEHICLES"}) == [(HELD, LEDGER, "1520")]


def test_an_acquisition_holds_the_ledger_account(bakery: Books) -> None:
    bakery.put(asset("a", purchase_date="2026-08-01", acquisition_counter_account="CASH"))
    assert patch(bakery, **{LEDGER: "VEHICLES"}) == [(HELD, LEDGER, "1520")]
    assert patch(bakery, **{ACCUMULATED: "1610"}) == []


def test_depreciation_that_is_taken_back_holds_nothing(bakery: Books) -> None:
    bakery.put(asset("a"))
    update = change(bakery, "a", "DEPRECIATION_AMORTIZATION", 500, "2026-08-10", "DEPRECIATION")
    assert patch(bakery, **{ACCUMULATED: "1610"}) == [(HELD, ACCUMULATED, "1620")]
    archive_value_update(bakery.engine, bakery.id(), update, actor="ada", now=at(NOW))
    assert patch(bakery, **{ACCUMULATED: "1610"}) == []
    bakery.close("2026-09-02")
    assert ledger(bakery) == {"1610": -10_000, "6500": 10_000}


def test_what_is_booked_elsewhere_holds_nothing(bakery: Books) -> None:
    bakery.put(asset("a"))
    for kind, day in ((ValueChangeType.MANUAL, "2026-08-10"), (ValueChangeType.ARBITRARY, "2026-08-11")):
        raw = {"amount": -1_000, "date": day, "description": "elsewhere", "externally_booked": True}
        change_value(bakery.engine, bakery.id(), id_of(bakery, "a"), kind, raw, actor="ada", now=at(NOW))
    assert patch(bakery, **{LEDGER: "VEHICLES", ACCUMULATED: "1610"}) == []


def test_a_disposal_holds_both_and_its_reinstatement_gives_back_what_is_not_held(bakery: Books) -> None:
    """Once taken back, a disposal is no more on the account: what is left there is what was there before."""
    bakery.put(asset("a"))
    gone = dispose(bakery, "a", "2026-08-20", proceeds=0)
    both = [(HELD, ACCUMULATED, "1620"), (HELD, LEDGER, "1520")]
    moved = {LEDGER: "VEHICLES", ACCUMULATED: "1610"}
    bakery.close("2026-09-02")
    assert sorted(put(bakery, asset("a", **moved))) == [(HELD, LEDGER, "1520")]  # nothing was depreciated by then
    reinstate(bakery, "a", gone)
    bakery.close("2026-10-02")
    assert put(bakery, asset("a", **moved)) == [(HELD, ACCUMULATED, "1620")]
    part = dispose(bakery, "a", "2026-10-10", proceeds=0, part={"percent": "50"})
    assert sorted(put(bakery, asset("a", **moved))) == both
    reinstate(bakery, "a", part)
    assert put(bakery, asset("a", **moved)) == [(HELD, ACCUMULATED, "1620")]
    assert put(bakery, asset("a", **{LEDGER: "VEHICLES"})) == []


# ------------------------------------------------------------------------------------------------------- of a type


def test_a_type_keeps_what_its_assets_have_from_it(charged: Books) -> None:
    refused = [(HELD, ACCUMULATED, "1620")]
    assert patch_type(charged, **{ACCUMULATED: "1610"}) == patch_type(charged, **{ACCUMULATED: None}) == refused
    with pytest.raises(InvalidInput) as told:
        charged.put(asset_type("Other"), asset_type(**{ACCUMULATED: "1610", LEDGER: "VEHICLES"}))
    assert [(one.line, one.code, one.field) for one in told.value.findings] == [(3, HELD, ACCUMULATED)]
    assert patch_type(charged, **{LEDGER: "VEHICLES", "depreciation_expense_account": "6510"}) == []
    change(charged, "typed", "IMPROVEMENT", 100, "2026-09-01")
    assert patch_type(charged, **{LEDGER: "BUILDINGS"}) == [(HELD, LEDGER, "1510")]


def test_a_type_whose_assets_have_their_own_account_gives_up_its_own(bakery: Books) -> None:
    bakery.put(asset("a", asset_type="Machines"), asset("idle", asset_type="Machines", **{**BARE, "method": "none",
               "life_months": ""}), asset_type())  # fmt: skip
    bakery.close("2026-09-02")
    assert patch_type(bakery, **{ACCUMULATED: "1610", LEDGER: None}) == []
    assert patch_type(bakery, **{ACCUMULATED: None, LEDGER: "VEHICLES"}) == []


# ----------------------------------------------------------------------------------------------------- a run at work


@pytest.mark.parametrize("of", ["asset", "type"])
def test_a_run_that_has_not_posted_posts_to_the_new_account(bakery: Books, of: str) -> None:
    bakery.put(asset("a", asset_type="Machines", **BARE), asset_type())
    (run_id,) = bakery.plan("2026-09-02")
    moved = asset("a", asset_type="Machines", **{**BARE, ACCUMULATED: "1610"}) if of == "asset" else asset_type(
        **{ACCUMULATED: "1610"})  # fmt: skip
    acted: list[str] = []

    def checkpoint(step: str) -> None:
        if step == "in_compute" and not acted:
            acted.append(step)
            bakery.put(moved)

    bakery.work(run_id, checkpoint)
    assert ledger(bakery) == {"1610": -10_000, "6500": 10_000}


@pytest.mark.parametrize("of", ["asset", "type", "imported type"])
def test_a_change_waits_for_a_run_that_posts_and_is_then_refused(bakery: Books, of: str) -> None:
    bakery.put(asset("a", asset_type="Machines", **BARE), asset_type())
    (run_id,) = bakery.plan("2026-09-02")
    told: list[Any] = []
    given = {ACCUMULATED: "1610"}
    acts = {"asset": lambda: patch(bakery, **given), "type": lambda: patch_type(bakery, **given),
            "imported type": lambda: put(bakery, asset_type(**given))}  # fmt: skip

    def act() -> None:
        try:
            told.append(acts[of]())
        except BookvalueError as error:
            told.append(error.code)

    thread = threading.Thread(target=act)

    def checkpoint(step: str) -> None:
        if step == "mid_post":
            thread.start()
            bakery.until_somebody_waits()

    bakery.work(run_id, checkpoint)
    thread.join(60)
    assert told == [[(HELD, ACCUMULATED, "1620")]]
    assert isinstance(run_id, UUID) and ledger(bakery) == {"1620": -10_000, "6500": 10_000}
