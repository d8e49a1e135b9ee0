"""Money: integer minor units and each currency's exponent (ISO 4217).

No float ever touches money. Standard library only, so the exponents that differ from 2 stand here as a table.
"""

import re

MAX_MINOR = 10**15
"""The largest amount of one asset, in minor units: sums over thousands of such assets still fit in int64."""

# ISO 4217 (list one): currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_AMOUNT = re.compile(r"(?P<sign>[+-]?)(?=\.?[0-9])(?P<whole>[0-9]*)(?:\.(?P<decimals>[0-9]*))?")
_CURRENCIES = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS
    VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()
)


def is_currency(code: str) -> bool:
    """Whether the code is a current ISO 4217 currency."""
    return code in _CURRENCIES


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


def to_minor(text: str, currency: str) -> int:
    """A plain decimal in major units as minor units, exactly; the caller checks the range (MAX_MINOR).

    Raises ValueError("not_an_amount") for anything but ASCII digits with an optional sign and point, and
    ValueError("too_many_decimals") where the amount is finer than the currency's minor unit.
    """
    shape = _AMOUNT.fullmatch(text.strip())
    if shape is None:
        raise ValueError("not_an_amount")
    sign, whole, decimals = shape["sign"], shape["whole"].lstrip("0"), (shape["decimals"] or "").rstrip("0")
    places = exponent(currency)
    if len(decimals) > places:
        raise ValueError("too_many_decimals")
    # an amount this long is out of range anyway, and int() refuses thousands of digits
    digits = whole + decimals.ljust(places, "0") if len(whole) <= 30 else "1" + "0" * 40
    return int(digits or "0") * (-1 if sign == "-" else 1)


def to_major(minor: int, currency: str) -> str:
    """Minor units as a plain decimal text: 66667 EUR is "666.67", 66667 JPY is "66667"."""
    places = exponent(currency)
    digits = str(abs(minor)).rjust(places + 1, "0")
    sign = "-" if minor < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
