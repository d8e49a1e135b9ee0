"""One asset that something is about to be recorded of: found, held against other writers, and checked by its dates.

Runs in the caller's transaction. Every fact of an asset begins here, so that two of them come one after the other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from bookvalue.domain.asset import Asset
from bookvalue.domain.errors import AssetDisposed, AssetNotRegistered, NotFound
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.money import MAX_MINOR
from bookvalue.domain.terms import AccountingBasis, AssetStatus
from bookvalue.engine.accumulate import accumulated, beside_on
from bookvalue.engine.register import EPOCH_ORDINAL, NEVER, NOT_GIVEN
from bookvalue.engine.timeline import timeline
from bookvalue.ledger.account_rules import ASSET_FIELD, INSTEAD, Slot
from bookvalue.services.register_of import Register, read_register
from bookvalue.storage import assets, businesses, disposals, value_updates
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.register_reader import read_positions
from bookvalue.storage.unit_of_work import Connection


@dataclass(frozen=True, slots=True)
class AssetAtHand:
    """An asset, with its business, chart and types, as they are while the caller's transaction lasts."""

    register: Register
    id: UUID
    value: Asset

    def account(self, field: str) -> KeptAccount | None:
        """The account in force for one of the asset's account fields: its own, else its type's."""
        _, asset_type = self.register.types.get(self.value.asset_type or "", (None, None))
        code = getattr(self.value, field) or (asset_type and getattr(asset_type, field))
        return self.register.chart.by_code.get(code or "")

    def account_of(self, slot: Slot) -> KeptAccount | None:
        """The account in force for a slot, or for the one that stands in for it."""
        account = self.account(ASSET_FIELD[slot])
        return self.account(ASSET_FIELD[INSTEAD[slot]]) if account is None and slot in INSTEAD else account


def hold_register(connection: Connection, business_id: UUID) -> Register:
    """The business with its chart and types, held against other writers. Raises NotFound."""
    return read_register(connection, businesses.hold(connection, business_id))


def find(connection: Connection, register: Register, asset_id: UUID) -> AssetAtHand:
    """The asset with this id. Raises NotFound."""
    kept = assets.by_id(connection, register.business.id, [asset_id], register.references).get(asset_id)
    if kept is None:
        raise NotFound("no such asset")
    return AssetAtHand(register, kept.id, kept.value)


def find_by_external_id(connection: Connection, register: Register, external_id: str) -> AssetAtHand | None:
    """The asset with this external id, or None."""
    found = assets.by_external_id(connection, register.business.id, [external_id], register.references)
    kept = found.get(external_id)
    return None if kept is None else AssetAtHand(register, kept.id, kept.value)


def require_registered(asset: AssetAtHand) -> None:
    """Raises AssetNotRegistered or AssetDisposed: only a registered asset has facts recorded of it."""
    if asset.value.status is AssetStatus.DRAFT:
        raise AssetNotRegistered(f"asset {asset.value.external_id} is a draft")
    if asset.value.status is AssetStatus.DISPOSED:
        raise AssetDisposed(f"asset {asset.value.external_id} has been disposed of")


def basis_findings(register: Register) -> list[Finding]:
    """That the business is on a cash basis, where changes of value have no effect."""
    return [finding("cash_basis")] if register.business.value.accounting_basis is AccountingBasis.CASH else []


def day_findings(asset: AssetAtHand, day: date, field: str, *, today: date) -> list[Finding]:
    """What stands against a fact of this day: the asset's start, its opening balance, or that it is yet to come."""
    value = asset.value
    first = value.depreciation_start_date or value.purchase_date
    if day > today:
        return [finding("in_the_future", field, day.isoformat())]
    if first is not None and day < first:
        return [finding("before_start", field, day.isoformat())]
    if value.opening is not None and day <= value.opening.as_of:
        return [finding("before_opening", field, day.isoformat())]
    return []


def later_day_findings(asset: AssetAtHand, day: date, field: str, *, today: date) -> list[Finding]:
    """The same for what lies after the purchase (seed 003: value changes and disposals)."""
    purchased = asset.value.purchase_date
    found = day_findings(asset, day, field, today=today)
    if not found and purchased is not None and day <= purchased:
        found = [finding("not_after_purchase", field, day.isoformat())]
    return found


def value_at(connection: Connection, asset: AssetAtHand, day: date) -> int:
    """The asset's book value by the end of a day, as its facts are: minor units. With what lies beside the plan."""
    business = asset.register.business
    calendar = business.value.fiscal_calendar
    period = calendar.period_of(day)
    register = read_positions(connection, business.id, business.book_id, period.start, calendar, [asset.id]).register
    changes, at = register.changes, np.array([day.toordinal() - EPOCH_ORDINAL])
    cost = int(register.cost_minor[0]) + int((changes.sign * changes.amount_minor)[changes.day <= at].sum())
    beside, _ = beside_on(register.beside, np.zeros(1, np.int64), at)
    return cost - int(accumulated(register, at)[0]) - int(beside[0])


def effect_findings(connection: Connection, asset: AssetAtHand, period_start: date, field: str) -> list[Finding]:
    """What the asset's facts, as they are stored by now, come to and cannot be: a book value below zero at the date of
    a change, or a cost beyond what can be computed.

    A change in the past can take from a later one what it stands on; that is found here too.
    """
    wrong = impossible(connection, asset.register, [asset.id], period_start)
    return [finding(code, field) for code in wrong.values()]


def impossible(
    connection: Connection,
    register: Register,
    asset_ids: Collection[UUID],
    period_start: date,
    *,
    depreciated: Collection[UUID] = (),
) -> dict[UUID, str]:
    """The same of several assets: the code of what each of those comes to that cannot be so.

    depreciated: those of which somebody records depreciation, which stops at the floor. What a change of value, or one
    that is taken back, leaves too much of is no fault of it: the next run takes that back.
    """
    business = register.business
    calendar = business.value.fiscal_calendar
    read = read_positions(connection, business.id, business.book_id, period_start, calendar, asset_ids)
    columns, changes, ids = read.register, read.register.changes, [UUID(bytes=one.tobytes()) for one in read.asset_id]
    changed = changes.sign * changes.amount_minor
    cost, highest = columns.cost_minor.copy(), columns.cost_minor.copy()
    np.add.at(cost, changes.row, changed)
    np.add.at(highest, changes.row, np.maximum(changed, 0))
    beside = columns.beside  # what a new plan has taken up is among its changes
    increase = np.where(beside.until_day == NEVER, np.maximum(-beside.amount_minor, 0), 0)
    np.add.at(highest, beside.row, increase)
    beyond = {ids[row]: "amount_out_of_range" for row in np.flatnonzero(highest > MAX_MINOR)}
    if beyond:  # the engine cannot compute these: the others are looked at without them
        rest = [id_ for id_ in asset_ids if id_ not in beyond]
        found = impossible(connection, register, rest, period_start, depreciated=depreciated) if rest else {}
        return beyond | found
    line = timeline(columns)
    left = np.zeros(len(ids), np.bool_)
    left[changes.row[line.value_before_minor + line.change_minor < 0]] = True
    posted = value_updates.depreciated(connection, business.id, business.book_id, asset_ids)
    posted_minor = np.array([posted.get(id_, 0) for id_ in ids], np.int64)
    residual, given = columns.residual_minor.copy(), changes.residual_minor != NOT_GIVEN
    residual[changes.row[given]] = changes.residual_minor[given]  # of one row's the last, which is in force
    depreciable = np.maximum(np.minimum(cost, columns.cost_limit_minor) - residual, 0)
    too_much = np.array([id_ in depreciated for id_ in ids], np.bool_)
    taken = np.zeros(len(ids), np.int64)
    np.add.at(taken, beside.row, np.where(beside.until_day == NEVER, beside.amount_minor, 0))
    too_much &= columns.opening_accumulated_minor + posted_minor > depreciable - np.maximum(taken, 0)
    # what parts took along, and what was added beside the plan, is not in the account that a decrease comes off
    held = disposals.cost_left(connection, business.id, business.book_id, asset_ids)
    left |= np.array([held[id_] < 0 for id_ in ids], np.bool_)
    return {ids[row]: "below_floor" for row in np.flatnonzero(too_much)} | {
        ids[row]: "decrease_above_book_value" for row in np.flatnonzero((cost < 0) | left)
    }
