"""Assets as the API shows them: a page of those asked for, or one, with what is posted to them.

Prior and current accumulated depreciation part at the fiscal year of the last posted period; a charge counts in the
year in whose books it lies. An asset can be rolled back where something is posted to it and the newest of that lies in
no locked period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.business_spec import ACCOUNT_FIELDS, COUNTER_FIELD
from bookvalue.domain.errors import NotFound
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import AssetStatus
from bookvalue.services.estimates_in_force import all_in_force
from bookvalue.services.findings import refuse
from bookvalue.services.register_of import Register, read_register
from bookvalue.services.show_disposals import DisposalView, disposals_in_force
from bookvalue.storage import asset_figures, asset_pages, assets, businesses, tags
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.asset_figures import Posted
from bookvalue.storage.asset_pages import OF_DISPOSED, AssetFilter, AssetOrder, Position
from bookvalue.storage.assets import KeptAsset
from bookvalue.storage.tags import KeptTag
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class AssetView:
    """An asset, the accounts in force (its own, or its type's), and its figures in minor units."""

    id: UUID
    value: Asset
    asset_type_id: UUID | None
    accounts: Mapping[str, KeptAccount | None]
    book_value_minor: int
    accumulated_minor: int
    prior_accumulated_minor: int
    current_accumulated_minor: int
    can_roll_back: bool
    archived_at: datetime | None
    tags: Sequence[KeptTag]
    disposal: DisposalView | None


@dataclass(frozen=True, slots=True)
class AssetQuery:
    """Which assets are wanted, in which order; `ledger_account` is an account's id, stable name or code."""

    wanted: AssetFilter
    ledger_account: str | None = None
    order: AssetOrder = AssetOrder.NUMBER
    descending: bool = False


def page_of_assets(
    engine: Engine, business_id: UUID, query: AssetQuery, *, after: Position | None, limit: int
) -> tuple[list[AssetView], Position | None]:
    """Up to `limit` assets, and the position to go on after, None at the end. Raises NotFound, InvalidInput.

    Archived assets are shown where they are asked for.
    """
    if query.order in OF_DISPOSED and query.wanted.status is not AssetStatus.DISPOSED:
        raise refuse([finding("order_of_disposed", "order_by", query.order.value)])
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.get(connection, business_id))
        wanted = query.wanted
        if wanted.archived is None and wanted.active is None:
            wanted = replace(wanted, archived=False)
        if query.ledger_account is not None:
            account = _account(register, query.ledger_account)
            if account is None:
                return [], None
            wanted = replace(wanted, ledger_account_id=account.id)
        found = asset_pages.page(
            connection, business_id, wanted, query.order, descending=query.descending, after=after, limit=limit + 1
        )
        views = views_of(connection, register, [position.id for position in found[:limit]])
    return views, found[limit - 1] if len(found) > limit else None


def read_one_asset(engine: Engine, business_id: UUID, asset_id: UUID) -> AssetView:
    """One asset. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.get(connection, business_id))
        return one_view(connection, register, asset_id)


def one_view(connection: Connection, register: Register, asset_id: UUID) -> AssetView:
    """One asset as it is shown. Raises NotFound."""
    found = views_of(connection, register, [asset_id])
    if not found:
        raise NotFound("no such asset")
    return found[0]


def views_of(connection: Connection, register: Register, asset_ids: Sequence[UUID]) -> list[AssetView]:
    """The assets as they are shown, in this order."""
    business = register.business
    found = assets.by_id(connection, business.id, asset_ids, register.references)
    in_force = all_in_force(connection, business, found)
    kept = {id_: replace(found[id_], value=value) for id_, value in in_force.items()}
    first, last = _year(connection, register)
    posted = asset_figures.posted_to(connection, business.id, business.book_id, asset_ids, (first, last))
    tagged = tags.tags_of(connection, business.id, asset_ids)
    gone = [id_ for id_, one in kept.items() if one.value.status is AssetStatus.DISPOSED]
    disposed = disposals_in_force(connection, register, gone)
    return [
        _view(register, kept[id_], posted.get(id_, Posted()), first, last, tagged.get(id_, []), disposed.get(id_))
        for id_ in asset_ids
        if id_ in kept
    ]


def _year(connection: Connection, register: Register) -> tuple[date, date]:
    """The first day of the fiscal year that counts as current, and the first day of its last period."""
    business = register.business
    calendar = business.value.fiscal_calendar
    posted = asset_figures.last_posted(connection, business.id, business.book_id)
    first = calendar.year_start(posted.start if posted else business.value.books_start)
    last = calendar.period_of(first)
    for _ in range(11):
        last = calendar.next_period(last)
    return first, last.start


def _view(
    register: Register,
    kept: KeptAsset,
    posted: Posted,
    first: date,
    last: date,
    tagged: Sequence[KeptTag],
    disposal: DisposalView | None,
) -> AssetView:
    value, opening = kept.value, kept.value.opening
    accumulated = posted.depreciation_minor + (opening.accumulated_minor if opening else 0)
    current = posted.year_minor
    period_of = register.business.value.fiscal_calendar.period_of
    if opening is not None and first <= period_of(opening.as_of).start <= last:
        current += opening.current_year_minor
    type_id, asset_type = register.types.get(value.asset_type or "", (None, None))
    accounts = {
        name: register.chart.by_code.get(getattr(value, name) or (asset_type and getattr(asset_type, name)) or "")
        for name in ACCOUNT_FIELDS
    }
    accounts[COUNTER_FIELD] = register.chart.by_code.get(value.acquisition_counter_account or "")
    return AssetView(
        id=kept.id,
        value=value,
        asset_type_id=type_id,
        accounts=accounts,
        book_value_minor=value.cost_minor + posted.changed_minor - accumulated - posted.derecognised_minor,
        accumulated_minor=accumulated,
        prior_accumulated_minor=accumulated - current,
        current_accumulated_minor=current,
        can_roll_back=posted.may_roll_back,
        archived_at=kept.archived_at,
        tags=tagged,
        disposal=disposal,
    )


def _account(register: Register, reference: Any) -> KeptAccount | None:
    """The account of a filter: by its stable name, its code or its id."""
    named = register.chart.called(reference)
    if named is not None:
        return named
    return next((account for id_, account in register.chart.by_id.items() if str(id_) == reference.lower()), None)
