"""The chart of accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bookvalue.api.errors import problems
from bookvalue.api.idempotency import Answer, idempotent
from bookvalue.api.schemas.accounts import AccountChange, AccountIn, AccountOut, account_out
from bookvalue.api.schemas.base import Data, Id, Page, Paging, Text, decode_cursor, encode_cursor
from bookvalue.api.security import Caller, caller
from bookvalue.domain.terms import AccountType
from bookvalue.services import keep_accounts as keeping
from bookvalue.storage.accounts import KeptAccount

router = APIRouter(prefix="/v1/businesses/{businessId}/accounts", tags=["accounts"])
MayRead = Annotated[Caller, Depends(caller("settings", "assets.read", "journal.read"))]
MayChange = Annotated[Caller, Depends(caller("settings"))]
AccountId = Annotated[Id, Path(alias="accountId", description="The id of the account.")]


@router.get("", responses=problems(400, 401, 403, 404, 422, 503))
def list_accounts(
    who: MayRead,
    page: Paging,
    of_type: Annotated[AccountType | None, Query(alias="type", description="Only of this type.")] = None,
    stable_name: Annotated[Text | None, Query(description="Only the one with this stable name.")] = None,
) -> Page[AccountOut]:
    """Accounts, in the order in which they were added."""
    after: int = decode_cursor(page.cursor, int)[0] if page.cursor else 0
    found, last = keeping.page_of_accounts(
        who.engine, who.business_id, of_type=of_type, stable_name=stable_name, after=after, limit=page.limit
    )
    return Page(data=[account_out(kept) for kept in found], next=None if last is None else encode_cursor([last]))


@router.post(
    "",
    status_code=201,
    response_model=Data[AccountOut],
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def add_account(request: Request, who: MayChange, body: AccountIn) -> Response:
    """Add an account to the chart."""

    def render(kept: KeptAccount) -> Answer:
        place = f"/v1/businesses/{who.business_id}/accounts/{kept.id}"
        return Answer(Data(data=account_out(kept)), 201, {"Location": place})

    with idempotent(request, who, body.given) as once:
        if once.replay:
            return once.replay
        keeping.add_account(who.engine, who.business_id, body.given, actor=who.subject, keep=once.keep(render))
        return once.response


@router.get("/{accountId}", responses=problems(401, 403, 404, 422, 503))
def get_account(who: MayRead, account_id: AccountId) -> Data[AccountOut]:
    """One account."""
    return Data(data=account_out(keeping.read_one_account(who.engine, who.business_id, account_id)))


@router.patch("/{accountId}", responses=problems(400, 401, 403, 404, 413, 415, 422, 503))
def change_account(who: MayChange, account_id: AccountId, body: AccountChange) -> Data[AccountOut]:
    """Change an account's name or type."""
    kept = keeping.change_account(who.engine, who.business_id, account_id, body.given, actor=who.subject)
    return Data(data=account_out(kept))
