"""Which asset is meant? By its external id, its number or its id, and its disposal that is in force."""

from uuid import UUID

from bookvalue.domain.errors import NotFound
from bookvalue.storage import asset_charges, businesses, disposals
from bookvalue.storage.unit_of_work import Engine, Role, transaction


def find_asset(engine: Engine, business_id: UUID, reference: str) -> UUID:
    """The id of the asset with this external id, else with this number, else with this id. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        found = asset_charges.named(connection, business_id, reference)
    if found is None:
        raise NotFound(f"no asset {reference!r} in this business")
    named: UUID = found.id
    return named


def find_disposal(engine: Engine, business_id: UUID, asset_id: UUID) -> UUID:
    """The id of the asset's disposal that is in force. Raises NotFound where it has none."""
    with transaction(engine, Role.API, business_id) as connection:
        book_id = businesses.get(connection, business_id).book_id
        found = disposals.in_force(connection, business_id, book_id, [asset_id]).get(asset_id)
    if found is None:
        raise NotFound("the asset has not been disposed of", remedy="nothing to do")
    named: UUID = found.id
    return named
