"""The outermost layer: a request id, the headers of every answer, one log line, and an answer whatever happens.

Raw ASGI: it must never hold a body.
"""

import re
from time import perf_counter
from typing import Any
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bookvalue.api.errors import CODES, problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/healthz", "/readyz", "/metrics")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_log = structlog.get_logger("bookvalue.api")


class Edge:
    """The layer itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}
        status: int | None = None
        began = perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, sending)
        except Exception:
            _log.exception("request.failed", **_what(scope))
            if status is not None:
                raise
            answer = problem(
                "internal", CODES["internal"].public or "", request_id=request_id, instance=scope["path"][:500]
            )
            await answer(scope, receive, sending)
        finally:
            level = 10 if scope["path"] in _QUIET else 20
            _log.log(level, "request", status=status, ms=round((perf_counter() - began) * 1000, 1), **_what(scope))


def _what(scope: Scope) -> dict[str, Any]:
    """What was asked for, as a log line may carry it: the route's own words where there is a route."""
    endpoint = getattr(scope.get("route"), "name", None)
    return {"method": scope["method"][:16], "route": endpoint, "path": repr(scope["path"][:200])[1:-1]}
