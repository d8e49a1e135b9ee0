"""How schedules are written: JSON Lines, CSV, or tables for a person."""

import csv
import json
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bookvalue.cli.output import finding_line, money, one_line, say, show_table, shown
from bookvalue.domain.money import to_major

if TYPE_CHECKING:
    from bookvalue.domain.schedule_line import ScheduleLine


CSV_COLUMNS = ("id", "currency", "period_start", "period_end", "depreciation", "accumulated", "book_value")
_AMOUNTS = ("depreciation", "accumulated", "book_value")

Write = Callable[["ScheduleLine", dict[str, Any]], None]
"""Writes the answer to a line."""


class Format(StrEnum):
    """What schedules are written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def writer_of(wanted: Format | None) -> Write:
    """The writer of a format; where none is wanted, tables to a terminal and JSON Lines to everything else."""
    return _WRITERS[wanted or (Format.TABLE if sys.stdout.isatty() else Format.JSON)]()


def _json_writer() -> Write:
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"

    def write(_: "ScheduleLine", answer: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(answer, ensure_ascii=not readable) + "\n")

    return write


def _csv_writer() -> Write:
    """One row a period, amounts in major units as in the import's files; findings go to stderr."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)

    def write(line: "ScheduleLine", answer: dict[str, Any]) -> None:
        _say_findings(answer)
        if line.spec is not None:
            currency = line.spec.currency
            for row in answer["rows"]:
                amounts = [to_major(row[name], currency) for name in _AMOUNTS]
                rows.writerow([answer["id"], currency, row["period_start"], row["period_end"], *amounts])

    return write


def _table_writer() -> Write:
    """A table an asset; findings go to stderr."""
    between = ""

    def write(line: "ScheduleLine", answer: dict[str, Any]) -> None:
        nonlocal between
        sys.stdout.flush()
        _say_findings(answer)
        if line.spec is None or (answer["findings"] and not answer["rows"]):
            return
        currency = line.spec.currency
        sys.stdout.write(f"{between}{one_line(answer['id'])}  ({currency})\n")
        between = "\n"
        show_table(
            ("from", "to", "depreciation", "accumulated", "book value"),
            [
                (row["period_start"], row["period_end"], *(money(row[name], currency) for name in _AMOUNTS))
                for row in answer["rows"]
            ],
            empty="nothing is charged",
            numbers=("depreciation", "accumulated", "book value"),
        )
        if "disposal" in answer:
            disposal = {name: money(amount, currency) for name, amount in answer["disposal"].items()}
            sys.stdout.write(
                f"disposal: book value {disposal['book_value']}, gain or loss {disposal['gain_or_loss']}, "
                f"capital gain {disposal['capital_gain']}\n"
            )

    return write


def _say_findings(answer: Mapping[str, Any]) -> None:
    known = answer["id"] if answer["id"] is not None else f"line {answer['line']}"
    for found in answer["findings"]:
        say(f"{shown(known)}: {shown(finding_line(found))}")


_WRITERS: Mapping[Format, Callable[[], Write]] = {
    Format.TABLE: _table_writer,
    Format.JSON: _json_writer,
    Format.CSV: _csv_writer,
}
