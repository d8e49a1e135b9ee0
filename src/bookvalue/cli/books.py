"""Commands that show the books: `runs`, `exceptions`, `periods`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.options import AsJson, BusinessKeys, Limit
from bookvalue.cli.output import answering, money, plain, show_json, show_table

if TYPE_CHECKING:
    from bookvalue.domain.terms import AutoClose
    from bookvalue.services.list_exceptions import AssetException
    from bookvalue.services.list_halts import Halt


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    for command in (runs, exceptions, periods):
        app.command()(command)


def runs(
    business: BusinessKeys = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", "-s", help="Only runs in this state; may be given again.")
    ] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show the runs of each business, newest first.

    Examples:

      bookvalue runs -b lisbon-studio

      bookvalue runs --status failed --status blocked --json
    """
    from bookvalue.cli.connection import database
    from bookvalue.domain.terms import RunStatus
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.show_runs import show_runs

    unknown = [given for given in status or () if given not in set(RunStatus)]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(RunStatus)}", param_hint="--status")
    with answering(as_json), database() as engine:
        found = [
            (kept.value, run)
            for kept in list_businesses(engine, business or ())
            for run in show_runs(engine, kept.id, statuses=[RunStatus(s) for s in status or ()], limit=limit)
        ]
    if as_json:
        show_json({"data": [{"business": kept.key, **plain(run)} for kept, run in found]})
        return
    show_table(
        (
            "business",
            "period",
            "kind",
            "status",
            "assets",
            "posted",
            "skipped",
            "blocked",
            "amount",
            "entries",
            "attempts",
            "why",
        ),
        [
            (
                kept.key,
                run.period,
                run.kind,
                run.status,
                run.assets,
                run.posted_assets,
                run.skipped_assets,
                run.blocked_assets,
                money(run.posted_minor, kept.currency),
                run.entry_count,
                run.attempts,
                run.error_message,
            )
            for kept, run in found
        ],
        empty="there are no such runs" if status else "there are no runs yet: they come when a period is due",
        numbers=("assets", "posted", "skipped", "blocked", "amount", "entries", "attempts"),
    )


def exceptions(business: BusinessKeys = None, as_json: AsJson = False) -> None:
    """Show what needs a person: assets that stand blocked and books that a failed run has halted, with the remedy.

    Example:

      bookvalue exceptions -b lisbon-studio
    """
    from bookvalue.cli.connection import database
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.list_exceptions import list_exceptions
    from bookvalue.services.list_halts import list_halts

    found: list[dict[str, Any]] = []
    with answering(as_json), database() as engine:
        for kept in list_businesses(engine, business or ()):
            found += [_halted(kept.value.key, halt) for halt in list_halts(engine, kept.id)]
            found += [_blocked(kept.value.key, one) for one in list_exceptions(engine, kept.id)]
    if as_json:
        show_json({"data": found})
        return
    show_table(
        ("business", "periods", "asset", "name", "code", "field", "since (UTC)", "what is wrong", "remedy"),
        [
            (
                one["business"],
                ", ".join(one["periods"]),
                one["asset"],
                one["name"] if one["asset"] else "the whole book",
                one["code"],
                one["field"],
                _minute(one["since"]),
                one["message"],
                one["remedy"],
            )
            for one in found
        ],
        empty="no asset is blocked and no book halted",
    )


def _blocked(key: str, one: "AssetException") -> dict[str, Any]:
    """An asset that stands blocked, as it is shown."""
    asset = {"asset": one.external_id, "number": one.number, "name": one.name}
    place = {"periods": one.periods, "run_id": one.run_id, "since": one.since}
    return {"business": key, **asset, **place, **one.finding.as_dict()}


def _halted(key: str, halt: "Halt") -> dict[str, Any]:
    """A book that stands still: the same members, without an asset."""
    asset = {"asset": None, "number": None, "name": None}
    place = {"periods": (halt.period,), "run_id": halt.run_id, "since": halt.since}
    cause = {"code": halt.code, "field": None, "value": None, "message": halt.message, "remedy": halt.remedy}
    return {"business": key, **asset, **place, **cause}


def periods(business: BusinessKeys = None, as_json: AsJson = False) -> None:
    """Show the periods of each business: open, closed or locked, and what they were closed with.

    Example:

      bookvalue periods -b kiritimati-dive
    """
    from bookvalue.cli.connection import database
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.show_periods import show_periods

    with answering(as_json), database() as engine:
        found = [
            (kept.value, one)
            for kept in list_businesses(engine, business or ())
            for one in show_periods(engine, kept.id, limit=None)
        ]
    if as_json:
        show_json({"data": [{"business": kept.key, **plain(one)} for kept, one in found]})
        return
    show_table(
        (
            "business",
            "period",
            "from",
            "to",
            "status",
            "last run",
            "blocked",
            "charged",
            "entries",
            "due (UTC)",
            "closed (UTC)",
        ),
        [
            (
                kept.key,
                one.name,
                one.period_start,
                one.period_end,
                one.status,
                one.run_status,
                one.blocked_assets,
                money(one.charged_minor, kept.currency),
                one.entry_count,
                _minute(one.due_at) or _never_due(kept.auto, one.status),
                _minute(one.closed_at),
            )
            for kept, one in found
        ],
        empty="there are no periods yet: import a register first",
        numbers=("blocked", "charged", "entries"),
    )


def _never_due(auto: "AutoClose", status: str) -> str:
    """Why an open period is due at no time: the book's policy."""
    return f"auto={auto}" if status == "open" else ""


def _minute(instant: object) -> str:
    return str(instant)[:16] if instant else ""
