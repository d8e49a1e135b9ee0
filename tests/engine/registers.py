"""Registers for the engine's tests: raw specs of the schedule format, read as any other and laid out as columns."""

import os
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from bookvalue.domain.asset import BookAsset
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.schedule_spec import ScheduleSpec, read_schedule_spec
from bookvalue.engine.register import EPOCH_ORDINAL, RegisterColumns, columns_of
from oracle.specs import random_spec

SEED = int(os.environ.get("BOOKVALUE_TEST_SEED", "20261121"))
"""Of everything random here; a failing test names the spec, and this makes it come again."""
Raw = dict[str, Any]


def asset(raw: Raw) -> BookAsset:
    """The asset of a spec that must be valid."""
    return read(raw).asset


def read(raw: Raw) -> ScheduleSpec:
    """A spec that must be valid."""
    spec, findings = read_schedule_spec({"id": "x", **raw})
    assert spec is not None, (findings, raw)
    return spec


def columns(specs: Sequence[Raw]) -> RegisterColumns:
    """A register of specs, which share their fiscal year."""
    fiscal = {spec.get("fiscal_year_start", "01-01") for spec in specs} or {"01-01"}
    return columns_of(FiscalCalendar.parse(fiscal.pop()), [asset(spec) for spec in specs])


def specs(name: str, count: int, **fixed: Any) -> Iterator[Raw]:
    """So many random specs; the same name gives the same ones."""
    rng = random.Random(f"{SEED}/{name}")
    return (random_spec(rng, **fixed) for _ in range(count))


def of_one_calendar(name: str, count: int, **fixed: Any) -> list[Raw]:
    """Random specs as assets of one business."""
    rng = random.Random(f"{SEED}/{name}/calendar")
    fiscal = rng.choice(["01-01", "07-01", "04-06", "01-31", "02-28"])
    found: list[Raw] = []
    for spec in specs(name, 50 * count, **fixed):
        moved = {**spec, "fiscal_year_start": fiscal}
        if read_schedule_spec({"id": "x", **moved})[0] is not None:
            found.append(moved)
        if len(found) == count:
            break
    return found


def days_of(spec: Raw, rng: random.Random, count: int) -> list[date]:
    """Days worth asking for: those of the facts and their neighbours, ends of months, any day of the life."""
    start = date.fromisoformat(spec["depreciation_start_date"])
    marks = [start, *_dates_in(spec)]
    span = 31 * int(spec["settings"].get("life_months") or 60) + 400
    days = []
    for _ in range(count):
        day = rng.choice([rng.choice(marks), start + timedelta(days=rng.randrange(span))])
        day += timedelta(days=rng.choice([-1, 0, 0, 1]))
        month_end = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        days.append(rng.choice([day, month_end]))
    return days


def _dates_in(value: Any) -> Iterator[date]:
    """Every date of a spec's facts."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("date", "as_of", "from", "to", "period_end"):
                yield date.fromisoformat(member)
            else:
                yield from _dates_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from _dates_in(member)


def engine_day(day: date) -> int:
    """A date as a day of the engine."""
    return day.toordinal() - EPOCH_ORDINAL


def engine_days(days: Sequence[date]) -> np.ndarray:
    """Dates as days of the engine."""
    return np.array([engine_day(day) for day in days], dtype=np.int64)


def month_ends(first: date, count: int) -> list[date]:
    """The last days of so many calendar months."""
    month = first.year * 12 + first.month
    return [date((month + at) // 12, (month + at) % 12 + 1, 1) - timedelta(days=1) for at in range(count)]
