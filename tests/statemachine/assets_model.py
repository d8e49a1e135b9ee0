"""One asset beside the database: what was said of it, what was posted to it, and what its facts come to.

Its amounts are those of tests/oracle. Imports nothing of `src`.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from oracle.beside import Planned, planned

from .recorded import DAY_OF, DEPRECIATION, NO_TAGS, Accounts, Charge, Disposal, Fact, Part, Tags, Update

SIGN = {"IMPROVEMENT": 1, "REVALUATION_UP": 1, "REVALUATION_DOWN": -1, "IMPAIRMENT": -1}
ONE_DAY = timedelta(days=1)
BY_DAYS = ("actual_days", "days_360", "partial_month_by_days")
"""Averaging rules by which the day of a disposal still counts."""


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
    posted_for: Counter[tuple[date, Tags]] = field(default_factory=Counter)  # the same, by tags
    """Depreciation by the plan, or recorded as such, by effective period."""
    charged: list[Charge] = field(default_factory=list)
    """By runs."""
    tagged: list[tuple[date, Tags]] = field(default_factory=list)
    """From which day it has which tags, in order."""
    sources: set[str] = field(default_factory=set)
    touched: bool = False
    """Whether anything was ever posted to it."""

    @property
    def opened(self) -> int:
        """Accumulated when it came into the books."""
        given = self.spec.get("opening")
        return int(given["accumulated"]) if given else 0

    @property
    def purchased(self) -> date | None:
        """The day on which it was bought, where that is said."""
        given = self.spec.get("purchase_date")
        return date.fromisoformat(given) if given else None

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
        """The asset with all its facts but what lies beside the plan, as the oracle reads it. The rest of an asset is
        as after a decrease by the book value of the part that left."""
        spec = deepcopy(self.spec)
        spec["value_updates"] = [
            {"date": str(one.day), "update_type": one.type, "amount": one.amount}
            | ({"remaining_life_months": one.remaining_life_months} if one.remaining_life_months else {})
            for one in self.in_force()
        ] + [
            {"date": str(part.day), "update_type": "IMPAIRMENT", "amount": row[0] - row[1],
             "residual_value": part.residual}
            for part, row in self.parts() if row[0] != row[1]
        ]  # fmt: skip
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

    def planned(self, disposed_on: date | None = None) -> Planned:
        """What is due by its facts, with what lies beside the plan."""
        beside = [(one.day, one.amount) for one in self.updates if one.beside and not one.archived]
        return planned(self.full_spec(disposed_on), sorted(beside))

    @property
    def gone(self) -> Disposal | None:
        """The disposal of the whole that is in force."""
        return next((one for one in self.disposals if not one.reinstated and one.part is None), None)

    def parts(self) -> list[tuple[Part, tuple[int, int, int, int, int]]]:
        """The parts that left and did not come back, with the rows of their disposals."""
        return [(one.part, one.row) for one in self.disposals if one.part is not None and not one.reinstated]

    @property
    def beside(self) -> int:
        """What changes beside the plan have taken from its value."""
        return sum(one.amount for one in self.updates if one.beside and not one.archived)

    @property
    def total_posted(self) -> int:
        """All depreciation posted to it, for whatever period, but what parts took along."""
        return sum(self.posted.values()) + self.beside - sum(row[1] for _, row in self.parts())

    @property
    def capitalised(self) -> int:
        """Its cost with increases and without decreases, but that of parts that left."""
        up = sum(one.amount for one in self.in_force() if SIGN[one.type] > 0)
        return int(self.spec["cost"]) + up - sum(part.capitalised for part, _ in self.parts())

    @property
    def cost(self) -> int:
        """Its cost with all changes, but that of parts that left."""
        moved = sum(SIGN[one.type] * one.amount for one in self.in_force())
        return int(self.spec["cost"]) + moved - sum(row[0] for _, row in self.parts())

    @property
    def value(self) -> int:
        """What the books have of it."""
        return self.cost - self.opened - self.total_posted

    def tags_on(self, day: date) -> Tags:
        """The tags that it has on a day."""
        return next((tags for since, tags in reversed(self.tagged) if since <= day), NO_TAGS)

    def value_at(self, day: date) -> int:
        """Its value by the end of a day, as its facts are."""
        changes = self.full_spec()["value_updates"]
        moved = sum(SIGN[one["update_type"]] * one["amount"] for one in changes if one["date"] <= str(day))
        beside = sum(one.amount for one in self.updates if one.beside and not one.archived and one.day <= day)
        return int(self.spec["cost"]) + moved - beside - self.planned().due(day)

    @property
    def residual(self) -> int:
        """The residual value as its last change left it."""
        spec = self.full_spec()
        changes = [*spec["value_updates"], *spec.get("estimate_changes", ())]
        given = [one for one in changes if one.get("residual_value") is not None]
        last = sorted(given, key=lambda one: (one["date"], "update_type" not in one))[-1:]
        return int(last[0]["residual_value"] if last else self.spec["residual_value"])

    def limited_on(self, day: date) -> int:
        """The cost with the changes up to a day, within its limit."""
        cost = int(self.spec["cost"])
        for one in _in_order(self.full_spec()["value_updates"]):
            if one["date"] <= str(day):
                cost = max(0, cost + SIGN[one["update_type"]] * one["amount"])
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
        plan, reached, found = self.planned(disposed_on), self.opened, {}
        for start, end in ends:
            due = plan.due(end if disposed_on is None else min(end, disposed_on))
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
        """Whether a change takes more than the value that it meets, or leaves a cost below nothing, of the rest too."""
        plan = self.planned().book
        cost, first = int(self.spec["cost"]), (self.as_of + ONE_DAY if self.as_of else self.start)
        for one in _in_order(plan.spec["value_updates"]):
            day = max(plan.clock.boundary(date.fromisoformat(one["date"])), first)
            cost += SIGN[one["update_type"]] * one["amount"]
            if cost - plan.accumulated(day - ONE_DAY) < 0:
                return True
        return cost < 0 or self.cost < 0

    def passes_floor(self) -> bool:
        """Whether more is posted than there is to depreciate."""
        plan, limit = self.planned(), self.spec.get("cost_limit")
        cost = int(self.spec["cost"])
        cost += sum(SIGN[one["update_type"]] * one["amount"] for one in plan.book.spec["value_updates"])
        depreciable = (cost if limit is None else min(cost, limit)) - self.residual
        left = max(depreciable, 0) - max(plan.beside(date.max), 0)
        return self.opened + sum(self.posted.values()) > left

    def trying(self, **changes: Any) -> "ModelAsset":
        """A copy with other facts: what a change would come to."""
        return replace(self, **changes)


def _in_order(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Changes of value in the order in which they take effect."""
    return sorted(changes, key=lambda one: (one["date"], one["update_type"] == "IMPAIRMENT"))
