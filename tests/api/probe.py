"""A small noun of its own, so that the core of the API is tested whatever the real routes do."""

import time
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import Field, StrictBool, StrictInt
from sqlalchemy import text

from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.base import (
    Amount,
    Choice,
    Data,
    Day,
    ExternalId,
    Id,
    In,
    Out,
    Page,
    Paging,
    Text,
    decode_cursor,
    encode_cursor,
)
from bookvalue.api.security import Caller, Installation, caller, installation
from bookvalue.domain.business import Business
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.errors import IntegrityViolation
from bookvalue.domain.terms import RunKind
from bookvalue.services.set_up_business import set_up
from bookvalue.storage import audit
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Role, transaction

router = APIRouter(tags=["probe"])
PATH = "/v1/businesses/{businessId}/probes"


class Inner(In):
    name: Text


class ProbeIn(In):
    name: Text
    external_id: ExternalId | None = None
    amount: Amount | None = None
    day: Day | None = None
    kind: Choice[RunKind] | None = None
    account_id: Id | None = None
    done: StrictBool | None = None
    months: Annotated[StrictInt, Field(ge=1, le=1200)] | None = None
    inner: Inner | None = None
    names: Annotated[list[Text], Field(max_length=3)] | None = None
    metadata: dict[str, Any] | None = None


class ProbeOut(Out):
    id: str
    name: str


@router.get(PATH, response_model=Page[ProbeOut])
def list_probes(who: Annotated[Caller, Depends(caller("assets.read"))], page: Paging) -> Page[ProbeOut]:
    after = decode_cursor(page.cursor, int)[0] if page.cursor else 0
    rows = [ProbeOut(id=str(at), name=who.subject) for at in range(after + 1, min(after + page.limit, 7) + 1)]
    return Page(data=rows, next=encode_cursor([after + page.limit]) if after + page.limit < 7 else None)


@router.post(PATH, status_code=201, response_model=Data[ProbeOut])
def create_probe(
    request: Request, body: ProbeIn, who: Annotated[Caller, Depends(caller("assets"))], slow: float = 0
) -> Response:
    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        keep = once.keep(
            lambda made: Answer(Data(data=ProbeOut(id=made, name=body.name)), 201, {"Location": f"/probes/{made}"})
        )
        with transaction(who.engine, Role.API, who.business_id) as connection:
            made = str(uuid7())
            audit.record(connection, who.business_id, actor=who.subject, action="probe", subject=made)
            time.sleep(slow)
            if body.name == "fail":
                raise IntegrityViolation("secret of the inside")
            keep(connection, made)
            connection.commit()
        return once.response


@router.post("/v1/probes", status_code=201, response_model=Data[ProbeOut])
def create_loose_probe(
    request: Request, body: ProbeIn, who: Annotated[Installation, Depends(installation("businesses"))]
) -> Response:
    with idempotent(request, who, body) as once:
        if once.replay:
            return once.replay
        keep = once.keep(lambda made: Answer(Data(data=ProbeOut(id=made, name=body.name))))
        business_id = uuid7()
        value = Business(body.name, body.name, "EUR", "UTC", FiscalCalendar(1, 1), date(2026, 1, 1))
        with transaction(who.engine, Role.API, business_id) as connection:
            set_up(connection, business_id, value)
            keep(connection, str(business_id))
            # The service's own binding holds again after the answer was kept.
            bound = connection.scalar(text("SELECT current_setting('app.business_id')"))
            assert bound == str(business_id)
            connection.commit()
        return once.response


@router.get("/v1/crash")
def crash() -> None:
    raise RuntimeError("secret of the inside")


def with_probe(app: FastAPI) -> FastAPI:
    """The application with this noun."""
    app.include_router(router)
    return app
