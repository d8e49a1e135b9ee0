"""An asset's estimates as its changes have left them: what it is shown with, and what a further change is measured by.

A life is told in months in all; a change is kept with the months that remain from its day on (months_elapsed).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from bookvalue.domain.asset import Asset, DepreciationSettings
from bookvalue.domain.asset_facts import AssetFacts, EstimateChange, changes_in_order
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.settings_spec import without_unused
from bookvalue.engine.averaging import rule_of
from bookvalue.engine.fiscal_days import fiscal_month
from bookvalue.engine.register import EPOCH_ORDINAL
from bookvalue.storage import asset_facts
from bookvalue.storage.assets import KeptAsset
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection

Key = TypeVar("Key")


def in_force(value: Asset, facts: AssetFacts, calendar: FiscalCalendar) -> Asset:
    """The asset with the settings and the residual value as its last change leaves them, be it past or planned."""
    last = followed(value, facts, calendar)
    if last is value:
        return value
    return replace(last, settings=without_unused(last.settings, {last.settings.method}))


def followed(value: Asset, facts: AssetFacts, calendar: FiscalCalendar) -> Asset:
    """The same with the settings that the method in force does not use: another method may use them again."""
    settings, residual = value.settings, value.residual_minor
    for change in changes_in_order(facts):
        if change.remaining_life_months is not None:
            elapsed = months_elapsed(value, facts, calendar, change.date)
            settings = replace(settings, life_months=elapsed + change.remaining_life_months, rate_nanopercent=None)
        if change.residual_minor is not None:
            residual = change.residual_minor
        if isinstance(change, EstimateChange):
            if change.rate_nanopercent is not None:
                settings = replace(settings, life_months=None, rate_nanopercent=change.rate_nanopercent)
            settings = replace(settings, method=change.method or settings.method)
    if (settings, residual) == (value.settings, value.residual_minor):
        return value
    return replace(value, settings=settings, residual_minor=residual)


def months_elapsed(value: Asset, facts: AssetFacts, calendar: FiscalCalendar, day: date) -> int:
    """The months of a life before a day: from the month to which the averaging rule maps the start to that of the day.

    Less those of suspensions that make the life longer. 0 for an asset that has no start.
    """
    if value.depreciation_start_date is None:
        return 0
    rule = rule_of(value.settings.averaging, value.settings.day_basis)

    def month(of: date) -> int:
        begins = rule.boundary(calendar, np.array([of.toordinal() - EPOCH_ORDINAL]))
        return int(fiscal_month(calendar, begins)[0])

    suspended = sum(
        max(0, min(month(one.last_day + timedelta(days=1)), month(day)) - month(one.first_day))
        for one in facts.suspensions
        if one.extend_life
    )
    return month(day) - month(value.depreciation_start_date) - suspended


def all_in_force(connection: Connection, kept: KeptBusiness, found: Mapping[Key, KeptAsset]) -> dict[Key, Asset]:
    """Assets as they are in force, by the key they come with."""
    facts = asset_facts.of_assets(connection, kept.id, kept.book_id, [one.id for one in found.values()])
    return {key: in_force(one.value, facts[one.id], kept.value.fiscal_calendar) for key, one in found.items()}


def as_kept(
    connection: Connection, kept: KeptBusiness, wanted: Sequence[Asset], before: Mapping[str, KeptAsset]
) -> list[Asset]:
    """The assets that are wanted; those that come with the estimates in force say nothing new of them.

    What is kept of an asset are the estimates that it began with.
    """

    def differs(value: Asset) -> bool:
        old = before.get(value.external_id)
        return old is not None and _estimates(value) != _estimates(old.value)

    known = {value.external_id: before[value.external_id] for value in wanted if differs(value)}
    if not known:
        return list(wanted)
    now = all_in_force(connection, kept, known)

    def kept_of(value: Asset) -> Asset:
        if value.external_id not in now or _estimates(now[value.external_id]) != _estimates(value):
            return value
        settings, residual = _estimates(known[value.external_id].value)
        return replace(value, settings=settings, residual_minor=residual)

    return [kept_of(value) for value in wanted]


def _estimates(value: Asset) -> tuple[DepreciationSettings, int]:
    return value.settings, value.residual_minor
