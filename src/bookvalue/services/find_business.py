"""Is there such a business? Asked before anything is done in its name."""

from uuid import UUID

from bookvalue.storage import access
from bookvalue.storage.unit_of_work import Engine, Role, transaction


def business_exists(engine: Engine, business_id: UUID) -> bool:
    """Whether the business is there."""
    with transaction(engine, Role.API, business_id) as connection:
        return access.is_there(connection, business_id)
