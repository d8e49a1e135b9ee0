"""Value updates: changes of an asset's value that somebody records (seed 000)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Instant, Page, Paging, Text, decode_cursor, encode_cursor
from bookvalue.api.schemas.value_updates import ValueUpdateIn, ValueUpdateOut, value_update_out
from bookvalue.api.security import Caller, caller
from bookvalue.domain.terms import UpdateType
from bookvalue.services import archive_value_update as archiving
from bookvalue.services import record_value_update as recording
from bookvalue.services.show_value_updates import ValueUpdateView, show_value_update, show_value_updates
from bookvalue.settings import business_now
from bookvalue.storage.value_updates import ValueUpdateFilter

router = APIRouter(prefix="/v1/businesses/{businessId}/assets/value-updates", tags=["value updates"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MayChange = Annotated[Caller, Depends(caller("assets"))]
UpdateId = Annotated[Id, Path(alias="valueUpdateId", description="The id of the value update.")]


def _query(
    asset_id: Annotated[Id | None, Query(description="Only of this asset.")] = None,
    update_type: Annotated[UpdateType | None, Query(description="Only of this type.")] = None,
    external_id: Annotated[Text | None, Query(description="Only the one with this external id.")] = None,
    archived: Annotated[bool | None, Query(description="Only those that were archived, or only the others.")] = None,
    since: Annotated[Instant | None, Query(description="Only those dated at this instant or later.")] = None,
    until: Annotated[Instant | None, Query(description="Only those dated at this instant or earlier.")] = None,
) -> ValueUpdateFilter:
    return ValueUpdateFilter(asset_id, update_type, external_id or None, archived, since, until)


@router.get("", responses=problems(400, 401, 403, 404, 422, 503))
def list_value_updates(
    who: MayRead, page: Paging, wanted: Annotated[ValueUpdateFilter, Depends(_query)]
) -> Page[ValueUpdateOut]:
    """Recorded value updates, in the order in which they were recorded. The charges of runs are in the journal."""
    after: UUID | None = decode_cursor(page.cursor, UUID)[0] if page.cursor else None
    found = show_value_updates(who.engine, who.business_id, wanted, after=after, limit=page.limit + 1)
    shown = found[: page.limit]
    cursor = encode_cursor([shown[-1].id]) if len(found) > page.limit else None
    return Page(data=[value_update_out(view) for view in shown], next=cursor)


@router.post(
    "",
    status_code=201,
    response_model=Data[ValueUpdateOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def record_value_update(request: Request, who: MayChange, body: ValueUpdateIn) -> Response:
    """Record a change of an asset's value, and post its entry.

    The same `external_id` with the same content is answered with what is there; with other content it is a conflict.
    """

    def render(made: tuple[ValueUpdateView, bool]) -> Answer:
        view, _ = made
        place = f"/v1/businesses/{who.business_id}/assets/value-updates/{view.id}"
        return Answer(Data(data=value_update_out(view)), 201, {"Location": place})

    with idempotent(request, who, body.given) as once:
        if once.replay:
            return once.replay
        recording.record_value_update(
            who.engine,
            who.business_id,
            body.given,
            actor=who.subject,
            now=business_now(request.app.state.settings),
            keep=once.keep(render),
        )
        return once.response


@router.get("/{valueUpdateId}", responses=problems(401, 403, 404, 422, 503))
def get_value_update(who: MayRead, update_id: UpdateId) -> Data[ValueUpdateOut]:
    """One value update."""
    return Data(data=value_update_out(show_value_update(who.engine, who.business_id, update_id)))


@router.post(
    "/{valueUpdateId}/archive",
    response_model=Data[ValueUpdateOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def archive_value_update(request: Request, who: MayChange, update_id: UpdateId) -> Response:
    """Archive a value update: its entry is reversed, and it never was. One that is archived already stays so."""
    with idempotent(request, who) as once:
        if once.replay:
            return once.replay
        archiving.archive_value_update(
            who.engine,
            who.business_id,
            update_id,
            actor=who.subject,
            now=business_now(request.app.state.settings),
            keep=once.keep(lambda view: Answer(Data(data=value_update_out(view)), 200)),
        )
        return once.response
