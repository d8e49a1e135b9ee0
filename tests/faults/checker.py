"""The one checker: reads a whole database and says everything that is wrong with its books.

Reads as the superuser, computes by itself (amounts by tests/oracle, hashes, due days, sums), and shares no code with
what it checks. An empty list means: each due period posted exactly once and closed, nothing lost, nothing doubled.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from . import checker_facts, checker_ledger, checker_plans
from .checker_ledger import content_hash
from .recorded_facts import recorded_facts

__all__ = ["content_hash", "problems", "problems_in"]

ALIVE = ("queued", "running", "retry_wait")


def problems(
    engine: Engine,
    now: datetime | None = None,
    *,
    blocked: Collection[str] = (),
    stopped: Collection[str] = (),
    only: UUID | None = None,
) -> list[str]:
    """What is wrong. Without `now` only what must hold at any instant is checked, in the midst of work.

    With `now` everything due by that instant must also be done. `blocked`: external ids of assets that may be without
    charges, leaving their periods open. `stopped`: keys of businesses whose runs may have failed. `only`: the business
    that is looked at, None for all.
    """
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        return problems_in(connection, now, blocked=blocked, stopped=stopped, only=only)


def problems_in(
    connection: Connection,
    now: datetime | None = None,
    *,
    blocked: Collection[str] = (),
    stopped: Collection[str] = (),
    only: UUID | None = None,
) -> list[str]:
    """The same as a transaction sees it that is under way."""
    books = _Books(connection, only)
    found: list[str] = []
    for business in books.businesses:
        whole = now if business.key not in stopped else None
        found += [f"{business.key}: {what}" for what in books.wrong(business, whole, set(blocked))]
    return found


class _Books:
    """All rows of one snapshot, grouped by business; or those of one."""

    def __init__(self, connection: Connection, only: UUID | None = None) -> None:
        of_one = "" if only is None else "WHERE found.business_id = :only"

        def rows(query: str) -> dict[UUID, list[Any]]:
            grouped = defaultdict(list)
            for row in connection.execute(text(f"SELECT * FROM ({query}) found {of_one}"), {"only": only}):
                grouped[row.business_id].append(row)
            return grouped

        found = rows("SELECT b.*, b.id AS business_id, k.auto FROM business b JOIN book k ON k.business_id = b.id")
        self.businesses = sorted((row for some in found.values() for row in some), key=lambda row: str(row.key))
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
        self.records = rows("SELECT * FROM value_update_record ORDER BY id")
        self.disposals = rows("SELECT * FROM disposal ORDER BY asset_id, sequence")
        self.entries = rows("SELECT * FROM journal_entry ORDER BY feed_seq")
        self.lines = rows(
            """SELECT l.*, t.definition_ids FROM journal_line l
               LEFT JOIN tag_set t ON t.business_id = l.business_id AND t.id = l.tag_set ORDER BY l.line_no"""
        )
        self.balances = rows("SELECT * FROM period_balance ORDER BY period_start")
        self.counters = rows("SELECT * FROM feed_counter")
        self.tags = rows("SELECT * FROM asset_tag")
        self.facts = recorded_facts(connection)
        self.audit = rows("SELECT * FROM audit")
        self.outbox = rows("SELECT * FROM outbox")

    def wrong(self, business: Any, now: datetime | None, blocked: set[str]) -> Iterator[str]:
        """Everything that is wrong with one business."""
        id_ = business.id
        assets, periods, updates = self.assets[id_], self.periods[id_], self.updates[id_]
        entries, lines, disposals = self.entries[id_], self.lines[id_], self.disposals[id_]
        yield from _runs(self.runs[id_], self.audit[id_], self.outbox[id_], settled=now is not None)
        yield from checker_ledger.journal(entries, lines, updates, disposals, self.records[id_])
        yield from _feed(entries, self.counters[id_])
        yield from checker_ledger.closed(periods, entries, lines, updates, self.balances[id_], disposals)
        yield from checker_ledger.positions(self.positions[id_], updates)
        yield from _audited(periods, self.audit[id_])
        ends = [p.period_end for p in periods if p.status in ("closed", "locked")]
        if now is not None:
            has_blocked = any(asset.external_id in blocked for asset in assets)
            yield from _complete(business, periods, self.runs[id_], now, has_blocked)
            ends = _due(business, now)
        records = self.records[id_]
        plans = checker_plans.plans(business, assets, updates, records, disposals, self.facts)
        yield from checker_facts.amounts(assets, plans, periods, updates, ends, blocked)
        account_of = {(line.entry_id, line.line_no): line.account_id for line in lines}
        yield from checker_facts.disposed(assets, plans, updates, account_of)
        yield from checker_facts.tagged(self.tags[id_], periods, updates, lines)
        yield from checker_facts.recorded(assets, updates, entries, records)


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


def _feed(entries: list[Any], counters: list[Any]) -> Iterator[str]:
    numbers = [entry.feed_seq for entry in entries]
    last = counters[0].last_seq if counters else len(numbers)
    if numbers != list(range(1, last + 1)):
        yield f"the feed is not gapless: {len(numbers)} entries, last {numbers[-1:]}, counter {last}"


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
