"""What runs charged for the time after a day is taken back, where a change from that day on makes the plan anew.

Runs in the caller's transaction, with the business and its periods held.
"""

from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import LateFactRefused, PeriodLocked
from bookvalue.domain.terms import EntryKind, LockPolicy, PeriodStatus, UpdateType
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.late_facts import Late, Placement
from bookvalue.services.post_value_update import Posting, post
from bookvalue.storage import tag_sets, value_updates
from bookvalue.storage.unit_of_work import Connection


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
        # no earlier than what it takes back, whatever was opened again since
        posting = max(placement.posting if closed else own, Period(row.posting_period, row.posting_end))
        key = business.id, business.book_id, asset.id, row.effective_period, row.sequence
        accounts = value_updates.accounts_of(connection, business.id, row)
        assert accounts is not None  # a run's charge has its entry
        postings.append(
            Posting(
                asset,
                Placement(own.end, own, posting, Late.CATCH_UP if closed else None),
                UpdateType.DEPRECIATION_AMORTIZATION,
                -row.amount_minor,
                (chart[accounts[0]], chart[accounts[1]]),
                tag_sets.of_update(connection, *key),
                EntryKind.REVERSAL,
                reversal_of=row.sequence,
            )
        )
    post(connection, postings)
