"""Facts recorded of assets, by the services: what several test files ask for."""

from typing import Any
from uuid import UUID

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.services.record_fact import archive_fact, record_fact
from bookvalue.storage.asset_facts import KeptFact
from services.conftest import Books, at

CHANGE, SUSPENSION, UNITS, MANUAL = (
    FactType.ESTIMATE_CHANGE, FactType.SUSPENSION, FactType.UNITS_USED, FactType.MANUAL_AMOUNT,
)  # fmt: skip


def asset_id(books: Books, external_id: str = "a") -> UUID:
    """An asset's id."""
    found: UUID = books.sql("SELECT id FROM asset WHERE external_id = :name", name=external_id)[0].id
    return found


def record(books: Books, kind: FactType, now: str = "2026-11-20", of: str = "a", **raw: Any) -> KeptFact:
    """Records a fact of an asset on a day."""
    raw = {name.rstrip("_"): value for name, value in raw.items()}
    return record_fact(books.engine, books.id(), asset_id(books, of), kind, raw, now=at(now), actor="ada")


def archive(books: Books, kept: KeptFact, kind: FactType) -> KeptFact:
    """Archives a fact."""
    return archive_fact(books.engine, books.id(), kept.asset_id, kind, kept.id, actor="ada")


def report(books: Books, day: str, quantity: str, now: str = "2026-11-20", of: str = "a") -> KeptFact:
    """Reports units."""
    return record(books, UNITS, now, of, period_end=day, quantity=quantity)
