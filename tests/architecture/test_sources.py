"""docs/sources.md answers for every row of the source documents: with a test that is there, or with a reason."""

import ast
import re
from functools import cache

from .source_rows import ROOT, answered, rows

TEXT = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
_TEST = re.compile(r"`?(tests/[a-z_/]+\.py)(?:::(test_[a-z0-9_]+))?`?")
LEAST_REASON = 20


@cache
def functions_of(path: str) -> set[str]:
    """The names of the test functions of a file; none where it is not there."""
    file = ROOT / path
    if not file.exists():
        return set()
    return {
        node.name for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }


def faults(text: str) -> list[str]:
    """What is wrong with the page."""
    said = answered(text)
    found = [f"{row.document}: {row.key}: not in the page" for row in rows() if (row.document, row.key) not in said]
    known = {(row.document, row.key) for row in rows()}
    for key, (here, shown) in said.items():
        name = f"{key[0]}: {key[1]}"
        if key not in known:
            found.append(f"{name}: in no document")
        if shown.startswith("not here: "):
            if len(shown) < LEAST_REASON:
                found.append(f"{name}: no reason")
        elif not here:
            found.append(f"{name}: not said where it is")
        else:
            named = _TEST.fullmatch(shown)
            if named is None or named[2] is None:
                found.append(f"{name}: neither a test nor a reason: {shown!r}")
            elif named[2] not in functions_of(named[1]):
                found.append(f"{name}: there is no test {shown}")
    return found


def test_every_row_has_a_test_or_a_reason() -> None:
    assert faults(TEXT) == []


def test_the_documents_say_as_much_as_when_they_were_read() -> None:
    counts = {name: sum(row.document == name for row in rows()) for name in ("layer", "guide", "moneybird", "xero")}
    assert counts == COUNTS


COUNTS = {"layer": 52, "guide": 32, "moneybird": 162, "xero": 134}


def test_the_gate_bites() -> None:
    row = next(line for line in TEXT.split("\n") if line.startswith("| `ApiTag.key` |"))
    assert len(faults(TEXT.replace(row, "| `ApiTag.key` | there |  |"))) == 1
    assert len(faults(TEXT.replace(row, ""))) == 1
    gone = TEXT.replace(row, "| `ApiTag.key` | there | `tests/api/test_nowhere.py::test_nothing` |")
    assert len(faults(gone)) == 1
    assert len(faults(TEXT.replace(row, "| `ApiTag.key` | there | not here: no |"))) == 1
