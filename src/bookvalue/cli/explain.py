"""`bookvalue explain`: why an asset is charged what it is charged in a period, to be checked by hand."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.output import answering, one_line, show_json

if TYPE_CHECKING:
    from bookvalue.services.explain_charge import Explained


def add_to(app: typer.Typer) -> None:
    """Adds the command of this file."""
    app.command()(explain)


def explain(
    asset: Annotated[
        str | None,
        typer.Argument(metavar="ASSET", help="Its external id, number or id; that of a spec.", show_default=False),
    ] = None,
    month: Annotated[
        str | None,
        typer.Argument(
            metavar="PERIOD", help="YYYY-MM; of a registered asset the last if left out.", show_default=False
        ),
    ] = None,
    business: Annotated[
        str | None, typer.Option("--business", "-b", help="The key of the asset's business.", show_default=False)
    ] = None,
    spec: Annotated[
        Path | None,
        typer.Option(
            "--spec", help="Asset specs instead, a file of JSON or JSON Lines; - is stdin.", show_default=False
        ),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", "-p", help="As PERIOD, where no asset is named.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")] = False,
) -> None:
    """Explain the charge of an asset for a period.

    Shows what happened to the asset, what had accumulated before the period
    and at its end, and the arithmetic of both, enough to work them out by
    hand; of a registered asset also what is posted. The figures are the
    engine's own. With --spec neither database nor broker is needed, and the
    period is the one of the spec's frequency.

    Examples:

      bookvalue explain -b portland-coffee seed-002 2026-10

      bookvalue explain --spec truck.json --period 2025-06

      bookvalue explain truck-1 2025-06 --spec assets.jsonl --json
    """
    if month is not None and period is not None:
        raise typer.BadParameter("name the period once", param_hint="PERIOD")
    wanted = month if period is None else period
    if (spec is None) is (business is None):
        raise typer.BadParameter("give a business, or a file of specs", param_hint="--business / --spec")
    if spec is None and asset is None:
        raise typer.BadParameter("name the asset", param_hint="ASSET")
    if spec is not None and wanted is None:
        raise typer.BadParameter("name the period: YYYY-MM", param_hint="PERIOD")
    with answering(as_json):
        found = _of_spec(spec, asset, str(wanted)) if spec else _registered(str(business), str(asset), wanted)
    _show(found, as_json)


def _show(found: "Explained", as_json: bool) -> None:
    from bookvalue.services.explanation_members import members_of
    from bookvalue.services.explanation_text import text_of

    if as_json:
        show_json({"data": members_of(found)})
    else:
        sys.stdout.write(text_of(found, one_line(found.id if found.name is None else f"{found.id} {found.name}")))


def _registered(business: str, asset: str, period: str | None) -> "Explained":
    from bookvalue.cli.connection import database
    from bookvalue.services.explain_asset import explain_asset
    from bookvalue.services.list_businesses import list_businesses

    with database() as engine:
        (kept,) = list_businesses(engine, [business])
        return explain_asset(engine, kept.id, asset, period)


def _of_spec(file: Path, asset: str | None, period: str) -> "Explained":
    from bookvalue.domain.errors import InvalidInput
    from bookvalue.services.explain_charge import explain_spec

    found, findings = explain_spec(_spec(file, asset), period)
    if found is None:
        raise InvalidInput("this spec has no explanation", findings)
    return found


def _spec(file: Path, asset: str | None) -> Any:
    """The one spec of a file, or the one with this id. Raises InvalidInput where there is none that can be read."""
    from bookvalue.domain.errors import InvalidInput, NotFound
    from bookvalue.domain.finding import finding

    try:
        content = (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode()
        specs = _objects(content)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="--spec") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is no text", [finding("not_utf8")]) from error
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, character {error.colno}"
        raise InvalidInput(f"{file} is not JSON", [finding("not_json", None, where)]) from error
    except ValueError as error:
        raise InvalidInput(f"{file} is not JSON", [finding("not_json", None, "a number that is too long")]) from error
    except RecursionError as error:
        raise InvalidInput(f"{file} is no spec", [finding("too_deep")]) from error
    chosen = [one for one in specs if asset is None or (isinstance(one, dict) and one.get("id") == asset)]
    if not chosen:
        raise NotFound(f"{file} has no spec {asset or ''}".rstrip())
    if asset is None and len(chosen) > 1:
        raise typer.BadParameter(f"{file} has {len(chosen)} specs: name one by its id", param_hint="ASSET")
    return chosen[0]


def _objects(content: str) -> list[Any]:
    """The specs of a file: one JSON value, or one a line."""
    try:
        return [json.loads(content)]
    except json.JSONDecodeError as whole:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        try:
            return [json.loads(line) for line in lines]
        except json.JSONDecodeError:
            raise whole from None
