"""The API's own description: `python -m bookvalue.api.openapi` writes docs/openapi.json.

What every route shares is added here, once: problems, the idempotency key, the request id.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from bookvalue.api.errors import CODES, SCHEMAS, problems
from bookvalue.api.idempotency import HEADER, REPLAYED
from bookvalue.settings import Settings

DESCRIPTION = """\
A fixed-asset subledger that closes itself: registers, runs, periods and the feed of posted journals.

- **Amounts** are integers in minor units of the business's currency; **dates** are YYYY-MM-DD, **instants** UTC.
- **One object** is `{"data": {…}}`; **lists** are `{"data": […], "next": cursor or null}` with `limit` and `cursor`.
- **Errors** are RFC 9457 problems (`application/problem+json`) with a stable `code`; what is wrong with single fields
  stands in `errors`. Every answer carries `X-Request-ID`; send your own to find a request in the log.
- **`Idempotency-Key`** on every POST: the same key with the same request is answered once, and that answer is given
  again with `Idempotency-Replayed: true`; with another request it is 422, while the first is at work 409.
- **Tokens** are JWT bearer tokens. What is not yours is answered as what is not there: 404.
"""

_KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "1 to 128 visible ASCII characters. The same request with the same key is answered once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "example": "01890a5d-ac96-774b-bcce-b302099a8057",
}


def install(app: FastAPI) -> None:
    """Sets the description of this application, made at the first question."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description."""
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes,
        servers=[{"url": "/"}], tags=app.openapi_tags,
    )  # fmt: skip
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= SCHEMAS
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    statuses = sorted({meaning.status for meaning in CODES.values()})
    made["components"]["responses"] = {f"Problem{status}": problems(status)[status] for status in statuses}
    for path, method, operation in operations(made):
        _complete(path, method, operation)
    return made


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation with its path and method."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Adds what every operation shares."""
    answers = operation["responses"]
    versioned = path.startswith("/v1")
    statuses = {500}
    if operation.get("security"):
        statuses |= {401, 403, 429}
    if versioned:
        statuses |= {400, 413, 415, 422, 503}
    if "{" in path:
        statuses.add(404)
    if versioned and method == "post":
        statuses.add(409)
        operation.setdefault("parameters", []).append(_KEY_PARAMETER)
        for status, answer in answers.items():
            if status.startswith("2"):
                answer.setdefault("headers", {})[REPLAYED] = {
                    "description": "`true` where this answer was given before.",
                    "schema": {"type": "string", "const": "true"},
                }
    for status in statuses:
        if str(status) not in answers or _is_frameworks_own(answers[str(status)]):
            answers[str(status)] = problems(status)[status]
    for status, answer in answers.items():
        if status.isdigit() and answer == problems(int(status))[int(status)]:
            answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(answers.items()))


def _is_frameworks_own(answer: dict[str, Any]) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith("HTTPValidationError")


def written() -> str:
    """The description as the file holds it."""
    from bookvalue.api.app import create_app

    with TemporaryDirectory(prefix="bookvalue-openapi-") as folder:
        settings = Settings(DATABASE_URL="postgresql+psycopg://nobody@nowhere.invalid/none", state=Path(folder))
        return json.dumps(create_app(settings).openapi(), indent=2, ensure_ascii=False) + "\n"


def differences(target: Path) -> list[str]:
    """How the description differs from the file, as lines of a unified diff."""
    kept = target.read_text() if target.exists() else ""
    return list(unified_diff(kept.splitlines(), written().splitlines(), str(target), "the API", lineterm=""))


if __name__ == "__main__":
    parser = ArgumentParser(description="Write the description of the API, or see whether it is as it should be.")
    parser.add_argument("target", nargs="?", type=Path, default=Path(__file__).parents[3] / "docs" / "openapi.json")
    parser.add_argument("--check", action="store_true", help="change nothing, and say how it differs")
    given = parser.parse_args()
    found = differences(given.target) if given.check else []
    if found:
        sys.exit("\n".join(["the API is not as described; run python -m bookvalue.api.openapi", *found]))
    if not given.check:
        given.target.write_text(written())
