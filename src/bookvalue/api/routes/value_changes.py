"""Changes of an asset's value beside its plan, against it, and for the whole of it; and the plan (seed 003)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Out, Text
from bookvalue.api.schemas.value_changes import (
    DivestmentIn,
    FullDepreciationIn,
    PartialChangeIn,
    PlanOut,
    ValueChangeOut,
    plan_out,
    value_change_out,
)
from bookvalue.api.security import Caller, caller
from bookvalue.domain.terms import ValueChangeType
from bookvalue.services import show_value_changes as showing
from bookvalue.services.change_value import change_value
from bookvalue.services.forecast import MOST_PERIODS
from bookvalue.settings import business_now

router = APIRouter(prefix="/v1/businesses/{businessId}/assets/{assetId}", tags=["value changes"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MayChange = Annotated[Caller, Depends(caller("assets"))]
AssetId = Annotated[Id, Path(alias="assetId", description="The id of the asset.")]
_POST: dict[str, Any] = {
    "status_code": 201,
    "response_model": Data[ValueChangeOut],
    "responses": problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
}


class Changes(Out):
    """All changes of an asset's value, oldest first."""

    data: list[ValueChangeOut]


@router.get("/value-changes", responses=problems(401, 403, 404, 422, 503))
def list_value_changes(who: MayRead, asset_id: AssetId) -> Changes:
    """All changes of an asset's value: what runs charged (`linear`) and what was recorded, oldest first."""
    found = showing.show_value_changes(who.engine, who.business_id, asset_id)
    return Changes(data=[value_change_out(view) for view in found])


@router.get("/value-change-plan", responses=problems(401, 403, 404, 422, 503))
def get_value_change_plan(
    who: MayRead,
    asset_id: AssetId,
    periods: Annotated[int, Query(ge=1, le=MOST_PERIODS, description="How many periods.")] = MOST_PERIODS,
    first: Annotated[
        Text | None, Query(alias="from", description="The first period, YYYY-MM; else the first that is not closed.")
    ] = None,
) -> Data[PlanOut]:
    """What runs are going to charge the asset while facts stay as they are."""
    plan = showing.show_plan(who.engine, who.business_id, asset_id, periods=periods, first=first)
    return Data(data=plan_out(plan))


@router.post("/value-changes/manual", **_POST)
def change_beside_plan(request: Request, who: MayChange, asset_id: AssetId, body: PartialChangeIn) -> Response:
    """Change the value beside the plan, which goes on unchanged."""
    return _change(request, who, asset_id, ValueChangeType.MANUAL, body.given)


@router.post("/value-changes/arbitrary", **_POST)
def change_against_plan(request: Request, who: MayChange, asset_id: AssetId, body: PartialChangeIn) -> Response:
    """Change the value and the plan: what was charged for the time after the date is reversed, and planned anew."""
    return _change(request, who, asset_id, ValueChangeType.ARBITRARY, body.given)


@router.post("/value-changes/divestment", **_POST)
def divest_asset(request: Request, who: MayChange, asset_id: AssetId, body: DivestmentIn) -> Response:
    """Take the whole value off the books as a result; the asset is disposed of."""
    return _change(request, who, asset_id, ValueChangeType.DIVESTMENT, body.given)


@router.post("/value-changes/full-depreciation", **_POST)
def depreciate_fully(request: Request, who: MayChange, asset_id: AssetId, body: FullDepreciationIn) -> Response:
    """Depreciate the whole value, which is a cost; the asset is disposed of."""
    return _change(request, who, asset_id, ValueChangeType.FULL_DEPRECIATION, body.given)


def _change(request: Request, who: Caller, asset_id: Id, kind: ValueChangeType, given: dict[str, Any]) -> Response:
    with idempotent(request, who, given) as once:
        if once.replay:
            return once.replay
        change_value(
            who.engine,
            who.business_id,
            asset_id,
            kind,
            given,
            actor=who.subject,
            now=business_now(request.app.state.settings),
            keep=once.keep(lambda view: Answer(Data(data=value_change_out(view)), 201)),
        )
        return once.response
