"""The application: its layers, its routes, one engine a process, and a graceful end.

Endpoints are plain functions and run in threads; threads and connections are counted together, so that no thread
ever waits for a connection that another waiting thread holds. Nothing here or below publishes to Redis.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bookvalue import __version__
from bookvalue.api import errors, openapi
from bookvalue.api.body import BodyGuard
from bookvalue.api.edge import Edge
from bookvalue.api.keys import keys_of
from bookvalue.api.rate_limit import RateLimit
from bookvalue.api.routes import ROUTERS, operations
from bookvalue.api.security import Verifier
from bookvalue.domain.errors import SettingsInvalid
from bookvalue.settings import Settings
from bookvalue.storage.unit_of_work import connect

THREADS = 16
"""Requests at work at once. Each may hold two connections: its transaction, and the gate of its idempotency key. The
pool keeps one a thread and opens one more a thread when needed."""


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises SettingsInvalid."""
    if not settings.database_url:
        raise SettingsInvalid("DATABASE_URL is not set", remedy="set it, or start everything with `bookvalue up`")
    engine = connect(settings.database_url, pool_size=THREADS)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        try:
            yield
        finally:
            engine.dispose()

    app = FastAPI(
        title="bookvalue",
        version=__version__,
        description=openapi.DESCRIPTION,
        lifespan=living,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.engine = engine
    app.state.settings = settings
    app.state.verifier = Verifier(settings, keys_of(settings))
    app.state.rate_limit = RateLimit(settings.requests_per_minute)
    errors.install(app)
    for router in (operations.router, *ROUTERS):
        app.include_router(router)
    app.add_middleware(BodyGuard, limit=settings.body_limit)
    app.add_middleware(Edge)
    openapi.install(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of the function: a verb and a noun."""
    return route.name
