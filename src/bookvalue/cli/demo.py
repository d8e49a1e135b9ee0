"""`bookvalue demo`: the main job on the sample register, from nothing to closed periods, shown on the screen."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import typer

from bookvalue.cli.options import AsJson
from bookvalue.cli.output import Exit, answering, last_lines, money, say, show_json, show_table, shown
from bookvalue.cli.stack import ended, worker_and_beat

if TYPE_CHECKING:
    from subprocess import Popen

    from bookvalue.settings import Settings
    from bookvalue.storage.businesses import KeptBusiness
    from bookvalue.storage.unit_of_work import Engine

CLOCK = "2026-11-20T12:00:00Z"
PERIODS = 3
PATIENCE_SECONDS = 120
SEED_BUSINESS, SEED_ASSET = "portland-coffee", "seed-002"


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(demo)


def demo(as_json: AsJson = False) -> None:
    """Close three months of the sample register, and show the result.

    Starts an embedded Postgres and Redis, imports nine businesses with some 1,200 assets, and lets beat and a worker
    close August to October 2026. One business is blocked on purpose; the demo mends it, and the next run closes it.
    Nothing is left running and nothing is kept; after a failure the logs are.

    Example:

      bookvalue demo
    """
    from bookvalue.cli.connection import opened, servers
    from bookvalue.services.import_register import import_register
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.storage.migrate import migrate

    with answering(as_json), _passing_state() as settings:
        say("[bold]1[/bold]  starting Postgres and Redis")
        with servers(settings) as endpoints, opened(endpoints.database_url) as engine:
            migrate(engine)
            if list_businesses(engine):
                raise typer.BadParameter("the demo wants an empty database, and DATABASE_URL names one with businesses")
            done = import_register(engine, _sample("businesses", "accounts", "asset_types", "assets"), actor="demo")
            businesses = list_businesses(engine)
            say(f"[bold]2[/bold]  imported {done.assets_created:,} assets of {done.businesses} businesses")
            say(f"[bold]3[/bold]  starting a worker and beat; their business clock says {CLOCK}")
            shifted = {"BOOKVALUE_CLOCK": CLOCK, "BOOKVALUE_TICK_SECONDS": "1", "BOOKVALUE_SWEEP_SECONDS": "5"}
            with worker_and_beat(endpoints, settings, shifted) as processes:
                _wait(businesses, lambda kept: _posted(engine, kept) >= PERIODS, processes, settings)
                _show_seed_002(engine, businesses)
                _show_exceptions(engine, businesses)
                say("[bold]6[/bold]  mending it: importing mend.csv, which names the missing account")
                import_register(engine, _sample("mend"), actor="demo")
                _wait(businesses, lambda kept: _closed(engine, kept) >= PERIODS, processes, settings)
            say("[bold]7[/bold]  the next run has posted what was missing, and every period is closed\n")
            _show_result(engine, businesses, as_json)


@contextmanager
def _passing_state() -> "Iterator[Settings]":
    """The settings, with a state folder of this demo's own, so that two at once do not meet and none finds an old one's
    data; removed at the end, unless the demo fails."""
    import shutil
    import tempfile
    from pathlib import Path

    from bookvalue.cli.connection import settings_checked

    settings = settings_checked()
    folder = Path(tempfile.mkdtemp(prefix="bookvalue-demo-"))
    logs = folder / "state" / "log"
    failed = True
    try:
        yield settings.model_copy(update={"state": folder / "state"})
        failed = False
    except KeyboardInterrupt:
        failed = False
        raise
    finally:
        if failed and logs.is_dir():
            say(f"the logs are kept in {shown(logs)}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _sample(*names: str) -> list[Any]:
    from bookvalue.domain.register_csv import RegisterFile

    folder = files("bookvalue.sample")
    return [RegisterFile(f"{name}.csv", folder.joinpath(f"{name}.csv").read_bytes()) for name in names]


def _posted(engine: "Engine", kept: "KeptBusiness") -> int:
    from bookvalue.services.show_periods import show_periods

    return sum(one.run_status is not None for one in show_periods(engine, kept.id))


def _closed(engine: "Engine", kept: "KeptBusiness") -> int:
    from bookvalue.services.show_periods import show_periods

    return sum(one.status == "closed" for one in show_periods(engine, kept.id))


def _wait(
    businesses: "list[KeptBusiness]",
    reached: "Callable[[KeptBusiness], bool]",
    processes: "Mapping[str, Popen[bytes]]",
    settings: "Settings",
) -> None:
    """Waits for the worker until every business has come so far; ends the demo when that does not happen."""
    waiting = list(businesses)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting := [kept for kept in waiting if not reached(kept)]:
        if ended(processes, settings):
            raise typer.Exit(Exit.FAILED)
        if time.monotonic() > deadline:
            keys = ", ".join(kept.value.key for kept in waiting)
            say(f"[red]the worker did not get there in {PATIENCE_SECONDS} s[/red] with: {shown(keys)}")
            last_lines(settings.state_folder / "log" / "worker.log")
            raise typer.Exit(Exit.FAILED)
        time.sleep(0.2)


def _show_seed_002(engine: "Engine", businesses: "list[KeptBusiness]") -> None:
    """The first month of an asset of 40,000.00 over 60 months."""
    from bookvalue.services.read_journal import read_journal

    (kept,) = (one for one in businesses if one.value.key == SEED_BUSINESS)
    entries = read_journal(engine, kept.id, limit=1000).entries
    entry = next(entry for entry in entries if entry.asset_external_id == SEED_ASSET)
    say("[bold]4[/bold]  an espresso roaster of 40,000.00 over 60 months, in its first month:")
    for line in entry.lines:
        side = "debit " if line.debit_minor else "credit"
        say(
            f"     {entry.entry_date}  {side}  {money(line.debit_minor or line.credit_minor, 'USD'):>8}  "
            f"{line.account_code} {line.account_name}"
        )


def _show_exceptions(engine: "Engine", businesses: "list[KeptBusiness]") -> None:
    """What is blocked, and what to do about it."""
    from bookvalue.services.list_exceptions import list_exceptions

    for kept in businesses:
        for one in list_exceptions(engine, kept.id):
            say(f"[bold]5[/bold]  {shown(kept.value.key)} is posted but not closed ({', '.join(one.periods)}):")
            say(f"     {shown(one.name)} ({shown(one.external_id)}): [red]{one.finding.code}[/red]")
            say(f"     {shown(one.finding.message)}")
            say(f"     remedy: {shown(one.finding.remedy)}")


def _show_result(engine: "Engine", businesses: "list[KeptBusiness]", as_json: bool) -> None:
    from bookvalue.services.list_exceptions import list_exceptions
    from bookvalue.services.show_periods import show_periods
    from bookvalue.services.show_runs import show_runs

    rows: list[dict[str, Any]] = []
    for kept in businesses:
        runs = show_runs(engine, kept.id)
        closed = [one for one in show_periods(engine, kept.id) if one.status == "closed"]
        rows.append(
            {
                "business": kept.value.key,
                "time_zone": kept.value.time_zone,
                "currency": kept.value.currency,
                "periods_closed": [one.name for one in closed],
                "assets": max(run.assets or 0 for run in runs),
                "posted_minor": sum(one.charged_minor or 0 for one in closed),
                "entries": sum(one.entry_count or 0 for one in closed),
                "exceptions_met": max(run.blocked_assets or 0 for run in runs),
                "exceptions_left": len(list_exceptions(engine, kept.id)),
            }
        )
    if as_json:
        show_json({"data": rows})
        return
    show_table(
        ("business", "time zone", "closed", "assets", "posted", "entries", "exceptions"),
        [
            (
                row["business"],
                row["time_zone"],
                f"{row['periods_closed'][0]} to {row['periods_closed'][-1]}",
                row["assets"],
                f"{money(row['posted_minor'], row['currency'])} {row['currency']}",
                row["entries"],
                f"{row['exceptions_met']} met, {row['exceptions_left']} left",
            )
            for row in rows
        ],
        empty="",
        numbers=("assets", "posted", "entries"),
    )
