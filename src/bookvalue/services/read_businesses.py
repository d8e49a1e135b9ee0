"""Businesses as the API shows them: one, a page of those that a caller may see, and a business's books."""

from collections.abc import Collection
from uuid import UUID

from bookvalue.domain.errors import NotFound
from bookvalue.storage import businesses
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Engine, Role, bind, transaction


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


def read_book(engine: Engine, business_id: UUID, book_id: UUID) -> KeptBusiness:
    """A business by one of its books. Raises NotFound; there is one book so far, the posting one."""
    kept = read_business(engine, business_id)
    if kept.book_id != book_id:
        raise NotFound("no such book")
    return kept
