"""Hypothetical assets of a business, given as specs of the schedule format: what its runs would charge them.

By the formula that charges registered assets; nothing is posted to a hypothetical one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bookvalue.domain.business import Business
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.field_readers import LAST_DATE
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.schedule_spec import ScheduleSpec, read_schedule_spec
from bookvalue.domain.terms import AccountingBasis
from bookvalue.engine.charge import due_in_turn
from bookvalue.engine.register import columns_of
from bookvalue.engine.timeline import timeline
from bookvalue.services.build_schedule import Read, change_findings, manual_findings
from bookvalue.services.charge_reasons import opening_missing

MOST_SPECS = 1_000
"""Hypothetical assets of one forecast: each is answered with its own figures."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A hypothetical asset, in minor units: what falls due before the first period, and in each.

    Without figures, and with findings, where it would not be charged.
    """

    id: str | None
    catch_up: int = 0
    depreciation: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_what_if(business: Business, raw: object) -> tuple[ScheduleSpec | None, list[Finding]]:
    """A raw spec as an asset of the business; or None, and every finding for which it is none.

    Currency and fiscal year are the business's, which is a finding where the spec says otherwise. Its frequency and
    `until` do not matter.
    """
    own = {"currency": business.currency, "fiscal_year_start": str(business.fiscal_calendar)}
    if isinstance(raw, Mapping):
        raw = {**own, **{name: value for name, value in raw.items() if value is not None}}
        raw.setdefault("until", LAST_DATE.isoformat())
    spec, findings = read_schedule_spec(raw)
    if spec is None:
        return None, findings
    if spec.currency != business.currency:
        findings.append(finding("currency_mismatch", "currency", spec.currency))
    if spec.calendar != business.fiscal_calendar:
        findings.append(_other_year(business, str(spec.calendar)))
    return (None if findings else spec), findings


def what_if(business: Business, reads: Sequence[Read], days: Sequence[int]) -> tuple[WhatIf, ...]:
    """What would be charged to each spec, in their order, by runs through these days; the first day is for catch-up.

    Raises InvalidInput for more than MOST_SPECS.
    """
    if len(reads) > MOST_SPECS:
        raise InvalidInput("1 finding; nothing was computed", [finding("too_many", "assets", len(reads))])
    specs = [spec for _, spec, _ in reads if spec is not None]
    found = iter(_computed(business, specs, days) if specs else ())
    return tuple(
        WhatIf(id_, findings=tuple(findings)) if spec is None else next(found) for id_, spec, findings in reads
    )


def _computed(business: Business, specs: Sequence[ScheduleSpec], days: Sequence[int]) -> list[WhatIf]:
    line = timeline(columns_of(business.fiscal_calendar, [spec.asset for spec in specs]))
    nothing = np.zeros(len(specs), np.int64)
    charges = [charge.tolist() for charge in due_in_turn(line, days, [nothing] * len(days))]
    wrong, capped = change_findings(line, specs), manual_findings(line, specs)
    early = opening_missing(business, line.register).tolist()
    made = []
    for place, (spec, amounts) in enumerate(zip(specs, zip(*charges, strict=True), strict=True)):
        against = list(wrong[place])
        if business.accounting_basis is AccountingBasis.CASH:
            against.append(finding("cash_basis"))
        if early[place] and any(amounts):
            against.append(finding("opening_missing", "opening"))
        if against:
            made.append(WhatIf(spec.id, findings=tuple(against)))
        else:
            made.append(WhatIf(spec.id, amounts[0], amounts[1:], tuple(capped[place])))
    return made


def _other_year(business: Business, given: str) -> Finding:
    return Finding(
        "fiscal_year_mismatch",
        "fiscal_year_start",
        given,
        f"the business's fiscal year starts on {business.fiscal_calendar}",
        "leave fiscal_year_start out",
    )
