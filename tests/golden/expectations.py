"""What a golden case says of a schedule, and where a schedule says otherwise. README.md explains each word."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

Case = Mapping[str, Any]
Row = Mapping[str, Any]
ROW = ("period_start", "period_end", "depreciation", "accumulated", "book_value")


def differences(case: Case, answer: Mapping[str, Any]) -> list[str]:
    """A line for each expectation of the case that the answer does not meet."""
    expected = dict(case["expected"])
    rows = answer["rows"]
    if expected.pop("refused", False):
        return [] if answer["findings"] and not rows else [f"not refused: {len(rows)} rows, {answer['findings']}"]
    found: dict[str, Any] = {"finding_fields": [finding["field"] for finding in answer["findings"]]}
    for word, wanted in {"finding_fields": [], **expected}.items():
        if word not in found:
            found[word] = answer.get("disposal") if word == "disposal" else WORDS[word](rows, case["spec"], wanted)
    lines = [
        f"{word}: expected {wanted}, found {found[word]}"
        for word, wanted in {"finding_fields": [], **expected}.items()
        if found[word] != wanted
    ]
    return lines + _broken_sums(rows)


def _broken_sums(rows: Sequence[Row]) -> list[str]:
    """Rows whose accumulated amount is not that of the row before and their own charge."""
    return [
        f"row {after['period_end']}: {before['accumulated']} + {after['depreciation']} is not {after['accumulated']}"
        for before, after in pairwise(rows)
        if before["accumulated"] + after["depreciation"] != after["accumulated"]
    ]


def _charges(rows: Sequence[Row], _spec: Case, _wanted: object) -> list[int]:
    return [row["depreciation"] for row in rows]


def _whole_rows(rows: Sequence[Row], _spec: Case, _wanted: object) -> list[list[Any]]:
    return [[row[member] for member in ROW] for row in rows]


def _at(member: str) -> Callable[[Sequence[Row], Case, Mapping[str, int]], dict[str, Any]]:
    """The member of the rows that end on the days asked for; None where no row does."""

    def read(rows: Sequence[Row], _spec: Case, wanted: Mapping[str, int]) -> dict[str, Any]:
        by_end = {row["period_end"]: row[member] for row in rows}
        return {day: by_end.get(day) for day in wanted}

    return read


def _charged(rows: Sequence[Row], _spec: Case, wanted: Mapping[str, int]) -> dict[str, int]:
    """The charges of the rows that lie within each span of days."""
    spans = {span: span.split("/") for span in wanted}
    return {
        span: sum(row["depreciation"] for row in rows if first <= row["period_start"] and row["period_end"] <= last)
        for span, (first, last) in spans.items()
    }


def _fiscal_years(rows: Sequence[Row], spec: Case, _wanted: object) -> list[int]:
    """The charges of each fiscal year, from that of the first row."""
    month, day = (int(part) for part in spec.get("fiscal_year_start", "01-01").split("-"))
    years: dict[int, int] = {}
    for row in rows:
        begins = date.fromisoformat(row["period_start"])
        year = begins.year - ((begins.month, begins.day) < (month, day))
        years[year] = years.get(year, 0) + row["depreciation"]
    return list(years.values())


def _final_accumulated(rows: Sequence[Row], spec: Case, _wanted: object) -> int:
    before: int = spec.get("opening", {}).get("accumulated", 0)
    return rows[-1]["accumulated"] if rows else before


WORDS: Mapping[str, Callable[[Sequence[Row], Case, Any], Any]] = {
    "charges": _charges,
    "first_charges": lambda rows, spec, wanted: _charges(rows[: len(wanted)], spec, wanted),
    "last_charges": lambda rows, spec, wanted: _charges(rows[-len(wanted) :], spec, wanted),
    "rows": _whole_rows,
    "first_rows": lambda rows, spec, wanted: _whole_rows(rows[: len(wanted)], spec, wanted),
    "charged": _charged,
    "fiscal_years": _fiscal_years,
    "accumulated_at": _at("accumulated"),
    "book_value_at": _at("book_value"),
    "final_accumulated": _final_accumulated,
    "row_count": lambda rows, _spec, _wanted: len(rows),
    "first_period_start": lambda rows, _spec, _wanted: rows[0]["period_start"] if rows else None,
    "last_period_end": lambda rows, _spec, _wanted: rows[-1]["period_end"] if rows else None,
}
