"""From when the tags of an asset are others.

A tag counts from its day on: charges and entries of the days before it keep the tags that the asset had, and what is
posted is not posted anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.terms import PeriodStatus
from bookvalue.storage import assets, periods, tags
from bookvalue.storage.assets import KeptAsset
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection


def tagged_from(
    connection: Connection, kept: KeptBusiness, wanted: Sequence[Asset], before: Mapping[str, KeptAsset]
) -> list[Asset]:
    """The assets, those whose tags change with the day from which they do: the first open one, where none is given.

    before: those that are kept, by external id. A new asset has its tags from ever, where no day is given. A day by
    which the asset has the same tags for good says nothing: a file can be imported twice.
    """
    wanted = _said_anew(connection, kept, wanted, before)
    undated = {
        value.external_id
        for value in wanted
        if value.external_id in before
        and value.tags_from is None
        and value.tags != before[value.external_id].value.tags
    }
    if not undated:
        return wanted
    first = _first_open(connection, kept)
    return [replace(value, tags_from=first) if value.external_id in undated else value for value in wanted]


def _said_anew(
    connection: Connection, kept: KeptBusiness, wanted: Sequence[Asset], before: Mapping[str, KeptAsset]
) -> list[Asset]:
    """The assets, without the day of those whose tags it changes in nothing."""
    same = {
        value.external_id: before[value.external_id].id
        for value in wanted
        if value.external_id in before
        and value.tags_from is not None
        and value.tags == before[value.external_id].value.tags
    }
    changed = tags.last_changes(connection, kept.id, same.values()) if same else {}
    return [
        replace(value, tags_from=None)
        if value.external_id in same
        and value.tags_from is not None
        and changed.get(same[value.external_id], date.min) <= value.tags_from
        else value
        for value in wanted
    ]


def dated_too_early(
    connection: Connection, kept: KeptBusiness, dated: Sequence[tuple[int, UUID, date]]
) -> list[tuple[int, date]]:
    """Those changes of tags, by their numbers, that lie before the first open period of an asset that is posted to.

    dated: the number, the asset and the day of each change.
    """
    first = _first_open(connection, kept) if dated else date.min
    early = [one for one in dated if one[2] < first]
    posted = assets.posted(connection, kept.id, [asset_id for _, asset_id, _ in early]) if early else set()
    return [(number, day) for number, asset_id, day in early if asset_id in posted]


def _first_open(connection: Connection, kept: KeptBusiness) -> date:
    rows = periods.since(connection, kept.id, kept.book_id, date.min)
    is_open = (PeriodStatus.OPEN, PeriodStatus.CLOSING)
    return next((row.period_start for row in rows if row.status in is_open), kept.value.books_start)
