"""read_schedule_line: one line of JSON Lines, whatever its bytes."""

import json
from typing import Any

import pytest

from bookvalue.domain.schedule_line import MAX_LINE_BYTES, ScheduleLine, read_schedule_line
from bookvalue.domain.schedule_spec import read_schedule_spec

from .schedule_specs import TRUCK

LINE = json.dumps(TRUCK).encode()


def found(line: ScheduleLine) -> list[tuple[str, str | None]]:
    assert (line.spec is None) == bool(line.findings)
    assert (line.id is None) == (line.line is not None)
    return [(one.code, one.field) for one in line.findings]


def with_(**changes: Any) -> bytes:
    return json.dumps({**TRUCK, **changes}).encode()


@pytest.mark.parametrize("content", [LINE, LINE + b"\n", LINE + b"\r\n", b" \t" + LINE + b" "])
def test_a_line(content: bytes) -> None:
    assert read_schedule_line(content, 3) == ScheduleLine("truck-1", None, read_schedule_spec(TRUCK)[0], [])


@pytest.mark.parametrize(
    ("content", "code", "value"),
    [
        (b"", "not_json", "Expecting value at character 1"),
        (b"\n", "not_json", "Expecting value at character 1"),
        (b"{", "not_json", "Expecting property name enclosed in double quotes at character 2"),
        (LINE + LINE, "not_json", f"Extra data at character {len(LINE) + 1}"),
        (LINE.replace(b"4000000", b"NaN"), "not_json", "NaN is no number"),
        (LINE.replace(b"4000000", b"-Infinity"), "not_json", "-Infinity is no number"),
        (LINE.replace(b"truck", b"tru\0k"), "not_json", None),
        (LINE.replace(b"truck", b"caf\xe9"), "not_utf8", None),
        ("{}".encode("utf-16"), "not_utf8", None),
        (b"[" * 100_000, "too_deep", None),
        (b'{"a":' * 100_000, "too_deep", None),
        (LINE + b" " * MAX_LINE_BYTES, "line_too_long", MAX_LINE_BYTES + len(LINE)),
    ],
)
def test_what_is_no_line_of_json(content: bytes, code: str, value: Any) -> None:
    line = read_schedule_line(content, 7)
    assert found(line) == [(code, None)]
    assert line.line == 7
    assert value is None or line.findings[0].value == value


def test_a_mark_at_the_start_of_the_file_is_passed_over() -> None:
    assert found(read_schedule_line(b"\xef\xbb\xbf" + LINE, 1)) == []
    assert found(read_schedule_line(b"\xef\xbb\xbf" + LINE, 2)) == [("not_json", None)]


def test_the_longest_line() -> None:
    assert found(read_schedule_line(LINE.ljust(MAX_LINE_BYTES) + b"\r\n", 1)) == []


def test_a_name_given_twice() -> None:
    twice = LINE.replace(b'"cost"', b'"cost": 1, "cost": 2, "co\\u0000st": 1, "cost"')
    assert found(read_schedule_line(twice, 1)) == [("given_twice", "cost")]
    assert read_schedule_line(twice, 1).id == "truck-1"
    inner = LINE.replace(b'"method"', b'"method": "full", "method"')
    assert found(read_schedule_line(inner, 1)) == [("given_twice", "method")]
    line = read_schedule_line(LINE.replace(b'"id"', b'"id": "other", "id"'), 4)
    assert (line.id, line.line, found(line)) == (None, 4, [("given_twice", "id")])


@pytest.mark.parametrize("raw", [5, [TRUCK], "x", None, {**TRUCK, "id": 5}, {**TRUCK, "id": None}])
def test_json_without_a_usable_id_keeps_its_line_number(raw: Any) -> None:
    line = read_schedule_line(json.dumps(raw).encode(), 9)
    assert (line.id, line.line) == (None, 9)
    assert len(found(line)) == 1


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (b"9" * 100_000, "amount_out_of_range"),
        (b"-" + b"9" * 100_000, "amount_negative"),
        (b"1" * 100_000 + b".5", "not_an_integer"),
        (b"1e400", "not_an_integer"),
        (b"4000000.0", "not_an_integer"),
        (b"1e3", "not_an_integer"),
        (b'"\\ud800"', "not_an_integer"),
    ],
)
def test_a_number_beyond_any_use_is_a_finding_of_its_field(number: bytes, code: str) -> None:
    line = read_schedule_line(LINE.replace(b"4000000", number), 1)
    assert line.id == "truck-1"
    assert found(line) == [(code, "cost")]
    json.dumps([one.as_dict() for one in line.findings], allow_nan=False).encode()
