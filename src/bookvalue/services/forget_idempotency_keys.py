"""FORGET: takes away answers that were kept by idempotency key for longer than the installation keeps them.

A request that comes again after that is a new request.
"""

from bookvalue.storage import idempotency
from bookvalue.storage.unit_of_work import Engine, Role, transaction

BATCH = 1_000
"""Keys forgotten in one transaction: so few that nobody waits for it, and more than a day brings between two sweeps."""


def forget_idempotency_keys(engine: Engine, *, days: int, most: int = BATCH) -> int:
    """Forgets up to `most` answers that are older than `days` (1 at least), oldest first; returns how many."""
    with transaction(engine, Role.PLANNER) as connection:
        forgotten = idempotency.forget(connection, days=days, most=most)
        connection.commit()
    return forgotten
