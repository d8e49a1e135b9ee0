"""ADD an asset that has been disposed of already (seed 004): registered and disposed of in one transaction.

It is refused as its disposal would be, and then there is no asset either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.disposal_spec import DISPOSAL_ACCOUNTS, DisposalSpec
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import AssetStatus, DisposalReason
from bookvalue.services import asset_at_hand, dispose_asset
from bookvalue.services.findings import refuse
from bookvalue.services.keep_asset import Keep, put_asset
from bookvalue.services.list_assets import AssetView, one_view
from bookvalue.services.register_of import Register, read_register
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

MEMBER = "disposal"
FIELDS = ("date", "reason", "proceeds", *DISPOSAL_ACCOUNTS, "memo")
"""What the member may say of the disposal: of the whole asset, and no dry run."""


def add_disposed_asset(
    engine: Engine,
    business_id: UUID,
    raw: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    keep: Keep = lambda _connection, _made: None,
) -> tuple[AssetView, bool]:
    """The asset, and whether it is new; `disposal` of the raw object says how it went.

    One that is known and whose disposal in force says the same is left disposed of. now: the business clock. Raises
    what adding the asset raises, and what disposing of it does: InvalidInput, AssetNotRegistered, AssetDisposed,
    PeriodLocked, LateFactRefused, Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        wanted, wrong = _read(raw[MEMBER], register)
        own = {name: value for name, value in raw.items() if name != MEMBER}
        if own.get("status") in _before_or_after(connection, register, own.get("external_id")):
            del own["status"]  # it is what the disposal makes of it
        asset_id, is_new = put_asset(connection, register, own, actor=actor, wrong=wrong)
        assert wanted is not None  # else there were findings
        register = read_register(connection, register.business)  # there may be an account more by now
        if not _is_so(one_view(connection, register, asset_id), wanted):
            _dispose(connection, register, asset_id, wanted, actor, now)
        made = (one_view(connection, register, asset_id), is_new)
        keep(connection, made)
        connection.commit()
    return made


def _before_or_after(connection: Connection, register: Register, external_id: Any) -> tuple[str, ...]:
    """The statuses that may be given without saying anything: the one that it comes to, and of an asset that has come
    to it, the one that it had."""
    known = (
        asset_at_hand.find_by_external_id(connection, register, external_id) if isinstance(external_id, str) else None
    )
    gone = known is not None and known.value.status is AssetStatus.DISPOSED
    return (AssetStatus.DISPOSED.value, AssetStatus.REGISTERED.value) if gone else (AssetStatus.DISPOSED.value,)


def _read(given: Any, register: Register) -> tuple[DisposalSpec | None, list[Finding]]:
    """The disposal that is wanted, or every finding about it. Without a reason: sold, where it brings anything."""
    if not isinstance(given, Mapping):
        return None, [finding("not_an_object", MEMBER, shown(given))]
    wrong = [
        finding("unknown_field", f"{MEMBER}.{shown(name)}", shown(value))
        for name, value in given.items()
        if name not in FIELDS
    ]
    known = {name: value for name, value in given.items() if name in FIELDS}
    if known.get("reason") is None:
        known["reason"] = (DisposalReason.SOLD if known.get("proceeds") else DisposalReason.OUT_OF_USE).value
    try:
        wanted = dispose_asset.read(known, register)
    except InvalidInput as error:
        return None, wrong + _under_member(error.findings)
    return wanted, wrong


def _is_so(view: AssetView, wanted: DisposalSpec) -> bool:
    """Whether the asset's disposal in force says the same."""
    gone = view.disposal
    return gone is not None and (gone.given_day, gone.reason, gone.proceeds_minor) == (
        wanted.day,
        wanted.reason,
        wanted.proceeds_minor,
    )


def _dispose(
    connection: Connection, register: Register, asset_id: UUID, wanted: DisposalSpec, actor: str, now: datetime
) -> None:
    try:
        dispose_asset.dispose(
            connection, asset_at_hand.find(connection, register, asset_id), wanted, actor=actor, now=now
        )
    except InvalidInput as error:
        raise refuse(_under_member(error.findings)) from error


def _under_member(findings: Sequence[Finding]) -> list[Finding]:
    """Findings about fields of a disposal, by where they stand in an asset; those about the asset's own stay."""
    return [replace(found, field=f"{MEMBER}.{found.field}") if found.field in FIELDS else found for found in findings]
