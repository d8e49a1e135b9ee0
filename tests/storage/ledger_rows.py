"""Rows to attack the schema with: what a business has, statements that would be right, and who is refused how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from bookvalue.domain.errors import BookvalueError
from bookvalue.storage.unit_of_work import Role, transaction

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in range(8, 13))
Statement = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Tenant:
    """A business of the filled database: August locked, September and October closed, November open."""

    id: UUID
    book: UUID
    currency: str
    last_seq: int
    assets: Sequence[UUID]
    accounts: Sequence[UUID]
    runs: Sequence[UUID]
    entry: UUID

    @property
    def asset(self) -> UUID:
        """One of its assets."""
        return self.assets[0]

    @property
    def account(self) -> UUID:
        """One of its accounts."""
        return self.accounts[0]


def tenant(engine: Engine, key: str) -> Tenant:
    """The business with this key, as a superuser sees it."""
    with engine.connect() as c:
        id_, currency = c.execute(text("SELECT id, currency FROM business WHERE key = :key"), {"key": key}).one()

        def column(sql: str) -> list[Any]:
            return list(c.scalars(text(sql), {"b": id_}))

        states = column("SELECT status FROM period WHERE business_id = :b ORDER BY period_start")
        assert states == ["locked", "closed", "closed", "open"]
        return Tenant(
            id_,
            column("SELECT id FROM book WHERE business_id = :b")[0],
            currency,
            column("SELECT last_seq FROM feed_counter WHERE business_id = :b")[0],
            column("SELECT asset_id FROM asset_book WHERE business_id = :b ORDER BY asset_id"),
            column("SELECT id FROM account WHERE business_id = :b ORDER BY ordinal"),
            column("SELECT id FROM run WHERE business_id = :b ORDER BY period_start"),
            column("SELECT id FROM journal_entry WHERE business_id = :b ORDER BY feed_seq LIMIT 1")[0],
        )


def insert(table: str, *rows: Mapping[str, Any]) -> Statement:
    """One INSERT of some rows of the same columns."""
    names = list(rows[0])
    values = ", ".join("(" + ", ".join(f":{name}_{number}" for name in names) + ")" for number in range(len(rows)))
    return (
        f"INSERT INTO bookvalue.{table} ({', '.join(names)}) VALUES {values}",
        {f"{name}_{number}": row[name] for number, row in enumerate(rows) for name in names},
    )


def update_row(of: Tenant, **changed: Any) -> dict[str, Any]:
    """A value update of November that nobody has posted yet."""
    return {
        "business_id": of.id,
        "book_id": of.book,
        "effective_period": NOVEMBER,
        "asset_id": of.asset,
        "sequence": 0,
        "posting_period": NOVEMBER,
        "update_type": "DEPRECIATION_AMORTIZATION",
        "amount_minor": 500,
        "run_id": None,
        "entry_id": None,
        "debit_line": None,
        "credit_line": None,
        **changed,
    }


def entry_row(of: Tenant, **changed: Any) -> dict[str, Any]:
    """An entry of November with the next number of the feed, of 500 on two lines."""
    return {
        "business_id": of.id,
        "id": uuid4(),
        "book_id": of.book,
        "feed_seq": of.last_seq + 1,
        "kind": "depreciation",
        "effective_period": NOVEMBER,
        "posting_period": NOVEMBER,
        "entry_date": NOVEMBER + timedelta(29),
        "currency": of.currency,
        "total_minor": 500,
        "line_count": 2,
        "run_id": None,
        "asset_id": None,
        "reversal_of": None,
        **changed,
    }


def line_rows(of: Tenant, entry: UUID, *amounts: int) -> list[dict[str, Any]]:
    """Lines of an entry: a positive amount is a debit, a negative one a credit."""
    return [
        {
            "business_id": of.id,
            "entry_id": entry,
            "line_no": number,
            "account_id": of.accounts[number % 2],
            "debit_minor": max(amount, 0),
            "credit_minor": max(-amount, 0),
        }
        for number, amount in enumerate(amounts, 1)
    ]


def take_number(of: Tenant, count: int = 1) -> Statement:
    """Moves the business's feed on."""
    return (
        "UPDATE bookvalue.feed_counter SET last_seq = last_seq + :count WHERE business_id = :b",
        {"count": count, "b": of.id},
    )


def posted_entry(of: Tenant, *amounts: int, **changed: Any) -> list[Statement]:
    """An entry as a run posts it: number, header, all lines."""
    header = entry_row(of, **changed)
    return [
        take_number(of),
        insert("journal_entry", header),
        insert("journal_line", *line_rows(of, header["id"], *(amounts or (500, -500)))),
    ]


def queued_run(of: Tenant, **changed: Any) -> dict[str, Any]:
    """The scheduled run of November, not planned yet."""
    return {
        "business_id": of.id,
        "id": uuid4(),
        "book_id": of.book,
        "period_start": NOVEMBER,
        "generation": 0,
        "sequence": 0,
        "kind": "scheduled",
        "requested_by": "test",
        **changed,
    }


START_RUN = """UPDATE bookvalue.run SET status = 'running', fence = fence + 1, lease_until = clock_timestamp()
    + interval '1 h'
               WHERE id = :id"""


def running_run(connection: Connection, of: Tenant, **changed: Any) -> UUID:
    """Plans and starts a run of November, as whoever the connection is."""
    row = queued_run(of, **changed)
    execute(connection, insert("run", row))
    connection.execute(text(START_RUN), {"id": row["id"]})
    return UUID(str(row["id"]))


def execute(connection: Connection, *statements: Statement) -> None:
    """Executes them in order."""
    for sql, parameters in statements:
        connection.execute(text(sql), parameters)


def admitted(engine: Engine, role: Role, bound: UUID | None, *statements: Statement) -> None:
    """The statements pass, and would pass to the commit; then they are rolled back."""
    with transaction(engine, role, bound) as connection:
        execute(connection, *statements)
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def refused(
    engine: Engine,
    role: Role,
    bound: UUID | None,
    *statements: Statement,
    sqlstate: str,
    constraint: str | None = None,
    or_key: str | None = None,
) -> None:
    """The last statement, or what is checked at the commit after it, is refused in exactly this way.

    `or_key`: a foreign key that may say so before the guard does.
    """
    with pytest.raises(BookvalueError) as caught, transaction(engine, role, bound) as connection:
        execute(connection, *statements[:-1])
        execute(connection, statements[-1])
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    found = (caught.value.details.get("sqlstate"), caught.value.details.get("constraint"))
    assert found in ({(sqlstate, constraint)} | ({("23503", or_key)} if or_key else set())), caught.value
