"""The oracle's years held, checked by the plainest reading of the rule: one day after another."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bookvalue.domain.calendar import FiscalCalendar
from engine.registers import CORNER_DATES, FISCAL_STARTS
from oracle import Spec, last_day_of_life
from oracle.held import held_by
from oracle.spec import Fraction

SPANS = {
    "start": st.sampled_from(CORNER_DATES) | st.dates(date(2015, 1, 1), date(2030, 12, 31)),
    "days": st.integers(0, 1500),
    "fiscal": st.sampled_from(FISCAL_STARTS),
}


def each_day(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


@given(**SPANS)
@settings(deadline=None)
def test_actual_days_one_by_one(start: date, days: int, fiscal: tuple[int, int]) -> None:
    spec = Spec("none", 0, start, "actual_days", fiscal=fiscal)
    in_year = Counter(day.year - ((day.month, day.day) < fiscal) for day in each_day(start, days))
    expected = sum(Fraction(min(counted, 365), 365) for counted in in_year.values())
    assert held_by(spec, start + timedelta(days=days - 1)) == expected


@given(**SPANS, life=st.integers(1, 60))
@settings(deadline=None)
def test_full_months_one_by_one(start: date, days: int, fiscal: tuple[int, int], life: int) -> None:
    calendar = FiscalCalendar(*fiscal)
    last_days = [day for day in each_day(start, days) if calendar.period_of(day).end == day]
    spec = Spec("none", 0, start, "full_month", fiscal=fiscal)
    assert held_by(spec, start + timedelta(days=days - 1)) == Fraction(len(last_days), 12)
    end = [day for day in each_day(start, 32 * life) if calendar.period_of(day).end == day][life - 1]
    assert last_day_of_life(Spec("none", 0, start, "full_month", life, fiscal=fiscal)) == end
