"""Fiscal months without gaps or overlaps, and the one instant at which each is due."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.domain.calendar import FiscalCalendar, Period, due_at

calendars = st.dates(date(2023, 1, 1), date(2023, 12, 31)).map(lambda day: FiscalCalendar(day.month, day.day))
days = st.dates(date(1900, 1, 1), date(2300, 12, 31))


@given(calendars, days)
def test_a_day_lies_in_exactly_one_period(calendar: FiscalCalendar, day: date) -> None:
    period = calendar.period_of(day)
    assert period.start <= day <= period.end
    assert calendar.period_of(period.start) == calendar.period_of(period.end) == period
    assert calendar.period_named(period.name) == period


@given(calendars, days)
def test_periods_follow_each_other_without_a_gap(calendar: FiscalCalendar, day: date) -> None:
    periods = [calendar.period_of(day)]
    for _ in range(14):
        periods.append(calendar.next_period(periods[-1]))
    assert all(later.start == earlier.end + timedelta(days=1) for earlier, later in pairwise(periods))
    assert len({period.name for period in periods}) == 15
    assert periods[12].start.month == periods[0].start.month


@given(calendars)
def test_a_calendar_is_written_as_it_is_parsed(calendar: FiscalCalendar) -> None:
    assert FiscalCalendar.parse(str(calendar)) == calendar


def test_british_tax_months_run_from_the_sixth() -> None:
    assert FiscalCalendar(4, 6).period_of(date(2026, 8, 5)) == Period(date(2026, 7, 6), date(2026, 8, 5))
    assert FiscalCalendar(4, 6).period_of(date(2026, 8, 6)).name == "2026-08"


def test_a_day_that_a_month_has_not_is_clamped() -> None:
    calendar = FiscalCalendar(1, 31)
    assert calendar.period_of(date(2024, 2, 15)) == Period(date(2024, 1, 31), date(2024, 2, 28))
    assert calendar.period_of(date(2024, 2, 29)) == Period(date(2024, 2, 29), date(2024, 3, 30))
    assert calendar.period_of(date(2023, 12, 31)) == Period(date(2023, 12, 31), date(2024, 1, 30))


@pytest.mark.parametrize("text", ["", "02-29", "13-01", "00-01", "1-1", "01/01", "\u06611-01", "01-01 ", "-1-01"])
def test_what_no_fiscal_year_starts_on(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller has the message's text
        FiscalCalendar.parse(text)


@pytest.mark.parametrize(
    "name", ["", "2026", "2026/10", "2026-13", "2026-1a", "2026-+1", "+026-01", " 026-01", "\u0662026-10"]
)
def test_what_no_period_is_called(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        FiscalCalendar().period_named(name)


OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2026-11-01T00:00"),
        ("Pacific/Kiritimati", "2026-10-31T10:00"),  # UTC+14: the first to end a month
        ("Pacific/Apia", "2026-10-31T11:00"),
        ("Asia/Tokyo", "2026-10-31T15:00"),
        ("Asia/Kuwait", "2026-10-31T21:00"),
        ("Europe/London", "2026-11-01T00:00"),  # summer time ended a week before
        ("America/Los_Angeles", "2026-11-01T07:00"),  # it ends two hours after this midnight
        ("America/St_Johns", "2026-11-01T02:30"),
        ("Australia/Lord_Howe", "2026-10-31T13:00"),  # half an hour of summer time
        ("Pacific/Chatham", "2026-10-31T10:15"),  # UTC+13:45
        ("Pacific/Niue", "2026-11-01T11:00"),
    ],
)
def test_a_month_ends_at_the_business_midnight(zone: str, expected: str) -> None:
    assert due_at(OCTOBER, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_delay_and_local_time() -> None:
    assert due_at(OCTOBER, "Europe/Amsterdam", 5, time(6, 30)) == datetime(2026, 11, 6, 5, 30, tzinfo=UTC)


def test_a_time_that_the_clock_skips_or_repeats_is_one_instant() -> None:
    spring = Period(date(2026, 3, 1), date(2026, 3, 28))
    assert due_at(spring, "Europe/Amsterdam", 0, time(2, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    autumn = Period(date(2026, 10, 1), date(2026, 10, 24))
    assert due_at(autumn, "Europe/Amsterdam", 0, time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    howe = Period(date(2026, 9, 1), date(2026, 10, 3))  # 02:00 becomes 02:30 on 4 October
    assert due_at(howe, "Australia/Lord_Howe", 0, time(2, 15)) == datetime(2026, 10, 3, 15, 45, tzinfo=UTC)


@given(st.sampled_from(["Pacific/Apia", "Europe/London", "America/St_Johns", "Australia/Lord_Howe"]), days)
def test_due_instants_come_in_the_order_of_periods(zone: str, day: date) -> None:
    calendar = FiscalCalendar()
    period = calendar.period_of(day)
    assert due_at(period, zone) < due_at(calendar.next_period(period), zone)
