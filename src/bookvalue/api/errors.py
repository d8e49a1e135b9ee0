"""Every error as an RFC 9457 problem: one table from code to status, findings in `errors`, nothing of the inside.

No SQL, no traceback and no value of the database's own messages ever leaves here.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bookvalue.domain.errors import BookvalueError, InvalidInput
from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import EXPLANATIONS, Finding, finding

MEDIA_TYPE = "application/problem+json"
MOST_FINDINGS = 100
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")
_log = structlog.get_logger("bookvalue.api")


class Meaning(NamedTuple):
    """What a code is over HTTP. `public`: the detail that is shown where the cause is the database's."""

    status: int
    title: str
    public: str | None = None


CODES: Mapping[str, Meaning] = {
    # the request
    "malformed": Meaning(400, "The request cannot be read"),
    "unauthenticated": Meaning(401, "A valid bearer token is required"),
    "forbidden": Meaning(403, "The token does not allow this"),
    "not_found": Meaning(404, "Not found", "there is nothing here, or it is not yours"),
    "method_not_allowed": Meaning(405, "The method is not allowed here"),
    "payload_too_large": Meaning(413, "The body is too large"),
    "unsupported_media": Meaning(415, "The body must be application/json"),
    "invalid_input": Meaning(422, "The input has findings; nothing was applied", "a value cannot be stored"),
    "register_invalid": Meaning(422, "The register has findings; nothing was applied"),
    "idempotency_key_reused": Meaning(422, "The idempotency key belongs to another request"),
    "period_not_ended": Meaning(422, "The period has not ended"),
    "rate_limited": Meaning(429, "Too many requests"),
    # the state of things
    "period_not_open": Meaning(409, "The period takes no postings", "the period is not open"),
    "asset_not_registered": Meaning(409, "The asset is not registered"),
    "asset_disposed": Meaning(409, "The asset has been disposed of"),
    "disposal_reinstated": Meaning(409, "The disposal has been taken back"),
    "period_locked": Meaning(409, "The period is locked"),
    "late_fact_refused": Meaning(409, "The book refuses facts of closed periods"),
    "period_not_lockable": Meaning(409, "The period cannot be locked"),
    "period_not_reopenable": Meaning(409, "The period cannot be reopened"),
    "run_in_progress": Meaning(409, "A run of this period is alive"),
    "concurrent_change": Meaning(
        409, "Somebody else changed this", "somebody else wrote this in the meantime; read again and retry"
    ),
    "facts_moved": Meaning(409, "Somebody else changed this"),
    "duplicate": Meaning(409, "It is there already"),
    "in_use": Meaning(409, "It is in use", "something else stands on it"),
    "not_archivable": Meaning(409, "The asset cannot be archived"),
    "conflict": Meaning(409, "The state of things does not allow this"),
    "idempotency_in_flight": Meaning(409, "The same request is still being answered"),
    # the house
    "busy": Meaning(503, "Busy; try again", "the database could not serve this in time; try again"),
    "database_unavailable": Meaning(503, "The database cannot be reached", "the database cannot be reached; try again"),
    "schema_not_ready": Meaning(503, "The database is being prepared", "the schema is not at the revision needed"),
    "issuer_unavailable": Meaning(503, "The token issuer's keys cannot be had"),
    "integrity_violation": Meaning(500, "An integrity check failed", "a check failed; nothing was written"),
    "internal": Meaning(
        500, "Something went wrong here", "something went wrong here; the request id finds it in the log"
    ),
}
"""The one table from code to status; a code that is not in it is `internal`."""

RETRY_AFTER = {"busy": "1", "database_unavailable": "5", "schema_not_ready": "10", "issuer_unavailable": "5",
               "idempotency_in_flight": "1", "rate_limited": "1"}  # fmt: skip

_BY_STATUS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media",
    422: "invalid_input",
    429: "rate_limited",
}

_FINDING_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "text_too_long",
    "string_too_short": "required",
    "string_pattern_mismatch": "wrong_format",
    "bool_type": "not_a_boolean",
    "bool_parsing": "not_a_boolean",
    "list_type": "not_a_list",
    "too_long": "too_many",
    "too_short": "too_few",
    "enum": "not_one_of",
    "literal_error": "not_one_of",
    "dict_type": "not_an_object",
    "mapping_type": "not_an_object",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "int_parsing_size": "out_of_range",
    "finite_number": "out_of_range",
    "multiple_of": "out_of_range",
}
_FINDING_PREFIXES = (
    ("greater_than", "out_of_range"), ("less_than", "out_of_range"), ("string", "not_text"), ("int", "not_an_integer"),
    ("float", "not_a_decimal"), ("decimal", "not_a_decimal"), ("datetime", "not_an_instant"),
    ("timezone", "not_an_instant"), ("date", "not_a_date"), ("time", "not_a_time"), ("uuid", "not_an_id"),
    ("is_instance_of", "not_valid"),
)  # fmt: skip


class Unauthenticated(BookvalueError):
    """No token, or one that does not hold."""

    code = "unauthenticated"


class IssuerUnavailable(BookvalueError):
    """The issuer's keys cannot be had, and none are known yet."""

    code = "issuer_unavailable"


def problem(
    code: str,
    detail: str,
    *,
    request_id: str,
    instance: str,
    findings: Iterable[Finding] = (),
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> Response:
    """The response for a code."""
    meaning = CODES.get(code, CODES["internal"])
    found = list(findings)
    answered = status or meaning.status
    body = {
        "type": f"urn:bookvalue:problem:{code}",
        "title": meaning.title,
        "status": answered,
        "code": code,
        "detail": detail,
        "instance": instance,
        "errors": [
            {name: value for name, value in entry.as_dict().items() if name != "line"}
            for entry in found[:MOST_FINDINGS]
        ],
        "request_id": request_id,
    }
    sent = dict(headers or {})
    if code in RETRY_AFTER:
        sent.setdefault("Retry-After", RETRY_AFTER[code])
    content = json.dumps(_sendable(body), ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, answered, sent, MEDIA_TYPE)


def _sendable(value: Any) -> Any:
    """What any encoder takes: characters that are none are written as escapes, foreign types as text."""
    if isinstance(value, str):
        return _UNSENDABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    if isinstance(value, Mapping):
        return {str(name): _sendable(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_sendable(member) for member in value]
    return value if value is None or isinstance(value, bool | int) else str(value)


def request_id_of(scope: Mapping[str, Any]) -> str:
    """The id of a request, as the outermost layer gave it."""
    return str(scope.get("state", {}).get("request_id", ""))


def _answer(request: Request, code: str, detail: str, **more: Any) -> Response:
    return problem(
        code, detail, request_id=request_id_of(request.scope), instance=request.scope.get("path", "")[:500], **more
    )


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, BookvalueError)
    code = error.code if error.code in CODES else "internal"
    meaning = CODES[code]
    hidden = meaning.status >= 500 or "sqlstate" in error.details
    if meaning.status >= 500:
        _log.log(40 if meaning.status == 500 else 30, "refused", code=error.code, reason=error.message)
    detail = (meaning.public or meaning.title) if hidden else error.message
    headers = error.details.get("headers")
    findings: Sequence[Finding] = error.findings if isinstance(error, InvalidInput) else ()
    return _answer(request, code, detail, findings=findings, headers=headers)


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    raw = error.errors()
    if any(entry["type"] == "json_invalid" for entry in raw):
        return _answer(request, "malformed", "the body is not JSON")
    found = [_finding(entry) for entry in raw]
    count = f"{len(found)} findings" if len(found) > 1 else "1 finding"
    return _answer(request, "invalid_input", f"{count}; nothing was applied", findings=found)


def _finding(entry: Mapping[str, Any]) -> Finding:
    """One of pydantic's errors as a finding."""
    kind = str(entry["type"])
    code = _FINDING_CODES.get(kind) or (kind if kind in EXPLANATIONS else None)
    if code is None:
        code = next((code for prefix, code in _FINDING_PREFIXES if kind.startswith(prefix)), "not_valid")
    where, *path = entry["loc"] or ("body",)
    field = ".".join(str(shown(str(part))) for part in path) or str(where)
    return finding(code, field, None if code == "required" else shown(entry.get("input")))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    meaning = CODES[code]
    headers = dict(error.headers or {})
    if code == "method_not_allowed":
        headers["Allow"] = _methods(request) or headers.get("Allow", "")
    return _answer(request, code, meaning.public or meaning.title, headers=headers)


def _methods(request: Request) -> str:
    """Every method of a path; the framework knows only those of the first route that has it."""
    path = getattr(request.scope.get("route"), "path", None)
    return ", ".join(sorted(method.upper() for method in request.app.openapi()["paths"].get(path, ())))


def install(app: FastAPI) -> None:
    """Sets the handlers; what none of them takes is caught at the edge."""
    app.add_exception_handler(BookvalueError, _domain_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)


# ---------------------------------------------------------------------------------------------------- OpenAPI

SCHEMAS: Mapping[str, Any] = {
    "Finding": {
        "type": "object",
        "title": "Finding",
        "description": "What is wrong with one field, and what to do about it.",
        "required": ["code", "field", "value", "message", "remedy"],
        "properties": {
            "code": {"type": "string", "description": "Stable.", "examples": ["required"]},
            "field": {"type": ["string", "null"], "description": "A dotted path.", "examples": ["depreciation.method"]},
            "value": {"description": "The value given, shortened."},
            "message": {"type": "string"},
            "remedy": {"type": "string"},
        },
    },
    "Problem": {
        "type": "object",
        "title": "Problem",
        "description": "An RFC 9457 problem. `type` and `code` are stable.",
        "required": ["type", "title", "status", "code", "detail", "instance", "errors", "request_id"],
        "properties": {
            "type": {"type": "string", "format": "uri", "examples": ["urn:bookvalue:problem:invalid_input"]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": sorted(CODES)},
            "detail": {"type": "string"},
            "instance": {"type": "string", "description": "The path that was asked for."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
            "request_id": {"type": "string", "description": "Finds the request in the log."},
        },
    },
}  # fmt: skip


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route for these statuses."""
    return {status: _documented(status) for status in statuses}


def _documented(status: int) -> dict[str, Any]:
    meanings = [f"`{code}`: {meaning.title}" for code, meaning in CODES.items() if meaning.status == status]
    documented: dict[str, Any] = {
        "description": "; ".join(meanings) or "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 401:
        documented["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status in (429, 503):
        documented["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}}
    return documented
