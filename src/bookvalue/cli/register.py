"""`bookvalue import`: register files into the books."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.options import AsJson
from bookvalue.cli.output import answering, finding_line, say, show_json, show_table, shown, taking_long

if TYPE_CHECKING:
    from bookvalue.domain.register_csv import RegisterFile

MOST_WARNINGS = 20
"""Of more than these a terminal shows the number alone."""


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("import")(import_)


def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV files, or a folder of them.", exists=True, readable=True)],
    as_json: AsJson = False,
) -> None:
    """Import businesses, accounts, asset types, assets and facts of assets from CSV files.

    All files are read first. If any line is wrong, every wrong line is reported with its number, field and remedy, and
    nothing is imported. An asset whose external_id is known is updated. Facts are value updates, disposals, units used,
    manual amounts, suspensions and estimate changes; one that is known is left as it is. A line that is taken, but may
    not mean what you think, is a warning. Columns and what each holds: docs/import.md.

    Examples:

      bookvalue import register/                      every .csv file of a folder

      bookvalue import assets.csv --json              findings as JSON

      bookvalue import value_updates.csv disposals.csv
    """
    from bookvalue.cli.connection import database, settings_checked
    from bookvalue.services.import_register import import_register
    from bookvalue.settings import business_now

    read = _read(files)
    lines = sum(file.content.count(b"\n") for file in read)
    with answering(as_json), taking_long(f"importing {lines:,} lines of {len(read)} files"), database() as engine:
        done = import_register(engine, read, actor="cli", now=business_now(settings_checked()))
    warnings = [found.as_dict() for found in done.warnings]
    if as_json:
        show_json({"data": _counts(done), "warnings": warnings})
        return
    counts = [(name.replace("_", " "), count) for name, count in _counts(done).items()]
    show_table(("imported", "count"), counts, empty="", numbers=("count",))
    if warnings:
        say(f"[yellow]{len(warnings)} {'warning' if len(warnings) == 1 else 'warnings'}[/yellow]; all was imported")
    for found in warnings[:MOST_WARNINGS]:
        say(f"  {shown(finding_line(found))}")
    if len(warnings) > MOST_WARNINGS:
        say(f"  and {len(warnings) - MOST_WARNINGS} more; --json shows them all")


def _counts(done: Any) -> dict[str, int]:
    return {name: getattr(done, name) for name in done.__dataclass_fields__ if name not in ("findings", "warnings")}


def _read(paths: list[Path]) -> "list[RegisterFile]":
    """The files, each once, with the .csv files of folders."""
    from bookvalue.domain.register_csv import RegisterFile

    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        if not inside:
            raise typer.BadParameter(f"there is no .csv file in {path}", param_hint="FILES")
        found |= dict.fromkeys(inside)
    try:
        return [RegisterFile(str(file), file.read_bytes()) for file in found]
    except OSError as error:
        raise typer.BadParameter(f"{error.filename} cannot be read: {error.strerror}", param_hint="FILES") from error
