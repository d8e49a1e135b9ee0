"""Batches: many facts of assets in one request, where one that is refused stops no other."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.batches import (
    FactsIn,
    FactsOut,
    ValueUpdatesIn,
    ValueUpdatesOut,
    facts_out,
    value_updates_out,
)
from bookvalue.api.security import Caller, caller
from bookvalue.services.record_batch import Batch, record_batch
from bookvalue.services.record_facts import AssetFact, AssetFactKind
from bookvalue.settings import business_now

router = APIRouter(prefix="/v1/businesses/{businessId}/assets", tags=["batches"])
MayChange = Annotated[Caller, Depends(caller("assets"))]


@router.post(
    "/value-updates/batch",
    response_model=ValueUpdatesOut,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def record_value_updates(request: Request, who: MayChange, body: ValueUpdatesIn) -> Response:
    """Record up to 1,000 value updates. One that is refused stops no other, unless `atomic` is asked for.

    With `atomic` all are looked at; where any is refused, nothing is recorded, and every finding is under its item.
    """
    facts = [AssetFact(AssetFactKind.VALUE_UPDATE, item) for item in body.items]
    return _answer(request, who, body, facts, value_updates_out)


@router.post("/facts/batch", response_model=FactsOut, responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503))
def record_facts(request: Request, who: MayChange, body: FactsIn) -> Response:
    """Record up to 1,000 facts of any kind, in this order. One that is refused stops no other, unless `atomic` is asked
    for.

    Each is what records one by itself, with its `kind`, and `asset_id` or `asset_external_id`.
    """
    return _answer(request, who, body, [_fact(item) for item in body.items], facts_out)


def _fact(item: Any) -> AssetFact:
    """An item with its kind apart."""
    if not isinstance(item, dict):
        return AssetFact(None, item)
    return AssetFact(item.get("kind"), {name: value for name, value in item.items() if name != "kind"})


def _answer(
    request: Request,
    who: Caller,
    body: ValueUpdatesIn | FactsIn,
    facts: Sequence[AssetFact],
    render: Callable[[Batch], BaseModel],
) -> Response:
    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        record_batch(
            who.engine,
            who.business_id,
            facts,
            atomic=body.atomic,
            actor=who.subject,
            now=business_now(request.app.state.settings),
            keep=once.keep(lambda batch: Answer(render(batch), 200)),
        )
        return once.response
