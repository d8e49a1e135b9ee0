"""Segments: the stretches of an asset's life over which its facts do not change.

A change of value or estimate ends one and begins the next; the first begins with the start or right after an opening.
What a row has accumulated on a day is what it had when its segment began, and what the segment adds.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.terms import DayBasis, DecliningWithinYear, Method
from bookvalue.engine.averaging import MONTHS, Rule, Share
from bookvalue.engine.exact import reduced
from bookvalue.engine.fiscal_days import fiscal_month, fiscal_month_start, fiscal_year, fiscal_year_start, plus_months
from bookvalue.engine.fixed_rate import fixed_rate
from bookvalue.engine.register import (
    FACTOR_ONE,
    METHOD_CODES,
    NEVER,
    NO_DAY,
    RATE_ONE,
    Int64,
    RegisterColumns,
    taken,
)
from bookvalue.engine.suspensions import extended


@dataclass(frozen=True, slots=True)
class Segments:
    """Arrays of shape (m,), one entry a segment; amounts in minor units, days since 1970-01-01.

    valid_from: the first day on which it holds. origin_day: the day it is computed from; before: the share of a year
    held by the end of the day before. whole: the share at the end of the life, or NEVER; life_end: its last day where
    the averaging rule knows one, else NEVER. year_parts / year_split: how much of the share is a year. digits_from: the
    share at which a sum of years' digits began to count. opening_minor: accumulated before the origin; running_minor:
    accumulated before the fiscal year (month, where it compounds) of the origin; reached_minor: accumulated before
    valid_from; met_minor: the book value then. cost_minor: with the changes so far. months: the life, whole or left,
    that was last given, or 0; life_from: the day it counts from. rate / per: a year's rate; 0 / 1 where there is none.
    switched: 1 where it begins on the straight line to which its declining balance has gone over; decided: 1 where it
    does not ask whether to go over as it begins, which was asked before.
    """

    valid_from: Int64
    origin_day: Int64
    before: Int64
    whole: Int64
    life_end: Int64
    year_parts: Int64
    year_split: Int64
    digits_from: Int64
    opening_minor: Int64
    running_minor: Int64
    reached_minor: Int64
    met_minor: Int64
    cost_minor: Int64
    limited_minor: Int64
    residual_minor: Int64
    method: Int64
    has_life: Int64
    months: Int64
    life_from: Int64
    rate: Int64
    per: Int64
    switched: Int64
    decided: Int64

    def __len__(self) -> int:
        return len(self.valid_from)

    def take(self, places: NDArray[np.intp] | slice) -> "Segments":
        """Some of the segments."""
        return Segments(*(taken(getattr(self, field.name), places) for field in fields(self)))

    def with_rates(self, rate: Int64, per: Int64) -> "Segments":
        """The same segments with other yearly rates."""
        return replace(self, rate=rate, per=per)

    def room(self) -> Int64:
        """What is left to charge from the origin on: never below nothing, shape (m,)."""
        room: Int64 = np.maximum(self.limited_minor - self.residual_minor - self.opening_minor, 0)
        return room


def first_segments(
    columns: RegisterColumns, terms: DepreciationSettings, rule: Rule, share: Share, *, has_life: bool
) -> Segments:
    """The first segment of each row; all rows have a start, and settings that differ in life and rate alone.

    In the running fiscal year of an opening the base of a declining balance is cost - (accumulated - current year)
    (SEMANTICS section 3).
    """
    count = len(columns)
    nothing, never = (np.broadcast_to(np.int64(value), count) for value in (0, NEVER))
    origin = np.maximum(columns.start_day, columns.opening_day + 1)
    opened = bool((columns.opening_day != NO_DAY).any())
    limited = np.minimum(columns.cost_limit_minor, columns.cost_minor)
    months = columns.of_setting([item.life_months or 0 for item in columns.settings])
    before = share(origin - 1) if opened else nothing
    whole, life_end, year_parts = never, never, np.broadcast_to(np.int64(rule.parts_per_year), count)
    year_split = np.broadcast_to(np.int64(1), count)
    if has_life:
        whole = months * (rule.parts_per_year // MONTHS)
        if rule.ends_on_day:
            life_end = extended(columns, rule, columns.start_day, plus_months(columns.start_day, months) - 1)
            if terms.day_basis is DayBasis.LIFE:
                whole = plus_months(columns.start_day, months) - columns.start_day
                year_parts, year_split = whole * MONTHS, months
    running = columns.opening_accumulated_minor
    if opened and compounds_by_year(terms):
        in_year = columns.opening_day >= fiscal_year_start(
            columns.fiscal_calendar, fiscal_year(columns.fiscal_calendar, origin)
        )
        running = running - np.where(in_year, columns.opening_current_year_minor, 0)
    rate, per = _first_rate(columns, terms, months, limited, has_life=has_life)
    return Segments(
        valid_from=origin,
        origin_day=origin,
        before=before,
        whole=whole,
        life_end=life_end,
        year_parts=year_parts,
        year_split=year_split,
        digits_from=nothing,
        opening_minor=columns.opening_accumulated_minor,
        running_minor=running,
        reached_minor=columns.opening_accumulated_minor,
        met_minor=columns.cost_minor - columns.opening_accumulated_minor,
        cost_minor=columns.cost_minor,
        limited_minor=limited,
        residual_minor=columns.residual_minor,
        method=np.broadcast_to(np.int64(METHOD_CODES[terms.method]), count),
        has_life=np.broadcast_to(np.int64(has_life), count),
        months=months,
        life_from=columns.start_day,
        rate=rate,
        per=per,
        switched=nothing,
        decided=nothing,
    )


def compounds_by_year(terms: DepreciationSettings) -> bool:
    """Whether a declining balance starts from a new book value each fiscal year, and not each month."""
    return terms.declining_within_year is DecliningWithinYear.EVEN


def base_start(columns: RegisterColumns, terms: DepreciationSettings, day: Int64) -> Int64:
    """The first day of the fiscal year (month, where it compounds) of each day."""
    calendar = columns.fiscal_calendar
    if compounds_by_year(terms):
        return fiscal_year_start(calendar, fiscal_year(calendar, day))
    return fiscal_month_start(calendar, fiscal_month(calendar, day))


def _first_rate(
    columns: RegisterColumns, terms: DepreciationSettings, months: Int64, limited: Int64, *, has_life: bool
) -> tuple[Int64, Int64]:
    """The yearly rate that each row starts with, as a fraction."""
    if not has_life:
        rates = np.array([item.rate_nanopercent or 0 for item in columns.settings])
        rate, per = reduced(rates, np.full_like(rates, RATE_ONE))
        return rate.take(columns.setting), per.take(columns.setting)
    if terms.method is Method.DECLINING_BALANCE:
        factors = np.array([item.declining_factor_micro for item in columns.settings])
        rate, per = rate_of_life(factors, np.array([item.life_months or 1 for item in columns.settings]))
        return rate.take(columns.setting), per.take(columns.setting)
    if terms.method is Method.FIXED_RATE_DECLINING:
        return fixed_rate(columns.residual_minor, limited, months, np.full_like(months, MONTHS), terms.rate_places)
    nothing = np.broadcast_to(np.int64(0), len(columns))
    return nothing, nothing + 1


def rate_of_life(factor_micro: Int64, months: Int64) -> tuple[Int64, Int64]:
    """factor / life in years, as a fraction in lowest terms."""
    return reduced(MONTHS * factor_micro, FACTOR_ONE * months)
