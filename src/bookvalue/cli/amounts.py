"""Amounts as people type them."""

from typing import overload


@overload
def minor(field: str, text: str, currency: str) -> int: ...
@overload
def minor(field: str, text: None, currency: str) -> None: ...
@overload
def minor(field: str, text: str | None, currency: str) -> int | None: ...
def minor(field: str, text: str | None, currency: str) -> int | None:
    """An amount in major units, such as -2500.00, as minor units; None stays None.

    Raises InvalidInput naming the field, for what is no amount of the currency.
    """
    from bookvalue.domain.errors import InvalidInput
    from bookvalue.domain.finding import finding
    from bookvalue.domain.money import to_minor

    try:
        return None if text is None else to_minor(text, currency)
    except ValueError as error:
        raise InvalidInput("1 finding; nothing was applied", [finding(str(error), field, text)]) from error
