"""What is posted to assets in a book, a page of them at a time: read only.

The bulk of a register is read by posted_positions.py.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from bookvalue.domain.calendar import Period


@dataclass(frozen=True, slots=True)
class Posted:
    """What is posted to an asset, in minor units.

    depreciation_minor: in all; year_minor: of it, in the fiscal year asked for. changed_minor: what changes of value
    have added to its cost, less what they have taken. derecognised_minor: the book value that a disposal has taken out.
    may_roll_back: the newest of it lies in no locked period.
    """

    depreciation_minor: int = 0
    year_minor: int = 0
    changed_minor: int = 0
    derecognised_minor: int = 0
    may_roll_back: bool = False


def last_posted(connection: Connection, business_id: UUID, book_id: UUID) -> Period | None:
    """The last period of the book that a run has posted through, or that is closed; None before."""
    row = connection.execute(
        text("""SELECT p.period_start, p.period_end FROM period p
                LEFT JOIN run r ON r.business_id = p.business_id AND r.id = p.last_run_id
                WHERE p.business_id = :business AND p.book_id = :book
                  AND (p.status IN ('closed', 'locked') OR r.status IN ('posted', 'posted_with_exceptions'))
                ORDER BY p.period_start DESC LIMIT 1"""),
        {"business": business_id, "book": book_id},
    ).one_or_none()
    return None if row is None else Period(row.period_start, row.period_end)


# the key has the period before the asset: with the periods named, each asset is looked up and not searched for
_POSTED = """
    WITH posting AS (
        SELECT v.asset_id, v.posting_period,
               CASE WHEN v.update_type = 'DEPRECIATION_AMORTIZATION' THEN v.amount_minor ELSE 0 END AS depreciation,
               CASE WHEN v.update_type IN ('IMPROVEMENT', 'REVALUATION_UP') THEN v.amount_minor
                    WHEN v.update_type IN ('IMPAIRMENT', 'REVALUATION_DOWN') THEN -v.amount_minor ELSE 0 END AS changed,
               0 AS derecognised
        FROM value_update v
        WHERE v.business_id = :business AND v.book_id = :book AND v.asset_id = ANY (:ids)
          AND v.effective_period = ANY (ARRAY(
              SELECT period_start FROM period WHERE business_id = :business AND book_id = :book))
        UNION ALL
        SELECT x.asset_id, x.posting_period, -CASE WHEN x.share_numerator IS NULL THEN 0 ELSE x.accumulated_minor END,
               -CASE WHEN x.share_numerator IS NULL THEN 0 ELSE x.cost_minor END,
               CASE WHEN x.share_numerator IS NULL THEN x.cost_minor - x.accumulated_minor ELSE 0 END
        FROM disposal x WHERE x.business_id = :business AND x.book_id = :book AND x.asset_id = ANY (:ids)
    )
    SELECT asset_id, sum(depreciation)::bigint AS depreciation,
           coalesce(sum(depreciation) FILTER (WHERE posting_period BETWEEN :first AND :last), 0)::bigint AS in_year,
           sum(changed)::bigint AS changed, sum(derecognised)::bigint AS derecognised,
           max(posting_period) > coalesce((
               SELECT max(period_start) FROM period
               WHERE business_id = :business AND book_id = :book AND status = 'locked'), '-infinity') AS may_roll_back
    FROM posting GROUP BY asset_id"""


def posted_to(
    connection: Connection, business_id: UUID, book_id: UUID, asset_ids: Collection[UUID], year: tuple[date, date]
) -> dict[UUID, Posted]:
    """What is posted to each of the assets; `year`: the first and the last period start of a fiscal year.

    An asset without postings is not in the answer.
    """
    parameters: dict[str, Any] = {
        "business": business_id, "book": book_id, "ids": list(asset_ids), "first": year[0], "last": year[1],
    }  # fmt: skip
    rows = connection.execute(text(_POSTED), parameters)
    return {
        row.asset_id: Posted(row.depreciation, row.in_year, row.changed, row.derecognised, row.may_roll_back)
        for row in rows
    }
