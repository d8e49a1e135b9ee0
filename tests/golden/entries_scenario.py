"""What a file of entries/ says, as plain values. Amounts are minor units, months are YYYY-MM. Knows no rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple


class Account(NamedTuple):
    code: str
    stable_name: str


class Opening(NamedTuple):
    accumulated_minor: int
    as_of: date


class Span(NamedTuple):
    """Fiscal months, both included."""

    first: str
    last: str


class Register(NamedTuple):
    """Enter the asset of the file."""


class Close(NamedTuple):
    period: str


class ValueUpdate(NamedTuple):
    update_type: str
    amount_minor: int
    on: date
    counter: str  # a stable name


class Archive(NamedTuple):
    """Archive the value update that the step of this number recorded."""

    step: int


class Dispose(NamedTuple):
    """proceeds_minor: None where none are given, 0 where the asset is scrapped; then there is no account either."""

    on: date
    reason: str
    proceeds_minor: int | None
    proceeds_account: str | None  # a stable name


class Reinstate(NamedTuple):
    """Take back the disposal in force."""


class ValueChange(NamedTuple):
    """A value change beside the plan, against it, or for the whole value, which disposes of the asset. amount_minor:
    below zero lowers the value; None where the whole value goes."""

    kind: str
    amount_minor: int | None
    on: date


Step = Register | Close | ValueUpdate | Archive | Dispose | Reinstate | ValueChange


class Line(NamedTuple):
    side: str  # Dr or Cr
    account: Account
    amount_minor: int


class Entry(NamedTuple):
    """step: the number, from 1, of the step that posts it."""

    step: int
    kind: str
    effective: str
    posting: str
    dated: date
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file. business, asset and figures hold one value for each label of their section, in the file's words."""

    name: str
    title: str
    business: Mapping[str, Any]
    asset: Mapping[str, Any]
    steps: tuple[Step, ...]
    working: tuple[str, ...]
    entries: tuple[Entry, ...]
    figures: Mapping[str, Any]
