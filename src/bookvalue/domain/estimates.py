"""How an asset's estimates stand after each of its changes, what they then lack, and whether its schedule ends.

The settings and the residual value are followed through the changes of a spec in order; amounts of single periods
are the engine's.
"""

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from bookvalue.domain.asset import MICRO, DepreciationSettings
from bookvalue.domain.fact_checks import highest_increase, in_order
from bookvalue.domain.fact_spec import Member, Members
from bookvalue.domain.field_readers import Fields
from bookvalue.domain.settings_spec import lacks
from bookvalue.domain.terms import Averaging, DayBasis, DecliningBase, DecliningWithinYear, Method, Rounding

MAX_YEARS = 300
"""A schedule without an end of its own ends within these, or needs `until`: no date taken lies further apart."""

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
    if endless and not fields.findings and not _ends(estimates, _highest_value(fields, members)):
        fields.refuse("until_missing", "until")


def _after(change: Member, before: Estimates) -> Estimates:
    """The estimates in force after a change. A life replaces a rate, and a rate a life."""
    settings, residual = before
    life, rate = change.values.get("remaining_life_months"), change.values.get("rate_percent")
    if life is not None or rate is not None:
        settings = replace(settings, life_months=life, rate_micropercent=rate)
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


def _highest_value(fields: Fields, members: Members) -> int:
    """At least the most that there is to depreciate, in minor units, above the opening."""
    value: int = fields.values["cost"] + sum(highest_increase(change) for change in members["value_updates"])
    accumulated: int = fields.values.get("opening.accumulated", 0)
    limit: int = fields.values.get("cost_limit", value)
    return min(value, limit) - accumulated


def _ends(estimates: Estimates, book_value: int) -> bool:
    """Whether charges at these estimates reach the residual value, from this book value, within MAX_YEARS.

    With a life they always end. Straight line at a rate takes 1 / rate years. A declining balance is charged
    round(base x rate x share of a year) at a time, from whole minor units: it stands still once that rounds to zero,
    which comes before the floor exactly where (residual + 1) x rate x share < 1/2, and where rate x share < 1/2 if the
    residual value is deducted first. The share is a year's, or a month's where months are rounded.
    """
    settings, residual = estimates
    if settings.rate_micropercent is None or book_value <= residual:
        return True
    rate = Fraction(settings.rate_micropercent, 100 * MICRO)
    if settings.method is Method.STRAIGHT_LINE:
        return rate * MAX_YEARS >= 1
    if settings.method is not Method.DECLINING_BALANCE:
        return True
    deducted = residual if settings.declining_base is DecliningBase.NET_OF_RESIDUAL else 0
    compound = settings.declining_within_year is DecliningWithinYear.COMPOUND
    monthly = compound or settings.rounding is Rounding.PER_PERIOD
    part = rate * (_largest_month(settings) if monthly else 1)
    charges = 12 if monthly and not compound else 1
    for _ in range(MAX_YEARS * (12 if compound else 1)):
        charge = charges * _rounded((book_value - deducted) * part.numerator, part.denominator)
        book_value -= charge
        if book_value <= residual or charge == 0:
            break
    return book_value <= residual


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _largest_month(settings: DepreciationSettings) -> Fraction:
    """The largest share of a year that a month has again and again."""
    if settings.averaging is not Averaging.ACTUAL_DAYS:
        return Fraction(1, 12)
    return Fraction(31, 360 if settings.day_basis is DayBasis.DAYS_360 else 365)
