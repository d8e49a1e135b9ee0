"""What was done, by whom and why: one row for each state change, and one event for whoever listens.

Written in the transaction of the change itself; append-only.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from bookvalue.storage.ids import uuid7
from bookvalue.storage.many_rows import insert_rows, new_ids
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


def record_all(
    connection: Connection, business_id: UUID, *, actor: str, action: str, details: Mapping[str, Mapping[str, Any]]
) -> None:
    """An audit row for each subject, with its details."""
    rows = [
        {"business_id": business_id, "id": id_, "actor": actor, "action": action, "subject": subject, "details": body}
        for id_, (subject, body) in zip(new_ids(len(details)), details.items(), strict=True)
    ]
    insert_rows(connection, audit, rows)


def announce_all(connection: Connection, business_id: UUID, event: str, bodies: Sequence[Mapping[str, Any]]) -> None:
    """An event in the outbox for each body."""
    rows = [
        {"business_id": business_id, "id": id_, "event": event, "body": body}
        for id_, body in zip(new_ids(len(bodies)), bodies, strict=True)
    ]
    insert_rows(connection, outbox, rows)


def announce(connection: Connection, business_id: UUID, event: str, body: Mapping[str, Any]) -> None:
    """One event in the outbox, to be handed on after the commit."""
    connection.execute(insert(outbox).values(business_id=business_id, id=uuid7(), event=event, body=dict(body)))
