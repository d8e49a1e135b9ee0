"""What a request about assets needs to know of its business: the chart and the asset types, each by name and by id.

Read once for a request; must not change anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from bookvalue.domain.business import AssetType
from bookvalue.services.account_references import Chart, read_chart
from bookvalue.storage import asset_types
from bookvalue.storage.assets import References
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection


@dataclass(frozen=True, slots=True)
class Register:
    """A business with its chart and its asset types: by name, (id, type)."""

    business: KeptBusiness
    chart: Chart
    types: Mapping[str, tuple[UUID, AssetType]]

    @property
    def references(self) -> References:
        """What the names on an asset stand for."""
        return References(self.chart.ids, {name: id_ for name, (id_, _) in self.types.items()})

    def type_of(self, type_id: UUID) -> AssetType | None:
        """The asset type with this id, or None."""
        return next((value for id_, value in self.types.values() if id_ == type_id), None)


def read_register(connection: Connection, kept: KeptBusiness) -> Register:
    """The chart and the asset types of the bound business."""
    return Register(kept, read_chart(connection, kept.id), asset_types.by_name(connection, kept.id, kept.value.key))
