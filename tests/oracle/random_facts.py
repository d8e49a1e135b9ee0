"""Random facts for a spec: openings, changes, suspensions and disposals that section 2 does not refuse."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from .dates import ONE_DAY, FiscalCalendar, plus_months

TIMED = ("straight_line", "declining_balance", "fixed_rate_declining", "sum_of_years_digits")


def add(rng: random.Random, spec: dict[str, Any], start: date, horizon: date) -> None:
    """Adds facts in place; `horizon` is near the end of the life."""
    method = spec["settings"]["method"]
    if rng.random() < 0.5:
        last = min(horizon + timedelta(days=100), start + timedelta(days=4000))
        day = rng.choice([start, start + timedelta(days=rng.randrange(40)), between(rng, start, last)])
        spec["disposal"] = {"date": day.isoformat(), "proceeds": rng.choice([0, spec["cost"] // 2, 2 * spec["cost"]])}
    if method in ("none", "manual"):
        return
    ends = disposal_of(spec) or horizon + timedelta(days=60)
    if rng.random() < 0.2 and horizon > start + timedelta(days=60):
        opening(rng, spec, start, min(ends, horizon) - ONE_DAY)
    first = start if "opening" not in spec else date.fromisoformat(spec["opening"]["as_of"]) + ONE_DAY
    if first > ends:
        return
    if rng.random() < 0.5:
        changes(rng, spec, first, ends)
    if method in TIMED and rng.random() < 0.25:
        suspensions(rng, spec, first, min(ends, horizon - timedelta(days=150)))


def between(rng: random.Random, first: date, last: date) -> date:
    """A day of the span, often one that starts or ends a month."""
    day = first + timedelta(days=rng.randint(0, max(0, (last - first).days)))
    if rng.random() < 0.35:
        day = day.replace(day=1) - timedelta(days=rng.randint(0, 1))
    return min(max(day, first), last)


def disposal_of(spec: dict[str, Any]) -> date | None:
    """The disposal's date, if any."""
    return date.fromisoformat(spec["disposal"]["date"]) if spec.get("disposal") else None


def opening(rng: random.Random, spec: dict[str, Any], start: date, last: date) -> None:
    """An opening on or off the end of a fiscal year."""
    if last <= start:
        return
    day = between(rng, start, last)
    year_end = FiscalCalendar(spec["fiscal_year_start"]).year_end(day)
    if rng.random() < 0.5 and year_end <= last:
        day = year_end
    room = max(0, min(spec["cost"], spec["cost_limit"] or spec["cost"]) - spec["residual_value"])
    accumulated = rng.choice([room // 4, room // 10, rng.randint(0, room)])
    spec["opening"] = {"as_of": day.isoformat(), "accumulated": accumulated}
    if rng.random() < 0.6:
        spec["opening"]["current_year"] = rng.choice([0, accumulated // 3, accumulated])


def changes(rng: random.Random, spec: dict[str, Any], first: date, last: date) -> None:
    """Value updates and estimate changes, some of them on one day."""
    settings = spec["settings"]
    if settings["method"] in TIMED:
        # what a day was worth before a new life came, on the day basis `life`, no document says
        both = ["remaining_life", "remaining_life", "current_period"]
        settings["change_policy"] = rng.choice(both if settings.get("day_basis") != "life" else both[:1])
    days = [between(rng, first, last) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.3:
        days.append(rng.choice(days))
    for day in sorted(days):
        if rng.random() < 0.7:
            spec.setdefault("value_updates", []).append(value_update(rng, spec, day))
        elif settings["method"] != "fixed_rate_declining":
            spec.setdefault("estimate_changes", []).append(estimate_change(rng, spec, day))


def value_update(rng: random.Random, spec: dict[str, Any], day: date) -> dict[str, Any]:
    """A change of value that leaves the book value above nothing."""
    kind = rng.choice(["IMPROVEMENT", "REVALUATION_UP", "IMPAIRMENT", "REVALUATION_DOWN"])
    if spec.get("estimate_changes"):
        kind = "IMPROVEMENT"  # a lower residual value may leave no book value to take from
    up = kind in ("IMPROVEMENT", "REVALUATION_UP")
    room = spec["residual_value"] // 12 if not up else spec["cost"] // 3 + 100
    if not up and room == 0:
        kind, up, room = "IMPROVEMENT", True, 50_000
    update: dict[str, Any] = {"date": day.isoformat(), "update_type": kind, "amount": rng.randint(1, room)}
    earlier = sum(one.get("amount", 0) for one in spec.get("value_updates", []))
    if kind == "REVALUATION_UP" and rng.random() < 0.3 and not spec.get("value_updates"):
        del update["amount"]
        update["new_book_value"] = spec["cost"] + earlier + rng.randint(1, 9999)
    if "life_months" in spec["settings"] and spec["settings"]["method"] in TIMED and rng.random() < 0.2:
        update["remaining_life_months"] = rng.randint(6, 70)
    return update


def estimate_change(rng: random.Random, spec: dict[str, Any], day: date) -> dict[str, Any]:
    """New life, rate, residual or method."""
    limit = spec["cost"] if spec["cost_limit"] is None else spec["cost_limit"]
    settings, change = spec["settings"], dict[str, Any](date=day.isoformat())
    timed = settings["method"] in TIMED
    kind = rng.choice(["life", "life", "rate", "residual", "method"])
    if kind == "residual" or not timed:
        change["residual_value"] = rng.choice([0, spec["residual_value"] // 2, limit // 4])
    elif kind == "rate" and settings.get("day_basis") != "life" and settings["method"] in ("straight_line",):
        change["rate_percent"] = rng.choice(["10", "25", "33.33"])
        spec["until"] = plus_months(day, 130).isoformat()
    elif kind == "method" and "life_months" in settings:
        change["method"] = rng.choice(["straight_line", "declining_balance"])
    else:
        change["remaining_life_months"] = rng.randint(3, 80)
    return change


def suspensions(rng: random.Random, spec: dict[str, Any], first: date, last: date) -> None:
    """One or two suspensions that do not meet and leave life after them."""
    policy = spec["settings"].get("change_policy", "remaining_life")
    day = first
    for _ in range(rng.randint(1, 2)):
        begin = between(rng, day, max(day, last))
        end = begin + timedelta(days=rng.choice([0, 10, 27, 58, 89, 120]))
        if begin > last or end >= last:
            return
        extends = policy == "current_period" or rng.random() < 0.6
        spec.setdefault("suspensions", []).append(
            {"from": begin.isoformat(), "to": end.isoformat(), "extend_life": extends}
        )
        day = end + timedelta(days=40)
