"""An impairment goes to an account of its own where the asset has one, and a disposal clears what that holds."""

from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.change_value import change_value
from bookvalue.services.keep_asset import change_asset
from bookvalue.services.keep_asset_types import change_asset_type
from faults.checker import problems_in
from services.conftest import ACCUMULATED, EXPENSE, Books, Line, asset, asset_type, at
from services.disposing import NOW, change, dispose, entry, id_of, ledger, reinstate

CASH, EQUIPMENT, IMPAIRED, IMPAIRMENT_LOSS, GAIN, LOSS = "1010", "1520", "1700", "6520", "4900", "6530"
FIELD, LEDGER, HELD = "accumulated_impairment_account", "ledger_account", "account_holds_balance"
OWN: Line = {FIELD: "ACCUMULATED_IMPAIRMENT"}


def impair(books: Books, external_id: str, amount: int, day: str) -> UUID:
    return change(books, external_id, "IMPAIRMENT", amount, day, "IMPAIRMENT_LOSS")


def refused(books: Books, external_id: str = "a", **given: Any) -> list[tuple[str, str | None, Any]]:
    """What stands against a change of an asset; nothing where it is done."""
    try:
        change_asset(books.engine, books.id(), id_of(books, external_id), given, actor="ada")
    except InvalidInput as error:
        return [(found.code, found.field, found.value) for found in error.findings]
    return []


@pytest.fixture
def impaired(bakery: Books) -> Books:
    """An asset of 1,200.00 that was bought here, 100.00 a month, impaired by 220.00 in September; both closed."""
    bakery.put(asset("a", purchase_date="2026-08-01", acquisition_counter_account="CASH", **OWN))
    impair(bakery, "a", 22_000, "2026-09-10")
    bakery.close("2026-10-02")
    return bakery


def test_a_type_gives_the_account_and_an_asset_has_its_own(bakery: Books) -> None:
    bakery.put(asset_type(**{FIELD: "1700"}), asset_type("Plain"), asset("typed", asset_type="Machines"),
               asset("own", asset_type="Plain", **{FIELD: "1700"}), asset("plain", asset_type="Plain"))  # fmt: skip
    credited = {}
    for name in ("typed", "own", "plain"):
        impair(bakery, name, 1_000, "2026-08-10")
        credited[name] = bakery.lines()[-1][2]
    assert credited == {"typed": IMPAIRED, "own": IMPAIRED, "plain": EQUIPMENT}


def test_another_decrease_is_credited_to_the_asset(bakery: Books) -> None:
    bakery.put(asset("a", **OWN))
    change(bakery, "a", "REVALUATION_DOWN", 1_000, "2026-08-10", "REVALUATION_SURPLUS")
    assert bakery.lines()[-1][2] == EQUIPMENT


def test_it_cannot_be_the_account_on_the_other_side(bakery: Books) -> None:
    bakery.put(asset("a", **OWN))
    with pytest.raises(InvalidInput) as told:
        change(bakery, "a", "IMPAIRMENT", 1_000, "2026-08-10", "ACCUMULATED_IMPAIRMENT")
    assert [(one.code, one.field) for one in told.value.findings] == [("same_account", "counter_account")]


def test_without_either_account_the_ledger_account_is_missing(bakery: Books) -> None:
    bakery.put(asset("a", ledger_account=""), asset("own", ledger_account="", **OWN))
    with pytest.raises(InvalidInput) as told:
        impair(bakery, "a", 1_000, "2026-08-10")
    assert [(one.code, one.field) for one in told.value.findings] == [("ledger_account_missing", LEDGER)]
    impair(bakery, "own", 1_000, "2026-08-10")


def test_a_disposal_clears_all_three(impaired: Books) -> None:
    view = dispose(impaired, "a", "2026-10-10", proceeds=100_000)
    # 1,200.00 - 100.00 - 220.00 = 880.00 over 11 months: 80.00 for September
    assert (view.cost_minor, view.accumulated_minor, view.impairment_minor) == (98_000, 18_000, 22_000)
    assert (view.book_value_minor, view.gain_or_loss_minor) == (80_000, 20_000)
    assert entry(view.entry) == [
        (CASH, 100_000), (ACCUMULATED, 18_000), (IMPAIRED, 22_000), (EQUIPMENT, -120_000), (GAIN, -20_000)]  # fmt: skip
    assert ledger(impaired) == {CASH: -20_000, EXPENSE: 18_000, IMPAIRMENT_LOSS: 22_000, GAIN: -20_000}
    impaired.close("2026-12-02")


def test_a_part_takes_its_share_and_the_rest_the_rest(impaired: Books) -> None:
    third = {"units": {"disposed": "1", "of": "3"}}
    part = dispose(impaired, "a", "2026-10-10", proceeds=0, part=third)
    assert (part.cost_minor, part.accumulated_minor, part.impairment_minor) == (32_667, 6_000, 7_333)
    assert entry(part.entry) == [(ACCUMULATED, 6_000), (IMPAIRED, 7_333), (LOSS, 26_667), (EQUIPMENT, -40_000)]
    impaired.close("2026-11-02")
    rest = dispose(impaired, "a", "2026-11-10", proceeds=0)
    assert (rest.cost_minor, rest.impairment_minor) == (98_000 - 32_667, 22_000 - 7_333)
    balances = ledger(impaired)
    assert not {EQUIPMENT, ACCUMULATED, IMPAIRED} & balances.keys()
    impaired.close("2026-12-02")


def test_an_impairment_that_is_archived_after_a_part_has_left(bakery: Books) -> None:
    """The part took half of it along: so much too much lies on the account then, and goes with the rest."""
    bakery.put(asset("a", purchase_date="2026-08-01", acquisition_counter_account="CASH", **OWN))
    update = impair(bakery, "a", 22_000, "2026-08-10")
    dispose(bakery, "a", "2026-08-12", proceeds=0, part={"percent": "50"})
    archive_value_update(bakery.engine, bakery.id(), update, actor="ada", now=at(NOW))
    assert ledger(bakery)[IMPAIRED] == 11_000
    rest = dispose(bakery, "a", "2026-08-20", proceeds=0)
    assert (rest.cost_minor, rest.impairment_minor) == (120_000 - 49_000, -11_000)
    assert not {EQUIPMENT, ACCUMULATED, IMPAIRED} & ledger(bakery).keys()
    reinstate(bakery, "a", rest)
    assert ledger(bakery)[IMPAIRED] == 11_000


def test_what_is_reinstated_comes_back_to_the_same_accounts(impaired: Books) -> None:
    before = ledger(impaired)
    gone = dispose(impaired, "a", "2026-10-10", proceeds=100_000)
    back = reinstate(impaired, "a", gone).reinstatement
    assert back is not None and gone.entry is not None
    assert sorted(entry(back.entry)) == sorted((code, -amount) for code, amount in entry(gone.entry))
    assert ledger(impaired) == before
    part = dispose(impaired, "a", "2026-10-11", proceeds=0, part={"percent": "12.5"})
    reinstate(impaired, "a", part)
    assert ledger(impaired) == before
    impaired.close("2026-12-02")


def test_an_arbitrary_decrease_is_an_impairment_and_clears_as_one(bakery: Books) -> None:
    bakery.put(asset("a", **OWN))
    raw = {"amount": -24_000, "date": "2026-08-10", "description": "burnt"}
    kind = ValueChangeType.ARBITRARY
    change_value(bakery.engine, bakery.id(), id_of(bakery, "a"), kind, raw, actor="ada", now=at(NOW))
    assert ledger(bakery) == {IMPAIRED: -24_000, IMPAIRMENT_LOSS: 24_000}
    away = {"date": "2026-08-20", "description": "gone"}
    full = ValueChangeType.FULL_DEPRECIATION
    change_value(bakery.engine, bakery.id(), id_of(bakery, "a"), full, away, actor="ada", now=at(NOW))
    assert IMPAIRED not in ledger(bakery)


def test_what_is_booked_elsewhere_is_not_cleared_here(bakery: Books) -> None:
    """Its account holds nothing of it: it lowers the cost that goes out of the asset account, as before."""
    bakery.put(asset("a", **OWN))
    impair(bakery, "a", 10_000, "2026-08-10")
    raw = {"amount": -20_000, "date": "2026-08-11", "description": "elsewhere", "externally_booked": True}
    kind = ValueChangeType.ARBITRARY
    change_value(bakery.engine, bakery.id(), id_of(bakery, "a"), kind, raw, actor="ada", now=at(NOW))
    view = dispose(bakery, "a", "2026-08-20", proceeds=0)
    assert (view.cost_minor, view.impairment_minor) == (90_000, 10_000)
    assert (EQUIPMENT, -100_000) in entry(view.entry) and (IMPAIRED, 10_000) in entry(view.entry)


def test_a_disposal_booked_elsewhere_says_what_it_takes_and_posts_nothing(impaired: Books) -> None:
    before = ledger(impaired)
    view = dispose(impaired, "a", "2026-10-10", proceeds=0, part={"percent": "50"}, externally_booked=True)
    assert (view.entry, view.impairment_minor) == (None, 11_000)
    assert ledger(impaired) == before
    assert impaired.sql("SELECT impairment_line FROM disposal")[0].impairment_line is None
    reinstate(impaired, "a", view)
    dispose(impaired, "a", "2026-10-11", proceeds=0, part={"percent": "50"}, externally_booked=True)
    rest = dispose(impaired, "a", "2026-10-12", proceeds=0)
    assert (rest.cost_minor, rest.impairment_minor) == (49_000, 11_000)


@pytest.mark.parametrize(
    ("tampered", "found"),
    [
        ("UPDATE disposal SET impairment_minor = impairment_minor + 1", "is not its value updates"),
        ("UPDATE disposal SET impairment_minor = 0, impairment_line = NULL, asset_line = asset_line", "closed with"),
        ("UPDATE journal_line SET account_id = (SELECT id FROM account WHERE code = '1520') WHERE account_id ="
         " (SELECT id FROM account WHERE code = '1700') AND credit_minor > 0", "on its impairment account"),
    ],
    ids=["amount", "line", "account"],
)  # fmt: skip
def test_the_checker_sees_an_impairment_that_is_not_cleared(impaired: Books, tampered: str, found: str) -> None:
    dispose(impaired, "a", "2026-10-10", proceeds=100_000)
    impaired.close("2026-11-02")
    with impaired.engine.connect() as connection:
        for table in ("disposal", "journal_line"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        connection.execute(text(tampered))
        told = problems_in(connection)
        connection.rollback()
    assert [one for one in told if found in one], told


# ------------------------------------------------------------------------------------------ the account that holds it


def test_the_account_stays_while_it_holds_an_impairment(impaired: Books) -> None:
    held = [(HELD, FIELD, IMPAIRED)]
    assert refused(impaired, **{FIELD: None}) == refused(impaired, **{FIELD: "1640"}) == held
    assert refused(impaired, **{LEDGER: "VEHICLES"}) == [(HELD, LEDGER, EQUIPMENT)]  # the acquisition is there


def test_an_account_that_comes_too_late_would_split_what_was_impaired(bakery: Books) -> None:
    bakery.put(asset("a"))
    update = impair(bakery, "a", 1_000, "2026-08-10")
    assert refused(bakery, **{FIELD: IMPAIRED}) == [(HELD, FIELD, EQUIPMENT)]
    assert refused(bakery, **{LEDGER: "VEHICLES"}) == [(HELD, LEDGER, EQUIPMENT)]
    assert refused(bakery, **{LEDGER: "VEHICLES", FIELD: EQUIPMENT}) == [], "what holds it is still what holds it"
    assert refused(bakery, **{LEDGER: EQUIPMENT, FIELD: None}) == [], "and back"
    archive_value_update(bakery.engine, bakery.id(), update, actor="ada", now=at(NOW))
    assert refused(bakery, **{FIELD: IMPAIRED}) == []
    impair(bakery, "a", 1_000, "2026-08-11")
    assert refused(bakery, **{LEDGER: "VEHICLES"}) == [], "nothing of it is there now"
    assert ledger(bakery) == {IMPAIRED: -1_000, IMPAIRMENT_LOSS: 1_000}


def test_a_type_s_account_stays_too(bakery: Books) -> None:
    bakery.put(asset_type(), asset("a", asset_type="Machines", ledger_account=""), asset("b", asset_type="Machines"))
    impair(bakery, "a", 1_000, "2026-08-10")
    (row,) = bakery.sql("SELECT id FROM asset_type")

    def typed(**given: Any) -> list[tuple[str, str | None, Any]]:
        given["depreciation"] = {"method": "straight_line", "life_months": 12}
        try:
            change_asset_type(bakery.engine, bakery.id(), row.id, given, actor="ada")
        except InvalidInput as error:
            return [(found.code, found.field, found.value) for found in error.findings]
        return []

    assert typed(**{FIELD: IMPAIRED}) == [(HELD, FIELD, EQUIPMENT)]
    assert typed(**{LEDGER: "VEHICLES"}) == [(HELD, LEDGER, EQUIPMENT)]
    with pytest.raises(InvalidInput) as told:
        bakery.put(asset_type(**{FIELD: IMPAIRED}))
    assert [(one.line, one.code, one.field) for one in told.value.findings] == [(2, HELD, FIELD)]


# ---------------------------------------------------------------------------------------------------- to the last cent


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cost=st.integers(1_200, 10**9),
    share=st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000),
    data=st.data(),
)
def test_whatever_goes_in_parts_leaves_nothing(bakery: Books, cost: int, share: Fraction, data: st.DataObject) -> None:
    name = f"any-{bakery.sql('SELECT count(*) AS n FROM asset')[0].n}"
    bakery.put(asset(name, cost=f"{cost // 100}.{cost % 100:02d}", purchase_date="2026-08-01",
                     acquisition_counter_account="CASH", **OWN))  # fmt: skip
    impair(bakery, name, data.draw(st.integers(1, cost), "impairment"), "2026-08-10")
    third = {"units": {"disposed": str(share.numerator), "of": str(share.denominator)}}
    part = dispose(bakery, name, "2026-08-20", proceeds=0, part=third)
    assert part.impairment_minor >= 0 and sum(amount for _, amount in entry(part.entry)) == 0
    dispose(bakery, name, "2026-08-22", proceeds=0)
    assert not {EQUIPMENT, ACCUMULATED, IMPAIRED} & ledger(bakery).keys()
