"""Changes beside the plan (`manual`, seed 003): the plan goes on unchanged, and ends when nothing is left.

Where the plan is made anew, by the next change of value or estimate of the same day or later, it starts from what they
have left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .amounts import Book, book
from .dates import ONE_DAY, parse

Beside = tuple[date, int]
"""The day of a change, and what it takes from the value (below zero: adds to it), in minor units."""


@dataclass(frozen=True)
class Planned:
    """A spec in which the plan takes up what lay beside it. `open`: what lies beside it on a day: from, until, amount.

    until: the day on which the change that takes it up counts; None where nothing does.
    """

    book: Book
    open: Sequence[tuple[date, date | None, int]]

    def beside(self, day: date) -> int:
        """What lies beside the plan on a day and is not taken up."""
        return sum(amount for _, amount in self._on(day))

    def due(self, day: date) -> int:
        """T(day): where less is left than the plan would still charge, that much."""
        planned, found = self.book.accumulated(day), self._on(day)
        if not found:
            return planned
        state = next(one for one in reversed(self.book.segments) if one.since <= max(day, self._first)).state
        left = state.target - sum(amount for _, amount in found)
        return min(planned, max(left, self.book.accumulated(max(since for since, _ in found))))

    @property
    def _first(self) -> date:
        return self.book.segments[0].since

    def _on(self, day: date) -> list[Beside]:
        return [
            (since, amount) for since, until, amount in self.open if since <= day and (until is None or day < until)
        ]


def planned(spec: dict[str, Any], beside: Sequence[Beside]) -> Planned:
    """The spec with what lies beside its plan."""
    spec, placed = taken_up(spec, beside)
    made = book(spec)
    first = made.as_of + ONE_DAY if made.as_of else made.clock.start
    return Planned(
        made,
        [(since, by and max(made.clock.boundary(by), first), amount) for since, by, amount in placed],
    )


def taken_up(
    spec: dict[str, Any], beside: Sequence[Beside]
) -> tuple[dict[str, Any], list[tuple[date, date | None, int]]]:
    """The spec with one change more right before each that takes something up: the cost is lower by it, or higher.

    And of each change beside the plan its day, the day of the change that takes it up, and its amount.
    """
    updates = spec.get("value_updates") or []
    days = sorted(parse(one["date"][:10]) for one in [*updates, *(spec.get("estimate_changes") or [])])
    placed = [(since, next((day for day in days if day >= since), None), amount) for since, amount in beside]
    more = []
    for by in sorted({by for _, by, _ in placed if by is not None}):
        amount = sum(one for _, taker, one in placed if taker == by)
        kind = "REVALUATION_DOWN" if amount > 0 else "REVALUATION_UP"
        if amount:
            more.append({"date": str(by), "update_type": kind, "amount": abs(amount)})
    return {**spec, "value_updates": [*more, *updates]} if more else spec, placed
