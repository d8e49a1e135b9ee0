"""Facts of a registered asset that have no entry: estimate changes, suspensions, units used, manual amounts.

A raw fact -> the fact, or every finding; and whether a fact fits the asset and its other facts. Readers and checks are
those of the schedule format (fact_spec.py, fact_checks.py, estimates.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from bookvalue.domain.asset import Asset
from bookvalue.domain.asset_facts import AssetFacts, EstimateChange, ManualAmount, Suspension, UnitsUsed
from bookvalue.domain.estimates import check_estimates
from bookvalue.domain.fact_checks import check_facts
from bookvalue.domain.fact_spec import MEMBER_READERS, REQUIRED, Member, Members, facts_of
from bookvalue.domain.field_readers import LAST_DATE, Fields, shown
from bookvalue.domain.finding import Finding, finding

Fact = EstimateChange | Suspension | UnitsUsed | ManualAmount


class FactType(StrEnum):
    """The kinds of such facts, by the path of their list in the schedule format."""

    ESTIMATE_CHANGE = "estimate_changes"
    SUSPENSION = "suspensions"
    UNITS_USED = "units.used"
    MANUAL_AMOUNT = "manual"

    @property
    def day_field(self) -> str:
        """The field that says from when a fact counts."""
        return {"suspensions": "from", "units.used": "period_end"}.get(self.value, "date")


FACTS_OF: Mapping[FactType, str] = {
    FactType.ESTIMATE_CHANGE: "estimate_changes",
    FactType.SUSPENSION: "suspensions",
    FactType.UNITS_USED: "units_used",
    FactType.MANUAL_AMOUNT: "manual_amounts",
}
"""The attribute of AssetFacts that holds each kind."""
_DAYS = {FactType.SUSPENSION: "first_day", FactType.UNITS_USED: "period_end"}
# What the schedule format calls an attribute of each kind; what is left out is called the same.
_NAMES = {
    "rate_nanopercent": "rate_percent", "residual_minor": "residual_value", "first_day": "from", "last_day": "to",
    "quantity_micro": "quantity", "amount_minor": "amount", "new_book_value_minor": "new_book_value",
}  # fmt: skip


def type_of(fact: Fact) -> FactType:
    """The kind of a fact."""
    return _TYPES[type(fact)]


_TYPES: Mapping[type, FactType] = {
    EstimateChange: FactType.ESTIMATE_CHANGE,
    Suspension: FactType.SUSPENSION,
    UnitsUsed: FactType.UNITS_USED,
    ManualAmount: FactType.MANUAL_AMOUNT,
}


def day_of(fact: Fact) -> date:
    """The day from which a fact counts."""
    day: date = getattr(fact, _DAYS.get(type_of(fact), "date"))
    return day


def moved_to(fact: Fact, day: date) -> Fact:
    """The same fact from another day on; a suspension ends when it did."""
    changed: dict[str, Any] = {_DAYS.get(type_of(fact), "date"): day}
    return replace(fact, **changed)


def read_fact(kind: FactType, raw: object) -> tuple[Fact | None, list[Finding]]:
    """A fact from a raw object with the schedule format's field names, or every finding about its fields."""
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", None, shown(raw))]
    fields = Fields()
    fields.read(raw, MEMBER_READERS[kind])
    fields.require(REQUIRED[kind])
    if kind is FactType.ESTIMATE_CHANGE and not fields.refused and fields.values.keys() <= {"date"}:
        fields.refuse("changes_nothing", "remaining_life_months")
    if fields.findings:
        return None, fields.findings
    member = Member("", fields.values)
    members = {path: [member] if path == kind else [] for path in MEMBER_READERS}
    (fact,) = getattr(facts_of(Fields(), members), FACTS_OF[kind])
    return fact, []


def check_fact(fact: Fact, value: Asset, others: AssetFacts) -> list[Finding]:
    """What is wrong with a fact beside the others that are in force; what was wrong before it is not told again.

    A fault that shows in another fact is told of the day of this one.
    """
    kind = type_of(fact)
    own = f"{kind}.{len(getattr(others, FACTS_OF[kind]))}."
    return [_told(found, kind, own) for found in _brought_in(value, others, _with(fact, others))]


def check_archived(fact: Fact, value: Asset, others: AssetFacts) -> list[Finding]:
    """What is wrong with the others once a fact is no longer among them."""
    return [_told(found, type_of(fact)) for found in _brought_in(value, _with(fact, others), others)]


def check_asset(before: Asset, after: Asset, facts: AssetFacts) -> list[Finding]:
    """What is wrong with an asset's facts once the asset itself is changed, by their paths in the schedule format."""
    known = {(found.code, found.field) for found in _findings(before, facts)}
    return [found for found in _findings(after, facts) if (found.code, found.field) not in known]


def _with(fact: Fact, others: AssetFacts) -> AssetFacts:
    name = FACTS_OF[type_of(fact)]
    together: dict[str, Any] = {name: (*getattr(others, name), fact)}
    return replace(others, **together)


def _brought_in(value: Asset, before: AssetFacts, after: AssetFacts) -> list[Finding]:
    """What is found after and was not before."""
    known = {(found.code, found.field) for found in _findings(value, before)}
    return [found for found in _findings(value, after) if (found.code, found.field) not in known]


def _told(found: Finding, kind: FactType, own: str | None = None) -> Finding:
    """A finding of the checks as one about the fields of a fact; `own`: the path at which that stood."""
    path = str(found.field)
    if own is not None and path.startswith(own):
        return finding(found.code, path.removeprefix(own), found.value)
    return finding(found.code, "units_total" if path == "units.total" else kind.day_field, found.value)


def _findings(value: Asset, facts: AssetFacts) -> list[Finding]:
    """What the checks of the schedule format find of an asset with these facts."""
    opening = value.opening
    given = {
        "cost": value.cost_minor, "cost_limit": value.cost_limit_minor, "residual_value": value.residual_minor,
        "depreciation_start_date": value.depreciation_start_date, "units.total": value.units_total_micro,
        "opening.as_of": opening and opening.as_of, "opening.accumulated": opening and opening.accumulated_minor,
        "until": LAST_DATE,  # a register goes on for as long as it is kept
    }  # fmt: skip
    fields = Fields({name: one for name, one in given.items() if one is not None})
    members = _members(facts)
    check_facts(fields, members)
    check_estimates(fields, members, value.settings)
    return fields.findings


def _members(facts: AssetFacts) -> Members:
    lists = {"value_updates": facts.value_changes} | {kind: getattr(facts, name) for kind, name in FACTS_OF.items()}
    return {
        str(path): [Member(f"{path}.{at}.", _values(item)) for at, item in enumerate(items)]
        for path, items in lists.items()
    }


def _values(item: Any) -> dict[str, Any]:
    """What is given of a fact, by the schedule format's names."""
    given = {name: getattr(item, name) for name in item.__dataclass_fields__}
    return {_NAMES.get(name, name): value for name, value in given.items() if value is not None}
