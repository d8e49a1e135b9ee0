"""Readers of single raw values, and the one loop that reads an object with a table of them.

A reader takes what JSON gave and returns the checked value, or raises Refused with a finding's code. Must not
know any asset: what belongs together stands in the tables of asset_spec.py and its neighbours.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.money import MAX_MINOR

MAX_TEXT = 500
MAX_DEPTH = 32
MAX_FINDINGS = 200
"""Of one object: whoever sends more faults than this has sent something else than an asset."""
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2200, 12, 31)

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,20})(?:\.(?P<decimals>[0-9]{1,40}))?")


class Refused(ValueError):
    """A reader does not take the value; `code` says why. Never leaves this floor."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Reader = Callable[[Any], Any]


@dataclass(slots=True)
class Fields:
    """What was read of an object: values by dotted path, the paths that were refused, and why."""

    values: dict[str, Any] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, code: str, path: str, value: Any = None) -> None:
        """One more finding about the field at this path; beyond MAX_FINDINGS it is only marked as refused."""
        self.refused.add(path)
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding(code, path, shown(value)))

    def absent(self, path: str) -> bool:
        """Whether nothing was given there; a value that was refused is not absent."""
        return path not in self.values and path not in self.refused

    def read(self, raw: Mapping[str, Any], readers: Mapping[str, Reader], prefix: str = "") -> None:
        """Every field of a raw object into `values`; null counts as not given, an unknown name is a finding."""
        for name, value in raw.items():
            reader = readers.get(name)
            if reader is None:
                self.refuse("unknown_field", prefix + str(shown(name)), value)
            elif value is not None:
                try:
                    self.values[prefix + name] = reader(value)
                except Refused as refusal:
                    self.refuse(refusal.code, prefix + name, value)

    def require(self, names: Iterable[str], prefix: str = "") -> None:
        """A finding for each of these fields that was not given."""
        for name in names:
            if self.absent(prefix + name):
                self.refuse("required", prefix + name)

    def under(self, prefix: str, names: Iterable[str]) -> dict[str, Any]:
        """The values that were read below a path, by the names they have there."""
        return {name: self.values[prefix + name] for name in names if prefix + name in self.values}


def shown(value: Any) -> Any:
    """A given value as a finding may carry it: short, and such that every store and encoder takes it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 128 else "a very large number"
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        short = value if len(value) <= 100 else value[:99] + "…"
        return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", short)
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else type(value).__name__


def read_text(value: Any) -> str:
    """Text of at most 500 characters that UTF-8 and Postgres can hold."""
    if not isinstance(value, str):
        raise Refused("not_text")
    if len(value) > MAX_TEXT:
        raise Refused("text_too_long")
    if _UNSTORABLE.search(value):
        raise Refused("text_not_allowed")
    return value


def read_name(value: Any) -> str:
    """Text that is not blank."""
    if not read_text(value).strip():
        raise Refused("required")
    return str(value)


def read_optional_text(value: Any) -> str | None:
    """Text, or None where it is empty: a blank is not worth keeping, and not worth a finding."""
    return read_text(value) if value != "" else None


def integer(low: int, high: int, code: str) -> Reader:
    """A reader of whole numbers within bounds; a bool is not a number, 5.0 is not whole."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused("not_an_integer")
        if not low <= value <= high:
            raise Refused(code)
        return value

    return read


def read_amount(value: Any) -> int:
    """An amount in minor units, 0 to 10^15."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("not_an_integer")
    if not 0 <= value <= MAX_MINOR:
        raise Refused("amount_negative" if value < 0 else "amount_out_of_range")
    return value


def read_positive_amount(value: Any) -> int:
    """An amount in minor units, 1 to 10^15: of what has its direction from elsewhere."""
    if isinstance(value, int) and not isinstance(value, bool) and value <= 0:
        raise Refused("amount_not_positive")
    return read_amount(value)


def read_boolean(value: Any) -> bool:
    """true or false, and nothing that stands for them."""
    if not isinstance(value, bool):
        raise Refused("not_a_boolean")
    return value


def read_date(value: Any) -> date:
    """A calendar date, YYYY-MM-DD, from 1900 to 2200."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise Refused("not_a_date")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise Refused("not_a_date") from error
    if not FIRST_DATE <= day <= LAST_DATE:
        raise Refused("not_a_date")
    return day


def decimal(places: int, highest: int, code: str, *, or_zero: bool = False) -> Reader:
    """A reader of decimal texts above 0 (or 0 itself) and at most `highest`, of up to `places` decimals.

    The value read is the whole number of 10^-places.
    """
    lowest = 0 if or_zero else 1

    def read(value: Any) -> int:
        shape = _DECIMAL.fullmatch(value) if isinstance(value, str) else None
        if shape is None:
            raise Refused("not_a_decimal")
        decimals = (shape["decimals"] or "").rstrip("0")
        if len(decimals) > places:
            raise Refused("too_many_decimals")
        count = int(shape["whole"] + decimals.ljust(places, "0"))
        if shape["sign"] == "-" or not lowest <= count <= highest * 10**places:
            raise Refused(code)
        return count

    return read


def choice(words: type[StrEnum], code: str = "not_one_of") -> Reader:
    """A reader of one of an enum's persisted words."""
    members: dict[str, StrEnum] = {member.value: member for member in words}

    def read(value: Any) -> StrEnum:
        member = members.get(value) if isinstance(value, str) else None
        if member is None:
            raise Refused(code)
        return member

    return read


def read_object(value: Any) -> Mapping[str, Any]:
    """An object; its own fields are read by the caller."""
    if not isinstance(value, Mapping):
        raise Refused("not_an_object")
    return value


def list_of_at_most(most: int) -> Reader:
    """A reader of lists of a bounded length; their members are read by the caller."""

    def read(value: Any) -> Sequence[Any]:
        if not isinstance(value, list | tuple):
            raise Refused("not_a_list")
        if len(value) > most:
            raise Refused("too_many")
        return value

    return read


def read_metadata(value: Any) -> dict[str, Any]:
    """An object kept as given, once it is sure that it can be stored and given back."""
    metadata = dict(read_object(value))
    level: list[Any] = [metadata]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _parts(outer)]
        if not level:
            return metadata
    raise Refused("not_storable")


def _parts(value: Any) -> list[Any]:
    """What a JSON value holds, one level down. Raises Refused for what no JSON store takes."""
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        storable = not _UNSTORABLE.search(value)
    elif isinstance(value, int):
        storable = value.bit_length() <= 4096  # Python writes no integer of more than 4300 digits
    else:
        storable = value is None or (isinstance(value, float) and math.isfinite(value))
    if not storable:
        raise Refused("not_storable")
    return []
