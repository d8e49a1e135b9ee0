"""Block: some rows of a register that one method and one averaging rule compute together.

Works out what every method needs of a row; knows no method.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.terms import Averaging
from bookvalue.engine.averaging import RULES, Clock
from bookvalue.engine.register import Int64, RegisterColumns


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that share their averaging rule and whether they have a life; every array has shape (n,).

    first_day: the first day charged here: the start, or the day after the opening if that is later.
    limited_cost_minor: min(cost limit, cost). depreciable_minor: that less the residual value. room_minor: what the
    opening leaves of it. has_life: else a rate is given.
    """

    columns: RegisterColumns
    averaging: Averaging
    clock: Clock
    has_life: bool
    first_day: Int64
    limited_cost_minor: Int64
    depreciable_minor: Int64
    room_minor: Int64

    @classmethod
    def of(cls, columns: RegisterColumns, averaging: Averaging, *, has_life: bool) -> "Block":
        """The block of these rows (SEMANTICS sections 2 and 5: the depreciable amount; section 3: the opening)."""
        limited_cost = np.minimum(columns.cost_limit_minor, columns.cost_minor)
        depreciable = np.maximum(limited_cost - columns.residual_minor, 0)
        return cls(
            columns,
            averaging,
            RULES[averaging](
                columns.fiscal_calendar,
                columns.start_day,
                columns.of_setting([s.life_months or 0 for s in columns.settings]),
            ),
            has_life,
            np.maximum(columns.start_day, columns.opening_day + 1),
            limited_cost,
            depreciable,
            np.maximum(depreciable - columns.opening_accumulated_minor, 0),
        )

    def __len__(self) -> int:
        return len(self.columns)

    def take(self, rows: NDArray[np.intp]) -> "Block":
        """The block of some of its rows."""
        return Block.of(self.columns.take(rows), self.averaging, has_life=self.has_life)

    def share_before(self) -> Int64:
        """The share of a year held before the first day: what the opening stands for; 0 without one."""
        if (self.columns.opening_day < self.columns.start_day).all():
            return np.zeros(len(self), dtype=np.int64)
        return self.clock.share(self.first_day - 1)
