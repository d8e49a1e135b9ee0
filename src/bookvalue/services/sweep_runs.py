"""SWEEP: hands the ids of due runs to whoever works on them, and gives up on runs whose every attempt died.

The ids are stamped and committed before they are published, so that a publication that fails or hangs costs time and
nothing else: a later sweep repeats it.
"""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from bookvalue.storage import audit, periods, runs
from bookvalue.storage.unit_of_work import Engine, Role, transaction

MESSAGE_RUNS = 50
"""Run ids in one message: a message costs about as much as closing a small book."""
MESSAGE_ASSETS = 100_000
SWEEP_RUNS = 2_000
PATIENCE_SECONDS = 30.0
"""A published run that nobody has claimed is published again after this, doubled each time, up to eight times this."""


def sweep_runs(
    engine: Engine, publish: Callable[[Sequence[UUID]], None], *, patience_seconds: float = PATIENCE_SECONDS
) -> int:
    """Publishes every due run, some tens in a message, small books first; returns how many runs that were.

    What `publish` raises is passed on, after the stamps are committed.
    """
    _give_up(engine)
    with transaction(engine, Role.PLANNER) as connection:
        due = runs.sweep(connection, most=SWEEP_RUNS, patience_seconds=patience_seconds)
        connection.commit()
    for message in _messages(due):
        publish(message)
    return len(due)


def _give_up(engine: Engine) -> None:
    """Fails the runs whose every attempt died: each with its audit row and its event, in one transaction."""
    with transaction(engine, Role.PLANNER) as connection:
        spent = runs.spent(connection)
    for business_id, run_id in spent:
        with transaction(engine, Role.WORKER, business_id) as connection:
            given_up = runs.give_up(connection, run_id)
            if given_up is None:  # another sweeper did, or its holder lives after all
                continue
            book_id, start = given_up
            version = periods.fact_version_through(connection, business_id, book_id, start)
            periods.note_run(
                connection, business_id, book_id, start, run_id=run_id, fact_version=version, blocked_assets=0
            )
            audit.record(
                connection,
                business_id,
                actor="sweeper",
                action="run.failed",
                subject=f"run/{run_id}",
                reason="every attempt died without an answer",
                details={"code": "attempts_used_up"},
            )
            body = {"run_id": str(run_id), "code": "attempts_used_up"}
            audit.announce(connection, business_id, "run.failed", body)
            connection.commit()


def _messages(due: Sequence[tuple[UUID, int, bool]]) -> Iterator[list[UUID]]:
    """The runs in messages that each are a bounded amount of work: many small books, or one giant.

    A run that died before, or whose message got lost, goes alone: if it kills its worker, it takes no other with it.
    """
    message: list[UUID] = []
    assets = 0
    for run_id, expected, tried in due:
        if tried:
            yield [run_id]
            continue
        if message and (len(message) == MESSAGE_RUNS or assets + expected > MESSAGE_ASSETS):
            yield message
            message, assets = [], 0
        message.append(run_id)
        assets += expected
    if message:
        yield message
