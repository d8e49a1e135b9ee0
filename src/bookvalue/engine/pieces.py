"""Pieces: the steps that a walk took through one asset's time, as figures that can be worked out again by hand.

Reads what walk.py has recorded and computes no charge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from bookvalue.domain.asset import MICRO
from bookvalue.domain.terms import Averaging, DayBasis, DecliningBase, Method, StraightLineBase
from bookvalue.engine.averaging import MONTHS
from bookvalue.engine.block import Block
from bookvalue.engine.fiscal_days import fiscal_year
from bookvalue.engine.segments import base_start
from bookvalue.engine.walk import Step

_DECLINING = (Method.DECLINING_BALANCE, Method.FIXED_RATE_DECLINING)


class Formula(StrEnum):
    """How a piece comes to what has accumulated at its end."""

    LINE = "line"  # from + base x rate x counted / of, rounded
    YEAR_TOTAL = "year_total"  # the fiscal year's exact sum, rounded, from where the year began
    REST_OF_LIFE = "rest_of_life"  # the life is over: all that may accumulate
    FLOOR = "floor"  # the line would go beyond what may accumulate
    MANUAL = "manual"  # from + the dated amounts
    FULL = "full"  # all that may accumulate, at once
    NONE = "none"  # nothing is charged


class Unit(StrEnum):
    """What a piece counts."""

    MONTHS = "months"
    DAYS = "days"
    YEARS = "years"  # days, each over those of its own fiscal year
    DIGITS = "digits"  # of a sum of years' digits
    UNITS = "units"  # of production


@dataclass(frozen=True, slots=True)
class Base:
    """amount_minor = limited_minor - residual_minor - accumulated_minor, in minor units.

    since: the day (from 1970-01-01) before which accumulated_minor had accumulated; that is None where nothing is left.
    limited_minor: cost_minor, the cost with its changes, or its limit where that is lower. residual_minor: 0 where it
    is not deducted first.
    """

    since: int
    amount_minor: int
    cost_minor: int
    limited_minor: int
    residual_minor: int
    accumulated_minor: int | None


@dataclass(frozen=True, slots=True)
class YearTotal:
    """from_minor: accumulated before the year; exact: the sum of its months' exact amounts; months: so many pieces."""

    from_minor: int
    exact: Fraction
    months: int


@dataclass(frozen=True, slots=True)
class Piece:
    """first_day to last_day, days since 1970-01-01: from_minor accumulated before it, to_minor at its end.

    exact = base x rate x counted / of, in minor units, not rounded: so many of so many units, of a year where there is
    a yearly rate, else of what was left. year: where its total decides, or would go beyond the floor. switched: on
    straight line by then. at_most_minor: what may accumulate, limited_minor - residual_minor or what had accumulated
    already.
    """

    formula: Formula
    method: Method
    first_day: int
    last_day: int
    from_minor: int
    base: Base | None
    rate: Fraction
    counted: Fraction
    of: Fraction
    unit: Unit | None
    switched: bool
    exact: Fraction
    year: YearTotal | None
    limited_minor: int
    residual_minor: int
    at_most_minor: int
    to_minor: int


def pieces_of(steps: Sequence[Step]) -> list[Piece]:
    """The pieces of one row's steps, in order of time; a straight line that goes on from step to step is one piece."""
    pieces: list[Piece] = []
    year: list[Fraction] = []
    previous: Step | None = None
    switched_on = 0
    for first_day, step in _lines(steps):
        if previous is None or _begins_year(previous, step):
            year = []
        if previous is None or not previous.switched[0]:
            switched_on = first_day
        pieces.append(_piece(first_day, step, year, _base(step, first_day, switched_on)))
        year.append(pieces[-1].exact)
        previous = step
    return pieces


def time_unit(block: Block) -> tuple[Unit, int]:
    """What the averaging rule of a block counts, and how many parts of its shares one of them is."""
    averaging, basis, parts = block.terms.averaging, block.terms.day_basis, block.rule.parts_per_year
    if averaging is Averaging.DAYS_360:
        return Unit.DAYS, 1
    if averaging is not Averaging.ACTUAL_DAYS:
        return Unit.MONTHS, parts // MONTHS
    if basis is DayBasis.ACTUAL:
        return Unit.YEARS, parts
    return Unit.DAYS, 1 if basis is DayBasis.LIFE else MONTHS


def _lines(steps: Sequence[Step]) -> Iterator[tuple[int, Step]]:
    """Each line's first day and its last step."""
    first_day = int(steps[0].block.segments.origin_day[0])
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if following is not None and _goes_on(step, following):
            continue
        yield first_day, step
        first_day = int(step.day[0]) + 1


def _goes_on(step: Step, following: Step) -> bool:
    """Whether the next step is on the same straight line, which is rounded once, from where it began."""
    same = step.from_measure[0] == following.from_measure[0] and step.from_charged[0] == following.from_charged[0]
    return bool(step.switched[0] and same)


def _begins_year(previous: Step, step: Step) -> bool:
    """Whether a step is in another fiscal year than the one before it."""
    calendar = step.block.columns.fiscal_calendar
    before, now = (int(fiscal_year(calendar, one.day)[0]) for one in (previous, step))
    return before != now


def _piece(first_day: int, step: Step, year_so_far: Sequence[Fraction], base: Base | None) -> Piece:
    segments, opening = step.block.segments, int(step.block.segments.opening_minor[0])
    rate, counted, of, unit = _shares(step)
    amount = int(step.measure[0] - step.from_measure[0]) if base is None else base.amount_minor
    exact = Fraction(amount) * rate * Fraction(counted, of)
    limited, residual = int(segments.limited_minor[0]), int(segments.residual_minor[0])
    from_minor, to_minor = opening + int(step.from_charged[0]), opening + int(step.charged[0])
    year = YearTotal(opening + int(step.year_from[0]), sum(year_so_far, exact), len(year_so_far) + 1)
    formula = _formula(step, *((year.from_minor, year.exact) if step.closes_year[0] else (from_minor, exact)))
    return Piece(
        formula=formula,
        method=step.block.method,
        first_day=first_day,
        last_day=int(step.day[0]),
        from_minor=from_minor,
        base=base,
        rate=rate,
        counted=counted,
        of=of,
        unit=unit,
        switched=bool(step.switched[0]),
        exact=exact,
        year=year if step.closes_year[0] and formula in (Formula.YEAR_TOTAL, Formula.FLOOR) else None,
        limited_minor=limited,
        residual_minor=residual,
        at_most_minor=max(limited - residual, opening),
        to_minor=to_minor,
    )


def _base(step: Step, first_day: int, switched_on: int) -> Base | None:
    """What the rate, or the part of a life, is taken of; None for a method that takes no part of anything."""
    block, segments, amount = step.block, step.block.segments, int(step.base[0])
    if block.method in (Method.MANUAL, Method.NONE):
        return None
    cost, limited, residual, since = (
        int(column[0])
        for column in (segments.cost_minor, segments.limited_minor, segments.residual_minor, segments.origin_day)
    )
    if step.switched[0]:
        since = switched_on
    elif block.method in _DECLINING:
        since = int(base_start(block.columns, block.terms, np.array([first_day]))[0])
        residual = 0 if block.terms.declining_base is DecliningBase.GROSS else residual
    elif block.method is Method.STRAIGHT_LINE and block.terms.straight_line_base is StraightLineBase.COST:
        residual = 0
    return Base(since, amount, cost, limited, residual, limited - residual - amount if amount else None)


def _shares(step: Step) -> tuple[Fraction, Fraction, Fraction, Unit | None]:
    """A step's yearly rate or 1, how much it counts, of how much, and in what."""
    block, segments = step.block, step.block.segments
    measured, per = int(step.measure[0] - step.from_measure[0]), int(step.per[0])
    if block.method in (Method.MANUAL, Method.NONE, Method.FULL):
        return Fraction(1), Fraction(1), Fraction(1), None
    unit, one = time_unit(block)
    if step.course.one is not None:
        unit, one = Unit.DIGITS, int(step.course.one[0])
    elif block.method is Method.UNITS_OF_PRODUCTION:
        unit, one = Unit.UNITS, MICRO
    elif not step.switched[0] and (block.method in _DECLINING or not block.has_life):
        rate = Fraction(int(segments.rate[0]), int(segments.per[0]))
        year = Fraction(int(segments.year_parts[0]), int(segments.year_split[0]) * one)
        return rate, Fraction(measured, one), year, unit
    return Fraction(1), Fraction(measured, one), Fraction(per, one), unit


def _formula(step: Step, from_minor: int, exact: Fraction) -> Formula:
    """What decided a step: the line or its year's total from a sum, the end of the life, or the floor."""
    method, course = step.block.method, step.course
    if method in (Method.NONE, Method.FULL):
        return Formula(method.value)
    if step.measure[0] >= course.ends[0] and (course.exhausts or step.switched[0]):
        return Formula.REST_OF_LIFE
    reached = from_minor + (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    if reached > int(step.block.segments.opening_minor[0] + step.charged[0]):
        return Formula.FLOOR
    if method is Method.MANUAL:
        return Formula.MANUAL
    return Formula.YEAR_TOTAL if step.closes_year[0] else Formula.LINE
