"""Change a part of an asset's value beside its plan (`manual`), or so that the plan is made anew (`arbitrary`).

An arbitrary change reverses what runs charged for the time after it; the next run posts what the new plan says. What
was posted is reversed, never deleted.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import LateFactRefused, PeriodLocked
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import EntryKind, LockPolicy, PeriodStatus, UpdateType, ValueChangeType
from bookvalue.domain.value_change_spec import ValueChangeSpec
from bookvalue.ledger.account_rules import ASSET_FIELD, Slot
from bookvalue.services import asset_at_hand
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import FactKind, Late, Placement, hold_periods, place
from bookvalue.services.post_value_update import Posted, Posting, accounts_for, post
from bookvalue.services.record_value_updates import tell
from bookvalue.services.wanted_value_updates import fingerprint_of, instant_of
from bookvalue.storage import periods, tag_sets, value_updates
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection

# kind, whether it lowers -> the value update that it is, and the usual account on its other side
_AS_UPDATE: Mapping[tuple[ValueChangeType, bool], tuple[UpdateType, str | None]] = {
    (ValueChangeType.MANUAL, True): (UpdateType.DEPRECIATION_AMORTIZATION, None),  # None: the asset's own expense
    (ValueChangeType.MANUAL, False): (UpdateType.DEPRECIATION_AMORTIZATION, None),
    (ValueChangeType.ARBITRARY, True): (UpdateType.IMPAIRMENT, "IMPAIRMENT_LOSS"),
    (ValueChangeType.ARBITRARY, False): (UpdateType.REVALUATION_UP, "REVALUATION_SURPLUS"),
}


def change_part(
    connection: Connection, asset: AssetAtHand, wanted: ValueChangeSpec, *, actor: str, now: datetime
) -> UUID:
    """Posts the change in the caller's transaction, which holds the business; returns the id of the value update.

    Raises what change_value raises.
    """
    register = asset.register
    business = register.business
    assert wanted.amount_minor is not None
    asset_at_hand.require_registered(asset)
    lowers, anew = wanted.amount_minor < 0, wanted.kind is ValueChangeType.ARBITRARY
    update_type, usual = _AS_UPDATE[wanted.kind, lowers]
    counter = _counter(asset, wanted, usual)
    accounts, lacking = (
        accounts_for(asset, update_type, counter)
        if counter
        else (None, [finding("expense_account_missing", ASSET_FIELD[Slot.EXPENSE])])
    )
    findings = asset_at_hand.basis_findings(register) + ([] if wanted.externally_booked else lacking)
    findings += asset_at_hand.later_day_findings(asset, wanted.day, "date", today=business.value.day_of(now))
    if findings:
        raise refuse(findings)
    if anew:
        hold_periods(connection, business)
    placement = place(connection, business, wanted.day, FactKind.POSTED)
    if lowers and -wanted.amount_minor > asset_at_hand.value_at(connection, asset, placement.day):
        raise refuse([finding("decrease_above_book_value", "amount", wanted.amount_minor)])
    if anew:
        reverse_later(connection, asset, placement)
    posting = Posting(
        asset,
        placement,
        update_type,
        # a manual change is depreciation, which is above zero where it lowers
        abs(wanted.amount_minor) if anew else -wanted.amount_minor,
        None if wanted.externally_booked else accounts,
        tag_sets.on_day(connection, business.id, asset.id, placement.day),
        memo=wanted.description,
        beside_plan=not anew,
    )
    (posted,) = post(connection, [posting])
    update_id = _record(connection, asset, wanted, placement, posted, counter, actor)
    wrong = asset_at_hand.effect_findings(connection, asset, placement.posting.start, "amount")
    if wrong:
        raise refuse(wrong)
    periods.raise_fact_version(connection, business.id, [placement.effective.start])
    tell(connection, register, [update_id], actor, "value_update.recorded")
    return update_id


def reverse_later(connection: Connection, asset: AssetAtHand, placement: Placement) -> None:
    """Takes back what runs charged for the time after the day from which the change counts.

    Raises PeriodLocked where some of it lies in a locked period: the whole request fails then; LateFactRefused where it
    lies in a closed one and the book refuses that.
    """
    business = asset.register.business
    later = value_updates.later_linear(connection, business.id, business.book_id, asset.id, placement.day)
    chart = asset.register.chart.by_id
    postings = []
    for row in later:
        if PeriodStatus.LOCKED in (row.effective_status, row.posting_status):
            raise PeriodLocked(f"what was charged for {row.effective_period:%Y-%m} lies in a locked period")
        closed = row.effective_status == PeriodStatus.CLOSED
        if closed and business.value.lock_policy is LockPolicy.REFUSE:
            raise LateFactRefused(f"what was charged for {row.effective_period:%Y-%m} lies in a closed period")
        own = Period(row.effective_period, row.period_end)
        key = business.id, business.book_id, asset.id, row.effective_period, row.sequence
        accounts = value_updates.accounts_of(connection, business.id, row)
        assert accounts is not None  # a run's charge has its entry
        postings.append(
            Posting(
                asset,
                Placement(own.end, own, placement.posting if closed else own, Late.CATCH_UP if closed else None),
                UpdateType.DEPRECIATION_AMORTIZATION,
                -row.amount_minor,
                (chart[accounts[0]], chart[accounts[1]]),
                tag_sets.of_update(connection, *key),
                EntryKind.REVERSAL,
                reversal_of=row.sequence,
            )
        )
    post(connection, postings)


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
    update_id = uuid7()
    said = {"kind": wanted.kind, "date": str(wanted.day), "amount": wanted.amount_minor, "memo": wanted.description}
    value_updates.record(
        connection,
        {
            "business_id": business.id,
            "id": update_id,
            "book_id": business.book_id,
            "effective_period": placement.effective.start,
            "asset_id": asset.id,
            "sequence": posted.sequence,
            "at": instant_of(business.value, wanted.day),
            "counter_account_id": counter and counter.id,
            "memo": wanted.description,
            "fingerprint": fingerprint_of(said),
            "value_change": wanted.kind,
            "externally_booked": wanted.externally_booked,
            "actor": actor,
        },
    )
    return update_id
