"""RegisterColumns: the engine's one input, named int64 arrays with units, one row an asset.

Values are checked before they get here (domain/asset_spec.py and the database's constraints); the engine
trusts the stated bounds and checks only its own arithmetic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.asset import MICRO, Asset
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import Averaging, Method

Int64 = NDArray[np.int64]

EPOCH_ORDINAL = 719_163
"""date(1970, 1, 1).toordinal(): engine days count from 1970-01-01."""
NO_DAY = -(2**31)
"""A day that is not there (no start date, no opening balance)."""
NO_LIMIT = 2**62
"""The cost limit of an asset that has none."""
FACTOR_ONE = MICRO
"""A declining factor of 1, in the unit of its column."""
RATE_ONE = 100 * MICRO
"""A rate of 1 (100 % a year), in the unit of its column."""
METHOD_CODES: Mapping[Method, int] = {method: code for code, method in enumerate(Method, 1)}
AVERAGING_CODES: Mapping[Averaging, int] = {averaging: code for code, averaging in enumerate(Averaging, 1)}


@dataclass(frozen=True, slots=True)
class RegisterColumns:
    """One row an asset; every array has shape (n,) and dtype int64, in one order.

    method, averaging: METHOD_CODES, AVERAGING_CODES. cost_minor, cost_limit_minor (NO_LIMIT), residual_minor:
    minor units, 0 to 10^15. start_day: days since 1970-01-01, or NO_DAY. life_months: 1 to 1200, or 0 for none.
    rate_micropercent: percent a year x 10^6, or 0 for none. declining_factor_micro: factor x 10^6.
    opening_day (NO_DAY for none): the last day of what was depreciated elsewhere; opening_accumulated_minor and
    opening_current_year_minor: minor units by the end of that day.
    """

    fiscal_calendar: FiscalCalendar
    method: Int64
    averaging: Int64
    cost_minor: Int64
    cost_limit_minor: Int64
    residual_minor: Int64
    start_day: Int64
    life_months: Int64
    rate_micropercent: Int64
    declining_factor_micro: Int64
    opening_day: Int64
    opening_accumulated_minor: Int64
    opening_current_year_minor: Int64

    def __len__(self) -> int:
        return len(self.cost_minor)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "RegisterColumns":
        """The same columns for some rows: an index array, a mask, or a slice (then views, not copies)."""
        return RegisterColumns(
            self.fiscal_calendar,
            *(getattr(self, name)[rows] for name in self.__dataclass_fields__ if name != "fiscal_calendar"),
        )


def columns_of(calendar: FiscalCalendar, assets: Sequence[Asset]) -> RegisterColumns:
    """A register of assets at hand, in their order: for a schedule, a preview of one asset, or a test."""
    rows = np.array([_row(asset) for asset in assets], dtype=np.int64).reshape(len(assets), 12)
    return RegisterColumns(calendar, *np.ascontiguousarray(rows.T))


def _row(asset: Asset) -> tuple[int, ...]:
    """One asset in the order of the columns."""
    settings, opening = asset.settings, asset.opening
    return (
        METHOD_CODES[settings.method],
        AVERAGING_CODES[settings.averaging],
        asset.cost_minor,
        NO_LIMIT if asset.cost_limit_minor is None else asset.cost_limit_minor,
        asset.residual_minor,
        _day(asset.depreciation_start_date),
        settings.life_months or 0,
        settings.rate_micropercent or 0,
        settings.declining_factor_micro,
        _day(opening.as_of if opening else None),
        opening.accumulated_minor if opening else 0,
        opening.current_year_minor if opening else 0,
    )


def _day(day: date | None) -> int:
    """A date as a day of the engine."""
    return NO_DAY if day is None else day.toordinal() - EPOCH_ORDINAL
