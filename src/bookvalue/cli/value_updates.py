"""`bookvalue value-updates`: changes of an asset's value that somebody records: list, record, archive."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.amounts import minor
from bookvalue.cli.books_at_hand import one_asset, one_business
from bookvalue.cli.options import AsJson, Asset, BusinessKey, Limit, read_id
from bookvalue.cli.output import money, say, show_json, show_table, shown

if TYPE_CHECKING:
    from bookvalue.services.show_value_updates import ValueUpdateView

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.add_typer(group, name="value-updates", help=_ALL)


_ALL = """Show, record or archive value updates: improvements, impairments, revaluations, recorded depreciation.

Examples:

  bookvalue value-updates list -b portland-coffee

  bookvalue value-updates record FA-0001 -b portland-coffee -t IMPROVEMENT --amount 2500.00 --counter CASH -d 2026-11-10
"""


@group.command("list")
def list_(
    business: BusinessKey,
    asset: Annotated[str | None, typer.Option("--asset", help="Only of this asset.")] = None,
    archived: Annotated[
        bool | None, typer.Option("--archived/--in-force", help="Only those that were archived, or only the others.")
    ] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show the value updates that somebody recorded.

    In the order in which they were. The charges of runs are in the journal.

    Examples:

      bookvalue value-updates list -b portland-coffee

      bookvalue value-updates list -b portland-coffee --asset FA-0001 --in-force --json
    """
    from bookvalue.services.find_asset import find_asset
    from bookvalue.services.show_value_updates import show_value_updates
    from bookvalue.storage.value_updates import ValueUpdateFilter

    with one_business(business, as_json) as (engine, kept):
        asset_id = None if asset is None else find_asset(engine, kept.id, asset)
        wanted = ValueUpdateFilter(asset_id=asset_id, archived=archived)
        found = show_value_updates(engine, kept.id, wanted, after=None, limit=limit)
    if as_json:
        show_json({"data": [_plain(view) for view in found]})
    else:
        _show(found, kept.value.currency)


@group.command("record")
def record(
    asset: Asset,
    business: BusinessKey,
    update_type: Annotated[
        str,
        typer.Option(
            "--type",
            "-t",
            help="IMPROVEMENT, IMPAIRMENT, REVALUATION_UP, REVALUATION_DOWN or DEPRECIATION_AMORTIZATION.",
        ),
    ],
    amount: Annotated[str, typer.Option("--amount", help="Above zero, such as 2500.00; the type gives the direction.")],
    counter: Annotated[
        str, typer.Option("--counter", "-c", help="The other account, or what paid: a stable name or code.")
    ],
    day: Annotated[str, typer.Option("--date", "-d", help="When, YYYY-MM-DD; not in the future.")],
    remaining_life: Annotated[
        int | None, typer.Option("--remaining-life", help="Months from then on; as before if left out.")
    ] = None,
    residual: Annotated[
        str | None, typer.Option("--residual", help="What is left at the end; as before if left out.")
    ] = None,
    external_id: Annotated[
        str | None, typer.Option("--external-id", help="Your own id: the same one again changes nothing.")
    ] = None,
    reference: Annotated[str | None, typer.Option("--reference", help="A reference of yours.")] = None,
    memo: Annotated[str | None, typer.Option("--memo", help="A note, on the entry too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record a change of an asset's value, and post its entry.

    Examples:

      bookvalue value-updates record FA-0001 -b portland-coffee -t IMPROVEMENT --amount 2500.00 -c CASH -d 2026-11-10

      bookvalue value-updates record seed-002 -b portland-coffee -t IMPAIRMENT --amount 900 -c 6520 -d 2026-11-12 --json
    """
    from bookvalue.cli.connection import settings_checked
    from bookvalue.services.record_value_update import record_value_update
    from bookvalue.settings import business_now

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        currency = kept.value.currency
        raw = {
            "asset_id": str(asset_id),
            "update_type": update_type,
            "amount": minor("amount", amount, currency),
            "counter_account": counter,
            "date": day,
            "remaining_life_months": remaining_life,
            "residual_value": minor("residual_value", residual, currency),
            "external_id": external_id,
            "reference_number": reference,
            "memo": memo,
        }
        now = business_now(settings_checked())
        made, new = record_value_update(engine, kept.id, raw, actor="cli", now=now)
    if as_json:
        show_json({"data": _plain(made)})
        return
    _show([made], currency)
    say("recorded" if new else f"unchanged: {shown(external_id)} is there already")


@group.command("archive")
def archive(
    update_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the value update.")],
    business: BusinessKey,
    as_json: AsJson = False,
) -> None:
    """Archive a value update: its entry is reversed.

    It never was, then. One that is archived already stays so.

    Example:

      bookvalue value-updates archive 0190a1b2-0000-7000-8000-000000000000 -b portland-coffee
    """
    from bookvalue.cli.connection import settings_checked
    from bookvalue.services.archive_value_update import archive_value_update
    from bookvalue.settings import business_now

    given = read_id(update_id, "ID")
    with one_business(business, as_json) as (engine, kept):
        now = business_now(settings_checked())
        view = archive_value_update(engine, kept.id, given, actor="cli", now=now)
    if as_json:
        show_json({"data": _plain(view)})
        return
    _show([view], kept.value.currency)
    say("archived")


def _plain(view: "ValueUpdateView") -> dict[str, Any]:
    """A value update by the API's names; amounts are minor units."""
    return {
        "id": view.id,
        "external_id": view.external_id,
        "asset_id": view.asset_id,
        "asset_external_id": view.asset_external_id,
        "amount": view.amount_minor,
        "update_type": view.update_type,
        "date": view.at,
        "counter_account": view.counter_account and view.counter_account.value.code,
        "memo": view.memo,
        "reference_number": view.reference_number,
        "remaining_life_months": view.remaining_life_months,
        "residual_value": view.residual_minor,
        "effective_period": f"{view.effective_period:%Y-%m}",
        "posting_period": f"{view.posting_period:%Y-%m}",
        "journal_entry_id": view.entry_id,
        "archived_at": view.archived_at,
        "reversal_entry_id": view.reversal_entry_id,
    }


def _show(found: "Sequence[ValueUpdateView]", currency: str) -> None:
    columns = ("id", "date", "asset", "type", "amount", "counter account", "for", "posted in", "archived", "memo")
    rows = [
        (
            view.id,
            view.day or f"{view.at:%Y-%m-%d}",
            view.asset_external_id,
            view.update_type,
            money(view.amount_minor, currency),
            view.counter_account and f"{view.counter_account.value.code} {view.counter_account.value.name}",
            f"{view.effective_period:%Y-%m}",
            f"{view.posting_period:%Y-%m}",
            "" if view.archived_at is None else f"{view.archived_at:%Y-%m-%d}",
            view.memo,
        )
        for view in found
    ]
    show_table(columns, rows, empty="there are no such value updates", numbers=("amount",))
