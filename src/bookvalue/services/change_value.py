"""CHANGE an asset's value in one of the four ways of seed 003: beside its plan (`manual`), with its plan made anew
(`arbitrary`), or the whole of it (`divestment`, `full_depreciation`). One transaction.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bookvalue.domain.finding import Finding
from bookvalue.domain.terms import ValueChangeType
from bookvalue.domain.value_change_spec import ValueChangeSpec, read_value_change
from bookvalue.services import asset_at_hand
from bookvalue.services.account_references import by_code
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.change_part_of_value import change_part
from bookvalue.services.change_whole_value import change_whole
from bookvalue.services.findings import refuse, with_unknown
from bookvalue.services.register_of import Register
from bookvalue.services.show_value_changes import ValueChangeView, changes_of
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


class Change(Protocol):
    """A way of changing an asset's value, in the caller's transaction, which holds the business: the change's id."""

    def __call__(
        self, connection: Connection, asset: AssetAtHand, wanted: ValueChangeSpec, *, actor: str, now: datetime
    ) -> UUID: ...


_WAYS: Mapping[ValueChangeType, Change] = {
    ValueChangeType.MANUAL: change_part,
    ValueChangeType.ARBITRARY: change_part,
    ValueChangeType.DIVESTMENT: change_whole,
    ValueChangeType.FULL_DEPRECIATION: change_whole,
}


def change_value(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    kind: ValueChangeType,
    raw: Any,
    *,
    actor: str,
    now: datetime,
    keep: Callable[[Connection, ValueChangeView], None] = lambda _connection, _view: None,
) -> ValueChangeView:
    """The value change; the amount of one that takes the whole is the value at its date. now: the business clock.

    Raises NotFound, InvalidInput with every finding, AssetNotRegistered, AssetDisposed, PeriodLocked, LateFactRefused,
    Busy.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        change_id = _WAYS[kind](connection, asset, _read(register, kind, raw), actor=actor, now=now)
        changes = changes_of(connection, business_id, register.business.book_id, [asset_id])[asset_id]
        view = next(one for one in changes if one.id == change_id)
        keep(connection, view)
        connection.commit()
    return view


def _read(register: Register, kind: ValueChangeType, raw: Any) -> ValueChangeSpec:
    """The value change that is wanted, its account by code. Raises InvalidInput."""
    unknown: list[Finding] = []
    if isinstance(raw, Mapping):
        raw, unknown = by_code(raw, ("counter_account",), register.chart)
    wanted, findings = read_value_change(kind, raw)
    if wanted is None or unknown:
        raise refuse(with_unknown(unknown, findings))
    return wanted
