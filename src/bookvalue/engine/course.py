"""Course: what a method says of a block, and nothing else that a walk through time would need to know of it."""

from collections.abc import Callable
from dataclasses import dataclass

from bookvalue.engine.register import Int64


@dataclass(frozen=True, slots=True)
class Course:
    """charged since the origin = base x rate x (measure - begins) / per, for as long as the base stands.

    measure(day): what the charge goes by (time, weights, units), never falling, shape (n,). begins: its value before
    the origin; ends: where nothing is left to charge, if `exhausts`. base: minor units >= 0; rate / per: the part of
    the base that one step of the measure takes. declines: whether the base is the ledger's book value, taken anew each
    fiscal year or month. one: how much of the measure is one of what it counts, where that is neither time nor units;
    only an explanation asks for it.
    """

    measure: Callable[[Int64], Int64]
    begins: Int64
    ends: Int64
    base: Int64
    rate: Int64
    per: Int64
    exhausts: bool
    declines: bool = False
    one: Int64 | None = None
