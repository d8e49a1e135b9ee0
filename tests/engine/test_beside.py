"""Changes beside the plan: it goes on unchanged, ends sooner, and what is planned anew takes them up."""

from dataclasses import replace
from datetime import date

import numpy as np

from bookvalue.domain.asset import BookAsset, DepreciationSettings
from bookvalue.domain.asset_facts import AssetFacts, ValueChange
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import Averaging, Method, UpdateType
from bookvalue.engine.accumulate import accumulated, beside_on
from bookvalue.engine.beside import taken_up
from bookvalue.engine.register import EPOCH_ORDINAL, NEVER, NO_DAY, Dated, RegisterColumns, columns_of

YEAR = DepreciationSettings(Method.STRAIGHT_LINE, life_months=12)


def day(month: int, of: int = 1) -> int:
    return date(2026, month, of).toordinal() - EPOCH_ORDINAL


def register(*beside: tuple[int, int, int], changes: tuple[tuple[int, ValueChange], ...] = ()) -> RegisterColumns:
    """Three assets of 1,200.00 over 2026; what lies beside the plan as (row, day, amount)."""
    facts = [AssetFacts(value_changes=tuple(one for row, one in changes if row == number)) for number in range(3)]
    made = columns_of(FiscalCalendar(), [BookAsset(YEAR, 120_000, date(2026, 1, 1), facts=one) for one in facts])
    changed, table = taken_up(made.changes, Dated.of(beside))
    return replace(made, changes=changed, beside=table)


def impairment(month: int, amount: int) -> ValueChange:
    return ValueChange(date(2026, month, 1), UpdateType.IMPAIRMENT, amount)


def on(columns: RegisterColumns, month: int) -> list[int]:
    """What has accumulated by the end of a month."""
    end = FiscalCalendar().period_of(date(2026, month, 1)).end
    found: list[int] = accumulated(columns, end.toordinal() - EPOCH_ORDINAL).tolist()
    return found


def test_the_plan_goes_on_and_ends_where_nothing_is_left() -> None:
    columns = register((1, day(2, 10), 25_000))
    assert [on(columns, month)[1] for month in (1, 2, 9, 10, 12)] == [10_000, 20_000, 90_000, 95_000, 95_000]
    assert on(columns, 12) == [120_000, 95_000, 120_000]
    more = register((1, day(2, 10), -25_000))
    assert on(more, 12)[1] == 120_000


def test_a_register_without_any_stays_what_it_is() -> None:
    changes = register(changes=((0, impairment(3, 60_000)),)).changes
    taken, table = taken_up(changes, Dated.of(()))
    assert taken is changes
    assert len(table.row) == 0


def test_what_the_plan_had_come_to_stays() -> None:
    """All of the value at once: nothing more is charged, and nothing is credited."""
    columns = register((0, day(6, 30), 60_000), (0, day(7, 2), 5_000))
    assert [on(columns, month)[0] for month in (6, 7, 12)] == [60_000, 60_000, 60_000]
    assert accumulated(columns, np.array([day(12, 31)]), rows=np.array([0])).tolist() == [60_000]


def test_a_later_change_takes_them_up() -> None:
    """1,200.00 - 330.00 - 100.00 - 110.00 = 660.00 over eleven months."""
    columns = register((2, day(1, 15), 33_000), changes=((2, impairment(2, 11_000)), (0, impairment(3, 1_000))))
    assert columns.beside.until_day.tolist() == [day(2, 1)]
    assert (columns.changes.row.tolist(), columns.changes.amount_minor.tolist()) == ([0, 2, 2], [1_000, 33_000, 11_000])
    assert [on(columns, month)[2] for month in (1, 2, 12)] == [10_000, 16_000, 76_000]
    balanced = register((2, day(1, 15), 5), (2, day(1, 16), -5), changes=((2, impairment(2, 11_000)),))
    assert len(balanced.changes) == 1


def test_what_no_later_change_takes_up_counts_for_good() -> None:
    columns = register((1, day(5), 7), (2, day(4), 9), changes=((1, impairment(2, 1_000)),))
    assert columns.beside.until_day.tolist() == [NEVER, NEVER]
    taken, last = beside_on(columns.beside, np.array([0, 1, 2, 1]), np.array([day(6), day(6), day(6), day(4)]))
    assert (taken.tolist(), last.tolist()) == ([0, 7, 9, 0], [NO_DAY, day(5), day(4), NO_DAY])


def test_what_is_taken_up_limits_nothing_any_more() -> None:
    """Half the year is charged when the residual value rises above what is left: nothing of it is credited."""
    raised = ValueChange(date(2026, 7, 1), UpdateType.IMPAIRMENT, 1_000, residual_minor=100_000)
    columns = register((0, day(2, 10), -5_000), changes=((0, raised), (1, raised)))
    assert [on(columns, month)[:2] for month in (6, 7, 12)] == [[60_000, 60_000]] * 3


def test_it_limits_the_plan_until_the_change_counts_that_takes_it_up() -> None:
    """A change of 17 September counts from October on where months follow: up to then nothing is made anew."""
    late = replace(YEAR, averaging=Averaging.FOLLOWING_MONTH)
    change = ValueChange(date(2026, 9, 17), UpdateType.IMPAIRMENT, 1_000)
    facts = [AssetFacts(value_changes=(change,)), AssetFacts()]
    made = columns_of(FiscalCalendar(), [BookAsset(late, 120_000, date(2026, 1, 1), facts=one) for one in facts])
    changed, table = taken_up(made.changes, Dated.of(((0, day(3, 10), 90_000), (1, day(3, 10), 90_000))))
    columns = replace(made, changes=changed, beside=table)
    for month in (4, 5, 8):
        assert on(columns, month) == [30_000, 30_000]
    assert on(columns, 9) == [30_000, 30_000]
    assert accumulated(columns, day(9, 20)).tolist() == [30_000, 30_000]
