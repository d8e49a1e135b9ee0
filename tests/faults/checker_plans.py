"""How the checker reads an asset: in the schedule format with its facts in force, for the oracle to say what is due.

Rows are those of one business.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oracle.beside import planned

from .checker_ledger import DEPRECIATION

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """An asset as the oracle reads it, in the schedule format with its facts in force; and what that knows nothing of.

    beside: what lies beside the plan, by day, in minor units. gone: its rows of disposal.
    """

    spec: dict[str, Any]
    beside: Sequence[tuple[date, int]]
    gone: Sequence[Any]

    @property
    def in_force(self) -> Any:
        """The row of the disposal of the whole that is in force, or None."""
        return next((row for row in _not_back(self.gone) if row.share_numerator is None), None)

    @property
    def parts(self) -> list[Any]:
        """The rows of the parts that left and did not come back."""
        return [row for row in _not_back(self.gone) if row.share_numerator is not None]


def _not_back(rows: Sequence[Any]) -> list[Any]:
    taken_back = {row.reverses for row in rows}
    return [row for row in rows if row.reverses is None and row.sequence not in taken_back]


def plans(
    business: Any,
    assets: Sequence[Any],
    updates: Sequence[Any],
    records: Sequence[Any],
    disposals: Sequence[Any],
    facts: Mapping[UUID, Members],
) -> dict[UUID, Plan]:
    """What each asset is to be charged by."""
    changes, gone, said = _changes(updates), by_asset(disposals), {key_of(record): record.at for record in records}
    beside: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for u in in_force(updates):
        if u.beside_plan and key_of(u) in said:
            day = said[key_of(u)].astimezone(ZoneInfo(business.time_zone)).date()
            beside[u.asset_id].append((day, u.amount_minor))
    made = {}
    for asset in assets:
        spec = _spec(business, asset) | dict(facts.get(asset.asset_id, {}))
        plan = made[asset.asset_id] = Plan(spec, beside[asset.asset_id], gone[asset.asset_id])
        # The rest of an asset depreciates on as after a decrease by the book value of the part that left.
        less = [
            {"date": str(row.part_day), "update_type": "IMPAIRMENT", "amount": row.cost_minor - row.accumulated_minor,
             "residual_value": row.residual_minor} for row in plan.parts if row.cost_minor != row.accumulated_minor
        ]  # fmt: skip
        spec["value_updates"] = [*changes[asset.asset_id], *less]
    return made


def due_on(plan: Plan, day: date) -> int:
    """T on a day, with what lies beside the plan by then, and with what a disposal by then has written off."""
    gone = plan.in_force
    written_off = (gone.written_off_minor or 0) if gone is not None and gone.date <= day else 0
    return planned(plan.spec, sorted(plan.beside)).due(day) + written_off


def by_asset(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.asset_id].append(row)
    return found


def key_of(row: Any) -> tuple[UUID, date, UUID, int]:
    return row.book_id, row.effective_period, row.asset_id, row.sequence


def in_force(updates: Sequence[Any]) -> list[Any]:
    """Those that were not taken back and take nothing back."""
    taken_back = {(*key_of(u)[:3], u.reversal_of) for u in updates if u.reversal_of is not None}
    return [u for u in updates if u.reversal_of is None and key_of(u) not in taken_back]


def _changes(updates: Sequence[Any]) -> dict[UUID, list[dict[str, Any]]]:
    """The changes of value in force of each asset, in the schedule format and in the order in which they came."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for u in in_force(updates):
        if u.update_type not in (DEPRECIATION, "ACQUISITION"):
            given = u.new_book_value_minor is not None
            found[u.asset_id].append({
                "date": str(u.date), "update_type": u.update_type, "amount": None if given else u.amount_minor,
                "new_book_value": u.new_book_value_minor, "remaining_life_months": u.remaining_life_months,
                "residual_value": u.residual_minor,
            })  # fmt: skip
    return found


def _spec(business: Any, asset: Any) -> dict[str, Any]:
    """An asset of a book without its facts, in the schedule format."""
    settings: dict[str, Any] = {name: getattr(asset, name) for name in _SAME_NAME}
    settings["declining_factor"] = str(Decimal(asset.declining_factor_micro).scaleb(-6))
    if asset.life_months is not None:
        settings["life_months"] = asset.life_months
    if asset.rate_nanopercent is not None:
        settings["rate_percent"] = str(Decimal(asset.rate_nanopercent).scaleb(-9))
    spec = {
        "cost": asset.cost_minor,
        "cost_limit": asset.cost_limit_minor,
        "residual_value": asset.residual_minor,
        "depreciation_start_date": str(asset.depreciation_start_date),
        "fiscal_year_start": f"{business.fiscal_month:02d}-{business.fiscal_day:02d}",
        "settings": settings,
    }
    if asset.disposal_date is not None:
        spec["disposal"] = {"date": str(asset.disposal_date)}
    if asset.opening_as_of is not None:
        spec["opening"] = {
            "as_of": str(asset.opening_as_of),
            "accumulated": asset.opening_accumulated_minor,
            "current_year": asset.opening_current_year_minor,
        }
    return spec


_SAME_NAME = ("method", "averaging", "day_basis", "rate_places", "declining_base", "declining_within_year",
              "end_of_life", "switch_to_straight_line", "straight_line_base", "rounding", "change_policy")  # fmt: skip
