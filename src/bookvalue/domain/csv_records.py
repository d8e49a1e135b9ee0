"""CSV bytes -> records with the physical line on which each starts (RFC 4180, strictly).

A record that cannot be read becomes a finding of its own line and the next line is still read, so that one
stray quote does not swallow the rest of a file. Must not know what the columns mean.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bookvalue.domain.finding import Finding, finding

# one field and what ends it; possessive, so that no input makes it backtrack
_FIELD = re.compile(r'(?:"(?P<quoted>(?:[^"]++|"")*+)"|(?P<plain>[^",\r\n]*+))(?P<end>,|\Z)')
_UNDECODED = re.compile("[\udc80-\udcff]")  # how surrogateescape marks a byte that is not UTF-8


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line it starts on, and its fields without surrounding blanks, or why it has none."""

    line: int
    fields: Sequence[str]
    problem: Finding | None = None
    text: str = ""  # as it stands in the file, where there is a problem


def read_records(content: bytes) -> Iterator[Record]:
    """Every record of a file, the header first; empty lines are skipped.

    A record with another number of fields than the header has a `line_malformed` problem; one with bytes that
    are not UTF-8 has `not_utf8`.
    """
    # bytes that are no UTF-8 come through as lone surrogates, so that only their own lines are lost
    lines = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").split("\n")
    width: int | None = None
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        record, at = _record(lines, at, width)
        if width is None:
            width = len(record.fields)
        yield record


def _record(lines: Sequence[str], at: int, width: int | None) -> tuple[Record, int]:
    """The record that starts on this line, and the line on which to go on."""
    last = _last_line(lines, at)
    text = lines[at] if last == at else "\n".join(lines[at : last + 1])
    fields = _fields(text)
    if fields is None:
        problem = "a quote or line break is out of place, or a quote is not closed"
        return _unreadable(lines[at], at, "line_malformed", problem), at + 1
    following = last + 1
    # a line that is whole by itself was not meant to be part of a name: better refused than swallowed
    if last > at and width is not None and any(len(_fields(line) or ()) == width for line in lines[at + 1 : last]):
        return _unreadable(lines[at], at, "line_malformed", "a quote is not closed"), at + 1
    if width is not None and len(fields) != width:
        # with as many commas as a record has, the last line was one of its own, and has a stray quote too
        own = last > at and lines[last].count(",") >= width - 1
        return _unreadable(text, at, "line_malformed", f"{len(fields)} values for {width} columns"), (
            at + 1 if own else following
        )
    if _UNDECODED.search(text):
        return _unreadable(text, at, "not_utf8", None), following
    return Record(at + 1, [cell.strip() for cell in fields]), following


def _last_line(lines: Sequence[str], at: int) -> int:
    """Where the record ends: the first line up to which every quote is closed, or this one if none is."""
    quotes = 0
    for last in range(at, len(lines)):
        quotes += lines[last].count('"')
        if quotes % 2 == 0:
            return last
    return at


def _fields(text: str) -> list[str] | None:
    """The fields of one record's text, or None where it is not CSV."""
    text = text.removesuffix("\r")
    if '"' not in text:
        return None if "\r" in text else text.split(",")
    fields: list[str] = []
    at, more = 0, True
    while more:
        found = _FIELD.match(text, at)
        if found is None:
            return None
        quoted = found["quoted"]
        fields.append(found["plain"] if quoted is None else quoted.replace('""', '"'))
        at, more = found.end(), found["end"] == ","
    return fields


def _unreadable(text: str, at: int, code: str, value: Any) -> Record:
    return Record(at + 1, (), finding(code, None, value, line=at + 1), text)
