"""RECORD value updates, one or ten thousand, in the caller's transaction, which holds the business.

They are looked at, posted and checked together, a statement a table: what they come to does not depend on their order.
Where those of an asset cannot all be so, they are tried one after the other. Those of one external id come in turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.errors import BookvalueError, Duplicate
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import UpdateType
from bookvalue.services import asset_at_hand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import FactKind, Placement, hold_periods, place
from bookvalue.services.post_value_update import Accounts, Posting, accounts_for, post
from bookvalue.services.register_of import Register
from bookvalue.services.show_value_updates import ValueUpdateView, view_of
from bookvalue.services.wanted_value_updates import WantedUpdate, day_of, instant_of, read_wanted, waves
from bookvalue.storage import audit, periods, tag_sets, tags, value_updates
from bookvalue.storage.accounts import KeptAccount
from bookvalue.storage.many_rows import new_ids
from bookvalue.storage.tags import KeptTag
from bookvalue.storage.unit_of_work import Connection

Recorded = tuple[ValueUpdateView, bool]
"""A value update, and whether it is new."""


@dataclass(frozen=True, slots=True)
class _Due:
    """One that nothing stands against so far: its accounts (debit, credit), its counter account, where it goes."""

    wanted: WantedUpdate
    accounts: Accounts
    counter: KeptAccount
    placement: Placement


def record_value_updates(
    connection: Connection, register: Register, raws: Sequence[Any], *, actor: str, now: datetime
) -> list[Recorded | BookvalueError]:
    """What became of each: the value update, or why it was refused, which changes nothing for the others.

    now: the business clock. An error is one of InvalidInput (with every finding), Duplicate, AssetNotRegistered,
    AssetDisposed, PeriodLocked, LateFactRefused, PeriodNotOpen. Raises Busy, with nothing to be kept.
    """
    wanted, refused = read_wanted(connection, register, raws)
    done: dict[int, Recorded | BookvalueError] = {**refused}
    for wave in waves(wanted):
        due = _checked(connection, register, wave, done, now)
        recorded = _record(connection, register, due, done, actor) if due else {}
        done |= {place: (view, True) for place, view in recorded.items()}
    return [done[place] for place in range(len(raws))]


def tell(
    connection: Connection, register: Register, update_ids: Sequence[UUID], actor: str, action: str
) -> dict[UUID, ValueUpdateView]:
    """The updates as they are shown, once they are in the audit trail and among the events."""
    rows = value_updates.several(connection, register.business.id, update_ids)
    bodies = {
        f"value_update/{update_id}": {
            "value_update_id": str(update_id),
            "asset_id": str(rows[update_id].asset_id),
            "update_type": rows[update_id].update_type,
            "amount_minor": rows[update_id].amount_minor,
            "effective_period": f"{rows[update_id].effective_period:%Y-%m}",
            "entry_id": _text(rows[update_id].reversal_entry_id or rows[update_id].entry_id),
        }
        for update_id in update_ids
    }
    audit.record_all(connection, register.business.id, actor=actor, action=action, details=bodies)
    audit.announce_all(connection, register.business.id, action, list(bodies.values()))
    return {update_id: view_of(register, rows[update_id]) for update_id in update_ids}


def _text(entry_id: UUID | None) -> str | None:
    return None if entry_id is None else str(entry_id)


def _checked(
    connection: Connection,
    register: Register,
    wave: Sequence[WantedUpdate],
    done: dict[int, Recorded | BookvalueError],
    now: datetime,
) -> list[_Due]:
    """Those that nothing stands against but what they come to; the others are done."""
    names = [one.spec.external_id for one in wave if one.spec.external_id is not None]
    there = value_updates.by_external_id(connection, register.business.id, names)
    fresh: list[tuple[WantedUpdate, Accounts, KeptAccount, date]] = []
    for one in wave:
        try:
            row = there.get(one.spec.external_id or "")
            if row is None:
                fresh.append((one, *_allowed(register, one, now)))
            elif row.fingerprint == one.fingerprint:
                done[one.place] = view_of(register, row), False
            else:
                raise Duplicate(f"a value update {one.spec.external_id} with other content is there")
        except BookvalueError as error:
            done[one.place] = error
    placed = _placed(connection, register, {day for *_, day in fresh})
    due = []
    for one, accounts, counter, day in fresh:
        placement = placed[day]
        if isinstance(placement, Placement):
            due.append(_Due(one, accounts, counter, placement))
        else:
            done[one.place] = placement
    return due


def _allowed(register: Register, one: WantedUpdate, now: datetime) -> tuple[Accounts, KeptAccount, date]:
    """The accounts of an update, its counter account and its day. Raises InvalidInput, AssetNotRegistered,
    AssetDisposed."""
    asset_at_hand.require_registered(one.asset)
    business = register.business.value
    day = day_of(business, one.spec.at)
    counter = register.chart.by_code[one.spec.counter_account]
    accounts, lacking = accounts_for(one.asset, one.spec.update_type, counter)
    findings = asset_at_hand.basis_findings(register) + lacking
    findings += asset_at_hand.day_findings(one.asset, day, "date", today=business.day_of(now))
    if findings or accounts is None:
        raise refuse(findings)
    return accounts, counter, day


def _placed(connection: Connection, register: Register, days: set[date]) -> dict[date, Placement | BookvalueError]:
    """Where each day's updates go, or why they go nowhere; periods are held oldest first, as everywhere."""
    placed: dict[date, Placement | BookvalueError] = {}
    if len(days) > 1:
        hold_periods(connection, register.business)
    for day in sorted(days):
        try:
            placed[day] = place(connection, register.business, day, FactKind.POSTED)
        except BookvalueError as error:
            placed[day] = error
    return placed


def _record(
    connection: Connection,
    register: Register,
    due: Sequence[_Due],
    done: dict[int, Recorded | BookvalueError],
    actor: str,
) -> dict[int, ValueUpdateView]:
    """Posts updates. Where an asset comes to what cannot be, all is given up, and posted again without its own."""
    asset_ids = [one.wanted.asset.id for one in due]
    with connection.begin_nested() as attempt:
        sequences = _post(connection, register, due)
        wrong = asset_at_hand.impossible(
            connection,
            register,
            asset_ids,
            due[0].placement.posting.start,
            depreciated={
                one.wanted.asset.id
                for one in due
                if one.wanted.spec.update_type is UpdateType.DEPRECIATION_AMORTIZATION
            },
        )
        if wrong:
            attempt.rollback()
    if wrong:
        right = [one for one in due if one.wanted.asset.id not in wrong]
        left = [one for one in due if one.wanted.asset.id in wrong]
        found = _record(connection, register, right, done, actor) if right else {}
        return found | _one_by_one(connection, register, left, wrong, done, actor)
    ids = new_ids(len(due))
    tagged = tags.tags_on(connection, register.business.id, [_tagged_as(one) for one in due])
    rows = [
        _row(register, one, id_, sequence, tagged.get(_tagged_as(one), ()), actor)
        for one, id_, sequence in zip(due, ids, sequences, strict=True)
    ]
    value_updates.record_all(connection, rows)
    periods.raise_fact_version(connection, register.business.id, [one.placement.day for one in due])
    views = tell(connection, register, ids, actor, "value_update.recorded")
    return {one.wanted.place: views[id_] for one, id_ in zip(due, ids, strict=True)}


def _one_by_one(
    connection: Connection,
    register: Register,
    due: Sequence[_Due],
    wrong: Mapping[UUID, str],
    done: dict[int, Recorded | BookvalueError],
    actor: str,
) -> dict[int, ValueUpdateView]:
    """Of assets whose updates cannot all be so: each that comes alone is refused, others are tried in their order."""
    of_asset: dict[UUID, list[_Due]] = {}
    for one in due:
        of_asset.setdefault(one.wanted.asset.id, []).append(one)
    found: dict[int, ValueUpdateView] = {}
    for asset_id, of_it in of_asset.items():
        if len(of_it) == 1:
            done[of_it[0].wanted.place] = refuse([finding(wrong[asset_id], "amount")])
        else:
            for one in of_it:
                found |= _record(connection, register, [one], done, actor)
    return found


def _post(connection: Connection, register: Register, due: Sequence[_Due]) -> list[int]:
    """Writes the entries and the rows of value updates; returns their sequences."""
    tagged = tag_sets.on_days(connection, register.business.id, [_tagged_as(one) for one in due])
    postings = [
        Posting(
            one.wanted.asset,
            one.placement,
            one.wanted.spec.update_type,
            one.wanted.spec.amount_minor,
            one.accounts,
            tagged.get(_tagged_as(one)),
            memo=one.wanted.spec.memo,
            remaining_life_months=one.wanted.spec.remaining_life_months,
            residual_minor=one.wanted.spec.residual_minor,
        )
        for one in due
    ]
    return [posted.sequence for posted in post(connection, postings)]


def _tagged_as(one: _Due) -> tuple[UUID, date]:
    """The asset and the day whose tags its lines have."""
    return one.wanted.asset.id, one.placement.day


def _row(
    register: Register, one: _Due, update_id: UUID, sequence: int, tagged: Sequence[KeptTag], actor: str
) -> dict[str, Any]:
    """What was said of an update, as it is kept."""
    spec = one.wanted.spec
    return {
        "business_id": register.business.id,
        "id": update_id,
        "book_id": register.business.book_id,
        "effective_period": one.placement.effective.start,
        "asset_id": one.wanted.asset.id,
        "sequence": sequence,
        "external_id": spec.external_id,
        "at": instant_of(register.business.value, spec.at),
        "counter_account_id": one.counter.id,
        "memo": spec.memo,
        "metadata": spec.metadata,
        "reference_number": spec.reference_number,
        "transaction_tags": [_tag(tag) for tag in tagged],
        "fingerprint": one.wanted.fingerprint,
        "actor": actor,
    }


def _tag(tag: KeptTag) -> dict[str, Any]:
    """A tag as it is now, all that is shown of it."""
    return {
        "id": str(tag.id),
        "key": tag.value.key,
        "dimension_display_name": tag.value.dimension_display_name,
        "value": tag.value.value,
        "value_display_name": tag.value.value_display_name,
        "dimension_id": str(tag.dimension_id),
        "definition_id": str(tag.definition_id),
        "archived_at": tag.archived_at and tag.archived_at.isoformat(),
    }
