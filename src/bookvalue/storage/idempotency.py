"""Answers kept by idempotency key: one gate a key while a request is at work, one row with its effect.

The row is written in the effect's own transaction. The gate lives on a connection of its own, so whoever opens one
needs room for two; were it lost, the row's primary key still lets one effect through.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from bookvalue.domain.errors import IdempotencyInFlight
from bookvalue.storage.unit_of_work import Role, transaction

NO_BUSINESS = UUID(int=0)
"""Stands for requests that are about no business yet."""

_READ = text("""
    SELECT fingerprint, status, headers, body FROM idempotency_key
    WHERE business_id = :business AND client = :client AND route = :route AND key = :key
""")

_WRITE = text("""
    INSERT INTO idempotency_key (business_id, client, route, key, fingerprint, status, headers, body)
    VALUES (:business, :client, :route, :key, :fingerprint, :status, :headers, :body)
    ON CONFLICT DO NOTHING RETURNING 1
""").bindparams(bindparam("headers", type_=JSONB), bindparam("body", type_=JSONB))

_FORGET = text("""
    DELETE FROM idempotency_key WHERE (business_id, client, route, key) IN (
        SELECT business_id, client, route, key FROM idempotency_key
        WHERE created_at < clock_timestamp() - :days * interval '1 day' ORDER BY created_at LIMIT :most)
""")

_WHO = text(
    "SELECT current_setting('role') AS role, coalesce(current_setting('app.business_id', true), '') AS business"
)
_BECOME = text("SELECT set_config('role', :role, true), set_config('app.business_id', :business, true)")


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is, for which route."""

    business_id: UUID
    client: str
    route: str
    key: str

    @property
    def lock(self) -> int:
        """The number of its advisory lock: 64 bits, signed."""
        parts = "\0".join((str(self.business_id), self.client, self.route, self.key))
        return int.from_bytes(hashlib.sha256(parts.encode()).digest()[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given: `body` is its exact text."""

    fingerprint: str
    status: int
    headers: Mapping[str, str]
    body: str


@contextmanager
def gate(engine: Engine, key: Key) -> Iterator[Kept | None]:
    """Keeps others with the same key out while the block lasts; yields the answer where there is one already.

    Raises IdempotencyInFlight where somebody else is inside.
    """
    with transaction(engine, Role.API, key.business_id) as connection:
        ours = connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": key.lock})
        # Looked up after the lock: whoever held it before has committed its answer.
        row = connection.execute(_READ, _names(key)).one_or_none()
        if row is None and not ours:
            raise IdempotencyInFlight("a request with this idempotency key is still being answered")
        yield None if row is None else Kept(row.fingerprint, row.status, row.headers, row.body)


def keep(connection: Connection, key: Key, answer: Kept) -> None:
    """Keeps the answer with the effect that this transaction is about to commit.

    Raises IdempotencyInFlight where another request has kept one since; the effect is to be rolled back then.
    """
    acting = connection.execute(_WHO).one()
    connection.execute(_BECOME, {"role": Role.API.value, "business": str(key.business_id)})
    written = connection.execute(
        _WRITE,
        {
            **_names(key),
            "fingerprint": answer.fingerprint,
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": answer.body,
        },
    ).one_or_none()
    connection.execute(_BECOME, {"role": acting.role, "business": acting.business})
    if written is None:
        raise IdempotencyInFlight("a request with this idempotency key was answered in the meantime")


def forget(connection: Connection, *, days: int, most: int) -> int:
    """Forgets answers older than so many days, of all businesses, oldest first; returns how many. Needs the planner's
    role, which sees none that is younger than a day."""
    return connection.execute(_FORGET, {"days": days, "most": most}).rowcount


def _names(key: Key) -> dict[str, object]:
    return {"business": key.business_id, "client": key.client, "route": key.route, "key": key.key}
