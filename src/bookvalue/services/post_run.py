"""POST and CLOSE: writes what a run computed, checks it, closes what may be closed, all in one transaction.

The lock order is the protocol's: period advisory lock, period row, run row, fact versions, feed counter, inserts.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from uuid import UUID

import numpy as np

from bookvalue.domain.errors import BookvalueError, IntegrityViolation, PeriodNotOpen
from bookvalue.domain.terms import AutoClose, OutcomeStatus, PeriodStatus, RunKind, RunStatus
from bookvalue.engine.exact import exact_sum
from bookvalue.ledger import outcomes
from bookvalue.ledger.posting import MAX_TOTAL, Posting, TotalOutOfRange, build_posting
from bookvalue.ledger.tie_out import differences
from bookvalue.services.compute_charges import Computed
from bookvalue.services.lease import LeaseLost
from bookvalue.storage import audit, journals, period_content, periods, posted_positions, posting_writer, runs
from bookvalue.storage.bulk_plan import plan_in_bulk
from bookvalue.storage.period_content import Content
from bookvalue.storage.posting_writer import Places
from bookvalue.storage.runs import Claim
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

WAIT_BEHIND_A_POST = "60s"

Checkpoint = Callable[[str], None]
"""Called with the name of each step that a run reaches: before_claim, in_compute, mid_post, after_commit."""


class FactsMoved(BookvalueError):
    """What the run had read has changed since; it computes again."""

    code = "facts_moved"


@dataclass(frozen=True, slots=True)
class Closed:
    """How a run ended: its status, what it posted, and which periods it closed."""

    run_id: UUID
    business_id: UUID
    status: RunStatus
    posted_minor: int = 0
    entries: int = 0
    blocked: int = 0
    closed_periods: tuple[str, ...] = ()
    error: BookvalueError | None = None


def posting(engine: Engine, held: Claim) -> AbstractContextManager[Connection]:
    """The transaction that a run posts in; it may wait behind another post."""
    return transaction(engine, Role.WORKER, held.business_id, lock_timeout=WAIT_BEHIND_A_POST)


def post_run(connection: Connection, held: Claim, computed: Computed, checkpoint: Checkpoint, began: float) -> Closed:
    """Posts what was computed and commits. `began`: the perf_counter at which the run's work began.

    Raises FactsMoved where what was read has changed, LeaseLost where another worker holds the run, PeriodNotOpen where
    its period takes no postings, IntegrityViolation where a check fails: nothing is written then.
    """
    computed_at = perf_counter()
    open_starts = _hold(connection, held, computed)
    counted = outcomes.counts(computed.reasons)
    blocked = counted[OutcomeStatus.BLOCKED]
    to_close = open_starts if blocked == 0 and _may_close(held, computed) else []
    if to_close:
        periods.start_closing(connection, held.business_id, held.book_id, to_close, held.run_id)

    total = exact_sum(computed.charges.amount_minor)
    if abs(total) > MAX_TOTAL:
        raise TotalOutOfRange("the charges of the run add up to more than can be kept")
    made = build_posting(computed.charges, computed.kept.value.grain)
    first_seq = _write(connection, held, computed, made, checkpoint)
    written_at = perf_counter()
    if to_close:
        _keep_position(connection, held, computed, to_close[-1])
    posted_into = {computed.periods[number].period.start for number in set(made.entry_posting.tolist())}
    found = [
        _check_period(connection, held, start, close=bool(to_close), generation=_generation(computed, start))
        for start in to_close or sorted(posted_into)
    ]
    stored = (sum(one.run_updates for one in found), sum(one.run_minor for one in found))
    if stored != (len(computed.charges), total):
        raise IntegrityViolation(f"computed {len(computed.charges)} charges of {total}, stored {stored}")

    charged = np.unique(computed.charges.row).size
    status = RunStatus.POSTED_WITH_EXCEPTIONS if blocked else RunStatus.POSTED
    if not runs.finish(
        connection,
        held,
        status,
        fact_version_read=computed.fact_version,
        input_hash=computed.input_hash,
        output_hash=computed.output_hash,
        assets=len(computed.reasons),
        posted_assets=charged,
        skipped_assets=counted[OutcomeStatus.SKIPPED],
        blocked_assets=blocked,
        nothing_due_assets=len(computed.reasons) - charged - sum(counted.values()),
        posted_minor=total,
        entry_count=len(made.entry_total_minor),
        error_code=None,
        error_message=None,
        timings={
            "read_and_compute_s": computed_at - began,
            "write_s": written_at - computed_at,
            "check_s": perf_counter() - written_at,
        },
    ):
        raise LeaseLost(f"run {held.run_id} was taken over by another worker")
    periods.note_run(
        connection,
        held.business_id,
        held.book_id,
        held.period_start,
        run_id=held.run_id,
        fact_version=computed.fact_version,
        blocked_assets=blocked,
    )
    _open_next(connection, held, computed)
    closed = Closed(
        held.run_id,
        held.business_id,
        status,
        total,
        len(made.entry_total_minor),
        blocked,
        tuple(f"{start:%Y-%m}" for start in to_close),
    )
    _tell(connection, held, closed, first_seq)
    connection.commit()
    return closed


def _hold(connection: Connection, held: Claim, computed: Computed) -> list[date]:
    """Takes the locks and makes sure that what was read still holds; the starts of the open periods, oldest first."""
    business_id, book_id, last = held.business_id, held.book_id, held.period_start
    open_starts = [entry.period.start for entry in computed.periods if entry.is_open]
    periods.hold_exclusively(connection, business_id, book_id, list({*open_starts, last}))
    plan_in_bulk(connection)
    if runs.hold(connection, held) is not RunStatus.RUNNING:
        raise LeaseLost(f"run {held.run_id} was taken over by another worker")
    if periods.fact_version_through(connection, business_id, book_id, last) != computed.fact_version:
        raise FactsMoved("facts were recorded while the run computed")
    now_open = [
        row.period_start
        for row in periods.through(connection, business_id, book_id, last)
        if row.status == PeriodStatus.OPEN
    ]
    if last not in now_open:
        raise PeriodNotOpen(f"period {last:%Y-%m} is not open")
    if now_open != open_starts:
        raise FactsMoved("a period was opened or closed while the run computed")
    return open_starts


def _may_close(held: Claim, computed: Computed) -> bool:
    """A person's request closes; by itself a book goes as far as its policy says."""
    asked_for = held.kind is RunKind.ON_DEMAND or held.requested_by != runs.PLANNER
    return asked_for or computed.kept.value.auto is AutoClose.CLOSE


def _write(connection: Connection, held: Claim, computed: Computed, made: Posting, checkpoint: Checkpoint) -> int:
    """Value updates, numbers of the feed, entries, lines, outcomes; returns the first number."""
    places = Places(
        held.business_id,
        held.book_id,
        held.run_id,
        computed.kept.value.currency,
        [entry.period.start for entry in computed.periods],
        [entry.period.end for entry in computed.periods],
        computed.account_ids,
    )
    asset_ids, entry_ids = computed.positions.asset_id, posting_writer.new_entry_ids(made)
    posting_writer.write_value_updates(connection, places, computed.charges, made, asset_ids, entry_ids)
    checkpoint("mid_post")
    first_seq = 0
    if len(entry_ids):
        first_seq = journals.take_numbers(connection, held.business_id, len(entry_ids))
        posting_writer.write_entries(connection, places, made, asset_ids, entry_ids, first_seq)
        posting_writer.write_lines(connection, places, made, entry_ids)
    posting_writer.write_outcomes(connection, held.business_id, held.run_id, asset_ids, computed.reasons)
    return first_seq


def _check_period(connection: Connection, held: Claim, start: date, *, close: bool, generation: int) -> Content:
    """Ties a posting period out, account by account; and closes it with its balances and the hash of its content."""
    moved = journals.movements(connection, held.business_id, held.book_id, start)
    found = differences(moved)
    if found:
        raise IntegrityViolation(f"period {start:%Y-%m} does not tie out: {'; '.join(found)}")
    content = period_content.content(connection, held.business_id, held.book_id, start, held.run_id)
    if close:
        journals.keep_balances(connection, held.business_id, held.book_id, start, generation, moved)
        periods.close(
            connection,
            held.business_id,
            held.book_id,
            start,
            charged_minor=content.charged_minor,
            entry_count=content.entry_count,
            content_hash=content.content_hash,
        )
    return content


def _keep_position(connection: Connection, held: Claim, computed: Computed, start: date) -> None:
    """What lies in the books as this period closes, asset by asset, where it saves the next run enough adding up."""
    posted, charges = computed.positions.posted, computed.charges
    if posted.summed + len(charges) < posted_positions.WORTHWHILE:
        return
    lying = posted.lying_minor.copy()
    np.add.at(lying, charges.row, charges.amount_minor)
    posted_positions.write(
        connection,
        held.business_id,
        held.book_id,
        start,
        _generation(computed, start),
        computed.positions.asset_id,
        lying,
    )


def _generation(computed: Computed, start: date) -> int:
    return next(entry.generation for entry in computed.periods if entry.period.start == start)


def _open_next(connection: Connection, held: Claim, computed: Computed) -> None:
    """Opens the period after this one: a later period may be posted once the earlier one has been."""
    business = computed.kept.value
    following = business.fiscal_calendar.next_period(computed.periods[-1].period)
    due = business.due_at(following)
    periods.open_next(
        connection, held.business_id, held.book_id, following, due_at=due, expected_assets=len(computed.positions)
    )


def _tell(connection: Connection, held: Claim, closed: Closed, first_seq: int) -> None:
    """One audit row and one event for the run, and for each period that it closed."""
    body = {
        "run_id": str(held.run_id),
        "period": f"{held.period_start:%Y-%m}",
        "status": closed.status,
        "posted_minor": closed.posted_minor,
        "entries": closed.entries,
        "first_feed_seq": first_seq or None,
        "blocked": closed.blocked,
    }
    audit.record(
        connection, held.business_id, actor="worker", action="run.posted", subject=f"run/{held.run_id}", details=body
    )
    audit.announce(connection, held.business_id, "run.posted", body)
    for name in closed.closed_periods:
        audit.record(
            connection,
            held.business_id,
            actor="worker",
            action="period.closed",
            subject=f"period/{name}",
            details={"run_id": str(held.run_id)},
        )
        audit.announce(connection, held.business_id, "period.closed", {"period": name, "run_id": str(held.run_id)})
