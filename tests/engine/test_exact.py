"""multiply_divide at its edges: signs, ties, and where int64 stops."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookvalue.engine.exact import exceeds, multiply_divide, reduced
from oracle.walk import rounded as half_away

BIG = 2**63 - 1
INT64 = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**63), BIG),
    st.integers(0, 63).flatmap(lambda bits: st.integers(-(2**bits), min(2**bits, BIG))),
)


def array(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "expected"),
    [
        (4_000_000, 1, 60, 66_667),
        (26_000, 1, 12, 2_167),
        (26_000, 2, 12, 4_333),
        (1, 1, 2, 1),  # a tie goes away from zero
        (-1, 1, 2, -1),
        (-3, 1, 2, -2),
        (5, 1, 10, 1),
        (-5, 1, 10, -1),
        (4, 1, 10, 0),
        (-4, 1, 10, 0),
        (1, 1, 3, 0),  # an odd denominator has no tie
        (1, 2, 3, 1),
        (0, 7, 3, 0),
        (7, 0, 3, 0),
        (BIG, 1, 1, BIG),
        (BIG, BIG, BIG, BIG),
        (BIG - 1, BIG, BIG, BIG - 1),
        (-(2**63), 1, 1, -(2**63)),
        (-(2**63), 1, 2, -(2**62)),
        (2**62, 1, 2**63 - 1, 1),  # just above a half
        (2**62 - 1, 1, 2**63 - 1, 0),  # just below
        (2**62, 2, 2**63 - 1, 1),
        (2**31, 2**31, 1, 2**62),
        (3_037_000_500, 3_037_000_500, 2, 4_611_686_018_500_125_000),  # the product passes 2^63
        (10**15, 1_000_000_007, 1_000_000_009, half_away(Fraction(10**15 * 1_000_000_007, 1_000_000_009))),
        (10**15, 4379 * 33_333_333, 4380 * 10**8, half_away(Fraction(10**15 * 4379 * 33_333_333, 4380 * 10**8))),
    ],
)
def test_one_row(amount: int, numerator: int, denominator: int, expected: int) -> None:
    assert multiply_divide(array(amount), array(numerator), array(denominator)).tolist() == [expected]
    # beside a row that does not fit, every row is bounded on its own: the same amount
    together = multiply_divide(array(amount, -BIG), array(numerator, 3), array(denominator, 7))
    assert together.tolist() == [expected, half_away(Fraction(-BIG * 3, 7))]


@given(st.lists(st.tuples(INT64, INT64, INT64), min_size=1, max_size=50))
@settings(deadline=None)
def test_equals_fractions(rows: list[tuple[int, int, int]]) -> None:
    fitting = []
    for amount, numerator, denominator in rows:
        above, below = min(abs(numerator), BIG), min(max(abs(denominator), 1), BIG)
        result = half_away(Fraction(amount * above, below))
        if -(2**63) <= result <= BIG:
            fitting.append((amount, above, below, result))
        else:
            with pytest.raises(OverflowError):
                multiply_divide(array(amount), array(above), array(below))
    columns = np.array(fitting, dtype=np.int64).reshape(len(fitting), 4).T
    assert multiply_divide(*columns[:3]).tolist() == columns[3].tolist()


def test_broadcasts_and_keeps_int64() -> None:
    result = multiply_divide(array(10, 25, BIG), np.asarray(1), np.asarray(10))
    assert result.tolist() == [1, 3, 922337203685477581]
    assert result.dtype == np.int64
    assert multiply_divide(array(10, 25), np.asarray(1), np.asarray(10)).tolist() == [1, 3]


def test_no_rows() -> None:
    assert multiply_divide(array(), array(), array()).tolist() == []
    assert multiply_divide(array(), np.asarray(1), np.asarray(2)).dtype == np.int64


@pytest.mark.parametrize(("amount", "numerator"), [(2**62, 2), (BIG, 2), (BIG, BIG), (2**32, 2**32), (-(2**63), 2)])
def test_refuses_a_result_beyond_int64(amount: int, numerator: int) -> None:
    with pytest.raises(OverflowError):
        multiply_divide(array(amount), array(numerator), array(1))


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 1), (1, 0), (1, -1)])
def test_refuses_what_is_no_fraction_here(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="a fraction has"):
        multiply_divide(array(1), array(numerator), array(denominator))


def test_reduced() -> None:
    above, below = reduced(array(20_000_000, 0, 33_333_333, 7), array(10**8, 10**8, 10**8, 7))
    assert above.tolist() == [1, 0, 33_333_333, 1]
    assert below.tolist() == [5, 1, 10**8, 1]


@pytest.mark.parametrize("scale", [1, 10**9])
def test_products_are_compared_exactly_beyond_int64_too(scale: int) -> None:
    first = np.array([7, 7, 6, 0], dtype=np.int64) * scale
    factor = np.full(4, 6, dtype=np.int64) * scale
    second = np.array([6, 6, 6, 1], dtype=np.int64) * scale
    other = np.array([7, 6, 7, 0], dtype=np.int64) * scale
    assert exceeds(first, factor, second, other).tolist() == [False, True, False, False]


def test_no_products_to_compare() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert exceeds(none, none, none, none).tolist() == []
