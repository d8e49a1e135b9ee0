"""The sides of a disposal's entry: they sum to zero, clear what is carried, and say the result; their mirror too."""

from dataclasses import replace
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.ledger.derecognition import Carried, Part, entry_of, parts, rounded

ACCOUNTS = {part: (UUID(int=number), number) for number, part in enumerate(Part, 1)}
AMOUNTS = st.integers(0, 10**15)


@st.composite
def carried(draw: st.DrawFn) -> Carried:
    """What any asset may be carried at: never below nothing, the stub either way."""
    capitalised = draw(AMOUNTS)
    cost = draw(st.integers(0, capitalised))
    accumulated = draw(st.integers(0, cost))
    return Carried(cost, capitalised, accumulated, draw(st.integers(-(10**12), accumulated)), draw(AMOUNTS))


@given(carried(), AMOUNTS)
def test_the_parts_of_any_asset(asset: Carried, proceeds: int) -> None:
    amounts, result = parts(asset, proceeds), asset.result(proceeds)
    assert sum(amounts.values()) == 0
    assert 0 not in amounts.values()
    assert proceeds - asset.book_value_minor == result.gain_or_loss_minor + result.capital_gain_minor
    assert amounts.get(Part.ASSET, 0) == -asset.cost_minor - asset.impairment_minor
    assert amounts.get(Part.IMPAIRMENT, 0) == asset.impairment_minor
    assert amounts.get(Part.ACCUMULATED, 0) == asset.accumulated_minor
    assert amounts.get(Part.GAIN, 0) + amounts.get(Part.LOSS, 0) == -result.gain_or_loss_minor
    assert (Part.GAIN in amounts, Part.LOSS in amounts) == (
        result.gain_or_loss_minor > 0,
        result.gain_or_loss_minor < 0,
    )
    assert amounts.get(Part.CAPITAL_GAIN, 0) == -max(0, proceeds - asset.capitalised_minor)
    assert amounts.get(Part.STUB_EXPENSE, 0) == -amounts.get(Part.STUB_ACCUMULATED, 0) == asset.stub_minor


@given(carried(), AMOUNTS, st.booleans())
def test_each_part_is_in_a_line_of_its_account_and_side(asset: Carried, proceeds: int, mirror: bool) -> None:
    amounts = {part: -amount if mirror else amount for part, amount in parts(asset, proceeds).items()}
    made = entry_of(amounts, ACCOUNTS)
    by_number = {line.line_no: line for line in made.made.lines}
    assert set(made.line_of) == set(amounts)
    for part, amount in amounts.items():
        line = by_number[made.line_of[part]]
        assert (line.account_id, line.debit_minor - line.credit_minor) == (ACCOUNTS[part][0], amount)


@pytest.mark.parametrize("stub", [700, -700])
def test_the_lines_of_the_stub(stub: int) -> None:
    same = {**ACCOUNTS, Part.STUB_ACCUMULATED: ACCOUNTS[Part.ACCUMULATED]}
    made = entry_of(parts(Carried(10_000, 10_000, 2_000, stub), 0), same)
    by_number = {line.line_no: line for line in made.made.lines}
    debit, credit = (by_number[number] for number in made.stub_lines(stub) if number is not None)
    expense, accumulated = ACCOUNTS[Part.STUB_EXPENSE][0], ACCOUNTS[Part.ACCUMULATED][0]
    if stub > 0:
        assert (debit.account_id, debit.debit_minor) == (expense, 700)
        assert (credit.account_id, credit.credit_minor) == (accumulated, 700)
    else:  # taken back on the side on which it is cleared: one line of both
        assert (debit.account_id, debit.debit_minor) == (accumulated, 2_700)
        assert (credit.account_id, credit.credit_minor) == (expense, 700)


@pytest.mark.parametrize(("proceeds", "part"), [(9_000, Part.GAIN), (7_000, Part.LOSS), (8_000, None)])
def test_the_line_of_the_result(proceeds: int, part: Part | None) -> None:
    made = entry_of(parts(Carried(10_000, 10_000, 2_000, 0), proceeds), ACCOUNTS)
    assert made.result_line == (None if part is None else made.line_of[part])
    assert made.stub_lines(0) == (None, None)


@given(carried(), AMOUNTS)
def test_an_account_of_its_own_for_impairments_changes_no_result(asset: Carried, proceeds: int) -> None:
    """What was credited there instead of to the asset account goes out of both, against each other."""
    plain = replace(asset, impairment_minor=0)
    assert asset.result(proceeds) == plain.result(proceeds)
    assert asset.book_value_minor == plain.book_value_minor
    amounts, without = parts(asset, proceeds), parts(plain, proceeds)
    assert amounts.pop(Part.IMPAIRMENT, 0) + amounts.pop(Part.ASSET, 0) == without.pop(Part.ASSET, 0)
    assert amounts == without


def test_an_asset_of_nothing_has_no_lines() -> None:
    made = entry_of(parts(Carried(0, 0, 0, 0), 0), ACCOUNTS)
    assert (made.made.lines, made.line_of) == ((), {})


def test_parts_that_do_not_balance_are_no_entry() -> None:
    with pytest.raises(ValueError, match="do not balance"):
        entry_of({Part.ASSET: -1}, ACCOUNTS)


@given(carried(), st.fractions(0, 1))
def test_a_part_and_the_rest_are_the_whole(asset: Carried, share: Fraction) -> None:
    part = asset.part(share)
    rest = asset.less(part)
    for name in ("cost_minor", "capitalised_minor", "accumulated_minor", "impairment_minor"):
        assert getattr(part, name) + getattr(rest, name) == getattr(asset, name)
        assert 2 * abs(getattr(part, name) - getattr(asset, name) * share) <= 1  # no more than rounding off
    assert part.stub_minor == rest.stub_minor == asset.stub_minor
    assert part.book_value_minor + rest.book_value_minor == asset.book_value_minor


@given(carried(), AMOUNTS)
def test_more_depreciation_is_part_of_the_stub(asset: Carried, more: int) -> None:
    changed = asset.depreciated_by(more)
    assert changed.stub_minor - asset.stub_minor == more
    assert asset.book_value_minor - changed.book_value_minor == more
    assert (changed.cost_minor, changed.capitalised_minor) == (asset.cost_minor, asset.capitalised_minor)


def test_a_half_is_rounded_up() -> None:
    assert [rounded(Fraction(number, 4)) for number in range(7)] == [0, 0, 1, 1, 1, 1, 2]
