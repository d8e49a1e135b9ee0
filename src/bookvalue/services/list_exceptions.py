"""The assets that stand blocked: what is wrong with each, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bookvalue.domain.finding import Finding, finding
from bookvalue.storage import runs
from bookvalue.storage.unit_of_work import Engine, Role, transaction


@dataclass(frozen=True, slots=True)
class AssetException:
    """An asset that a run could not charge, with the finding that says why; `since` the end of the first such run."""

    run_id: UUID
    since: datetime
    periods: tuple[str, ...]
    asset_id: UUID
    external_id: str
    number: str
    name: str
    finding: Finding


def list_exceptions(engine: Engine, business_id: UUID) -> list[AssetException]:
    """The assets left blocked by the last run of each period that is not closed; one row an asset and reason, with the
    periods it is blocked in."""
    with transaction(engine, Role.API, business_id) as connection:
        rows = runs.blocked_outcomes(connection, business_id)
    standing: dict[tuple[UUID, str], AssetException] = {}
    for row in rows:
        earlier = standing.get((row.asset_id, row.code))
        periods = (*(earlier.periods if earlier else ()), f"{row.period_start:%Y-%m}")
        standing[row.asset_id, row.code] = AssetException(
            row.run_id,
            earlier.since if earlier else row.finished_at,
            periods,
            row.asset_id,
            row.external_id,
            row.number,
            row.name,
            finding(row.code, row.field, row.value),
        )
    return list(standing.values())
