"""What happens to few assets (changes, suspensions, units, manual amounts), read beside the register's rows.

Each table is a scalar subquery of the one bulk statement: one without rows costs next to nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.errors import IntegrityViolation
from bookvalue.domain.terms import UpdateType
from bookvalue.engine.beside import taken_up
from bookvalue.engine.register import METHOD_CODES, NOT_GIVEN, BesidePlan, Changes, Dated, Int64, Suspensions
from bookvalue.storage.packed import Packed, day, places

_OF_BOOK = "business_id = %(business)s AND book_id = %(book)s"
_METHOD = " ".join(f"WHEN '{method}' THEN {code}" for method, code in METHOD_CODES.items())
_UP = f"update_type IN ('{UpdateType.IMPROVEMENT}', '{UpdateType.REVALUATION_UP}')"

_CHANGES = Packed(
    {
        "asset_id": ("id", "asset_id"),
        "day": day("date"),
        "sequence": ("int", "sequence"),
        "kind": ("int", "kind"),
        "sign": ("int", "sign"),
        "amount_minor": ("big", f"coalesce(amount_minor, {NOT_GIVEN})"),
        "new_book_value_minor": ("big", f"coalesce(new_book_value_minor, {NOT_GIVEN})"),
        "remaining_life_months": ("int", f"coalesce(remaining_life_months, {NOT_GIVEN})"),
        "rate_nanopercent": ("big", f"coalesce(rate_nanopercent, {NOT_GIVEN})"),
        "residual_minor": ("big", f"coalesce(residual_minor, {NOT_GIVEN})"),
        "method": ("int", "method"),
    }
)
# A change that was taken back, and what took it back, never were.
_CHANGES_SOURCE = f"""
    (SELECT asset_id, date, sequence::integer, (update_type = 'IMPAIRMENT')::integer AS kind,
            CASE WHEN {_UP} THEN 1 ELSE -1 END AS sign,
            CASE WHEN new_book_value_minor IS NULL THEN amount_minor END AS amount_minor, new_book_value_minor,
            remaining_life_months, NULL::bigint AS rate_nanopercent, residual_minor, {NOT_GIVEN} AS method
     FROM value_update v WHERE {_OF_BOOK} AND update_type <> 'DEPRECIATION_AMORTIZATION'
       AND update_type <> 'ACQUISITION' AND reversal_of IS NULL
       AND NOT EXISTS (SELECT FROM value_update r WHERE r.business_id = v.business_id AND r.book_id = v.book_id
           AND r.effective_period = v.effective_period AND r.asset_id = v.asset_id AND r.reversal_of = v.sequence)
     UNION ALL
     SELECT asset_id, part_day, 20000 + sequence, 1, -1, nullif(cost_minor - accumulated_minor, 0), NULL,
            NULL, NULL, residual_minor, {NOT_GIVEN}
     FROM disposal d WHERE {_OF_BOOK} AND share_numerator IS NOT NULL AND reverses IS NULL
       AND cost_minor <> accumulated_minor
       AND NOT EXISTS (SELECT FROM disposal r WHERE r.business_id = d.business_id AND r.book_id = d.book_id
           AND r.asset_id = d.asset_id AND r.reverses = d.sequence)
     UNION ALL
     SELECT asset_id, date, (row_number() OVER (ORDER BY created_at, id))::integer, 2, 0, NULL, NULL,
            remaining_life_months, rate_nanopercent, residual_minor,
            CASE WHEN method IS NULL THEN {NOT_GIVEN} ELSE CASE method {_METHOD} END END
     FROM estimate_change WHERE {_OF_BOOK} AND archived_at IS NULL) changes"""  # noqa: S608 - made of constants
# What was taken back never was. Its day is that of its record: its own row, a depreciation's, has none.
_BESIDE = Packed({"asset_id": ("id", "asset_id"), "day": day("day"), "amount": ("big", "amount_minor")})
_BESIDE_SOURCE = f"""
    (SELECT v.asset_id, v.amount_minor,
            greatest((r.at AT TIME ZONE b.time_zone)::date, v.effective_period) AS day
     FROM (SELECT * FROM value_update WHERE {_OF_BOOK} AND beside_plan AND reversal_of IS NULL) v
     JOIN business b ON b.id = v.business_id
     JOIN value_update_record r USING (business_id, book_id, effective_period, asset_id, sequence)
     WHERE NOT EXISTS (SELECT FROM value_update w WHERE w.business_id = v.business_id AND w.book_id = v.book_id
         AND w.effective_period = v.effective_period AND w.asset_id = v.asset_id
         AND w.reversal_of = v.sequence)) beside"""  # noqa: S608 - made of constants
_SUSPENSIONS = Packed(
    {
        "asset_id": ("id", "asset_id"),
        "first_day": day("first_day"),
        "last_day": day("last_day"),
        "extend_life": ("int", "extend_life::integer"),
    }
)
_UNITS = Packed(
    {"asset_id": ("id", "asset_id"), "day": day("period_end"), "amount": ("big", "quantity_micro")},
)
_MANUAL = Packed({"asset_id": ("id", "asset_id"), "day": day("date"), "amount": ("big", "amount_minor")})

SELECTED = ", ".join(
    (
        _CHANGES.select(_CHANGES_SOURCE),
        _SUSPENSIONS.select(f"suspension WHERE {_OF_BOOK} AND archived_at IS NULL"),
        _UNITS.select(f"units_used WHERE {_OF_BOOK} AND archived_at IS NULL"),
        _MANUAL.select(f"manual_amount WHERE {_OF_BOOK} AND archived_at IS NULL"),
        _BESIDE.select(_BESIDE_SOURCE),
    )
)
"""Five scalar subqueries, in the order in which `decoded` takes their values; they take business and book."""


@dataclass(frozen=True, slots=True)
class FactTables:
    """The tables beside a register, as the engine takes them."""

    changes: Changes
    suspensions: Suspensions
    units: Dated
    manual: Dated
    beside: BesidePlan


def decoded(values: tuple[bytes, bytes, bytes, bytes, bytes], asset_id: NDArray[np.bytes_]) -> FactTables:
    """The tables of a register of these assets, ids ascending; `values` are those of SELECTED."""
    changes, beside = taken_up(_changes(_CHANGES.rows(values[0]), asset_id), _dated(_BESIDE.rows(values[4]), asset_id))
    return FactTables(
        changes,
        _suspensions(_SUSPENSIONS.rows(values[1]), asset_id),
        _dated(_UNITS.rows(values[2]), asset_id),
        _dated(_MANUAL.rows(values[3]), asset_id),
        beside,
    )


def _changes(rows: NDArray[np.void], asset_id: NDArray[np.bytes_]) -> Changes:
    """In the order in which they take effect: by day; improvements and revaluations, impairments, estimates."""
    row, days = _row(rows, asset_id), rows["day"].astype(np.int64)
    order = np.lexsort((rows["sequence"], rows["kind"], days, row))
    names = ("kind", "sign", "amount_minor", "new_book_value_minor", "remaining_life_months", "rate_nanopercent",
             "residual_minor", "method")  # fmt: skip
    return Changes(row[order], days[order], *(rows[name].astype(np.int64)[order] for name in names))


def _suspensions(rows: NDArray[np.void], asset_id: NDArray[np.bytes_]) -> Suspensions:
    row, first = _row(rows, asset_id), rows["first_day"].astype(np.int64)
    last, extend = rows["last_day"].astype(np.int64), rows["extend_life"].astype(np.int64)
    order = np.lexsort((last, first, row))
    return Suspensions(row[order], first[order], last[order], extend[order])


def _dated(rows: NDArray[np.void], asset_id: NDArray[np.bytes_]) -> Dated:
    row, days, amount = _row(rows, asset_id), rows["day"].astype(np.int64), rows["amount"].astype(np.int64)
    order = np.lexsort((amount, days, row))
    return Dated(row[order], days[order], amount[order])


def _row(rows: NDArray[np.void], asset_id: NDArray[np.bytes_]) -> Int64:
    at = places(asset_id, rows["asset_id"])
    if (at < 0).any():
        raise IntegrityViolation("a fact of an asset that is not in the book")
    return at
