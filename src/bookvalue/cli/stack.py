"""Commands that run the stack: `up`, `worker`, `beat`, `migrate`."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bookvalue.cli.options import AsJson
from bookvalue.cli.output import Exit, answering, last_lines, say, say_verbatim, show_json, shown

if TYPE_CHECKING:
    from subprocess import Popen

    from bookvalue.cli.first_steps import ApiAddress
    from bookvalue.embedded import Endpoints
    from bookvalue.settings import Settings

STOP_GRACE_SECONDS = 30.0


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    for command in (up, worker, beat, migrate):
        app.command()(command)


@contextmanager
def worker_and_beat(
    endpoints: "Endpoints",
    settings: "Settings",
    environment: Mapping[str, str] | None = None,
    *,
    api_port: int | None = None,
) -> "Iterator[dict[str, Popen[bytes]]]":
    """A worker and a beat process on these servers while the block lasts, and the API where it is given a port; their
    logs go to the state folder."""
    from bookvalue.embedded import spawn, stop

    logs = settings.state_folder / "log"
    logs.mkdir(parents=True, exist_ok=True)
    env = {
        **os.environ,
        "DATABASE_URL": endpoints.database_url,
        "REDIS_URL": endpoints.redis_url,
        "BOOKVALUE_STATE": str(settings.state_folder),
        **(environment or {}),
    }
    parts: dict[str, list[str]] = {"worker": [], "beat": []}
    if api_port is not None:
        parts["api"] = ["--host", settings.api_host, "--port", str(api_port)]
    with ExitStack() as children:
        started = {}
        for name, options in parts.items():
            process = spawn([sys.executable, "-m", "bookvalue", name, *options], log=logs / f"{name}.log", env=env)
            children.callback(stop, process, grace=STOP_GRACE_SECONDS)
            started[name] = process
        yield started


def ended(processes: "Mapping[str, Popen[bytes]]", settings: "Settings") -> bool:
    """Whether one of the processes has ended by itself; says which, and shows the end of its log."""
    for name, process in processes.items():
        code = process.poll()
        if code is not None:
            say(f"[red]the {name} ended by itself[/red] (exit status {code})")
            last_lines(settings.state_folder / "log" / f"{name}.log")
            return True
    return False


def up(
    as_json: AsJson = False,
    no_api: Annotated[bool, typer.Option("--no-api", help="Leave the HTTP API out.")] = False,
) -> None:
    """Run the whole stack in this terminal until Ctrl-C: Postgres, Redis, a worker, beat, the API.

    With DATABASE_URL or REDIS_URL set, that server is used instead of an embedded one. The API listens on
    BOOKVALUE_API_HOST and BOOKVALUE_API_PORT (127.0.0.1:8000). Data and logs are kept in BOOKVALUE_STATE
    (~/.local/state/bookvalue). With --json the addresses and a token are printed once all is up.

    Examples:

      bookvalue up

      DATABASE_URL=postgresql+psycopg://app@db/books REDIS_URL=redis://cache:6379/0 bookvalue up
    """
    import signal

    from bookvalue.cli.connection import opened, servers, settings_checked
    from bookvalue.cli.first_steps import api_address, ready, token_for_all
    from bookvalue.storage.migrate import migrate as run_migrations

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    with answering(as_json):
        settings = settings_checked()
        try:
            with servers(settings) as endpoints:
                api = None if no_api else api_address(settings)
                token = token_for_all(settings) if api else None
                with opened(endpoints.database_url) as engine:
                    run_migrations(engine)
                with worker_and_beat(endpoints, settings, api_port=api.port if api else None) as processes:
                    if api and not ready(api, lambda: ended(processes, settings)):
                        raise typer.Exit(Exit.FAILED)
                    _announce(endpoints, settings, api, token, as_json)
                    while not ended(processes, settings):
                        time.sleep(0.25)
                    raise typer.Exit(Exit.FAILED)
        except KeyboardInterrupt:
            say("stopped")


def _announce(
    endpoints: "Endpoints", settings: "Settings", api: "ApiAddress | None", token: str | None, as_json: bool
) -> None:
    from bookvalue.cli.first_steps import TOKEN_HOURS, curl_lines

    urls = {"DATABASE_URL": endpoints.database_url, "REDIS_URL": endpoints.redis_url}
    if as_json:
        members = {name.lower(): without_password(url) for name, url in urls.items()}
        told = {"state": str(settings.state_folder), "api_url": api.url if api else None, "token": token}
        show_json({"data": {**members, **told}})
    say(f"[green]up[/green]  data and logs in {shown(settings.state_folder)}; Ctrl-C stops everything")
    for name, url in urls.items():
        say(f"    {name}={shown(without_password(url))}")
    say("    in another terminal: bookvalue import <folder of CSV files>, bookvalue runs, bookvalue periods")
    if api:
        say(f"    the API is at {shown(api.url)}, its description at {shown(api.url)}/openapi.json")
        if token is None:
            say("    its tokens come from the issuer at BOOKVALUE_JWKS_URL")
        elif not as_json:
            say(f"    paste these in another terminal (the token is for everything, and holds {TOKEN_HOURS} hours):\n")
            for line in (f"TOKEN={token}", *curl_lines(api, settings)):
                say_verbatim(line)


def without_password(url: str) -> str:
    """The URL as it may be shown: its password as three stars."""
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:***@{host}"))


def worker(
    concurrency: Annotated[int | None, typer.Option("--concurrency", "-c", min=1, help="Child processes.")] = None,
) -> None:
    """Run a worker. Uses DATABASE_URL and REDIS_URL, or joins a running `bookvalue up`.

    Each worker also plans and sweeps by itself, so that neither beat nor Redis is needed for progress.

    Example:

      bookvalue worker --concurrency 4
    """
    _celery(
        [
            "worker",
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
            *(["--concurrency", str(concurrency)] if concurrency else []),
        ]
    )


def beat() -> None:
    """Run beat: one tick a minute. Any number of them may run; none is needed for progress.

    Example:

      bookvalue beat
    """
    _celery(["beat", "--pidfile", "", "--loglevel", "INFO"])


def _celery(arguments: list[str]) -> None:
    """Turns this process into Celery's own command, on the servers of the environment or of a running stack."""
    from bookvalue.cli.connection import endpoints_of_running_stack, opened, settings_checked
    from bookvalue.storage.migrate import require_head

    with answering():
        endpoints = endpoints_of_running_stack(settings_checked())
        os.environ.update(DATABASE_URL=endpoints.database_url, REDIS_URL=endpoints.redis_url)
        if arguments[0] == "worker":
            with opened(endpoints.database_url) as engine:
                require_head(engine)
    os.execv(sys.executable, [sys.executable, "-m", "bookvalue.worker", *arguments])  # noqa: S606 - no shell wanted


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only ask: changes nothing, fails where the schema is another one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database to the schema that this version needs; safe to repeat, and beside running workers.

    Creates the roles bookvalue_owner, _api, _worker and _planner, or prints the SQL for an administrator.

    Examples:

      DATABASE_URL=postgresql+psycopg://app@db/books bookvalue migrate

      bookvalue migrate --check                       for health checks
    """
    from bookvalue.cli.connection import NOT_NEEDED, opened, settings_checked
    from bookvalue.embedded import attached, running
    from bookvalue.storage.migrate import head, require_head
    from bookvalue.storage.migrate import migrate as run_migrations

    with answering(as_json), ExitStack() as started:
        settings = settings_checked()
        live = attached(settings.state_folder) if settings.database_url is None else None
        url = settings.database_url or (live.database_url if live else None)
        if url is None:
            url = started.enter_context(running(settings.state_folder, redis_url=NOT_NEEDED)).database_url
        engine = started.enter_context(opened(url))
        if check:
            require_head(engine)
        before, after = (head(), head()) if check else run_migrations(engine)
    if as_json:
        show_json({"data": {"before": before, "after": after}})
    else:
        say(
            f"the schema was at {before or 'nothing'} and is at {after}"
            if before != after
            else f"the schema is at {after}"
        )
