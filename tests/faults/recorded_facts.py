"""The facts of a whole database that have no entry, as members of the schedule format; those archived never were."""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

Members = dict[str, Any]


def recorded_facts(connection: Connection) -> dict[UUID, Members]:
    """What is in force of each asset that has any: estimate changes, suspensions, units, manual amounts."""

    def rows(table: str) -> Any:
        return connection.execute(text(f"SELECT * FROM {table} WHERE archived_at IS NULL ORDER BY created_at, id"))

    found: dict[UUID, Members] = defaultdict(lambda: defaultdict(list))
    for row in rows("estimate_change"):
        found[row.asset_id]["estimate_changes"].append({
            "date": str(row.date), "remaining_life_months": row.remaining_life_months,
            "residual_value": row.residual_minor, "method": row.method,
            "rate_percent": None if row.rate_nanopercent is None else str(Decimal(row.rate_nanopercent).scaleb(-9)),
        })  # fmt: skip
    for row in rows("suspension"):
        found[row.asset_id]["suspensions"].append(
            {"from": str(row.first_day), "to": str(row.last_day), "extend_life": row.extend_life}
        )
    for row in rows("manual_amount"):
        found[row.asset_id]["manual"].append({"date": str(row.date), "amount": row.amount_minor})
    used = defaultdict(list)
    for row in rows("units_used"):
        quantity = str(Decimal(row.quantity_micro).scaleb(-6))
        used[row.asset_id].append({"period_end": str(row.period_end), "quantity": quantity})
    totals = connection.execute(text("SELECT * FROM asset_book WHERE units_total_micro IS NOT NULL"))
    for row in totals:
        total = str(Decimal(row.units_total_micro).scaleb(-6))
        found[row.asset_id]["units"] = {"total": total, "used": used[row.asset_id]}
    return {asset_id: dict(members) for asset_id, members in found.items()}
