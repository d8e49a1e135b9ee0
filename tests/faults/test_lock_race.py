"""Locking against posting: whichever comes first, nothing lies in a locked period that was not there at its close.

Two threads with connections of their own meet at a barrier; the instants of both sides show that they overlapped.
"""

import threading
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from time import perf_counter
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from bookvalue.domain.errors import Busy, PeriodNotLockable, PeriodNotOpen, RunInProgress
from bookvalue.domain.terms import RunStatus
from bookvalue.services.close_period import close_period
from bookvalue.services.lock_period import lock_period
from bookvalue.services.plan_runs import plan_runs
from bookvalue.storage.unit_of_work import Role, bind, connect, transaction

from .checker import problems
from .meeting import Meeting
from .register import add_businesses

BUSINESSES = 10
MANY = pytest.mark.parametrize("races", [100, pytest.param(2_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


class Ground:
    """Businesses whose months are closed and locked one after another, and two engines that race on them."""

    def __init__(self, engine: Engine, database_url: str) -> None:
        self.engine, self.other = engine, connect(database_url)
        add_businesses(engine, "race", BUSINESSES, assets=4, zones=("UTC",))

    def runs(self) -> list[Any]:
        """Plans the next month of every business, and the runs that it takes."""
        plan_runs(self.engine, NEVER)
        with self.engine.connect() as connection:
            return list(
                connection.execute(
                    text("SELECT id, business_id, book_id, period_start FROM run WHERE status = 'queued'")
                )
            )

    def lock(self, run: Any) -> bool:
        """One attempt to lock the run's period."""
        return lock_period(self.other, run.business_id, run.period_start, actor="race")

    def close(self, run: Any) -> RunStatus:
        """Works on the run to its end."""
        ended = close_period(self.engine, run.id, owner="race")
        assert ended is not None
        return ended.status

    def whole(self) -> None:
        """The checker, and: nothing in a locked period is younger than its close, everything in it is locked."""
        found = problems(self.engine)
        assert not found, "\n".join(found[:20])

    def end(self) -> None:
        self.other.dispose()


@pytest.fixture
def ground(engine: Engine, database_url: str) -> Any:
    made = Ground(engine, database_url)
    yield made
    made.end()


@MANY
def test_closing_run_against_lock(ground: Ground, races: int) -> None:
    meeting, outcomes, done = Meeting(), Counter[str](), 0
    while done < races:
        for run in ground.runs():
            status, locked = meeting.hold(lambda run=run: ground.close(run), lambda run=run: ground.lock(run))
            assert status is RunStatus.POSTED
            if locked is True:
                outcomes["posted first"] += 1
            else:
                assert isinstance(locked, PeriodNotLockable | RunInProgress), locked
                outcomes["locked first, and was refused"] += 1
                assert ground.lock(run)
            done += 1
    ground.whole()
    _told(meeting, outcomes, done)


@MANY
def test_raw_posting_against_close_and_lock(ground: Ground, races: int) -> None:
    """What the worker's role writes by itself is either in the period when it closes, or refused by the database."""
    meeting, outcomes, done, sequence = Meeting(), Counter[str](), 0, count(100)

    def close_and_lock(run: Any) -> bool:
        assert ground.close(run) is RunStatus.POSTED
        return ground.lock(run)

    while done < races:
        for run in ground.runs():
            number = next(sequence) % 10_000
            posted, locked = meeting.hold(
                lambda run=run, number=number: raw_posting(ground.other, run, number),
                lambda run=run: close_and_lock(run),
            )
            assert locked is True, locked
            if posted is True:
                outcomes["posted first"] += 1
            else:
                assert isinstance(posted, PeriodNotOpen), posted
                outcomes["closed first, and the posting was refused"] += 1
            done += 1
    ground.whole()
    _told(meeting, outcomes, done)


@MANY
def test_lock_against_reopening(ground: Ground, races: int) -> None:
    """A reopening (by the owner: there is no service for it yet) and a lock of one closed period exclude each other."""
    meeting, outcomes, done = Meeting(), Counter[str](), 0
    while done < races:
        for run in ground.runs():
            ground.close(run)
            locked, reopened = meeting.hold(
                lambda run=run: ground.lock(run), lambda run=run: reopen(ground.engine, run)
            )
            if reopened is True:
                assert isinstance(locked, PeriodNotLockable | RunInProgress), locked
                outcomes["reopened first"] += 1
                for again in ground.runs():
                    if again.business_id == run.business_id and again.period_start == run.period_start:
                        assert ground.close(again) is RunStatus.POSTED
                assert ground.lock(run)
            else:
                assert locked is True, (locked, reopened)
                outcomes["locked first"] += 1
            done += 1
    ground.whole()
    _told(meeting, outcomes, done)


def test_lock_is_not_starved_by_posters(ground: Ground) -> None:
    """A lock that waits behind postings into the same period gets its turn."""
    run = ground.runs()[0]
    stop, posted, sequence = threading.Event(), Counter[str](), count(100)

    def post() -> None:
        while not stop.is_set():
            try:
                raw_posting(ground.other, run, next(sequence))
                posted["done"] += 1
            except PeriodNotOpen:
                posted["refused"] += 1
                return
            except Busy:
                posted["busy"] += 1

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        began = perf_counter()
        assert ground.close(run) is RunStatus.POSTED
        assert ground.lock(run)
        took = perf_counter() - began
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert took < 10, f"close and lock took {took:.1f} s behind three posters"
    ground.whole()


def raw_posting(engine: Engine, run: Any, sequence: int) -> bool:
    """A pair of value updates that cancel out, with entry and lines, as the worker's role; in the protocol's order."""
    with transaction(engine, Role.WORKER, run.business_id) as connection:
        _write_pair(connection, run, sequence)
        connection.commit()
    return True


def _write_pair(connection: Connection, run: Any, sequence: int) -> None:
    entry, values = uuid4(), {"business": run.business_id, "book": run.book_id, "start": run.period_start}
    (asset,) = connection.execute(
        text("SELECT asset_id FROM asset_book WHERE business_id = :business LIMIT 1"), values
    ).one()
    first, second = connection.scalars(
        text("SELECT id FROM account WHERE business_id = :business ORDER BY ordinal LIMIT 2"), values
    )
    connection.execute(
        text("""INSERT INTO value_update (business_id, book_id, effective_period, asset_id, sequence, posting_period,
                    update_type, amount_minor, entry_id, debit_line, credit_line)
                VALUES (:business, :book, :start, :asset, :up, :start, 'DEPRECIATION_AMORTIZATION', 1, :entry, 1, 2),
                       (:business, :book, :start, :asset, :down, :start, 'DEPRECIATION_AMORTIZATION', -1,
                        :entry, 3, 4)"""),
        {**values, "asset": asset, "entry": entry, "up": sequence * 2, "down": sequence * 2 + 1},
    )
    number = connection.scalar(
        text("UPDATE feed_counter SET last_seq = last_seq + 1 WHERE business_id = :business RETURNING last_seq"), values
    )
    connection.execute(
        text("""INSERT INTO journal_entry (business_id, id, book_id, feed_seq, kind, effective_period, posting_period,
                    entry_date, currency, total_minor, line_count)
                SELECT :business, :entry, :book, :number, 'depreciation', :start, :start, :start, currency, 2, 4
                FROM business WHERE id = :business"""),
        {**values, "entry": entry, "number": number},
    )
    connection.execute(
        text("""INSERT INTO journal_line (business_id, entry_id, line_no, account_id, debit_minor, credit_minor)
                VALUES (:business, :entry, 1, :first, 1, 0), (:business, :entry, 2, :second, 0, 1),
                       (:business, :entry, 3, :second, 1, 0), (:business, :entry, 4, :first, 0, 1)"""),
        {**values, "entry": entry, "first": first, "second": second},
    )


def reopen(engine: Engine, run: Any) -> bool:
    """closed -> open, as a new generation, with the period's row alone: the database must keep the lock out."""
    with engine.begin() as connection:
        bind(connection, run.business_id)
        held = connection.execute(
            text("""UPDATE period SET status = 'open', generation = generation + 1, content_hash = NULL,
                        closed_at = NULL,
                        charged_minor = NULL, entry_count = NULL
                    WHERE business_id = :business AND book_id = :book AND period_start = :start
                      AND status = 'closed'"""),
            {"business": run.business_id, "book": run.book_id, "start": run.period_start},
        )
        return held.rowcount == 1


def _told(meeting: Meeting, outcomes: Counter[str], races: int) -> None:
    print(f"{races} races, {meeting.overlaps} overlapping: {dict(outcomes)}")
    assert meeting.overlaps >= 0.6 * races, f"only {meeting.overlaps} of {races} races overlapped"
    assert len(outcomes) == 2, f"not both orders: {dict(outcomes)}"
    assert min(outcomes.values()) >= races // 50, f"hardly both orders: {dict(outcomes)}"
