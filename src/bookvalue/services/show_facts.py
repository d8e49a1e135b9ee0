"""The facts of an asset that have no entry, as they were recorded: a page of a kind, or one."""

from typing import Any
from uuid import UUID

from bookvalue.domain.asset import MICRO, NANO
from bookvalue.domain.asset_fact_spec import Fact, FactType, type_of
from bookvalue.domain.asset_facts import EstimateChange, Suspension, UnitsUsed
from bookvalue.domain.errors import NotFound
from bookvalue.services.explanation_figures import decimal_text
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


def all_facts(engine: Engine, business_id: UUID, asset_id: UUID, *, archived: bool) -> list[KeptFact]:
    """Every fact of an asset, kind by kind in the order in which they were recorded. Raises NotFound."""
    with transaction(engine, Role.API, business_id) as connection:
        of = _of(connection, business_id, asset_id)
        pages = [asset_facts.page(connection, of, kind, archived=archived, after=None, limit=None) for kind in FactType]
    return [kept for page in pages for kept in page]


def find_fact(engine: Engine, business_id: UUID, asset_id: UUID, fact_id: str) -> tuple[FactType, UUID]:
    """The kind and the id of an asset's fact, of which only the id is known. Raises NotFound."""
    for kept in all_facts(engine, business_id, asset_id, archived=True):
        if str(kept.id) == fact_id.lower():
            return type_of(kept.fact), kept.id
    raise NotFound(f"no fact {fact_id!r} of this asset", remedy="`bookvalue facts` shows the asset's facts")


def members_of(fact: Fact) -> dict[str, Any]:
    """A fact by the names that it has in the API; amounts in minor units, rates and quantities as decimal texts."""
    if isinstance(fact, EstimateChange):
        rate = fact.rate_nanopercent
        return {
            "date": fact.date,
            "remaining_life_months": fact.remaining_life_months,
            "rate_percent": None if rate is None else decimal_text(rate, NANO),
            "residual_value": fact.residual_minor,
            "method": fact.method,
        }
    if isinstance(fact, Suspension):
        return {"from": fact.first_day, "to": fact.last_day, "extend_life": fact.extend_life}
    if isinstance(fact, UnitsUsed):
        return {"period_end": fact.period_end, "quantity": decimal_text(fact.quantity_micro, MICRO)}
    return {"date": fact.date, "amount": fact.amount_minor}


def _of(connection: Connection, business_id: UUID, asset_id: UUID) -> OfAsset:
    of = OfAsset(business_id, businesses.get(connection, business_id).book_id, asset_id)
    if not asset_facts.has_asset(connection, of):
        raise NotFound("no such asset")
    return of
