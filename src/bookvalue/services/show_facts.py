"""The facts of an asset that have no entry, as they were recorded: a page of a kind, or one."""

from uuid import UUID

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.errors import NotFound
from bookvalue.storage import asset_facts, businesses
from bookvalue.storage.asset_facts import KeptFact, OfAsset
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction


def page_of_facts(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    kind: FactType,
    *,
    archived: bool,
    after: UUID | None,
    limit: int,
) -> tuple[list[KeptFact], UUID | None]:
    """Up to `limit` facts in the order in which they were recorded, and the id to go on after, None at the end.

    archived: those that are archived too. Raises NotFound where there is no such asset.
    """
    with transaction(engine, Role.API, business_id) as connection:
        of = _of(connection, business_id, asset_id)
        found = asset_facts.page(connection, of, kind, archived=archived, after=after, limit=limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def read_one_fact(engine: Engine, business_id: UUID, asset_id: UUID, kind: FactType, fact_id: UUID) -> KeptFact:
    """One fact, archived or not. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        kept = asset_facts.one(connection, _of(connection, business_id, asset_id), kind, fact_id)
    if kept is None:
        raise NotFound("no such fact of this asset")
    return kept


def _of(connection: Connection, business_id: UUID, asset_id: UUID) -> OfAsset:
    of = OfAsset(business_id, businesses.get(connection, business_id).book_id, asset_id)
    if not asset_facts.has_asset(connection, of):
        raise NotFound("no such asset")
    return of
