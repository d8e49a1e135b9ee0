"""`Idempotency-Key` on every POST: the same request is answered once, and its answer given again.

    with idempotent(request, caller, body) as once:
        if once.replay:
            return once.replay
        service(caller.engine, …, keep=once.keep(lambda made: Answer(Data(data=…), 201, {"Location": …})))
        return once.response

The answer is written in the effect's own transaction: the service calls `keep(connection, made)` right before it
commits. Errors are not kept; a request that failed had no effect, and is tried anew.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request, Response
from pydantic import BaseModel

from bookvalue.api.security import Caller, Installation
from bookvalue.domain.errors import IdempotencyKeyReused, InvalidInput
from bookvalue.domain.finding import finding
from bookvalue.storage.idempotency import NO_BUSINESS, Kept, Key, gate, keep
from bookvalue.storage.unit_of_work import Connection

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[!-~]{1,128}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a POST answers."""

    body: BaseModel
    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)


class Once:
    """One answer to one request. `replay`: the answer it was given before, if any."""

    def __init__(self, key: Key | None, fingerprint: str, kept: Kept | None) -> None:
        self._key, self._fingerprint = key, fingerprint
        self._given: Kept | None = None
        self.replay: Response | None = None if kept is None else _response(kept, {REPLAYED: "true"})

    def keep(self, render: Callable[[T], Answer]) -> Callable[[Connection, T], None]:
        """What the service calls right before its commit, with what it made: renders the answer and keeps it."""

        def keeping(connection: Connection, made: T) -> None:
            self._given = self._rendered(render(made))
            if self._key is not None:
                keep(connection, self._key, self._given)

        return keeping

    def answer(self, answer: Answer) -> Response:
        """The response of a request that had no effect to keep it with: nothing was written, so nothing is kept."""
        self._given = self._rendered(answer)
        return self.response

    @property
    def response(self) -> Response:
        """The answer, once the service has called what `keep` gave it."""
        if self._given is None:
            raise RuntimeError("the service has not called keep before its commit")
        return _response(self._given, {})

    def _rendered(self, answer: Answer) -> Kept:
        return Kept(self._fingerprint, answer.status, answer.headers, answer.body.model_dump_json(by_alias=True))


def _response(kept: Kept, more: Mapping[str, str]) -> Response:
    return Response(kept.body, kept.status, {**kept.headers, **more}, "application/json")


@contextmanager
def idempotent(request: Request, caller: Caller | Installation, body: BaseModel | Any = None) -> Iterator[Once]:
    """The block that answers a POST. Without the header it is an ordinary request.

    `body`: what came in, as a model or as plain JSON. Raises InvalidInput (the key is none), IdempotencyKeyReused,
    IdempotencyInFlight.
    """
    fingerprint = _fingerprint(request, body)
    given = request.headers.getlist(HEADER)
    if not given:
        yield Once(None, fingerprint, None)
        return
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise InvalidInput("1 finding; nothing was applied", [finding("not_an_idempotency_key", HEADER)])
    business = caller.business_id if isinstance(caller, Caller) else NO_BUSINESS
    key = Key(business, caller.subject, f"{request.method} {_route(request)}", given[0])
    with gate(caller.engine, key) as kept:
        if kept is not None and kept.fingerprint != fingerprint:
            raise IdempotencyKeyReused("this idempotency key was used for another request")
        yield Once(key, fingerprint, kept)


def _route(request: Request) -> str:
    """The route's name: it stays when paths are written anew."""
    return str(request.scope["route"].name)


def _fingerprint(request: Request, body: Any) -> str:
    """SHA-256 of what was asked for, the same for every way of writing the same JSON."""
    members = body.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(body, BaseModel) else body
    query = sorted(parse_qsl(request.url.query, keep_blank_values=True))
    text = json.dumps([request.method, request.url.path, query, members], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
