"""All changes of an asset's value as one list: what runs charged, what was recorded, what left with a disposal."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

# Amounts are signed here: below zero lowers the value. What takes another back is told as that one's `reversed`.
_CHANGES = text("""
    SELECT v.asset_id, r.id, coalesce(r.value_change, CASE WHEN v.update_type = 'DEPRECIATION_AMORTIZATION'
               THEN 'linear' ELSE 'arbitrary' END) AS type,
           coalesce((r.at AT TIME ZONE b.time_zone)::date, v.date, p.period_end) AS date,
           CASE WHEN v.update_type IN ('IMPROVEMENT', 'REVALUATION_UP') THEN v.amount_minor
                ELSE coalesce(o.written_off_minor, 0) - v.amount_minor END AS amount_minor,
           r.memo AS description, coalesce(r.externally_booked, v.entry_id IS NULL) AS externally_booked,
           v.effective_period, v.posting_period, v.entry_id, v.run_id, v.update_type, v.sequence,
           EXISTS (SELECT FROM value_update w WHERE w.business_id = v.business_id AND w.book_id = v.book_id
               AND w.effective_period = v.effective_period AND w.asset_id = v.asset_id
               AND w.reversal_of = v.sequence) AS reversed
    FROM value_update v
    JOIN business b ON b.id = v.business_id
    JOIN period p ON p.business_id = v.business_id AND p.book_id = v.book_id
        AND p.period_start = v.effective_period
    LEFT JOIN value_update_record r ON r.business_id = v.business_id AND r.book_id = v.book_id
        AND r.effective_period = v.effective_period AND r.asset_id = v.asset_id AND r.sequence = v.sequence
    LEFT JOIN disposal o ON o.business_id = v.business_id AND o.entry_id = v.entry_id
    WHERE v.business_id = :business AND v.book_id = :book AND v.asset_id = ANY (:assets)
      AND v.amount_minor <> coalesce(o.written_off_minor, 0) AND v.update_type <> 'ACQUISITION'
      AND v.reversal_of IS NULL
      AND v.effective_period = ANY (ARRAY(
          SELECT period_start FROM period WHERE business_id = :business AND book_id = :book))
    UNION ALL
    SELECT d.asset_id, d.id, d.value_change, d.given_date,
           CASE d.value_change WHEN 'divestment' THEN d.accumulated_minor - d.cost_minor ELSE -d.written_off_minor END,
           d.memo,
           d.externally_booked, d.effective_period, d.posting_period, d.entry_id, NULL, NULL, 32767,
           EXISTS (SELECT FROM disposal w WHERE w.business_id = d.business_id AND w.book_id = d.book_id
               AND w.asset_id = d.asset_id AND w.reverses = d.sequence)
    FROM disposal d
    WHERE d.business_id = :business AND d.book_id = :book AND d.asset_id = ANY (:assets)
      AND d.value_change IS NOT NULL AND d.reverses IS NULL
    ORDER BY asset_id, date, effective_period, sequence""")


def of_assets(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID]
) -> dict[UUID, Sequence[Row[Any]]]:
    """The changes of each asset in order of their dates; an asset without any is not in the answer."""
    parameters = {"business": business_id, "book": book_id, "assets": list(asset_ids)}
    found: dict[UUID, list[Row[Any]]] = {}
    for row in connection.execute(_CHANGES, parameters):
        found.setdefault(row.asset_id, []).append(row)
    return dict(found)
