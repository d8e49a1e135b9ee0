"""What stands in the database of one business, by plain SQL as the superuser; compared with the model, and counted.

Nothing here goes through the code under test.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

_PERIODS = "SELECT period_start, status, fact_version FROM period WHERE business_id = :business"
_ASSETS = """
    SELECT a.external_id, a.name, d.status, d.disposal_date, d.cost_minor
    FROM asset a JOIN asset_book d ON d.business_id = a.business_id AND d.asset_id = a.id
    WHERE a.business_id = :business"""
_ROWS = """
    SELECT a.external_id, v.effective_period, v.posting_period, v.update_type, v.amount_minor, v.beside_plan,
           v.entry_id IS NULL, count(*)
    FROM value_update v JOIN asset a ON a.business_id = v.business_id AND a.id = v.asset_id
    WHERE v.business_id = :business GROUP BY 1, 2, 3, 4, 5, 6, 7"""
_DISPOSED = """
    SELECT a.external_id, d.effective_period, d.posting_period, d.date, d.cost_minor, d.accumulated_minor,
           coalesce(d.proceeds_minor, 0), d.gain_or_loss_minor, d.capital_gain_minor
    FROM disposal d JOIN asset a ON a.business_id = d.business_id AND a.id = d.asset_id
    WHERE d.business_id = :business"""
_JOURNAL = """
    SELECT e.posting_period, e.effective_period, a.code, l.tag_set, sum(l.debit_minor - l.credit_minor)::bigint
    FROM journal_entry e JOIN journal_line l ON l.business_id = e.business_id AND l.entry_id = e.id
    JOIN account a ON a.business_id = l.business_id AND a.id = l.account_id
    WHERE e.business_id = :business GROUP BY 1, 2, 3, 4"""
_TAG_SETS = """
    SELECT s.id, array_agg(d.key || '=' || v.value) FROM tag_set s
    JOIN tag_definition v ON v.business_id = s.business_id AND v.id = ANY (s.definition_ids)
    JOIN tag_dimension d ON d.business_id = v.business_id AND d.id = v.dimension_id
    WHERE s.business_id = :business GROUP BY s.id"""
_SOURCES = """
    SELECT a.external_id, t.external_id FROM asset_source s
    JOIN asset a ON a.business_id = s.business_id AND a.id = s.asset_id
    JOIN ledger_detail t ON t.business_id = s.business_id AND t.id = s.detail_id
    WHERE s.business_id = :business AND s.archived_at IS NULL"""
_LAST_ESTIMATE = """
    SELECT id FROM estimate_change WHERE business_id = :business AND asset_id = :asset
    ORDER BY created_at DESC, id DESC LIMIT 1"""
_TRACES = """
    SELECT (SELECT count(*) FROM audit WHERE business_id = :business) AS audit,
           (SELECT count(*) FROM outbox WHERE business_id = :business) AS outbox,
           (SELECT count(*) FROM run WHERE business_id = :business) AS runs,
           (SELECT sum(fact_version) FROM period WHERE business_id = :business)::bigint AS facts,
           (SELECT last_seq FROM feed_counter WHERE business_id = :business) AS feed"""


@dataclass(frozen=True)
class Seen:
    """The books of a business as they stand; `traces`: what any act leaves, so that a refused one left nothing."""

    status: dict[date, str]
    versions: dict[date, int]
    assets: dict[str, tuple[str, str, date | None, int]]
    rows: Counter[tuple[Any, ...]]
    disposed: Counter[tuple[Any, ...]]
    journal: Counter[tuple[Any, ...]]
    sources: set[tuple[str, str]]
    traces: tuple[int, ...]


def traces(engine: Engine, business_id: UUID) -> tuple[int, ...]:
    """How much there is of what any act leaves."""
    with engine.connect() as connection:
        return tuple(connection.execute(text(_TRACES), {"business": business_id}).one())


def last_estimate(engine: Engine, business_id: UUID, asset_id: UUID) -> UUID:
    """The estimate change of an asset that was recorded last."""
    with engine.connect() as connection:
        found: UUID = connection.scalar(text(_LAST_ESTIMATE), {"business": business_id, "asset": asset_id})
        return found


def read(engine: Engine, business_id: UUID) -> Seen:
    """One snapshot of a business."""
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

        def rows(query: str) -> list[Any]:
            return list(connection.execute(text(query), {"business": business_id}))

        periods = rows(_PERIODS)
        tags_of = {None: frozenset[str]()} | {row[0]: frozenset(row[1]) for row in rows(_TAG_SETS)}
        return Seen(
            {row[0]: row[1] for row in periods},
            {row[0]: row[2] for row in periods},
            {row[0]: tuple(row[1:]) for row in rows(_ASSETS)},
            Counter({tuple(row[:7]): row[7] for row in rows(_ROWS)}),
            Counter((*row[:4], tuple(row[4:])) for row in rows(_DISPOSED)),
            Counter({(*row[:3], tags_of[row[3]]): row[4] for row in rows(_JOURNAL) if row[4]}),
            {(row[0], row[1]) for row in rows(_SOURCES)},
            tuple(rows(_TRACES)[0]),
        )
