"""The tasks, by their frozen names: parse, call, answer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

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
    """Works on each run, then plans at once what its end has made due."""
    try:
        parsed = [UUID(run_id) for run_id in run_ids]
    except (TypeError, ValueError, AttributeError):
        log.warning("message.malformed", run_ids=repr(run_ids)[:200])
        return
    ended = [closed for run_id in parsed if (closed := close(run_id)) is not None]
    if ended:
        plan_and_sweep(publish)
