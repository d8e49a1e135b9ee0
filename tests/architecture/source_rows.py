"""The rows of docs/sources.md: every operation, parameter, field, enum value, required set, answer and rule of the four
source documents (copies in tests/contract), so that none can be forgotten.

    python -m tests.architecture.source_rows    prints those that docs/sources.md does not have yet
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "tests" / "contract"
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Row:
    """One thing that a source says: `key` is unique in its document, `text` its own words where it has any."""

    document: str
    key: str
    text: str = ""


def rows() -> list[Row]:
    """All rows, document by document, in the order in which the documents say them."""
    found: dict[tuple[str, str], Row] = {}
    for row in [*_openapi("layer", "layer-asset-value-updates.yaml"), *_guide(), *_moneybird(),
                *_openapi("xero", "xero-assets.yaml")]:  # fmt: skip
        found.setdefault((row.document, row.key), row)
    return list(found.values())


def _openapi(name: str, file: str) -> Iterator[Row]:
    document = yaml.safe_load((CONTRACTS / file).read_text(encoding="utf-8"))
    for path, item in document["paths"].items():
        for method in (method for method in _METHODS if method in item):
            yield from _operation(name, f"{method.upper()} {path}", item[method])
    for scheme in document["components"].get("securitySchemes", {}).values():
        for flow in scheme.get("flows", {}).values():
            for scope, told in flow["scopes"].items():
                yield Row(name, f"scope {scope}", told)
    for parameter in document["components"].get("parameters", {}).values():
        yield Row(name, f"{parameter['in']} {parameter['name']}", parameter.get("description", ""))
    schemas = document["components"]["schemas"]
    for schema, described in schemas.items():
        yield from _schema(name, schema, described)
    known = {field for described in schemas.values() for field in described.get("properties", {})}
    for path in sorted(set(_example_fields(document)) - known):
        yield Row(name, f"example {path}")


def _operation(name: str, key: str, operation: Mapping[str, Any]) -> Iterator[Row]:
    yield Row(name, key, operation.get("description", operation.get("summary", "")).strip())
    for parameter in operation.get("parameters", ()):
        if "name" in parameter:
            yield Row(name, f"{key} {parameter['in']} {parameter['name']}", parameter.get("description", ""))
            for value in parameter.get("schema", {}).get("enum", ()):
                yield Row(name, f"{key} {parameter['in']} {parameter['name']} = {value}")
    for status, answer in operation["responses"].items():
        yield Row(name, f"{key} answers {status}", answer.get("description", ""))


def _schema(name: str, schema: str, described: Mapping[str, Any]) -> Iterator[Row]:
    if described.get("description"):
        yield Row(name, schema, " ".join(described["description"].split()))
    if described.get("required"):
        yield Row(name, f"{schema} requires {', '.join(described['required'])}")
    for value in described.get("enum", ()):
        yield Row(name, f"{schema} = {value}")
    for field, one in described.get("properties", {}).items():
        yield Row(name, f"{schema}.{field}", " ".join(str(one.get("description", "")).split()))
        for value in one.get("enum", ()):
            yield Row(name, f"{schema}.{field} = {value}")


def _example_fields(value: Any, *, inside: bool = False) -> Iterator[str]:
    """The names of members of examples; a schema's words are those of fields, not examples."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if inside:
                yield str(name)
            yield from _example_fields(member, inside=inside or name == "example")
    elif isinstance(value, list):
        for member in value:
            yield from _example_fields(member, inside=inside)


def _guide() -> Iterator[Row]:
    """The guide is prose: each sentence and each row of its table is a rule."""
    text = (CONTRACTS / "layer-assets-guide.txt").read_text(encoding="utf-8")
    for line in text.split("\n"):
        if line.endswith("|") and not line.startswith(("update_type", "|---")):
            yield Row("guide", f"table {line.split('|')[0].strip()}", line.rstrip("|").strip())
            continue
        for sentence in _SENTENCE.split(line):
            if len(sentence) > 30 and not sentence.startswith(("update_type", "|---")):
                yield Row("guide", _short(sentence), sentence)


_PARTS = ("path Parameters", "query Parameters", "Request Body", "Responses")


def _moneybird() -> Iterator[Row]:
    """Titles and their descriptions stand before `path Parameters`; members are bullets of a name run into its type."""
    lines = (CONTRACTS / "moneybird-assets.txt").read_text(encoding="utf-8").split("\n")
    starts = [number for number, line in enumerate(lines) if line == _PARTS[0]]
    title, part = "", ""
    for number, line in enumerate(lines):
        if number in starts:
            title, told = _title(lines, number)
            yield Row("moneybird", title, " ".join(told))
            for sentence in (sentence for text in told for sentence in _SENTENCE.split(text)):
                yield Row("moneybird", f"{title}: {_short(sentence)}", sentence)
        if line in _PARTS:
            part = line
        elif line.startswith("- ") and not line.startswith("- A ") and part:
            yield from _member(title, part, line)


def _title(lines: list[str], number: int) -> tuple[str, list[str]]:
    """The title of the operation whose parameters begin on this line, and what is said of it."""
    first = number - 1
    while first > 0 and not lines[first - 1].startswith(("- ", "Responses")) and lines[first - 1] not in (
        "Source deleted", "Asset deleted"
    ):  # fmt: skip
        first -= 1
    said = [line for line in lines[first:number] if line]
    heading = next(place for place, line in enumerate(said) if not line.endswith("."))
    return said[heading], said[heading + 1 :]


_NAME = re.compile(r"- ([a-z_]+?)(?:string|integer|boolean|object|null|required| ?$)")


def _member(title: str, part: str, line: str) -> Iterator[Row]:
    matched = _NAME.match(line)
    if matched is None:
        return
    name = matched.group(1)
    if part == "path Parameters" and name in ("administration_id", "id", "format"):
        yield Row("moneybird", f"path {name}")
        return
    kind = "answer" if part == "Responses" else part.split()[0].lower()
    key = f"{title}: {kind} {name}"
    yield Row("moneybird", key, line.partition(" - ")[2] or ("required" if "required" in line else ""))
    values = line.partition("Enum values:")[2]
    for word in ("divestment", "full_depreciation", "manual", "arbitrary", "linear", "out_of_use", "sold",
                 "private_withdrawal", "divested"):  # fmt: skip
        if word in values:
            yield Row("moneybird", f"{key} = {word}")


def _short(sentence: str) -> str:
    words = sentence.split()
    return " ".join(words[:9]) + (" …" if len(words) > 9 else "")


_LINE = re.compile(r"\| `(?P<key>.+?)` \| (?P<here>.*?) \| (?P<shown>.*?) \|")


def answered(text: str) -> dict[tuple[str, str], tuple[str, str]]:
    """The rows of docs/sources.md: (document, key) -> (where it is here, the test or the reason)."""
    found, document = {}, ""
    for line in text.split("\n"):
        if line.startswith("## "):
            document = line.split("`")[1] if "`" in line else ""
        matched = _LINE.fullmatch(line)
        if matched and document:
            found[document, matched["key"]] = matched["here"].strip(), matched["shown"].strip()
    return found


if __name__ == "__main__":
    there = answered((ROOT / "docs" / "sources.md").read_text(encoding="utf-8"))
    last = ""
    for row in rows():
        if (row.document, row.key) in there:
            continue
        if row.document != last:
            sys.stdout.write(f"\n## `{row.document}`\n\n| row | here | test, or why not |\n|---|---|---|\n")
            last = row.document
        sys.stdout.write(f"| `{row.key}` |  |  |\n")
