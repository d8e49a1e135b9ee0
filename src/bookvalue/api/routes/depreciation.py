"""Depreciation of assets that need not be registered."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import Data
from bookvalue.api.schemas.schedule import ScheduleIn, ScheduleOut
from bookvalue.api.security import Installation, installation
from bookvalue.services.build_schedule import build_schedule

router = APIRouter(prefix="/v1/depreciation", tags=["depreciation"])
MayRead = Annotated[Installation, Depends(installation("assets.read"))]


@router.post("/schedule", response_model=Data[list[ScheduleOut]], responses=problems(400, 401, 403, 413, 415, 422, 503))
def build_schedules(request: Request, who: MayRead, body: ScheduleIn) -> Response:
    """The schedules of assets, up to 100, as `bookvalue schedule` has them: each with its rows, or its findings.

    Nothing is read from the register or written to it. One asset that cannot be computed stops no other.
    """
    with idempotent(request, who, body) as once:
        return once.answer(Answer(Data[Any](data=list(build_schedule(body.assets))), 200))
