"""The register: assets, added, found and changed."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.assets import AssetChange, AssetIn, AssetOut, AssetPage, asset_out, pagination
from bookvalue.api.schemas.base import Data, Id, Paging, Text, decode_cursor, encode_cursor
from bookvalue.api.security import Caller, caller
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import AssetKind, AssetStatus
from bookvalue.services import keep_asset as keeping
from bookvalue.services import list_assets as listing
from bookvalue.services import remove_asset as removing
from bookvalue.services.add_disposed_asset import MEMBER, add_disposed_asset
from bookvalue.services.asset_members import Include
from bookvalue.services.list_assets import AssetQuery, AssetView
from bookvalue.settings import business_now
from bookvalue.storage.asset_pages import AssetFilter, AssetOrder, Position, fits

router = APIRouter(prefix="/v1/businesses/{businessId}/assets", tags=["assets"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MayChange = Annotated[Caller, Depends(caller("assets"))]
_INCLUDES = "|".join(Include)
AssetId = Annotated[Id, Path(alias="assetId", description="The id of the asset.")]


class Direction(StrEnum):
    """Which way a list goes."""

    ASC = "asc"
    DESC = "desc"


def _query(
    status: Annotated[AssetStatus | None, Query(description="Only in this state.")] = None,
    kind: Annotated[AssetKind | None, Query(description="Only of this kind.")] = None,
    asset_type_id: Annotated[Id | None, Query(description="Only of this asset type.")] = None,
    ledger_account: Annotated[
        Text | None, Query(description="Only where this account is in force: its id, stable name or code.")
    ] = None,
    q: Annotated[Text | None, Query(description="Text in name, number, description or type name.")] = None,
    active: Annotated[
        bool | None, Query(description="true: neither disposed of nor archived; false: the others.")
    ] = None,
    archived: Annotated[
        bool | None, Query(description="Only those in the archive, or out of it; out of it if left out.")
    ] = None,
    order_by: Annotated[
        AssetOrder,
        Query(description="What to order by; ties go by id. disposal_date and disposal_price: with status=disposed."),
    ] = AssetOrder.NUMBER,
    direction: Annotated[Direction, Query(description="Which way.")] = Direction.ASC,
) -> AssetQuery:
    wanted = AssetFilter(status, kind, asset_type_id, search=q or None, archived=archived, active=active)
    return AssetQuery(wanted, ledger_account, order_by, direction is Direction.DESC)


def _order(query: AssetQuery) -> str:
    """What a cursor is bound to."""
    return f"{query.order}-{'desc' if query.descending else 'asc'}"


def _position(query: AssetQuery, cursor: str) -> Position:
    """Where a cursor stands. Raises InvalidInput for one of another order, or with a value that is none of its kind."""
    order, value, asset_id = decode_cursor(cursor, str, str, UUID)
    if order != _order(query) or not fits(query.order, value):
        raise InvalidInput("1 finding; nothing was applied", [finding("not_a_cursor", "cursor")])
    return Position(value, asset_id)


def _include(
    include: Annotated[
        Text | None,
        Query(
            description="What to show beside, with commas: value_changes, sources, value_change_plan.",
            pattern=f"^({_INCLUDES})(,({_INCLUDES}))*$",
        ),
    ] = None,
) -> frozenset[Include]:
    return frozenset(Include(word) for word in include.split(",")) if include else frozenset()


Included = Annotated[frozenset[Include], Depends(_include)]


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Which page of a list is wanted by its number; either of them asks for one."""

    page: Annotated[int | None, Query(ge=1, le=10**6, description="Its number, from 1; instead of a cursor.")] = None
    per_page: Annotated[
        int | None, Query(ge=1, le=100, description="At most so many; asks for a numbered page, as `page` does.")
    ] = None


@router.get("", responses=problems(400, 401, 403, 404, 422, 503))
def list_assets(
    request: Request,
    who: MayRead,
    page: Paging,
    numbered: Annotated[_Numbered, Depends()],
    query: Annotated[AssetQuery, Depends(_query)],
    include: Included,
) -> AssetPage:
    """Assets. A cursor goes on in the order it was made with; pages can be asked for by their number as well."""
    place, shown = (who.engine, who.business_id, query), None
    if numbered.page is None and numbered.per_page is None:
        after = _position(query, page.cursor) if page.cursor else None
        found, last = listing.page_of_assets(*place, after=after, limit=page.limit, include=include)
    elif page.cursor is not None:
        raise InvalidInput("1 finding; nothing was applied", [finding("page_and_cursor", "page")])
    else:
        number, size = numbered.page or 1, numbered.per_page or page.limit
        found, last, count = listing.numbered_page(*place, number=number, size=size, include=include)
        shown = pagination(number, size, count, partial(_page_link, request))
    cursor = None if last is None else encode_cursor([_order(query), last.value, last.id])
    return AssetPage(data=[asset_out(view) for view in found], next=cursor, pagination=shown)


def _page_link(request: Request, number: int) -> str:
    """The path of the same list's page with this number."""
    url = request.url.include_query_params(page=number)
    return f"{url.path}?{url.query}"


@router.post(
    "",
    status_code=201,
    response_model=Data[AssetOut],
    responses={
        200: {"model": Data[AssetOut], "description": "There was one with this external id; it was given these fields"},
        **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
def add_asset(request: Request, who: MayChange, body: AssetIn) -> Response:
    """Add an asset; one with an `external_id` that comes again is given all its fields anew.

    With `disposal` it is registered and disposed of in one step, and refused as the disposal would be.
    """

    def render(made: tuple[AssetView, bool]) -> Answer:
        view, is_new = made
        place = f"/v1/businesses/{who.business_id}/assets/{view.id}"
        return Answer(Data(data=asset_out(view)), 201 if is_new else 200, {"Location": place})

    with idempotent(request, who, body.given) as once:
        if once.replay:
            return once.replay
        place, given, keep = (who.engine, who.business_id), body.given, once.keep(render)
        if given.get(MEMBER) is None:
            given.pop(MEMBER, None)
            keeping.add_asset(*place, given, actor=who.subject, keep=keep)
        else:
            now = business_now(request.app.state.settings)
            add_disposed_asset(*place, given, actor=who.subject, now=now, keep=keep)
        return once.response


@router.get("/{assetId}", responses=problems(401, 403, 404, 422, 503))
def get_asset(who: MayRead, asset_id: AssetId, include: Included) -> Data[AssetOut]:
    """One asset, with its figures."""
    return Data(data=asset_out(listing.read_one_asset(who.engine, who.business_id, asset_id, include)))


@router.patch("/{assetId}", responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503))
def change_asset(who: MayChange, asset_id: AssetId, body: AssetChange) -> Data[AssetOut]:
    """Change an asset: what is left out stays, what is null is taken away.

    Once something is posted, another life, rate, method or residual value is an estimate change from `effective_date`
    on; the cost changes by a value update, and what else was computed with does not change (`posted_asset_changed`).
    """
    view = keeping.change_asset(who.engine, who.business_id, asset_id, body.given, actor=who.subject)
    return Data(data=asset_out(view))


@router.delete("/{assetId}", status_code=204, responses=problems(401, 403, 404, 409, 422, 503))
def delete_asset(who: MayChange, asset_id: AssetId) -> Response:
    """Delete an asset that nothing is posted to; another one is archived, or disposed of (`in_use`)."""
    removing.delete_asset(who.engine, who.business_id, asset_id, actor=who.subject)
    return Response(status_code=204)


@router.post(
    "/{assetId}/archive",
    response_model=Data[AssetOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def archive_asset(request: Request, who: MayChange, asset_id: AssetId) -> Response:
    """Archive a draft, or an asset that is disposed of or has no value left: lists leave it out."""
    return _archive(request, who, asset_id, archived=True)


@router.post(
    "/{assetId}/unarchive",
    response_model=Data[AssetOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def unarchive_asset(request: Request, who: MayChange, asset_id: AssetId) -> Response:
    """Take an asset out of the archive."""
    return _archive(request, who, asset_id, archived=False)


def _archive(request: Request, who: Caller, asset_id: UUID, *, archived: bool) -> Response:
    def render(view: AssetView) -> Answer:
        return Answer(Data(data=asset_out(view)), 200)

    with idempotent(request, who) as once:
        if once.replay:
            return once.replay
        removing.archive_asset(
            who.engine, who.business_id, asset_id, archived=archived, actor=who.subject, keep=once.keep(render)
        )
        return once.response
