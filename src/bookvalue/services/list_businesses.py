"""Which businesses there are."""

from collections.abc import Sequence
from uuid import UUID

from bookvalue.domain.errors import NotFound
from bookvalue.storage import businesses
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Engine, Role, transaction


def list_businesses(engine: Engine, keys: Sequence[str] = ()) -> list[KeptBusiness]:
    """The businesses named, or all, by key. Raises NotFound for a key that is not there."""
    with transaction(engine, Role.PLANNER) as connection:
        ids = businesses.ids_by_key(connection)
    for key in keys:
        if key not in ids:
            raise NotFound(f"no business {key!r}", remedy=f"use one of: {', '.join(ids) or '(none is imported yet)'}")
    return [_get(engine, ids[key]) for key in (keys or ids)]


def _get(engine: Engine, business_id: UUID) -> KeptBusiness:
    with transaction(engine, Role.API, business_id) as connection:
        return businesses.get(connection, business_id)
