"""Change a part of an asset's value beside its plan (`manual`), or so that the plan is made anew (`arbitrary`).

An arbitrary change reverses what runs charged for the time after it; the next run posts what the new plan says. What
was posted is reversed, never deleted.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from bookvalue.domain.finding import finding
from bookvalue.domain.terms import UpdateType, ValueChangeType
from bookvalue.domain.value_change_spec import ValueChangeSpec
from bookvalue.ledger.account_rules import ASSET_FIELD, Slot
from bookvalue.services import asset_at_hand
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import FactKind, Placement, hold_periods, place
from bookvalue.services.post_value_update import Posted, Posting, accounts_for, post
from bookvalue.services.record_value_updates import tell
from bookvalue.services.reverse_later import reverse_later
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
