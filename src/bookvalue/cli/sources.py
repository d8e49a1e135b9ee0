"""`bookvalue ledger-details` and `bookvalue sources`: what an asset was bought with."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.amounts import minor
from bookvalue.cli.books_at_hand import one_asset, one_business
from bookvalue.cli.options import AsJson, Asset, BusinessKey, Limit
from bookvalue.cli.output import money, say, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookvalue.storage.sources import KeptDetail

Detail = Annotated[str, typer.Argument(metavar="DETAIL", help="The ledger detail: its external id, or its id.")]

details = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
sources = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

_DETAILS = """Show or add ledger details: lines of a ledger (an invoice line, a bank transaction) to make assets of.

Examples:

  bookvalue ledger-details list -b portland-coffee

  bookvalue ledger-details add -b portland-coffee --account EQUIPMENT -d 2026-08-01 --amount 40000.00
"""
_SOURCES = """Show, add or remove the sources of an asset: the ledger details that it was bought with.

Examples:

  bookvalue sources list seed-002 -b portland-coffee

  bookvalue sources add seed-002 INV-7 -b portland-coffee
"""


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.add_typer(details, name="ledger-details", help=_DETAILS)
    app.add_typer(sources, name="sources", help=_SOURCES)


@details.command("list")
def list_details(
    business: BusinessKey,
    after: Annotated[str | None, typer.Option("--after", metavar="DETAIL", help="Only those added after it.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show the ledger details of a business, in the order in which they were added.

    Example:

      bookvalue ledger-details list -b portland-coffee --limit 50
    """
    from bookvalue.services.keep_sources import find_detail, page_of_details

    with one_business(business, as_json) as (engine, kept):
        last = None if after is None else find_detail(engine, kept.id, after)
        found, more = page_of_details(engine, kept.id, after=last, limit=limit)
    _show([one.kept for one in found], kept.value.currency, as_json, empty="there are no ledger details")
    if more and not as_json:
        say(f"more: --after {more}")


@details.command("add")
def add_detail(
    business: BusinessKey,
    account: Annotated[str, typer.Option("--account", help="The ledger account: a stable name or code.")],
    day: Annotated[str, typer.Option("--date", "-d", help="When it was booked, YYYY-MM-DD.")],
    amount: Annotated[str, typer.Option("--amount", help="Such as 40000.00; below zero is a credit.")],
    external_id: Annotated[
        str | None, typer.Option("--external-id", help="Your own id: the same one again changes nothing.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="What it is a line of: an invoice line.")] = None,
    description: Annotated[str | None, typer.Option("--description", help="Free text.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a ledger detail. Nothing is posted by it.

    Example:

      bookvalue ledger-details add -b portland-coffee --account EQUIPMENT -d 2026-08-01 --amount 40000 --kind invoice
    """
    from bookvalue.services.keep_sources import add_detail as add

    with one_business(business, as_json) as (engine, kept):
        raw = {
            "account": account,
            "date": day,
            "amount": minor("amount", amount, kept.value.currency),
            "external_id": external_id,
            "kind": kind,
            "description": description,
        }
        made = add(engine, kept.id, raw, actor="cli")
    _show([made.kept], kept.value.currency, as_json, empty="")


@sources.command("list")
def list_sources(asset: Asset, business: BusinessKey, as_json: AsJson = False) -> None:
    """Show what an asset was bought with.

    Example:

      bookvalue sources list seed-002 -b portland-coffee
    """
    from bookvalue.services.keep_sources import list_sources as sources_of

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        found = sources_of(engine, kept.id, asset_id)
    _show([one.detail for one in found], kept.value.currency, as_json, empty="the asset has no sources")


@sources.command("add")
def add_source(asset: Asset, detail: Detail, business: BusinessKey, as_json: AsJson = False) -> None:
    """Make a ledger detail a source of an asset; it must be on the asset's own ledger account.

    Example:

      bookvalue sources add seed-002 INV-7 -b portland-coffee
    """
    from bookvalue.services.keep_sources import add_source as add
    from bookvalue.services.keep_sources import find_detail

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        made = add(engine, kept.id, asset_id, find_detail(engine, kept.id, detail), actor="cli")
    _show([made.detail], kept.value.currency, as_json, empty="")


@sources.command("remove")
def remove_source(asset: Asset, detail: Detail, business: BusinessKey, as_json: AsJson = False) -> None:
    """Take a source off an asset; neither the ledger detail nor the asset is removed.

    Example:

      bookvalue sources remove seed-002 INV-7 -b portland-coffee
    """
    from bookvalue.services.keep_sources import find_detail, list_sources
    from bookvalue.services.keep_sources import remove_source as remove

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        remove(engine, kept.id, asset_id, find_detail(engine, kept.id, detail), actor="cli")
        left = list_sources(engine, kept.id, asset_id)
    _show([one.detail for one in left], kept.value.currency, as_json, empty="the asset has no sources left")


def _show(found: "Sequence[KeptDetail]", currency: str, as_json: bool, *, empty: str) -> None:
    if as_json:
        show_json({"data": [_plain(one) for one in found], "currency": currency})
        return
    columns = ("external id", "account", "date", "amount", "kind", "description", "id")
    rows = [
        (
            one.value.external_id,
            one.value.account,
            one.value.day,
            money(one.value.amount_minor, currency),
            one.value.kind,
            one.value.description,
            one.id,
        )
        for one in found
    ]
    show_table(columns, rows, empty=empty, numbers=("amount",))


def _plain(one: "KeptDetail") -> dict[str, Any]:
    """A ledger detail by the API's names, its account by code; amounts are minor units."""
    return {
        "id": one.id,
        "external_id": one.value.external_id,
        "account": one.value.account,
        "date": one.value.day,
        "amount": one.value.amount_minor,
        "kind": one.value.kind,
        "description": one.value.description,
        "created_at": one.created_at,
    }
