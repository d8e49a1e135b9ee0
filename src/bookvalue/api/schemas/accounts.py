"""What accounts look like, and how an answer names one."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import Raw, text, words
from bookvalue.domain.terms import AccountType
from bookvalue.storage.accounts import KeptAccount

_TYPE = "The side of the books it is on."


class AccountChange(Raw):
    """A change of an account; what it is called by stays."""

    name: Any = text("Its name.", "Tractors")
    type: Any = words(_TYPE, AccountType)


class AccountIn(Raw):
    """A new account."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False, "required": ["code", "name", "type"]})

    code: Any = text("Unique in the chart.", "1590")
    stable_name: Any = text("What requests may call it by; unique, and never changed.", "TRACTORS")
    name: Any = text("Its name.", "Tractors")
    type: Any = words(_TYPE, AccountType)


class AccountRef(Out):
    """An account as other objects name it."""

    id: UUID
    code: str
    stable_name: str | None
    name: str


class AccountOut(AccountRef):
    """An account."""

    type: AccountType
    parent_id: UUID | None = Field(description="The account that it belongs under.")


def account_out(kept: KeptAccount) -> AccountOut:
    """The account as it is shown."""
    value = kept.value
    return AccountOut(
        id=kept.id,
        code=value.code,
        stable_name=value.stable_name,
        name=value.name,
        type=value.type,
        parent_id=kept.parent_id,
    )


def account_ref(kept: KeptAccount | None) -> AccountRef | None:
    """The account as another object names it."""
    if kept is None:
        return None
    return AccountRef(id=kept.id, code=kept.value.code, stable_name=kept.value.stable_name, name=kept.value.name)
