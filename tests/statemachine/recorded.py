"""What somebody recorded of an asset, or a run posted to it, as the models keep it. Imports nothing of `src`."""

from dataclasses import dataclass
from datetime import date
from typing import Any

DEPRECIATION = "DEPRECIATION_AMORTIZATION"
DAY_OF = {"estimate_changes": "date", "suspensions": "from", "manual": "date", "units.used": "period_end"}
"""List of facts -> the field that says from when one counts."""
Tags = frozenset[str]
NO_TAGS: Tags = frozenset()


class Refused(Exception):
    """What must be refused, with its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Accounts:
    """Codes of an asset's accounts."""

    asset: str
    accumulated: str
    expense: str


@dataclass
class Update:
    """A value update that somebody recorded; periods by their first days, amounts in minor units.

    sides: what its entry does to which account; none where it is booked elsewhere. beside: whether it lies beside the
    plan (`manual`): it is a depreciation then, below zero where it adds to the value. told: the kind of value change.
    """

    id: Any
    type: str
    amount: int
    counter: str
    day: date
    effective: date
    posting: date
    sides: list[tuple[str, int]]
    tags: Tags = NO_TAGS
    remaining_life_months: int | None = None
    beside: bool = False
    told: str = ""
    archived: bool = False


@dataclass
class Charge:
    """Depreciation by the plan, as it was posted."""

    effective: date
    posting: date
    amount: int
    tags: Tags
    reversed: bool = False


@dataclass(frozen=True)
class Part:
    """What a part that left says of the rest: from when it depreciates by itself, its residual value; and what the part
    had of cost and increases."""

    day: date
    residual: int
    capitalised: int


@dataclass
class Disposal:
    """A disposal, of the whole or of a part: what its one entry took out of each account, and the stub in it.

    row: cost, accumulated, proceeds, gain or loss, capital gain.
    """

    id: Any
    day: date
    effective: date
    posting: date
    stub: int
    sides: list[tuple[str, int]]
    row: tuple[int, int, int, int, int]
    tags: Tags = NO_TAGS
    part: Part | None = None
    reinstated: bool = False


@dataclass
class Fact:
    """A fact without an entry, in the schedule format; `list` is where it goes there."""

    id: Any
    list: str
    value: dict[str, Any]
    archived: bool = False

    @property
    def day(self) -> date:
        """The day from which it counts."""
        return date.fromisoformat(self.value[DAY_OF[self.list]])
