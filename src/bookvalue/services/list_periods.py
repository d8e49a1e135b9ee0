"""The periods of a business's posting book, as they stand."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bookvalue.storage import periods
from bookvalue.storage.unit_of_work import Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class PeriodView:
    """One period. `charged_minor` and `entry_count` are set once it is closed."""

    name: str
    period_start: date
    period_end: date
    status: str
    due_at: datetime | None
    run_status: str | None
    blocked_assets: int
    charged_minor: int | None
    entry_count: int | None
    closed_at: datetime | None
    locked_at: datetime | None
    content_hash: str | None


def list_periods(engine: Engine, business_id: UUID) -> list[PeriodView]:
    """All periods, oldest first."""
    with transaction(engine, Role.API, business_id) as connection:
        rows = periods.listed(connection, business_id)
    return [
        PeriodView(
            name=f"{row.period_start:%Y-%m}",
            **{name: getattr(row, name) for name in PeriodView.__dataclass_fields__ if name != "name"},
        )
        for row in rows
    ]
