"""Minor units: exponents as ISO 4217 has them, and exact conversion both ways."""

import re

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookvalue.domain.money import MAX_MINOR, exponent, is_currency, to_major, to_minor

# funds, precious metals and test codes of ISO 4217: no business keeps its books in them
NOT_MONEY = frozenset(re.findall("...", "BOVCHECHWCOUMXVUSNXADXAGXAUXBAXBBXBCXBDXDRXPDXPTXSUXTSXUAXXX"))
CURRENCIES = sorted(currency.code for currency in iso4217.Currency if currency.code not in NOT_MONEY)


def test_the_currencies_and_their_exponents_are_those_of_iso_4217() -> None:
    for currency in iso4217.Currency:
        assert is_currency(currency.code) == (currency.code not in NOT_MONEY), currency.code
        if currency.code not in NOT_MONEY:
            assert exponent(currency.code) == currency.exponent, currency.code
    assert not is_currency("eur")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("40000.00", "EUR", 4000000), ("40000", "EUR", 4000000), ("40000", "JPY", 40000), ("40000.", "JPY", 40000),
        ("40000.00", "JPY", 40000), (".5", "KWD", 500), ("0.001", "KWD", 1), ("-0.01", "EUR", -1), ("+7", "EUR", 700),
        (" 1 ", "EUR", 100), ("0", "EUR", 0), ("1." + "0" * 60, "EUR", 100), ("0" * 60 + "1", "EUR", 100),
        ("9" * 5000, "EUR", 10**40), ("-" + "9" * 5000, "JPY", -(10**40)), ("0.0000", "CLF", 0),
    ],
)  # fmt: skip
def test_to_minor(text: str, currency: str, minor: int) -> None:
    converted = to_minor(text, currency)
    assert converted == minor or (abs(minor) == 10**40 and abs(converted) >= 10**40 and converted * minor > 0)


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "-", "--5", "+-5", "1e5", "1,5", "1_000", "٣", "\uff11", "²", "5\0", "NaN", "1.2.3", "€5", "1 000"],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not_an_amount$"):
        to_minor(text, "EUR")


@pytest.mark.parametrize(("text", "currency"), [("0.001", "EUR"), ("0.5", "JPY"), ("0." + "0" * 60 + "1", "KWD")])
def test_finer_than_the_minor_unit(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"^too_many_decimals$"):
        to_minor(text, currency)


@given(st.integers(-MAX_MINOR * 10**20, MAX_MINOR * 10**9), st.sampled_from(CURRENCIES))
def test_there_and_back(minor: int, currency: str) -> None:
    text = to_major(minor, currency)
    assert to_minor(text, currency) == minor or abs(minor) >= 10**30
    assert len(text.partition(".")[2]) == exponent(currency)


@given(st.text(), st.sampled_from(CURRENCIES))
def test_any_text_is_an_amount_or_says_why_not(text: str, currency: str) -> None:
    try:
        outcome: int | str = to_minor(text, currency)
    except ValueError as error:
        outcome = str(error)
    assert isinstance(outcome, int) or outcome in ("not_an_amount", "too_many_decimals")


def test_to_major() -> None:
    assert [to_major(minor, "EUR") for minor in (0, 5, 66667, -5, -66667)] == [
        "0.00", "0.05", "666.67", "-0.05", "-666.67"]  # fmt: skip
    assert [to_major(-5, "JPY"), to_major(0, "JPY"), to_major(5, "KWD")] == ["-5", "0", "0.005"]
