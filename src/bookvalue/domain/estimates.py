"""How an asset's estimates stand after each of its changes, what they then lack, and whether its schedule ends.

The settings and the residual value are followed through the changes of a spec in order; amounts of single periods
are the engine's.
"""

from collections.abc import Collection
from dataclasses import replace

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.fact_checks import highest_increase, in_order
from bookvalue.domain.fact_spec import Member, Members
from bookvalue.domain.field_readers import Fields
from bookvalue.domain.floor import LAST_YEAR, reaches_floor
from bookvalue.domain.settings_spec import lacks
from bookvalue.domain.terms import Method

Estimates = tuple[DepreciationSettings, int]
"""The settings in force, and the residual value in minor units."""


def methods_of(members: Members) -> Collection[Method]:
    """The methods that changes of estimate bring in."""
    return {change.values["method"] for change in members["estimate_changes"] if "method" in change.values}


def check_estimates(fields: Fields, members: Members, settings: DepreciationSettings) -> None:
    """Findings about what a change leaves an asset without, and about a schedule that would never end."""
    for change in members["estimate_changes"]:
        if {"remaining_life_months", "rate_percent"} <= change.values.keys():
            path = change.path + "remaining_life_months"
            fields.refuse("life_and_rate", path, change.values["remaining_life_months"])
    units = Method.UNITS_OF_PRODUCTION in {settings.method, *methods_of(members)}
    if units and fields.absent("units.total"):
        fields.refuse("units_total_missing", "units.total")
    estimates = settings, fields.values.get("residual_value", 0)
    for change in in_order(members):
        estimates = _after(change, estimates)
        _check_change(fields, change, estimates)
    endless = fields.absent("until") and fields.absent("disposal")
    if endless and not fields.findings and not _ends(fields, members, estimates):
        fields.refuse("until_missing", "until")


def _after(change: Member, before: Estimates) -> Estimates:
    """The estimates in force after a change. A life replaces a rate, and a rate a life."""
    settings, residual = before
    life, rate = change.values.get("remaining_life_months"), change.values.get("rate_percent")
    if life is not None or rate is not None:
        settings = replace(settings, life_months=life, rate_nanopercent=rate)
    method = change.values.get("method", settings.method)
    return replace(settings, method=method), change.values.get("residual_value", residual)


def _check_change(fields: Fields, change: Member, after: Estimates) -> None:
    settings, residual = after
    given = change.values.keys()
    if given & {"method", "rate_percent"}:
        for code, _ in lacks(settings):
            missing = code if code == "life_or_rate_missing" else "life_missing"
            fields.refuse(missing, change.path + "remaining_life_months")
            break
    derived = settings.method is Method.FIXED_RATE_DECLINING
    if derived and residual == 0 and given & {"method", "residual_value"}:
        fields.refuse("residual_missing", change.path + "residual_value", residual)


def _ends(fields: Fields, members: Members, estimates: Estimates) -> bool:
    """Whether the last estimates reach their floor, from at least the highest value that there can be."""
    settings, residual = estimates
    value: int = fields.values["cost"] + sum(highest_increase(change) for change in members["value_updates"])
    limited = min(value, fields.values.get("cost_limit", value))
    accumulated = fields.values.get("opening.accumulated", 0)
    first_day = fields.values.get("opening.as_of", fields.values["depreciation_start_date"])
    return reaches_floor(settings, limited, residual, accumulated, LAST_YEAR - first_day.year)
