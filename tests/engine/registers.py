"""Generated registers for the property tests: mixed methods and hostile corners, within the bounds checked upstream."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from bookvalue.domain.asset import MICRO, Asset, DepreciationSettings, Opening
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import AssetKind, AssetStatus, Averaging, Method
from bookvalue.engine.register import EPOCH_ORDINAL, RegisterColumns, columns_of
from oracle import Spec, last_day_of_life
from oracle.held import shift
from oracle.spec import Fraction

FISCAL_STARTS = [(1, 1), (7, 1), (4, 6), (1, 31), (12, 31), (2, 28), (3, 1), (10, 30), (8, 29), (2, 1)]
CORNER_DATES = [
    date(2024, 2, 29),
    date(2023, 2, 28),
    date(2000, 2, 29),
    date(1900, 2, 28),
    date(2023, 1, 31),
    date(2024, 1, 30),
    date(2024, 1, 1),
    date(2024, 12, 31),
    date(2024, 12, 30),
    date(2023, 12, 31),
    date(2024, 4, 5),
    date(2024, 4, 6),
    date(2024, 7, 1),
    date(2024, 6, 30),
    date(2024, 1, 2),
    date(2023, 3, 1),
    date(2024, 3, 31),
    date(2024, 10, 29),
]
AMOUNTS = st.one_of(
    st.integers(0, 9),
    st.integers(0, 10**7),
    st.integers(0, 10**10),
    st.integers(10**12, 10**15),
    st.sampled_from([0, 1, 26_000, 4_000_000, 10**15 - 1, 10**15]),
)
DATES = st.one_of(
    st.sampled_from(CORNER_DATES),
    st.dates(date(2015, 1, 1), date(2030, 12, 31)),
    st.dates(date(1900, 1, 1), date(2200, 12, 31)),
)
LIVES = st.one_of(st.integers(1, 120), st.sampled_from([1, 2, 7, 12, 60, 1199, 1200]), st.integers(1, 1200))
RATES = st.one_of(  # millionths of a percent, up to 1000 %
    st.sampled_from([20 * MICRO, 33_333_333, 12_500_000, 100 * MICRO, 1000 * MICRO, 1]), st.integers(1, 1000 * MICRO)
)
FACTORS = st.one_of(st.sampled_from([MICRO, 1_500_000, 2 * MICRO, 100 * MICRO, 1]), st.integers(1, 100 * MICRO))


@st.composite
def specs(draw: st.DrawFn, fiscal: tuple[int, int]) -> Spec:
    """One asset that upstream would let through, and openings before the start as well."""
    method = draw(st.sampled_from(["none", "full", *["straight_line", "declining_balance"] * 3]))
    by_life = draw(st.booleans())
    cost = draw(AMOUNTS)
    limit = draw(st.none() | st.integers(0, 2 * cost))
    limited = cost if limit is None else min(cost, limit)
    residual = draw(st.one_of(st.just(0), st.just(limited), st.integers(0, limited)))
    spec = Spec(
        method,
        cost,
        draw(DATES),
        draw(st.sampled_from(["full_month", "actual_days"])),
        life=draw(LIVES) if by_life else None,
        rate=None if by_life else Fraction(draw(RATES), 100 * MICRO),
        factor=Fraction(draw(FACTORS), MICRO) if by_life else Fraction(2),
        cost_limit=limit,
        residual=residual,
        fiscal=fiscal,
    )
    return draw(opened(spec)) if draw(st.booleans()) else spec


@st.composite
def opened(draw: st.DrawFn, spec: Spec) -> Spec:
    """The same asset with an opening balance on any kind of day."""
    days = [spec.start, date(spec.start.year + 1, *spec.fiscal) - timedelta(days=1)]
    if spec.life is not None:
        days.append(last_day_of_life(spec))
    day = draw(st.sampled_from(days)) + timedelta(days=draw(st.one_of(st.integers(-2, 2), st.integers(-400, 4000))))
    accumulated = draw(st.sampled_from([0, spec.depreciable]) | st.integers(0, spec.depreciable))
    current_year = draw(st.integers(0, accumulated))
    return Spec(
        **{
            **spec.__dict__,
            "opening_day": day,
            "opening_accumulated": accumulated,
            "opening_current_year": current_year,
        }
    )


@st.composite
def registers(draw: st.DrawFn, most: int = 24) -> list[Spec]:
    """Assets of one business."""
    fiscal = draw(st.sampled_from(FISCAL_STARTS))
    return draw(st.lists(specs(fiscal), min_size=draw(st.integers(1, most)), max_size=most))


@st.composite
def days_for(draw: st.DrawFn, rows: Sequence[Spec], count: int) -> list[date]:
    """Days on which something happens to one row or another, in order, each once."""
    found = set()
    for _ in range(count):
        spec = draw(st.sampled_from(rows))
        events = [spec.start, spec.first_day, date(spec.start.year + draw(st.integers(0, 30)), *spec.fiscal)]
        if spec.life is not None:
            events.append(last_day_of_life(spec))
        offset = draw(st.one_of(st.integers(-1, 1), st.integers(0, 366), st.integers(0, 9000)))
        found.add(draw(st.sampled_from(events)) + timedelta(days=offset))
    return sorted(found)


def whole(value: Fraction) -> int:
    """A fraction that is a whole number; another one could not be stored, so the test is wrong."""
    assert value.denominator == 1
    return value.numerator


def asset_of(spec: Spec) -> Asset:
    """The oracle's asset in the words of the domain."""
    opening = None
    if spec.opening_day is not None:
        opening = Opening(spec.opening_day, spec.opening_accumulated, spec.opening_current_year)
    rate = None if spec.rate is None else whole(spec.rate * 100 * MICRO)
    settings = DepreciationSettings(
        Method(spec.method), spec.life, rate, whole(spec.factor * MICRO), Averaging(spec.averaging)
    )
    return Asset(
        "a",
        "a",
        AssetKind.EQUIPMENT,
        AssetStatus.REGISTERED,
        spec.cost,
        settings,
        spec.residual,
        spec.cost_limit,
        depreciation_start_date=spec.start,
        opening=opening,
    )


def columns(rows: Sequence[Spec]) -> RegisterColumns:
    """The engine's register of the oracle's assets."""
    return columns_of(FiscalCalendar(*rows[0].fiscal), [asset_of(spec) for spec in rows])


def engine_day(day: date) -> int:
    """A date as the engine counts days."""
    return day.toordinal() - EPOCH_ORDINAL


def engine_days(days: Sequence[date]) -> np.ndarray:
    """Dates as the engine counts days."""
    return np.array([engine_day(day) for day in days], dtype=np.int64)


def shift_ends(first: date, count: int) -> list[date]:
    """The last days of so many calendar months, from the one that begins on `first`."""
    return [shift(first, number) - timedelta(days=1) for number in range(1, count + 1)]
