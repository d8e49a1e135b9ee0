"""A business's own asset types."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.asset_types import AssetTypeChange, AssetTypeIn, AssetTypeOut, asset_type_out
from bookvalue.api.schemas.base import Data, Id, Page, Paging, decode_cursor, encode_cursor
from bookvalue.api.security import Caller, caller
from bookvalue.services import keep_asset_types as keeping
from bookvalue.services.keep_asset_types import AssetTypeView

router = APIRouter(prefix="/v1/businesses/{businessId}/asset-types", tags=["asset types"])
MayRead = Annotated[Caller, Depends(caller("assets.read", "settings"))]
MayChange = Annotated[Caller, Depends(caller("assets", "settings"))]
TypeId = Annotated[Id, Path(alias="assetTypeId", description="The id of the asset type.")]


@router.get("", responses=problems(400, 401, 403, 404, 422, 503))
def list_asset_types(who: MayRead, page: Paging) -> Page[AssetTypeOut]:
    """Asset types, in the order in which they were made."""
    after: UUID | None = decode_cursor(page.cursor, UUID)[0] if page.cursor else None
    found, last = keeping.page_of_asset_types(who.engine, who.business_id, after=after, limit=page.limit)
    return Page(data=[asset_type_out(view) for view in found], next=None if last is None else encode_cursor([last]))


@router.post(
    "",
    status_code=201,
    response_model=Data[AssetTypeOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def add_asset_type(request: Request, who: MayChange, body: AssetTypeIn) -> Response:
    """Add an asset type: a name, three accounts, and the settings that its assets start from."""

    def render(view: AssetTypeView) -> Answer:
        place = f"/v1/businesses/{who.business_id}/asset-types/{view.id}"
        return Answer(Data(data=asset_type_out(view)), 201, {"Location": place})

    with idempotent(request, who, body.given) as once:
        if once.replay:
            return once.replay
        keeping.add_asset_type(who.engine, who.business_id, body.given, actor=who.subject, keep=once.keep(render))
        return once.response


@router.get("/{assetTypeId}", responses=problems(401, 403, 404, 422, 503))
def get_asset_type(who: MayRead, type_id: TypeId) -> Data[AssetTypeOut]:
    """One asset type."""
    return Data(data=asset_type_out(keeping.read_one_asset_type(who.engine, who.business_id, type_id)))


@router.patch("/{assetTypeId}", responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503))
def change_asset_type(who: MayChange, type_id: TypeId, body: AssetTypeChange) -> Data[AssetTypeOut]:
    """Change an asset type. Its accounts are its assets' accounts; its settings are for assets to come."""
    view = keeping.change_asset_type(who.engine, who.business_id, type_id, body.given, actor=who.subject)
    return Data(data=asset_type_out(view))


@router.delete("/{assetTypeId}", status_code=204, responses=problems(401, 403, 404, 409, 422, 503))
def delete_asset_type(who: MayChange, type_id: TypeId) -> Response:
    """Delete an asset type that no asset has (else `in_use`)."""
    keeping.delete_asset_type(who.engine, who.business_id, type_id, actor=who.subject)
    return Response(status_code=204)
