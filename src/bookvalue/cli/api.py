"""`bookvalue api` serves the API; `bookvalue token` prints a token of the local issuer."""

import os
import re
import sys
from typing import Annotated

import typer

from bookvalue.cli.options import AsJson
from bookvalue.cli.output import answering, show_json

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LONGEST_SECONDS = 366 * 86_400


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(api)
    app.command()(token)


def api(
    host: Annotated[str | None, typer.Option("--host", help="Where to listen (BOOKVALUE_API_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Where to listen (BOOKVALUE_API_PORT).")
    ] = None,
) -> None:
    """Serve the HTTP API. Uses DATABASE_URL, or joins a running `bookvalue up`.

    Examples:

      bookvalue api

      DATABASE_URL=postgresql+psycopg://app@db/books bookvalue api --host 0.0.0.0 --port 8080
    """
    from bookvalue.cli.connection import NOT_NEEDED, settings_checked
    from bookvalue.domain.errors import SettingsInvalid
    from bookvalue.embedded import attached
    from bookvalue.storage.migrate import require_head
    from bookvalue.storage.unit_of_work import connect

    with answering():
        settings = settings_checked()
        live = None if settings.database_url else attached(settings.state_folder)
        database_url = settings.database_url or (live.database_url if live else None)
        redis_url = settings.redis_url or (live.redis_url if live else None)
        if database_url is None:
            raise SettingsInvalid(
                "no database to join", remedy="set DATABASE_URL, or start everything with `bookvalue up`"
            )
        require_head(connect(database_url, pool_size=0))
        os.environ["DATABASE_URL"] = database_url
        if redis_url not in (None, NOT_NEEDED):
            os.environ["REDIS_URL"] = str(redis_url)
    options = [*(["--host", host] if host else []), *(["--port", str(port)] if port is not None else [])]
    os.execv(sys.executable, [sys.executable, "-m", "bookvalue.api", *options])  # noqa: S606 - no shell wanted


def token(
    business: Annotated[list[str], typer.Option("--business", "-b", help="A business's key or id, or '*' for all.")],
    scope: Annotated[list[str], typer.Option("--scope", "-s", help="A scope, or several; 'all' for every one.")],
    ttl: Annotated[str, typer.Option("--ttl", help="How long it holds, such as 15m, 8h or 30d.")] = "1h",
    subject: Annotated[str, typer.Option("--subject", help="Who uses it; stands in the audit.")] = "local",
    as_json: AsJson = False,
) -> None:
    """Print a token for the API, signed with the key in BOOKVALUE_STATE.

    Examples:

      bookvalue token --business acme --scope runs --scope journal.read

      bookvalue token --business '*' --scope all --ttl 30d
    """
    from bookvalue import local_issuer
    from bookvalue.cli.connection import settings_checked
    from bookvalue.domain.errors import SettingsInvalid

    scopes = [word for given in scope for word in re.split(r"[ ,]+", given.strip()) if word]
    if "all" in scopes:
        scopes = list(local_issuer.SCOPES)
    unknown = [word for word in scopes if word not in local_issuer.SCOPES]
    if unknown or not scopes:
        raise typer.BadParameter(f"use {', '.join(local_issuer.SCOPES)} or all", param_hint="--scope")
    seconds = _seconds(ttl)
    if not 1 <= len(subject) <= 255 or not subject.isprintable():
        raise typer.BadParameter("give 1 to 255 printable characters", param_hint="--subject")
    with answering(as_json):
        settings = settings_checked()
        if settings.jwks_url is not None:
            raise SettingsInvalid(
                "BOOKVALUE_JWKS_URL is set: tokens come from that issuer",
                remedy="ask it for one, or unset the variable",
            )
        made = local_issuer.issue(
            settings, businesses=_ids(business), scopes=scopes, ttl_seconds=seconds, subject=subject
        )
    if as_json:
        show_json({"data": {"token": made, "expires_in": seconds, "scope": " ".join(scopes)}})
    else:
        typer.echo(made)


def _seconds(ttl: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", ttl)
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise typer.BadParameter("write it as 90s, 15m, 8h or 30d; at most a year", param_hint="--ttl")
    return seconds


def _ids(named: list[str]) -> list[str] | str:
    """The ids of the businesses; keys are looked up, ids are taken as they are."""
    from uuid import UUID

    from bookvalue.cli.connection import database
    from bookvalue.services.list_businesses import list_businesses

    if "*" in named:
        return "*"
    ids, keys = [], []
    for name in named:
        try:
            ids.append(str(UUID(name)))
        except ValueError:
            keys.append(name)
    if keys:
        with database() as engine:
            ids += [str(kept.id) for kept in list_businesses(engine, keys)]
    return ids
