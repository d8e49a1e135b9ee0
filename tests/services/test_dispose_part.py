"""A part of an asset leaves the books: one exact fraction, the rest depreciates on, and every cent comes back."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookvalue.domain.errors import AssetDisposed, InvalidInput
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.keep_asset import change_asset
from bookvalue.services.list_assets import read_one_asset
from services.conftest import ACCUMULATED, EXPENSE, Books, asset, at
from services.disposing import change, dispose, entry, id_of, ledger, reinstate, standing

CASH, EQUIPMENT, GAIN, LOSS = "1010", "1520", "4900", "6530"


@pytest.fixture
def autumn(bakery: Books) -> Books:
    """An asset of 100.00 a month; August and September closed, October open."""
    bakery.put(asset("months"))
    bakery.close("2026-10-02")
    return bakery


def charges(books: Books) -> list[int]:
    """The depreciation of each effective period, net."""
    rows = books.sql("""SELECT sum(amount_minor)::bigint AS amount FROM value_update
                        WHERE update_type = 'DEPRECIATION_AMORTIZATION' GROUP BY effective_period
                        ORDER BY effective_period""")
    return [row.amount for row in rows]


def half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2) // 1) if amount.denominator == 1 else int((amount + Fraction(1, 2)) // 1)


@pytest.mark.parametrize(
    "part",
    [{"percent": "50"}, {"cost": 60_000}, {"units": {"disposed": "2", "of": "4"}}],
    ids=["percent", "cost", "units"],
)
def test_half_of_an_asset_is_sold_and_the_rest_depreciates_on(autumn: Books, part: dict[str, Any]) -> None:
    view = dispose(autumn, "months", "2026-10-10", proceeds=60_000, part=part)
    assert (view.cost_minor, view.accumulated_minor, view.gain_or_loss_minor) == (60_000, 10_000, 10_000)
    assert entry(view.entry) == [(CASH, 60_000), (ACCUMULATED, 10_000), (EQUIPMENT, -60_000), (GAIN, -10_000)]
    assert standing(autumn, "months") == ("registered", None)
    autumn.close("2027-08-02")
    assert charges(autumn) == [10_000, 10_000, *[5_000] * 10]
    balances = ledger(autumn)
    assert (balances[ACCUMULATED], balances[EQUIPMENT], balances[EXPENSE]) == (-60_000, -60_000, 70_000)


def test_what_a_part_took_along_cannot_be_taken_once_more(autumn: Books) -> None:
    """1,200.00 of which 1,080.00 went in October: an impairment of September finds only 120.00 of them."""
    gone = dispose(autumn, "months", "2026-10-10", proceeds=0, part={"percent": "90"})
    with pytest.raises(InvalidInput) as raised:
        change(autumn, "months", "IMPAIRMENT", 12_100, "2026-10-05", "IMPAIRMENT_LOSS")
    assert [(one.code, one.field) for one in raised.value.findings] == [("decrease_above_book_value", "amount")]
    reinstate(autumn, "months", gone)
    change(autumn, "months", "IMPAIRMENT", 12_100, "2026-10-05", "IMPAIRMENT_LOSS")


def test_what_a_part_has_its_share_of_is_not_archived_until_it_is_back(autumn: Books) -> None:
    improved = change(autumn, "months", "IMPROVEMENT", 120_000, "2026-10-05")
    gone = dispose(autumn, "months", "2026-10-10", proceeds=0, part={"percent": "90"})
    with pytest.raises(InvalidInput) as raised:
        archive_value_update(autumn.engine, autumn.id(), improved, actor="ada", now=at("2026-11-20"))
    assert [one.code for one in raised.value.findings] == ["decrease_above_book_value"]
    reinstate(autumn, "months", gone)
    archive_value_update(autumn.engine, autumn.id(), improved, actor="ada", now=at("2026-11-20"))


def test_what_is_left_goes_later(autumn: Books) -> None:
    dispose(autumn, "months", "2026-10-10", proceeds=0, part={"percent": "25"})
    autumn.close("2026-11-02")
    view = dispose(autumn, "months", "2026-11-10", proceeds=0)
    # 900.00 - 150.00 of the rest, less 75.00 for October
    assert (view.cost_minor, view.accumulated_minor, view.gain_or_loss_minor) == (90_000, 22_500, -67_500)
    assert {code: amount for code, amount in ledger(autumn).items() if code in (ACCUMULATED, EQUIPMENT)} == {
        EQUIPMENT: -120_000
    }
    with pytest.raises(AssetDisposed):
        dispose(autumn, "months", "2026-11-11", proceeds=0, part={"percent": "25"})


def test_a_part_comes_back_and_every_cent_with_it(autumn: Books) -> None:
    gone = dispose(autumn, "months", "2026-10-10", proceeds=70_000, part={"percent": "33.333333333"})
    autumn.close("2026-11-02")
    reinstate(autumn, "months", gone)
    autumn.close("2026-12-02")
    assert charges(autumn) == [10_000] * 4
    balances = ledger(autumn)
    assert balances == {ACCUMULATED: -40_000, EXPENSE: 40_000}


def test_the_residual_value_of_the_rest_is_shown_and_is_no_more_than_its_cost(bakery: Books) -> None:
    bakery.put(asset("months", residual_value="200.00"))
    bakery.close("2026-10-02")
    dispose(bakery, "months", "2026-10-10", proceeds=0, part={"percent": "75"})
    of = bakery.engine, bakery.id(), id_of(bakery, "months")
    assert read_one_asset(*of).value.residual_minor == 5_000
    with pytest.raises(InvalidInput) as caught:
        change_asset(*of, {"salvage_value": 50_000, "effective_date": "2026-11-01"}, actor="ada")
    assert [(one.code, one.field) for one in caught.value.findings] == [("residual_above_cost", "salvage_value")]
    assert change_asset(*of, {"salvage_value": 5_000}, actor="ada").value.residual_minor == 5_000, "nothing new"
    assert not bakery.sql("SELECT FROM estimate_change")


def test_the_month_in_which_a_part_leaves_is_the_rest_s_alone(bakery: Books) -> None:
    """Its depreciation begins the month after, and ends before the month of a disposal: October is charged once."""
    bakery.put(asset("months", averaging="following_month"))
    bakery.close("2026-10-02")
    view = dispose(bakery, "months", "2026-10-10", proceeds=0, part={"percent": "90"})
    assert (view.cost_minor, view.accumulated_minor) == (108_000, 9_000)
    bakery.close("2026-11-02")
    assert charges(bakery) == [10_000, 1_000]


def test_two_parts_on_one_day_leave_their_share_of_the_residual_value(bakery: Books) -> None:
    bakery.put(asset("days", averaging="actual_days", residual_value="200.00"))
    for _ in range(2):
        dispose(bakery, "days", "2026-10-10", proceeds=0, part={"percent": "50"})
    assert read_one_asset(bakery.engine, bakery.id(), id_of(bakery, "days")).value.residual_minor == 5_000


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    share=st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000), max_denominator=1000),
    cost=st.integers(min_value=1_200, max_value=10**9),
    proceeds=st.integers(min_value=0, max_value=10**9),
)
def test_any_fraction_is_split_exactly_and_found_again(
    bakery: Books, share: Fraction, cost: int, proceeds: int
) -> None:
    name = f"any-{id_number(bakery)}"
    bakery.put(asset(name, cost=f"{cost // 100}.{cost % 100:02d}", depreciation_start_date="2026-08-01"))
    before = ledger(bakery)
    part = {"units": {"disposed": str(share.numerator), "of": str(share.denominator)}}
    view = dispose(bakery, name, "2026-08-20", proceeds=proceeds, part=part)
    assert view.cost_minor == half_up(cost * share)
    carried = view.cost_minor - view.accumulated_minor
    assert proceeds - carried == view.gain_or_loss_minor + view.capital_gain_minor
    assert sum(amount for _, amount in entry(view.entry)) == 0
    reinstate(bakery, name, view)
    assert ledger(bakery) == before


def id_number(books: Books) -> int:
    return int(books.sql("SELECT count(*) AS n FROM asset")[0].n)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({}, "one_part", "part"),
    ({"percent": "50", "cost": 1}, "one_part", "part"),
    ({"percent": "100"}, "part_is_the_whole", "part"),
    ({"cost": 120_000}, "part_is_the_whole", "part"),
    ({"cost": 0}, "amount_not_positive", "part.cost"),
    ({"percent": "0"}, "out_of_range", "part.percent"),
    ({"units": {"disposed": "1"}}, "required", "part.units.of"),
    ({"units": {"disposed": "4", "of": "4"}}, "part_is_the_whole", "part"),
    ({"share": "1/2"}, "unknown_field", "part.share"),
]


def test_a_part_comes_back_after_the_rest(autumn: Books) -> None:
    part = dispose(autumn, "months", "2026-10-10", proceeds=0, part={"percent": "25"})
    rest = dispose(autumn, "months", "2026-10-12", proceeds=0)
    with pytest.raises(AssetDisposed):
        reinstate(autumn, "months", part)
    assert standing(autumn, "months")[0] == "disposed"
    reinstate(autumn, "months", rest)
    reinstate(autumn, "months", part)
    autumn.close("2026-11-02")
    assert charges(autumn) == [10_000] * 3
    assert ledger(autumn) == {ACCUMULATED: -30_000, EXPENSE: 30_000}


def test_what_is_no_part_is_named(autumn: Books) -> None:
    for part, code, field in WRONG:
        with pytest.raises(InvalidInput) as caught:
            dispose(autumn, "months", "2026-10-10", proceeds=0, part=part)
        assert (code, field) in [(one.code, one.field) for one in caught.value.findings], part
    autumn.put(asset("limited", cost_limit="600.00"))
    with pytest.raises(InvalidInput) as caught:
        dispose(autumn, "limited", "2026-10-10", proceeds=0, part={"percent": "50"})
    assert caught.value.findings[0].code == "part_of_limited_cost"
    assert id_of(autumn, "months")
