"""The explanation of one asset's charge for a period: from a spec, which needs neither database nor broker.

Reads, asks the engine, and hands the answer on; explanation_members.py and explanation_text.py write it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from bookvalue.domain.asset_facts import ValueChange, changes_in_order
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.field_readers import FIRST_DATE, LAST_DATE, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.schedule_spec import read_schedule_spec
from bookvalue.domain.terms import Frequency
from bookvalue.engine.explain import Explanation, explain
from bookvalue.engine.facts import FactKind
from bookvalue.engine.fiscal_days import fiscal_month, fiscal_month_start
from bookvalue.engine.register import EPOCH_ORDINAL, columns_of
from bookvalue.engine.timeline import timeline
from bookvalue.services.build_schedule import MONTHS, change_findings

ESTIMATE = FactKind.ESTIMATE.value
"""The name of a change of estimate; one of value is named by its update type."""


@dataclass(frozen=True, slots=True)
class PostedUpdate:
    """A value update of the asset for the period, in minor units, the way the ledger has it.

    posting_period: the first day of the period that it lies in. run_id is None where a user recorded it, entry_number
    (of the feed) where it was booked elsewhere. beside_plan: whether it leaves the charge as it is.
    """

    update_type: str
    amount_minor: int
    posting_period: date
    run_id: str | None
    entry_number: int | None
    beside_plan: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """What the books have for the period, beside what should be there.

    due_minor: the charge less the depreciation posted; outcome: what the last run of the period did with the asset
    instead of charging it, as a stable code, or None.
    """

    updates: tuple[PostedUpdate, ...]
    due_minor: int
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanation of an asset's charge, in minor units of `currency`.

    id, name: a spec's id, or a registered asset's external id and name. change_names: of its changes of value and
    estimate, in the order in which they take effect. posted: None where nothing could be, for a spec.
    """

    id: str
    currency: str
    cost_minor: int
    change_names: tuple[str, ...]
    explanation: Explanation
    name: str | None = None
    posted: Posted | None = None


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
    changes = changes_in_order(spec.asset.facts)
    names = tuple(one.update_type.value if isinstance(one, ValueChange) else ESTIMATE for one in changes)
    return Explained(spec.id, spec.currency, spec.asset.cost_minor, names, explain(line, 0, *days)), []


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
