"""The rate that brings a cost down to its residual value in a life: 1 - (residual / cost) ^ (1 / years).

Rounded half up to some decimals, exactly. The one power in the engine: worked out once for each distinct case, in
decimals of far more places than the rate has; what lies close to a tie is decided in whole numbers. Touches no amount.
"""

from decimal import Context, Decimal
from functools import lru_cache

import numpy as np

from bookvalue.engine.register import Int64

_CONTEXT = Context(prec=30)
_CLOSE = Decimal(10) ** -15


def fixed_rate(
    residual_minor: Int64, cost_minor: Int64, life: Int64, parts_per_year: Int64, places: int
) -> tuple[Int64, Int64]:
    """The yearly rate as a fraction over 10^places: two arrays (n,). A life counts parts_per_year parts a year.

    0 where the cost is not above the residual value or there is no life, 1 where the residual value is 0.
    """
    one = 10**places
    cases = zip(residual_minor.tolist(), cost_minor.tolist(), life.tolist(), parts_per_year.tolist(), strict=True)
    rates = np.array([_rate(*case, one) for case in cases], dtype=np.int64)
    return rates, np.full_like(rates, one)


@lru_cache(maxsize=262_144)
def _rate(residual: int, cost: int, life: int, parts: int, one: int) -> int:
    if residual >= cost or life <= 0:
        return 0
    if residual == 0:
        return one
    left = _CONTEXT.divide(Decimal(residual), Decimal(cost))
    left = _CONTEXT.exp(_CONTEXT.multiply(_CONTEXT.ln(left), _CONTEXT.divide(Decimal(parts), Decimal(life))))
    doubled = _CONTEXT.multiply(_CONTEXT.subtract(Decimal(1), left), Decimal(2 * one))
    nearest = int(_CONTEXT.to_integral_value(doubled))
    if nearest % 2 and abs(_CONTEXT.subtract(doubled, Decimal(nearest))) < _CLOSE:
        return nearest // 2 + _at_least(residual, cost, life, parts, nearest, 2 * one)
    return (int(doubled) + 1) // 2


def _at_least(residual: int, cost: int, life: int, parts: int, tie: int, doubled_one: int) -> bool:
    """Whether the rate reaches tie / doubled_one: (residual / cost)^parts <= (1 - tie / doubled_one)^life."""
    reached: bool = residual**parts * doubled_one**life <= (doubled_one - tie) ** life * cost**parts
    return reached
