"""ARCHIVE a recorded value update: posts its mirror image, after which it never was. Nothing is edited or deleted."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from bookvalue.domain.errors import NotFound
from bookvalue.domain.terms import EntryKind, UpdateType
from bookvalue.services import asset_at_hand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import place_reversal
from bookvalue.services.post_value_update import Posting, post
from bookvalue.services.record_value_updates import tell
from bookvalue.services.show_value_updates import ValueUpdateView, view_of
from bookvalue.storage import periods, tag_sets, value_updates
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


def archive_value_update(
    engine: Engine,
    business_id: UUID,
    update_id: UUID,
    *,
    actor: str,
    now: datetime,
    keep: Callable[[Connection, ValueUpdateView], None] = lambda _connection, _view: None,
) -> ValueUpdateView:
    """The value update, archived; unchanged where it was archived before.

    Its reversal is for the same period, and lies in it while it is open, else where the book's lock policy says.
    Raises NotFound, AssetDisposed, LateFactRefused, InvalidInput (a later change stands on this one), Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        row = value_updates.one(connection, business_id, update_id)
        if row is None:
            raise NotFound("no such value update")
        if row.archived_at is not None:
            view = view_of(register, row)
            keep(connection, view)
            connection.commit()
            return view
        asset = asset_at_hand.find(connection, register, row.asset_id)
        asset_at_hand.require_registered(asset)
        business = register.business
        lies = business.value.fiscal_calendar.period_of(row.posting_period)
        placement = place_reversal(connection, business, value_updates.day_of(row), lies)
        accounts = value_updates.accounts_of(connection, business_id, row)
        posting = Posting(
            asset,
            placement,
            UpdateType(row.update_type),
            -row.amount_minor,
            accounts and (register.chart.by_id[accounts[0]], register.chart.by_id[accounts[1]]),
            tag_sets.of_update(connection, business_id, row.book_id, asset.id, row.effective_period, row.sequence),
            EntryKind.REVERSAL,
            memo=row.memo,
            reversal_of=row.sequence,
            reverses_entry=row.entry_id,
            remaining_life_months=row.remaining_life_months,
            residual_minor=row.residual_minor,
            beside_plan=row.beside_plan,
        )
        (posted,) = post(connection, [posting])
        wrong = asset_at_hand.effect_findings(connection, asset, placement.posting.start, "amount")
        if wrong:
            raise refuse(wrong)
        value_updates.record(
            connection,
            {
                "business_id": business_id,
                "id": uuid7(),
                "book_id": row.book_id,
                "effective_period": row.effective_period,
                "asset_id": row.asset_id,
                "sequence": posted.sequence,
                "at": now,
                "counter_account_id": row.counter_account_id,
                "fingerprint": row.fingerprint,
                "archives": row.id,
                "actor": actor,
            },
        )
        periods.raise_fact_version(connection, business_id, [placement.day])
        view = tell(connection, register, [update_id], actor, "value_update.archived")[update_id]
        keep(connection, view)
        connection.commit()
    return view
