"""What was done, by whom and why: one row for each state change, and one event for whoever listens.

Written in the transaction of the change itself; append-only.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import audit, outbox


def record(
    connection: Connection,
    business_id: UUID,
    *,
    actor: str,
    action: str,
    subject: str,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """One audit row."""
    connection.execute(
        insert(audit).values(
            business_id=business_id,
            id=uuid7(),
            actor=actor,
            action=action,
            subject=subject,
            reason=reason,
            details=dict(details or {}),
        )
    )


def announce(connection: Connection, business_id: UUID, event: str, body: Mapping[str, Any]) -> None:
    """One event in the outbox, to be handed on after the commit."""
    connection.execute(insert(outbox).values(business_id=business_id, id=uuid7(), event=event, body=dict(body)))
