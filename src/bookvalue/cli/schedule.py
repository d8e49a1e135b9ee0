"""`bookvalue schedule`: depreciation of assets that need not be registered; needs neither database nor broker."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.output import Exit, say, talk
from bookvalue.cli.schedule_formats import Format, writer_of
from bookvalue.domain.money import to_minor
from bookvalue.domain.terms import (
    Averaging,
    DayBasis,
    DecliningBase,
    DecliningWithinYear,
    EndOfLife,
    Frequency,
    Method,
    Rounding,
    StraightLineBase,
)

if TYPE_CHECKING:
    from bookvalue.cli.schedule_lines import Answered

_ASSET = "One asset, instead of a file"
_SETTINGS = "Its settings"
_AMOUNTS = {"cost": "--cost", "cost_limit": "--cost-limit", "residual_value": "--residual", "proceeds": "--proceeds"}
"""The options that hold amounts in major units, by the member that each gives."""


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(schedule)


def _asset(name: str, text: str) -> Any:
    return typer.Option(name, help=text, rich_help_panel=_ASSET, show_default=False)


def _setting(name: str, text: str) -> Any:
    return typer.Option(name, help=text, rich_help_panel=_SETTINGS, show_default=False)


def schedule(
    file: Annotated[
        Path | None,
        typer.Argument(help="Asset specs, one JSON object a line; - or nothing for stdin.", show_default=False),
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="json to a file or pipe, table to a terminal.", show_default=False),
    ] = None,
    cost: Annotated[str | None, _asset("--cost", "In major units of the currency: 40000 or 40000.00.")] = None,
    currency: Annotated[str | None, _asset("--currency", "ISO 4217; says how many decimals amounts have. USD.")] = None,
    depreciation_start_date: Annotated[
        str | None, _asset("--start", "The first day, YYYY-MM-DD; else the first of this month.")
    ] = None,
    residual_value: Annotated[str | None, _asset("--residual", "What is left at the end; 0.")] = None,
    cost_limit: Annotated[str | None, _asset("--cost-limit", "The most of the cost that depreciates.")] = None,
    fiscal_year_start: Annotated[str | None, _asset("--fiscal-year-start", "MM-DD; 01-01.")] = None,
    frequency: Annotated[Frequency | None, _asset("--frequency", "How long a row's period is; monthly.")] = None,
    until: Annotated[str | None, _asset("--until", "End with the period that holds this day.")] = None,
    disposal_date: Annotated[str | None, _asset("--disposal-date", "The day on which it is disposed of.")] = None,
    proceeds: Annotated[str | None, _asset("--proceeds", "What the disposal brings; 0.")] = None,
    profile: Annotated[
        str | None, _setting("--profile", "Settings that match another product's, such as xero_full_month.")
    ] = None,
    method: Annotated[Method | None, _setting("--method", "straight_line, unless a profile gives it.")] = None,
    life_months: Annotated[int | None, _setting("--life", "Months, 1 to 1200.")] = None,
    rate_percent: Annotated[str | None, _setting("--rate", "Percent a year, instead of a life.")] = None,
    averaging: Annotated[Averaging | None, _setting("--averaging", "How part of a year counts; full_month.")] = None,
    day_basis: Annotated[DayBasis | None, _setting("--day-basis", "Of actual_days; 365.")] = None,
    declining_factor: Annotated[str | None, _setting("--factor", "Rate = factor / life in years; 2.")] = None,
    rate_places: Annotated[int | None, _setting("--rate-places", "Decimals of a fixed rate; 9.")] = None,
    declining_base: Annotated[DecliningBase | None, _setting("--declining-base", "gross.")] = None,
    declining_within_year: Annotated[DecliningWithinYear | None, _setting("--within-year", "even.")] = None,
    end_of_life: Annotated[EndOfLife | None, _setting("--end-of-life", "leave.")] = None,
    switch_to_straight_line: Annotated[bool, _setting("--switch", "To straight line, once that is more.")] = False,
    straight_line_base: Annotated[StraightLineBase | None, _setting("--straight-line-base", "depreciable.")] = None,
    rounding: Annotated[Rounding | None, _setting("--rounding", "cumulative.")] = None,
) -> None:
    """Compute depreciation schedules of assets that need not be registered.

    Needs neither database nor broker. Reads asset specs as JSON Lines and
    answers each line with one JSON object, in their order and as they come:
    its rows, or the findings for which it has none. Amounts in files are
    integers in minor units; those of the options below are decimals in major
    units. Every member and its default: docs/schedule.md.

    The exit status is 1 if a finding left an asset without a schedule.

    Examples:

      bookvalue schedule --cost 40000 --life 60 --start 2024-01-15

      bookvalue schedule assets.jsonl > schedules.jsonl

      grep truck assets.jsonl | bookvalue schedule --format csv
    """
    given = {name: value for name, value in locals().items() if value is not None and value is not False}
    given = {name: value for name, value in given.items() if name not in ("file", "format_")}
    from bookvalue.cli.schedule_lines import answered

    reads = _reads(file, given)
    write = writer_of(format_)
    unanswered = False
    for together in _telling(answered(reads)):
        for line, answer in together:
            write(line, answer)
            unanswered |= bool(answer["findings"]) and not answer["rows"]
        sys.stdout.flush()
    if unanswered:
        raise typer.Exit(Exit.FAILED)


def _reads(file: Path | None, given: Mapping[str, Any]) -> Iterable[list[bytes]]:
    """The lines to answer: of the file, of stdin, or the one that the options stand for."""
    if "cost" in given:
        if file is not None:
            raise typer.BadParameter("give a file or --cost, not both", param_hint="FILE")
        return [[json.dumps(_spec(given)).encode()]]
    if given:
        raise typer.BadParameter("without it there is no asset to compute", param_hint="--cost")
    if file is None and sys.stdin is not None and sys.stdin.isatty():
        raise typer.BadParameter("give a file, - to type specs here, or --cost", param_hint="FILE")
    return _lines(0 if file is None or str(file) == "-" else file)


def _lines(file: Path | int) -> Iterator[list[bytes]]:
    """The lines of a file, or of stdin, as they come. What cannot be opened is known at once."""
    from bookvalue.cli.schedule_lines import lines_of

    try:
        stream = open(file, "rb", buffering=0, closefd=file != 0)  # noqa: SIM115 - read to its end below
        os.set_blocking(stream.fileno(), True)
    except OSError as error:
        raise _unreadable(file, error) from error

    def reading() -> Iterator[list[bytes]]:
        try:
            yield from lines_of(stream)
        except OSError as error:
            raise _unreadable(file, error) from error

    return reading()


def _unreadable(file: Path | int, error: OSError) -> typer.BadParameter:
    return typer.BadParameter(f"{file or 'stdin'} cannot be read: {error.strerror}", param_hint="FILE")


def _spec(given: Mapping[str, Any]) -> dict[str, Any]:
    """The raw spec that the options stand for."""
    from bookvalue.domain.schedule_spec import SPEC_READERS
    from bookvalue.domain.settings_spec import SETTINGS_READERS

    members = {**given, **{name: _minor(name, given) for name in _AMOUNTS if name in given}}
    settings = {name: value for name, value in members.items() if name in SETTINGS_READERS}
    if not settings.keys() & {"method", "profile"}:
        settings["method"] = Method.STRAIGHT_LINE
    disposal = {"date": members.get("disposal_date"), "proceeds": members.get("proceeds")}
    return {
        "id": "asset",
        "depreciation_start_date": datetime.now().astimezone().date().replace(day=1).isoformat(),
        **{name: value for name, value in members.items() if name in SPEC_READERS},
        "settings": settings,
        **({"disposal": disposal} if any(disposal.values()) else {}),
    }


def _minor(name: str, given: Mapping[str, Any]) -> int:
    """The amount of an option in minor units."""
    try:
        return to_minor(given[name], given.get("currency", "USD"))
    except ValueError as error:
        from bookvalue.domain.finding import finding

        found = finding(str(error), name, given[name])
        raise typer.BadParameter(f"{found.message}; {found.remedy}", param_hint=_AMOUNTS[name]) from error


def _telling(reads: "Iterable[list[Answered]]") -> "Iterator[list[Answered]]":
    """Says on a terminal how far it is, after a second and then every ten, unless the answers are shown there too."""
    quiet = not talk.is_terminal or sys.stdout.isatty()
    began = monotonic()
    count, due = 0, began + 1
    for together in reads:
        yield together
        count += len(together)
        if not quiet and (now := monotonic()) >= due:
            due = now + 10
            say(f"{count:,} lines, {count / (now - began):,.0f} a second …")
