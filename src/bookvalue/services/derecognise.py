"""What disposing of an asset and reinstating it share: the locks that both take, and the entry with its rows.

Runs in the caller's transaction, which holds the business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from bookvalue.domain.calendar import Period
from bookvalue.domain.terms import EntryKind, UpdateType
from bookvalue.ledger.derecognition import Derecognition, Part, entry_of
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.late_facts import hold_periods, open_periods_through
from bookvalue.storage import disposals, entries, periods, tag_sets
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.entries import EntryHead, UpdateRow
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection


def hold_all_periods(connection: Connection, kept: KeptBusiness, day: date) -> date:
    """Holds every period of the book that is not locked, with those opened up to the day; the start of the last one.

    A disposal posts into several periods: all of them are taken here, oldest first.
    """
    hold_periods(connection, kept)
    open_periods_through(connection, kept, day)
    return periods.last_start(connection, kept.id, kept.book_id) or day


@dataclass(frozen=True, slots=True)
class Removal:
    """What one entry of an asset's going or coming back does: amounts by part, debits above zero, their accounts by id
    and place in the chart, where it lies, and what it reverses. stub_of: the sequence of the stub that it takes back.
    """

    kind: EntryKind
    amounts: Mapping[Part, int]
    accounts: Mapping[Part, tuple[UUID, int]]
    effective: Period
    posting: Period
    entry_date: date
    memo: str | None = None
    reversal_of: UUID | None = None
    stub_of: int | None = None


def write(connection: Connection, asset: AssetAtHand, removal: Removal, values: Mapping[str, Any]) -> UUID:
    """Writes the entry with the stub's row, and the disposal's row with `values`; returns the id of the latter.

    Its lines have the tags that the asset has on the day of the disposal, or those of the lines that it takes back.
    """
    business = asset.register.business
    made = entry_of(removal.amounts, removal.accounts)
    entry_id = _write_entry(connection, asset, removal, made, values["date"]) if removal.amounts else None
    disposal_id = uuid7()
    disposals.add(
        connection,
        {
            "business_id": business.id,
            "book_id": business.book_id,
            "asset_id": asset.id,
            "id": disposal_id,
            "effective_period": removal.effective.start,
            "posting_period": removal.posting.start,
            "entry_id": entry_id,
            "asset_line": made.line_of.get(Part.ASSET),
            "accumulated_line": made.line_of.get(Part.ACCUMULATED),
            "impairment_line": made.line_of.get(Part.IMPAIRMENT),
            "proceeds_line": made.line_of.get(Part.PROCEEDS),
            "result_line": made.result_line,
            "capital_gain_line": made.line_of.get(Part.CAPITAL_GAIN),
            **values,
        },
    )
    return disposal_id


def _write_entry(connection: Connection, asset: AssetAtHand, removal: Removal, made: Derecognition, day: date) -> UUID:
    business = asset.register.business
    tag_set = (
        tag_sets.on_day(connection, business.id, asset.id, day)
        if removal.reversal_of is None
        else tag_sets.of_entry(connection, business.id, removal.reversal_of)
    )
    head = EntryHead(
        removal.kind,
        removal.effective.start,
        removal.posting.start,
        removal.entry_date,
        business.value.currency,
        asset.id,
        removal.reversal_of,
        removal.memo,
        tag_set,
    )
    (entry_id,) = entries.write_entries(connection, business.id, business.book_id, [(head, made.made)])
    stub = removal.amounts.get(Part.STUB_EXPENSE, 0)
    if stub:
        row = UpdateRow(
            asset.id,
            removal.effective.start,
            removal.posting.start,
            UpdateType.DEPRECIATION_AMORTIZATION,
            stub,
            entry_id,
            *made.stub_lines(stub),
            reversal_of=removal.stub_of,
        )
        entries.write_updates(connection, business.id, business.book_id, [row])
    return entry_id
