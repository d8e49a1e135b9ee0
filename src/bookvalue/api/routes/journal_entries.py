"""The journal feed: posted entries by number: a reader that keeps the last one misses none and doubles none."""

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.schemas.base import Data, Id, Text
from bookvalue.api.schemas.journal_entries import EntryOut, FeedOut, entry_out, feed_out
from bookvalue.api.schemas.runs import PeriodName
from bookvalue.api.security import Caller, caller
from bookvalue.services.read_journal import JournalQuery, read_entry, read_feed

router = APIRouter(prefix="/v1/businesses/{businessId}/journal-entries", tags=["journal"])
May = Annotated[Caller, Depends(caller("journal.read"))]

_TAG = re.compile(r'(?:W/)?"(\d{1,19})-([0-9a-f]{16})"')


@router.get(
    "",
    response_model=FeedOut,
    responses={
        200: {"headers": {"ETag": {"schema": {"type": "string"}, "description": "For If-None-Match."}}},
        304: {"description": "Nothing is new since the answer with this ETag"},
        **problems(400, 401, 403, 404, 422, 503),
    },
)
def list_journal_entries(
    request: Request,
    response: Response,
    who: May,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="The last number seen; 0 from the start.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
    posting_period: Annotated[PeriodName | None, Query(description="Only what lies in this period.")] = None,
    effective_period: Annotated[PeriodName | None, Query(description="Only what is for this period.")] = None,
    run_id: Annotated[Id | None, Query(description="Only of this run.")] = None,
    asset_id: Annotated[Id | None, Query(description="Only what holds a value update of this asset.")] = None,
    account: Annotated[
        Text | None, Query(description="Only with a line on this account: id, code, stable name.")
    ] = None,
    if_none_match: Annotated[str | None, Header(description="The ETag of the answer to the same request.")] = None,
) -> FeedOut | Response:
    """Posted entries after a number, in the order of their commits, without gaps.

    Keep `next_after` and ask with it again. Filters leave it right: it is the last number looked at, not shown.
    """
    asked = hashlib.sha256(repr(sorted(request.query_params.multi_items())).encode(errors="replace")).hexdigest()[:16]
    known = {int(number) for number, same in _TAG.findall(if_none_match or "") if same == asked}
    query = JournalQuery(posting_period, effective_period, run_id, asset_id, account)
    page = read_feed(who.engine, who.business_id, query, after=after, limit=limit, known=known)
    if isinstance(page, int):
        return Response(status_code=304, headers={"ETag": f'W/"{page}-{asked}"'})
    response.headers["ETag"] = f'W/"{page.last_number}-{asked}"'
    return feed_out(page)


@router.get("/{entryId}", responses=problems(401, 403, 404, 422, 503))
def get_journal_entry(
    who: May, entry_id: Annotated[Id, Path(alias="entryId", description="The id of the entry.")]
) -> Data[EntryOut]:
    """One entry with its lines."""
    return Data(data=entry_out(read_entry(who.engine, who.business_id, entry_id)))
