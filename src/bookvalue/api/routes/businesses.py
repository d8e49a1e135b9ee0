"""Businesses, their settings and their books."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Page, Paging, decode_cursor, encode_cursor
from bookvalue.api.schemas.businesses import (
    BookChange,
    BookOut,
    BusinessIn,
    BusinessOut,
    SettingsChange,
    SettingsOut,
    book_out,
    business_out,
    settings_out,
)
from bookvalue.api.security import Caller, Installation, caller, installation
from bookvalue.services import change_business as changing
from bookvalue.services import create_business as creating
from bookvalue.services import read_businesses as reading
from bookvalue.storage.businesses import KeptBusiness

router = APIRouter(prefix="/v1/businesses", tags=["businesses"])
_READING = ("businesses", "settings", "assets.read", "runs", "journal.read")
MaySee = Annotated[Installation, Depends(installation(*_READING))]
MayCreate = Annotated[Installation, Depends(installation("businesses"))]
MayRead = Annotated[Caller, Depends(caller(*_READING))]
MayChange = Annotated[Caller, Depends(caller("settings"))]
BookId = Annotated[Id, Path(alias="bookId", description="The id of the book.")]


@router.post(
    "",
    status_code=201,
    response_model=Data[BusinessOut],
    responses=problems(400, 401, 403, 409, 413, 415, 422, 503),
)
def create_business(request: Request, who: MayCreate, body: BusinessIn) -> Response:
    """Create a business: its posting book, a default chart of accounts and its first period come with it.

    A token that lists its businesses does not list this one: ask for another, or use one for all of them.
    """

    def render(kept: KeptBusiness) -> Answer:
        return Answer(Data(data=business_out(kept)), 201, {"Location": f"/v1/businesses/{kept.id}"})

    with idempotent(request, who, body.given) as once:
        if once.replay:
            return once.replay
        creating.create_business(who.engine, body.given, actor=who.subject, keep=once.keep(render))
        return once.response


@router.get("", responses=problems(400, 401, 403, 422, 503))
def list_businesses(who: MaySee, page: Paging) -> Page[BusinessOut]:
    """The token's businesses, by key."""
    after: str | None = decode_cursor(page.cursor, str)[0] if page.cursor else None
    found, last = reading.page_of_businesses(who.engine, among=who.businesses, after=after, limit=page.limit)
    return Page(data=[business_out(kept) for kept in found], next=encode_cursor([last]) if last else None)


@router.get("/{businessId}", responses=problems(401, 403, 404, 503))
def get_business(who: MayRead) -> Data[BusinessOut]:
    """One business."""
    return Data(data=business_out(reading.read_business(who.engine, who.business_id)))


@router.get("/{businessId}/settings", responses=problems(401, 403, 404, 503))
def get_settings(who: MayRead) -> Data[SettingsOut]:
    """A business's settings."""
    return Data(data=settings_out(reading.read_settings(who.engine, who.business_id)))


@router.patch("/{businessId}/settings", responses=problems(400, 401, 403, 404, 413, 415, 422, 503))
def change_settings(who: MayChange, body: SettingsChange) -> Data[SettingsOut]:
    """Change settings. What periods were made from does not change; what assets start with holds for new ones."""
    view = changing.change_settings(who.engine, who.business_id, body.given, actor=who.subject)
    return Data(data=settings_out(view))


@router.get("/{businessId}/books", responses=problems(400, 401, 403, 404, 422, 503))
def list_books(who: MayRead, page: Paging) -> Page[BookOut]:
    """A business's books; there is one so far, the posting one."""
    kept = reading.read_business(who.engine, who.business_id)
    if page.cursor:
        decode_cursor(page.cursor, str)  # no page but the first has anything
    return Page(data=[] if page.cursor else [book_out(kept)], next=None)


@router.get("/{businessId}/books/{bookId}", responses=problems(401, 403, 404, 422, 503))
def get_book(who: MayRead, book_id: BookId) -> Data[BookOut]:
    """One book."""
    return Data(data=book_out(reading.read_book(who.engine, who.business_id, book_id)))


@router.patch("/{businessId}/books/{bookId}", responses=problems(400, 401, 403, 404, 413, 415, 422, 503))
def change_book(who: MayChange, book_id: BookId, body: BookChange) -> Data[BookOut]:
    """Change a book's policies; its open periods are scheduled anew."""
    kept = changing.change_book(who.engine, who.business_id, book_id, body.given, actor=who.subject)
    return Data(data=book_out(kept))
