"""Multiply, divide and add up whole numbers exactly: int64 where a row is known to fit, else Python integers.

Rounds half away from zero (SEMANTICS section 1). No float, and never a wrapped product: a row takes the
int64 path only where its own bounds prove that it fits.
"""

import numpy as np
from numpy.typing import NDArray

from bookvalue.engine.register import Int64

_MAX = 2**63 - 1
_HALF = 2**62 - 1


def exact_sum(values: Int64) -> int:
    """The sum as a Python integer, beyond int64 if need be."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def exact_sums(values: Int64, group: Int64, count: int) -> list[int]:
    """The sum of each group as a Python integer. group: of each value, from 0, shape (n,); count: how many groups."""
    high, low = (np.zeros(count, dtype=np.int64) for _ in range(2))
    np.add.at(high, group, values >> 32)
    np.add.at(low, group, values & 0xFFFFFFFF)
    return [(above << 32) + below for above, below in zip(high.tolist(), low.tolist(), strict=True)]


def multiply_divide(amount: Int64, numerator: Int64, denominator: Int64) -> Int64:
    """amount * numerator / denominator, rounded half away from zero; the three broadcast against each other.

    Any int64 amount (minor units), numerator >= 0, denominator > 0, both int64 of one unit. Exact whatever their
    size: the product itself need not fit in int64. Raises ValueError for a negative numerator or a denominator
    below 1, OverflowError where a result does not fit in int64.
    """
    if 0 in (amount.size, numerator.size, denominator.size):
        return np.zeros(np.broadcast_shapes(amount.shape, numerator.shape, denominator.shape), dtype=np.int64)
    if numerator.min() < 0 or denominator.min() < 1:
        raise ValueError("a fraction has a numerator of at least 0 and a denominator of at least 1")
    largest = int(amount.max()) * int(numerator.max()) + (int(denominator.max()) >> 1)
    if amount.min() >= 0 and largest <= _MAX:
        return _nearest(amount * numerator, denominator)
    return _by_row(*np.broadcast_arrays(amount, *reduced(numerator, denominator)))


def multiply_divmod(amount: Int64, numerator: Int64, denominator: Int64) -> tuple[Int64, Int64]:
    """amount * numerator / denominator as a whole part and the rest of the division, for equal shapes (n,).

    amount >= 0, numerator >= 0, denominator > 0. Raises OverflowError where a result does not fit in int64.
    """
    if amount.size and int(amount.max()) * int(numerator.max()) > _MAX:
        rows = zip(amount.tolist(), numerator.tolist(), denominator.tolist(), strict=True)
        exact = np.array([divmod(value * above, below) for value, above, below in rows], dtype=np.int64)
        return exact[:, 0], exact[:, 1]
    whole, rest = np.divmod(amount * numerator, denominator)
    return whole, rest


def exceeds(first: Int64, first_factor: Int64, second: Int64, second_factor: Int64) -> NDArray[np.bool_]:
    """first * first_factor > second * second_factor, exactly, for numbers >= 0 of equal shapes (n,)."""
    if not first.size:
        return np.zeros(0, dtype=np.bool_)
    largest = max(int(first.max()) * int(first_factor.max()), int(second.max()) * int(second_factor.max()))
    if largest <= _MAX:
        above: NDArray[np.bool_] = first * first_factor > second * second_factor
        return above
    sides = (first, first_factor, second, second_factor)
    return np.array([a * b > c * d for a, b, c, d in zip(*(side.tolist() for side in sides), strict=True)])


def reduced(numerator: Int64, denominator: Int64) -> tuple[Int64, Int64]:
    """The same fraction in lowest terms: smaller products, so more rows fit in int64."""
    common = np.gcd(numerator, denominator)
    return numerator // common, denominator // common


def _nearest(product: Int64, denominator: Int64) -> Int64:
    """product / denominator for product >= 0, halves up; product + denominator / 2 must fit in int64.

    Half of an odd denominator may be cut: there is no tie to lose, and the remainder stays below the denominator.
    """
    quotient: Int64 = (product + (denominator >> 1)) // denominator
    return quotient


def _by_row(amount: Int64, numerator: Int64, denominator: Int64) -> Int64:
    """As multiply_divide, for equal shapes and fractions in lowest terms, with bounds checked for each row.

    |amount| = whole * denominator + rest, so the result is whole * numerator + rest * numerator / denominator. A row
    fits where whole * numerator and rest * numerator are both at most 2^62 - 1: with half a denominator (at most
    2^62 - 1 too), or added to each other after the division, they stay below 2^63.
    """
    size = np.abs(amount)  # the one int64 without a positive twin stays negative: never fits
    whole, rest = np.divmod(size, denominator)
    most = _HALF // np.maximum(numerator, 1)
    fits = (size >= 0) & (whole <= most) & (rest <= most)
    result: Int64 = np.where(fits, whole, 0) * numerator + _nearest(np.where(fits, rest, 0) * numerator, denominator)
    result = np.where(amount < 0, -result, result)
    beyond = ~fits
    if beyond.any():
        result[beyond] = _in_python(amount[beyond], numerator[beyond], denominator[beyond])
    return result


def _in_python(amount: Int64, numerator: Int64, denominator: Int64) -> Int64:
    """As multiply_divide, one row at a time in unbounded integers; shape (n,). About a microsecond a row."""
    exact = []
    for value, above, below in zip(amount.tolist(), numerator.tolist(), denominator.tolist(), strict=True):
        size = (2 * abs(value) * above + below) // (2 * below)
        exact.append(size if value >= 0 else -size)
    return np.array(exact, dtype=np.int64)
