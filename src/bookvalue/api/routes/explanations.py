"""Why an asset is charged what it is charged: a registered one, or one from a spec."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Text
from bookvalue.api.schemas.explanations import ExplanationIn, ExplanationOut
from bookvalue.api.security import Caller, Installation, caller, installation
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.finding import Finding
from bookvalue.services import explain_asset as explaining
from bookvalue.services.explain_charge import explain_spec
from bookvalue.services.explanation_members import members_of

router = APIRouter(tags=["explanations"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MayCompute = Annotated[Installation, Depends(installation("assets.read"))]
AssetId = Annotated[Id, Path(alias="assetId", description="The id of the asset.")]
Month = Annotated[
    Text | None,
    Query(description="YYYY-MM, the month in which the period begins; the book's last one if left out."),
]
BookId = Annotated[Id | None, Query(description="The book; the posting book if left out.")]


@router.get(
    "/v1/businesses/{businessId}/assets/{assetId}/explanation",
    response_model=Data[ExplanationOut],
    response_model_exclude_unset=True,
    responses=problems(400, 401, 403, 404, 422, 503),
)
def explain_asset(who: MayRead, asset_id: AssetId, period: Month = None, book_id: BookId = None) -> dict[str, Any]:
    """The charge of an asset for a period as the facts are now, enough to work it out by hand, and what is posted."""
    found = explaining.explain_asset(who.engine, who.business_id, asset_id, period, book_id)
    return {"data": members_of(found)}


@router.post(
    "/v1/depreciation/explanation",
    response_model=Data[ExplanationOut],
    responses=problems(400, 401, 403, 413, 415, 422, 503),
)
def explain_charge(request: Request, who: MayCompute, body: ExplanationIn) -> Response:
    """The charge of an asset that need not be registered, for a period, enough to work it out by hand."""
    with idempotent(request, who, body) as once:
        found, findings = explain_spec(body.asset, body.period)
        if found is None:
            raise InvalidInput("the asset has no explanation", [_placed(one) for one in findings])
        return once.answer(Answer(Data[Any](data=members_of(found)), 200))


def _placed(found: Finding) -> Finding:
    """A finding about a spec, with the path that it has in the body."""
    if found.field == "period":
        return found
    return replace(found, field="asset" if found.field is None else f"asset.{found.field}")
