"""The accounts of a business's chart, one at a time and by the page; the chart as a whole is read by businesses.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, update

from bookvalue.domain.chart import Account
from bookvalue.domain.terms import AccountType
from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import account


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """An account as it is kept; `ordinal` is its place in the chart, `parent_id` the account that it belongs under."""

    id: UUID
    ordinal: int
    value: Account
    parent_id: UUID | None = None


def page(
    connection: Connection,
    business_id: UUID,
    *,
    after: int,
    limit: int,
    of_type: AccountType | None = None,
    stable_name: str | None = None,
) -> list[KeptAccount]:
    """Up to `limit` accounts in the order in which they were added, from the one after ordinal `after`."""
    statement = select(account).where(account.c.business_id == business_id, account.c.ordinal > after)
    if of_type is not None:
        statement = statement.where(account.c.type == of_type)
    if stable_name is not None:
        statement = statement.where(account.c.stable_name == stable_name)
    return [_kept(row) for row in connection.execute(statement.order_by(account.c.ordinal).limit(limit))]


def one(connection: Connection, business_id: UUID, account_id: UUID) -> KeptAccount | None:
    """One account, or None."""
    row = connection.execute(
        select(account).where(account.c.business_id == business_id, account.c.id == account_id)
    ).one_or_none()
    return None if row is None else _kept(row)


def add(connection: Connection, business_id: UUID, value: Account) -> KeptAccount:
    """A new account at the end of the chart; the business is held by the caller."""
    last = connection.scalar(select(func.max(account.c.ordinal)).where(account.c.business_id == business_id)) or 0
    kept = KeptAccount(uuid7(), last + 1, value)
    connection.execute(
        insert(account).values(
            business_id=business_id,
            id=kept.id,
            ordinal=kept.ordinal,
            code=value.code,
            stable_name=value.stable_name,
            name=value.name,
            type=value.type,
        )
    )
    return kept


def add_many(
    connection: Connection, business_id: UUID, values: Sequence[Account], *, parent_id: UUID | None
) -> dict[str, UUID]:
    """New accounts at the end of the chart, under another one; their ids by code. The caller holds the business."""
    last = connection.scalar(select(func.max(account.c.ordinal)).where(account.c.business_id == business_id)) or 0
    ids = {value.code: uuid7() for value in values}
    rows = [
        {
            "business_id": business_id,
            "id": ids[value.code],
            "ordinal": ordinal,
            "code": value.code,
            "stable_name": value.stable_name,
            "name": value.name,
            "type": value.type,
            "parent_id": parent_id,
        }
        for ordinal, value in enumerate(values, last + 1)
    ]
    connection.execute(insert(account), rows)
    return ids


def change(connection: Connection, business_id: UUID, account_id: UUID, value: Account) -> None:
    """Stores an account's name and type anew."""
    connection.execute(
        update(account)
        .where(account.c.business_id == business_id, account.c.id == account_id)
        .values(name=value.name, type=value.type)
    )


def _kept(row: Row[Any]) -> KeptAccount:
    return KeptAccount(
        row.id, row.ordinal, Account(row.code, row.stable_name, row.name, AccountType(row.type)), row.parent_id
    )
