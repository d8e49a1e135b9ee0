"""How commands answer: data to stdout (a table, or JSON with --json), talk to stderr, exit codes with a meaning.

Knows no service; formats what it is given.
"""

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import IntEnum
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bookvalue.domain.errors import BookvalueError, InvalidInput, PeriodNotLockable, PeriodNotOpen
from bookvalue.domain.money import exponent, to_major

talk = Console(stderr=True, highlight=False)


class Exit(IntEnum):
    """What a command's exit status says."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOTHING_DUE = 3
    NOT_OPEN = 4
    PARTIAL = 5


_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def say(sentence: str) -> None:
    """A sentence to the person at the terminal; may hold rich's markup, so anything not written here goes through
    `shown` first."""
    talk.print(sentence, soft_wrap=True)


def say_verbatim(line: str) -> None:
    """A line to the person at the terminal that is to be copied: as it is, whatever stands in it, in one piece."""
    talk.print(line, markup=False, emoji=False, soft_wrap=True)


def one_line(value: Any) -> str:
    """A value as text that cannot steer a terminal or break a line: control characters are written as escapes."""
    return "" if value is None else "".join(map(_harmless, str(value)))


def _harmless(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _BIDIRECTIONAL:
        return character.encode("unicode_escape").decode("ascii")
    return character


def shown(value: Any) -> str:
    """A value inside a sentence for `say`, taken literally."""
    return escape(one_line(value))


def last_lines(log: Path, count: int = 12) -> None:
    """The end of a log file, to the person at the terminal."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 20_000))
            lines = file.read().decode(errors="replace").splitlines()[-count:]
    except OSError:
        lines = []
    say(f"{shown(log)} {'ends' if lines else 'is empty'}")
    for line in lines:
        say(f"  {shown(line)}")


@contextmanager
def taking_long(what: str, *, first: float = 1.0, then: float = 10.0) -> Iterator[None]:
    """Says that the block is at work once it has taken a second, and again every ten."""
    done = Event()

    def tell() -> None:
        passed, wait = 0.0, first
        while not done.wait(wait):
            passed, wait = passed + wait, then
            say(f"{shown(what)} … {f'({passed:.0f} s)' if passed > first else ''}".rstrip())

    teller = Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(member) for name, member in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def show_json(document: Any) -> None:
    """One JSON document on stdout."""
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    sys.stdout.write(json.dumps(plain(document), ensure_ascii=not readable, indent=2) + "\n")
    sys.stdout.flush()


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    empty: str,
    numbers: Sequence[str] = (),
    unless_empty: Sequence[str] = (),
) -> None:
    """A table on stdout, or a sentence on stderr where there is nothing to show. `numbers` are set to the right; the
    columns in `unless_empty` are left out where they are empty in every row.

    A terminal gets it folded to its width; a file or pipe one line a row, however long.
    """
    if not rows:
        say(empty)
        return
    cells = [[one_line(cell) for cell in row] for row in rows]
    kept = [at for at, column in enumerate(columns) if column not in unless_empty or any(row[at] for row in cells)]
    columns, cells = [columns[at] for at in kept], [[row[at] for at in kept] for row in cells]
    if not sys.stdout.isatty():
        _write_plainly(columns, cells, numbers)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


def _write_plainly(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
    lines = [list(columns), *rows]
    widths = [max(cell_len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        padded = []
        for column, cell, width in zip(columns, line, widths, strict=True):
            blanks = " " * (width - cell_len(cell))
            padded.append(blanks + cell if column in numbers else cell + blanks)
        sys.stdout.write("  ".join(padded).rstrip() + "\n")
    sys.stdout.flush()


def money(minor: int | None, currency: str) -> str:
    """Minor units as people write them: 4,123,456 EUR cents are 41,234.56."""
    if minor is None:
        return ""
    whole, _, part = to_major(abs(minor), currency).partition(".")
    grouped = f"{int(whole):,}" + (f".{part}" if exponent(currency) else "")
    return f"-{grouped}" if minor < 0 else grouped


@contextmanager
def answering(as_json: bool = False) -> Iterator[None]:
    """Turns an error that stops a command into its message, its remedy and an exit status: as one JSON document on
    stdout with `as_json`, else as sentences on stderr."""
    try:
        yield
    except BookvalueError as error:
        findings = _findings(error)
        if as_json:
            members = {"code": error.code, "message": error.message, "remedy": error.advice, "errors": findings}
            show_json({"error": members})
        else:
            say(f"[red]error[/red] {error.code}: {_lines(error.message)}")
            for found in findings:
                say(f"  {shown(finding_line(found))}")
            if error.advice:
                say(f"  {_lines(error.advice)}")
        not_open = isinstance(error, PeriodNotOpen | PeriodNotLockable)
        raise typer.Exit(Exit.NOT_OPEN if not_open else Exit.FAILED) from error


def finding_line(found: Mapping[str, Any]) -> str:
    """A finding as one line: `assets.csv:17  cost  not_an_amount: what is wrong; remedy: what to do`."""
    where = f"{found['file']}:{found['line']}  " if "file" in found and "line" in found else ""
    field = f"{found['field']}  " if found["field"] else ""
    return f"{where}{field}{found['code']}: {found['message']}; remedy: {found['remedy']}"


def _findings(error: BookvalueError) -> list[dict[str, Any]]:
    """An error's findings, with their files where they are about files."""
    if not isinstance(error, InvalidInput):
        return []
    return [found.as_dict() for found in getattr(error, "file_findings", error.findings)]


def _lines(text: str) -> str:
    """A message of our own that may have several lines (SQL for an administrator, the end of a log)."""
    return "\n".join(map(shown, text.split("\n")))
