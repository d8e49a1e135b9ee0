"""The one checker: reads a whole database and says everything that is wrong with its books.

Reads as the superuser, computes by itself (amounts by tests/oracle, hashes, due days, sums), and shares no code with
what it checks. An empty list means: each due period posted exactly once and closed, nothing lost, nothing doubled.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from faults.recorded_facts import recorded_facts
from oracle import accumulated

ALIVE = ("queued", "running", "retry_wait")
DEPRECIATION = "DEPRECIATION_AMORTIZATION"


def problems(
    engine: Engine, now: datetime | None = None, *, blocked: Collection[str] = (), stopped: Collection[str] = ()
) -> list[str]:
    """What is wrong. Without `now` only what must hold at any instant is checked, in the midst of work.

    With `now` everything due by that instant must also be done. `blocked`: external ids of assets that may be without
    charges, leaving their periods open. `stopped`: keys of businesses whose runs may have failed.
    """
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        books = _Books(connection)
    found: list[str] = []
    for business in books.businesses:
        whole = now if business.key not in stopped else None
        found += [f"{business.key}: {what}" for what in books.wrong(business, whole, set(blocked))]
    return found


class _Books:
    """All rows of one snapshot, grouped by business."""

    def __init__(self, connection: Connection) -> None:
        def rows(query: str) -> dict[UUID, list[Any]]:
            grouped = defaultdict(list)
            for row in connection.execute(text(query)):
                grouped[row.business_id].append(row)
            return grouped

        self.businesses = connection.execute(
            text("SELECT b.*, k.auto FROM business b JOIN book k ON k.business_id = b.id ORDER BY b.key")
        ).all()
        self.periods = rows("SELECT * FROM period ORDER BY book_id, period_start")
        self.runs = rows("SELECT * FROM run ORDER BY period_start, generation, sequence")
        self.assets = rows(
            """SELECT * FROM asset a JOIN asset_book d USING (business_id)
               JOIN depreciation_settings s USING (business_id)
               WHERE d.asset_id = a.id AND s.id = d.settings_id"""
        )
        self.positions = rows(
            """SELECT q.business_id, q.book_id, q.period_start, unnest(q.asset_ids) AS asset_id,
                      unnest(q.posted_minor) AS posted_minor
               FROM posted_position q JOIN period p USING (business_id, book_id, period_start, generation)
               WHERE p.status IN ('closed', 'locked')"""
        )
        self.updates = rows("SELECT * FROM value_update ORDER BY effective_period, sequence")
        self.disposals = rows("SELECT * FROM disposal ORDER BY asset_id, sequence")
        self.entries = rows("SELECT * FROM journal_entry ORDER BY feed_seq")
        self.lines = rows("SELECT * FROM journal_line ORDER BY line_no")
        self.balances = rows("SELECT * FROM period_balance ORDER BY period_start")
        self.counters = rows("SELECT * FROM feed_counter")
        self.facts = recorded_facts(connection)
        self.audit = rows("SELECT * FROM audit")
        self.outbox = rows("SELECT * FROM outbox")

    def wrong(self, business: Any, now: datetime | None, blocked: set[str]) -> Iterator[str]:
        """Everything that is wrong with one business."""
        id_ = business.id
        yield from _runs(self.runs[id_], self.audit[id_], self.outbox[id_], settled=now is not None)
        yield from _journal(self.entries[id_], self.lines[id_], self.updates[id_], self.disposals[id_])
        yield from _disposed(self.assets[id_], self.disposals[id_])
        yield from _feed(self.entries[id_], self.counters[id_])
        yield from _closed(
            self.periods[id_],
            self.entries[id_],
            self.lines[id_],
            self.updates[id_],
            self.balances[id_],
            self.disposals[id_],
        )
        yield from _positions(self.positions[id_], self.updates[id_])
        yield from _audited(self.periods[id_], self.audit[id_])
        charged_through = [p.period_end for p in self.periods[id_] if p.status in ("closed", "locked")]
        if now is not None:
            yield from _complete(
                business,
                self.periods[id_],
                self.runs[id_],
                now,
                any(asset.external_id in blocked for asset in self.assets[id_]),
            )
            charged_through = _due(business, now)
        facts = [(asset, self.facts.get(asset.asset_id, {})) for asset in self.assets[id_]]
        yield from _amounts(business, facts, self.periods[id_], self.updates[id_], charged_through, blocked)


def content_hash(
    before: str, lines: list[str], updates: list[Any], start: date, disposals: Collection[Any] = ()
) -> str:
    """The hash of a period: that of the one before it, its lines, its value updates by key, those caught up apart, and
    its disposals, if there are any."""

    def of(some: list[Any]) -> bytes:
        some.sort(key=lambda u: (u.effective_period, u.asset_id, u.sequence))
        digest = hashlib.sha256()
        for u in some:
            digest.update(((u.effective_period - date(2000, 1, 1)).days).to_bytes(4, "big", signed=True))
            digest.update(
                u.asset_id.bytes + u.sequence.to_bytes(2, "big") + u.amount_minor.to_bytes(8, "big", signed=True)
            )
            digest.update(b"" if u.update_type == DEPRECIATION else u.update_type.encode())
        return digest.digest()

    own = [u for u in updates if u.effective_period == start]
    late = [u for u in updates if u.effective_period != start]
    text_of_lines = hashlib.sha256("\n".join(lines).encode()).digest()
    gone = b""
    for d in disposals:
        gone += d.asset_id.bytes + d.sequence.to_bytes(2, "big")
        for day in (d.date, d.effective_period):
            gone += (day - date(2000, 1, 1)).days.to_bytes(4, "big", signed=True)
        for amount in (d.proceeds_minor or 0, d.cost_minor, d.accumulated_minor, d.gain_or_loss_minor,
                       d.capital_gain_minor):  # fmt: skip
            gone += amount.to_bytes(8, "big", signed=True)
    of_gone = hashlib.sha256(gone).digest() if gone else b""
    return hashlib.sha256(before.encode() + text_of_lines + of(own) + of(late) + of_gone).hexdigest()


def _positions(positions: list[Any], updates: list[Any]) -> Iterator[str]:
    """What a closed period says was posted to each asset is what lies in it and before it."""
    said: dict[date, Counter[UUID]] = defaultdict(Counter)
    for position in positions:
        said[position.period_start][position.asset_id] += position.posted_minor
    for start, by_asset in said.items():
        lying: Counter[UUID] = Counter()
        for update in updates:
            if update.posting_period <= start and update.update_type == DEPRECIATION:
                lying[update.asset_id] += update.amount_minor
        wrong = [asset for asset in by_asset.keys() | lying.keys() if by_asset[asset] != lying[asset]]
        if wrong:
            yield f"the position of {start} is wrong of {len(wrong)} assets"


def _runs(runs: list[Any], audit: list[Any], outbox: list[Any], *, settled: bool) -> Iterator[str]:
    """One scheduled run a period and generation; every ended run audited and announced once."""
    scheduled = Counter((r.book_id, r.period_start, r.generation) for r in runs if r.kind == "scheduled")
    yield from (f"{count} scheduled runs of {key[1]}" for key, count in scheduled.items() if count != 1)
    told = Counter((row.action, row.subject) for row in audit)
    announced = Counter((row.event, row.body.get("run_id")) for row in outbox)
    for run in runs:
        if settled and run.status in ALIVE:
            yield f"run of {run.period_start} is left {run.status}"
        if run.status in ALIVE:
            continue
        action = "run.posted" if run.status.startswith("posted") else f"run.{run.status}"
        times = told[action, f"run/{run.id}"], announced[action, str(run.id)]
        if times != (1, 1):
            yield f"run of {run.period_start} ({run.status}) has {times[0]} audit rows and {times[1]} events"


def _journal(entries: list[Any], lines: list[Any], updates: list[Any], disposals: list[Any]) -> Iterator[str]:
    """Every entry balances, and each line is the sum of the value updates and disposals that name it."""
    of_entry: dict[UUID, list[Any]] = defaultdict(list)
    for line in lines:
        of_entry[line.entry_id].append(line)
    named: Counter[tuple[UUID, int]] = Counter()
    known = {entry.id: entry for entry in entries}
    for update in updates:
        entry = known.get(update.entry_id)
        if entry is None:
            yield f"a value update of {update.effective_period} names no entry"
            continue
        if (entry.book_id, entry.effective_period, entry.posting_period, entry.run_id) != (
            update.book_id,
            update.effective_period,
            update.posting_period,
            update.run_id,
        ):
            yield f"a value update and its entry {entry.feed_seq} disagree"
        named[entry.id, update.debit_line] += abs(update.amount_minor)
        named[entry.id, update.credit_line] += abs(update.amount_minor)
    for disposal in disposals:
        for part, amount in (("asset", disposal.cost_minor), ("accumulated", disposal.accumulated_minor),
                             ("proceeds", disposal.proceeds_minor or 0), ("result", disposal.gain_or_loss_minor),
                             ("capital_gain", disposal.capital_gain_minor)):  # fmt: skip
            if amount:
                named[disposal.entry_id, getattr(disposal, f"{part}_line")] += abs(amount)
    for entry in entries:
        own = of_entry.pop(entry.id, [])
        debit, credit = sum(line.debit_minor for line in own), sum(line.credit_minor for line in own)
        if not debit == credit == entry.total_minor or len(own) != entry.line_count or len(own) < 2:
            yield f"entry {entry.feed_seq} of {entry.total_minor}: debit {debit}, credit {credit}, {len(own)} lines"
        for line in own:
            if line.debit_minor + line.credit_minor != named.pop((entry.id, line.line_no), 0):
                yield f"line {line.line_no} of entry {entry.feed_seq} is not its value updates"
    yield from (f"lines without an entry: {key}" for key in of_entry)
    yield from (f"value updates without their line: {key}" for key in named)


def _disposed(assets: list[Any], disposals: list[Any]) -> Iterator[str]:
    """An asset is disposed of while its last disposal is not taken back, and what is taken back is the same amounts."""
    of_asset: dict[UUID, list[Any]] = defaultdict(list)
    for disposal in disposals:
        of_asset[disposal.asset_id].append(disposal)
    for asset in assets:
        rows = of_asset[asset.asset_id]
        if rows and (asset.status, asset.disposal_date) != (
            ("registered", None) if len(rows) % 2 == 0 else ("disposed", rows[-1].date)
        ):
            yield f"{asset.external_id} is {asset.status} ({asset.disposal_date}) after {len(rows)} rows of disposal"
        for gone, back in zip(rows[::2], rows[1::2], strict=False):
            amounts = [
                (row.cost_minor, row.accumulated_minor, row.proceeds_minor or 0, row.gain_or_loss_minor,
                 row.capital_gain_minor) for row in (gone, back)
            ]  # fmt: skip
            if any(sum(pair) for pair in zip(*amounts, strict=True)) or back.reverses != gone.sequence:
                yield f"{asset.external_id} was not reinstated as it was disposed of"


def _feed(entries: list[Any], counters: list[Any]) -> Iterator[str]:
    numbers = [entry.feed_seq for entry in entries]
    last = counters[0].last_seq if counters else len(numbers)
    if numbers != list(range(1, last + 1)):
        yield f"the feed is not gapless: {len(numbers)} entries, last {numbers[-1:]}, counter {last}"


def _closed(
    periods: list[Any],
    entries: list[Any],
    lines: list[Any],
    updates: list[Any],
    balances: list[Any],
    disposals: list[Any],
) -> Iterator[str]:
    """A closed period still holds what it was closed with; balances carry on; closed and locked come in order."""
    order = {"locked": 0, "closed": 1, "closing": 2, "open": 2}
    ranks = [order[p.status] for p in periods]
    if ranks != sorted(ranks):
        yield f"periods closed or locked out of order: {[p.status for p in periods]}"
    line_of: dict[UUID, list[Any]] = defaultdict(list)
    for line in lines:
        line_of[line.entry_id].append(line)
    standing: dict[UUID, int] = {}
    before = ""
    for period in periods:
        if period.status == "closing":
            yield f"period {period.period_start} is seen closing"
        if period.status not in ("closed", "locked"):
            continue
        own = [entry for entry in entries if entry.posting_period == period.period_start]
        rows = [
            "|".join(
                map(str, (e.feed_seq, e.id, e.entry_date, ln.line_no, ln.account_id, ln.debit_minor, ln.credit_minor))
            )
            for e in own
            for ln in line_of[e.id]
        ]
        lying = [update for update in updates if update.posting_period == period.period_start]
        gone = [disposal for disposal in disposals if disposal.posting_period == period.period_start]
        content = content_hash(before, rows, lying, period.period_start, gone)
        before = period.content_hash
        charged = sum(update.amount_minor for update in lying if update.update_type == DEPRECIATION)
        if (content, len(own), charged) != (period.content_hash, period.entry_count, period.charged_minor):
            yield (
                f"period {period.period_start} is not what it was closed with: {len(own)} entries of {charged}, "
                f"closed with {period.entry_count} of {period.charged_minor}"
            )
        for entry in own:
            if entry.created_at > period.closed_at or not period.period_start <= entry.entry_date <= period.period_end:
                yield f"entry {entry.feed_seq} came into {period.period_start} after its close, or is dated outside"
        moved: Counter[UUID] = Counter()
        for entry in own:
            for line in line_of[entry.id]:
                moved[line.account_id] += line.debit_minor - line.credit_minor
        kept = {
            b.account_id: b
            for b in balances
            if (b.period_start, b.generation) == (period.period_start, period.generation)
        }
        for account in {*moved, *standing, *kept}:
            row = kept.get(account)
            closing = standing.get(account, 0) + moved[account]
            if row is None or (row.opening_minor, row.closing_minor) != (standing.get(account, 0), closing):
                yield f"the balance of an account at {period.period_start} does not carry on"
            standing[account] = closing


def _audited(periods: list[Any], audit: list[Any]) -> Iterator[str]:
    told = Counter((row.action, row.subject) for row in audit)
    for period in periods:
        name = f"period/{period.period_start:%Y-%m}"
        closings, lockings = told["period.closed", name], told["period.locked", name]
        if period.status in ("closed", "locked") and closings != period.generation + 1:
            yield f"{name} was closed once a generation, but {closings} audit rows say so"
        if lockings != (period.status == "locked"):
            yield f"{name} is {period.status}, but {lockings} audit rows say locked"


def _complete(business: Any, periods: list[Any], runs: list[Any], now: datetime, has_blocked: bool) -> Iterator[str]:
    """Each due period is there, closed, and posted by exactly one run."""
    ends = _due(business, now)
    by_end = {p.period_end: p for p in periods}
    for end in ends:
        period = by_end.get(end)
        if period is None:
            yield f"the period that ended on {end} is missing"
            continue
        posted = [
            r
            for r in runs
            if r.period_start == period.period_start
            and r.generation == period.generation
            and r.kind == "scheduled"
            and r.status.startswith("posted")
        ]
        if len(posted) != 1:
            yield f"the period that ended on {end} was posted by {len(posted)} scheduled runs"
        if not has_blocked and period.status not in ("closed", "locked"):
            yield f"the period that ended on {end} is {period.status}"
    for period in periods:
        if period.period_end not in ends and (period.status != "open" or period.last_run_id is not None):
            yield f"period {period.period_start} was worked on before it was due"


def _due(business: Any, now: datetime) -> list[date]:
    """The last days of the periods that have ended where the business is; fiscal years begin on a first here."""
    assert business.fiscal_day == 1
    ends, start = [], business.books_start.replace(day=1)
    while True:
        following = (start + timedelta(days=32)).replace(day=1)
        midnight = datetime(following.year, following.month, 1, tzinfo=ZoneInfo(business.time_zone)).astimezone(UTC)
        if midnight > now:
            return ends
        ends.append(following - timedelta(days=1))
        start = following


def _amounts(
    business: Any,
    with_facts: list[tuple[Any, dict[str, Any]]],
    periods: list[Any],
    updates: list[Any],
    ends: list[date],
    blocked: set[str],
) -> Iterator[str]:
    """What is posted through each period is T(its last day) less the opening, for each asset; one that is never charged
    by a run keeps what somebody recorded."""
    end_of = {p.period_start: p.period_end for p in periods}
    assets = [asset for asset, _ in with_facts]
    uncharged = {asset.asset_id for asset in assets if asset.method == "none"}
    posted: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for update in updates:
        recorded = update.run_id is None and update.asset_id in uncharged
        amount = update.amount_minor if update.update_type == DEPRECIATION and not recorded else 0
        posted[update.asset_id].append((end_of[update.effective_period], amount))
    changes = _changes(updates)
    for asset, facts in with_facts:
        spec = _spec(business, asset, changes[asset.asset_id]) | facts
        for end in ends:
            through = sum(amount for day, amount in posted[asset.asset_id] if day <= end)
            wanted = (
                0
                if asset.external_id in blocked or (asset.status != "registered" and asset.disposal_date is None)
                else (accumulated(spec, end) - asset.opening_accumulated_minor)
            )
            if through != wanted:
                yield f"{asset.external_id} through {end}: {through} posted, {wanted} due"
                break
    unknown = posted.keys() - {asset.asset_id for asset in assets}
    yield from (f"value updates of an unknown asset {asset_id}" for asset_id in unknown)


def _changes(updates: list[Any]) -> dict[UUID, list[dict[str, Any]]]:
    """The changes of value in force of each asset, in the schedule format."""
    taken_back = {(u.effective_period, u.asset_id, u.reversal_of) for u in updates if u.reversal_of is not None}
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for u in updates:
        in_force = u.reversal_of is None and (u.effective_period, u.asset_id, u.sequence) not in taken_back
        if in_force and u.update_type not in (DEPRECIATION, "ACQUISITION"):
            found[u.asset_id].append({
                "date": str(u.date), "update_type": u.update_type, "amount": u.amount_minor,
                "remaining_life_months": u.remaining_life_months, "residual_value": u.residual_minor,
            })  # fmt: skip
    return found


def _spec(business: Any, asset: Any, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """An asset of a book as the oracle reads it: in the schedule format."""
    settings: dict[str, Any] = {
        "method": asset.method,
        "averaging": asset.averaging,
        "declining_factor": str(Decimal(asset.declining_factor_micro).scaleb(-6)),
    }
    if asset.life_months is not None:
        settings["life_months"] = asset.life_months
    if asset.rate_nanopercent is not None:
        settings["rate_percent"] = str(Decimal(asset.rate_nanopercent).scaleb(-9))
    settings |= {name: getattr(asset, name) for name in _SAME_NAME}
    spec = {
        "cost": asset.cost_minor,
        "cost_limit": asset.cost_limit_minor,
        "residual_value": asset.residual_minor,
        "depreciation_start_date": str(asset.depreciation_start_date),
        "fiscal_year_start": f"{business.fiscal_month:02d}-{business.fiscal_day:02d}",
        "settings": settings,
    }
    if changes:
        spec["value_updates"] = changes
    if asset.disposal_date is not None:
        spec["disposal"] = {"date": str(asset.disposal_date)}
    if asset.opening_as_of is not None:
        spec["opening"] = {
            "as_of": str(asset.opening_as_of),
            "accumulated": asset.opening_accumulated_minor,
            "current_year": asset.opening_current_year_minor,
        }
    return spec


_SAME_NAME = (
    "day_basis",
    "rate_places",
    "declining_base",
    "declining_within_year",
    "end_of_life",
    "switch_to_straight_line",
    "straight_line_base",
    "rounding",
    "change_policy",
)
