"""REINSTATE an asset: takes its disposal back by the mirror image of its entry, the stub too, and puts the asset back
into the register. What it missed in the meantime is charged by the next close, as everything that is missed.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import AssetDisposed, DisposalReinstated, NotFound
from bookvalue.domain.terms import AssetStatus, EntryKind
from bookvalue.ledger.derecognition import Part
from bookvalue.services import asset_at_hand
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.derecognise import Removal, hold_all_periods, write
from bookvalue.services.late_facts import FactKind, Placement, place
from bookvalue.services.show_disposals import DisposalView, read_disposal_view, reinstatement_without_ids
from bookvalue.storage import audit, disposals, periods
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


def reinstate_asset(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    disposal_id: UUID,
    *,
    actor: str,
    reason: str | None = None,
    dry_run: bool = False,
    keep: Callable[[Connection, DisposalView], None] = lambda _connection, _view: None,
) -> DisposalView:
    """The disposal, with what took it back; of a dry run what that would be, without an id, and nothing is written.

    `keep` is called right before the commit. Raises NotFound, DisposalReinstated, AssetDisposed for a
    part of what has gone as a whole since, LateFactRefused, Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        view = reinstate(connection, asset, disposal_id, actor=actor, reason=reason)
        if dry_run:
            return reinstatement_without_ids(view)
        keep(connection, view)
        connection.commit()
    return view


def reinstate(
    connection: Connection, asset: AssetAtHand, disposal_id: UUID, *, actor: str, reason: str | None
) -> DisposalView:
    """The same in the caller's transaction, which holds the business."""
    business = asset.register.business
    names = business.id, business.book_id, asset.id
    row = disposals.one(connection, *names, disposal_id)
    if row is None:
        raise NotFound("no such disposal")
    if row.reinstatement_id is not None:
        raise DisposalReinstated(f"the disposal of {row.date} was taken back")
    if row.share_numerator is not None and asset.value.status is AssetStatus.DISPOSED:
        raise AssetDisposed("the rest of the asset has been disposed of, and comes back before a part does")
    hold_all_periods(connection, business, row.date)
    placement = place(connection, business, row.date, FactKind.TAKEN_BACK)
    disposals.set_state(connection, *names, None, AssetStatus.REGISTERED)
    write(
        connection,
        asset,
        _mirrored(connection, asset, row, placement, reason),
        {
            "reverses": row.sequence,
            "date": row.date,
            "given_date": row.given_date,
            "reason": row.reason,
            "proceeds_minor": row.proceeds_minor and -row.proceeds_minor,
            "cost_minor": -row.cost_minor,
            "accumulated_minor": -row.accumulated_minor,
            "impairment_minor": -row.impairment_minor,
            "gain_or_loss_minor": -row.gain_or_loss_minor,
            "capital_gain_minor": -row.capital_gain_minor,
            "externally_booked": row.externally_booked,
            "share_numerator": row.share_numerator,
            "share_denominator": row.share_denominator,
            "part_day": row.part_day,
            "residual_minor": row.residual_minor,
            "capitalised_minor": row.capitalised_minor and -row.capitalised_minor,
            "memo": reason,
            "actor": actor,
        },
    )
    periods.raise_fact_version(connection, business.id, [_first_day(connection, asset, row)])
    body = {
        "disposal_id": str(disposal_id),
        "asset_id": str(asset.id),
        "effective_period": placement.effective.name,
        "posting_period": f"{max(placement.posting.start, row.posting_period):%Y-%m}",
    }
    audit.record(
        connection,
        business.id,
        actor=actor,
        action="asset.reinstated",
        subject=f"asset/{asset.id}",
        reason=reason,
        details=body,
    )
    audit.announce(connection, business.id, "asset.reinstated", body)
    return read_disposal_view(connection, asset.register, asset.id, disposal_id)


def _mirrored(
    connection: Connection, asset: AssetAtHand, row: Any, placement: Placement, reason: str | None
) -> Removal:
    """Every part of the disposal's entry on the other side of its account, in the period that the disposal was for.

    It lies no earlier than the entry that it takes back, whatever was reopened since.
    """
    chart = asset.register.chart
    entry_ids = [] if row.entry_id is None else [row.entry_id]
    account_of = {
        line.line_no: (line.account_id, chart.by_id[line.account_id].ordinal)
        for line in disposals.lines(connection, asset.register.business.id, entry_ids)
    }
    result = Part.GAIN if row.gain_or_loss_minor > 0 else Part.LOSS
    said = {
        Part.ASSET: (row.asset_line, row.cost_minor + row.impairment_minor),
        Part.ACCUMULATED: (row.accumulated_line, -row.accumulated_minor),
        Part.IMPAIRMENT: (row.impairment_line, -row.impairment_minor),
        Part.PROCEEDS: (row.proceeds_line, -(row.proceeds_minor or 0)),
        result: (row.result_line, row.gain_or_loss_minor),
        Part.CAPITAL_GAIN: (row.capital_gain_line, row.capital_gain_minor),
    }
    stub_of = None
    for stub in disposals.depreciation(connection, asset.register.business.id, entry_ids):
        lines = (stub.debit_line, stub.credit_line) if stub.amount_minor > 0 else (stub.credit_line, stub.debit_line)
        said[Part.STUB_EXPENSE] = lines[0], -stub.amount_minor
        said[Part.STUB_ACCUMULATED] = lines[1], stub.amount_minor
        stub_of = stub.sequence
    posting = max(placement.posting, Period(row.posting_period, row.posting_period_end))
    return Removal(
        EntryKind.REVERSAL,
        {part: amount for part, (line, amount) in said.items() if line is not None},
        {part: account_of[line] for part, (line, _) in said.items() if line is not None},
        placement.effective,
        posting,
        placement.day if posting == placement.effective else posting.start,
        reason,
        row.entry_id,
        stub_of,
    )


def _first_day(connection: Connection, asset: AssetAtHand, row: Any) -> date:
    """The first day on which a charge may differ once the disposal is gone: from where it changed one."""
    business = asset.register.business
    posted = disposals.depreciation(connection, business.id, row.depreciation_entry_ids)
    days: list[date] = [one.effective_period for one in posted]
    return min([business.value.fiscal_calendar.year_start(row.date), *days])
