"""The explanation of one asset's charge for a period: from a spec, which needs neither database nor broker.

Reads, asks the engine, and hands the answer on; explanation_members.py and explanation_text.py write it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from bookvalue.domain.asset import BookAsset
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.field_readers import FIRST_DATE, LAST_DATE, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.schedule_spec import read_schedule_spec
from bookvalue.domain.terms import Frequency
from bookvalue.engine.explain import Explanation, explain
from bookvalue.engine.fiscal_days import fiscal_month, fiscal_month_start
from bookvalue.engine.register import EPOCH_ORDINAL, columns_of
from bookvalue.engine.timeline import timeline
from bookvalue.services.build_schedule import MONTHS, change_findings


@dataclass(frozen=True, slots=True)
class Explained:
    """An asset and the explanation of its charge, in minor units of `currency`."""

    id: str
    currency: str
    asset: BookAsset
    explanation: Explanation


def explain_spec(raw: object, period: str) -> tuple[Explained | None, list[Finding]]:
    """The charge of a raw spec (SEMANTICS section 3) for a period; or None, and every finding for which it has none.

    period: YYYY-MM, the month in which a fiscal month begins; meant is the period of the spec's frequency that holds
    it. A spec without an end needs no `until` here.
    """
    if isinstance(raw, Mapping) and raw.get("until") is None:
        raw = {**raw, "until": LAST_DATE.isoformat()}
    spec, findings = read_schedule_spec(raw)
    if spec is None:
        return None, findings
    days = period_days(spec.calendar, period, spec.frequency)
    if days is None:
        return None, [finding("not_a_period", "period", shown(period))]
    line = timeline(columns_of(spec.calendar, [spec.asset]))
    wrong = change_findings(line, [spec])[0]
    if wrong:
        return None, wrong
    return Explained(spec.id, spec.currency, spec.asset, explain(line, 0, *days)), []


def period_days(calendar: FiscalCalendar, name: str, frequency: Frequency) -> tuple[int, int] | None:
    """The first and the last day (since 1970-01-01) of the period that holds the fiscal month of a name (YYYY-MM).

    None where there is no such month, or it lies outside the dates that a spec may have.
    """
    try:
        start = calendar.period_named(name).start
    except ValueError:
        return None
    if not FIRST_DATE <= start <= LAST_DATE:
        return None
    months = MONTHS[frequency]
    begins = int(fiscal_month(calendar, np.array(start.toordinal() - EPOCH_ORDINAL)))
    begins -= (begins - (calendar.month - 1)) % months
    first, after = (int(fiscal_month_start(calendar, np.array(month))) for month in (begins, begins + months))
    return first, after - 1


def date_of(day: int) -> date:
    """A day of the engine as a date."""
    return date.fromordinal(day + EPOCH_ORDINAL)
