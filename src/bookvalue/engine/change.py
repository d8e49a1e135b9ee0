"""What a change of value or estimate, or the end of a suspension, makes of the segment that it ends.

For many rows at once, one event each. The policy decides from where the new segment is computed: from the change, or
as if it had always been so from the fiscal year's start (SEMANTICS section 2, with its corners).
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from bookvalue.domain.terms import ChangePolicy, DayBasis, Method, Rounding
from bookvalue.engine.averaging import MONTHS
from bookvalue.engine.block import Block, blocks_of_terms
from bookvalue.engine.exact import reduced
from bookvalue.engine.fiscal_days import fiscal_year, fiscal_year_start, plus_months
from bookvalue.engine.fixed_rate import fixed_rate
from bookvalue.engine.register import METHOD_CODES, NEVER, NOT_GIVEN, RATE_ONE, Changes, Int64
from bookvalue.engine.segments import Segments, base_start, rate_of_life
from bookvalue.engine.suspensions import extended
from bookvalue.engine.walk import charged, declines_on

_SIGN = list(Changes.__dataclass_fields__).index("sign")
_DECLINING = METHOD_CODES[Method.DECLINING_BALANCE]
_FIXED_RATE = METHOD_CODES[Method.FIXED_RATE_DECLINING]


@dataclass(frozen=True, slots=True)
class Event:
    """One event a row, arrays of shape (k,); `change` as RegisterColumns has it, NOT_GIVEN throughout for a suspension.

    line: the place of the change in its table, or -1. boundary: the first day on which it counts. suspended_from: the
    first day of the suspension that ends, or NOT_GIVEN.
    """

    line: Int64
    boundary: Int64
    suspended_from: Int64
    change: Changes

    @classmethod
    def of(cls, table: Changes, line: Int64, boundary: Int64, suspended_from: Int64) -> "Event":
        """The events at some lines of a table, -1 for the end of a suspension."""
        count = len(line)
        columns = np.full((len(Changes.__dataclass_fields__), count), NOT_GIVEN, dtype=np.int64)
        columns[_SIGN] = 0
        told = np.flatnonzero(line >= 0)
        for place, name in enumerate(Changes.__dataclass_fields__):
            columns[place, told] = getattr(table, name).take(line[told])
        return cls(line, boundary, suspended_from, Changes(*columns))


def accumulated_in(block: Block, segments: Segments, day: Int64) -> Int64:
    """What rows have accumulated by the end of a day (one a row) in the segments given: minor units, shape (n,)."""
    total = segments.opening_minor.copy()
    for places, piece in blocks_of_terms(block.columns, segments, block.terms):
        days = day[places]
        total[places] += np.where(piece.segments.origin_day <= days, charged(piece, days), 0)
    return total


def changed_segments(block: Block, before: Segments, event: Event, first_day: Int64) -> tuple[Segments, Int64, Int64]:
    """The segments that events begin, what each adds to the cost, and the book value that it met.

    block: the rows of the events; before: their segments so far; first_day: the earliest day they may be computed from.
    """
    change, given = event.change, event.change.remaining_life_months != NOT_GIVEN
    begins = np.maximum(event.boundary, before.valid_from)
    reached = np.where(begins == before.valid_from, before.reached_minor, accumulated_in(block, before, begins - 1))
    origin = _origin(block, event, begins, first_day)
    opening = reached if (origin == begins).all() else _before(block, before, origin, begins, reached)

    value = before.cost_minor - reached
    same_time = begins == before.valid_from
    met = np.where(same_time, before.met_minor, value)
    to_value = np.where(change.new_book_value_minor == NOT_GIVEN, 0, change.new_book_value_minor - met)
    amount = np.where(change.amount_minor == NOT_GIVEN, to_value, change.sign * change.amount_minor)
    cost = before.cost_minor + amount
    limited = np.minimum(block.columns.cost_limit_minor, cost)
    residual = _else(change.residual_minor, before.residual_minor)

    method = _else(change.method, before.method)
    share_before = block.share(origin - 1)
    lost = _lost(block, before, event, begins)
    whole, life_end, year_parts, year_split = _life(block, before, event, begins)
    whole = whole - lost
    has_life = np.where(given, 1, np.where(change.rate_nanopercent != NOT_GIVEN, 0, before.has_life))
    segments = Segments(
        valid_from=begins,
        origin_day=origin,
        before=share_before,
        whole=np.where(has_life == 1, whole, NEVER),
        life_end=np.where(has_life == 1, life_end, NEVER),
        year_parts=year_parts,
        year_split=year_split,
        digits_from=np.where(given, share_before, before.digits_from - lost),
        opening_minor=opening,
        running_minor=_running(block, before, method, origin),
        reached_minor=reached,
        met_minor=met,
        cost_minor=cost,
        limited_minor=limited,
        residual_minor=residual,
        method=method,
        has_life=has_life,
        months=_else(change.remaining_life_months, before.months),
        life_from=np.where(given, begins, before.life_from),
        rate=before.rate,
        per=before.per,
        switched=_switched(block, before, event, origin),
        decided=np.zeros(len(block), dtype=np.int64),
    )
    return _going_on(block, before, event, _with_rates(block, before, event, segments)), amount, value


def _else(given: Int64, otherwise: Int64) -> Int64:
    return np.where(given == NOT_GIVEN, otherwise, given)


def _origin(block: Block, event: Event, begins: Int64, first_day: Int64) -> Int64:
    """The day from which the new segment is computed."""
    if block.terms.change_policy is ChangePolicy.REMAINING_LIFE:
        return begins
    calendar = block.columns.fiscal_calendar
    year_start = fiscal_year_start(calendar, fiscal_year(calendar, begins))
    return np.where(event.line < 0, begins, np.minimum(np.maximum(year_start, first_day), begins))


def _before(block: Block, before: Segments, origin: Int64, begins: Int64, reached: Int64) -> Int64:
    """What had accumulated before each origin."""
    return np.where(origin == begins, reached, accumulated_in(block, before, origin - 1))


def _running(block: Block, before: Segments, method: Int64, origin: Int64) -> Int64:
    """What had accumulated before the fiscal year (month, where it compounds) that holds each origin.

    Only declining balances ask, and what may become one.
    """
    start = base_start(block.columns, block.terms, origin)
    keeps_method = (block.columns.changes.method == NOT_GIVEN).all()
    if keeps_method and not np.isin(method, (_DECLINING, _FIXED_RATE)).any():
        return before.running_minor
    earlier = accumulated_in(block, before, np.maximum(start - 1, before.origin_day - 1))
    return np.where(before.origin_day >= start, before.running_minor, earlier)


def _lost(block: Block, before: Segments, event: Event, begins: Int64) -> Int64:
    """The share that a suspension took from the life: since the life was given, and no more than was left of it."""
    if (event.suspended_from == NOT_GIVEN).all():
        return np.zeros(len(block), dtype=np.int64)
    running = block.rule.share(block.columns.fiscal_calendar, block.columns.start_day, block.columns.disposal_day)
    since = np.maximum(event.suspended_from, before.life_from)
    left = np.maximum(before.whole - block.share(begins - 1), 0)
    lost = np.minimum(np.maximum(running(begins - 1) - running(since - 1), 0), left)
    return np.where(event.suspended_from == NOT_GIVEN, 0, lost)


def _life(block: Block, before: Segments, event: Event, begins: Int64) -> tuple[Int64, Int64, Int64, Int64]:
    """The share at the end of the life, the life's last day, and how much of the share is a year."""
    months, rule = event.change.remaining_life_months, block.rule
    given = months != NOT_GIVEN
    whole, life_end = before.whole, before.life_end
    if not given.any():
        return whole, life_end, before.year_parts, before.year_split
    so_far, left = block.share(begins - 1), np.where(given, months, 1)
    if not rule.ends_on_day:
        whole = np.where(given, so_far + left * (rule.parts_per_year // MONTHS), whole)
        return whole, life_end, before.year_parts, before.year_split
    after = plus_months(begins, left)
    life_end = np.where(given, extended(block.columns, rule, begins, after - 1), life_end)
    if block.terms.day_basis is not DayBasis.LIFE:
        whole = np.where(given, so_far + left * (rule.parts_per_year // MONTHS), whole)
        return whole, life_end, before.year_parts, before.year_split
    days = after - begins
    return (
        np.where(given, so_far + days, whole),
        life_end,
        np.where(given, days * MONTHS, before.year_parts),
        np.where(given, left, before.year_split),
    )


def _switched(block: Block, before: Segments, event: Event, origin: Int64) -> Int64:
    """1 where straight line had taken over before the origin, and goes on: no new life, rate or method came."""
    if not block.terms.switch_to_straight_line:
        return before.switched
    change, switched = event.change, before.switched.copy()
    for places, piece in blocks_of_terms(block.columns, before, block.terms):
        went_over = ~declines_on(piece, origin[places] - 1)
        switched[places] = np.where(piece.segments.origin_day < origin[places], went_over, switched[places])
    afresh = (change.remaining_life_months != NOT_GIVEN) | (change.rate_nanopercent != NOT_GIVEN)
    return np.where(afresh | (change.method != NOT_GIVEN), 0, switched)


def _going_on(block: Block, before: Segments, event: Event, begun: Segments) -> Segments:
    """The end of a suspension is no change to a declining balance: it goes on as it was, to an earlier end of life.

    It is computed from where its running fiscal year (month, where it compounds) began, and what that began as stays.
    """
    rows = np.flatnonzero(event.line < 0)
    if not len(rows):
        return begun
    declines = np.zeros(len(block), dtype=np.bool_)
    for places, piece in blocks_of_terms(block.columns.take(rows), before.take(rows), block.terms):
        declines[rows[places]] = declines_on(piece, begun.valid_from[rows[places]] - 1)
    rows = np.flatnonzero(declines)
    resumed, earlier, segments = block.take(rows), before.take(rows), begun.take(rows)
    start = _rounded_from(resumed, segments.valid_from)
    origin = np.maximum(start, earlier.origin_day)
    from_start = origin > earlier.origin_day
    opening = np.where(from_start, accumulated_in(resumed, earlier, np.maximum(origin - 1, 0)), earlier.opening_minor)
    going_on = replace(
        segments,
        origin_day=origin,
        before=resumed.share(origin - 1),
        opening_minor=opening,
        running_minor=np.where(from_start, opening, earlier.running_minor),
        decided=(origin < segments.valid_from).astype(np.int64),
    )
    for field in fields(Segments):
        column = getattr(begun, field.name).copy()
        column[rows] = getattr(going_on, field.name)
        begun = replace(begun, **{field.name: column})
    return begun


def _rounded_from(block: Block, day: Int64) -> Int64:
    """The first day of the span that holds each day, after which a declining balance is rounded to start anew."""
    if block.terms.rounding is Rounding.FISCAL_YEAR:
        calendar = block.columns.fiscal_calendar
        return fiscal_year_start(calendar, fiscal_year(calendar, day))
    return base_start(block.columns, block.terms, day)


def _with_rates(block: Block, before: Segments, event: Event, segments: Segments) -> Segments:
    """The segments with the yearly rates that follow from what was given: a rate, a life that is left, a method.

    A rate that brings the book value down to the residual value does so from the origin to the end of the life.
    """
    change = event.change
    rate, per = segments.rate.copy(), segments.per.copy()
    told = change.rate_nanopercent != NOT_GIVEN
    rate[told], per[told] = reduced(change.rate_nanopercent[told], np.full_like(rate[told], RATE_ONE))
    afresh = (change.remaining_life_months != NOT_GIVEN) | (segments.method != before.method)
    afresh &= (segments.has_life == 1) & ~told
    rows = np.flatnonzero(afresh & (segments.method == _DECLINING))
    factors = block.columns.of_setting([item.declining_factor_micro for item in block.columns.settings])
    rate[rows], per[rows] = rate_of_life(factors[rows], np.maximum(segments.months[rows], 1))
    rows = np.flatnonzero(afresh & (segments.method == _FIXED_RATE))
    rate[rows], per[rows] = fixed_rate(
        segments.residual_minor[rows],
        (segments.limited_minor - segments.opening_minor)[rows],
        ((segments.whole - segments.before) * segments.year_split)[rows],
        segments.year_parts[rows],
        block.terms.rate_places,
    )
    return segments.with_rates(rate, per)
