"""A charge is split by the days on which its asset had which tags: exactly, in their order, and nothing is lost."""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.engine.register import EPOCH_ORDINAL, NEVER, NO_DAY
from bookvalue.ledger.posting import Charges
from bookvalue.ledger.tag_split import NO_TAGS, NOTHING_POSTED, Held, PostedTags, TagDays, split
from ledger.charges import AMOUNTS, Charge, charge_lists, columns

MONTHS = [date(2026, 1 + month, 1) for month in range(12)]
ENDS = [start.replace(day=monthrange(2026, start.month)[1]) for start in MONTHS]
FEBRUARY, AUGUST, SEPTEMBER, OCTOBER = 1, 7, 8, 9
EVER = date(1, 1, 1)

Tagged = list[tuple[int, date, int]]
"""(row, day, tag set), in order."""


def days(dates: list[date]) -> np.ndarray:
    return np.array([day.toordinal() - EPOCH_ORDINAL for day in dates], np.int64)


def held(thirtieths: bool = False, start: date | None = None, disposal: date | None = None) -> Held:
    first = NO_DAY if start is None else int(days([start])[0])
    last = NEVER if disposal is None else int(days([disposal])[0])
    return Held(np.full(31, first), np.full(31, last), np.full(31, thirtieths))


def parts(
    charges: list[Charge],
    tagged: Tagged,
    thirtieths: bool = False,
    posted: PostedTags = NOTHING_POSTED,
    **days_of: date,
) -> list[Charge]:
    """The charges by tags, of assets that all count days alike."""
    rows, dates, sets = zip(*tagged, strict=True) if tagged else ((), (), ())
    tags = TagDays(np.array(rows, np.int64), days(list(dates)), np.array(sets, np.int64))
    made = split(columns(charges), tags, days(MONTHS), days(ENDS), held(thirtieths, **days_of), posted)
    return [Charge(*row) for row in zip(*(getattr(made, name).tolist() for name in Charge._fields), strict=True)]


def charge(effective: int, amount: int, row: int = 0, sequence: int = 0) -> Charge:
    return Charge(row, effective, effective, amount, sequence, 1620, 6500)


def amounts(found: list[Charge]) -> list[tuple[int, int, int]]:
    return [(one.amount_minor, one.tag_set, one.sequence) for one in found]


@pytest.mark.parametrize(
    ("effective", "thirtieths", "wanted"),
    [
        (SEPTEMBER, False, [(10_000, 1, 0), (20_000, 2, 1)]),
        (SEPTEMBER, True, [(10_000, 1, 0), (20_000, 2, 1)]),
        (OCTOBER, False, [(9_677, 1, 0), (20_323, 2, 1)]),  # 10 and 21 of 31: 9677.42
        (OCTOBER, True, [(10_000, 1, 0), (20_000, 2, 1)]),
        (FEBRUARY, False, [(10_714, 1, 0), (19_286, 2, 1)]),  # 10 and 18 of 28: 10714.29
        (FEBRUARY, True, [(10_000, 1, 0), (20_000, 2, 1)]),
    ],
)
def test_a_change_on_the_11th(effective: int, thirtieths: bool, wanted: list[tuple[int, int, int]]) -> None:
    tagged = [(0, EVER, 1), (0, MONTHS[effective] + timedelta(days=10), 2)]
    assert amounts(parts([charge(effective, 30_000)], tagged, thirtieths)) == wanted


def test_the_31st_is_the_30th_where_months_have_thirty_days() -> None:
    tagged = [(0, EVER, 1), (0, date(2026, 10, 31), 2)]
    assert amounts(parts([charge(OCTOBER, 30_000)], tagged, True)) == [(29_000, 1, 0), (1_000, 2, 1)]


def test_tags_come_go_and_come_again() -> None:
    tagged = [(0, date(2026, 9, 6), 3), (0, date(2026, 9, 11), 0), (0, date(2026, 9, 16), 3), (0, date(2026, 9, 21), 4)]
    found = parts([charge(SEPTEMBER, -600, sequence=2)], tagged)
    assert amounts(found) == [(-100, 0, 2), (-100, 3, 3), (-100, 0, 4), (-100, 3, 5), (-200, 4, 6)]


def test_each_period_has_the_tags_of_its_own_days() -> None:
    tagged = [(0, EVER, 1), (0, date(2026, 9, 1), 2), (0, date(2026, 9, 30), 5), (0, date(2026, 11, 1), 6)]
    found = parts([charge(AUGUST, 30), charge(SEPTEMBER, 30), charge(OCTOBER, 30)], tagged)
    assert [(one.effective, one.amount_minor, one.tag_set) for one in found] == [
        (AUGUST, 30, 1), (SEPTEMBER, 29, 2), (SEPTEMBER, 1, 5), (OCTOBER, 30, 5),
    ]  # fmt: skip


def test_what_comes_to_nothing_is_left_out_and_sequences_follow_each_other() -> None:
    tagged = [(0, EVER, 1), (0, date(2026, 9, 11), 2), (0, date(2026, 9, 12), 3)]
    assert amounts(parts([charge(SEPTEMBER, 1, sequence=4)], tagged)) == [(1, 3, 4)]
    assert amounts(parts([charge(SEPTEMBER, 10, sequence=4)], tagged)) == [(3, 1, 4), (1, 2, 5), (6, 3, 6)]


@pytest.mark.parametrize(
    ("days_of", "wanted"),
    [
        ({"start": date(2026, 9, 6)}, [(500, 1, 0), (2_000, 2, 1)]),  # 5 and 20 of the 25 days from the 6th on
        ({"start": date(2026, 9, 11)}, [(2_500, 2, 0)]),
        ({"start": date(2026, 8, 6)}, [(833, 1, 0), (1_667, 2, 1)]),
        ({"disposal": date(2026, 9, 12)}, [(2_083, 1, 0), (417, 2, 1)]),  # 10 and 2 of 12
        ({"disposal": date(2026, 9, 10)}, [(2_500, 1, 0)]),
        ({"disposal": date(2026, 10, 1)}, [(833, 1, 0), (1_667, 2, 1)]),
        ({"start": date(2026, 9, 10), "disposal": date(2026, 9, 11)}, [(1_250, 1, 0), (1_250, 2, 1)]),
    ],
)
def test_only_days_on_which_it_is_there_count(days_of: dict[str, date], wanted: list[tuple[int, int, int]]) -> None:
    tagged = [(0, EVER, 1), (0, date(2026, 9, 11), 2)]
    assert amounts(parts([charge(SEPTEMBER, 2_500)], tagged, **days_of)) == wanted


@pytest.mark.parametrize("day", [30, 31])
def test_the_end_of_a_month_of_31_days_keeps_its_charge(day: int) -> None:
    """In months of thirty days nothing lies between a 30th and the 31st after it."""
    tagged = [(0, EVER, 1), (0, date(2026, 10, 30), 2)]
    only = date(2026, 10, day)
    assert amounts(parts([charge(OCTOBER, 500)], tagged, True, start=only, disposal=only)) == [(500, 2, 0)]


def test_other_assets_are_left_alone() -> None:
    tagged = [(1, EVER, 1), (1, date(2026, 9, 11), 2)]
    found = parts([charge(SEPTEMBER, 30, 0), charge(SEPTEMBER, 30, 1), charge(SEPTEMBER, 30, 2)], tagged)
    assert [(one.row, one.amount_minor, one.tag_set) for one in found] == [
        (0, 30, 0), (1, 10, 1), (1, 20, 2), (2, 30, 0),
    ]  # fmt: skip


def test_without_tags_or_charges_nothing_is_done() -> None:
    charges = columns([charge(SEPTEMBER, 30)])
    assert split(charges, NO_TAGS, days(MONTHS), days(ENDS), held()) is charges
    assert parts([], [(0, EVER, 1)]) == []


def counted(day: date, thirtieths: bool) -> int:
    """Where a day stands in its month, from 0, by plain arithmetic."""
    return min(day.day - 1, 29) if thirtieths else day.day - 1


def expected(one: Charge, tagged: Tagged, thirtieths: bool) -> list[tuple[int, int, int]]:
    """(amount, tag set, sequence) of one charge, by fractions."""
    start, end = MONTHS[one.effective], ENDS[one.effective]
    own = [(day, tag_set) for row, day, tag_set in tagged if row == one.row]
    now = ([0] + [tag_set for day, tag_set in own if day <= start])[-1]
    cuts = [(start, now), *((day, tag_set) for day, tag_set in own if start < day <= end)]
    whole = 30 if thirtieths else end.day
    found: list[tuple[int, int, int]] = []
    for place, (day, tag_set) in enumerate(cuts):
        after = counted(cuts[place + 1][0], thirtieths) if place + 1 < len(cuts) else whole
        amount = nearest(one.amount_minor, after, whole) - nearest(one.amount_minor, counted(day, thirtieths), whole)
        if amount:
            found.append((amount, tag_set, one.sequence + len(found)))
    return found


def nearest(amount: int, above: int, below: int) -> int:
    exact = abs(Fraction(amount * above, below))
    size = int(exact + Fraction(1, 2))
    return size if amount > 0 else -size


@given(
    charge_lists().map(lambda found: [one._replace(tag_set=0) for one in found]),
    st.dictionaries(
        st.tuples(st.integers(0, 30), st.integers(0, 180).map(lambda days: date(2025, 12, 20) + timedelta(days=days))),
        st.integers(0, 4),
        max_size=60,
    ),
    st.booleans(),
)
def test_by_fractions(charges: list[Charge], tags: dict[tuple[int, date], int], thirtieths: bool) -> None:
    tagged = sorted((row, day, tag_set) for (row, day), tag_set in tags.items())
    found = parts(charges, tagged, thirtieths)
    assert amounts(found) == [part for one in charges for part in expected(one, tagged, thirtieths)]
    before = {(one.effective, one.row): one.amount_minor for one in charges}
    after: dict[tuple[int, int], int] = {}
    for one in found:
        after[one.effective, one.row] = after.get((one.effective, one.row), 0) + one.amount_minor
        assert (one.amount_minor > 0) == (before[one.effective, one.row] > 0)
    assert after == before


def already(*rows: tuple[int, int, int]) -> PostedTags:
    """What is posted, as (charge's place, tag set, amount)."""
    return PostedTags(*np.array(rows, np.int64).reshape(-1, 3).T)


@pytest.mark.parametrize(
    ("amount", "posted", "wanted"),
    [
        (20_000, [(0, 1, 10_000)], [(20_000, 2, 1)]),
        (20_000, [(0, 2, 10_000)], [(10_000, 1, 1), (10_000, 2, 2)]),
        (-10_000, [(0, 1, 15_000), (0, 2, 25_000)], [(-5_000, 1, 1), (-5_000, 2, 2)]),
        (5_000, [(0, 3, 25_000)], [(-25_000, 3, 1), (10_000, 1, 2), (20_000, 2, 3)]),
        (5_000, [(0, 0, 5_000), (0, 2, 20_000)], [(-5_000, 0, 1), (10_000, 1, 2)]),
    ],
)
def test_what_is_posted_for_the_month_counts_for_its_tags(
    amount: int, posted: Tagged, wanted: list[tuple[int, int, int]]
) -> None:
    tagged = [(0, EVER, 1), (0, date(2026, 9, 11), 2)]
    found = parts([charge(SEPTEMBER, amount, sequence=1)], tagged, posted=already(*posted))
    assert amounts(found) == wanted


def test_what_is_posted_for_one_charge_is_not_held_against_another() -> None:
    tagged = [(row, day, tag_set) for row in (1, 3) for day, tag_set in ((EVER, 1), (date(2026, 9, 11), 2))]
    charges = [charge(SEPTEMBER, 30, row) for row in range(4)]
    found = parts(charges, tagged, posted=already((1, 9, 60), (3, 2, 3)))
    assert [(one.row, one.amount_minor, one.tag_set) for one in found] == [
        (0, 30, 0), (1, -60, 9), (1, 30, 1), (1, 60, 2), (2, 30, 0), (3, 11, 1), (3, 19, 2),
    ]  # fmt: skip


@given(AMOUNTS, st.dictionaries(st.integers(0, 4), st.integers(-(10**15), 10**15).filter(bool), max_size=5))
def test_with_what_is_posted_each_tag_has_what_its_days_have_of_all(amount: int, posted: dict[int, int]) -> None:
    tagged = [(0, date(2026, 9, 4), 1), (0, date(2026, 9, 20), 2)]
    before = already(*((0, tag_set, of_it) for tag_set, of_it in sorted(posted.items())))
    found = parts([charge(SEPTEMBER, amount)], tagged, posted=before)
    total = amount + sum(posted.values())
    wanted = dict.fromkeys(range(5), 0) | {
        tag_set: nearest(total, after, 30) - nearest(total, first, 30)
        for tag_set, first, after in ((0, 0, 3), (1, 3, 19), (2, 19, 30))
    }
    reached = dict.fromkeys(range(5), 0) | posted
    for one in found:
        reached[one.tag_set] += one.amount_minor
    assert reached == wanted
    assert [one.sequence for one in found] == list(range(len(found)))


@given(AMOUNTS)
def test_every_amount_keeps_its_cents(amount: int) -> None:
    tagged = [(0, EVER, 1), (0, date(2026, 10, 11), 2), (0, date(2026, 10, 12), 3)]
    found = parts([charge(OCTOBER, amount)], tagged)
    assert sum(one.amount_minor for one in found) == amount
    assert {field: getattr(found[0], field) for field in ("row", "posting", "accumulated_account")} == {
        "row": 0, "posting": OCTOBER, "accumulated_account": 1620,
    }  # fmt: skip


def test_columns_are_int64() -> None:
    made = split(
        columns([charge(SEPTEMBER, 30)]),
        TagDays(*(np.array([value], np.int64) for value in (0, 20_707, 2))),
        days(MONTHS), days(ENDS), held(),
    )  # fmt: skip
    assert {getattr(made, name).dtype for name in Charges.__dataclass_fields__} == {np.dtype(np.int64)}
