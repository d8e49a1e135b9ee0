"""Charges become balanced entries whose lines are their charges, account by account, in both grains."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.domain.terms import JournalGrain
from bookvalue.ledger.posting import MAX_TOTAL, Posting, TotalOutOfRange, build_posting, grouped_sum
from ledger.charges import Charge, charge_lists, columns

GRAINS = st.sampled_from(JournalGrain)
VAN, OVEN, EXPENSE = 1610, 1620, 6500


def lines_of(made: Posting) -> list[tuple[int, int, int, int, int]]:
    """(entry, line number, account, debit, credit) of each line, in their order."""
    return list(
        zip(
            *(
                getattr(made, name).tolist()
                for name in ("line_entry", "line_no", "line_account", "line_debit_minor", "line_credit_minor")
            ),
            strict=True,
        )
    )


def sides(charge: Charge) -> tuple[int, int]:
    """The accounts that a charge debits and credits, by the words of seeds 000 and 002."""
    accounts = charge.expense_account, charge.accumulated_account
    return accounts if charge.amount_minor > 0 else accounts[::-1]


def test_one_charge_debits_expense_and_credits_accumulated_depreciation() -> None:
    made = build_posting(columns([Charge(7, 0, 0, 66_667, 0, OVEN, EXPENSE)]), JournalGrain.ACCOUNT)
    assert lines_of(made) == [(0, 1, EXPENSE, 66_667, 0), (0, 2, OVEN, 0, 66_667)]
    assert (made.entry_total_minor.tolist(), made.entry_line_count.tolist(), made.entry_row.tolist()) == (
        [66_667],
        [2],
        [-1],
    )


def test_a_negative_charge_swaps_the_sides() -> None:
    made = build_posting(columns([Charge(7, 0, 0, -500, 1, OVEN, EXPENSE)]), JournalGrain.ASSET)
    assert lines_of(made) == [(0, 1, OVEN, 500, 0), (0, 2, EXPENSE, 0, 500)]
    assert made.entry_row.tolist() == [7]


def test_mixed_signs_stay_gross_and_lines_come_debits_first_by_account() -> None:
    charges = [Charge(0, 0, 0, 300, 0, OVEN, EXPENSE), Charge(1, 0, 0, -100, 1, OVEN, EXPENSE),
               Charge(2, 0, 0, 40, 0, VAN, EXPENSE)]  # fmt: skip
    made = build_posting(columns(charges), JournalGrain.ACCOUNT)
    assert lines_of(made) == [
        (0, 1, OVEN, 100, 0),
        (0, 2, EXPENSE, 340, 0),
        (0, 3, VAN, 0, 40),
        (0, 4, OVEN, 0, 300),
        (0, 5, EXPENSE, 0, 100),
    ]
    assert made.entry_total_minor.tolist() == [440]
    assert list(zip(made.charge_debit_line.tolist(), made.charge_credit_line.tolist(), strict=True)) == [
        (2, 4),
        (1, 5),
        (2, 3),
    ]


def test_lines_of_other_tags_stay_apart_and_come_by_account_first() -> None:
    charges = [Charge(0, 0, 0, 10, 0, OVEN, EXPENSE, 2), Charge(1, 0, 0, 20, 0, OVEN, EXPENSE),
               Charge(2, 0, 0, 30, 0, VAN, EXPENSE, 2), Charge(3, 0, 0, 40, 0, OVEN, EXPENSE, 2)]  # fmt: skip
    made = build_posting(columns(charges), JournalGrain.ACCOUNT)
    assert lines_of(made) == [(0, 1, EXPENSE, 20, 0), (0, 2, EXPENSE, 80, 0), (0, 3, VAN, 0, 30), (0, 4, OVEN, 0, 20),
                              (0, 5, OVEN, 0, 50)]  # fmt: skip
    assert made.line_tag_set.tolist() == [0, 2, 2, 0, 2]
    assert made.charge_credit_line.tolist() == [5, 4, 3, 5]


def test_an_entry_for_each_effective_period_even_in_one_posting_period() -> None:
    charges = [Charge(0, 1, 3, 10, 0, VAN, EXPENSE), Charge(0, 2, 3, 11, 0, VAN, EXPENSE),
               Charge(1, 3, 3, 12, 0, VAN, EXPENSE)]  # fmt: skip
    made = build_posting(columns(charges), JournalGrain.ACCOUNT)
    assert made.entry_effective.tolist() == [1, 2, 3]
    assert made.entry_posting.tolist() == [3, 3, 3]
    assert made.charge_entry.tolist() == [0, 1, 2]


@pytest.mark.parametrize("grain", JournalGrain)
def test_no_charges_make_no_entries(grain: JournalGrain) -> None:
    made = build_posting(columns([]), grain)
    assert {len(getattr(made, name)) for name in Posting.__dataclass_fields__} == {0}


@given(charge_lists(), GRAINS)
def test_every_entry_balances(charges: list[Charge], grain: JournalGrain) -> None:
    made = build_posting(columns(charges), grain)
    totals = made.entry_total_minor.tolist()
    debit, credit, count = [0] * len(totals), [0] * len(totals), [0] * len(totals)
    for entry, number, _, in_debit, in_credit in lines_of(made):
        debit[entry] += in_debit
        credit[entry] += in_credit
        count[entry] += 1
        assert number == count[entry]
        assert (in_debit == 0) != (in_credit == 0)
        assert min(in_debit, in_credit) == 0
    assert debit == credit == totals
    assert count == made.entry_line_count.tolist()
    assert all(total > 0 for total in totals)


@given(charge_lists(), GRAINS)
def test_lines_are_the_charges_account_by_account(charges: list[Charge], grain: JournalGrain) -> None:
    made = build_posting(columns(charges), grain)
    wanted: Counter[tuple[int, int, str, int, int]] = Counter()
    for number, charge in enumerate(charges):
        entry = number if grain is JournalGrain.ASSET else charge.effective
        for side, account in zip(("debit", "credit"), sides(charge), strict=True):
            wanted[entry, charge.posting, side, account, charge.tag_set] += abs(charge.amount_minor)
    found: Counter[tuple[int, int, str, int, int]] = Counter()
    for (entry, _, account, debit, credit), tag_set in zip(lines_of(made), made.line_tag_set.tolist(), strict=True):
        name = entry if grain is JournalGrain.ASSET else int(made.entry_effective[entry])
        found[name, int(made.entry_posting[entry]), "debit" if debit else "credit", account, tag_set] += debit + credit
    assert found == wanted
    assert len(made.line_no) == len(wanted), "one line for each entry, side, account and tag set"


@given(charge_lists(), GRAINS)
def test_each_charge_knows_its_entry_and_its_two_lines(charges: list[Charge], grain: JournalGrain) -> None:
    made = build_posting(columns(charges), grain)
    line_at = {(entry, number): rest for entry, number, *rest in lines_of(made)}
    for number, charge in enumerate(charges):
        entry = int(made.charge_entry[number])
        assert (made.entry_effective[entry], made.entry_posting[entry]) == (charge.effective, charge.posting)
        assert made.entry_row[entry] == (charge.row if grain is JournalGrain.ASSET else -1)
        debited, credited = sides(charge)
        account, debit, _ = line_at[entry, int(made.charge_debit_line[number])]
        assert account == debited
        assert debit >= abs(charge.amount_minor)
        account, _, credit = line_at[entry, int(made.charge_credit_line[number])]
        assert account == credited
        assert credit >= abs(charge.amount_minor)


@given(charge_lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_assets_does_not_matter(charges: list[Charge], random: Random) -> None:
    """Rows are numbered anew, as if the assets' ids had come in another order; entries and lines are the same."""
    renumbered = list(range(31))
    random.shuffle(renumbered)
    shuffled = sorted((c._replace(row=renumbered[c.row]) for c in charges), key=lambda c: (c.effective, c.row))
    one, other = (build_posting(columns(each), JournalGrain.ACCOUNT) for each in (charges, shuffled))
    for name in Posting.__dataclass_fields__:
        if not name.startswith("charge_"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


@given(charge_lists(), GRAINS)
def test_everything_is_int64(charges: list[Charge], grain: JournalGrain) -> None:
    made = build_posting(columns(charges), grain)
    assert {getattr(made, name).dtype for name in Posting.__dataclass_fields__} == {np.dtype(np.int64)}


def huge(count: int, rest: int) -> list[Charge]:
    """Charges of one account that add up to count * 10^15 + rest."""
    return [Charge(row, 0, 0, 10**15, 0, VAN, EXPENSE) for row in range(count)] + [
        Charge(count, 0, 0, rest, 0, VAN, EXPENSE)
    ]


MOST, REST = divmod(MAX_TOTAL, 10**15)


def test_the_largest_total_that_fits_is_exact() -> None:
    made = build_posting(columns(huge(MOST, REST)), JournalGrain.ACCOUNT)
    assert lines_of(made) == [(0, 1, EXPENSE, MAX_TOTAL, 0), (0, 2, VAN, 0, MAX_TOTAL)]


def test_one_more_is_refused_and_the_finer_grain_takes_it() -> None:
    charges = columns(huge(MOST, REST + 1))
    with pytest.raises(TotalOutOfRange) as raised:
        build_posting(charges, JournalGrain.ACCOUNT)
    assert raised.value.code == "total_out_of_range"
    assert len(build_posting(charges, JournalGrain.ASSET).entry_total_minor) == MOST + 1


def test_an_entry_beyond_int64_is_refused_though_each_line_fits() -> None:
    charges = [
        charge._replace(accumulated_account=row % 2 + 1, expense_account=row % 2 + 3)
        for row, charge in enumerate(huge(MOST, REST + 1))
    ]
    with pytest.raises(TotalOutOfRange):
        build_posting(columns(charges), JournalGrain.ACCOUNT)


@given(st.lists(st.tuples(st.integers(0, MAX_TOTAL), st.integers(0, 5)), max_size=30))
def test_grouped_sum_is_exact_or_refused(pairs: list[tuple[int, int]]) -> None:
    values, groups = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    exact = [sum(value for value, group in pairs if group == number) for number in range(6)]
    if max(exact) > MAX_TOTAL:
        with pytest.raises(TotalOutOfRange):
            grouped_sum(values, groups, 6)
    else:
        assert grouped_sum(values, groups, 6).tolist() == exact
