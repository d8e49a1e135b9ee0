"""Methods that no clock drives: `full`, `none`, `manual` and `units_of_production`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from .dates import parse
from .facts import Segment


def untimed(spec: dict[str, Any], segment: Segment, target: int, start: date, day: date) -> Fraction:
    """The exact charge of a segment from its origin to the end of `day`."""
    rest = Fraction(target - segment.amount)
    method = segment.state.method
    if method == "none":
        return Fraction(0)
    if method == "full":
        return rest if day >= start else Fraction(0)
    if method == "manual":
        return min(rest, Fraction(sum(manual_amounts(spec, segment.origin, day))))
    used = units(spec, segment.origin, day)
    left = Fraction(spec["units"]["total"]) - units(spec, date.min, date.fromordinal(segment.origin.toordinal() - 1))
    if left <= 0:
        return rest
    return rest * min(Fraction(1), used / left)


def manual_amounts(spec: dict[str, Any], first: date, last: date) -> list[int]:
    """Amounts of the table dated from `first` to `last`."""
    return [one["amount"] for one in spec.get("manual") or [] if first <= parse(one["date"]) <= last]


def units(spec: dict[str, Any], first: date, last: date) -> Fraction:
    """Units used in the periods that end from `first` to `last`."""
    listed = spec["units"].get("used") or []
    return sum((Fraction(one["quantity"]) for one in listed if first <= parse(one["period_end"]) <= last), Fraction(0))
