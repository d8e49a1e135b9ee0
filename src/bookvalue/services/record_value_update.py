"""RECORD a value update that somebody knows of: an impairment, a revaluation, an improvement, a depreciation.

One transaction: the entry, the row, what was said of it, and the notice to runs that the facts have changed.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bookvalue.domain.business import Business
from bookvalue.domain.errors import Duplicate, NotFound
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.value_update_spec import ValueUpdateSpec, read_value_update
from bookvalue.services import asset_at_hand
from bookvalue.services.account_references import by_code
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.services.late_facts import FactKind, place
from bookvalue.services.post_value_update import accounts_for, post
from bookvalue.services.register_of import Register
from bookvalue.services.show_value_updates import ValueUpdateView, view_of
from bookvalue.storage import audit, periods, tags, value_updates
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Keep = Callable[[Connection, tuple[ValueUpdateView, bool]], None]


def record_value_update(
    engine: Engine,
    business_id: UUID,
    raw: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    keep: Keep = lambda _connection, _made: None,
) -> tuple[ValueUpdateView, bool]:
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
) -> tuple[ValueUpdateView, bool]:
    """The same in the caller's transaction, which holds the business."""
    business = register.business
    wanted, findings = _read(raw, register)
    if wanted is None:
        raise refuse(findings)
    fingerprint = _fingerprint(raw)
    if wanted.external_id is not None:
        there = value_updates.by_external_id(connection, business.id, wanted.external_id)
        if there is not None and there.fingerprint != fingerprint:
            raise Duplicate(f"a value update {wanted.external_id} with other content is there")
        if there is not None:
            return view_of(register, there), False
    asset = _asset(connection, register, wanted)
    asset_at_hand.require_registered(asset)
    day = _day(business.value, wanted.at)
    counter = register.chart.by_code[wanted.counter_account]
    accounts, lacking = accounts_for(asset, wanted.update_type, counter)
    findings = asset_at_hand.basis_findings(register) + lacking
    findings += asset_at_hand.day_findings(asset, day, "date", today=business.value.day_of(now))
    if findings or accounts is None:
        raise refuse(findings)
    placement = place(connection, business, day, FactKind.POSTED)
    posted = post(
        connection,
        asset,
        placement,
        wanted.update_type,
        wanted.amount_minor,
        accounts,
        memo=wanted.memo,
        remaining_life_months=wanted.remaining_life_months,
        residual_minor=wanted.residual_minor,
    )
    wrong = asset_at_hand.effect_findings(connection, asset, placement.posting.start, "amount")
    if wrong:
        raise refuse(wrong)
    update_id = uuid7()
    value_updates.record(
        connection,
        {
            "business_id": business.id,
            "id": update_id,
            "book_id": business.book_id,
            "effective_period": placement.effective.start,
            "asset_id": asset.id,
            "sequence": posted.sequence,
            "external_id": wanted.external_id,
            "at": _instant(business.value, wanted.at),
            "counter_account_id": counter.id,
            "memo": wanted.memo,
            "metadata": wanted.metadata,
            "reference_number": wanted.reference_number,
            "transaction_tags": _tags(connection, asset),
            "fingerprint": fingerprint,
            "actor": actor,
        },
    )
    periods.raise_fact_version(connection, business.id, [placement.day])
    view = told(connection, register, update_id, actor, "value_update.recorded")
    return view, True


def told(connection: Connection, register: Register, update_id: UUID, actor: str, action: str) -> ValueUpdateView:
    """The update as it is shown, once it is in the audit trail and among the events."""
    row = value_updates.one(connection, register.business.id, update_id)
    if row is None:
        raise NotFound("no such value update")
    body = {
        "value_update_id": str(update_id),
        "asset_id": str(row.asset_id),
        "update_type": row.update_type,
        "amount_minor": row.amount_minor,
        "effective_period": f"{row.effective_period:%Y-%m}",
        "entry_id": str(row.reversal_entry_id or row.entry_id),
    }
    subject = f"value_update/{update_id}"
    audit.record(connection, register.business.id, actor=actor, action=action, subject=subject, details=body)
    audit.announce(connection, register.business.id, action, body)
    return view_of(register, row)


def _tags(connection: Connection, asset: AssetAtHand) -> list[dict[str, Any]]:
    """The asset's tags as they are now, all that is shown of them."""
    kept = tags.tags_of(connection, asset.register.business.id, [asset.id]).get(asset.id, [])
    return [
        {
            "id": str(tag.id),
            "key": tag.value.key,
            "dimension_display_name": tag.value.dimension_display_name,
            "value": tag.value.value,
            "value_display_name": tag.value.value_display_name,
            "dimension_id": str(tag.dimension_id),
            "definition_id": str(tag.definition_id),
            "archived_at": tag.archived_at and tag.archived_at.isoformat(),
        }
        for tag in kept
    ]


def _read(raw: Mapping[str, Any], register: Register) -> tuple[ValueUpdateSpec | None, list[Finding]]:
    """The update that is wanted, its counter account by code; or what is wrong with it."""
    if not isinstance(raw, Mapping):
        return read_value_update(raw)
    given, unknown = by_code(raw, ("counter_account",), register.chart)
    wanted, findings = read_value_update(given)
    if unknown:
        return None, unknown + [found for found in findings if found.field != "counter_account"]
    return wanted, findings


def _asset(connection: Connection, register: Register, wanted: ValueUpdateSpec) -> AssetAtHand:
    """The asset that is named. Raises InvalidInput where there is none."""
    if wanted.asset_external_id is not None:
        found = asset_at_hand.find_by_external_id(connection, register, wanted.asset_external_id)
        if found is None:
            raise refuse([finding("unknown_asset", "asset_external_id", wanted.asset_external_id)])
        return found
    assert wanted.asset_id is not None
    try:
        return asset_at_hand.find(connection, register, wanted.asset_id)
    except NotFound:
        raise refuse([finding("unknown_asset", "asset_id", str(wanted.asset_id))]) from None


def _day(business: Business, at: datetime | date) -> date:
    """The business's calendar date of what was given."""
    return business.day_of(at) if isinstance(at, datetime) else at


def _instant(business: Business, at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time(), ZoneInfo(business.time_zone))


def _fingerprint(raw: Mapping[str, Any]) -> str:
    """SHA-256 of what was asked for, the same for every way of writing the same JSON; null is not given."""
    given = {name: value for name, value in raw.items() if value is not None}
    return hashlib.sha256(json.dumps(given, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
