"""`bookvalue forecast`: what the next periods will be charged, and what hypothetical assets would add."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bookvalue.cli.asset_names import called
from bookvalue.cli.options import AsJson
from bookvalue.cli.output import Exit, answering, finding_line, money, say, show_json, show_table, shown, taking_long

if TYPE_CHECKING:
    from bookvalue.domain.business import Business
    from bookvalue.services.build_schedule import Read
    from bookvalue.services.forecast import Forecast
    from bookvalue.services.forecast_groups import Group


def add_to(app: typer.Typer) -> None:
    """Adds the command of this file."""
    app.command()(forecast)


def forecast(
    business: Annotated[str, typer.Option("--business", "-b", help="The key of the business.")],
    periods: Annotated[int, typer.Option("--periods", min=1, max=120, help="How many periods.")] = 12,
    first: Annotated[
        str | None,
        typer.Option("--from", help="The first one, YYYY-MM; else the first not closed.", show_default=False),
    ] = None,
    asset: Annotated[
        list[str] | None,
        typer.Option(
            "--asset", help="Only this asset: its external id or number; may be given again.", show_default=False
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Add up by type, account or asset.", show_default=False)
    ] = None,
    what_if: Annotated[
        Path | None,
        typer.Option("--what-if", help="Hypothetical assets, one JSON spec a line; - is stdin.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many groups.")] = 100,
    after: Annotated[
        str | None, typer.Option("--after", help="Only groups after this one.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the next periods of a business will be charged, if no fact changes.

    The figures are those that the runs will post, computed in the same way.
    What is still due from before the first period is shown apart: the next
    run charges it too. With --what-if, assets that are not registered are
    added: specs as `bookvalue schedule` reads them, in the business's
    currency and fiscal year. The exit status is 1 if a finding left one of
    them without figures.

    Examples:

      bookvalue forecast -b portland-coffee --periods 24 --by account

      bookvalue forecast -b portland-coffee --asset coffee-roaster

      bookvalue forecast -b portland-coffee --what-if new-machines.jsonl --json
    """
    from bookvalue.cli.connection import database
    from bookvalue.services.forecast import ForecastQuery
    from bookvalue.services.forecast import forecast as forecasting
    from bookvalue.services.forecast_groups import GroupBy
    from bookvalue.services.forecast_members import members_of
    from bookvalue.services.list_businesses import list_businesses

    if by is not None and by not in set(GroupBy):
        raise typer.BadParameter(f"{by} is none of {', '.join(GroupBy)}", param_hint="--by")
    query = ForecastQuery(periods, first, None, tuple(asset or ()), GroupBy(by) if by else None, after, limit)
    lines = [] if what_if is None else _lines(what_if)
    with answering(as_json), taking_long(f"forecasting {periods} periods"), database() as engine:
        (kept,) = list_businesses(engine, [business])
        found = forecasting(engine, kept.id, query, lambda value: _specs(value, lines))
    if as_json:
        show_json({"data": {"business": business, **members_of(found)}, "next": found.next})
    else:
        _show(found, after)
    if any(one.findings and not one.depreciation for one in found.what_if):
        raise typer.Exit(Exit.FAILED)


def _lines(file: Path) -> list[bytes]:
    """The lines of a file or of stdin, one more than a forecast takes at most."""
    from bookvalue.cli.schedule_lines import lines_of
    from bookvalue.services.what_if import MOST_SPECS

    found: list[bytes] = []
    try:
        with open(0 if str(file) == "-" else file, "rb", buffering=0, closefd=str(file) != "-") as stream:
            for lines in lines_of(stream):
                found += lines
                if len(found) > MOST_SPECS:
                    break
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="--what-if") from error
    return found[: MOST_SPECS + 1]


def _specs(business: "Business", lines: list[bytes]) -> "list[Read]":
    from functools import partial

    from bookvalue.domain.schedule_line import read_schedule_line
    from bookvalue.services.what_if import read_what_if

    read = [read_schedule_line(line, number, partial(read_what_if, business)) for number, line in enumerate(lines, 1)]
    return [(line.id, line.spec, line.findings) for line in read]


def _show(found: "Forecast", after: str | None) -> None:
    """Tables, one row a period; what a person should know beside them goes to stderr."""
    if found.by is None or found.what_if:
        _show_totals(found)
    if found.by is not None:
        _show_groups(found, is_whole=after is None and found.next is None)
    sys.stdout.flush()
    for number, one in enumerate(found.what_if, 1):
        for finding in one.findings:
            say(f"{shown(one.id or f'line {number}')}: {shown(finding_line(finding.as_dict()))}")
    for left_out in found.not_charged:
        say(f"{left_out.assets:,} not charged: {shown(left_out.reason.code)}")
    if found.next is not None:
        say(f"more: --after {shown(found.next)}")


def _show_totals(found: "Forecast") -> None:
    numbers = ("depreciation", "what-if", "total") if found.what_if else ("depreciation",)
    figures = [("earlier", "", "", found.catch_up)] if found.catch_up.depreciation or found.catch_up.what_if else []
    figures += [(one.period.name, str(one.period.start), str(one.period.end), one.figures) for one in found.periods]
    rows = [
        (*place, *(money(getattr(one, name.replace("-", "_")), found.currency) for name in numbers))
        for *place, one in figures
    ]
    show_table(("period", "from", "to", *numbers), rows, empty="", numbers=numbers)


def _show_groups(found: "Forecast", *, is_whole: bool) -> None:
    """A row a period of each group; assets by what they are called. is_whole: these are all of them, to be added up."""
    names = {"type": ("asset type",), "account": ("debit", "credit"), "asset": ("asset", "name", "not charged")}
    named = names[str(found.by)]
    periods = ["earlier", *(one.period.name for one in found.periods)]
    figures = [(_named(one), (one.catch_up, *one.depreciation)) for one in found.groups]
    if found.by == "asset":
        figures.sort(key=lambda one: one[0])
    if is_whole and len(figures) > 1:
        totals = tuple(map(sum, zip(*(amounts for _, amounts in figures), strict=True)))
        figures.append((("total", *[""] * (len(named) - 1)), totals))
    rows = [
        (*cells, period, money(amount, found.currency))
        for cells, amounts in figures
        for period, amount in zip(periods, amounts, strict=True)
        if amount or period != "earlier"
    ]
    columns = (*named, "period", "depreciation")
    show_table(columns, rows, empty="there is nothing to charge", numbers=("depreciation",))


def _named(one: "Group") -> tuple[str, ...]:
    if one.asset is not None:
        return called(one.asset.id, one.asset.external_id, one.asset.number), one.asset.name, one.code or ""
    if one.expense_account is not None and one.accumulated_account is not None:
        return tuple(f"{each.code} {each.name}" for each in (one.expense_account, one.accumulated_account))
    return (one.asset_type.name if one.asset_type else "(no type)",)
