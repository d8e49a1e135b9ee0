"""T(t) of section 1: accumulated depreciation at the end of a day, segment by segment between the facts."""

from __future__ import annotations

import copy
import json
from bisect import bisect_right
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .clock import Clock
from .dates import ONE_DAY, parse
from .facts import SIGN, Segment, State, apply_estimates, before, dated_changes, first_state, fixed_ends, lose
from .walk import DECLINING, Walk, fixed_rate


class Book:
    """One spec, its clock and its segments."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.clock = Clock(spec)
        self.fiscal = self.clock.fiscal
        self.policy = spec["settings"].get("change_policy", "remaining_life")
        given = spec.get("opening")
        self.as_of = parse(given["as_of"]) if given else None
        self.opened = given["accumulated"] if given else 0
        self.opened_year = (given.get("current_year") or 0) if given else 0
        self.segments: list[Segment] = []
        self.walks: list[Walk] = []
        self._cache: dict[date, int] = {}
        # (day of the change, amount): what the value updates did to the cost, in order of effect.
        self.movements: list[tuple[date, int]] = []
        self._build()

    def _build(self) -> None:
        full_clock = self.clock.without_fixed_ends()
        first = self.as_of + ONE_DAY if self.as_of else self.clock.start
        # A change in the month of the start may map to that month's first day: nothing is held before the start.
        changes: dict[date, list[dict[str, Any]]] = {}
        for day, listed in sorted(dated_changes(self.spec, self.clock).items()):
            changes.setdefault(max(day, first), []).extend(listed)
        resumes = fixed_ends(self.clock)
        state = first_state(self.spec, self.clock)
        for day in sorted({first, *changes, *resumes}):
            state = copy.copy(state)
            state.fresh = False
            for since in resumes.get(day, []):
                lose(state, self.clock, full_clock, since, day)
            if day < first:
                continue
            if day == first:
                self._open(state, day, day)
            elif day in resumes:
                self._resume(state, day)
            if day in changes:
                self._change(state, day, changes[day], first)

    def _open(self, state: State, since: date, origin: date) -> None:
        amount = self.accumulated(before(origin))
        if not self.segments:
            self._derive_rate(state, state.limited, Fraction(0))
        state = copy.copy(state)
        earlier = [walk for walk in self.walks if walk.segment.since < origin]
        last = self.walks[-1] if self.walks else None
        if last and last.segment.origin >= origin:  # recomputed from the same day: as that one began
            state.switched = last.state.switched and not state.fresh
        else:
            state.switched = bool(earlier) and not state.fresh and earlier[-1].switched_by(before(origin))
        segment = Segment(state, since, origin, amount, self._year_amount(origin), self._month_amount(origin))
        if self.segments and self.segments[-1].since == since:
            self.segments.pop()
            self.walks.pop()
        self.segments.append(segment)
        self.walks.append(Walk(self.spec, self.clock, segment))
        self._cache = {}

    def _derive_rate(self, state: State, base: int, since: Fraction) -> None:
        """Fixed rate: from a new life, measured from a reading of the clock."""
        if state.method == "fixed_rate_declining" and state.rate is None and state.life_end is not None:
            places = self.spec["settings"].get("rate_places", 9)
            state.rate = fixed_rate(base, state.residual, state.life_end - since, places)

    def _resume(self, state: State, day: date) -> None:
        """A shorter life: the rest spreads anew, but a declining balance has no rest to spread and goes on."""
        last = self.walks[-1]
        if state.method not in DECLINING or last.switched_by(before(day)):
            self._open(state, day, day)
            return
        compound = self.spec["settings"].get("declining_within_year", "even") == "compound"
        monthly = compound and self.spec["settings"].get("rounding") != "fiscal_year"
        begin = self.fiscal.start(self.fiscal.month_of(day)) if monthly else self.fiscal.year_start(day)
        self._open(state, day, max(begin, last.segment.origin))
        self.segments[-1].decided = begin < day
        self.segments[-1].state.switched = False

    def _year_amount(self, origin: date) -> int:
        begin = self.fiscal.year_start(origin)
        if self.as_of and begin <= self.as_of:
            return self.opened - self.opened_year
        return self.accumulated(before(begin))

    def _month_amount(self, origin: date) -> int:
        return self.accumulated(before(self.fiscal.start(self.fiscal.month_of(origin))))

    def _change(self, state: State, day: date, changes: list[dict[str, Any]], first: date) -> None:
        origin = max(day, first)
        if self.policy == "current_period":
            origin = max(self.fiscal.year_start(day), first)
        value = state.cost - self.accumulated(before(day))
        for change in changes:
            if "update_type" in change:
                amount = change.get("amount")
                moved = change["new_book_value"] - value if amount is None else SIGN[change["update_type"]] * amount
                state.cost += moved
                self.movements.append((parse(change["date"][:10]), moved))
            apply_estimates(state, change, self.clock, max(day, first), origin)
            amount_then = self.accumulated(before(origin))
            self._derive_rate(state, state.limited - amount_then, self.clock.held(before(origin)))
        self._open(state, day, origin)

    # Answers

    def accumulated(self, day: date) -> int:
        """T(day), in minor units."""
        if self.clock.disposal:
            day = min(day, self.clock.disposal)
        if day not in self._cache:
            self._cache[day] = self._at(day)
        return self._cache[day]

    def _at(self, day: date) -> int:
        if not self.segments or day < self.segments[0].origin:
            return self.opened
        index = bisect_right([one.since for one in self.segments], day) - 1
        if index < 0:
            return self.opened
        return self.walks[index].at(day)

    def cost(self, day: date) -> int:
        """Cost and changes dated up to a day."""
        first: int = self.spec["cost"]
        return first + sum(moved for dated, moved in self.movements if dated <= day)

    def increases(self, day: date) -> int:
        """Changes upwards dated up to a day."""
        return sum(moved for dated, moved in self.movements if dated <= day and moved > 0)

    @property
    def endless(self) -> bool:
        """Whether the last state has no end of its own."""
        return self.segments[-1].state.life_end is None


@lru_cache(maxsize=512)
def _book(text: str) -> Book:
    return Book(json.loads(text))


def book(spec: dict[str, Any]) -> Book:
    """The book of a spec; kept, as many days are asked of one spec."""
    return _book(json.dumps(spec, sort_keys=True))


def accumulated(spec: dict[str, Any], day: date) -> int:
    """Depreciation that should have accumulated by the end of `day`, in minor units."""
    return book(spec).accumulated(day)


__all__ = ["Book", "accumulated", "book"]
