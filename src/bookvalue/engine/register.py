"""RegisterColumns: the engine's one input, named int64 arrays with units, one row an asset.

What happens to few assets (changes, suspensions, units, manual amounts) lies in tables beside the rows. Values are
checked before they get here (domain/asset_spec.py and the database's constraints); the engine trusts the stated
bounds and checks only its own arithmetic.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.asset import MICRO, NANO, BookAsset, DepreciationSettings
from bookvalue.domain.asset_facts import EstimateChange, ValueChange, changes_in_order, direction, order_of
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import Method

Int64 = NDArray[np.int64]
Rows = NDArray[np.intp] | slice

EPOCH_ORDINAL = 719_163
"""date(1970, 1, 1).toordinal(): engine days count from 1970-01-01."""
NO_DAY = -(2**31)
"""A day that is not there (no start date, no opening balance)."""
NEVER = 2**40
"""A day, or a share of a life, beyond any that is asked for: a row without a disposal, or without a life."""
NO_LIMIT = 2**62
"""The cost limit of an asset that has none."""
NOT_GIVEN = -1
"""A value that a change leaves as it was."""
FACTOR_ONE = MICRO
"""A declining factor of 1, in the unit of its column."""
RATE_ONE = 100 * NANO
"""A rate of 1 (100 % a year), in the unit of its column."""
METHODS = tuple(Method)
METHOD_CODES: Mapping[Method, int] = {method: code for code, method in enumerate(METHODS)}


def taken(column: Int64, rows: Rows) -> Int64:
    """Some rows of a column: a view for a slice, and one value throughout (a broadcast one) stays that."""
    if isinstance(rows, slice):
        return column[rows]
    if column.strides == (0,):
        return np.broadcast_to(column[:1], len(rows))
    return column.take(rows)


@dataclass(frozen=True, slots=True)
class _Beside:
    """A table beside a register: arrays of one shape (m,), in order of `row`, the place in the register."""

    row: Int64

    def __len__(self) -> int:
        return len(self.row)

    def take(self, places: Rows) -> Self:
        """Some lines of the table."""
        return type(self)(*(getattr(self, field.name)[places] for field in fields(self)))

    def of_rows(self, rows: Rows, register_rows: int) -> Self:
        """The lines of some rows of the register, numbered as those rows will be."""
        if not len(self):
            return self
        if isinstance(rows, slice):
            begin, stop, _ = rows.indices(register_rows)
            lines = slice(*np.searchsorted(self.row, (begin, max(begin, stop))).tolist())
            return type(self)(
                self.row[lines] - begin, *(getattr(self, field.name)[lines] for field in fields(self)[1:])
            )
        chosen = np.arange(register_rows)[rows]
        first, end = np.searchsorted(self.row, chosen), np.searchsorted(self.row, chosen, side="right")
        counts = end - first
        row = np.repeat(np.arange(len(chosen)), counts)
        place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        return type(self)(row, *(getattr(self, field.name)[place] for field in fields(self)[1:]))

    @classmethod
    def of(cls, lines: Iterable[tuple[int, ...]]) -> Self:
        """From lines that start with their row, in that order."""
        width = len(fields(cls))
        table = np.array(list(lines), dtype=np.int64).reshape(-1, width)
        return cls(*np.ascontiguousarray(table.T))


@dataclass(frozen=True, slots=True)
class Changes(_Beside):
    """Changes of value and estimate, of each row in order of their dates.

    day: the date given to them. kind: 0 for improvements and revaluations, 1 for impairments, 2 for estimates, the
    order in which those of one time take effect (SEMANTICS section 1). sign: +1, -1, or 0 where the value stays;
    amount_minor > 0, or NOT_GIVEN; or new_book_value_minor >= 0, or NOT_GIVEN. remaining_life_months, rate_nanopercent,
    residual_minor, method: NOT_GIVEN for what stays as it was.
    """

    day: Int64
    kind: Int64
    sign: Int64
    amount_minor: Int64
    new_book_value_minor: Int64
    remaining_life_months: Int64
    rate_nanopercent: Int64
    residual_minor: Int64
    method: Int64


@dataclass(frozen=True, slots=True)
class Suspensions(_Beside):
    """Spans of days, both ends included, that do not count, of each row in order of time. extend_life: 1 or 0."""

    first_day: Int64
    last_day: Int64
    extend_life: Int64


@dataclass(frozen=True, slots=True)
class Dated(_Beside):
    """Quantities or amounts with their days, of each row in order of time. amount: minor units or millionths."""

    day: Int64
    amount: Int64


@dataclass(frozen=True, slots=True)
class BesidePlan(_Beside):
    """Changes of value that leave the plan as it is, of each row in order of time: from `day` until the day before
    `until_day` (NEVER, or the day on which the plan was made anew, which takes them up) what is left is less by
    amount_minor; below zero it is more."""

    day: Int64
    until_day: Int64
    amount_minor: Int64


NOTHING_BESIDE = BesidePlan.of(())
"""No such changes."""


@dataclass(frozen=True, slots=True)
class RegisterColumns:
    """One row an asset; every array has shape (n,) and dtype int64, in one order.

    setting: the place in `settings` of what the asset starts with. cost_minor, cost_limit_minor (NO_LIMIT),
    residual_minor: minor units, 0 to 10^15. start_day: days since 1970-01-01, or NO_DAY. disposal_day: a day, or NEVER.
    opening_day (NO_DAY for none): the last day of what was depreciated elsewhere; opening_accumulated_minor and
    opening_current_year_minor: minor units by the end of that day. units_total_micro: millionths of a unit, or 0.
    """

    fiscal_calendar: FiscalCalendar
    settings: tuple[DepreciationSettings, ...]
    setting: Int64
    cost_minor: Int64
    cost_limit_minor: Int64
    residual_minor: Int64
    start_day: Int64
    disposal_day: Int64
    opening_day: Int64
    opening_accumulated_minor: Int64
    opening_current_year_minor: Int64
    units_total_micro: Int64
    changes: Changes
    suspensions: Suspensions
    units: Dated
    manual: Dated
    beside: BesidePlan = NOTHING_BESIDE

    def __len__(self) -> int:
        return len(self.cost_minor)

    def take(self, rows: Rows) -> "RegisterColumns":
        """The same columns for some rows: an index array, or a slice (then views, not copies)."""
        columns: list[Any] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value = taken(value, rows)
            elif isinstance(value, _Beside):
                value = value.of_rows(rows, len(self))
            columns.append(value)
        return RegisterColumns(*columns)

    def without(self, *tables: str) -> "RegisterColumns":
        """The same columns, of some tables beside them none: who has no use for one need not carry it along."""
        return replace(self, **{name: getattr(self, name).take(slice(0)) for name in tables})

    def of_setting(self, read: Mapping[DepreciationSettings, int] | Sequence[int]) -> Int64:
        """A number of each row's settings, given one for each of `settings`: shape (n,)."""
        values = [read[item] for item in self.settings] if isinstance(read, Mapping) else read
        return np.array(values, dtype=np.int64).take(self.setting)


def columns_of(calendar: FiscalCalendar, assets: Sequence[BookAsset]) -> RegisterColumns:
    """A register of assets at hand, in their order: for a schedule, a preview of one asset, or a test."""
    places: dict[DepreciationSettings, int] = {}
    rows = [(places.setdefault(asset.settings, len(places)), *_row(asset)) for asset in assets]
    columns: list[Any] = list(np.ascontiguousarray(np.array(rows, dtype=np.int64).reshape(len(assets), 10).T))
    facts = [asset.facts for asset in assets]
    columns += (
        Changes.of((row, *_change(item)) for row, fact in enumerate(facts) for item in changes_in_order(fact)),
        Suspensions.of(
            (row, _day(item.first_day), _day(item.last_day), int(item.extend_life))
            for row, fact in enumerate(facts)
            for item in sorted(fact.suspensions, key=lambda item: item.first_day)
        ),
        Dated.of(
            (row, _day(item.period_end), item.quantity_micro)
            for row, fact in enumerate(facts)
            for item in sorted(fact.units_used, key=lambda item: item.period_end)
        ),
        Dated.of(
            (row, _day(item.date), item.amount_minor)
            for row, fact in enumerate(facts)
            for item in sorted(fact.manual_amounts, key=lambda item: item.date)
        ),
    )
    return RegisterColumns(calendar, tuple(places), *columns)


def _row(asset: BookAsset) -> tuple[int, ...]:
    """One asset in the order of the columns, without its setting."""
    opening, disposal = asset.opening, asset.facts.disposal
    return (
        asset.cost_minor,
        NO_LIMIT if asset.cost_limit_minor is None else asset.cost_limit_minor,
        asset.residual_minor,
        _day(asset.start),
        NEVER if disposal is None else _day(disposal.date),
        _day(opening.as_of if opening else None),
        opening.accumulated_minor if opening else 0,
        opening.current_year_minor if opening else 0,
        asset.facts.units_total_micro or 0,
    )


def _change(item: ValueChange | EstimateChange) -> tuple[int, ...]:
    day, life, residual = _day(item.date), _given(item.remaining_life_months), _given(item.residual_minor)
    if isinstance(item, EstimateChange):
        method = NOT_GIVEN if item.method is None else METHOD_CODES[item.method]
        return day, order_of(item), 0, NOT_GIVEN, NOT_GIVEN, life, _given(item.rate_nanopercent), residual, method
    amounts = _given(item.amount_minor), _given(item.new_book_value_minor)
    return day, order_of(item), direction(item.update_type), *amounts, life, NOT_GIVEN, residual, NOT_GIVEN


def _given(value: int | None) -> int:
    return NOT_GIVEN if value is None else value


def _day(day: date | None) -> int:
    """A date as a day of the engine."""
    return NO_DAY if day is None else day.toordinal() - EPOCH_ORDINAL
