"""Depreciation of assets that need not be registered."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data
from bookvalue.api.schemas.schedule import MOST_ROWS, ScheduleIn, ScheduleOut
from bookvalue.api.security import Installation, installation
from bookvalue.domain.errors import InvalidInput
from bookvalue.domain.finding import finding
from bookvalue.services.build_schedule import build_schedule

router = APIRouter(prefix="/v1/depreciation", tags=["depreciation"])
MayRead = Annotated[Installation, Depends(installation("assets.read"))]


_AT_ONCE = 8
"""Assets computed at a time: what is computed beyond the bound on rows is no more than these."""


@router.post("/schedule", response_model=Data[list[ScheduleOut]], responses=problems(400, 401, 403, 413, 415, 422, 503))
def build_schedules(request: Request, who: MayRead, body: ScheduleIn) -> Response:
    """The schedules of up to 1,000 assets with up to 60,000 rows in all: each with its rows, or its findings.

    Nothing is read from the register or written to it, and one asset that cannot be computed stops no other. The
    command `bookvalue schedule` answers the same, of as many assets as there are.
    """
    with idempotent(request, who, body) as once:
        return once.answer(Answer(Data[Any](data=_schedules(body.assets)), 200))


def _schedules(assets: list[Any]) -> list[dict[str, Any]]:
    """The schedules of these assets. Raises InvalidInput where they have too many rows for one answer."""
    found: list[dict[str, Any]] = []
    rows = 0
    for first in range(0, len(assets), _AT_ONCE):
        found += build_schedule(assets[first : first + _AT_ONCE])
        rows += sum(len(answer["rows"]) for answer in found[first:])
        if rows > MOST_ROWS:
            detail = f"the schedules have more than {MOST_ROWS:,} rows; ask for fewer at once"
            raise InvalidInput(detail, [finding("too_many", "assets")])
    return found
