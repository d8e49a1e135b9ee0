"""declining_balance: a rate of the ledger's book value at the start of each fiscal year, spread by the averaging rule.

Gross base, even within the year; the residual value is a floor, and what is left at the end of a life is left.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bookvalue.engine.block import Block
from bookvalue.engine.exact import multiply_divide, reduced
from bookvalue.engine.fiscal_days import fiscal_year, fiscal_year_start
from bookvalue.engine.register import FACTOR_ONE, RATE_ONE, Int64


@dataclass(slots=True)
class _Course:
    """Rows on their way through the fiscal years; every array has shape (n,), amounts in minor units.

    rows: where they stand in the whole block. year: the first fiscal year that charges them. rate / per: the part of
    the base that one part of a year takes. base: book value at the start of the fiscal year; held: share counted so
    far.
    """

    rows: NDArray[np.intp]
    block: Block
    year: Int64
    rate: Int64
    per: Int64
    base: Int64
    held: Int64
    charged: Int64

    def take(self, rows: NDArray[np.intp]) -> "_Course":
        """Some of the rows, to go on with."""
        return _Course(*(getattr(self, field.name).take(rows) for field in fields(self)))

    def advance(self, year: int, day: int) -> None:
        """Charge one fiscal year up to a day in it: base x rate x share of the year, down to the floor."""
        share = self.block.clock.share(np.asarray(day, dtype=np.int64))
        # a row whose first day lies in a later year has already counted more than this share
        now: Int64 = np.maximum(share, self.held)
        part = multiply_divide(self.base, self.rate * (now - self.held), self.per)
        self.charged += np.minimum(part, self.block.room_minor - self.charged)
        self.held = now
        opening = self.block.columns.opening_accumulated_minor
        book_value = self.block.limited_cost_minor - opening - self.charged
        self.base = np.where(self.year <= year, book_value, self.base)

    def unfinished(self) -> NDArray[np.intp]:
        """The rows that may still be charged: above the floor, and with life left."""
        going = (self.charged < self.block.room_minor) & (self.held < self.block.clock.whole)
        return np.flatnonzero(going)


def declining_balance(block: Block, as_of_day: int) -> Int64:
    """What is charged since the opening by the end of a day: shape (n,), minor units (SEMANTICS sections 1 to 3).

    Loops over fiscal years, for all rows at once; each year starts from the book value in whole minor units.
    """
    calendar = block.columns.fiscal_calendar
    charged = np.zeros(len(block), dtype=np.int64)
    begun = np.flatnonzero(block.first_day <= as_of_day)
    if not len(begun):
        return charged
    course = _set_out(block).take(begun)
    last_year = int(fiscal_year(calendar, np.asarray(as_of_day, dtype=np.int64)))
    for year in range(int(course.year.min()), last_year + 1):
        next_start = int(fiscal_year_start(calendar, np.asarray(year + 1, dtype=np.int64)))
        course.advance(year, min(as_of_day, next_start - 1))
        going = course.unfinished()
        if 2 * len(going) < len(course.rows):  # dropping rows costs as much as a year of them, so not every year
            charged[course.rows] = course.charged
            course = course.take(going)
        if not len(going):
            break
    charged[course.rows] = course.charged
    return charged


def _set_out(block: Block) -> _Course:
    """Where each row stands before its first day.

    In the running fiscal year of an opening the base is cost - (accumulated - current year); a first day in a later
    fiscal year than the opening starts from cost - accumulated (SEMANTICS section 3).
    """
    columns = block.columns
    year = fiscal_year(columns.fiscal_calendar, block.first_day)
    running = columns.opening_day >= fiscal_year_start(columns.fiscal_calendar, year)
    current_year = np.where(running, columns.opening_current_year_minor, 0)
    if block.has_life:  # rate = factor / life in years
        factor = columns.of_setting([s.declining_factor_micro for s in columns.settings])
        life = columns.of_setting([s.life_months or 0 for s in columns.settings])
        rate, per = reduced(12 * factor, FACTOR_ONE * life)
    else:
        rate, per = reduced(
            columns.of_setting([s.rate_micropercent or 0 for s in columns.settings]), np.full_like(year, RATE_ONE)
        )
    return _Course(
        rows=np.arange(len(block)),
        block=block,
        year=year,
        rate=rate,
        per=per * block.clock.parts_per_year,
        base=block.limited_cost_minor - columns.opening_accumulated_minor + current_year,
        held=block.share_before(),
        charged=np.zeros(len(block), dtype=np.int64),
    )
