"""Random valid asset specs of section 3, realistic and awkward, drawn from a given generator only."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from .clock import DAY_RULES, rules
from .dates import FiscalCalendar, plus_months

ON_LIFE = ("straight_line", "declining_balance", "fixed_rate_declining", "sum_of_years_digits")
METHODS = ("none", "full", "units_of_production", "manual", *ON_LIFE)
ROUNDINGS = ("cumulative", "per_period", "fiscal_year")
STARTS = [
    "2024-02-29",
    "2024-01-31",
    "2023-12-31",
    "2024-01-01",
    "2024-04-05",
    "2024-04-06",
    "2024-01-15",
    "2024-01-16",
]
FISCAL = ["01-01", "01-01", "01-01", "07-01", "04-06", "01-31", "11-30", "04-01", "10-15"]


def valid_combinations() -> Iterator[tuple[str, str, str]]:
    """(method, averaging, rounding): rules and roundings only where time is what depreciates."""
    for method in METHODS:
        for averaging in rules() if method in ON_LIFE else ("full_month",):
            for rounding in ROUNDINGS if method in ON_LIFE else ("cumulative",):
                yield method, averaging, rounding


def random_spec(
    rng: random.Random,
    *,
    method: str | None = None,
    averaging: str | None = None,
    rounding: str | None = None,
    facts: bool = True,
) -> dict[str, Any]:
    """One valid raw spec; `facts` allows openings, changes, suspensions and disposals."""
    fits = [
        one
        for one in valid_combinations()
        if method in (None, one[0]) and averaging in (None, one[1]) and rounding in (None, one[2])
    ]
    if not fits:
        raise ValueError(f"no valid combination: {method}, {averaging}, {rounding}")
    chosen = rng.choice(sorted({one[0] for one in fits}))
    wanted = rng.choice([one for one in fits if one[0] == chosen])
    start = date.fromisoformat(rng.choice(STARTS)) if rng.random() < 0.4 else any_day(rng, date(2019, 1, 1), 2500)
    cost = rng.choice([0, 1, 7, 100, 12345, 10_000_00, 40_000_00, rng.randrange(1, 10**7), rng.randrange(1, 10**10)])
    residual = rng.choice([0, 0, 0, cost // 10, cost // 3, min(cost, 1), rng.randint(0, cost), cost])
    settings = random_settings(rng, *wanted)
    if chosen == "fixed_rate_declining":
        cost = max(cost, 100)
        residual = rng.choice([1, cost // 10, cost // 3, cost // 2, rng.randint(1, cost - 1)])
    spec: dict[str, Any] = {
        "id": f"{chosen}-{rng.getrandbits(40):010x}",
        "currency": "USD",
        "cost": cost,
        "cost_limit": rng.randint(residual, cost) if rng.random() < 0.15 and chosen != "fixed_rate_declining" else None,
        "residual_value": residual,
        "depreciation_start_date": start.isoformat(),
        "fiscal_year_start": rng.choice(FISCAL),
        "frequency": rng.choice(["monthly", "monthly", "quarterly", "half_yearly", "yearly"]),
        "until": None,
        "settings": settings,
    }
    horizon = start + timedelta(days=30 * settings.get("life_months", 72))
    if chosen == "units_of_production":
        spec["units"] = random_units(rng, start)
    if chosen == "manual":
        dates = sorted({any_day(rng, start, 900) for _ in range(rng.randint(1, 6))})
        room = (cost if spec["cost_limit"] is None else spec["cost_limit"]) - residual
        # Amounts above the floor would be capped with a finding.
        dates = dates if room >= len(dates) else dates[:room]
        spec["manual"] = [{"date": day.isoformat(), "amount": rng.randint(1, room // len(dates))} for day in dates]
    if facts:
        from . import random_facts  # the facts need the spec made so far

        random_facts.add(rng, spec, start, horizon)
    # A reducing balance without a life, or one that leaves something, may never end.
    if ("life_months" not in settings and chosen in ON_LIFE) or rng.random() < 0.15:
        first = date.fromisoformat(spec["opening"]["as_of"]) if "opening" in spec else start
        spec["until"] = plus_months(first, rng.randint(2, 140)).isoformat()
    return spec


def any_day(rng: random.Random, first: date, days: int) -> date:
    """A day from `first` on, month ends more often than chance."""
    day = first + timedelta(days=rng.randrange(max(1, days)))
    if rng.random() < 0.2:
        day = max(first, day.replace(day=1) - timedelta(days=1))
    return day


def random_settings(rng: random.Random, method: str, averaging: str, rounding: str) -> dict[str, Any]:
    """Settings of section 2 that go together."""
    settings: dict[str, Any] = {"method": method}
    if method not in ON_LIFE:
        return settings
    settings |= {"averaging": averaging, "rounding": rounding}
    by_rate = method in ("straight_line", "declining_balance") and rng.random() < 0.25
    if by_rate:
        settings["rate_percent"] = rng.choice(["5", "10", "20", "33.33", "12.5", "40", "7.1429"])
    else:
        settings["life_months"] = rng.choice([1, 12, 24, 30, 36, 37, 43, 60, 60, 84, 120, rng.randint(1, 120)])
    if averaging == "actual_days":
        settings["day_basis"] = rng.choice(["365", "actual", "360", *([] if by_rate else ["life"])])
    if method == "straight_line" and rng.random() < 0.2:
        settings["straight_line_base"] = "cost"
    if method == "fixed_rate_declining":
        settings["rate_places"] = rng.choice([9, 3, 5])
    if method == "declining_balance":
        settings["declining_base"] = rng.choice(["gross", "gross", "net_of_residual"])
        if not by_rate:
            settings["declining_factor"] = rng.choice(["2", "2", "1.5", "1", "1.25", "3"])
            settings["switch_to_straight_line"] = rng.random() < 0.4
    if method in ("declining_balance", "fixed_rate_declining"):
        settings["declining_within_year"] = rng.choice(["even", "even", "compound"])
        if not by_rate:
            settings["end_of_life"] = rng.choice(["leave", "true_up"])
    return settings


def random_units(rng: random.Random, start: date) -> dict[str, Any]:
    """Units used at ends of calendar months after the start."""
    used, day = [], start.replace(day=1)
    for _ in range(rng.randint(1, 30)):
        day = plus_months(day, 1)
        used.append({"period_end": (day - timedelta(days=1)).isoformat(), "quantity": str(rng.randint(0, 4000))})
    if rng.random() < 0.3:
        used[-1]["quantity"] = "12.5"
    return {"total": str(rng.choice([20_000, 50_000, 100_000])), "used": used}


__all__ = ["DAY_RULES", "METHODS", "FiscalCalendar", "random_spec", "valid_combinations"]
