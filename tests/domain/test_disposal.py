"""Gain or loss, and capital gain."""

from hypothesis import given
from hypothesis import strategies as st

from bookvalue.domain.disposal import DisposalResult, disposal_result

minor = st.integers(0, 10**15)


def test_the_example_of_the_schedule_format() -> None:
    assert disposal_result(1500000, 4250000, 2319380) == DisposalResult(2319380, -819380, 0)


@given(minor, minor, minor)
def test_the_two_parts_are_what_the_sale_brought(proceeds: int, cost: int, book_value: int) -> None:
    result = disposal_result(proceeds, cost, book_value)
    assert result.gain_or_loss_minor + result.capital_gain_minor == proceeds - book_value
    assert result.capital_gain_minor == max(0, proceeds - cost)
