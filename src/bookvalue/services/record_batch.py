"""RECORD a batch of facts of assets in one transaction: one that is refused stops no other, unless all are to stand or
fall together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from bookvalue.domain.errors import BookvalueError
from bookvalue.services import asset_at_hand
from bookvalue.services.findings import refuse
from bookvalue.services.record_facts import AssetFact, Recorded, findings_of, record_facts
from bookvalue.storage.bulk_plan import look_up_by_key
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of each fact, in the order in which they were asked for."""

    results: Sequence[Recorded | BookvalueError]

    @property
    def recorded(self) -> int:
        """How many are new."""
        return sum(isinstance(result, tuple) and result[1] for result in self.results)

    @property
    def refused(self) -> int:
        """How many were refused."""
        return sum(isinstance(result, BookvalueError) for result in self.results)

    @property
    def unchanged(self) -> int:
        """How many were there already."""
        return len(self.results) - self.recorded - self.refused


def record_batch(
    engine: Engine,
    business_id: UUID,
    facts: Sequence[AssetFact],
    *,
    atomic: bool,
    actor: str,
    now: datetime,
    keep: Callable[[Connection, Batch], None] = lambda _connection, _batch: None,
) -> Batch:
    """Records the facts. now: the business clock. `keep` is called right before the commit.

    Raises NotFound, Busy; where `atomic` and any fact is refused, InvalidInput with every finding of all of them, under
    `items.<number>`, and nothing was done.
    """
    with transaction(engine, Role.API, business_id) as connection:
        look_up_by_key(connection)
        register = asset_at_hand.hold_register(connection, business_id)
        batch = Batch(record_facts(connection, register, facts, actor=actor, now=now))
        if atomic and batch.refused:
            raise refuse(
                [
                    replace(found, field=f"items.{place}" + (f".{found.field}" if found.field else ""))
                    for place, result in enumerate(batch.results)
                    if isinstance(result, BookvalueError)
                    for found in findings_of(result)
                ]
            )
        keep(connection, batch)
        connection.commit()
    return batch
