"""Disposals of an asset: sold, scrapped, given away; shown, and taken back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Page, Paging, decode_cursor, encode_cursor
from bookvalue.api.schemas.disposals import DisposalIn, DisposalOut, ReinstateIn, disposal_out
from bookvalue.api.security import Caller, caller
from bookvalue.services import dispose_asset as disposing
from bookvalue.services import reinstate_asset as reinstating
from bookvalue.services import show_disposals as showing
from bookvalue.services.show_disposals import DisposalView
from bookvalue.settings import business_now

router = APIRouter(prefix="/v1/businesses/{businessId}/assets/{assetId}/disposals", tags=["disposals"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MayChange = Annotated[Caller, Depends(caller("assets"))]
AssetId = Annotated[Id, Path(alias="assetId", description="The id of the asset.")]
DisposalId = Annotated[Id, Path(alias="disposalId", description="The id of the disposal.")]


@router.get("", responses=problems(400, 401, 403, 404, 422, 503))
def list_disposals(who: MayRead, asset_id: AssetId, page: Paging) -> Page[DisposalOut]:
    """The asset's disposals, oldest first; one at most is in force, all others were taken back."""
    after: int | None = decode_cursor(page.cursor, int)[0] if page.cursor else None
    found = showing.show_disposals(who.engine, who.business_id, asset_id, after=after, limit=page.limit + 1)
    shown = found[: page.limit]
    cursor = encode_cursor([shown[-1].sequence]) if len(found) > page.limit else None
    return Page(data=[disposal_out(view) for view in shown], next=cursor)


@router.post(
    "",
    status_code=201,
    response_model=Data[DisposalOut],
    responses={
        200: {"model": Data[DisposalOut], "description": "A dry run: what it would be; nothing was done"},
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
def dispose_asset(request: Request, who: MayChange, asset_id: AssetId, body: DisposalIn) -> Response:
    """Dispose of the whole asset: depreciation up to the day and one entry that takes it off the books.

    With `dry_run` nothing is done: the answer shows the stub, the entry, the result, and where a late one would go.
    """

    def render(view: DisposalView) -> Answer:
        place = f"/v1/businesses/{who.business_id}/assets/{asset_id}/disposals/{view.id}"
        return Answer(Data(data=disposal_out(view)), 201, {"Location": place})

    with idempotent(request, who, body.given) as once:
        if once.replay:
            return once.replay
        view = disposing.dispose_asset(
            who.engine,
            who.business_id,
            asset_id,
            body.given,
            actor=who.subject,
            now=business_now(request.app.state.settings),
            keep=once.keep(render),
        )
        return once.answer(Answer(Data(data=disposal_out(view)), 200)) if view.id is None else once.response


@router.get("/{disposalId}", responses=problems(401, 403, 404, 422, 503))
def get_disposal(who: MayRead, asset_id: AssetId, disposal_id: DisposalId) -> Data[DisposalOut]:
    """One disposal, with its entry and what took it back."""
    return Data(data=disposal_out(showing.show_disposal(who.engine, who.business_id, asset_id, disposal_id)))


@router.post(
    "/{disposalId}/reinstate",
    response_model=Data[DisposalOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def reinstate_asset(
    request: Request, who: MayChange, asset_id: AssetId, disposal_id: DisposalId, body: ReinstateIn | None = None
) -> Response:
    """Take the disposal back by the mirror image of its entry. What the asset missed is charged by the next close."""

    def render(view: DisposalView) -> Answer:
        return Answer(Data(data=disposal_out(view)), 200)

    asked = body or ReinstateIn()
    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        view = reinstating.reinstate_asset(
            who.engine,
            who.business_id,
            asset_id,
            disposal_id,
            actor=who.subject,
            reason=asked.reason,
            dry_run=asked.dry_run,
            keep=once.keep(render),
        )
        return once.answer(render(view)) if asked.dry_run else once.response
