"""Which assets that depreciate by units lack a report of some period: a month without one is no month without use.

For runs alone: what is yet to come blocks no forecast.
"""

from collections.abc import Sequence

import numpy as np

from bookvalue.domain.calendar import Period
from bookvalue.domain.terms import LockPolicy, Method
from bookvalue.engine.averaging import rule_of
from bookvalue.engine.register import EPOCH_ORDINAL, METHOD_CODES, NO_DAY, NOT_GIVEN, Int64, RegisterColumns
from bookvalue.engine.suspensions import spans
from bookvalue.services.charge_reasons import Mask

_BY_UNITS = METHOD_CODES[Method.UNITS_OF_PRODUCTION]


def units_missing(register: RegisterColumns, periods: Sequence[tuple[Period, bool]], policy: LockPolicy) -> Mask:
    """Which rows lack a report of a period from their start to their disposal: shape (n,).

    periods: in order, each with whether it is open. A closed one counts where the lock policy lets a late report have
    its own day; elsewhere nothing could mend it. A period that is wholly suspended needs no report, nor does one after
    the units are used up. The method is the one in force on the period's last day.
    """
    by_units = register.of_setting([item.method is Method.UNITS_OF_PRODUCTION for item in register.settings]) == 1
    by_units[register.changes.row[register.changes.method == _BY_UNITS]] = True
    rows = np.flatnonzero(by_units)
    lacking = np.zeros(len(register), np.bool_)
    if len(rows):
        lacking[rows] = _lacking(register.take(rows), periods, policy)
    return lacking


def _lacking(register: RegisterColumns, periods: Sequence[tuple[Period, bool]], policy: LockPolicy) -> Mask:
    method = register.of_setting([METHOD_CODES[item.method] for item in register.settings])
    changes = register.changes
    gives = np.flatnonzero(changes.method != NOT_GIVEN)
    gives = gives[np.argsort(changes.day[gives], kind="stable")]
    began = np.maximum(register.start_day, register.opening_day + 1)
    reports = _Reports(register, moved=policy is LockPolicy.SPREAD_REMAINING)
    stands_from, stands_to = _suspensions(register)
    lacking = np.zeros(len(register), np.bool_)
    for period, is_open in periods:
        first, last = period.start.toordinal() - EPOCH_ORDINAL, period.end.toordinal() - EPOCH_ORDINAL
        now = changes.day[gives] <= last
        method[changes.row[gives[now]]] = changes.method[gives[now]]
        gives = gives[~now]
        used_up = reports.used_before(first) >= register.units_total_micro
        suspended_days = np.zeros(len(register), np.int64)  # of suspensions that do not overlap
        within = np.minimum(stands_to, last) - np.maximum(stands_from, first) + 1
        np.add.at(suspended_days, register.suspensions.row, np.maximum(within, 0))
        if is_open or policy is LockPolicy.NEXT_OPEN:
            held = (register.start_day != NO_DAY) & (began <= last) & (register.disposal_day >= first)
            charged = held & (method == _BY_UNITS) & ~used_up & (suspended_days <= last - first)
            lacking |= charged & ~reports.of(first, last)
    return lacking


class _Reports:
    """The reports of a register, in order of their days; asked for one period after the other."""

    def __init__(self, register: RegisterColumns, *, moved: bool) -> None:
        units = register.units
        order = np.argsort(units.day, kind="stable")
        self._row, self._day, self._amount = units.row[order], units.day[order], units.amount[order]
        self._total, self._moved = register.units_total_micro, moved
        self._used = np.zeros(len(register), np.int64)
        self._taken = 0

    def used_before(self, day: int) -> Int64:
        """What was used before a day, at most the units in all; days are asked for in order. Shape (n,)."""
        until = int(np.searchsorted(self._day, day))
        row, amount = self._row[self._taken : until], self._amount[self._taken : until]
        np.add.at(self._used, row, np.minimum(amount, self._total.take(row)))
        np.minimum(self._used, self._total, out=self._used)  # so that the sum stays within an int64
        self._taken = until
        return self._used

    def of(self, first: int, last: int) -> Mask:
        """Which rows have a report of the period between these days: shape (n,)."""
        # late reports that were moved into a period lie on its first day, and are not its own
        begin = np.searchsorted(self._day, first, side="right" if self._moved else "left")
        found = np.zeros(len(self._used), np.bool_)
        found[self._row[begin : np.searchsorted(self._day, last, side="right")]] = True
        return found


def _suspensions(register: RegisterColumns) -> tuple[Int64, Int64]:
    """The first and last day of each suspension that do not count, as its row's averaging rule has them: shape (m,)."""
    table = register.suspensions
    first, last = table.first_day.copy(), table.last_day.copy()
    for number in np.unique(register.setting[table.row]):
        setting = register.settings[number]
        lines = register.setting[table.row] == number
        begins, ends = spans(register, rule_of(setting.averaging, setting.day_basis))
        first[lines], last[lines] = begins[lines], ends[lines]
    return first, last
