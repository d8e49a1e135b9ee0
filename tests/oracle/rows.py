"""The schedule of section 3, in rows by fiscal period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from .amounts import Book, book
from .dates import ONE_DAY, parse

MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
FAR = timedelta(days=366 * 200)
# A balance that has charged nothing in two whole fiscal years charges nothing later.
YEARS_WITHOUT = timedelta(days=800)


def schedule(spec: dict[str, Any]) -> dict[str, Any]:
    """Rows, and what a disposal leaves; always without findings, as specs here are valid."""
    kept = book(spec)
    answer: dict[str, Any] = {"id": spec["id"], "rows": rows(spec, kept), "findings": []}
    disposal = spec.get("disposal")
    if disposal:
        day = parse(disposal["date"])
        value = kept.cost(day) - kept.accumulated(day)
        whole = spec["cost"] + kept.increases(day)
        capital = max(0, disposal["proceeds"] - whole)
        result = min(disposal["proceeds"], whole) - value
        answer["disposal"] = {"book_value": value, "gain_or_loss": result, "capital_gain": capital}
    return answer


def period(kept: Book, day: date, months: int) -> tuple[date, date]:
    """First and last day of the fiscal period that holds `day`."""
    month = kept.fiscal.month_of(day)
    first = month - (month - kept.fiscal.year_of(day)) % months
    return kept.fiscal.start(first), kept.fiscal.end(first + months - 1)


def rows(spec: dict[str, Any], kept: Book) -> list[dict[str, Any]]:
    """Rows from the start, or the day after the opening, to the last charge, the disposal or `until`."""
    if spec["settings"]["method"] == "none":
        return []
    months = MONTHS[spec.get("frequency") or "monthly"]
    day = kept.as_of + ONE_DAY if kept.as_of else kept.clock.start
    last = last_day(spec, kept)
    made, accumulated, counted = [], kept.opened, 0
    while True:
        begin, end = period(kept, day, months)
        if begin > last:
            break
        now = kept.accumulated(end)
        made.append(
            {
                "period_start": begin.isoformat(),
                "period_end": end.isoformat(),
                "depreciation": now - accumulated,
                "accumulated": now,
                "book_value": kept.cost(min(end, kept.clock.disposal or end)) - now,
            }
        )
        if now != accumulated:
            counted = len(made)
        accumulated, day = now, end + ONE_DAY
    # Zero rows at the end stand where the disposal or `until` comes before a charge that would have followed.
    ends = [one for one in (kept.clock.disposal, parse(spec["until"]) if spec.get("until") else None) if one]
    cut = any(one <= last for one in ends)
    return made if counted < len(made) and cut and still_due(spec, accumulated) else made[:counted]


def still_due(spec: dict[str, Any], accumulated: int) -> bool:
    """Whether a charge would follow had the asset been kept and its plan not been cut."""
    alone = {name: value for name, value in spec.items() if name not in ("disposal", "until")}
    plan = book(alone)
    dated = [one["date"] for one in spec.get("manual") or []]
    dated += [one["period_end"] for one in (spec.get("units") or {}).get("used") or []]
    settled = max([plan.segments[-1].since, *(resume for _, resume, _ in plan.clock.pauses), *map(parse, dated)])
    day = plan.fiscal.year_end(plan.clock.start)
    while plan.accumulated(day) <= accumulated:
        over = day > settled and plan.walks[-1].over(day)
        if over or day > plan.clock.start + FAR or (day > settled + YEARS_WITHOUT and plan.endless):
            return False
        day = plan.fiscal.year_end(day + ONE_DAY)
    return True


def last_day(spec: dict[str, Any], kept: Book) -> date:
    """A day on or after the last charge: the disposal, `until`, or when nothing can be charged any more."""
    ends = [parse(spec["until"])] if spec.get("until") else []
    if kept.clock.disposal:
        ends.append(kept.clock.disposal)
    return min([*ends, exhausted(spec, kept)])


def exhausted(spec: dict[str, Any], kept: Book) -> date:
    """A day by which life, table, units and floor have all been used up."""
    state = kept.segments[-1].state
    day = max(kept.segments[-1].since, kept.clock.start)
    dated = [one["date"] for one in spec.get("manual") or []]
    dated += [one["period_end"] for one in (spec.get("units") or {}).get("used") or []]
    day = max([day, *map(parse, dated)])
    while day < kept.clock.start + FAR:
        if state.life_end is not None and kept.walks[-1].over(day):
            return day
        if kept.accumulated(day) >= state.target or state.method in ("none", "full", "manual", "units_of_production"):
            return day
        if kept.clock.disposal and day >= kept.clock.disposal:
            return day
        if spec.get("until") and day >= parse(spec["until"]):
            return day
        day = kept.fiscal.end(kept.fiscal.month_of(day + ONE_DAY))
    return day
