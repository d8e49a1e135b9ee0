"""One segment walked from its origin: straight line at once, a declining balance year by year or month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from .clock import Clock
from .dates import ONE_DAY
from .facts import Segment, before
from .untimed import untimed

UNTIMED = ("none", "full", "manual", "units_of_production")
DECLINING = ("declining_balance", "fixed_rate_declining")


def rounded(amount: Fraction) -> int:
    """Half away from zero."""
    size = (abs(amount) * 2 + 1) // 2
    return int(size) if amount >= 0 else -int(size)


def fixed_rate(base: int, residual: int, years: Fraction, places: int) -> Fraction:
    """1 - (residual / base)^(1 / years), rounded half up to `places`."""
    if residual >= base:
        return Fraction(0)
    with localcontext() as context:
        context.prec = 120
        ratio = (Decimal(residual) / Decimal(base)) ** (Decimal(years.denominator) / Decimal(years.numerator))
        rate = (1 - ratio).quantize(Decimal(1).scaleb(-90)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return Fraction(rate)


@dataclass
class Stretch:
    """From `begin`, when `amount` had accumulated, to `end`: the exact charge up to a day."""

    begin: date
    end: date | None
    amount: int
    charge: Callable[[date], Fraction]
    straight: bool


class Walk:
    """T of one segment on any day from its origin on."""

    def __init__(self, spec: dict[str, Any], clock: Clock, segment: Segment) -> None:
        self.spec, self.settings, self.clock, self.segment = spec, spec["settings"], clock, segment
        self.state, self.fiscal = segment.state, clock.fiscal
        self.target = max(self.state.target, segment.amount)
        self.rounding = self.settings.get("rounding", "cumulative")
        self.net = self.settings.get("declining_base", "gross") == "net_of_residual"
        self._made: list[Stretch] = []
        self._walker: Iterator[Stretch] | None = None
        self._months: dict[int, int] = {}

    # The clock, as far as the life

    def over(self, day: date) -> bool:
        """Whether the life is over by the end of a day."""
        end, last = self.state.life_end, self.state.last_day
        return end is not None and (self.clock.held(day) >= end or (last is not None and day >= last))

    def reading(self, day: date) -> Fraction:
        """Years held; all of the life once it is over."""
        if self.over(day):
            assert self.state.life_end is not None
            return self.state.life_end
        return self.clock.held(day)

    def since(self, begin: date, day: date) -> Fraction:
        """Years that count from the start of `begin` to the end of `day`."""
        return max(Fraction(0), self.reading(day) - self.reading(before(begin)))

    # Answers

    def at(self, day: date) -> int:
        """Accumulated by the end of a day on or after the origin."""
        method = self.state.method
        if method in UNTIMED:
            charge = untimed(self.spec, self.segment, self.target, self.clock, day)
            return self.segment.amount + rounded(charge)
        if self.over(day) and self.takes_all(day):
            return self.target
        if self.rounding != "cumulative":
            from .rounding import rounded_by_month

            return rounded_by_month(self, day)
        stretch = self.stretch(day)
        return stretch.amount + rounded(min(stretch.charge(day), Fraction(self.target - stretch.amount)))

    def takes_all(self, day: date) -> bool:
        """Whether the end of the life finds the whole depreciable amount charged."""
        if self.state.method not in DECLINING or self.settings.get("end_of_life", "leave") == "true_up":
            return True
        if self.settings.get("switch_to_straight_line"):  # section 1, property 1
            return True
        return self.stretch(day).straight

    def switched_by(self, day: date) -> bool:
        """Whether straight line had taken over from the declining balance by a day."""
        if self.state.method not in DECLINING or day < self.segment.origin:
            return self.state.switched
        return self.stretch(day).straight

    def stretch(self, day: date) -> Stretch:
        """The stretch that holds a day."""
        while not self._made or (self._made[-1].end is not None and self._made[-1].end < day):
            if self._walker is None:
                self._walker = self.stretches()
            self._made.append(next(self._walker))
        for one in self._made:
            if one.end is None or day <= one.end:
                return one
        raise AssertionError(day)

    # Stretches

    def stretches(self) -> Iterator[Stretch]:
        """Stretches from the origin on."""
        begin, amount = self.segment.origin, self.segment.amount
        if self.state.method not in DECLINING:
            yield Stretch(begin, None, amount, self.plain(begin, amount), straight=True)
            return
        compound = self.settings.get("declining_within_year", "even") == "compound"
        opening = self.segment.month_amount if compound else self.segment.year_amount
        while True:
            month = self.fiscal.month_of(begin)
            first = self.fiscal.start(month) if compound else self.fiscal.year_start(begin)
            end = self.fiscal.end(month) if compound else self.fiscal.year_end(begin)
            base = max(0, self.state.limited - opening - (self.state.residual if self.net else 0))
            decided = self.segment.decided and begin == self.segment.origin
            if self.state.switched or (not decided and self.switches(first, opening, base)):
                yield Stretch(begin, None, amount, self.line(begin, amount), straight=True)
                return
            yield Stretch(begin, end, amount, self.declining(begin, base), straight=False)
            begin, amount = end + ONE_DAY, self.at(end)
            opening = amount

    def switches(self, first: date, opening: int, base: int) -> bool:
        """Whether straight line over the years left is larger than the declining charge."""
        if not self.settings.get("switch_to_straight_line") or self.state.life_end is None:
            return False
        left = self.state.life_end - self.reading(before(first))
        value = self.state.limited - self.state.residual - opening
        if left <= 0:  # no life left: all of it
            return value > 0
        return Fraction(value) / left > self.rate() * base

    def rate(self) -> Fraction:
        """The rate of a declining balance, per year."""
        if self.state.rate is not None:
            return self.state.rate
        assert self.state.rate_months
        return Fraction(self.settings.get("declining_factor", "2")) * 12 / self.state.rate_months

    def declining(self, begin: date, base: int) -> Callable[[date], Fraction]:
        """Rate x base x years."""
        return lambda day: self.rate() * base * self.since(begin, day)

    def plain(self, begin: date, amount: int) -> Callable[[date], Fraction]:
        """Straight line or digits, from the origin of the segment."""
        if self.state.method == "sum_of_years_digits":
            return self.digits(begin, amount)
        base = self.settings.get("straight_line_base", "depreciable")
        if self.state.life_end is not None:
            return self.line(begin, amount, on_cost=base == "cost")
        whole = self.state.limited if base == "cost" else self.state.target
        assert self.state.rate is not None
        annual = whole * self.state.rate
        return lambda day: annual * self.since(begin, day)

    def line(self, begin: date, amount: int, *, on_cost: bool = False) -> Callable[[date], Fraction]:
        """The rest evenly over the life left; on cost, until the floor."""
        assert self.state.life_end is not None
        left = self.state.life_end - self.reading(before(begin))
        rest = self.target - amount
        spread = max(rest, self.state.limited - amount) if on_cost else rest
        if left <= 0:
            return lambda _: Fraction(rest)
        return lambda day: spread * self.since(begin, day) / left

    def digits(self, begin: date, amount: int) -> Callable[[date], Fraction]:
        """Weights of asset years, those left rescaled to the rest."""
        done = self.weight(self.reading(before(begin)))
        assert self.state.life_end is not None
        left = self.weight(self.state.life_end) - done
        rest = self.target - amount
        if left <= 0:
            return lambda _: Fraction(rest)
        return lambda day: rest * (self.weight(self.reading(day)) - done) / left

    def weight(self, reading: Fraction) -> Fraction:
        """Digits used up at a reading of the clock: n, n - 1, ... 1, each evenly over its asset year."""
        years = self.state.digits_years
        assert years is not None
        number = -(-years // 1)
        position, total = max(Fraction(0), reading - self.state.digits_from + self.state.skipped), Fraction(0)
        for index in range(int(number)):
            length = min(Fraction(1), years - index)
            total += (number - index) * min(Fraction(1), max(Fraction(0), (position - index) / length))
        return total
