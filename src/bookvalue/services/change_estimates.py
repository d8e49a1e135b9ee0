"""A change of an asset's fields as a change of its estimates from a day on: once something is posted, history stays.

A life, rate, method or residual value that is changed becomes an estimate change; nothing else of what charges are
computed from can be changed then. Runs in the caller's transaction, under the business's hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from bookvalue.domain.asset import Asset, DepreciationSettings
from bookvalue.domain.asset_facts import AssetFacts, EstimateChange
from bookvalue.domain.errors import InvalidInput, PeriodNotOpen
from bookvalue.domain.field_readers import Refused, read_date, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.settings_spec import KEPT_AS, without_unused
from bookvalue.domain.terms import AssetStatus, PeriodStatus
from bookvalue.services import asset_at_hand, record_fact
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.estimates_in_force import followed, months_elapsed
from bookvalue.services.findings import refuse
from bookvalue.services.register_of import Register
from bookvalue.storage import assets, periods
from bookvalue.storage.assets import KeptAsset
from bookvalue.storage.unit_of_work import Connection

EFFECTIVE = "effective_date"
_ANOTHER_ASSET = (
    "leave it as it was: no change from a day on can carry it; "
    "where it was wrong from the start, dispose of the asset and register it anew"
)
_VALUE_UPDATE = "leave it as it was, and record what changed the value: an IMPROVEMENT, a REVALUATION or an IMPAIRMENT"
_REMEDIES = {
    "original_value": _VALUE_UPDATE,
    "cost_limit": _ANOTHER_ASSET,
    "units_total": _ANOTHER_ASSET,
    "depreciation_start_date": _ANOTHER_ASSET,
    "opening": _ANOTHER_ASSET,
}
_SHOWN_AS = {
    "date": EFFECTIVE, "remaining_life_months": "useful_life_months", "rate_percent": "depreciation.rate_percent",
    "residual_value": "salvage_value", "method": "depreciation.method",
}  # fmt: skip
_CARRIED = ("method", "life_months", "rate_nanopercent")


@dataclass(frozen=True, slots=True)
class DatedEstimates:
    """An asset whose estimates change by facts: as it is kept, the facts in force, and as they have left it by now."""

    kept: Asset
    facts: AssetFacts
    now: Asset
    day: date | None


def dated_estimates(
    connection: Connection, register: Register, before: KeptAsset, given: Mapping[str, Any]
) -> DatedEstimates | None:
    """The estimates in force of an asset of which something is posted, or changed before, or changed from a given day.

    None for any other: its fields are simply changed. Raises InvalidInput for an effective date that is none.
    """
    business, value = register.business, before.value
    try:
        day = None if given.get(EFFECTIVE) is None else read_date(given[EFFECTIVE])
    except Refused as refusal:
        raise refuse([finding(refusal.code, EFFECTIVE, shown(given[EFFECTIVE]))]) from refusal
    if value.status is AssetStatus.DRAFT:
        return None
    asset = AssetAtHand(register, before.id, value)
    facts = record_fact.in_force(connection, asset)
    now = followed(value, facts, business.value.fiscal_calendar)
    if day is None and now is value and not assets.posted(connection, business.id, [before.id]):
        return None
    return DatedEstimates(value, facts, now, day)


def parted(dated: DatedEstimates, wanted: Asset, given: Mapping[str, Any]) -> tuple[Asset, Asset]:
    """What is wanted as two: the asset as it is to be kept, and the one that its estimates are to be those of.

    Raises InvalidInput for settings that no estimate change can carry.
    """
    settings = wanted.settings if given.keys() & {"depreciation", "useful_life_months"} else dated.now.settings
    residual = wanted.residual_minor if "salvage_value" in given else dated.now.residual_minor
    carried = {name: getattr(settings, name) for name in _CARRIED}
    possible = without_unused(replace(dated.now.settings, **carried), {settings.method})
    used = without_unused(settings, {settings.method})  # another method may have been in force, and use more
    others = [item.name for item in fields(used) if getattr(possible, item.name) != getattr(used, item.name)]
    if others:
        raise refuse([_not_carried(name, settings) for name in others])
    kept = replace(wanted, settings=dated.kept.settings, residual_minor=dated.kept.residual_minor)
    return kept, replace(dated.now, settings=settings, residual_minor=residual)


def _not_carried(name: str, settings: DepreciationSettings) -> Finding:
    called = {attribute: public for public, attribute in KEPT_AS.items()}.get(name, name)
    value = getattr(settings, name)
    return explained(finding("posted_asset_changed", f"depreciation.{called}", shown(value)))


def explained(found: Finding) -> Finding:
    """A finding about what is posted already, with the remedy for its field."""
    if found.code != "posted_asset_changed":
        return found
    settings = _ANOTHER_ASSET if str(found.field).startswith("depreciation.") else found.remedy
    return replace(found, remedy=_REMEDIES.get(str(found.field), settings))


def change_estimates(
    connection: Connection, asset: AssetAtHand, dated: DatedEstimates, wanted: Asset, *, actor: str
) -> bool:
    """Records what is wanted as an estimate change: whether there was anything to change.

    A life is one in all: what remains of it on the day is recorded. The day is the one given, else the first one of the
    first open period. Raises InvalidInput with findings about the asset's own fields, AssetDisposed, LateFactRefused.
    """
    before, after = dated.now.settings, wanted.settings
    rate = after.rate_nanopercent if after.rate_nanopercent != before.rate_nanopercent else None
    residual = wanted.residual_minor if wanted.residual_minor != dated.now.residual_minor else None
    method = after.method if after.method is not before.method else None
    lasts = after.life_months if after.life_months != before.life_months else None
    if lasts is None and rate is None and residual is None and method is None:
        return False
    asset_at_hand.require_registered(asset)
    day = dated.day or _default_day(connection, asset)
    try:
        placed = record_fact.settled(connection, asset, EstimateChange(day, residual_minor=0))
        remaining = None if lasts is None else lasts - _elapsed(asset, dated, record_fact.counts_from(asset, placed))
        if remaining is not None and remaining < 1:
            raise refuse([finding("life_over", "remaining_life_months", lasts)])
        change = EstimateChange(day, remaining, rate, residual, method)
        record_fact.add(connection, asset, change, actor=actor)
    except InvalidInput as error:
        raise refuse(
            [finding(one.code, _SHOWN_AS.get(str(one.field), one.field), one.value) for one in error.findings]
        ) from error
    return True


def _elapsed(asset: AssetAtHand, dated: DatedEstimates, day: date) -> int:
    return months_elapsed(dated.kept, dated.facts, asset.register.business.value.fiscal_calendar, day)


def _default_day(connection: Connection, asset: AssetAtHand) -> date:
    """The first day of the first open period, or the first day on which the asset is charged where that is later."""
    business, value = asset.register.business, asset.value
    rows = periods.since(connection, business.id, business.book_id, date.min)
    first: date | None = next((row.period_start for row in rows if row.status == PeriodStatus.OPEN), None)
    if first is None:
        raise PeriodNotOpen("no period of the book is open")
    begins = value.opening.as_of + timedelta(days=1) if value.opening else value.depreciation_start_date
    return max(first, begins or first)
