"""Businesses with what belongs to them alone: the posting book and the chart of accounts.

A business is found by its key as the planner, which sees nothing else of it; all else is read under its own binding.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Label, case, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bookvalue.domain.business import Business
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.chart import Account
from bookvalue.domain.errors import NotFound
from bookvalue.domain.terms import (
    AccountingBasis,
    AccountType,
    AssetAccounts,
    AutoClose,
    JournalGrain,
    LockPolicy,
)
from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import account, book, business, feed_counter


@dataclass(frozen=True, slots=True)
class KeptBusiness:
    """A business as it is kept, with its posting book; accounts by their code.

    next_number: the one that its asset numbers go on from.
    """

    id: UUID
    book_id: UUID
    value: Business
    next_number: int = 1


def ids_by_key(connection: Connection) -> dict[str, UUID]:
    """Every business's key and id; needs the planner's role."""
    rows = connection.execute(select(business.c.key, business.c.id).order_by(business.c.key))
    return {row.key: row.id for row in rows}


def visible(connection: Connection, *, among: Collection[UUID] | None, after: str | None, limit: int) -> list[UUID]:
    """The ids of up to `limit` businesses by key, from the one after `after`; needs the planner's role."""
    statement = select(business.c.id).order_by(business.c.key).limit(limit)
    if among is not None:
        statement = statement.where(business.c.id.in_(among))
    if after is not None:
        statement = statement.where(business.c.key > after)
    return list(connection.scalars(statement))


def hold(connection: Connection, business_id: UUID) -> KeptBusiness:
    """The bound business, with its register and settings held against other writers to the end of the transaction.

    One lock, taken before any other, so that writers never meet half way; runs and reads pass it by.
    """
    connection.execute(
        select(book.c.id).where(book.c.business_id == business_id, book.c.is_posting).with_for_update(key_share=True)
    )
    return get(connection, business_id)


def get(connection: Connection, business_id: UUID) -> KeptBusiness:
    """The bound business. Raises NotFound where it is not there."""
    row = connection.execute(
        select(
            business,
            book.c.id.label("book_id"),
            book.c.grain,
            book.c.lock_policy,
            book.c.auto,
            book.c.close_after_days,
            book.c.close_at,
            book.c.auto_lock_after_days,
            *(_result_account(name) for name in _RESULT_ACCOUNTS),
        )
        .join(book, (book.c.business_id == business.c.id) & book.c.is_posting)
        .where(business.c.id == business_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no such business")
    return KeptBusiness(
        row.id,
        row.book_id,
        Business(
            row.key,
            row.name,
            row.currency,
            row.time_zone,
            FiscalCalendar(row.fiscal_month, row.fiscal_day),
            row.books_start,
            AccountingBasis(row.accounting_basis),
            row.number_prefix,
            AutoClose(row.auto),
            row.close_after_days,
            row.close_at,
            JournalGrain(row.grain),
            LockPolicy(row.lock_policy),
            row.auto_lock_after_days,
            AssetAccounts(row.asset_accounts),
            row.gain_account,
            row.loss_account,
            row.capital_gain_account,
        ),
        row.next_number,
    )


_RESULT_ACCOUNTS = {
    "gain_account": ("gain_account_id", "GAIN_ON_DISPOSAL"),
    "loss_account": ("loss_account_id", "LOSS_ON_DISPOSAL"),
    "capital_gain_account": ("capital_gain_account_id", "CAPITAL_GAIN_ON_DISPOSAL"),
}
"""Where the accounts of a disposal's result are kept, and the one of the default chart where none is."""


def _result_account(name: str) -> Label[str]:
    """The code of such an account; its stable name where the chart has none of either."""
    column, stable_name = _RESULT_ACCOUNTS[name]
    given = business.c[column]
    is_it = case((given.is_(None), account.c.stable_name == stable_name), else_=account.c.id == given)
    found = select(account.c.code).where(account.c.business_id == business.c.id, is_it).scalar_subquery()
    return func.coalesce(found, stable_name).label(name)


def create(connection: Connection, business_id: UUID, value: Business) -> UUID:
    """A new business with its posting book and its feed; returns the book's id. The chart is added by add_accounts."""
    book_id = uuid7()
    connection.execute(
        insert(business).values(
            id=business_id,
            key=value.key,
            name=value.name,
            currency=value.currency,
            time_zone=value.time_zone,
            fiscal_month=value.fiscal_calendar.month,
            fiscal_day=value.fiscal_calendar.day,
            books_start=value.books_start,
            accounting_basis=value.accounting_basis,
            number_prefix=value.number_prefix,
            asset_accounts=value.asset_accounts,
        )
    )
    connection.execute(
        insert(book).values(
            business_id=business_id,
            id=book_id,
            name="primary",
            is_posting=True,
            **_book_policies(value),
        )
    )
    connection.execute(insert(feed_counter).values(business_id=business_id))
    return book_id


def change(connection: Connection, business_id: UUID, value: Business) -> None:
    """What may change while periods exist: all but what they were made from; and the book's policies."""
    named = {name: getattr(value, name) for name in _RESULT_ACCOUNTS}
    rows = connection.execute(
        select(account.c.id, account.c.code, account.c.stable_name).where(
            account.c.business_id == business_id,
            account.c.code.in_(named.values()) | account.c.stable_name.in_(named.values()),
        )
    ).all()
    by_name = {row.stable_name: row.id for row in rows} | {row.code: row.id for row in rows}
    connection.execute(
        update(business)
        .where(business.c.id == business_id)
        .values(
            name=value.name,
            accounting_basis=value.accounting_basis,
            number_prefix=value.number_prefix,
            asset_accounts=value.asset_accounts,
            **{_RESULT_ACCOUNTS[name][0]: by_name.get(called) for name, called in named.items()},
        )
    )
    connection.execute(
        update(book).where(book.c.business_id == business_id, book.c.is_posting).values(**_book_policies(value))
    )


def _book_policies(value: Business) -> dict[str, str | int | time | None]:
    return {
        "grain": value.grain,
        "lock_policy": value.lock_policy,
        "auto": value.auto,
        "close_after_days": value.close_after_days,
        "close_at": value.close_at,
        "auto_lock_after_days": value.auto_lock_after_days,
    }


def set_next_number(connection: Connection, business_id: UUID, number: int) -> None:
    """The number that the business's asset numbers go on from; those that are taken are passed over when drawn."""
    connection.execute(update(business).where(business.c.id == business_id).values(next_number=number))


def take_asset_numbers(connection: Connection, business_id: UUID, count: int) -> int:
    """Takes `count` numbers of the business's sequence and returns the first; a negative count gives the last back."""
    statement = (
        update(business)
        .where(business.c.id == business_id)
        .values(next_number=business.c.next_number + count)
        .returning(business.c.next_number)
    )
    return int(connection.execute(statement).scalar_one()) - count


def accounts(connection: Connection, business_id: UUID) -> list[tuple[UUID, int, Account]]:
    """The chart, by ordinal: (id, ordinal, account)."""
    rows = connection.execute(select(account).where(account.c.business_id == business_id).order_by(account.c.ordinal))
    return [(row.id, row.ordinal, Account(row.code, row.stable_name, row.name, AccountType(row.type))) for row in rows]


def put_accounts(connection: Connection, business_id: UUID, chart: Iterable[Account]) -> None:
    """Adds accounts, or renames those whose code is there."""
    last = connection.scalar(
        text("SELECT coalesce(max(ordinal), 0) FROM account WHERE business_id = :business"), {"business": business_id}
    )
    rows = [
        {
            "business_id": business_id,
            "id": uuid7(),
            "ordinal": ordinal,
            "code": entry.code,
            "stable_name": entry.stable_name,
            "name": entry.name,
            "type": entry.type,
        }
        for ordinal, entry in enumerate(chart, (last or 0) + 1)
    ]
    if rows:
        statement = upsert(account)
        connection.execute(
            statement.on_conflict_do_update(
                constraint="account_code_unique",
                set_={"name": statement.excluded.name, "type": statement.excluded.type},
            ),
            rows,
        )


def reschedule(connection: Connection, business_id: UUID, due: Mapping[date, Any]) -> None:
    """Sets when the open periods of the posting book are due: period start -> instant, or None for never."""
    connection.execute(
        text("""UPDATE period SET due_at = :due
                WHERE business_id = :business AND period_start = :start AND status = 'open'
                AND book_id = (SELECT id FROM book WHERE business_id = :business AND is_posting)"""),
        [{"business": business_id, "start": start, "due": instant} for start, instant in due.items()],
    )
