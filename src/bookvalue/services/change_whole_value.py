"""TAKE the whole value of an asset: as a result (`divestment`) or as depreciation, a cost (`full_depreciation`); both
dispose of the asset (seed 003).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.disposal_spec import DisposalSpec
from bookvalue.domain.terms import DisposalReason, ValueChangeType
from bookvalue.services import asset_at_hand
from bookvalue.services.change_value import read
from bookvalue.services.dispose_asset import dispose
from bookvalue.services.show_value_changes import ValueChangeView, changes_of
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

_REASONS: Mapping[ValueChangeType, DisposalReason] = {
    ValueChangeType.DIVESTMENT: DisposalReason.DIVESTED,
    ValueChangeType.FULL_DEPRECIATION: DisposalReason.OUT_OF_USE,
}


def change_whole_value(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    kind: ValueChangeType,
    raw: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    keep: Callable[[Connection, ValueChangeView], None] = lambda _connection, _view: None,
) -> ValueChangeView:
    """The value change; its amount is the whole value at its date. kind: divestment or full depreciation.

    Raises what dispose_asset raises.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = asset_at_hand.hold_register(connection, business_id)
        asset = asset_at_hand.find(connection, register, asset_id)
        wanted = read(register, kind, raw)
        spec = DisposalSpec(
            wanted.day,
            _REASONS[kind],
            proceeds_minor=0,
            loss_account=wanted.counter_account,
            memo=wanted.description,
            value_change=kind,
        )
        disposal = dispose(connection, asset, spec, actor=actor, now=now)
        changes = changes_of(connection, business_id, register.business.book_id, [asset_id])[asset_id]
        view = next(one for one in changes if one.id == disposal.id)
        keep(connection, view)
        connection.commit()
    return view
