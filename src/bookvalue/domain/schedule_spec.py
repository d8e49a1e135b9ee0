"""A raw asset spec of the schedule format (SEMANTICS section 3) -> ScheduleSpec, or every finding about it.

Shares its readers with asset_spec.py. A finding's field is a dotted path, the place in a list counting from 0:
settings.life_months, value_updates.0.date, units.used.11.quantity. Must not compute an amount.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bookvalue.domain.asset import BookAsset, DepreciationSettings
from bookvalue.domain.book_asset_spec import check_opening, check_residual, cost_ceiling, opening_of, read_opening
from bookvalue.domain.business_spec import read_currency, read_fiscal_year_start
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.estimates import check_estimates, methods_of
from bookvalue.domain.fact_checks import check_facts
from bookvalue.domain.fact_spec import FACT_READERS, Members, facts_of, read_facts
from bookvalue.domain.field_readers import (
    Fields,
    Reader,
    Refused,
    choice,
    read_amount,
    read_date,
    read_name,
    read_object,
    shown,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.settings_spec import read_settings
from bookvalue.domain.terms import Frequency

SPEC_READERS: Mapping[str, Reader] = {
    "id": read_name,
    "currency": read_currency,
    "cost": read_amount,
    "cost_limit": read_amount,
    "residual_value": read_amount,
    "depreciation_start_date": read_date,
    "fiscal_year_start": read_fiscal_year_start,
    "frequency": choice(Frequency),
    "until": read_date,
    "settings": read_object,
    "opening": read_object,
    **FACT_READERS,
}
_REQUIRED = ("id", "cost", "depreciation_start_date", "settings")


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """One asset whose schedule is asked for, in minor units of `currency`; `until`: the last day asked for, or None."""

    id: str
    currency: str
    calendar: FiscalCalendar
    frequency: Frequency
    until: date | None
    asset: BookAsset


def read_schedule_spec(raw: object) -> tuple[ScheduleSpec | None, list[Finding]]:
    """A spec with its asset, its start set; or None and at least one finding, at most MAX_FINDINGS of them.

    Takes any object that Python can hold, as hostile as it may be.
    """
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", None, shown(raw))]
    fields = Fields()
    fields.read(raw, SPEC_READERS)
    fields.require(_REQUIRED)
    read_opening(fields)
    members = read_facts(fields)
    settings = _read_settings(fields, members)
    values = fields.values
    ceiling = cost_ceiling(values.get("cost"), values.get("cost_limit"))
    check_residual(fields, "residual_value", ceiling, settings)
    check_opening(fields, ceiling, values.get("residual_value", 0), values.get("depreciation_start_date"))
    check_facts(fields, members)
    if settings is not None:
        check_estimates(fields, members, settings)
    if fields.findings or settings is None:
        return None, fields.findings
    return _spec(fields, members, settings), []


def schedule_id(raw: object) -> str | None:
    """The id that an answer about a spec can carry, whatever else is wrong with it; None where it has no usable one."""
    try:
        return read_name(raw.get("id")) if isinstance(raw, Mapping) else None
    except Refused:
        return None


def _read_settings(fields: Fields, members: Members) -> DepreciationSettings | None:
    if "settings" not in fields.values:
        return None
    settings, findings = read_settings(fields.values["settings"], "settings", None, methods_of(members))
    for found in findings:
        fields.refuse(found.code, str(found.field), found.value)
    return settings


def _spec(fields: Fields, members: Members, settings: DepreciationSettings) -> ScheduleSpec:
    values = fields.values
    return ScheduleSpec(
        id=values["id"],
        currency=values.get("currency", "USD"),
        calendar=values.get("fiscal_year_start", FiscalCalendar()),
        frequency=values.get("frequency", Frequency.MONTHLY),
        until=values.get("until"),
        asset=BookAsset(
            settings=settings,
            cost_minor=values["cost"],
            start=values["depreciation_start_date"],
            residual_minor=values.get("residual_value", 0),
            cost_limit_minor=values.get("cost_limit"),
            opening=opening_of(values),
            facts=facts_of(fields, members),
        ),
    )
