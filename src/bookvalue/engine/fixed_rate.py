"""The rate that brings a cost down to its residual value in a life: 1 - (residual / cost) ^ (1 / years).

Rounded half up to some decimals, exactly. The one power in the engine, and the one place with a float: it finds the
rate's last decimal but never decides it, and what lies near a tie is worked out in whole numbers (decision 0008).
Touches no amount.
"""

from decimal import Context, Decimal

import numpy as np

from bookvalue.engine.register import Int64

MOST_PLACES = 9
_NEAR = 1e-4
"""Of half a unit of the last of nine places. A float's error, at most 2e-5 there, is well within it."""
_CONTEXT = Context(prec=40)
_CLOSE = Decimal(10) ** -20


def fixed_rate(
    residual_minor: Int64, cost_minor: Int64, life: Int64, parts_per_year: Int64, places: int
) -> tuple[Int64, Int64]:
    """The yearly rate as a fraction over 10^places (1 to 9): two arrays (n,).

    life: in parts, of which a year has parts_per_year. The rate is 0 where the cost is not above the residual value or
    there is no life, 1 where the residual value is 0.
    """
    one = 10**places
    rated = (residual_minor < cost_minor) & (life > 0)
    rates = np.where(rated & (residual_minor <= 0), one, 0)
    rows = np.flatnonzero(rated & (residual_minor > 0))
    columns = [column[rows] for column in (residual_minor, cost_minor, parts_per_year, life)]
    residual, cost, parts, lives = columns
    halves = (1 - np.power(residual / cost, parts / lives)) * (2 * one)
    rates[rows] = ((halves + 1) // 2).astype(np.int64)
    near = np.flatnonzero(np.abs(halves % 2 - 1) < _NEAR)
    cases = np.stack(columns, axis=1)[near].tolist()
    rates[rows[near]] = [_exactly(*case, one=one) for case in cases]
    return rates, np.full_like(rates, one)


def _exactly(residual: int, cost: int, parts: int, life: int, *, one: int) -> int:
    """The rate in decimals of far more places than it has; a tie, or what seems one, in whole numbers."""
    left = _CONTEXT.divide(Decimal(residual), Decimal(cost))
    left = _CONTEXT.exp(_CONTEXT.multiply(_CONTEXT.ln(left), _CONTEXT.divide(Decimal(parts), Decimal(life))))
    halves = _CONTEXT.multiply(_CONTEXT.subtract(Decimal(1), left), Decimal(2 * one))
    nearest = int(_CONTEXT.to_integral_value(halves))
    if nearest % 2 and abs(_CONTEXT.subtract(halves, Decimal(nearest))) < _CLOSE:
        # (residual / cost) ^ parts <= (1 - tie) ^ life, in whole numbers
        reached: bool = residual**parts * (2 * one) ** life <= (2 * one - nearest) ** life * cost**parts
        return nearest // 2 + reached
    return (int(halves) + 1) // 2
