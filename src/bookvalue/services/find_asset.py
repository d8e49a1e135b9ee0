"""Which asset is meant? By its external id, its number or its id, and its disposal that is in force."""

import shlex
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


def find_disposal(engine: Engine, business_id: UUID, asset_id: UUID, reference: str) -> UUID:
    """The id of the disposal of the whole asset that is in force. Raises NotFound where it has none.

    Where only parts have left, the error says so, with the command that lists them; reference: what the asset was
    called.
    """
    with transaction(engine, Role.API, business_id) as connection:
        kept = businesses.get(connection, business_id)
        found = disposals.in_force(connection, business_id, kept.book_id, [asset_id]).get(asset_id)
        parts = disposals.parts_in_force(connection, business_id, kept.book_id, [asset_id]) if found is None else ()
    if parts:
        command = shlex.join(["bookvalue", "disposals", reference, "-b", kept.value.key])
        gone = "a part of the asset has" if len(parts) == 1 else f"{len(parts)} parts of the asset have"
        raise NotFound(
            f"{gone} been disposed of, not the whole",
            remedy=f"take a part back with --disposal ID; `{command}` lists the ids",
        )
    if found is None:
        raise NotFound("the asset has not been disposed of", remedy="nothing to do")
    named: UUID = found.id
    return named
