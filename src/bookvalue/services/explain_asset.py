"""The explanation of a registered asset's charge for a period, beside what is posted for it. Reads only.

The register is read as a run reads it, so that the explanation is of what the next run would make of it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from bookvalue.domain.asset_facts import direction
from bookvalue.domain.errors import InvalidInput, NotFound
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import AccountingBasis, AssetStatus, Frequency, Method, UpdateType
from bookvalue.engine.explain import Explanation, explain
from bookvalue.engine.register import EPOCH_ORDINAL, NO_DAY, NOT_GIVEN, RegisterColumns
from bookvalue.engine.timeline import timeline
from bookvalue.services.explain_charge import ESTIMATE, Explained, Posted, PostedUpdate, period_days
from bookvalue.storage import asset_charges, businesses
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.register_reader import STATUS_CODES, Positions, read_positions
from bookvalue.storage.unit_of_work import Engine, Role, transaction


def explain_asset(
    engine: Engine, business_id: UUID, asset: UUID | str, period: str | None = None, book_id: UUID | None = None
) -> Explained:
    """The charge of an asset for a period of a book (the posting book), as the facts are now, and what is posted.

    asset: its id, or as text its external id or number too. period: YYYY-MM, the book's last one if left out; one that
    has not opened yet is explained as well. The book's first period is charged with all that was due before it. Raises
    NotFound, InvalidInput.
    """
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        kept = businesses.get(connection, business_id)
        book_id = kept.book_id if book_id is None else book_id
        if not asset_charges.has_book(connection, business_id, book_id):
            raise NotFound("no such book")
        named = asset_charges.named(connection, business_id, str(asset))
        if named is None:
            raise NotFound("no such asset")
        periods = asset_charges.first_and_last_period(connection, business_id, book_id)
        first, last = periods or (kept.value.books_start, kept.value.books_start)
        period = f"{last:%Y-%m}" if period is None else period
        days = period_days(kept.value.fiscal_calendar, period, Frequency.MONTHLY)
        if days is None:
            raise InvalidInput("there is no such period", [finding("not_a_period", "period", period)])
        start = date.fromordinal(days[0] + EPOCH_ORDINAL)
        updates = asset_charges.posted_for(connection, business_id, book_id, named.id, start)
        outcome = asset_charges.outcome(connection, business_id, book_id, named.id, start)
        changes = asset_charges.value_changes(connection, business_id, book_id, named.id)
        positions = read_positions(connection, business_id, book_id, start, kept.value.fiscal_calendar, [named.id])
    row = row_of(positions, named.id)
    explanation = explanation_of(positions.register, row, days, is_first=start == first)
    return Explained(
        named.external_id,
        kept.value.currency,
        int(positions.register.cost_minor[row]),
        _change_names(positions.register, row, changes),
        explanation,
        named.name,
        _posted(updates, outcome, explanation, is_charged=_is_charged(kept, positions, row, explanation)),
    )


def row_of(positions: Positions, asset_id: UUID) -> int:
    """The place of an asset in a register. Raises NotFound where it is not in this book."""
    found = np.flatnonzero(positions.asset_id == np.frombuffer(asset_id.bytes, "V16"))
    if not len(found):
        raise NotFound("the asset is not in this book")
    return int(found[0])


def explanation_of(register: RegisterColumns, row: int, days: tuple[int, int], *, is_first: bool) -> Explanation:
    """The explanation of a row's charge for a period; the first one of a book has all that was due before it."""
    alone = register.take(np.array([row]))
    first_day, last_day = days
    start, opening = int(alone.start_day[0]), int(alone.opening_day[0])
    if is_first and start != NO_DAY:
        first_day = min(first_day, max(start, opening + 1))
    return explain(timeline(alone), 0, first_day, last_day)


def _posted(updates: Sequence[Any], outcome: str | None, explanation: Explanation, *, is_charged: bool) -> Posted:
    depreciation = UpdateType.DEPRECIATION_AMORTIZATION
    planned = [one for one in updates if one.update_type == depreciation and not one.beside_plan]
    so_far = sum(update.amount_minor for update in planned)
    return Posted(
        tuple(
            PostedUpdate(
                update.update_type,
                update.amount_minor,
                update.posting_period,
                None if update.run_id is None else str(update.run_id),
                update.feed_seq,
                update.beside_plan,
            )
            for update in updates
        ),
        explanation.charge_minor - so_far if is_charged else 0,
        outcome,
    )


def _is_charged(kept: KeptBusiness, positions: Positions, row: int, explanation: Explanation) -> bool:
    """Whether a run charges such an asset at all, as long as nothing is missing."""
    return (
        kept.value.accounting_basis is AccountingBasis.ACCRUAL
        and positions.status[row] == STATUS_CODES[AssetStatus.REGISTERED]
        and explanation.method is not Method.NONE
    )


def _change_names(register: RegisterColumns, row: int, recorded: Sequence[Any]) -> tuple[str, ...]:
    """What the row's changes are called, in the engine's order: the update types that were recorded."""
    table, left = register.changes, list(recorded)
    names = []
    for line in np.flatnonzero(table.row == row).tolist():
        key = int(table.day[line]), int(table.sign[line]), int(table.amount_minor[line])
        found = next((one for one in left if _key(one) == key), None) if table.sign[line] else None
        if found is not None:
            left.remove(found)
        names.append(ESTIMATE if found is None else str(found.update_type))
    return tuple(names)


def _key(recorded: Any) -> tuple[int, int, int]:
    """A recorded change as the register has it: its day, its direction, its amount."""
    by_value = recorded.new_book_value_minor is not None
    amount = NOT_GIVEN if by_value else recorded.amount_minor
    return recorded.date.toordinal() - EPOCH_ORDINAL, direction(UpdateType(recorded.update_type)), amount
