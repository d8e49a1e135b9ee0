"""One asset's facts as the oracle reads them: plain values, dates and exact fractions."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction


@dataclass(frozen=True)
class Spec:
    """Amounts in minor units; rate a year and factor as fractions; `fiscal` is (month, day)."""

    method: str
    cost: int
    start: date
    averaging: str = "full_month"
    life: int | None = None
    rate: Fraction | None = None
    factor: Fraction = Fraction(2)
    cost_limit: int | None = None
    residual: int = 0
    opening_day: date | None = None
    opening_accumulated: int = 0
    opening_current_year: int = 0
    fiscal: tuple[int, int] = (1, 1)

    @property
    def limited_cost(self) -> int:
        """min(cost limit, cost)."""
        return self.cost if self.cost_limit is None else min(self.cost_limit, self.cost)

    @property
    def depreciable(self) -> int:
        """min(cost limit, cost) - residual, never below nothing."""
        return max(self.limited_cost - self.residual, 0)

    @property
    def left(self) -> int:
        """What an opening balance leaves to depreciate."""
        return max(self.depreciable - self.opening_accumulated, 0)

    @property
    def first_day(self) -> date:
        """The first day that this register depreciates: the start, or the day after the opening."""
        if self.opening_day is None:
            return self.start
        return max(self.start, self.opening_day + timedelta(days=1))


def half_away(value: Fraction) -> int:
    """A fraction as a whole number, halves away from zero."""
    whole, rest = divmod(abs(value.numerator), value.denominator)
    if 2 * rest >= value.denominator:
        whole += 1
    return whole if value >= 0 else -whole
