"""What holds between two facts: the state of the settings, and the dated events that change it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from .clock import Clock
from .dates import parse

KIND_ORDER = {"IMPROVEMENT": 0, "REVALUATION_UP": 0, "REVALUATION_DOWN": 0, "IMPAIRMENT": 1}
SIGN = {"IMPROVEMENT": 1, "REVALUATION_UP": 1, "REVALUATION_DOWN": -1, "IMPAIRMENT": -1}


@dataclass
class State:
    """The facts in force. Times are readings of the clock, in years; amounts are whole minor units."""

    method: str
    cost: int
    limit: int | None
    residual: int
    rate: Fraction | None
    rate_months: int | None  # the life from which a rate is derived
    life_end: Fraction | None  # reading of the clock at which the life is over
    last_day: date | None  # `actual_days`: the day that takes what is left
    life_set: date  # since when this life is counted
    digits_from: Fraction  # reading of the clock at which the digits begin
    digits_years: Fraction | None  # length of the digits' life
    skipped: Fraction  # life lost to suspensions that do not extend it
    switched: bool = False  # straight line has taken over from a declining balance
    fresh: bool = False  # a new life, rate or method: the switch is tested anew

    @property
    def limited(self) -> int:
        """min(cost limit, cost + changes)."""
        return self.cost if self.limit is None else min(self.limit, self.cost)

    @property
    def target(self) -> int:
        """The depreciable amount, never below nothing."""
        return max(0, self.limited - self.residual)


@dataclass
class Segment:
    """A state that answers from `since` on, computed from `origin`, before which `amount` had accumulated."""

    state: State
    since: date
    origin: date
    amount: int
    year_amount: int  # accumulated before the running fiscal year
    month_amount: int  # accumulated before the running fiscal month
    decided: bool = False  # this fiscal year (or month) has not switched, whatever the life left now


def first_state(spec: dict[str, Any], clock: Clock) -> State:
    """The state on the start date."""
    settings = spec["settings"]
    months = settings.get("life_months")
    rate = settings.get("rate_percent")
    years = Fraction(months, 12) if months else None
    return State(
        method=settings["method"],
        cost=spec["cost"],
        limit=spec.get("cost_limit"),
        residual=spec.get("residual_value") or 0,
        rate=Fraction(rate) / 100 if rate is not None else None,
        rate_months=months,
        life_end=years,
        last_day=clock.last_day(clock.start, months) if months and clock.rule == "actual_days" else None,
        life_set=clock.start,
        digits_from=Fraction(0),
        digits_years=years,
        skipped=Fraction(0),
    )


def dated_changes(spec: dict[str, Any], clock: Clock) -> dict[date, list[dict[str, Any]]]:
    """Changes by the day on which they take effect: value updates by kind, then estimate changes."""
    updates = sorted(
        enumerate(spec.get("value_updates") or []),
        key=lambda one: (one[1]["date"][:10], KIND_ORDER[one[1]["update_type"]], one[0]),
    )
    estimates = sorted(enumerate(spec.get("estimate_changes") or []), key=lambda one: (one[1]["date"], one[0]))
    by_day: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for _, change in [*updates, *estimates]:
        by_day[clock.boundary(parse(change["date"][:10]))].append(change)
    return by_day


def fixed_ends(clock: Clock) -> dict[date, list[date]]:
    """Suspensions that do not extend the life: by the day on which depreciation resumes, when they began."""
    by_day: dict[date, list[date]] = defaultdict(list)
    for first, resume, extends in clock.pauses:
        if not extends:
            by_day[resume].append(first)
    return by_day


def lose(state: State, clock: Clock, full_clock: Clock, first: date, resume: date) -> None:
    """Takes a suspension that does not extend the life off what is left of it."""
    if state.life_end is None:
        return
    since = max(first, state.life_set)
    lost = full_clock.held(before(resume)) - full_clock.held(before(since))
    state.life_end -= lost
    state.skipped += lost


def before(day: date) -> date:
    """The day before."""
    return date.fromordinal(day.toordinal() - 1)


def apply_estimates(state: State, change: dict[str, Any], clock: Clock, day: date, origin: date) -> None:
    """Life, rate, residual and method of one change; what it leaves null stays."""
    if change.get("residual_value") is not None:
        state.residual = change["residual_value"]
    if change.get("method") is not None:
        state.method, state.fresh = change["method"], True
    if change.get("rate_percent") is not None:
        state.rate, state.fresh = Fraction(change["rate_percent"]) / 100, True
        state.rate_months = state.life_end = state.last_day = state.digits_years = None
    months = change.get("remaining_life_months")
    if months is None:
        return
    if clock.scales:
        clock.rescale(day, months)
    state.rate, state.rate_months, state.fresh = None, months, True
    state.life_end = clock.held(before(day)) + Fraction(months, 12)
    state.last_day = clock.last_day(day, months) if clock.rule == "actual_days" else None
    state.life_set = day
    state.digits_from = clock.held(before(origin))
    state.digits_years = state.life_end - state.digits_from
    state.skipped = Fraction(0)
