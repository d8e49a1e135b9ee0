"""One asset beside the database: what was said of it, what was posted to it, and what its facts come to.

Its amounts are those of tests/oracle. Imports nothing of `src`.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from oracle.amounts import Book, book

DEPRECIATION = "DEPRECIATION_AMORTIZATION"
SIGN = {"IMPROVEMENT": 1, "REVALUATION_UP": 1, "REVALUATION_DOWN": -1, "IMPAIRMENT": -1}
DAY_OF = {"estimate_changes": "date", "suspensions": "from", "manual": "date", "units.used": "period_end"}
"""List of facts -> the field that says from when one counts."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Accounts:
    """Codes of an asset's accounts."""

    asset: str
    accumulated: str
    expense: str


@dataclass
class Update:
    """A value update that somebody recorded; periods by their first days, amounts in minor units."""

    id: Any
    type: str
    amount: int
    counter: str
    day: date
    effective: date
    posting: date
    remaining_life_months: int | None = None
    archived: bool = False


@dataclass
class Disposal:
    """A disposal: what its one entry took out of each account, and the stub in it."""

    id: Any
    day: date
    effective: date
    posting: date
    stub: int
    sides: list[tuple[str, int]]
    row: tuple[int, int, int, int, int]
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


@dataclass
class ModelAsset:
    """An asset as it should stand. `spec`: the schedule format without facts."""

    id: Any
    external_id: str
    name: str
    accounts: Accounts
    spec: dict[str, Any]
    status: str = "registered"
    updates: list[Update] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    disposals: list[Disposal] = field(default_factory=list)
    posted: Counter[date] = field(default_factory=Counter)
    """Depreciation by effective period."""
    touched: bool = False
    """Whether anything was ever posted to it."""

    @property
    def opened(self) -> int:
        """Accumulated when it came into the books."""
        given = self.spec.get("opening")
        return int(given["accumulated"]) if given else 0

    @property
    def start(self) -> date:
        """The day on which its depreciation starts."""
        return date.fromisoformat(self.spec["depreciation_start_date"])

    @property
    def as_of(self) -> date | None:
        """The day through which its opening balance reaches."""
        given = self.spec.get("opening")
        return date.fromisoformat(given["as_of"]) if given else None

    def in_force(self) -> list[Update]:
        """Recorded changes of value that were not archived, in the order in which they take effect on one day."""
        found = [one for one in self.updates if not one.archived and one.type != DEPRECIATION]
        return sorted(found, key=lambda one: one.day)

    def facts_of(self, *lists: str) -> list[Fact]:
        """Facts without an entry that were not archived."""
        return [one for one in self.facts if not one.archived and one.list in lists]

    def full_spec(self, disposed_on: date | None = None) -> dict[str, Any]:
        """The asset with all its facts, as the oracle reads it."""
        spec = deepcopy(self.spec)
        spec["value_updates"] = [
            {"date": str(one.day), "update_type": one.type, "amount": one.amount}
            | ({"remaining_life_months": one.remaining_life_months} if one.remaining_life_months else {})
            for one in self.in_force()
        ]
        for name in DAY_OF:
            found = [one.value for one in self.facts_of(name)]
            if found and name == "units.used":
                spec["units"]["used"] = found
            elif found:
                spec[name] = found
        day = disposed_on or (self.gone.day if self.gone else None)
        if day is not None:
            spec["disposal"] = {"date": str(day)}
        return spec

    @property
    def gone(self) -> Disposal | None:
        """The disposal in force."""
        return self.disposals[-1] if self.disposals and not self.disposals[-1].reinstated else None

    @property
    def total_posted(self) -> int:
        """All depreciation posted to it, for whatever period."""
        return sum(self.posted.values())

    @property
    def increases(self) -> int:
        """What changes of value added to its cost and still do."""
        return sum(one.amount for one in self.in_force() if SIGN[one.type] > 0)

    @property
    def cost(self) -> int:
        """Its cost with all changes."""
        return int(self.spec["cost"]) + sum(SIGN[one.type] * one.amount for one in self.in_force())

    @property
    def residual(self) -> int:
        """The residual value as its last change of estimate left it."""
        changes = sorted(self.facts_of("estimate_changes"), key=lambda one: str(one.value["date"]))
        given = [one.value["residual_value"] for one in changes if one.value.get("residual_value") is not None]
        return int(given[-1] if given else self.spec["residual_value"])

    def limited_on(self, day: date) -> int:
        """The cost with the changes up to a day, within its limit."""
        cost = int(self.spec["cost"])
        for one in sorted(self.in_force(), key=lambda change: (change.day, change.type == "IMPAIRMENT")):
            if one.day <= day:
                cost = max(0, cost + SIGN[one.type] * one.amount)
        limit = self.spec.get("cost_limit")
        return cost if limit is None else min(limit, cost)

    def outlives(self, day: date) -> bool:
        """Whether its cost spreads over a life that goes on after a day."""
        settings, months = self.spec["settings"], (day.year - self.start.year) * 12 + day.month - self.start.month
        if settings["method"] in ("none", "full", "manual", "units_of_production"):
            return False
        return settings.get("life_months") is None or months < settings["life_months"]

    def charges(self, ends: list[tuple[date, date]], disposed_on: date | None = None) -> dict[date, int]:
        """What is due for each of these periods (first and last day, in order): T of its end less T of the one before,
        less what is posted for it. Nothing while the method is `none`."""
        if self.spec["settings"]["method"] == "none":
            return {}
        plan, reached, found = book(self.full_spec(disposed_on)), self.opened, {}
        for start, end in ends:
            due = plan.accumulated(end)
            found[start] = due - reached - self.posted[start]
            reached = due
        return {start: amount for start, amount in found.items() if amount}

    def charges_of_a_run(self, ends: list[tuple[date, date]]) -> dict[date, int]:
        """What a run of the last of these periods posts: where nothing is due for those before it taken together, they
        stay as they are."""
        found, last = self.charges(ends), ends[-1][0]
        behind = sum(amount for start, amount in found.items() if start != last)
        return found if behind else {last: found[last]} if last in found else {}

    def value_falls_short(self) -> bool:
        """Whether a change takes more than the value that it meets, or leaves a cost below nothing."""
        plan: Book = book(self.full_spec())
        cost, first = int(self.spec["cost"]), (self.as_of + ONE_DAY if self.as_of else self.start)
        by_day: dict[date, list[Update]] = {}
        for one in self.in_force():
            by_day.setdefault(max(plan.clock.boundary(one.day), first), []).append(one)
        for day, changes in sorted(by_day.items()):
            before = plan.accumulated(day - ONE_DAY)
            for one in sorted(changes, key=lambda change: change.type == "IMPAIRMENT"):
                cost += SIGN[one.type] * one.amount
                if cost - before < 0:
                    return True
        return cost < 0

    def passes_floor(self) -> bool:
        """Whether more is posted than there is to depreciate."""
        limit = self.spec.get("cost_limit")
        depreciable = (self.cost if limit is None else min(self.cost, limit)) - self.residual
        return self.opened + self.total_posted > max(depreciable, 0)

    def trying(self, **changes: Any) -> "ModelAsset":
        """A copy with other facts: what a change would come to."""
        return replace(self, **changes)
