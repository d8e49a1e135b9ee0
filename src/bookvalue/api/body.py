"""What a request may bring: so many bytes, JSON only, so deep and no deeper, with no character that cannot be kept.

Raw ASGI. A body is counted while it streams, and refused at the first byte too many; only what is within the limit is
ever held. Must not know any route.
"""

import json
import math
import re
from collections.abc import Sequence
from email.message import Message as Mail
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bookvalue.api.errors import problem, request_id_of
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding, finding

MOST_LEVELS = 64
MOST_DIGITS = 400
LARGE = 65_536
"""Bodies beyond this are looked at in a thread."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}:,]', re.DOTALL)
_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


class _Unusable:
    """Stands for a number that is none."""


_UNUSABLE = _Unusable()
_GONE = bytearray(b"gone")
"""A body whose end never came; half a request is none."""


class BodyGuard:
    """The layer itself."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def turn_away(code: str, detail: str, findings: Sequence[Finding] = (), close: bool = False) -> None:
            headers = {"Connection": "close"} if close else None
            answer = problem(
                code, detail, request_id=request_id_of(scope), instance=scope["path"][:500], findings=findings,
                headers=headers,
            )  # fmt: skip
            await answer(scope, receive, send)

        found = _odd_in_query(scope)
        if found or "\0" in scope["path"]:
            code, detail = (
                ("invalid_input", "the query has findings") if found else ("not_found", "there is nothing here")
            )
            await turn_away(code, detail, found)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        if not declared and "transfer-encoding" not in headers and scope.get("http_version") in ("1.0", "1.1"):
            await self._app(scope, receive, send)
            return
        too_large = declared.isdigit() and int(declared[:20]) > self._limit
        body = None if too_large else await self._read(receive)
        if body is _GONE:
            return
        if body is None:
            await turn_away("payload_too_large", f"a body may have {self._limit} bytes at most", close=True)
            return
        if body:
            if not _is_json(headers.getlist("content-type")):
                await turn_away("unsupported_media", "send the body as application/json")
                return
            findings = await run_in_threadpool(examined, body) if len(body) > LARGE else examined(body)
            if findings is None:
                await turn_away("malformed", "the body is not JSON in UTF-8")
                return
            if findings:
                unread = any(one.code != "text_not_allowed" for one in findings)
                code = "malformed" if unread else "invalid_input"
                await turn_away(code, "the body has members that cannot be read; nothing was applied", findings)
                return
        await self._app(scope, _again(bytes(body), receive), send)

    async def _read(self, receive: Receive) -> bytearray | None:
        """The whole body, or None as soon as it is too large; _GONE where the client went before its end."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return _GONE
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                return None
        return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read once more."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _odd_in_query(scope: Scope) -> list[Finding]:
    """The query's members that hold what cannot be kept."""
    if b"%00" not in scope["query_string"] and b"\0" not in scope["query_string"]:
        return []
    members = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=None)
    return [
        finding("text_not_allowed", str(shown(name)), shown(value)) for name, value in members if "\0" in name + value
    ]


def _is_json(content_types: list[str]) -> bool:
    if len(content_types) != 1:
        return False
    mail = Mail()
    mail["content-type"] = content_types[0]
    charset = mail.get_param("charset", "utf-8")
    return mail.get_content_type() == "application/json" and str(charset).lower() in ("utf-8", "utf8")


def examined(body: bytes | bytearray) -> list[Finding] | None:
    """What is wrong with a JSON body as such, by field; None where it is not JSON in UTF-8 at all."""
    odd = False

    def no_number(_: str) -> _Unusable:
        nonlocal odd
        odd = True
        return _UNUSABLE

    def integer(digits: str) -> int | _Unusable:
        return int(digits) if len(digits) <= MOST_DIGITS else no_number(digits)

    def decimal(digits: str) -> float | _Unusable:
        number = float(digits)
        return number if math.isfinite(number) else no_number(digits)

    try:
        text = body.decode()
        deep = _too_deep(text)
        if deep is not None:
            return [finding("too_deep", deep or "body")]
        value = json.loads(text, parse_constant=no_number, parse_int=integer, parse_float=decimal)
    except (ValueError, RecursionError):
        return None
    # Unescaped, neither NUL nor a lone surrogate would have got this far.
    return _odd_members(value)[:100] if odd or _ODD_ESCAPE.search(text) else []


def _odd_members(value: Any) -> list[Finding]:
    """The members that nothing could keep: numbers that are none, texts that are no Unicode or hold NUL."""
    found: list[Finding] = []
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, one = waiting.pop()
        if one is _UNUSABLE:
            found.append(finding("not_a_number", path or "body"))
        elif isinstance(one, str):
            if _UNSTORABLE.search(one):
                found.append(finding("text_not_allowed", path or "body", shown(one)))
        elif isinstance(one, dict):
            for name, inner in one.items():
                place = f"{path}.{shown(name)}" if path else str(shown(name))
                if _UNSTORABLE.search(name):
                    found.append(finding("text_not_allowed", place))
                waiting.append((place, inner))
        elif isinstance(one, list):
            waiting += [(f"{path}.{at}" if path else str(at), inner) for at, inner in enumerate(one)]
    return found


def _too_deep(text: str) -> str | None:
    """The path of the first member that is nested too deeply, by its outermost names; None where there is none."""
    level = 0
    for token in _BRACKET.finditer(text):
        mark = token[0]
        if mark in "[{":
            level += 1
            if level > MOST_LEVELS:
                return _path_to(text, token.start())
        elif mark in "]}":
            level -= 1
    return None


def _path_to(text: str, end: int) -> str:
    """The first steps of the path to a place in a JSON text."""
    path: list[str | int] = []
    last = ""
    for token in _TOKEN.finditer(text, 0, end):
        mark = token[0]
        if mark == "{":
            path.append("")
        elif mark == "[":
            path.append(0)
        elif mark in "]}" and path:
            path.pop()
        elif mark == ":" and path:
            path[-1] = last
        elif mark == "," and path and isinstance(path[-1], int):
            path[-1] += 1
        else:
            last = str(shown(mark[1:-1]))
    return ".".join(str(step) for step in path[:4])
