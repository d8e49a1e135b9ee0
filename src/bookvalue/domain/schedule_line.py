"""One line of a JSON Lines file of asset specs -> ScheduleLine; a line that is not JSON is a finding, never an error.

Stricter than Python's own reading: UTF-8 alone, no NaN and no Infinity, no name twice in an object, a bounded length.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from bookvalue.domain.field_readers import shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.schedule_spec import ScheduleSpec, read_schedule_spec, schedule_id

MAX_LINE_BYTES = 2 * 1024 * 1024
"""Without its line break. Whoever reads the file need not read more of a line than one byte beyond this."""

ReadSpec = Callable[[object], tuple[ScheduleSpec | None, list[Finding]]]
"""Reads a raw spec."""

_MOST_DIGITS = 60  # every number of more is out of range; Python refuses whole ones of thousands of digits


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """A line's spec, or the findings that it has none; `line` is its number where it has no id to be known by."""

    id: str | None
    line: int | None
    spec: ScheduleSpec | None
    findings: list[Finding]


def read_schedule_line(content: bytes, number: int, read: ReadSpec = read_schedule_spec) -> ScheduleLine:
    """The spec on a line, given with or without its line break; `number` counts from 1. A blank line is not JSON."""
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    if len(content) > MAX_LINE_BYTES:
        return _unread(number, finding("line_too_long", None, len(content)))
    repeated: list[str] = []
    try:
        raw = _parsed(content.removeprefix(b"\xef\xbb\xbf") if number == 1 else content, repeated)
    except UnicodeDecodeError:
        return _unread(number, finding("not_utf8"))
    except json.JSONDecodeError as error:
        return _unread(number, finding("not_json", None, f"{error.msg} at character {error.pos + 1}"))
    except RecursionError:
        return _unread(number, finding("too_deep"))
    except _NotJson as error:
        return _unread(number, finding("not_json", None, str(error)))
    if repeated:
        name = shown(repeated[0])
        known = None if "id" in repeated else schedule_id(raw)
        return _line(number, known, None, [finding("given_twice", str(name), name)])
    spec, findings = read(raw)
    return _line(number, schedule_id(raw), spec, findings)


class _NotJson(Exception):
    """What Python's reader would take, and JSON does not know. Never leaves this module."""


def _parsed(content: bytes, repeated: list[str]) -> Any:
    """The JSON value; names that come twice in an object go to `repeated`."""

    def constant(name: str) -> NoReturn:
        raise _NotJson(f"{name} is no number")

    def integer(digits: str) -> int:
        return int(digits[:_MOST_DIGITS])

    def decimal(digits: str) -> float:
        return float(digits) if len(digits) <= _MOST_DIGITS else math.inf

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in pairs:
            if name in made:
                repeated.append(name)
            made[name] = value
        return made

    return json.loads(
        content.decode(), parse_constant=constant, parse_int=integer, parse_float=decimal, object_pairs_hook=members
    )


def _unread(number: int, found: Finding) -> ScheduleLine:
    return ScheduleLine(None, number, None, [found])


def _line(number: int, known: str | None, spec: ScheduleSpec | None, findings: list[Finding]) -> ScheduleLine:
    return ScheduleLine(known, number if known is None else None, spec, findings)
