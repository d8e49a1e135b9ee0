"""How the process and its surroundings are: for supervisors, load balancers and Prometheus. Names no tenant."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import redis
import structlog
from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import Field

from bookvalue import __version__
from bookvalue.api.errors import problems
from bookvalue.api.schemas.base import Out
from bookvalue.domain.errors import BookvalueError, SchemaNotReady
from bookvalue.services.list_halts import count_halted_books
from bookvalue.services.read_vitals import Vitals, read_vitals
from bookvalue.storage.migrate import require_head
from bookvalue.storage.unit_of_work import connect

router = APIRouter(tags=["operations"])
PATIENCE_SECONDS = 3.0
BROKER_SECONDS = 1.0
_log = structlog.get_logger("bookvalue.api")

State = Literal["ok", "unreachable", "not_ready", "not_configured", "unknown"]


class Health(Out):
    """The process answers."""

    status: Literal["ok"]
    version: str


class Readiness(Out):
    """What this process needs, and whether it is there. Without the broker it serves all the same."""

    status: Literal["ready", "degraded", "not_ready"]
    database: State = Field(description="Reachable within three seconds.")
    schema_: State = Field(alias="schema", description="At the revision that this version needs.")
    broker: State = Field(description="Only how soon workers hear of a run depends on it.")
    halted_books: int | None = Field(
        description="Books that a failed or blocked run has halted: a person is needed. Readiness does not depend on "
        "it; null where the database cannot say."
    )


@router.get("/healthz", response_model=Health, summary="Is the process alive?")
async def get_health() -> Health:
    """Answers as long as the process does; asks nobody else."""
    return Health(status="ok", version=__version__)


@router.get(
    "/readyz",
    response_model=Readiness,
    summary="Can it serve?",
    responses={503: {"model": Readiness, "description": "The database or its schema is not ready."}},
)
async def get_readiness(request: Request, response: Response) -> Readiness:
    """The database reachable and at the schema needed: 200, else 503. A broker that is away makes it `degraded`."""
    settings = request.app.state.settings
    limiter = _limiter(request)
    away = ("unreachable", "unknown", None)
    database, schema, halted = await _within(_database, settings.database_url, limiter, away)
    broker = await _within(_broker, settings.redis_url, limiter, "unreachable")
    ready = database == schema == "ok"
    response.status_code = 200 if ready else 503
    status: Literal["ready", "degraded", "not_ready"] = "not_ready"
    if ready:
        status = "ready" if broker == "ok" else "degraded"
    return Readiness(status=status, database=database, schema=schema, broker=broker, halted_books=halted)


def _limiter(request: Request) -> CapacityLimiter:
    """Threads of its own: readiness is asked for when the others are all taken."""
    state = request.app.state
    if not hasattr(state, "readiness_threads"):
        state.readiness_threads = CapacityLimiter(4)
    found: CapacityLimiter = state.readiness_threads
    return found


async def _within(check: Any, url: str | None, limiter: CapacityLimiter, otherwise: Any) -> Any:
    """The check's answer, unless it takes too long; a thread that hangs is left behind."""
    try:
        with fail_after(PATIENCE_SECONDS):
            return await to_thread.run_sync(check, url, abandon_on_cancel=True, limiter=limiter)
    except TimeoutError:
        return otherwise


def _database(url: str) -> tuple[State, State, int | None]:
    engine = connect(url, pool_size=0)
    try:
        require_head(engine)
        return "ok", "ok", count_halted_books(engine)
    except SchemaNotReady:
        return "ok", "not_ready", None
    except BookvalueError:
        return "unreachable", "unknown", None
    finally:
        engine.dispose()


def _broker(url: str | None) -> State:
    if not url:
        return "not_configured"
    if url.startswith("redis+socket://"):
        url = "unix://" + url.removeprefix("redis+socket://")
    try:
        client = redis.Redis.from_url(url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS)
    except ValueError:
        return "unknown"  # a sentinel, or another transport of Celery's
    try:
        client.ping()
    except (redis.RedisError, OSError):
        return "unreachable"
    finally:
        client.close()
    return "ok"


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    summary="Prometheus metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(503)},
)
def get_metrics(request: Request) -> Response:
    """Counts and ages as the database has them: every process answers the same."""
    content = "\n".join(_lines(read_vitals(request.app.state.engine))) + "\n"
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")


def _lines(vitals: Vitals) -> Iterator[str]:
    yield from _metric("runs", "gauge", "Runs by status.", vitals.runs)
    yield from _metric("periods", "gauge", "Periods by status.", vitals.periods)
    yield from _metric("due_runs", "gauge", "Runs that a worker could take now.", vitals.due_runs)
    yield from _metric(
        "oldest_due_run_age_seconds", "gauge", "How long the oldest due run has waited; 0 where none is due.",
        vitals.oldest_due_seconds,
    )  # fmt: skip
    yield from _metric(
        "sweep_lag_seconds", "gauge", "How long the oldest due run has waited to be published even once.",
        vitals.sweep_lag_seconds,
    )  # fmt: skip
    yield from _metric("exceptions", "gauge", "Blocked assets in open periods.", vitals.exceptions)
    yield from _metric(
        "halted_books", "gauge", "Books that a failed or blocked run has halted, by the run's status.",
        vitals.halted_books,
    )  # fmt: skip
    yield from _metric(
        "feed_positions_total", "counter", "Positions given out in the journal feeds of all businesses.",
        vitals.feed_positions,
    )  # fmt: skip
    yield from _metric("build_info", "gauge", "The version.", {__version__: 1}, label="version")


def _metric(name: str, kind: str, text: str, value: float | Mapping[str, int], label: str = "status") -> Iterator[str]:
    yield f"# HELP bookvalue_{name} {text}"
    yield f"# TYPE bookvalue_{name} {kind}"
    if isinstance(value, Mapping):
        for word, count in value.items():
            yield f'bookvalue_{name}{{{label}="{word}"}} {count}'
    else:
        yield f"bookvalue_{name} {value}"
