"""Value updates as they are asked for: read, each with its asset, and in the order in which they can be recorded.

Reads the assets of all at once; writes nothing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bookvalue.domain.business import Business
from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.value_update_spec import ValueUpdateSpec, read_value_update
from bookvalue.services.account_references import by_code
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse, with_unknown
from bookvalue.services.register_of import Register
from bookvalue.storage import assets
from bookvalue.storage.unit_of_work import Connection


@dataclass(frozen=True, slots=True)
class WantedUpdate:
    """A value update that was read: its place among those asked for, and its asset."""

    place: int
    spec: ValueUpdateSpec
    asset: AssetAtHand
    fingerprint: str


def read_wanted(
    connection: Connection, register: Register, raws: Sequence[Any]
) -> tuple[list[WantedUpdate], dict[int, BookvalueError]]:
    """Those that can be read and whose asset is there; and what is wrong with the others, by place."""
    refused: dict[int, BookvalueError] = {}
    specs = {}
    for place_, raw in enumerate(raws):
        spec, findings = _read(raw, register)
        if spec is None:
            refused[place_] = refuse(findings)
        else:
            specs[place_] = spec
    named = [spec.asset_external_id for spec in specs.values() if spec.asset_external_id is not None]
    given = [spec.asset_id for spec in specs.values() if spec.asset_id is not None]
    business_id, references = register.business.id, register.references
    by_name = assets.by_external_id(connection, business_id, named, references) if named else {}
    by_id = assets.by_id(connection, business_id, given, references) if given else {}
    found = []
    for place_, spec in specs.items():
        kept = by_name.get(spec.asset_external_id or "") or (by_id.get(spec.asset_id) if spec.asset_id else None)
        if kept is None:
            field = "asset_id" if spec.asset_external_id is None else "asset_external_id"
            refused[place_] = refuse([finding("unknown_asset", field, spec.asset_external_id or str(spec.asset_id))])
        else:
            asset = AssetAtHand(register, kept.id, kept.value)
            found.append(WantedUpdate(place_, spec, asset, fingerprint_of(raws[place_])))
    return found, refused


def _read(raw: Any, register: Register) -> tuple[ValueUpdateSpec | None, list[Finding]]:
    """The update that is wanted, its counter account by code; or what is wrong with it."""
    if not isinstance(raw, Mapping):
        return read_value_update(raw)
    given, unknown = by_code(raw, ("counter_account",), register.chart)
    wanted, findings = read_value_update(given)
    if unknown:
        return None, with_unknown(unknown, findings)
    return wanted, findings


def waves(wanted: Sequence[WantedUpdate]) -> list[list[WantedUpdate]]:
    """In their order, and no two of one external id in the same: the first is there when the second is looked at."""
    found: list[list[WantedUpdate]] = [[]]
    before: dict[str, int] = {}
    for one in wanted:
        name = one.spec.external_id
        number = 0 if name is None else before.get(name, -1) + 1
        if name is not None:
            before[name] = number
        if number == len(found):
            found.append([])
        found[number].append(one)
    return found


def fingerprint_of(raw: Mapping[str, Any]) -> str:
    """SHA-256 of what was asked for, the same for every way of writing the same JSON; null is not given."""
    given = {name: value for name, value in raw.items() if value is not None}
    return hashlib.sha256(json.dumps(given, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def day_of(business: Business, at: datetime | date) -> date:
    """The business's calendar date of what was given."""
    return business.day_of(at) if isinstance(at, datetime) else at


def instant_of(business: Business, at: datetime | date) -> datetime:
    """The instant of what was given: of a date, when that day begins there."""
    return at if isinstance(at, datetime) else datetime.combine(at, time(), ZoneInfo(business.time_zone))
