"""The `bookvalue` command: the list of its commands, and how it ends.

Each group's file parses, calls one service and prints; heavy imports happen inside the commands, so that `--help` is
quick.
"""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Annotated, NoReturn

import typer

from bookvalue import __version__
from bookvalue.cli import (
    api,
    asset_facts,
    assets,
    books,
    closing,
    demo,
    disposals,
    explain,
    forecast,
    journal,
    register,
    schedule,
    settings,
    sources,
    stack,
    tags,
    value_changes,
    value_updates,
)

app = typer.Typer(
    name="bookvalue",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (
    stack,
    demo,
    schedule,
    explain,
    forecast,
    register,
    assets,
    value_updates,
    value_changes,
    asset_facts,
    tags,
    sources,
    disposals,
    settings,
    closing,
    books,
    journal,
    api,
):
    group.add_to(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bookvalue {__version__}")
        raise typer.Exit


@app.callback()
def bookvalue(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A fixed-asset subledger that closes itself: depreciation, balanced journals, locked periods.

    Data goes to stdout (one JSON document with --json), talk to stderr. Without DATABASE_URL the books are kept in an
    embedded Postgres under BOOKVALUE_STATE.

    Examples:

      bookvalue demo

      bookvalue import register/ && bookvalue close && bookvalue periods

    Exit status: 0 done, 1 failed, 2 wrong usage, 3 nothing due, 4 period not open, 5 some assets blocked, 130
    interrupted.
    """


def _terminated(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a signal handler's signature
    sys.exit(128 + number)  # so that what was started is stopped on the way out


def main() -> None:
    """The entry point."""
    signal.signal(signal.SIGTERM, _terminated)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who called: what would be written has nowhere to go
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - open as long as the process
        getattr(sys, name).reconfigure(errors="backslashreplace")
    try:
        try:
            app(prog_name="bookvalue")
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough; what Python would still flush at its end goes nowhere.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
