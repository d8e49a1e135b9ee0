"""RECORD a value update that somebody knows of: an impairment, a revaluation, an improvement, a depreciation.

One transaction: the entry, the row, what was said of it, and the notice to runs that the facts have changed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.errors import BookvalueError
from bookvalue.services import asset_at_hand
from bookvalue.services.record_value_updates import Recorded, record_value_updates
from bookvalue.services.register_of import Register
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Keep = Callable[[Connection, Recorded], None]


def record_value_update(
    engine: Engine,
    business_id: UUID,
    raw: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    keep: Keep = lambda _connection, _made: None,
) -> Recorded:
    """The value update, and whether it is new: the same external id with the same content is the one that is there.

    now: the business clock. Raises NotFound, InvalidInput with every finding, Duplicate, AssetNotRegistered,
    AssetDisposed, PeriodLocked, LateFactRefused, Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        made = record(connection, register, raw, actor=actor, now=now)
        keep(connection, made)
        connection.commit()
    return made


def record(
    connection: Connection, register: Register, raw: Mapping[str, Any], *, actor: str, now: datetime
) -> Recorded:
    """The same in the caller's transaction, which holds the business."""
    (made,) = record_value_updates(connection, register, [raw], actor=actor, now=now)
    if isinstance(made, BookvalueError):
        raise made
    return made
