"""Methods that no clock drives: `full`, `none`, `manual` and `units_of_production`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from .clock import Clock
from .dates import parse
from .facts import Segment


def untimed(spec: dict[str, Any], segment: Segment, target: int, clock: Clock, day: date) -> Fraction:
    """The exact charge of a segment from its origin to the end of `day`."""
    rest = Fraction(target - segment.amount)
    method = segment.state.method
    if method == "none":
        return Fraction(0)
    if method == "full":
        return rest if day >= clock.start else Fraction(0)
    if method == "manual":
        return min(rest, Fraction(sum(manual_amounts(spec, segment.origin, day, clock))))
    used = units(spec, segment.origin, day, clock)
    before = units(spec, date.min, date.fromordinal(segment.origin.toordinal() - 1), clock)
    left = Fraction(spec["units"]["total"]) - before
    if left <= 0:
        return rest
    return rest * min(Fraction(1), used / left)


def manual_amounts(spec: dict[str, Any], first: date, last: date, clock: Clock) -> list[int]:
    """Amounts of the table dated from `first` to `last`; none of them while the clock stands still."""
    dated = [(parse(one["date"]), one["amount"]) for one in spec.get("manual") or []]
    return [amount for day, amount in dated if first <= day <= last and not clock.paused(day)]


def units(spec: dict[str, Any], first: date, last: date, clock: Clock) -> Fraction:
    """Units used in the periods that end from `first` to `last`, but while the clock stands still."""
    dated = [(parse(one["period_end"]), Fraction(one["quantity"])) for one in spec["units"].get("used") or []]
    return sum((used for day, used in dated if first <= day <= last and not clock.paused(day)), Fraction(0))
