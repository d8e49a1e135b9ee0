"""Disposals on real books."""

from typing import Any
from uuid import UUID

from bookvalue.services.dispose_asset import dispose_asset
from bookvalue.services.show_disposals import DisposalView

from .conftest import Books, asset, at


def dispose(books: Books, external_id: str, day: str, now: str = "2026-11-20", **more: Any) -> DisposalView:
    raw = {"date": day, "reason": "sold", **more}
    return dispose_asset(books.engine, books.id(), id_of(books, external_id), raw, actor="ada", now=at(now))


def id_of(books: Books, external_id: str) -> UUID:
    return books.sql("SELECT id FROM asset WHERE external_id = :id", id=external_id)[0].id


def test_smoke(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.close("2026-10-02")
    view = dispose(bakery, "a", "2026-10-10", proceeds=110_000, proceeds_account="CASH")
    print(view)
    bakery.close("2026-11-02")
    print(bakery.lines())
