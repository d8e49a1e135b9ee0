"""Whether the facts of a spec fit each other and the asset they happen to; every fault a finding on its own path.

What needs a book value at a date (a decrease above it, a new one on the wrong side) is the engine's to find.
Members that could not be read whole are checked as far as they were.
"""

from collections.abc import Iterator
from datetime import date

from bookvalue.domain.asset_facts import direction
from bookvalue.domain.fact_spec import Member, Members
from bookvalue.domain.field_readers import Fields
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import UpdateType

# list -> its date, whether that lies after an opening, and whether not after a disposal; units and manual amounts
# from before an opening are part of it, and those of the disposal's period may be dated at its end
_DATES = {
    "value_updates": ("date", True, True),
    "estimate_changes": ("date", True, True),
    "suspensions": ("from", False, True),
    "units.used": ("period_end", False, False),
    "manual": ("date", False, False),
}


def check_facts(fields: Fields, members: Members) -> None:
    """Findings about dates, amounts, spans and units; what was refused before is not compared."""
    _check_dates(fields, members)
    _check_amounts(fields, members)
    _check_suspensions(fields, members)


def raises(change: Member) -> bool:
    """Whether it is an update that raises the value."""
    kind = change.values.get("update_type")
    return kind is not None and direction(kind) > 0


def highest_increase(change: Member) -> int:
    """By how much a change raises the value at most, in minor units: to a new book value, no more than that."""
    return max(change.values.get("amount", 0), change.values.get("new_book_value", 0)) if raises(change) else 0


def in_order(members: Members) -> Iterator[Member]:
    """The changes of value and estimate in the order in which they take effect (SEMANTICS section 1).

    On one day: improvements and revaluations, impairments, then estimates. A change without a date is left out.
    """

    def place(member: Member) -> tuple[date, int]:
        estimate = member.path.startswith("estimate_changes")
        impairment = member.values.get("update_type") is UpdateType.IMPAIRMENT
        return member.values["date"], 2 if estimate else int(impairment)

    changes = [*members["value_updates"], *members["estimate_changes"]]
    return iter(sorted((member for member in changes if "date" in member.values), key=place))


def _check_dates(fields: Fields, members: Members) -> None:
    disposed = fields.values.get("disposal.date")
    if disposed is not None:
        _check_date(fields, "disposal.date", disposed, after_opening=True, disposed=None)
    for path, (name, after_opening, before_disposal) in _DATES.items():
        for member in members[path]:
            if name in member.values:
                latest = disposed if before_disposal else None
                _check_date(
                    fields, member.path + name, member.values[name], after_opening=after_opening, disposed=latest
                )


def _check_date(fields: Fields, path: str, day: date, *, after_opening: bool, disposed: date | None) -> None:
    start, as_of = fields.values.get("depreciation_start_date"), fields.values.get("opening.as_of")
    if start is not None and day < start:
        fields.refuse("before_start", path, day.isoformat())
    elif after_opening and as_of is not None and day <= as_of:
        fields.refuse("before_opening", path, day.isoformat())
    elif disposed is not None and day > disposed:
        fields.refuse("after_disposal", path, day.isoformat())


def _check_amounts(fields: Fields, members: Members) -> None:
    for member in members["value_updates"]:
        if member.values.get("update_type") is UpdateType.DEPRECIATION_AMORTIZATION:
            fields.refuse("not_in_a_schedule", member.path + "update_type", UpdateType.DEPRECIATION_AMORTIZATION.value)
        if fields.absent(member.path + "amount") == fields.absent(member.path + "new_book_value"):
            fields.refuse("amount_or_book_value", member.path + "amount", member.values.get("amount"))
    cost: int | None = fields.values.get("cost")
    if cost is None:
        return
    limit, most = fields.values.get("cost_limit", MAX_MINOR), cost
    for member in in_order(members):
        values = member.values
        most += highest_increase(member)
        if most > MAX_MINOR:
            name = "amount" if "amount" in values else "new_book_value"
            fields.refuse("amount_out_of_range", member.path + name, values[name])
            return
        cost = _cost_after(cost, member)
        residual = values.get("residual_value")
        if residual is not None and cost is not None and residual > min(limit, cost):
            fields.refuse("residual_above_cost", member.path + "residual_value", residual)


def _cost_after(cost: int | None, change: Member) -> int | None:
    """The cost with one more change, or None where that hangs on a book value."""
    if cost is None or "new_book_value" in change.values:
        return None
    amount: int = change.values.get("amount", 0)
    return cost + amount if raises(change) else max(0, cost - amount)


def _check_suspensions(fields: Fields, members: Members) -> None:
    spans = []
    for member in members["suspensions"]:
        first, last = member.values.get("from"), member.values.get("to")
        if first is None or last is None:
            continue
        if last < first:
            fields.refuse("ends_before_it_begins", member.path + "to", last.isoformat())
        else:
            spans.append((first, last, member.path))
    ended = date.min
    for first, last, path in sorted(spans):
        if first <= ended:
            fields.refuse("suspensions_overlap", path + "from", first.isoformat())
        ended = max(ended, last)
