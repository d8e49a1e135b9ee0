"""The one writer of assets: adds those that are new, changes those that are kept, and refuses what may not change.

A status goes from draft to registered and no other way: an asset is disposed of, and comes back, by a disposal.

Once something is posted to an asset, what its charges are computed from cannot change; its description and its expense
account can, and an account that holds nothing of it. Runs in the caller's transaction, under the business's hold; must
not read raw input.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from bookvalue.domain.asset import Asset
from bookvalue.domain.asset_fact_spec import check_asset
from bookvalue.domain.asset_facts import NO_FACTS
from bookvalue.domain.errors import BookvalueError, InvalidInput
from bookvalue.domain.tag_spec import Tag
from bookvalue.domain.terms import AssetAccounts, AssetStatus
from bookvalue.services.asset_numbers import numbered
from bookvalue.services.asset_tags import dated_too_early, tagged_from
from bookvalue.services.estimates_in_force import as_kept
from bookvalue.services.held_accounts import CODE as HELD
from bookvalue.services.held_accounts import kept_by_assets
from bookvalue.services.late_registration import Settled, settle_registrations, suspend
from bookvalue.services.own_accounts import give_own_accounts
from bookvalue.services.post_acquisition import post_acquisitions
from bookvalue.storage import asset_facts, assets, periods
from bookvalue.storage.assets import KeptAsset, References
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection

# What a posted charge was computed from -> the path of the field that gives it.
_COMPUTED_FROM = {
    "cost_minor": "original_value",
    "residual_minor": "salvage_value",
    "cost_limit_minor": "cost_limit",
    "units_total_micro": "units_total",
    "settings": "depreciation.method",
    "depreciation_start_date": "depreciation_start_date",
    "opening": "opening.as_of",
    "status": "status",
}
# What no charge and no account of a charge depends on.
_DESCRIPTIVE = (
    "name", "number", "kind", "purchase_date", "description", "serial_number", "warranty_expiry_date", "metadata",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """A finding about the asset at `index`: its code, the path of the field, and the value to show. error: what a
    request for this asset alone is answered with, where that is more than a finding."""

    index: int
    code: str
    path: str
    value: Any
    error: BookvalueError | None = None


@dataclass(slots=True)
class Put:
    """What became of the assets: ids by external id of all, how many were added, changed, left; refusals."""

    ids: dict[str, UUID] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)


Change = tuple[int, KeptAsset, Asset]
"""The place among the assets wanted, the asset as it is kept, and as it is to be."""


def put_assets(
    connection: Connection,
    kept: KeptBusiness,
    wanted: Sequence[Asset],
    references: References,
    *,
    new_ids: Mapping[str, UUID] | None = None,
    new_business: bool = False,
    stays_disposed: bool = False,
    write: bool = True,
) -> Put:
    """Adds and changes assets by external id. Nothing is written where something is refused, or `write` is false.

    `new_ids`: ids for assets that are new, where they have been given out already, by external id. `stays_disposed`: an
    asset that is disposed of keeps that status, whatever is given, and the rest of it is changed. Facts are raised
    from the first day on which a charge may differ, before it is asked what is posted: a run at work either commits
    before that, or computes again. Raises Busy.
    """
    before = assets.by_external_id(connection, kept.id, [value.external_id for value in wanted], references)
    code_of = {id_: name for name, id_ in references.accounts.items()}
    own_accounts = kept.value.asset_accounts is AssetAccounts.PER_ASSET
    normal = [
        _as_before(_normal(value, references, code_of), old.value, own_accounts, stays_disposed)
        if (old := before.get(value.external_id))
        else _normal(value, references, code_of)
        for value in wanted
    ]
    normal = tagged_from(connection, kept, as_kept(connection, kept, normal, before), before)
    new = [value for value in normal if value.external_id not in before]
    changed = [
        (index, before[value.external_id], value)
        for index, value in enumerate(normal)
        if value.external_id in before and before[value.external_id].value != value
    ]
    registered = _registered(new, changed)
    settled = settle_registrations(connection, kept, [(value, first_day(kept, value)) for value in registered])
    days = _days(kept, new, changed)
    if days and not new_business:
        periods.raise_fact_version(connection, kept.id, [min(days)])

    done = Put(created=len(new), updated=len(changed), unchanged=len(wanted) - len(new) - len(changed))
    done.refusals = _late(normal, settled)
    done.refusals += _taken(connection, kept, normal, before) + _posted(connection, kept, changed)
    dated = [(index, old.id, value.tags_from) for index, old, value in changed if value.tags_from]
    early = dated_too_early(connection, kept, dated)
    done.refusals += [Refusal(index, "tags_from_posted", "tags_from", str(day)) for index, day in early]
    done.refusals += _at_odds(connection, kept, changed) + _held(connection, kept, changed, references)
    done.refusals += _not_allowed(changed, {refusal.index for refusal in done.refusals if refusal.path == "status"})
    if write and not done.refusals:
        fresh = [
            ((new_ids or {}).get(value.external_id) or uuid7(), value) for value in numbered(connection, kept, new)
        ]
        fresh, with_own = give_own_accounts(connection, kept, fresh, references)
        assets.add(connection, kept.id, kept.book_id, fresh, with_own)
        assets.change(connection, kept.id, kept.book_id, [(old.id, value) for _, old, value in changed], references)
        done.ids = {key: old.id for key, old in before.items()} | {value.external_id: id_ for id_, value in fresh}
        suspend(connection, kept, done.ids, settled.suspensions)
        post_acquisitions(connection, kept, done.ids, settled.acquisitions)
    return done


def _registered(new: Sequence[Asset], changed: Sequence[Change]) -> list[Asset]:
    """The assets that come into the books by this."""
    drafts = [value for _, old, value in changed if old.value.status is AssetStatus.DRAFT]
    return [value for value in (*new, *drafts) if value.status is AssetStatus.REGISTERED]


def _normal(value: Asset, references: References, code_of: Mapping[UUID, str]) -> Asset:
    """The asset with its accounts by code."""

    def code(name: str | None) -> str | None:
        # what is not there has a finding of its own, and then nothing is written
        return code_of.get(references.accounts.get(name or "", UUID(int=0)))

    return replace(
        value,
        ledger_account=code(value.ledger_account),
        accumulated_depreciation_account=code(value.accumulated_depreciation_account),
        depreciation_expense_account=code(value.depreciation_expense_account),
        acquisition_counter_account=code(value.acquisition_counter_account),
        accumulated_impairment_account=code(value.accumulated_impairment_account),
    )


def _as_before(value: Asset, before: Asset, own_accounts: bool, stays_disposed: bool) -> Asset:
    """The asset with what it has already where nothing is given: an asset is never without a number or its account."""
    disposed = stays_disposed and before.status is AssetStatus.DISPOSED
    return replace(
        value,
        number=value.number or before.number,
        status=before.status if disposed else value.status,
        ledger_account=value.ledger_account or (before.ledger_account if own_accounts else None),
        acquisition_counter_account=value.acquisition_counter_account or before.acquisition_counter_account,
        tags=before.tags if value.tags is None else tuple(_named(tag, before.tags or ()) for tag in value.tags),
    )


def _named(tag: Tag, before: Sequence[Tag]) -> Tag:
    """The tag with the display names that it has already where none are given."""
    old = next((one for one in before if (one.key, one.value) == (tag.key, tag.value)), tag)
    return replace(
        tag,
        dimension_display_name=tag.dimension_display_name or old.dimension_display_name,
        value_display_name=tag.value_display_name or old.value_display_name,
    )


def _days(kept: KeptBusiness, new: Sequence[Asset], changed: Sequence[Change]) -> list[date]:
    """The days from which a charge may differ, or its tags, of each asset that has such days."""
    days = [first_day(kept, value) for value in new]
    for _, old, value in changed:
        if value.tags_from is not None:
            days.append(value.tags_from)
        described = {name: getattr(value, name) for name in (*_DESCRIPTIVE, "tags", "tags_from")}
        if replace(old.value, **described) != value:
            days.append(min(first_day(kept, old.value), first_day(kept, value)))
    return days


def first_day(kept: KeptBusiness, value: Asset) -> date:
    """The first day on which the asset can have a charge in these books."""
    if value.opening is not None:
        return value.opening.as_of + timedelta(days=1)
    return value.depreciation_start_date or kept.value.books_start


def _late(wanted: Sequence[Asset], settled: Settled) -> list[Refusal]:
    """Registrations that the book refuses."""
    index_of = {value.external_id: index for index, value in enumerate(wanted)}
    found = []
    for one in settled.refused:
        index, error = index_of[one.external_id], one.error
        if isinstance(error, InvalidInput):
            found += [Refusal(index, each.code, each.field or one.path, each.value) for each in error.findings]
        else:
            found.append(Refusal(index, error.code, one.path, one.day and one.day.isoformat(), error))
    return found


def _taken(
    connection: Connection, kept: KeptBusiness, wanted: Sequence[Asset], before: Mapping[str, KeptAsset]
) -> list[Refusal]:
    """Numbers that other assets have."""
    owners = assets.taken_numbers(connection, kept.id, [value.number for value in wanted if value.number])
    found = []
    for index, value in enumerate(wanted):
        owner = owners.get(value.number or "")
        if owner is not None and (value.external_id not in before or before[value.external_id].id != owner):
            found.append(Refusal(index, "duplicate_number", "number", value.number))
    return found


def _posted(connection: Connection, kept: KeptBusiness, changed: Sequence[Change]) -> list[Refusal]:
    """Changes to what posted charges were computed from."""
    recomputed = [
        (index, old, [name for name in _COMPUTED_FROM if getattr(old.value, name) != getattr(value, name)])
        for index, old, value in changed
    ]
    posted = assets.posted(connection, kept.id, [old.id for _, old, names in recomputed if names])
    return [
        Refusal(index, "posted_asset_changed", _COMPUTED_FROM[name], old.value.external_id)
        for index, old, names in recomputed
        for name in names
        if old.id in posted
    ]


def _held(
    connection: Connection, kept: KeptBusiness, changed: Sequence[Change], references: References
) -> list[Refusal]:
    """Accounts that would be lost with what they hold."""
    index_of = {old.id: index for index, old, _ in changed}
    values = [(old.id, old.value, value) for _, old, value in changed]
    found = kept_by_assets(connection, kept, values, references)
    return [Refusal(index_of[asset_id], HELD, field, code) for asset_id, field, code in found]


def _not_allowed(changed: Sequence[Change], told: Collection[int]) -> list[Refusal]:
    """Changes of a status or of what paid for an asset. `told`: whose status is refused already."""
    found = []
    for index, old, value in changed:
        before = old.value
        registers = (before.status, value.status) == (AssetStatus.DRAFT, AssetStatus.REGISTERED)
        if before.status is not value.status and index not in told:
            if not registers:
                found.append(Refusal(index, "status_not_allowed", "status", value.status.value))
            elif old.archived_at is not None:
                found.append(Refusal(index, "asset_archived", "status", value.status.value))
        if before.acquisition_counter_account != value.acquisition_counter_account:
            given = value.acquisition_counter_account
            found.append(Refusal(index, "not_changeable", "acquisition_counter_account", given))
    return found


def _at_odds(connection: Connection, kept: KeptBusiness, changed: Sequence[Change]) -> list[Refusal]:
    """Changes that facts of the asset cannot stand on: one that is before its start then, a residual above its cost."""
    recomputed = [
        (index, old, value)
        for index, old, value in changed
        if any(getattr(old.value, name) != getattr(value, name) for name in _COMPUTED_FROM)
    ]
    if not recomputed:
        return []
    facts = asset_facts.of_assets(connection, kept.id, kept.book_id, [old.id for _, old, _ in recomputed])
    return [
        Refusal(index, found.code, str(found.field), found.value)
        for index, old, value in recomputed
        if facts[old.id] is not NO_FACTS
        for found in check_asset(old.value, value, facts[old.id])
    ]
