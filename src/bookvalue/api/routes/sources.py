"""Ledger details, and the sources of an asset: which of them it was bought with (seed 003)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Out, Page, Paging, decode_cursor, encode_cursor
from bookvalue.api.schemas.sources import LedgerDetailIn, LedgerDetailOut, SourceIn, SourceOut, detail_out, source_out
from bookvalue.api.security import Caller, caller
from bookvalue.services import keep_sources as keeping
from bookvalue.services.keep_sources import DetailView
from bookvalue.storage.sources import KeptSource

router = APIRouter(prefix="/v1/businesses/{businessId}", tags=["sources"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MayChange = Annotated[Caller, Depends(caller("assets"))]
AssetId = Annotated[Id, Path(alias="assetId", description="The id of the asset.")]
DetailId = Annotated[Id, Path(alias="detailId", description="The id of the ledger detail.")]


class Sources(Out):
    """All sources of an asset, in the order in which they were added."""

    data: list[SourceOut]


@router.get("/ledger-details", responses=problems(400, 401, 403, 404, 422, 503))
def list_ledger_details(who: MayRead, page: Paging) -> Page[LedgerDetailOut]:
    """Ledger details, in the order in which they were added."""
    after: UUID | None = decode_cursor(page.cursor, UUID)[0] if page.cursor else None
    found, last = keeping.page_of_details(who.engine, who.business_id, after=after, limit=page.limit)
    return Page(data=[detail_out(view) for view in found], next=None if last is None else encode_cursor([last]))


@router.post(
    "/ledger-details",
    status_code=201,
    response_model=Data[LedgerDetailOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def add_ledger_detail(request: Request, who: MayChange, body: LedgerDetailIn) -> Response:
    """Add a line of the ledger (an invoice line, a bank transaction) that assets can have as their source."""

    def render(view: DetailView) -> Answer:
        place = f"/v1/businesses/{who.business_id}/ledger-details/{view.kept.id}"
        return Answer(Data(data=detail_out(view)), 201, {"Location": place})

    with idempotent(request, who, body.given) as once:
        if once.replay:
            return once.replay
        keeping.add_detail(who.engine, who.business_id, body.given, actor=who.subject, keep=once.keep(render))
        return once.response


@router.get("/ledger-details/{detailId}", responses=problems(401, 403, 404, 422, 503))
def get_ledger_detail(who: MayRead, detail_id: DetailId) -> Data[LedgerDetailOut]:
    """One ledger detail."""
    return Data(data=detail_out(keeping.read_one_detail(who.engine, who.business_id, detail_id)))


@router.get("/assets/{assetId}/sources", responses=problems(401, 403, 404, 422, 503))
def list_sources(who: MayRead, asset_id: AssetId) -> Sources:
    """What the asset was bought with."""
    found = keeping.list_sources(who.engine, who.business_id, asset_id)
    return Sources(data=[source_out(kept) for kept in found])


@router.post(
    "/assets/{assetId}/sources",
    status_code=201,
    response_model=Data[SourceOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def add_source(request: Request, who: MayChange, asset_id: AssetId, body: SourceIn) -> Response:
    """Make a ledger detail a source of the asset. It must be on the asset's ledger account (`other_ledger_account`);
    one that is a source of it already stays the same one.
    """

    def render(kept: KeptSource) -> Answer:
        return Answer(Data(data=source_out(kept)), 201)

    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        keeping.add_source(
            who.engine, who.business_id, asset_id, body.detail_id, actor=who.subject, keep=once.keep(render)
        )
        return once.response


@router.delete("/assets/{assetId}/sources/{detailId}", status_code=204, responses=problems(401, 403, 404, 422, 503))
def remove_source(who: MayChange, asset_id: AssetId, detail_id: DetailId) -> Response:
    """Take a source off the asset; neither the ledger detail nor the asset is removed."""
    keeping.remove_source(who.engine, who.business_id, asset_id, detail_id, actor=who.subject)
    return Response(status_code=204)
