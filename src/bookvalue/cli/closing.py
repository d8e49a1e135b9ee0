"""Commands that change what stands in the books: `close` and `lock`."""

import shlex
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bookvalue.cli.options import AsJson
from bookvalue.cli.output import Exit, answering, money, say, show_json, show_table, shown

if TYPE_CHECKING:
    from bookvalue.storage.businesses import KeptBusiness
    from bookvalue.storage.unit_of_work import Engine


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(close)
    app.command()(lock)


def close(
    business: Annotated[str | None, typer.Option("--business", "-b", help="Only this business (its key).")] = None,
    period: Annotated[
        str | None, typer.Option("--period", "-p", help="This period (YYYY-MM), even if not planned.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Post and close what is due, here and now, without worker, beat or Redis.

    Safe beside running workers. With --period, asks for that period of one business; it must have ended.

    Examples:

      bookvalue close                                 everything that is due

      bookvalue close -b amsterdam-bakery -p 2026-10  one period of one business
    """
    import os
    import socket

    from bookvalue.cli.connection import database, settings_checked
    from bookvalue.services.close_due import close_due
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.lock_due import lock_due
    from bookvalue.services.request_run import request_run
    from bookvalue.settings import business_now

    if period is not None and business is None:
        raise typer.BadParameter("--period needs --business", param_hint="--period")
    owner = f"{socket.gethostname()}/{os.getpid()}"
    with answering(as_json), database() as engine:
        settings = settings_checked()
        found = list_businesses(engine, [business] if business else [])
        kept = {one.id: one.value for one in found}
        only = next(iter(kept)) if business else None
        now = business_now(settings)
        if period is not None and only is not None:
            request_run(engine, only, period, now=now, actor="cli")
        ended = close_due(
            engine,
            now=now,
            owner=owner,
            business_id=only,
            lease_seconds=settings.lease_seconds,
            tell=lambda run: None if as_json else say(f"{shown(kept[run.business_id].key)}: {run.status}"),
        )
        locked = [] if business else lock_due(engine, now)
        waiting = _waits_for_a_person(engine, found[0], now) if len(found) == 1 and not ended else None
    for business_id, name in locked:
        say(f"{shown(kept[business_id].key)}: {name} locked")
    rows = [
        (
            kept[run.business_id].key,
            run.status,
            money(run.posted_minor, kept[run.business_id].currency),
            run.entries,
            run.blocked,
            ", ".join(run.closed_periods),
            run.error.message if run.error else "",
        )
        for run in ended
    ]
    if as_json:
        show_json(
            {
                "data": [
                    {
                        "business": kept[run.business_id].key,
                        "run_id": run.run_id,
                        "status": run.status,
                        "posted_minor": run.posted_minor,
                        "currency": kept[run.business_id].currency,
                        "entries": run.entries,
                        "blocked_assets": run.blocked,
                        "closed_periods": run.closed_periods,
                        "error": {"code": run.error.code, "message": run.error.message} if run.error else None,
                    }
                    for run in ended
                ]
            }
        )
    else:
        show_table(
            ("business", "run", "posted", "entries", "blocked", "closed", "why"),
            rows,
            empty=waiting or "nothing is due: `bookvalue periods` shows when each period is",
            numbers=("posted", "entries", "blocked"),
        )
    raise typer.Exit(_status([run.status for run in ended]))


def _waits_for_a_person(engine: "Engine", kept: "KeptBusiness", now: datetime) -> str | None:
    """How the oldest open period is asked for, where it has ended in a book that does not close by itself."""
    from bookvalue.domain.terms import AutoClose, PeriodStatus
    from bookvalue.services.show_periods import show_periods

    opened = show_periods(engine, kept.id, statuses=[PeriodStatus.OPEN], limit=1)
    ended = [one.name for one in opened if one.period_end < kept.value.day_of(now)]
    if not ended or kept.value.auto is AutoClose.CLOSE:
        return None
    command = shlex.join(["bookvalue", "close", "-b", kept.value.key, "-p", ended[0]])
    does = "posts and closes nothing" if kept.value.auto is AutoClose.OFF else "closes nothing"
    return f"the book {does} by itself (auto={kept.value.auto}); ask for a period: `{shown(command)}`"


def _status(statuses: list[str]) -> Exit:
    if not statuses:
        return Exit.NOTHING_DUE
    if any(status in ("failed", "retry_wait") for status in statuses):
        return Exit.FAILED
    return Exit.PARTIAL if any(status != "posted" for status in statuses) else Exit.DONE


def lock(
    business: Annotated[str, typer.Argument(help="The business's key.")],
    period: Annotated[str, typer.Argument(help="The period, YYYY-MM.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Kept in the audit trail.")] = None,
    as_json: AsJson = False,
) -> None:
    """Lock a closed period for good. The periods before it must be locked already.

    Example:

      bookvalue lock amsterdam-bakery 2026-08 --reason "audited"
    """
    from bookvalue.cli.connection import database
    from bookvalue.domain.errors import InvalidInput
    from bookvalue.domain.finding import finding
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.lock_period import lock_period

    with answering(as_json), database() as engine:
        (kept,) = list_businesses(engine, [business])
        try:
            start = kept.value.fiscal_calendar.period_named(period).start
        except ValueError as error:
            raise InvalidInput("there is no such period", [finding("not_a_period", "period", period)]) from error
        changed = lock_period(engine, kept.id, start, actor="cli", reason=reason)
    if as_json:
        show_json({"data": {"business": business, "period": period, "status": "locked", "changed": changed}})
    else:
        say(f"{shown(business)} {shown(period)} {'is locked' if changed else 'was locked already'}")
