"""The tasks, by their frozen names: parse, call, answer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from bookvalue.worker import stopping
from bookvalue.worker.app import app
from bookvalue.worker.work import close, plan_and_sweep

log = structlog.get_logger()


def publish(run_ids: Sequence[UUID]) -> None:
    """Sends the ids of due runs to whichever worker is free."""
    app.send_task("bookvalue.close_periods", args=[[str(run_id) for run_id in run_ids]])


@app.task(name="bookvalue.tick")
def tick() -> None:
    """Beat's tick: plan and sweep."""
    plan_and_sweep(publish)


@app.task(name="bookvalue.close_periods")
def close_periods(run_ids: Any) -> None:
    """Works on each run, then plans at once what its end has made due. A worker that is told to stop ends the run in
    hand, and sends the others of the message to somebody else."""
    try:
        parsed = [UUID(run_id) for run_id in run_ids]
    except (TypeError, ValueError, AttributeError):
        log.warning("message.malformed", run_ids=repr(run_ids)[:200])
        return
    ended = 0
    for number, run_id in enumerate(parsed):
        if stopping.told():
            publish(parsed[number:])
            return
        ended += close(run_id) is not None
    if ended:
        plan_and_sweep(publish)
