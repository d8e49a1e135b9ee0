"""Whether a business is there, as the database's own rules show it."""

from uuid import UUID

from sqlalchemy import Connection, select

from bookvalue.storage.tables import business


def is_there(connection: Connection, business_id: UUID) -> bool:
    """Whether the bound business exists."""
    return connection.scalar(select(business.c.id).where(business.c.id == business_id)) is not None
