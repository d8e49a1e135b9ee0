"""What a worker does with the database, whoever asked: plan, sweep, close; with one engine a process.

Knows nothing of Celery but how to publish: a function is handed in.
"""

import os
import socket
from collections.abc import Callable, Sequence
from functools import cache
from uuid import UUID

import structlog

from bookvalue.domain.errors import BookvalueError, SettingsInvalid
from bookvalue.services.close_period import close_period
from bookvalue.services.forget_idempotency_keys import forget_idempotency_keys
from bookvalue.services.lock_due import lock_due
from bookvalue.services.plan_runs import plan_runs
from bookvalue.services.post_run import Closed
from bookvalue.services.sweep_runs import sweep_runs
from bookvalue.settings import business_now, load
from bookvalue.storage.unit_of_work import Engine, connect
from bookvalue.worker import failpoints

log = structlog.get_logger()

Publish = Callable[[Sequence[UUID]], None]


@cache
def engine() -> Engine:
    """This process's engine, made on first use."""
    url = load().database_url
    if url is None:
        raise SettingsInvalid("DATABASE_URL is not set", remedy="set it, or start everything with `bookvalue up`")
    return connect(url)


def forget_inherited_engine() -> None:
    """After a fork: connections of the parent are not this process's to use, or to close."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)
        engine.cache_clear()


def plan_and_sweep(publish: Publish) -> int:
    """Plans what is due by the business clock and publishes it; returns how many runs were published."""
    settings = load()
    plan_runs(engine(), business_now(settings))
    return sweep_runs(engine(), publish, patience_seconds=settings.patience_seconds)


def lock() -> int:
    """Locks the periods that are due to be locked by themselves; returns how many."""
    return len(lock_due(engine(), business_now(load())))


def tidy() -> int:
    """Forgets one batch of old idempotency keys; returns how many."""
    return forget_idempotency_keys(engine(), days=load().idempotency_days)


def close(run_id: UUID) -> Closed | None:
    """Works on one run, with the failpoints that a fault test may have armed; None where it was not to be had.

    A run that cannot even be claimed (its row is held, the database is away) must not keep the next one from its turn.
    """
    settings = load()
    try:
        return close_period(
            engine(),
            run_id,
            owner=f"{socket.gethostname()}/{os.getpid()}",
            lease_seconds=settings.lease_seconds,
            checkpoint=lambda step: failpoints.hit(settings.failpoints, step, run_id),
        )
    except BookvalueError as error:
        log.warning("claim.failed", run_id=str(run_id), code=error.code, error=error.message)
        return None
