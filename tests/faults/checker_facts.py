"""The checker's look at the register: what is posted to each asset against the oracle, disposals, what takes back what.

Amounts are those of tests/oracle, from the facts as they are stored; rows are those of one business.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from .checker_ledger import DEPRECIATION, parts_of, sides_of
from .checker_plans import Plan, by_asset, due_on, in_force, key_of

UP = ("IMPROVEMENT", "REVALUATION_UP")


def settled_through(periods: Sequence[Any]) -> date:
    """The last day up to which no fact has been recorded since a run read them: what is posted must be what is due.

    What was recorded later of an earlier day waits for the next run.
    """
    through, facts = date.min, 0
    for period in periods:
        facts += period.fact_version
        if period.last_fact_version == facts:
            through = period.period_end
    return through


def amounts(
    assets: Sequence[Any],
    plan_of: Mapping[UUID, Plan],
    periods: Sequence[Any],
    updates: Sequence[Any],
    ends: Sequence[date],
    blocked: Collection[str],
) -> Iterator[str]:
    """What is posted through each of these days is T less the opening, for each asset; nothing to `blocked` ones.

    An asset that is never charged by a run keeps what somebody recorded, and one that came disposed of what it had.
    """
    end_of, through = {p.period_start: p.period_end for p in periods}, settled_through(periods)
    updates_of = by_asset(updates)
    for asset in assets:
        own = updates_of[asset.asset_id]
        if asset.method == "none" and any(u.run_id is not None for u in own):
            yield f"{asset.external_id} is not depreciable, and a run has charged it"
        if asset.method == "none" or (asset.status == "disposed" and not plan_of[asset.asset_id].gone):
            continue
        charged = [(end_of[u.effective_period], u.amount_minor) for u in own if _of_the_plan(u)]
        for end in (day for day in ends if day <= through):
            due = due_on(plan_of[asset.asset_id], end)
            if asset.external_id in blocked or asset.status == "draft":
                due = asset.opening_accumulated_minor
            found = sum(amount for day, amount in charged if day <= end)
            if found != due - asset.opening_accumulated_minor:
                yield f"{asset.external_id} through {end}: {found} posted, {due - asset.opening_accumulated_minor} due"
                break
    unknown = updates_of.keys() - {asset.asset_id for asset in assets}
    yield from (f"value updates of an unknown asset {asset_id}" for asset_id in unknown)


def _of_the_plan(update: Any) -> bool:
    return bool(update.update_type == DEPRECIATION and not update.beside_plan)


def disposed(
    assets: Sequence[Any],
    plan_of: Mapping[UUID, Plan],
    updates: Sequence[Any],
    account_of: Mapping[tuple[UUID, int], UUID],
) -> Iterator[str]:
    """An asset is disposed of while its last disposal is not taken back; then it was charged to the day, the figures
    are those of its facts, and its accounts are empty. What is taken back is taken back whole."""
    updates_of = by_asset(updates)
    for asset in assets:
        plan = plan_of[asset.asset_id]
        rows, in_force = plan.gone, plan.in_force
        if not rows:
            continue
        state = ("registered", None) if in_force is None else ("disposed", in_force.date)
        if (asset.status, asset.disposal_date) != state or [row.sequence for row in rows] != list(range(len(rows))):
            yield f"{asset.external_id} is {asset.status} ({asset.disposal_date}) after {len(rows)} rows of disposal"
        yield from (f"{asset.external_id} {what}" for what in _taken_back(rows))
        yield from (f"{asset.external_id} has a part of {_figures(part)}" for part in plan.parts if not _is_right(part))
        if in_force is not None:
            own = updates_of[asset.asset_id]
            yield from _figures_of_disposal(asset, plan, own)
            yield from _not_cleared(asset, own, plan, account_of)


def _taken_back(rows: Sequence[Any]) -> Iterator[str]:
    by_sequence, times = {row.sequence: row for row in rows}, Counter(row.reverses for row in rows)
    for back in (row for row in rows if row.reverses is not None):
        gone = by_sequence.get(back.reverses)
        if gone is None or gone.reverses is not None or times[back.reverses] != 1 or any(
            map(sum, zip(_figures(gone), _figures(back), strict=True))
        ):  # fmt: skip
            yield "was not reinstated as it was disposed of"


def _is_right(part: Any) -> bool:
    """Whether what a part brought is what SEMANTICS section 6 says of its own figures."""
    proceeds, cost, depreciated, *result = _figures(part)
    whole = part.capitalised_minor
    return result == [min(proceeds, whole) - (cost - depreciated), max(0, proceeds - whole)]


def _figures(row: Any) -> tuple[int, ...]:
    proceeds = row.proceeds_minor or 0
    return proceeds, row.cost_minor, row.accumulated_minor, row.gain_or_loss_minor, row.capital_gain_minor


def _figures_of_disposal(asset: Any, plan: Plan, updates: Sequence[Any]) -> Iterator[str]:
    """SEMANTICS section 6, from the facts."""
    row = plan.in_force
    changes = [u for u in in_force(updates) if u.update_type not in (DEPRECIATION, "ACQUISITION")]
    up = sum(u.amount_minor for u in changes if u.update_type in UP)
    down = sum(u.amount_minor for u in changes if u.update_type not in UP)
    posted = sum(u.amount_minor for u in updates if u.update_type == DEPRECIATION)
    beside = sum(u.amount_minor for u in updates if u.update_type == DEPRECIATION and u.beside_plan)
    charged, planned = asset.opening_accumulated_minor + posted, due_on(plan, row.date)
    # An asset that is never charged has what somebody recorded.
    due = charged if asset.method == "none" else planned + beside
    whole = asset.cost_minor + up - sum(part.capitalised_minor for part in plan.parts)
    carried = asset.cost_minor + up - down - sum(part.cost_minor for part in plan.parts)
    left, proceeds = due - sum(part.accumulated_minor for part in plan.parts), row.proceeds_minor or 0
    wanted = proceeds, carried, left, min(proceeds, whole) - (carried - left), max(0, proceeds - whole)
    if _figures(row) != wanted:
        yield f"{asset.external_id} was disposed of with {_figures(row)}, where its facts give {wanted}"
    if charged != due:
        yield f"{asset.external_id} is charged {charged} at its disposal, {due} due"


def _not_cleared(
    asset: Any, updates: Sequence[Any], plan: Plan, account_of: Mapping[tuple[UUID, int], UUID]
) -> Iterator[str]:
    """The accounts that the last disposal empties hold nothing of the asset; what no entry posted lay elsewhere."""
    balance: Counter[UUID | None] = Counter()
    for row in (*updates, *plan.gone):
        for line, amount in sides_of(row) if hasattr(row, "debit_line") else parts_of(row):
            balance[account_of.get((row.entry_id, line or 0))] += amount
    acquired = any(u.update_type == "ACQUISITION" for u in in_force(updates))
    last, outside = plan.in_force, [u for u in updates if u.entry_id is None]
    changed = sum(u.amount_minor * (1 if u.update_type in UP else -1) for u in outside if u.update_type != DEPRECIATION)
    charged = sum(u.amount_minor for u in outside if u.update_type == DEPRECIATION)
    gone = [row for row in plan.gone if row.externally_booked]
    cost, depreciated = sum(row.cost_minor for row in gone), sum(row.accumulated_minor for row in gone)
    impaired = sum(row.impairment_minor for row in gone)
    elsewhere = (
        ("asset", last.asset_line, changed - cost - impaired + (0 if acquired else asset.cost_minor)),
        ("accumulated", last.accumulated_line, depreciated - charged - asset.opening_accumulated_minor),
        ("impairment", last.impairment_line, impaired),
    )
    for name, line, carried in elsewhere:
        left = balance[account_of.get((last.entry_id, line or 0))] + carried
        if line is not None and left:
            yield f"{asset.external_id} leaves {left} on its {name} account"


def _reversed_by(first: Any) -> tuple[UUID | None, ...]:
    """What an entry may say that it reverses: the first one; or none, where that sums up a run's charges, of which it
    takes back only one asset's."""
    return (first.id,) if first is not None and first.run_id is None else (None, first and first.id)


def recorded(
    assets: Sequence[Any], updates: Sequence[Any], entries: Sequence[Any], records: Sequence[Any]
) -> Iterator[str]:
    """What takes a value update back is it, negative; each that somebody recorded has its record; an acquisition is the
    cost, once."""
    by_key = {key_of(u): u for u in updates}
    entry_of = {entry.id: entry for entry in entries}
    said = Counter(key_of(record) for record in records)
    by_id = {record.id: record for record in records}
    for u in updates:
        entry = entry_of.get(u.entry_id)
        if u.run_id is None and (entry is None or entry.kind == "value_update") and said[key_of(u)] != 1:
            yield f"a value update of {u.effective_period} has {said[key_of(u)]} records"
        if u.reversal_of is None:
            continue
        first = by_key.get((*key_of(u)[:3], u.reversal_of))
        if first is None or (first.update_type, -first.amount_minor, first.date) != (
            u.update_type, u.amount_minor, u.date,
        ):  # fmt: skip
            yield f"a value update of {u.effective_period} takes back another"
        elif entry is not None and entry.reversal_of not in _reversed_by(entry_of.get(first.entry_id)):
            yield f"entry {entry.feed_seq} reverses another entry than its value update's"
    for record in records:
        archived, update = by_id.get(record.archives), by_key.get(key_of(record))
        if update is None or (archived is not None and key_of(archived) != (*key_of(update)[:3], update.reversal_of)):
            yield f"a record of {record.effective_period} archives another than its value update takes back"
    yield from _acquired(assets, updates)


def tagged(tags: Sequence[Any], periods: Sequence[Any], updates: Sequence[Any], lines: Sequence[Any]) -> Iterator[str]:
    """What a line is tagged with is what its assets had, or were said to have, on a day of the period it is for."""
    end_of, spans = {p.period_start: p.period_end for p in periods}, by_asset(tags)
    ids_of = {(line.entry_id, line.line_no): line.definition_ids or () for line in lines}
    for u in updates:
        had = {
            one.definition_id
            for one in spans.get(u.asset_id, ())
            if (one.first_day or date.min) <= end_of[u.effective_period]
            and (one.last_day or date.max) >= u.effective_period
        }
        if not had.issuperset(ids_of.get((u.entry_id, u.debit_line), ())):
            yield f"a value update of {u.effective_period} is tagged as its asset never was"


def _acquired(assets: Sequence[Any], updates: Sequence[Any]) -> Iterator[str]:
    cost_of = {asset.asset_id: asset for asset in assets}
    acquisitions = by_asset([u for u in in_force(updates) if u.update_type == "ACQUISITION"])
    for asset_id, rows in acquisitions.items():
        asset = cost_of.get(asset_id)
        if asset is not None and [row.amount_minor for row in rows] != [asset.cost_minor]:
            yield f"{asset.external_id} was acquired for {[row.amount_minor for row in rows]}, its cost another"
