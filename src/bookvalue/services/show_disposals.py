"""Disposals of an asset as they are shown: what went out, what came in, its entry, and what took it back. Reads only.

The view of a dry run is the same: read in the transaction that is then given up, without the ids that never were.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from bookvalue.domain.errors import NotFound
from bookvalue.domain.terms import DisposalReason, ValueChangeType
from bookvalue.services.late_facts import Late
from bookvalue.services.register_of import Register, read_register
from bookvalue.storage import assets, businesses, disposals
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of an entry, in minor units."""

    line_no: int
    account: KeptAccount
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """A journal entry; `id` is None in a dry run, which has none."""

    id: UUID | None
    kind: str
    entry_date: date
    lines: Sequence[LineView]


@dataclass(frozen=True, slots=True)
class ChargeView:
    """Depreciation that a disposal posts beside its own entry: for a period, in a period (their first days)."""

    effective_period: date
    posting_period: date
    amount_minor: int
    entry_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReinstatementView:
    """What took a disposal back; `id` is None in a dry run."""

    id: UUID | None
    at: datetime
    reason: str | None
    posting_period: date
    entry: EntryView | None


@dataclass(frozen=True, slots=True)
class DisposalView:
    """A disposal; amounts in minor units, periods by their first days. `id` is None in a dry run.

    late: what became of it where its own period was no longer open. stub_minor: the depreciation of its own period, in
    its entry. charges: that of other periods. entry: None where nothing was left to derecognise.
    share: the fraction that went, None of the whole asset.
    """

    id: UUID | None
    asset_id: UUID
    sequence: int
    day: date
    given_day: date
    reason: DisposalReason
    proceeds_minor: int | None
    cost_minor: int
    accumulated_minor: int
    gain_or_loss_minor: int
    capital_gain_minor: int
    stub_minor: int
    effective_period: date
    posting_period: date
    late: Late | None
    charges: Sequence[ChargeView]
    entry: EntryView | None
    memo: str | None
    created_at: datetime
    reinstatement: ReinstatementView | None
    share: Fraction | None = None
    value_change: ValueChangeType | None = None
    externally_booked: bool = False
    impairment_minor: int = 0

    @property
    def book_value_minor(self) -> int:
        """What was left of the asset right before it went."""
        return self.cost_minor - self.accumulated_minor


def show_disposal(engine: Engine, business_id: UUID, asset_id: UUID, disposal_id: UUID) -> DisposalView:
    """One disposal of an asset. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.get(connection, business_id))
        return read_disposal_view(connection, register, asset_id, disposal_id)


def show_disposals(
    engine: Engine, business_id: UUID, asset_id: UUID, *, after: int | None, limit: int | None
) -> list[DisposalView]:
    """Up to `limit` disposals of an asset (None: all), oldest first, from the one after this sequence.

    Raises NotFound.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.get(connection, business_id))
        if asset_id not in assets.by_id(connection, business_id, [asset_id], register.references):
            raise NotFound("no such asset")
        book_id = register.business.book_id
        last = -1 if after is None else after
        rows = disposals.page(connection, business_id, book_id, asset_id, after=last, limit=limit)
        return views_of(connection, register, rows)


def disposals_in_force(
    connection: Connection, register: Register, asset_ids: Collection[UUID]
) -> dict[UUID, DisposalView]:
    """The disposal of each of the assets that has one in force, by asset."""
    business = register.business
    rows = disposals.in_force(connection, business.id, business.book_id, asset_ids)
    return {view.asset_id: view for view in views_of(connection, register, list(rows.values()))}


def read_disposal_view(connection: Connection, register: Register, asset_id: UUID, disposal_id: UUID) -> DisposalView:
    """One disposal as it is shown, in the caller's transaction. Raises NotFound."""
    business = register.business
    row = disposals.one(connection, business.id, business.book_id, asset_id, disposal_id)
    if row is None:
        raise NotFound("no such disposal")
    return views_of(connection, register, [row])[0]


def views_of(connection: Connection, register: Register, rows: Sequence[Any]) -> list[DisposalView]:
    """Kept disposals as they are shown."""
    business_id = register.business.id
    own = [id_ for row in rows for id_ in (row.entry_id, row.reinstatement_entry_id) if id_ is not None]
    beside = [id_ for row in rows for id_ in row.depreciation_entry_ids]
    entries = _entries(register, disposals.lines(connection, business_id, own)) if own else {}
    posted = disposals.depreciation(connection, business_id, [*own, *beside]) if own or beside else ()
    charges = {
        row.entry_id: ChargeView(row.effective_period, row.posting_period, row.amount_minor, row.entry_id)
        for row in posted
    }
    return [_view(row, entries, charges) for row in rows]


def without_ids(view: DisposalView) -> DisposalView:
    """The view of a disposal that was only tried: nothing of it is there to be asked for."""
    charges = [replace(charge, entry_id=None) for charge in view.charges]
    return replace(view, id=None, charges=charges, entry=view.entry and replace(view.entry, id=None))


def reinstatement_without_ids(view: DisposalView) -> DisposalView:
    """The view of a disposal whose reinstatement was only tried."""
    tried = view.reinstatement
    shown = tried and replace(tried, id=None, entry=tried.entry and replace(tried.entry, id=None))
    return replace(view, reinstatement=shown)


def _view(row: Any, entries: Mapping[UUID, EntryView], charges: Mapping[UUID, ChargeView]) -> DisposalView:
    late = Late.MOVE if row.date != row.given_date else Late.CATCH_UP
    stub = charges.get(row.entry_id)
    return DisposalView(
        id=row.id,
        asset_id=row.asset_id,
        sequence=row.sequence,
        day=row.date,
        given_day=row.given_date,
        reason=DisposalReason(row.reason),
        proceeds_minor=row.proceeds_minor,
        cost_minor=row.cost_minor,
        accumulated_minor=row.accumulated_minor,
        gain_or_loss_minor=row.gain_or_loss_minor,
        capital_gain_minor=row.capital_gain_minor,
        stub_minor=stub.amount_minor if stub else 0,
        effective_period=row.effective_period,
        posting_period=row.posting_period,
        late=None if (row.date, row.effective_period) == (row.given_date, row.posting_period) else late,
        charges=[charges[id_] for id_ in row.depreciation_entry_ids],
        entry=entries.get(row.entry_id),
        memo=row.memo,
        created_at=row.created_at,
        reinstatement=None
        if row.reinstatement_id is None
        else ReinstatementView(
            row.reinstatement_id,
            row.reinstated_at,
            row.reinstatement_reason,
            row.reinstatement_posting_period,
            entries.get(row.reinstatement_entry_id),
        ),
        share=row.share_numerator and Fraction(row.share_numerator, row.share_denominator),
        value_change=row.value_change and ValueChangeType(row.value_change),
        externally_booked=row.externally_booked,
        impairment_minor=row.impairment_minor,
    )


def _entries(register: Register, rows: Sequence[Any]) -> dict[UUID, EntryView]:
    found: dict[UUID, EntryView] = {}
    for row in rows:
        line = LineView(row.line_no, register.chart.by_id[row.account_id], row.debit_minor, row.credit_minor)
        before = found.get(row.entry_id)
        found[row.entry_id] = EntryView(
            row.entry_id, row.kind, row.entry_date, [*(before.lines if before else ()), line]
        )
    return found
