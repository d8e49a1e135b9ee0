"""Businesses as the API shows them: one, a page of those that a caller may see, and a business's books."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bookvalue.domain.business_spec import RESULT_FIELDS
from bookvalue.domain.errors import NotFound
from bookvalue.services.account_references import read_chart
from bookvalue.storage import asset_figures, businesses
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection, Engine, Role, bind, transaction


@dataclass(frozen=True, slots=True)
class SettingsView:
    """A business with the accounts of a disposal's result, by field, and the last day that is depreciated."""

    kept: KeptBusiness
    accounts: Mapping[str, KeptAccount | None]
    last_depreciation_date: date | None


def page_of_businesses(
    engine: Engine, *, among: Collection[UUID] | None, after: str | None, limit: int
) -> tuple[list[KeptBusiness], str | None]:
    """Up to `limit` businesses by key, and the key to go on after, None at the end. `among` None is every business."""
    with transaction(engine, Role.PLANNER) as connection:
        ids = businesses.visible(connection, among=among, after=after, limit=limit + 1)
    found = []
    with transaction(engine, Role.API) as connection:
        for business_id in ids[:limit]:
            bind(connection, business_id)
            found.append(businesses.get(connection, business_id))
    return found, found[-1].value.key if len(ids) > limit else None


def read_business(engine: Engine, business_id: UUID) -> KeptBusiness:
    """One business with its posting book. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        return businesses.get(connection, business_id)


def read_settings(engine: Engine, business_id: UUID) -> SettingsView:
    """One business's settings. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        return settings_of(connection, business_id)


def settings_of(connection: Connection, business_id: UUID) -> SettingsView:
    """The bound business's settings. Raises NotFound."""
    kept = businesses.get(connection, business_id)
    chart = read_chart(connection, business_id)
    last = asset_figures.last_posted(connection, business_id, kept.book_id)
    accounts = {name: chart.called(getattr(kept.value, name)) for name in RESULT_FIELDS}
    return SettingsView(kept, accounts, None if last is None else last.end)


def read_book(engine: Engine, business_id: UUID, book_id: UUID) -> KeptBusiness:
    """A business by one of its books. Raises NotFound; there is one book so far, the posting one."""
    kept = read_business(engine, business_id)
    if kept.book_id != book_id:
        raise NotFound("no such book")
    return kept
