"""Asset specs of a stream -> their answers, as they come and in bounded memory."""

from collections.abc import Iterable, Iterator
from io import RawIOBase
from typing import Any

from bookvalue.domain.schedule_line import MAX_LINE_BYTES, ScheduleLine, read_schedule_line
from bookvalue.services.build_schedule import answers

READ_BYTES = 64 * 1024
AT_ONCE = 128
"""Specs computed at a time: their rows are held together, and one spec may have 3,600 of them."""

Answered = tuple[ScheduleLine, dict[str, Any]]
"""A line, and the object that answers it."""


def lines_of(stream: RawIOBase) -> Iterator[list[bytes]]:
    """The lines that each read of a file or pipe, which must block, has completed, without their line breaks.

    A read returns what is there, so whoever writes slowly is not kept waiting for more. Of a line that is too long
    one byte too many is kept. Raises OSError.
    """
    begun = bytearray()
    while content := stream.read(READ_BYTES):
        first, *others = content.split(b"\n")
        begun += first[: MAX_LINE_BYTES + 1 - len(begun)]
        if others:
            *whole, rest = others
            yield [bytes(begun), *whole]
            begun = bytearray(rest)
    if begun:
        yield [bytes(begun)]


def answered(reads: Iterable[list[bytes]]) -> Iterator[list[Answered]]:
    """The answers to the lines of each read. An answer without an id has the number of its line instead."""
    number = 0
    for contents in reads:
        lines = [read_schedule_line(content, number + at) for at, content in enumerate(contents, 1)]
        number += len(lines)
        for first in range(0, len(lines), AT_ONCE):
            together = lines[first : first + AT_ONCE]
            made = answers((line.id, line.spec, line.findings) for line in together)
            yield [(line, _numbered(line, answer)) for line, answer in zip(together, made, strict=True)]


def _numbered(line: ScheduleLine, answer: dict[str, Any]) -> dict[str, Any]:
    return answer if line.line is None else {"id": None, "line": line.line, **answer}
