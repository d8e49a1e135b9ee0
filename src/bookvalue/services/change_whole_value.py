"""Take the whole value of an asset: as a result (`divestment`) or as depreciation, a cost (`full_depreciation`); both
dispose of the asset (seed 003).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from bookvalue.domain.disposal_spec import DisposalSpec
from bookvalue.domain.terms import DisposalReason, ValueChangeType
from bookvalue.domain.value_change_spec import ValueChangeSpec
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.dispose_asset import dispose
from bookvalue.storage.unit_of_work import Connection

_REASONS: Mapping[ValueChangeType, DisposalReason] = {
    ValueChangeType.DIVESTMENT: DisposalReason.DIVESTED,
    ValueChangeType.FULL_DEPRECIATION: DisposalReason.OUT_OF_USE,
}


def change_whole(
    connection: Connection, asset: AssetAtHand, wanted: ValueChangeSpec, *, actor: str, now: datetime
) -> UUID:
    """Disposes of the asset in the caller's transaction, which holds the business; returns the id of the disposal.

    Raises what dispose_asset raises.
    """
    spec = DisposalSpec(
        wanted.day,
        _REASONS[wanted.kind],
        proceeds_minor=0,
        loss_account=wanted.counter_account,
        memo=wanted.description,
        value_change=wanted.kind,
    )
    disposal_id = dispose(connection, asset, spec, actor=actor, now=now).id
    assert disposal_id is not None  # only a dry run has none
    return disposal_id
