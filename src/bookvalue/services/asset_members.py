"""What an asset is shown with where it is asked for: its value changes, its sources, its plan. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bookvalue.services.show_value_changes import Plan, ValueChangeView, changes_of, plans_of
from bookvalue.storage import sources
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.sources import KeptSource
from bookvalue.storage.unit_of_work import Connection


class Include(StrEnum):
    """What may be asked for beside the asset itself (seed 003 shows it always)."""

    VALUE_CHANGES = "value_changes"
    SOURCES = "sources"
    VALUE_CHANGE_PLAN = "value_change_plan"


@dataclass(frozen=True, slots=True)
class Members:
    """What was asked for; None where it was not."""

    value_changes: Sequence[ValueChangeView] | None = None
    sources: Sequence[KeptSource] | None = None
    plan: Plan | None = None


NONE = Members()


def members_of(
    connection: Connection, business: KeptBusiness, asset_ids: Sequence[UUID], include: Collection[Include]
) -> dict[UUID, Members]:
    """What is asked for of each of the assets, in the caller's snapshot: of all in as many statements as of one."""
    if not asset_ids or not include:
        return {}
    changes = sourced = plans = None
    if Include.VALUE_CHANGES in include:
        changes = changes_of(connection, business.id, business.book_id, asset_ids)
    if Include.SOURCES in include:
        sourced = sources.sources_of(connection, business.id, asset_ids)
    if Include.VALUE_CHANGE_PLAN in include:
        plans = plans_of(connection, business.id, asset_ids)
    return {
        id_: Members(
            None if changes is None else changes.get(id_, ()),
            None if sourced is None else sourced.get(id_, ()),
            None if plans is None else plans[id_],
        )
        for id_ in asset_ids
    }
