"""What the tests of disposals ask of the books, and how they read an entry."""

from typing import Any
from uuid import UUID

from bookvalue.services.dispose_asset import dispose_asset
from bookvalue.services.record_value_update import record_value_update
from bookvalue.services.reinstate_asset import reinstate_asset
from bookvalue.services.show_disposals import DisposalView, EntryView

from .conftest import Books, at

NOW = "2026-11-20"


def id_of(books: Books, external_id: str) -> UUID:
    """The id of an asset."""
    return books.sql("SELECT id FROM asset WHERE external_id = :id", id=external_id)[0].id


def dispose(books: Books, external_id: str, day: str, *, now: str = NOW, **more: Any) -> DisposalView:
    """Disposes of an asset; a sale, where proceeds are named, to CASH."""
    raw: dict[str, Any] = {"date": day, "reason": "sold" if more.get("proceeds") else "out_of_use", **more}
    if raw.get("proceeds"):
        raw.setdefault("proceeds_account", "CASH")
    return dispose_asset(books.engine, books.id(), id_of(books, external_id), raw, actor="ada", now=at(now))


def reinstate(books: Books, external_id: str, gone: DisposalView, **more: Any) -> DisposalView:
    """Takes a disposal back."""
    assert gone.id is not None
    return reinstate_asset(books.engine, books.id(), id_of(books, external_id), gone.id, actor="ada", **more)


def change(books: Books, external_id: str, update_type: str, amount: int, day: str, counter: str = "CASH") -> UUID:
    """Records a value update; its id."""
    raw = {"asset_external_id": external_id, "update_type": update_type, "amount": amount, "date": day,
           "counter_account": counter}  # fmt: skip
    return record_value_update(books.engine, books.id(), raw, actor="ada", now=at(NOW))[0].id


def entry(view: EntryView | None) -> list[tuple[str, int]]:
    """(account's code, amount) of each line, debits above zero."""
    assert view is not None
    return [(line.account.value.code, line.debit_minor - line.credit_minor) for line in view.lines]


def standing(books: Books, external_id: str) -> tuple[str, str | None]:
    """An asset's status, and the day of its disposal."""
    row = books.sql("SELECT status, disposal_date FROM asset_book WHERE asset_id = :id", id=id_of(books, external_id))[
        0
    ]
    return row.status, row.disposal_date and row.disposal_date.isoformat()


def ledger(books: Books) -> dict[str, int]:
    """The balance of each account over all entries, debit positive; nothing of those at zero."""
    rows = books.sql("""SELECT a.code, sum(l.debit_minor - l.credit_minor)::bigint AS balance FROM journal_line l
                        JOIN account a ON a.id = l.account_id GROUP BY a.code ORDER BY a.code""")
    return {row.code: row.balance for row in rows if row.balance}
