"""Calendar arithmetic on columns says the same as the domain's calendar and the standard library, day by day."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.engine.fiscal_days import (
    calendar_month,
    first_of_month,
    fiscal_month,
    fiscal_month_start,
    fiscal_year,
    fiscal_year_start,
    plus_months,
)
from engine.registers import engine_day, engine_days
from oracle.dates import plus_months as shift

FISCAL_STARTS = [(1, 1), (7, 1), (4, 6), (1, 31), (12, 31), (2, 28), (3, 1), (10, 30), (8, 29), (2, 1)]
EVERY_DAY = [date(1999, 11, 1) + timedelta(days=number) for number in range(6 * 366)]


def test_months_of_every_day() -> None:
    days = engine_days(EVERY_DAY)
    assert calendar_month(days).tolist() == [day.year * 12 + day.month - 1 for day in EVERY_DAY]
    assert first_of_month(calendar_month(days)).tolist() == [engine_day(day.replace(day=1)) for day in EVERY_DAY]


@pytest.mark.parametrize("start", FISCAL_STARTS)
def test_fiscal_periods_of_every_day(start: tuple[int, int]) -> None:
    calendar = FiscalCalendar(*start)
    days = engine_days(EVERY_DAY)
    months = fiscal_month(calendar, days)
    starts = fiscal_month_start(calendar, months)
    ends = fiscal_month_start(calendar, months + 1) - 1
    years = fiscal_year(calendar, days)
    year_starts = fiscal_year_start(calendar, years)
    for row, day in enumerate(EVERY_DAY):
        period = calendar.period_of(day)
        year = day.year if (day.month, day.day) >= start else day.year - 1
        assert (starts[row], ends[row]) == (engine_day(period.start), engine_day(period.end))
        assert months[row] == period.start.year * 12 + period.start.month - 1
        assert (years[row], year_starts[row]) == (year, engine_day(date(year, *start)))


@given(st.lists(st.tuples(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(0, 1200)), min_size=1))
@settings(deadline=None)
def test_plus_months_clamps(rows: list[tuple[date, int]]) -> None:
    days, months = zip(*rows, strict=True)
    expected = [engine_day(shift(day, number)) for day, number in rows]
    assert plus_months(engine_days(days), np.array(months)).tolist() == expected


@given(st.lists(st.dates(date(1, 2, 1), date(9000, 12, 31)), min_size=1, max_size=5))
@settings(deadline=None)
def test_dates_beyond_any_register(days: list[date]) -> None:
    for some in ([*days], [*days, date(2024, 5, 5)], *([day] for day in days)):
        months = calendar_month(engine_days(some))
        assert months.tolist() == [day.year * 12 + day.month - 1 for day in some]
        assert first_of_month(months).tolist() == [engine_day(day.replace(day=1)) for day in some]


def test_months_where_the_looked_up_ones_begin_and_end() -> None:
    for year in (1898, 1899, 2301, 2302):
        days = [date(year, month, day) for month in (1, 12) for day in (1, 31)]
        expected = [day.year * 12 + day.month - 1 for day in days]
        assert calendar_month(engine_days(days)).tolist() == expected
        assert [int(calendar_month(engine_days([day]))[0]) for day in days] == expected
        for day in days:
            assert first_of_month(np.array(day.year * 12 + day.month - 1)) == engine_day(day.replace(day=1))
