"""The runs of a business, as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.terms import RunStatus
from bookvalue.storage import runs
from bookvalue.storage.unit_of_work import Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class RunView:
    """One run with its counts; counts and totals are None until it has ended. Amounts in minor units."""

    id: UUID
    period: str
    kind: str
    status: str
    attempts: int
    assets: int | None
    posted_assets: int | None
    nothing_due_assets: int | None
    skipped_assets: int | None
    blocked_assets: int | None
    posted_minor: int | None
    entry_count: int | None
    error_code: str | None
    error_message: str | None
    timings: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def list_runs(
    engine: Engine, business_id: UUID, *, statuses: Sequence[RunStatus] = (), limit: int = 50
) -> list[RunView]:
    """The business's runs, newest first."""
    with transaction(engine, Role.API, business_id) as connection:
        rows = runs.listed(connection, business_id, statuses=statuses, limit=limit)
    return [
        RunView(
            period=f"{row.period_start:%Y-%m}",
            **{name: getattr(row, name) for name in RunView.__dataclass_fields__ if name != "period"},
        )
        for row in rows
    ]
