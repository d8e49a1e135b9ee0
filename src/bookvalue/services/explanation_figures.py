"""Figures as an explanation prints them: amounts, exact amounts, rates and counts. None of them is a float."""

from fractions import Fraction
from math import lcm

from bookvalue.domain.asset import MICRO, NANO
from bookvalue.domain.money import exponent, to_major
from bookvalue.engine.pieces import Unit

_DAYS_365, _DAYS_366 = 365, 366
_MORE_DECIMALS = 2


def money(minor: int, currency: str) -> str:
    """Minor units as people write them: 4,123,456 EUR cents are 41,234.56."""
    whole, _, part = to_major(abs(minor), currency).partition(".")
    return ("-" if minor < 0 else "") + f"{int(whole):,}" + (f".{part}" if part else "")


def decimal_text(count: int, one: int) -> str:
    """A whole number of parts, `one` (a power of ten) to a unit, as a plain decimal: 12_500_000 millionths are 12.5."""
    whole, part = divmod(count, one)
    digits = str(part).rjust(len(str(one)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def rate_text(rate: Fraction) -> str:
    """A yearly rate in percent where that is a plain decimal, else as a fraction."""
    percent = rate * 100 * NANO
    return f"{decimal_text(int(percent), NANO)} %" if percent.denominator == 1 else str(rate)


def whole_terms(counted: Fraction, of: Fraction, unit: Unit | None) -> tuple[int, int]:
    """Two whole numbers in the ratio of a count and what it counts of; days of a year stay days, 292 of 366."""
    of_366 = unit is Unit.YEARS and (counted * _DAYS_366).denominator == 1
    common = lcm(_DAYS_366 if of_366 else counted.denominator, of.denominator)
    return int(counted * common), int(of * common)


def number_text(number: Fraction, unit: Unit) -> str:
    """A count in words: 17.5, 1 17/31; years by their days, 2 + 214/365 + 31/366."""
    days = number * _DAYS_365 * _DAYS_366
    if unit is Unit.YEARS and number.denominator != 1 and days.denominator == 1:
        # 366 leaves 1 when divided by 365, and 365 leaves -1 when divided by 366
        of_365, of_366 = int(days) % _DAYS_365, -int(days) % _DAYS_366
        years = number - Fraction(of_365, _DAYS_365) - Fraction(of_366, _DAYS_366)
        parts = [str(years) if years else "", f"{of_365}/365" if of_365 else "", f"{of_366}/366" if of_366 else ""]
        return " + ".join(filter(None, parts))
    micro = number * MICRO
    if micro.denominator == 1:
        whole_part, _, decimals = decimal_text(int(micro), MICRO).partition(".")
        return f"{int(whole_part):,}" + (f".{decimals}" if decimals else "")
    whole, rest = divmod(number.numerator, number.denominator)
    return f"{whole:,} {rest}/{number.denominator}" if whole else str(number)


def unit_word(unit: Unit, count: Fraction) -> str:
    """The unit's word beside a count of it."""
    return unit.value.removesuffix("s") if count <= 1 else unit.value


def exact_text(minor: Fraction, currency: str) -> str:
    """An amount that is not rounded: all its decimals, or the first few and an ellipsis."""
    more = 10**_MORE_DECIMALS
    count = minor * more
    places = exponent(currency) + _MORE_DECIMALS
    whole, part = divmod(int(count), 10**places)
    digits = str(part).rjust(places, "0")
    kept = digits[: exponent(currency)] + digits[exponent(currency) :].rstrip("0")
    if count.denominator != 1:
        return f"{whole:,}.{digits}…"
    return f"{whole:,}.{kept}" if kept else f"{whole:,}"
