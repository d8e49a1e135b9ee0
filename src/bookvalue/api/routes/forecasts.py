"""What the next periods will be charged: of the register, and with hypothetical assets beside it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data, Id, Paging, Text, decode_cursor, encode_cursor
from bookvalue.api.schemas.forecasts import ForecastIn, ForecastOut, ForecastPage
from bookvalue.api.security import Caller, caller
from bookvalue.domain.business import Business
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.finding import finding
from bookvalue.domain.schedule_spec import schedule_id
from bookvalue.services.build_schedule import Read
from bookvalue.services.forecast import MOST_PERIODS, ForecastQuery, forecast
from bookvalue.services.forecast_groups import GroupBy
from bookvalue.services.forecast_members import members_of
from bookvalue.services.what_if import read_what_if

router = APIRouter(prefix="/v1/businesses/{businessId}/forecast", tags=["forecasts"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MOST_ASSETS = 100
"""Of one request, by their ids."""
MOST_CHARGES = 12_000_000
"""Assets times periods of one request: some seconds of computing. The command line knows no such bound."""


def _query(
    periods: Annotated[int, Query(ge=1, le=MOST_PERIODS, description="How many periods.")] = 12,
    first: Annotated[
        Text | None,
        Query(alias="from", description="The first period, YYYY-MM; the first that is not closed if left out."),
    ] = None,
    book_id: Annotated[Id | None, Query(description="The posting book, where it is left out.")] = None,
    asset_id: Annotated[
        list[Id] | None, Query(max_length=MOST_ASSETS, description="Only these assets, each shown by itself.")
    ] = None,
    by: Annotated[GroupBy | None, Query(description="What else to add up by; groups come in pages.")] = None,
) -> ForecastQuery:
    return ForecastQuery(periods, first, book_id, tuple(asset_id or ()), by)


@router.get("", response_model_exclude_unset=True, responses=problems(400, 401, 403, 404, 422, 503))
def forecast_register(who: MayRead, page: Paging, query: Annotated[ForecastQuery, Depends(_query)]) -> ForecastPage:
    """What the runs of the next periods will charge the registered assets, if no fact changes.

    By the formula of the runs themselves. Totals are of all assets asked for; only groups come in pages. Assets times
    periods: at most 12,000,000.
    """
    by, after = decode_cursor(page.cursor, str, str) if page.cursor else (query.grouped_by, None)
    if by != query.grouped_by:
        raise InvalidInput("1 finding; nothing was applied", [finding("not_a_cursor", "cursor")])
    asked = replace(query, after=after, limit=page.limit, most=MOST_CHARGES)
    found = forecast(who.engine, who.business_id, asked)
    cursor = None if found.next is None else encode_cursor([str(found.by), found.next])
    return ForecastPage.model_validate({"data": members_of(found), "next": cursor})


@router.post("", response_model=Data[ForecastOut], responses=problems(400, 401, 403, 404, 413, 415, 422, 503))
def forecast_what_if(request: Request, who: MayRead, body: ForecastIn) -> Response:
    """The same with up to 100 hypothetical assets: what they would be charged, and the totals with and without them.

    Nothing is written. One asset that cannot be computed is answered with its findings, and stops no other.
    """

    def specs(business: Business) -> list[Read]:
        return [(schedule_id(raw), *read_what_if(business, raw)) for raw in body.assets]

    with idempotent(request, who, body) as once:
        query = ForecastQuery(body.periods, body.first, body.book_id, most=MOST_CHARGES)
        found = forecast(who.engine, who.business_id, query, specs)
        return once.answer(Answer(Data[Any](data=members_of(found)), 200))
