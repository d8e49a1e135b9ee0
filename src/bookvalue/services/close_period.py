"""CLAIM, COMPUTE, POST, CLOSE: works on one run to its end, whichever way it came here.

A message, a sweep and a person at a terminal all end in `close_period`; what is posted is decided by the database's
rows alone. Everything that a run posts commits in one transaction.
"""

from collections.abc import Callable
from time import perf_counter
from uuid import UUID

import structlog

from bookvalue.domain.errors import (
    BookvalueError,
    Busy,
    ConcurrentChange,
    DatabaseUnavailable,
    IntegrityViolation,
    PeriodNotOpen,
)
from bookvalue.domain.run import MAX_ATTEMPTS
from bookvalue.domain.terms import PeriodStatus, RunStatus
from bookvalue.ledger.posting import TotalOutOfRange
from bookvalue.services.compute_charges import compute_charges
from bookvalue.services.lease import LeaseLost, kept_alive
from bookvalue.services.post_run import Checkpoint, Closed, FactsMoved, post_run, posting
from bookvalue.storage import audit, periods, runs
from bookvalue.storage.runs import Claim
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

log = structlog.get_logger()

LEASE_SECONDS = 120.0
ATTEMPTS_OF_A_DEFECT = 2
_PASSING = (Busy, DatabaseUnavailable, ConcurrentChange, FactsMoved)
_FOR_A_PERSON = (PeriodNotOpen, TotalOutOfRange)


def close_period(
    engine: Engine,
    run_id: UUID,
    *,
    owner: str,
    lease_seconds: float = LEASE_SECONDS,
    checkpoint: Checkpoint = lambda _: None,
) -> Closed | None:
    """Claims a run and works on it to its end; None where it is not to be had (done, taken, unknown).

    What stops the run is on its row and in the answer; only a claim that the database cannot serve raises.
    """
    checkpoint("before_claim")
    with transaction(engine, Role.PLANNER) as connection:
        held = runs.claim(connection, run_id, owner=owner, lease_seconds=lease_seconds)
        connection.commit()
    if held is None:
        return None
    bound = log.bind(
        run_id=str(run_id),
        business_id=str(held.business_id),
        period=f"{held.period_start:%Y-%m}",
        attempt=held.attempts,
    )
    try:
        with kept_alive(engine, held, lease_seconds) as still_held:
            ended = _work(engine, held, still_held, checkpoint)
        checkpoint("after_commit")
        bound.info("run.ended", status=ended.status, posted_minor=ended.posted_minor, blocked=ended.blocked)
        return ended
    except LeaseLost:
        bound.warning("run.lease_lost")
        return None
    except BookvalueError as error:
        bound.warning("run.stopped", code=error.code, error=error.message)
        return _stopped(engine, held, error)
    except Exception as error:
        bound.exception("run.crashed")
        return _stopped(engine, held, IntegrityViolation(f"{type(error).__name__}: {error}"))


def _stopped(engine: Engine, held: Claim, error: BookvalueError) -> Closed | None:
    """Records why a run did not post: again later, blocked until its state changes, or failed."""
    if isinstance(error, _FOR_A_PERSON):
        status = RunStatus.BLOCKED
    else:
        allowed = MAX_ATTEMPTS if isinstance(error, _PASSING) else ATTEMPTS_OF_A_DEFECT
        status = RunStatus.RETRY_WAIT if held.attempts < allowed else RunStatus.FAILED
    try:
        if status is RunStatus.RETRY_WAIT:
            with transaction(engine, Role.PLANNER) as connection:  # when a run is due is the planner's to say
                written = runs.wait_to_retry(connection, held, code=error.code, message=error.message)
                connection.commit()
        else:
            with transaction(engine, Role.WORKER, held.business_id) as connection:
                written = runs.finish(
                    connection, held, status, error_code=error.code, error_message=error.message[:500]
                )
                if written:
                    _note_stop(connection, held, status, error)
                connection.commit()
    except BookvalueError as unrecorded:
        log.warning("run.stop_unrecorded", run_id=str(held.run_id), code=unrecorded.code, error=unrecorded.message)
        return None  # the lease runs out, and a sweep brings the run back
    return Closed(held.run_id, held.business_id, status, error=error) if written else None


def _note_stop(connection: Connection, held: Claim, status: RunStatus, error: BookvalueError) -> None:
    version = periods.fact_version_through(connection, held.business_id, held.book_id, held.period_start)
    period = periods.one(connection, held.business_id, held.book_id, held.period_start)
    if period is not None and period.status == PeriodStatus.OPEN:  # a closed one keeps the run that closed it
        periods.note_run(
            connection,
            held.business_id,
            held.book_id,
            held.period_start,
            run_id=held.run_id,
            fact_version=version,
            blocked_assets=0,
        )
    audit.record(
        connection,
        held.business_id,
        actor="worker",
        action=f"run.{status}",
        subject=f"run/{held.run_id}",
        reason=error.message[:500],
        details={"code": error.code},
    )
    audit.announce(connection, held.business_id, f"run.{status}", {"run_id": str(held.run_id), "code": error.code})


def _work(engine: Engine, held: Claim, still_held: Callable[[], None], checkpoint: Checkpoint) -> Closed:
    """Reads and computes without a lock, then posts; where facts moved in between, once more while holding them."""
    began = perf_counter()
    with transaction(engine, Role.WORKER, held.business_id, snapshot=True) as connection:
        computed = compute_charges(connection, held.business_id, held.book_id, held.period_start)
    checkpoint("in_compute")
    still_held()
    try:
        with posting(engine, held) as connection:
            return post_run(connection, held, computed, checkpoint, began)
    except (FactsMoved, ConcurrentChange):
        still_held()
        with posting(engine, held) as connection:
            known = periods.through(connection, held.business_id, held.book_id, held.period_start)
            periods.hold_exclusively(connection, held.business_id, held.book_id, [row.period_start for row in known])
            computed = compute_charges(connection, held.business_id, held.book_id, held.period_start)
            return post_run(connection, held, computed, checkpoint, began)
