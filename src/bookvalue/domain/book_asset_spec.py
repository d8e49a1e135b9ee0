"""What a register's asset and a schedule's have in common: cost, residual value and opening balance, read and checked.

The two call their fields differently, so paths and values come in. Must not know either format as a whole.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bookvalue.domain.asset import DepreciationSettings, Opening
from bookvalue.domain.field_readers import Fields, Reader, read_amount, read_date
from bookvalue.domain.terms import Method

OPENING_READERS: Mapping[str, Reader] = {
    "as_of": read_date,
    "accumulated": read_amount,
    "current_year": read_amount,
}


def cost_ceiling(cost: int | None, cost_limit: int | None) -> int | None:
    """min(cost, cost limit) in minor units, or None where the cost could not be read."""
    return cost if cost is None or cost_limit is None else min(cost, cost_limit)


def check_residual(fields: Fields, path: str, ceiling: int | None, settings: DepreciationSettings | None) -> None:
    """The residual value at `path` is at most min(cost, cost limit), and above zero where the rate comes of it."""
    residual = fields.values.get(path)
    if residual is not None and ceiling is not None and residual > ceiling:
        fields.refuse("residual_above_cost", path, residual)
    derived = settings is not None and settings.method is Method.FIXED_RATE_DECLINING
    if derived and not residual and path not in fields.refused:
        fields.refuse("residual_missing", path, residual)


def read_opening(fields: Fields) -> None:
    """The opening balance's fields, which come together or not at all."""
    if "opening" not in fields.values:
        return
    fields.read(fields.values["opening"], OPENING_READERS, "opening.")
    for path in ("opening.as_of", "opening.accumulated"):
        if fields.absent(path):
            fields.refuse("opening_incomplete", path)


def check_opening(fields: Fields, ceiling: int | None, residual: int, start: date | None) -> None:
    """Accumulated is at most what can be depreciated, the year's part at most that, and as_of no more than a day early.

    None for what could not be read: then it is not compared.
    """
    values = fields.values
    accumulated, as_of = values.get("opening.accumulated"), values.get("opening.as_of")
    if accumulated is not None:
        current = values.get("opening.current_year", 0)
        if current > accumulated:
            fields.refuse("opening_current_year_above_accumulated", "opening.current_year", current)
        # a residual above the cost has its own finding; what it makes of the depreciable amount is no second one
        if ceiling is not None and max(0, ceiling - residual) < accumulated:
            fields.refuse("opening_above_depreciable", "opening.accumulated", accumulated)
    if start is not None and as_of is not None and as_of < start - timedelta(days=1):
        fields.refuse("opening_before_start", "opening.as_of", as_of.isoformat())


def opening_of(values: Mapping[str, Any]) -> Opening | None:
    """The opening balance that was read, or None where there is none."""
    if "opening" not in values:
        return None
    return Opening(
        as_of=values["opening.as_of"],
        accumulated_minor=values["opening.accumulated"],
        current_year_minor=values.get("opening.current_year", 0),
    )
