"""Facts of assets that have no entry: estimate changes, suspensions, units used, manual amounts.

Written once, then archived. A column is called as the attribute that it keeps. Whether a fact may be recorded is the
caller's question.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Table, func, insert, select, text, update

from bookvalue.domain.asset_fact_spec import FACTS_OF, Fact, FactType, type_of
from bookvalue.domain.asset_facts import (
    NO_FACTS,
    AssetFacts,
    EstimateChange,
    ManualAmount,
    Suspension,
    UnitsUsed,
    ValueChange,
)
from bookvalue.domain.terms import Method, UpdateType
from bookvalue.storage.ids import uuid7
from bookvalue.storage.tables import asset_book, estimate_change, manual_amount, suspension, units_used

_TABLES: Mapping[FactType, tuple[Table, type[Any]]] = {
    FactType.ESTIMATE_CHANGE: (estimate_change, EstimateChange),
    FactType.SUSPENSION: (suspension, Suspension),
    FactType.UNITS_USED: (units_used, UnitsUsed),
    FactType.MANUAL_AMOUNT: (manual_amount, ManualAmount),
}


@dataclass(frozen=True, slots=True)
class KeptFact:
    """A fact as it is kept; one that is archived never counted."""

    id: UUID
    asset_id: UUID
    fact: Fact
    created_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class OfAsset:
    """Which asset's facts, in which book."""

    business_id: UUID
    book_id: UUID
    asset_id: UUID


def has_asset(connection: Connection, of: OfAsset) -> bool:
    """Whether the book has such an asset."""
    wanted = [asset_book.c[name] == value for name, value in asdict(of).items()]
    return connection.execute(select(asset_book.c.asset_id).where(*wanted)).one_or_none() is not None


def add(connection: Connection, of: OfAsset, fact: Fact) -> KeptFact:
    """A new fact."""
    table, _ = _TABLES[type_of(fact)]
    values = asdict(of) | {"id": uuid7()} | asdict(fact)
    row = connection.execute(insert(table).values(values).returning(table)).one()
    return _kept(type_of(fact), row)


def one(connection: Connection, of: OfAsset, kind: FactType, fact_id: UUID) -> KeptFact | None:
    """One fact of an asset, archived or not; or None."""
    row = connection.execute(select(_TABLES[kind][0]).where(*_of(kind, of), _id(kind) == fact_id)).one_or_none()
    return None if row is None else _kept(kind, row)


def archive(connection: Connection, of: OfAsset, kind: FactType, fact_id: UUID) -> KeptFact:
    """A fact that is there, archived at the database's time."""
    table, _ = _TABLES[kind]
    archived = update(table).where(*_of(kind, of), table.c.id == fact_id).values(archived_at=func.clock_timestamp())
    return _kept(kind, connection.execute(archived.returning(table)).one())


def page(
    connection: Connection, of: OfAsset, kind: FactType, *, archived: bool, after: UUID | None, limit: int | None
) -> list[KeptFact]:
    """Up to `limit` facts, or all, in the order in which they were recorded; with `archived`, the archived ones too."""
    table, _ = _TABLES[kind]
    wanted = select(table).where(*_of(kind, of))
    if not archived:
        wanted = wanted.where(table.c.archived_at.is_(None))
    if after is not None:
        wanted = wanted.where(table.c.id > after)
    return [_kept(kind, row) for row in connection.execute(wanted.order_by(table.c.id).limit(limit))]


def of_assets(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID]
) -> Mapping[UUID, AssetFacts]:
    """What is in force of assets: their facts in the order in which they were recorded, and their changes of value.

    Whatever is asked for has a value; disposals and the units in all are not among them.
    """
    ids, found = list(asset_ids), defaultdict[UUID, dict[str, list[Any]]](lambda: defaultdict(list))
    for kind, (table, _) in _TABLES.items():
        wanted = select(table).where(
            table.c.business_id == business_id,
            table.c.book_id == book_id,
            table.c.asset_id.in_(ids),
            table.c.archived_at.is_(None),
        )
        for row in connection.execute(wanted.order_by(table.c.created_at, table.c.id)):
            found[row.asset_id][FACTS_OF[kind]].append(_kept(kind, row).fact)
    for row in connection.execute(_VALUE_CHANGES, {"business": business_id, "book": book_id, "ids": ids}):
        found[row.asset_id]["value_changes"].append(_value_change(row))
    return {id_: _facts(found[id_]) if id_ in found else NO_FACTS for id_ in ids}


# One that was taken back, and what took it back, never were. A part that left counts as an impairment by its value.
_VALUE_CHANGES = text("""
    SELECT v.asset_id, v.date, v.update_type, v.amount_minor, v.remaining_life_months, v.residual_minor,
           v.effective_period, v.sequence::integer AS sequence
    FROM value_update v
    WHERE v.business_id = :business AND v.book_id = :book AND v.asset_id = ANY (:ids)
      AND v.effective_period = ANY (ARRAY(SELECT period_start FROM period
                                          WHERE business_id = :business AND book_id = :book))
      AND v.update_type IN ('IMPAIRMENT', 'REVALUATION_DOWN', 'IMPROVEMENT', 'REVALUATION_UP')
      AND v.reversal_of IS NULL
      AND NOT EXISTS (SELECT FROM value_update r WHERE r.business_id = v.business_id AND r.book_id = v.book_id
          AND r.effective_period = v.effective_period AND r.asset_id = v.asset_id AND r.reversal_of = v.sequence)
    UNION ALL
    SELECT d.asset_id, d.part_day, 'IMPAIRMENT', d.cost_minor - d.accumulated_minor, NULL, d.residual_minor,
           d.effective_period, 20000 + d.sequence
    FROM disposal d
    WHERE d.business_id = :business AND d.book_id = :book AND d.asset_id = ANY (:ids)
      AND d.share_numerator IS NOT NULL AND d.reverses IS NULL AND d.cost_minor <> d.accumulated_minor
      AND NOT EXISTS (SELECT FROM disposal r WHERE r.business_id = d.business_id AND r.book_id = d.book_id
          AND r.asset_id = d.asset_id AND r.reverses = d.sequence)
    ORDER BY date, effective_period, sequence""")


def _value_change(row: Row[Any]) -> ValueChange:
    return ValueChange(
        date=row.date,
        update_type=UpdateType(row.update_type),
        amount_minor=abs(row.amount_minor),
        remaining_life_months=row.remaining_life_months,
        residual_minor=row.residual_minor,
    )


def _facts(lists: Mapping[str, Sequence[Any]]) -> AssetFacts:
    together: dict[str, Any] = {name: tuple(items) for name, items in lists.items()}
    return AssetFacts(**together)


def _of(kind: FactType, of: OfAsset) -> list[Any]:
    table, _ = _TABLES[kind]
    return [table.c[name] == value for name, value in asdict(of).items()]


def _id(kind: FactType) -> Any:
    return _TABLES[kind][0].c.id


def _kept(kind: FactType, row: Row[Any]) -> KeptFact:
    _, made_of = _TABLES[kind]
    values = {item.name: getattr(row, item.name) for item in fields(made_of)}
    if values.get("method") is not None:
        values["method"] = Method(values["method"])
    return KeptFact(row.id, row.asset_id, made_of(**values), row.created_at, row.archived_at)
