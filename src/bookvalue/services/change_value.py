"""CHANGE an asset's value beside its plan (`manual`), or so that the plan is made anew (`arbitrary`): seed 003.

An arbitrary change reverses what runs charged for the time after it; the next run posts what the new plan says. What
was posted is reversed, never deleted.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import LateFactRefused, PeriodLocked
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import EntryKind, LockPolicy, PeriodStatus, UpdateType, ValueChangeType
from bookvalue.domain.value_change_spec import ValueChangeSpec, read_value_change
from bookvalue.ledger.account_rules import ASSET_FIELD, Slot
from bookvalue.services import asset_at_hand
from bookvalue.services.account_references import by_code
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import FactKind, Late, Placement, hold_periods, place
from bookvalue.services.post_value_update import Posted, Reversed, accounts_for, post
from bookvalue.services.record_value_update import told
from bookvalue.services.register_of import Register
from bookvalue.services.show_value_changes import ValueChangeView, changes_of
from bookvalue.services.show_value_updates import ValueUpdateView
from bookvalue.storage import periods, value_updates
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

# kind, whether it lowers -> the value update that it is, and the usual account on its other side
_AS_UPDATE: Mapping[tuple[ValueChangeType, bool], tuple[UpdateType, str | None]] = {
    (ValueChangeType.MANUAL, True): (UpdateType.DEPRECIATION_AMORTIZATION, None),  # None: the asset's own expense
    (ValueChangeType.MANUAL, False): (UpdateType.DEPRECIATION_AMORTIZATION, None),
    (ValueChangeType.ARBITRARY, True): (UpdateType.IMPAIRMENT, "IMPAIRMENT_LOSS"),
    (ValueChangeType.ARBITRARY, False): (UpdateType.REVALUATION_UP, "REVALUATION_SURPLUS"),
}


def change_value(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    kind: ValueChangeType,
    raw: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    keep: Callable[[Connection, ValueChangeView], None] = lambda _connection, _view: None,
) -> ValueChangeView:
    """The value change. kind: manual or arbitrary. now: the business clock.

    Raises NotFound, InvalidInput with every finding, AssetNotRegistered, AssetDisposed, PeriodLocked, LateFactRefused,
    Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        update = change(connection, asset, kind, raw, actor=actor, now=now)
        changes = changes_of(connection, business_id, register.business.book_id, [asset_id])[asset_id]
        view = next(one for one in changes if one.id == update.id)
        keep(connection, view)
        connection.commit()
    return view


def change(
    connection: Connection, asset: AssetAtHand, kind: ValueChangeType, raw: Any, *, actor: str, now: datetime
) -> ValueUpdateView:
    """The same in the caller's transaction, which holds the business: the value update that it is."""
    register = asset.register
    business = register.business
    wanted = read(register, kind, raw)
    assert wanted.amount_minor is not None
    asset_at_hand.require_registered(asset)
    lowers = wanted.amount_minor < 0
    update_type, usual = _AS_UPDATE[kind, lowers]
    counter = _counter(asset, wanted, usual)
    accounts, lacking = (None, [finding("expense_account_missing", ASSET_FIELD[Slot.EXPENSE])])
    if counter is not None:
        accounts, lacking = accounts_for(asset, update_type, counter)
    findings = asset_at_hand.basis_findings(register) + ([] if wanted.externally_booked else lacking)
    findings += asset_at_hand.later_day_findings(asset, wanted.day, "date", today=business.value.day_of(now))
    if findings:
        raise refuse(findings)
    if kind is ValueChangeType.ARBITRARY:
        hold_periods(connection, business)
    placement = place(connection, business, wanted.day, FactKind.POSTED)
    if lowers and -wanted.amount_minor > asset_at_hand.value_at(connection, asset, placement.day):
        raise refuse([finding("decrease_above_book_value", "amount", wanted.amount_minor)])
    if kind is ValueChangeType.ARBITRARY:
        reverse_later(connection, asset, placement)
    posted = post(
        connection,
        asset,
        placement,
        update_type,
        # a manual change is depreciation, which is above zero where it lowers
        -wanted.amount_minor if kind is ValueChangeType.MANUAL else abs(wanted.amount_minor),
        None if wanted.externally_booked else accounts,
        memo=wanted.description,
        beside_plan=kind is ValueChangeType.MANUAL,
    )
    wrong = asset_at_hand.effect_findings(connection, asset, placement.posting.start, "amount")
    if wrong:
        raise refuse(wrong)
    update_id = _record(connection, asset, wanted, placement, posted, counter, actor)
    periods.raise_fact_version(connection, business.id, [placement.effective.start])
    return told(connection, register, update_id, actor, "value_update.recorded")


def read(register: Register, kind: ValueChangeType, raw: Any) -> ValueChangeSpec:
    """The value change that is wanted, its account by code. Raises InvalidInput."""
    unknown: list[Finding] = []
    if isinstance(raw, Mapping):
        raw, unknown = by_code(raw, ("counter_account",), register.chart)
    wanted, findings = read_value_change(kind, raw)
    if wanted is None or unknown:
        raise refuse(unknown + findings)
    return wanted


def reverse_later(connection: Connection, asset: AssetAtHand, placement: Placement) -> None:
    """Takes back what runs charged for the time after the day from which the change counts.

    Raises PeriodLocked where some of it lies in a locked period: the whole request fails then; LateFactRefused where it
    lies in a closed one and the book refuses that.
    """
    business = asset.register.business
    later = value_updates.later_linear(connection, business.id, business.book_id, asset.id, placement.day)
    for row in later:
        if PeriodStatus.LOCKED in (row.effective_status, row.posting_status):
            raise PeriodLocked(f"what was charged for {row.effective_period:%Y-%m} lies in a locked period")
        closed = row.effective_status == PeriodStatus.CLOSED
        if closed and business.value.lock_policy is LockPolicy.REFUSE:
            raise LateFactRefused(f"what was charged for {row.effective_period:%Y-%m} lies in a closed period")
        own = Period(row.effective_period, row.period_end)
        accounts = value_updates.accounts_of(connection, business.id, row)
        assert accounts is not None  # a run's charge has its entry
        chart = asset.register.chart.by_id
        post(
            connection,
            asset,
            Placement(own.end, own, placement.posting if closed else own, Late.CATCH_UP if closed else None),
            UpdateType.DEPRECIATION_AMORTIZATION,
            -row.amount_minor,
            (chart[accounts[0]], chart[accounts[1]]),
            kind=EntryKind.REVERSAL,
            reverses=Reversed(row.sequence, None),
        )


def _counter(asset: AssetAtHand, wanted: ValueChangeSpec, usual: str | None) -> KeptAccount | None:
    """The account on the other side: the one that is named, else the usual one, else the asset's own expense."""
    chart = asset.register.chart
    named = chart.called(wanted.counter_account or usual) if wanted.counter_account or usual else None
    return named or asset.account(ASSET_FIELD[Slot.EXPENSE])


def _record(
    connection: Connection,
    asset: AssetAtHand,
    wanted: ValueChangeSpec,
    placement: Placement,
    posted: Posted,
    counter: KeptAccount | None,
    actor: str,
) -> UUID:
    business = asset.register.business
    update_id, said = uuid7(), [wanted.kind, str(wanted.day), wanted.amount_minor, wanted.description]
    value_updates.record(
        connection,
        {
            "business_id": business.id,
            "id": update_id,
            "book_id": business.book_id,
            "effective_period": placement.effective.start,
            "asset_id": asset.id,
            "sequence": posted.sequence,
            "at": _midnight(wanted.day, business.value.time_zone),
            "counter_account_id": counter and counter.id,
            "memo": wanted.description,
            "fingerprint": hashlib.sha256(json.dumps(said).encode()).hexdigest(),
            "value_change": wanted.kind,
            "externally_booked": wanted.externally_booked,
            "actor": actor,
        },
    )
    return update_id


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
