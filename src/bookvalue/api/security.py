"""Who asks, for which businesses, and what they may do: bearer tokens, checked in full for every request.

A business that is not the caller's is answered exactly as one that is not there.
"""

import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import jwt
import structlog
from fastapi import Depends, Path, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from bookvalue.api.errors import Unauthenticated
from bookvalue.api.keys import Keys
from bookvalue.api.rate_limit import RateLimit
from bookvalue.domain.errors import Forbidden, InvalidInput, NotFound
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import finding
from bookvalue.local_issuer import SCOPES
from bookvalue.services.find_business import business_exists
from bookvalue.settings import Settings
from bookvalue.storage.unit_of_work import Engine

MOST_TOKEN_CHARACTERS = 8_192
LEEWAY_SECONDS = 10
_BEARER = re.compile(r"bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,255}")

documented = HTTPBearer(
    bearerFormat="JWT",
    scheme_name="bearer",
    auto_error=False,
    description="A JWT with `sub`, `iss`, `aud`, `exp`, `iat`, `scope` (separated by blanks) and `businesses` (ids, or "
    f'"*"). `bookvalue token` issues them locally. Scopes: {", ".join(SCOPES)}; `assets` implies `assets.read`.',
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may act for this business."""

    engine: Engine
    business_id: UUID
    subject: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Installation:
    """Somebody who acts for no single business. `businesses`: those of the token, None for all."""

    engine: Engine
    subject: str
    scopes: frozenset[str]
    businesses: frozenset[UUID] | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says, once it is certain who says it."""

    subject: str
    scopes: frozenset[str]
    businesses: frozenset[UUID] | None


class Verifier:
    """Checks tokens of one issuer, for one audience, with one algorithm."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._keys, self._issuer, self._audience = keys, settings.jwt_issuer, settings.jwt_audience

    def verify(self, authorization: list[str]) -> Verified:
        """What the token says. `authorization`: the values of the header. Raises Unauthenticated, IssuerUnavailable."""
        if not authorization:
            raise Unauthenticated("a bearer token is required", headers={"WWW-Authenticate": "Bearer"})
        given = authorization[0]
        bearer = _BEARER.fullmatch(given) if len(given) <= MOST_TOKEN_CHARACTERS else None
        if bearer is None or len(authorization) > 1:
            raise _refused("it is not one compact JWT")
        token = bearer[1]
        try:
            header = jwt.get_unverified_header(token)
            kid = header.get("kid")
            if header.get("alg") != self._keys.algorithm or "crit" in header:
                raise _refused("its header is not one of this issuer's")
            key = self._keys.find(kid)
            if key is None:
                raise _refused("its key is not known")
            claims = jwt.decode(
                token, key, algorithms=[self._keys.algorithm], audience=self._audience, issuer=self._issuer,
                leeway=LEEWAY_SECONDS, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.ExpiredSignatureError as error:
            raise _refused("it has expired") from error
        except (
            jwt.PyJWTError,
            ValueError,
            TypeError,
            OverflowError,
            RecursionError,
            AttributeError,
            KeyError,
        ) as error:
            raise _refused("it does not hold") from error
        return _verified(claims)


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated(f"the token is refused: {why}", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _verified(claims: dict[str, Any]) -> Verified:
    """The claims, each of the type it must have."""
    for name in ("exp", "iat", "nbf"):
        if name in claims and not _is_a_time(claims[name]):
            raise _refused(f"its {name} is not a time")
    subject, scope, businesses = claims["sub"], claims.get("scope"), claims.get("businesses")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise _refused("its sub is not a name")
    if not isinstance(scope, str):
        raise _refused("its scope is not a text")
    if businesses != "*" and not (
        isinstance(businesses, list) and all(isinstance(one, str) and _UUID.fullmatch(one) for one in businesses)
    ):
        raise _refused('its businesses are neither ids nor "*"')
    scopes = frozenset(scope.split(" ")) & frozenset(SCOPES)
    implied = frozenset({"assets.read"}) if "assets" in scopes else frozenset()
    return Verified(subject, scopes | implied, None if businesses == "*" else frozenset(map(UUID, businesses)))


def _is_a_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _allowed(request: Request, wanted: tuple[str, ...]) -> Verified:
    """The token of the request, if it holds any one of these scopes. Raises Unauthenticated, RateLimited, Forbidden."""
    verifier: Verifier = request.app.state.verifier
    verified = verifier.verify(request.headers.getlist("authorization"))
    rate_limit: RateLimit = request.app.state.rate_limit
    rate_limit.take(verified.subject)
    if not verified.scopes & set(wanted):
        challenge = f'Bearer error="insufficient_scope", scope="{" ".join(wanted)}"'
        raise Forbidden(f"one of these scopes is needed: {', '.join(wanted)}", headers={"WWW-Authenticate": challenge})
    return verified


def _known(wanted: tuple[str, ...]) -> tuple[str, ...]:
    if not wanted or not set(wanted) <= set(SCOPES):
        raise ValueError(f"a route needs at least one of {', '.join(SCOPES)}, not {wanted}")
    return wanted


def _only_known_query(request: Request) -> None:
    """Refuses a query with a member that the route does not have: a filter that is misspelt must not select everything.

    Raises InvalidInput.
    """
    if not request.url.query:
        return
    operation = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    known = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    found = []
    for name in request.query_params:
        values = request.query_params.getlist(name)
        if name not in known:
            found.append(finding("unknown_field", str(shown(name)), shown(values[0])))
        elif len(values) > 1 and "array" not in _types(known[name]):
            found.append(finding("given_twice", name))
    if found:
        raise InvalidInput("the query has findings", found)


def _types(schema: dict[str, Any]) -> set[str]:
    return {schema.get("type", ""), *(one.get("type", "") for one in schema.get("anyOf", ()))}


def caller(*scopes: str) -> Callable[..., Awaitable[Caller]]:
    """The dependency of a route of one business: a token with any one of these scopes, and the business among its own.

    Raises Unauthenticated, Forbidden, NotFound.
    """
    wanted = _known(scopes)

    def check(request: Request, given: str) -> Caller:
        verified = _allowed(request, wanted)
        business_id = UUID(given) if _UUID.fullmatch(given) else None
        mine = verified.businesses is None or business_id in verified.businesses
        engine: Engine = request.app.state.engine
        if business_id is None or not mine or not business_exists(engine, business_id):
            raise NotFound("there is no such business, or it is not yours")
        return Caller(engine, business_id, verified.subject, verified.scopes)

    async def dependency(
        request: Request,
        given: Annotated[
            str,
            Path(alias="businessId", description="The id of the business.", json_schema_extra={"format": "uuid"}),
        ],
        _: Annotated[object, Depends(documented)],
    ) -> Caller:
        found = await run_in_threadpool(check, request, given)
        _only_known_query(request)
        # Here rather than in the thread, so that the log lines of the route carry them as well.
        structlog.contextvars.bind_contextvars(business=str(found.business_id), subject=found.subject)
        return found

    return dependency


def installation(*scopes: str) -> Callable[..., Awaitable[Installation]]:
    """The dependency of a route that is about no single business. Raises Unauthenticated, Forbidden."""
    wanted = _known(scopes)

    async def dependency(request: Request, _: Annotated[object, Depends(documented)]) -> Installation:
        verified = await run_in_threadpool(_allowed, request, wanted)
        _only_known_query(request)
        structlog.contextvars.bind_contextvars(subject=verified.subject)
        return Installation(request.app.state.engine, verified.subject, verified.scopes, verified.businesses)

    return dependency
