"""Facts of an asset that have no entry: estimate changes, suspensions, units used, manual amounts.

One table of nouns; each has the same four operations: list, record, get, archive.
"""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas import asset_facts as schemas
from bookvalue.api.schemas.base import Data, Id, Out, Page, Paging, decode_cursor, encode_cursor
from bookvalue.api.schemas.raw import Raw
from bookvalue.api.security import Caller, caller
from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.services import record_fact as recording
from bookvalue.services import show_facts as showing
from bookvalue.settings import business_now
from bookvalue.storage.asset_facts import KeptFact

router = APIRouter(prefix="/v1/businesses/{businessId}/assets/{assetId}", tags=["facts of assets"])
MayRead = Annotated[Caller, Depends(caller("assets.read"))]
MayChange = Annotated[Caller, Depends(caller("assets"))]
AssetId = Annotated[Id, Path(alias="assetId", description="The id of the asset.")]
Archived = Annotated[bool, Query(description="Those that are archived too.")]


class _Noun(NamedTuple):
    """How a kind of fact is called in paths and operations, and what it looks like."""

    kind: FactType
    path: str
    one: str
    many: str
    id_name: str
    body: type[Raw]
    shown: type[Out]
    says: str

    def show(self, kept: KeptFact) -> Out:
        """One of them as it is shown."""
        return schemas.fact_out(self.shown, kept)


_NOUNS: Sequence[_Noun] = (
    _Noun(
        FactType.ESTIMATE_CHANGE, "estimate-changes", "estimate_change", "estimate_changes", "estimateChangeId",
        schemas.EstimateChangeIn, schemas.EstimateChangeOut,
        "Record other estimates (life or rate, residual value, method) from a day on. The day may be to come.",
    ),
    _Noun(
        FactType.SUSPENSION, "suspensions", "suspension", "suspensions", "suspensionId",
        schemas.SuspensionIn, schemas.SuspensionOut,
        "Suspend an asset: nothing is charged for these days. They may be to come.",
    ),
    _Noun(
        FactType.UNITS_USED, "units-used", "units_used", "units_used", "unitsUsedId",
        schemas.UnitsUsedIn, schemas.UnitsUsedOut,
        "Report the units used in a period. One report a period: to correct it, archive it and report anew.",
    ),
    _Noun(
        FactType.MANUAL_AMOUNT, "manual-amounts", "manual_amount", "manual_amounts", "manualAmountId",
        schemas.ManualAmountIn, schemas.ManualAmountOut,
        "Add an amount to the table of an asset whose method is manual.",
    ),
)  # fmt: skip


_LATE = "Where its period is closed or locked, the book's `lock_policy` says what becomes of it."


def _add_list(noun: _Noun) -> None:
    def answer(who: MayRead, asset_id: AssetId, page: Paging, archived: Archived = False) -> Any:
        after: UUID | None = decode_cursor(page.cursor, UUID)[0] if page.cursor else None
        found, last = showing.page_of_facts(
            who.engine, who.business_id, asset_id, noun.kind, archived=archived, after=after, limit=page.limit
        )
        cursor = None if last is None else encode_cursor([last])
        return Page(data=[noun.show(kept) for kept in found], next=cursor)

    router.add_api_route(
        f"/{noun.path}",
        answer,
        methods=["GET"],
        name=f"list_{noun.many}",
        response_model=Page[noun.shown],  # type: ignore[name-defined]
        responses=problems(400, 401, 403, 404, 422, 503),
        description="In the order in which they were recorded; those that are archived only if asked for.",
    )


def _add_post(noun: _Noun) -> None:
    body_type: Any = noun.body

    def answer(request: Request, who: MayChange, asset_id: AssetId, body: body_type) -> Response:
        def render(kept: KeptFact) -> Answer:
            place = f"/v1/businesses/{who.business_id}/assets/{asset_id}/{noun.path}/{kept.id}"
            return Answer(Data(data=noun.show(kept)), 201, {"Location": place})

        with idempotent(request, who, body.given) as once:
            if once.replay:
                return once.replay
            recording.record_fact(
                who.engine,
                who.business_id,
                asset_id,
                noun.kind,
                body.given,
                now=business_now(request.app.state.settings),
                actor=who.subject,
                keep=once.keep(render),
            )
            return once.response

    router.add_api_route(
        f"/{noun.path}",
        answer,
        methods=["POST"],
        name=f"record_{noun.one}",
        status_code=201,
        response_model=Data[noun.shown],  # type: ignore[name-defined]
        responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
        description=f"{noun.says}\n\n{_LATE}",
    )


def _add_get(noun: _Noun, fact_id_type: Any) -> None:
    def answer(who: MayRead, asset_id: AssetId, fact_id: fact_id_type) -> Any:
        kept = showing.read_one_fact(who.engine, who.business_id, asset_id, noun.kind, fact_id)
        return Data(data=noun.show(kept))

    router.add_api_route(
        f"/{noun.path}/{{{noun.id_name}}}",
        answer,
        methods=["GET"],
        name=f"get_{noun.one}",
        response_model=Data[noun.shown],  # type: ignore[name-defined]
        responses=problems(401, 403, 404, 422, 503),
        description="One of them, archived or not.",
    )


def _add_archive(noun: _Noun, fact_id_type: Any) -> None:
    def answer(request: Request, who: MayChange, asset_id: AssetId, fact_id: fact_id_type) -> Response:
        with idempotent(request, who) as once:
            if once.replay:
                return once.replay
            recording.archive_fact(
                who.engine,
                who.business_id,
                asset_id,
                noun.kind,
                fact_id,
                actor=who.subject,
                keep=once.keep(lambda kept: Answer(Data(data=noun.show(kept)), 200)),
            )
            return once.response

    router.add_api_route(
        f"/{noun.path}/{{{noun.id_name}}}/archive",
        answer,
        methods=["POST"],
        name=f"archive_{noun.one}",
        response_model=Data[noun.shown],  # type: ignore[name-defined]
        responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
        description="It never counted then: the next run posts the difference. One that is archived stays so.",
    )


for _noun in _NOUNS:
    _fact_id = Annotated[Id, Path(alias=_noun.id_name, description="The id of the fact.")]
    _add_list(_noun)
    _add_post(_noun)
    _add_get(_noun, _fact_id)
    _add_archive(_noun, _fact_id)
