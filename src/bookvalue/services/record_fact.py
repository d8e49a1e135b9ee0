"""RECORD a fact of an asset that has no entry, or ARCHIVE it: estimate changes, suspensions, units, manual amounts.

The runs charge what it changes. A fact is never edited: one that is archived never counted, and the next run posts the
difference. Where its period is no longer open, the book's lock policy says what becomes of it.
"""

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

from bookvalue.domain.asset_fact_spec import (
    Fact,
    FactType,
    check_archived,
    check_fact,
    day_of,
    moved_to,
    read_fact,
    type_of,
)
from bookvalue.domain.asset_facts import AssetFacts, Suspension, UnitsUsed
from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import Duplicate, NotFound
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import LockPolicy
from bookvalue.services import asset_at_hand
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import FactKind, Late, place
from bookvalue.storage import asset_facts, audit, periods
from bookvalue.storage.asset_facts import KeptFact, OfAsset
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Keep = Callable[[Connection, KeptFact], None]

NAMES = {
    FactType.ESTIMATE_CHANGE: "estimate_change",
    FactType.SUSPENSION: "suspension",
    FactType.UNITS_USED: "units_used",
    FactType.MANUAL_AMOUNT: "manual_amount",
}
"""What each kind is called in the audit trail and in events."""


def record_fact(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    kind: FactType,
    raw: object,
    *,
    now: datetime,
    actor: str,
    keep: Keep = lambda _connection, _kept: None,
) -> KeptFact:
    """Records a fact. now: the business clock.

    Raises NotFound, InvalidInput with every finding, AssetNotRegistered, AssetDisposed, Duplicate (units of a period
    that are reported already), LateFactRefused, Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        fact, findings = read_fact(kind, raw)
        if fact is None:
            raise refuse(findings)
        kept = record(connection, asset, fact, now=now, actor=actor)
        keep(connection, kept)
        connection.commit()
    return kept


def record(connection: Connection, asset: AssetAtHand, fact: Fact, *, now: datetime, actor: str) -> KeptFact:
    """The same in the caller's transaction, which holds the business."""
    asset_at_hand.require_registered(asset)
    if isinstance(fact, UnitsUsed) and fact.period_end > asset.register.business.value.day_of(now):
        raise refuse([finding("in_the_future", "period_end", fact.period_end.isoformat())])
    return add(connection, asset, fact, actor=actor)


def add(connection: Connection, asset: AssetAtHand, fact: Fact, *, actor: str) -> KeptFact:
    """The same of a registered asset, for a fact that may be dated on any day."""
    kind = type_of(fact)
    facts = in_force(connection, asset)
    wrong = check_fact(fact, asset.value, facts)
    if wrong:
        raise refuse(wrong)
    placed = settled(connection, asset, fact)
    wrong = check_fact(placed, asset.value, facts) if placed != fact else []
    if wrong:
        raise refuse(wrong)
    if kind is FactType.UNITS_USED and placed == fact:
        _refuse_second_report(asset, day_of(fact), [used.period_end for used in facts.units_used])
    kept = asset_facts.add(connection, of(asset), placed)
    _tell(connection, asset, kept, "recorded", actor)
    _check_effect(connection, asset, kind, day_of(placed))
    return kept


def archive_fact(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    kind: FactType,
    fact_id: UUID,
    *,
    actor: str,
    keep: Keep = lambda _connection, _kept: None,
) -> KeptFact:
    """Archives a fact, which never counted then; one that is archived stays as it is.

    Raises NotFound, LateFactRefused (its period is no longer open, and the book refuses that), InvalidInput (a later
    fact stands on it), AssetDisposed, Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        kept = asset_facts.one(connection, of(asset), kind, fact_id)
        if kept is None:
            raise NotFound(f"no such {NAMES[kind]}")
        if kept.archived_at is None:
            asset_at_hand.require_registered(asset)
            day = counts_from(asset, kept.fact)
            if _has_begun(connection, asset, day):
                place(connection, register.business, day, FactKind.TAKEN_BACK, field=kind.day_field)
            kept = asset_facts.archive(connection, of(asset), kind, fact_id)
            facts = in_force(connection, asset)
            wrong = check_archived(kept.fact, asset.value, facts)
            if wrong:
                raise refuse(wrong)
            _tell(connection, asset, kept, "archived", actor)
            _check_effect(connection, asset, kind, day)
        keep(connection, kept)
        connection.commit()
    return kept


def of(asset: AssetAtHand) -> OfAsset:
    """Whose facts they are."""
    business = asset.register.business
    return OfAsset(business.id, business.book_id, asset.id)


def in_force(connection: Connection, asset: AssetAtHand) -> AssetFacts:
    """The asset's facts that are in force."""
    business = asset.register.business
    return asset_facts.of_assets(connection, business.id, business.book_id, [asset.id])[asset.id]


def settled(connection: Connection, asset: AssetAtHand, fact: Fact) -> Fact:
    """The fact as the book's lock policy has it: as it is, or from the first open period on.

    The period that takes it is held. Raises LateFactRefused, InvalidInput (before the books; a suspension long over).
    """
    day = counts_from(asset, fact)
    if not _has_begun(connection, asset, day):
        return fact
    kind = type_of(fact)
    placement = place(connection, asset.register.business, day, FactKind.ESTIMATED, field=kind.day_field)
    if placement.late is not Late.MOVE:
        return fact
    if isinstance(fact, Suspension) and fact.last_day < placement.day:
        raise refuse([finding("wholly_past", "to", fact.last_day.isoformat())])
    return moved_to(fact, placement.day)


def counts_from(asset: AssetAtHand, fact: Fact) -> date:
    """The first day on which a charge may differ for a fact: what lies before an opening is part of what is left."""
    opening = asset.value.opening
    return day_of(fact) if opening is None else max(day_of(fact), opening.as_of + timedelta(days=1))


def _has_begun(connection: Connection, asset: AssetAtHand, day: date) -> bool:
    """Whether the book has a period of this day, or later ones: what is planned for later is in nobody's way."""
    business = asset.register.business
    last = periods.last_start(connection, business.id, business.book_id)
    return last is not None and day <= business.value.fiscal_calendar.period_of(last).end


def _refuse_second_report(asset: AssetAtHand, day: date, reported: Collection[date]) -> None:
    """Raises Duplicate where units of this day's period are reported: one report a period, archived to correct it."""
    business = asset.register.business.value
    period = business.fiscal_calendar.period_of(day)
    if any(is_report_of(period, business.lock_policy, other) for other in reported):
        remedy = "archive that report first; then report the units of the period anew"
        raise Duplicate(f"the units of {period.name} are reported already", remedy=remedy)


def is_report_of(period: Period, policy: LockPolicy, day: date) -> bool:
    """Whether units dated on this day are those of the period; late ones that were moved into it are not."""
    moved = policy is LockPolicy.SPREAD_REMAINING and day == period.start
    return period.start <= day <= period.end and not moved


def _check_effect(connection: Connection, asset: AssetAtHand, kind: FactType, day: date) -> None:
    """Raises InvalidInput where a change of value no longer finds what it took from: other charges came before it."""
    period = asset.register.business.value.fiscal_calendar.period_of(day)
    wrong = asset_at_hand.effect_findings(connection, asset, period.start, kind.day_field)
    if wrong:
        raise refuse(wrong)


def _tell(connection: Connection, asset: AssetAtHand, kept: KeptFact, what: str, actor: str) -> None:
    """Runs that have read the books compute again; the audit trail and the events have it."""
    business_id, name = asset.register.business.id, NAMES[type_of(kept.fact)]
    periods.raise_fact_version(connection, business_id, [counts_from(asset, kept.fact)])
    given = {field: value for field, value in asdict(kept.fact).items() if value is not None}
    body = {f"{name}_id": str(kept.id), "asset_id": str(asset.id)} | {
        field: value.isoformat() if isinstance(value, date) else value for field, value in given.items()
    }
    subject = f"{name}/{kept.id}"
    audit.record(connection, business_id, actor=actor, action=f"{name}.{what}", subject=subject, details=body)
    audit.announce(connection, business_id, f"{name}.{what}", body)
