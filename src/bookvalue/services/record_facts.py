"""RECORD facts of assets of any kind, many in the caller's transaction, which holds the business.

One that is refused changes nothing for the others: each stands behind a savepoint of its own, and value updates, which
come by the thousand, are recorded together as far as they follow each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from bookvalue.domain.asset_fact_spec import FactType, read_fact
from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.field_readers import Refused, read_name, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import PeriodStatus
from bookvalue.domain.value_update_spec import read_id
from bookvalue.services import dispose_asset, record_fact
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.services.record_value_updates import record_value_updates
from bookvalue.services.register_of import Register
from bookvalue.services.show_disposals import DisposalView
from bookvalue.services.show_value_updates import ValueUpdateView
from bookvalue.storage import assets, periods
from bookvalue.storage.asset_facts import KeptFact
from bookvalue.storage.unit_of_work import Connection


class AssetFactKind(StrEnum):
    """What can be recorded of an asset, as a batch calls it."""

    VALUE_UPDATE = "value_update"
    DISPOSAL = "disposal"
    UNITS_USED = "units_used"
    MANUAL_AMOUNT = "manual_amount"
    SUSPENSION = "suspension"
    ESTIMATE_CHANGE = "estimate_change"


FACT_TYPES: Mapping[AssetFactKind, FactType] = {AssetFactKind(name): kind for kind, name in record_fact.NAMES.items()}
"""Those kinds that have no entry of their own."""
_KINDS = {kind.value: kind for kind in AssetFactKind}
_REFERENCES = {"asset_id": read_id, "asset_external_id": read_name}


@dataclass(frozen=True, slots=True)
class AssetFact:
    """A fact as somebody wants it recorded: its kind as it was given, and the body of the request that records one,
    with `asset_id` or `asset_external_id`."""

    kind: Any
    raw: Any


Recorded = tuple[ValueUpdateView | DisposalView | KeptFact, bool]
"""A fact that was recorded, and whether it is new."""


def record_facts(
    connection: Connection, register: Register, facts: Sequence[AssetFact], *, actor: str, now: datetime
) -> list[Recorded | BookvalueError]:
    """What became of each, in this order: the fact, or why it was refused.

    now: the business clock. Raises Busy, with nothing to be kept.
    """
    _hold_open_periods(connection, register)
    done: list[Recorded | BookvalueError] = []
    for kind, together in groupby(facts, key=lambda fact: fact.kind):
        raws = [fact.raw for fact in together]
        if kind == AssetFactKind.VALUE_UPDATE:
            done += record_value_updates(connection, register, raws, actor=actor, now=now)
        else:
            done += [_tried(connection, register, kind, raw, actor, now) for raw in raws]
    return done


def findings_of(error: BookvalueError) -> Sequence[Finding]:
    """What is wrong, as findings; an error without any is one itself, about no field."""
    found: Sequence[Finding] | None = getattr(error, "findings", None)
    return found or [Finding(error.code, None, None, error.message, error.advice)]


def _hold_open_periods(connection: Connection, register: Register) -> None:
    """Holds what may be posted into, oldest first: the facts themselves come in any order of their days."""
    business = register.business
    every = periods.since(connection, business.id, business.book_id, date.min)
    starts = [row.period_start for row in every if row.status in (PeriodStatus.OPEN, PeriodStatus.CLOSING)]
    periods.hold_exclusively(connection, business.id, business.book_id, starts)


def _tried(
    connection: Connection, register: Register, kind: Any, raw: Any, actor: str, now: datetime
) -> Recorded | BookvalueError:
    """One fact behind a savepoint."""
    try:
        with connection.begin_nested():
            return _record(connection, register, kind, raw, actor, now), True
    except BookvalueError as error:
        return error


def _record(
    connection: Connection, register: Register, given: Any, raw: Any, actor: str, now: datetime
) -> DisposalView | KeptFact:
    if not isinstance(raw, Mapping):
        raise refuse([finding("not_an_object", None, shown(raw))])
    kind = _KINDS.get(given) if isinstance(given, str) else None
    if kind is None:
        raise refuse([finding("required" if given is None else "not_one_of", "kind", shown(given))])
    rest = {name: value for name, value in raw.items() if name not in _REFERENCES}
    if kind is AssetFactKind.DISPOSAL:
        if rest.pop("dry_run", None) is not None:
            raise refuse([finding("unknown_field", "dry_run")])
        wanted = dispose_asset.read(rest, register)
        return dispose_asset.dispose(connection, _asset(connection, register, raw), wanted, actor=actor, now=now)
    fact, findings = read_fact(FACT_TYPES[kind], rest)
    if fact is None:
        raise refuse(findings)
    return record_fact.record(connection, _asset(connection, register, raw), fact, now=now, actor=actor)


def _asset(connection: Connection, register: Register, raw: Mapping[str, Any]) -> AssetAtHand:
    """The asset that a fact names. Raises InvalidInput."""
    given = {name: raw[name] for name in _REFERENCES if raw.get(name) is not None}
    if len(given) != 1:
        raise refuse([finding("asset_reference", "asset_id", shown(raw.get("asset_id")))])
    ((name, value),) = given.items()
    try:
        reference = _REFERENCES[name](value)
    except Refused as refusal:
        raise refuse([finding(refusal.code, name, shown(value))]) from refusal
    business_id, references = register.business.id, register.references
    look_up: Any = assets.by_id if name == "asset_id" else assets.by_external_id
    kept = look_up(connection, business_id, [reference], references).get(reference)
    if kept is None:
        raise refuse([finding("unknown_asset", name, str(reference))])
    return AssetAtHand(register, kept.id, kept.value)
