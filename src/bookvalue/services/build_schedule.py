"""Depreciation schedules of assets that need not be registered: specs in, one answer each, in the same order.

Needs neither database nor broker: `bookvalue schedule` loads no code of either.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import numpy as np

from bookvalue.domain.asset import BookAsset
from bookvalue.domain.asset_facts import ValueChange, changes_in_order, direction
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.disposal import disposal_result
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.schedule_spec import ScheduleSpec, read_schedule_spec, schedule_id
from bookvalue.domain.terms import Frequency, Method
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.register import EPOCH_ORDINAL, NEVER, Int64, columns_of
from bookvalue.engine.schedule import Schedule, schedule
from bookvalue.engine.timeline import Timeline, timeline

BATCH = 512
"""Specs computed at a time: enough for the engine to be quick, few enough for answers to come as input does."""
MONTHS: Mapping[Frequency, int] = {
    Frequency.MONTHLY: 1,
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
}

Read = tuple[str | None, ScheduleSpec | None, list[Finding]]
"""A spec as it was read: the id to answer with, the spec or None, and what is wrong with it."""


def build_schedule(objects: Iterable[object]) -> Iterator[dict[str, Any]]:
    """The answer to each raw spec (SEMANTICS section 3), as input comes: rows, disposal, findings.

    A spec that cannot be computed is answered with no rows and its findings, and stops no other.
    """
    return answers((schedule_id(raw), *read_schedule_spec(raw)) for raw in objects)


def answers(specs: Iterable[Read], batch: int = BATCH) -> Iterator[dict[str, Any]]:
    """The answers to specs that have been read, in their order."""
    source = iter(specs)
    while pieces := list(islice(source, batch)):
        by_calendar: dict[FiscalCalendar, list[int]] = defaultdict(list)
        for place, (_, spec, _) in enumerate(pieces):
            if spec is not None:
                by_calendar[spec.calendar].append(place)
        found: dict[int, dict[str, Any]] = {}
        for calendar, places in by_calendar.items():
            computed = _computed(calendar, [spec for place in places if (spec := pieces[place][1])])
            found.update(zip(places, computed, strict=True))
        for place, (id_, _, findings) in enumerate(pieces):
            yield found.get(place) or refused(id_, findings)


def refused(id_: str | None, findings: Sequence[Finding], **members: Any) -> dict[str, Any]:
    """The answer to a spec that cannot be computed."""
    return {"id": id_, **members, "rows": [], "findings": [found.as_dict() for found in findings]}


def _computed(calendar: FiscalCalendar, specs: Sequence[ScheduleSpec]) -> list[dict[str, Any]]:
    """The answers to specs of one fiscal calendar."""
    line = timeline(columns_of(calendar, [spec.asset for spec in specs]))
    months = np.array([MONTHS[spec.frequency] for spec in specs], dtype=np.int64)
    until = np.array([NEVER if spec.until is None else _day(spec.until) for spec in specs], dtype=np.int64)
    rows = _rows(schedule(line, months, until), len(specs))
    wrong = change_findings(line, specs)
    capped = manual_findings(line, specs)
    disposals = _disposals(line, specs)
    return [
        refused(spec.id, wrong[place])
        if wrong[place]
        else {
            "id": spec.id,
            "rows": rows[place],
            **({"disposal": disposals[place]} if place in disposals else {}),
            "findings": [found.as_dict() for found in capped[place]],
        }
        for place, spec in enumerate(specs)
    ]


def _rows(periods: Schedule, count: int) -> list[list[dict[str, Any]]]:
    """The rows of each spec, as they are answered."""
    rows: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    columns = (
        periods.row.tolist(),
        _dates(periods.period_start_day),
        _dates(periods.period_end_day),
        periods.depreciation_minor.tolist(),
        periods.accumulated_minor.tolist(),
        periods.book_value_minor.tolist(),
    )
    for row, start, end, depreciation, total, book_value in zip(*columns, strict=True):
        rows[row].append(
            {
                "period_start": start,
                "period_end": end,
                "depreciation": depreciation,
                "accumulated": total,
                "book_value": book_value,
            }
        )
    return rows


def change_findings(line: Timeline, specs: Sequence[ScheduleSpec]) -> list[list[Finding]]:
    """Changes whose amount only the engine knows, and which the book value at their date does not bear."""
    found: list[list[Finding]] = [[] for _ in specs]
    lines = zip(
        line.register.changes.row.tolist(), line.change_minor.tolist(), line.value_before_minor.tolist(), strict=True
    )
    told = (item for spec in specs for item in changes_in_order(spec.asset.facts))
    places = {id(item): place for spec in specs for place, item in enumerate(spec.asset.facts.value_changes)}
    for (row, amount, value), item in zip(lines, told, strict=True):
        if not isinstance(item, ValueChange):
            continue
        path = f"value_updates.{places[id(item)]}"
        if amount * direction(item.update_type) < 0:
            found[row].append(finding("change_direction", f"{path}.new_book_value", item.new_book_value_minor))
        elif value + amount < 0:
            found[row].append(finding("decrease_above_book_value", f"{path}.amount", item.amount_minor))
    return found


def manual_findings(line: Timeline, specs: Sequence[ScheduleSpec]) -> list[list[Finding]]:
    """Manual amounts of which only a part was left to charge."""
    found: list[list[Finding]] = [[] for _ in specs]
    table = line.register.manual
    charged = accumulated(line, table.day, rows=table.row) - accumulated(line, table.day - 1, rows=table.row)
    left = dict(zip(zip(table.row.tolist(), table.day.tolist(), strict=True), charged.tolist(), strict=True))
    for row, spec in enumerate(specs):
        for place, item in enumerate(spec.asset.facts.manual_amounts):
            if not _is_in_plan(spec.asset, item.date):
                continue
            key = row, _day(item.date)
            if item.amount_minor > left[key]:
                found[row].append(finding("manual_above_floor", f"manual.{place}.amount", item.amount_minor))
            left[key] = max(left[key] - item.amount_minor, 0)
    return found


def _is_in_plan(asset: BookAsset, day: date) -> bool:
    """Whether a manual amount of a day is to be charged at all."""
    facts, opening = asset.facts, asset.opening
    return (
        asset.settings.method is Method.MANUAL
        and all(change.method is None for change in facts.estimate_changes)
        and (asset.start is None or day >= asset.start)
        and (opening is None or day > opening.as_of)
        and (facts.disposal is None or day <= facts.disposal.date)
        and not any(pause.first_day <= day <= pause.last_day for pause in facts.suspensions)
    )


def _disposals(line: Timeline, specs: Sequence[ScheduleSpec]) -> dict[int, dict[str, int]]:
    """What the disposal of each spec that has one comes to; without proceeds, as if it had brought nothing."""
    disposed = [place for place, spec in enumerate(specs) if spec.asset.facts.disposal]
    rows = np.array(disposed, dtype=np.int64)
    days = line.register.disposal_day[rows]
    book_values = line.cost_on(rows, days) - accumulated(line, days, rows=rows)
    results = {}
    for place, book_value, cost in zip(disposed, book_values.tolist(), _capitalised(line, rows), strict=True):
        disposal = specs[place].asset.facts.disposal
        result = disposal_result((disposal and disposal.proceeds_minor) or 0, cost, book_value)
        results[place] = {
            "book_value": result.book_value_minor,
            "gain_or_loss": result.gain_or_loss_minor,
            "capital_gain": result.capital_gain_minor,
        }
    return results


def _capitalised(line: Timeline, rows: Int64) -> list[int]:
    """Cost with all increases of each row."""
    cost = line.register.cost_minor.copy()
    np.add.at(cost, line.register.changes.row, np.maximum(line.change_minor, 0))
    increased: list[int] = cost[rows].tolist()
    return increased


def _day(day: date) -> int:
    return day.toordinal() - EPOCH_ORDINAL


def _dates(days: Int64) -> list[str]:
    """Days as ISO dates."""
    texts: list[str] = np.datetime_as_string(days.astype("M8[D]")).tolist()
    return texts
