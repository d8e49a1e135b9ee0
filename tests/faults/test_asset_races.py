"""Two clients on one asset at once: one comes first, and the other goes on from there or gets a typed conflict.

Whatever the order: nothing is lost, nothing is posted twice, nothing comes into a period after its close.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import Engine, text

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.terms import RunStatus
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.close_period import close_period
from bookvalue.services.dispose_asset import dispose_asset
from bookvalue.services.lock_period import lock_period
from bookvalue.services.record_fact import record_fact
from bookvalue.services.record_value_update import record_value_update
from bookvalue.services.reinstate_asset import reinstate_asset
from bookvalue.services.request_run import request_run
from bookvalue.storage.unit_of_work import connect

from .checker import problems
from .meeting import Meeting
from .register import import_files

NOW = datetime(2100, 1, 1, tzinfo=UTC)
BUSINESSES = 5
POLICIES = ("next_open", "next_open", "refuse", "spread_remaining", "next_open")
ACTOR = "race"


@dataclass(frozen=True)
class Race:
    """What two clients race on: an asset of a business, and the month that both mean."""

    engine: Engine
    business: UUID
    policy: str
    asset: UUID
    month: date
    before: Any = None
    """What was made for the race: a value update, a disposal."""


def dispose(race: Race) -> Any:
    raw = {"date": str(race.month + timedelta(days=20)), "reason": "sold", "proceeds": 50_000,
           "proceeds_account": "CASH"}  # fmt: skip
    return dispose_asset(race.engine, race.business, race.asset, raw, actor=ACTOR, now=NOW)


def update(race: Race) -> Any:
    raw = {"asset_id": str(race.asset), "amount": 7_777, "update_type": "IMPROVEMENT", "counter_account": "CASH",
           "date": str(race.month + timedelta(days=10))}  # fmt: skip
    return record_value_update(race.engine, race.business, raw, actor=ACTOR, now=NOW)[0]


def archive(race: Race) -> Any:
    return archive_value_update(race.engine, race.business, race.before.id, actor=ACTOR, now=NOW)


def reinstate(race: Race) -> Any:
    return reinstate_asset(race.engine, race.business, race.asset, race.before.id, actor=ACTOR)


def estimate(race: Race) -> Any:
    raw = {"date": str(race.month + timedelta(days=5)), "remaining_life_months": 17}
    return record_fact(race.engine, race.business, race.asset, FactType.ESTIMATE_CHANGE, raw, now=NOW, actor=ACTOR)


def close(race: Race) -> Any:
    run = request_run(race.engine, race.business, f"{race.month:%Y-%m}", now=NOW, actor=ACTOR)
    closed = close_period(race.engine, run, owner=ACTOR)
    assert closed is not None
    assert closed.status is RunStatus.POSTED, closed
    return closed


def lock(race: Race) -> Any:
    return lock_period(race.engine, race.business, race.month, actor=ACTOR)


Act = Callable[[Race], Any]
DONE, LATE, LOCKED = "done", "late_fact_refused", "period_locked"
GONE, BACK = "asset_disposed", "disposal_reinstated"


@dataclass(frozen=True)
class Pair:
    """Two acts, what is made before them, and how they may end: for books that take late facts, and that refuse them.

    closed: whether the month is closed before.
    """

    one: Act
    other: Act
    taking: frozenset[tuple[str, str]]
    refusing: frozenset[tuple[str, str]]
    made: Act | None = None
    closed: bool = False


def _ends(*ends: tuple[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(ends)


BOTH = (DONE, DONE)
PAIRS: Mapping[str, Pair] = {
    "dispose, update": Pair(dispose, update, _ends(BOTH, (DONE, GONE)), _ends(BOTH, (DONE, GONE))),
    "dispose, dispose": Pair(dispose, dispose, _ends((DONE, GONE), (GONE, DONE)), _ends((DONE, GONE), (GONE, DONE))),
    "dispose, close": Pair(dispose, close, _ends(BOTH), _ends(BOTH, (LATE, DONE))),
    "dispose, lock": Pair(dispose, lock, _ends(BOTH, (LOCKED, DONE)), _ends((LATE, DONE), (LOCKED, DONE)), closed=True),
    "update, update": Pair(update, update, _ends(BOTH), _ends(BOTH)),
    "update, close": Pair(update, close, _ends(BOTH), _ends(BOTH, (LATE, DONE))),
    "update, lock": Pair(update, lock, _ends(BOTH, (LOCKED, DONE)), _ends((LATE, DONE), (LOCKED, DONE)), closed=True),
    "archive, archive": Pair(archive, archive, _ends(BOTH), _ends(BOTH), made=update),
    "archive, close": Pair(archive, close, _ends(BOTH), _ends(BOTH, (LATE, DONE)), made=update),
    "estimate, close": Pair(estimate, close, _ends(BOTH), _ends(BOTH, (LATE, DONE))),
    "reinstate, reinstate": Pair(
        reinstate, reinstate, _ends((DONE, BACK), (BACK, DONE)), _ends((DONE, BACK), (BACK, DONE)), made=dispose
    ),
    "reinstate, close": Pair(reinstate, close, _ends(BOTH), _ends(BOTH, (LATE, DONE)), made=dispose),
}
ROWS: Mapping[Act, tuple[str, bool]] = {
    update: ("value_update WHERE update_type = 'IMPROVEMENT' AND reversal_of IS NULL AND", True),
    dispose: ("disposal WHERE reverses IS NULL AND", True),
    archive: ("value_update WHERE update_type = 'IMPROVEMENT' AND reversal_of IS NOT NULL AND", False),
    reinstate: ("disposal WHERE reverses IS NOT NULL AND", True),
    estimate: ("estimate_change WHERE", True),
}
"""Act -> the rows that one which went through leaves, and whether a second one leaves another."""
MANY = pytest.mark.parametrize("races", [10, pytest.param(90, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])


class Ground:
    """Businesses with an asset for each race, whose months go by race after race."""

    def __init__(self, engine: Engine, races: int) -> None:
        heads = ["business,name,currency,time_zone,books_start,auto,lock_policy"]
        lines = [
            "business,external_id,name,kind,depreciation_start_date,cost,residual_value,method,life_months,averaging,"
            "ledger_account,accumulated_depreciation_account,depreciation_expense_account"
        ]
        for number, place in product(range(BUSINESSES), range(-(-races // BUSINESSES))):
            if place == 0:
                heads.append(f"race-{number},r,EUR,UTC,2026-01-01,off,{POLICIES[number]}")
            method = ("straight_line,48,full_month", "declining_balance,48,actual_days")[place % 2]
            lines.append(
                f"race-{number},a{place:03d},a,EQUIPMENT,2026-01-{1 + place % 5:02d},9999.99,100,{method},"
                "EQUIPMENT,ACCUMULATED_DEPRECIATION_EQUIPMENT,DEPRECIATION"
            )
        import_files(engine, businesses=heads, assets=lines)
        self.engine = engine

    def races(self, pair: Pair) -> Iterator[Race]:
        """A race on each asset, a month after the one before where the month is closed in it."""
        of_business: dict[str, list[UUID]] = {}
        ids: dict[str, UUID] = {}
        with self.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT b.key, b.id AS business, a.id FROM asset a JOIN business b ON b.id = a.business_id "
                     "ORDER BY a.external_id, b.key")
            )  # fmt: skip
            for row in rows:
                of_business.setdefault(row.key, []).append(row.id)
                ids[row.key] = row.business
        month = date(2026, 1, 1)
        goes_on = {pair.one, pair.other} & {close, lock}
        for place in range(len(of_business["race-0"])):
            for number, (key, assets) in enumerate(sorted(of_business.items())):
                race = Race(self.engine, ids[key], POLICIES[number], assets[place], month)
                made = pair.made(race) if pair.made else None
                if pair.closed:
                    close(race)
                yield Race(self.engine, ids[key], POLICIES[number], assets[place], month, made)
            if goes_on:
                month = (month + timedelta(days=31)).replace(day=1)
        for id_ in ids.values():  # what is left to catch up
            close(Race(self.engine, id_, "", assets[0], month))

    def leaves(self, pair: Pair, race: Race, ends: tuple[str, str]) -> None:
        """What went through is there, each once; and nothing came into a period after its close."""
        with self.engine.connect() as connection:
            for act in {pair.one, pair.other} & ROWS.keys():
                table, repeats = ROWS[act]
                went = [
                    one for one, end in zip((pair.one, pair.other), ends, strict=True) if one is act and end == DONE
                ]
                wanted = len(went) if repeats else min(len(went), 1)
                found = connection.scalar(text(f"SELECT count(*) FROM {table} asset_id = :id"), {"id": race.asset})
                assert found == wanted, (act.__name__, found, wanted)
            late = connection.scalar(
                text("""SELECT count(*) FROM journal_entry e JOIN period p ON p.business_id = e.business_id
                        AND p.book_id = e.book_id AND p.period_start = e.posting_period
                        WHERE e.business_id = :business AND p.closed_at < e.created_at"""),
                {"business": race.business},
            )
            assert late == 0, f"{late} entries came into a period after its close"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """No log: a line for each run of a thousand races."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("name", PAIRS)
@MANY
def test_two_clients_on_one_asset(engine: Engine, database_url: str, name: str, races: int) -> None:
    pair, meeting, outcomes = PAIRS[name], Meeting(), Counter[tuple[str, str]]()
    ground, other = Ground(engine, races), connect(database_url)
    try:
        for race in ground.races(pair):
            beside = Race(other, race.business, race.policy, race.asset, race.month, race.before)
            answers = meeting.hold(lambda race=race: pair.one(race), lambda beside=beside: pair.other(beside))
            ends = tuple(one.code if isinstance(one, BookvalueError) else DONE for one in answers)
            allowed = pair.refusing if race.policy == "refuse" else pair.taking
            assert ends in allowed, (name, race.policy, ends, answers)
            outcomes[ends] += 1
            ground.leaves(pair, race, ends)
    finally:
        other.dispose()
    found = problems(engine)
    assert not found, "\n".join(found[:20])
    print(f"{name}: {outcomes.total()} races, {meeting.overlaps} overlapping: {dict(outcomes)}")
    assert outcomes.total() >= races
    assert meeting.overlaps >= races // 3, f"only {meeting.overlaps} of {races} races overlapped"
