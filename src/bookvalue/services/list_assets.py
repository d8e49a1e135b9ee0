"""Assets as the API shows them: a page of those asked for, or one, with what is posted to them.

Prior and current accumulated depreciation part at the fiscal year of the last posted period; a charge counts in the
year in whose books it lies. An asset can be rolled back where something is posted to it and the newest of that lies in
no locked period.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.business_spec import ACCOUNT_FIELDS, COUNTER_FIELD
from bookvalue.domain.errors import NotFound
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import AssetStatus
from bookvalue.services.asset_members import NONE, Include, Members, members_of
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
    """An asset, the accounts in force (its own, or its type's), and its figures in minor units.

    is_untouched: nothing was ever posted to it, by itself or by a disposal. members: what else was asked for.
    """

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
    is_untouched: bool
    members: Members


@dataclass(frozen=True, slots=True)
class AssetQuery:
    """Which assets are wanted, in which order; `ledger_account` is an account's id, stable name or code."""

    wanted: AssetFilter
    ledger_account: str | None = None
    order: AssetOrder = AssetOrder.NUMBER
    descending: bool = False


def page_of_assets(
    engine: Engine,
    business_id: UUID,
    query: AssetQuery,
    *,
    after: Position | None,
    limit: int,
    include: Collection[Include] = (),
) -> tuple[list[AssetView], Position | None]:
    """Up to `limit` assets, and the position to go on after, None at the end. Raises NotFound, InvalidInput.

    Archived assets are shown where they are asked for.
    """
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        register, wanted = _asked(connection, business_id, query)
        if wanted is None:
            return [], None
        return _page(connection, register, replace(query, wanted=wanted), after, 0, limit, include)


def numbered_page(
    engine: Engine, business_id: UUID, query: AssetQuery, *, number: int, size: int, include: Collection[Include] = ()
) -> tuple[list[AssetView], Position | None, int]:
    """The assets of a page counted from 1, the position to go on after, and how many assets there are in all.

    A page beyond the last one is empty. Raises NotFound, InvalidInput.
    """
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        register, wanted = _asked(connection, business_id, query)
        if wanted is None:
            return [], None, 0
        asked = replace(query, wanted=wanted)
        views, last = _page(connection, register, asked, None, (number - 1) * size, size, include)
        return views, last, asset_pages.count(connection, business_id, wanted)


def _asked(connection: Connection, business_id: UUID, query: AssetQuery) -> tuple[Register, AssetFilter | None]:
    """The register, and which of its assets are asked for; None where none can be. Raises NotFound, InvalidInput."""
    if query.order in OF_DISPOSED and query.wanted.status is not AssetStatus.DISPOSED:
        raise refuse([finding("order_of_disposed", "order_by", query.order.value)])
    register = read_register(connection, businesses.get(connection, business_id))
    wanted = query.wanted
    if wanted.archived is None and wanted.active is None:
        wanted = replace(wanted, archived=False)
    if query.ledger_account is None:
        return register, wanted
    account = _account(register, query.ledger_account)
    return register, None if account is None else replace(wanted, ledger_account_id=account.id)


def _page(
    connection: Connection,
    register: Register,
    query: AssetQuery,
    after: Position | None,
    skipped: int,
    limit: int,
    include: Collection[Include],
) -> tuple[list[AssetView], Position | None]:
    found = asset_pages.page(
        connection,
        register.business.id,
        query.wanted,
        query.order,
        descending=query.descending,
        after=after,
        limit=limit + 1,
        skipped=skipped,
    )
    views = views_of(connection, register, [position.id for position in found[:limit]], include)
    return views, found[limit - 1] if len(found) > limit else None


def read_one_asset(engine: Engine, business_id: UUID, asset_id: UUID, include: Collection[Include] = ()) -> AssetView:
    """One asset. Raises NotFound."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        register = read_register(connection, businesses.get(connection, business_id))
        return one_view(connection, register, asset_id, include)


def one_view(
    connection: Connection, register: Register, asset_id: UUID, include: Collection[Include] = ()
) -> AssetView:
    """One asset as it is shown. Raises NotFound."""
    found = views_of(connection, register, [asset_id], include)
    if not found:
        raise NotFound("no such asset")
    return found[0]


def views_of(
    connection: Connection, register: Register, asset_ids: Sequence[UUID], include: Collection[Include] = ()
) -> list[AssetView]:
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
    members = members_of(connection, business, [id_ for id_ in asset_ids if id_ in kept], include)
    return [
        _view(
            register,
            kept[id_],
            posted.get(id_),
            (first, last),
            tagged.get(id_, []),
            disposed.get(id_),
            members.get(id_, NONE),
        )
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
    of_asset: Posted | None,
    year: tuple[date, date],
    tagged: Sequence[KeptTag],
    disposal: DisposalView | None,
    members: Members,
) -> AssetView:
    """year: the first day of the fiscal year that counts as current, and of its last period."""
    posted = of_asset or Posted()
    value, opening = kept.value, kept.value.opening
    accumulated = posted.depreciation_minor + (opening.accumulated_minor if opening else 0)
    current = posted.year_minor
    period_of = register.business.value.fiscal_calendar.period_of
    if opening is not None and year[0] <= period_of(opening.as_of).start <= year[1]:
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
        is_untouched=of_asset is None,
        members=members,
    )


def _account(register: Register, reference: Any) -> KeptAccount | None:
    """The account of a filter: by its stable name, its code or its id."""
    named = register.chart.called(reference)
    if named is not None:
        return named
    return next((account for id_, account in register.chart.by_id.items() if str(id_) == reference.lower()), None)
