"""Facts: what has happened to one asset up to a day, as the engine took it: from which day, and what it met.

For explanations; the amounts are those of the timeline.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bookvalue.domain.terms import Method
from bookvalue.engine.averaging import rule_of
from bookvalue.engine.register import METHODS, NO_DAY, NO_LIMIT, NOT_GIVEN
from bookvalue.engine.suspensions import spans
from bookvalue.engine.timeline import Timeline


class FactKind(StrEnum):
    """What happened."""

    START = "start"  # depreciation begins: the cost
    OPENING = "opening"  # what had been depreciated elsewhere
    INCREASE = "increase"  # of the value
    DECREASE = "decrease"
    ESTIMATE = "estimate"  # life, rate, residual value or method
    SUSPENSION = "suspension"  # days that do not count, up to last_day
    UNITS = "units_used"  # by the end of the day
    MANUAL = "manual_amount"  # an amount to be charged on the day
    DISPOSAL = "disposal"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of its `day`, which counts from `effective_day` on: days since 1970-01-01, amounts in minor units.

    place: of a change among the asset's changes in their order, of a suspension among its suspensions. amount_minor:
    the cost, the accumulated or the manual amount, or what a change adds to the value. book_value_minor: what a change
    met. units_micro: millionths of a unit, in all from the start or used. What is None was not given.
    """

    kind: FactKind
    day: int
    effective_day: int
    place: int = 0
    last_day: int | None = None
    amount_minor: int | None = None
    book_value_minor: int | None = None
    residual_minor: int | None = None
    cost_limit_minor: int | None = None
    current_year_minor: int | None = None
    remaining_life_months: int | None = None
    rate_nanopercent: int | None = None
    method: Method | None = None
    extends_life: bool | None = None
    units_micro: int | None = None


def facts_of(line: Timeline, row: int, first_day: int, last_day: int) -> tuple[Fact, ...]:
    """The facts of a row that count by the end of a period, in order of time; units and manual amounts of it alone.

    The start and an opening are there in any case, and nothing is where there is no start.
    """
    if line.register.start_day[row] == NO_DAY:
        return ()
    later = [*_changes(line, row), *_suspensions(line, row), *_dated(line, row, first_day), *_disposal(line, row)]
    later = sorted((fact for fact in later if fact.effective_day <= last_day), key=lambda fact: fact.effective_day)
    return *_first(line, row), *later


def _first(line: Timeline, row: int) -> Iterator[Fact]:
    register, start = line.register, int(line.register.start_day[row])
    limit = int(register.cost_limit_minor[row])
    yield Fact(
        FactKind.START,
        start,
        start,
        amount_minor=int(register.cost_minor[row]),
        residual_minor=int(register.residual_minor[row]),
        cost_limit_minor=None if limit == NO_LIMIT else limit,
        units_micro=int(register.units_total_micro[row]) or None,
    )
    opening = int(register.opening_day[row])
    if opening != NO_DAY:
        yield Fact(
            FactKind.OPENING,
            opening,
            opening + 1,
            amount_minor=int(register.opening_accumulated_minor[row]),
            current_year_minor=int(register.opening_current_year_minor[row]),
        )


def _changes(line: Timeline, row: int) -> Iterator[Fact]:
    register, table = line.register, line.register.changes
    terms = register.settings[int(register.setting[row])]
    places = np.flatnonzero(table.row == row)
    first_day = max(int(register.start_day[row]), int(register.opening_day[row]) + 1)
    begins = rule_of(terms.averaging, terms.day_basis).boundary(register.fiscal_calendar, table.day[places])
    for place in np.lexsort((table.day[places], table.kind[places], begins)).tolist():  # as they take effect
        at, effective = int(places[place]), int(begins[place])
        sign, method = int(table.sign[at]), int(table.method[at])
        valued = sign != 0
        yield Fact(
            FactKind.ESTIMATE if not valued else FactKind.INCREASE if sign > 0 else FactKind.DECREASE,
            int(table.day[at]),
            max(effective, first_day),
            place,
            amount_minor=int(line.change_minor[at]) if valued else None,
            book_value_minor=int(line.value_before_minor[at]),
            residual_minor=_given(table.residual_minor[at]),
            remaining_life_months=_given(table.remaining_life_months[at]),
            rate_nanopercent=_given(table.rate_nanopercent[at]),
            method=None if method == NOT_GIVEN else METHODS[method],
        )


def _suspensions(line: Timeline, row: int) -> Iterator[Fact]:
    register, table = line.register, line.register.suspensions
    terms = register.settings[int(register.setting[row])]
    first, last = spans(register, rule_of(terms.averaging, terms.day_basis))
    for place, at in enumerate(np.flatnonzero(table.row == row).tolist()):
        yield Fact(
            FactKind.SUSPENSION,
            int(table.first_day[at]),
            int(first[at]),
            place,
            last_day=int(last[at]),
            extends_life=bool(table.extend_life[at]),
        )


def _dated(line: Timeline, row: int, first_day: int) -> Iterator[Fact]:
    for kind, table in ((FactKind.UNITS, line.register.units), (FactKind.MANUAL, line.register.manual)):
        for at in np.flatnonzero((table.row == row) & (table.day >= first_day)).tolist():
            day, amount = int(table.day[at]), int(table.amount[at])
            if kind is FactKind.UNITS:
                yield Fact(kind, day, day, units_micro=amount)
            else:
                yield Fact(kind, day, day, amount_minor=amount)


def _disposal(line: Timeline, row: int) -> Iterator[Fact]:
    day = int(line.register.disposal_day[row])
    yield Fact(FactKind.DISPOSAL, day, day)


def _given(value: np.int64) -> int | None:
    return None if value == NOT_GIVEN else int(value)
