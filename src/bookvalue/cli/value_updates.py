"""`bookvalue value-updates`: changes of an asset's value that somebody records: list, record, archive."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.options import AsJson, Limit
from bookvalue.cli.output import answering, money, say, show_json, show_table, shown

if TYPE_CHECKING:
    from bookvalue.services.show_value_updates import ValueUpdateView

Asset = Annotated[str, typer.Argument(metavar="ASSET", help="Its external id, number or id.")]
Key = Annotated[str, typer.Option("--business", "-b", help="The business's key.")]

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
    business: Key,
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
    from bookvalue.cli.connection import database
    from bookvalue.services.find_asset import find_asset
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.show_value_updates import show_value_updates
    from bookvalue.storage.value_updates import ValueUpdateFilter

    with answering(as_json), database() as engine:
        (kept,) = list_businesses(engine, [business])
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
    business: Key,
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
    from bookvalue.cli.connection import database, settings_checked
    from bookvalue.services.find_asset import find_asset
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.record_value_update import record_value_update
    from bookvalue.settings import business_now

    with answering(as_json), database() as engine:
        (kept,) = list_businesses(engine, [business])
        currency = kept.value.currency
        raw = {
            "asset_id": str(find_asset(engine, kept.id, asset)),
            "update_type": update_type,
            "amount": _minor("amount", amount, currency),
            "counter_account": counter,
            "date": day,
            "remaining_life_months": remaining_life,
            "residual_value": None if residual is None else _minor("residual_value", residual, currency),
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
    business: Key,
    as_json: AsJson = False,
) -> None:
    """Archive a value update: its entry is reversed.

    It never was, then. One that is archived already stays so.

    Example:

      bookvalue value-updates archive 0190a1b2-0000-7000-8000-000000000000 -b portland-coffee
    """
    from bookvalue.cli.connection import database, settings_checked
    from bookvalue.services.archive_value_update import archive_value_update
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.settings import business_now

    given = _id(update_id)
    with answering(as_json), database() as engine:
        (kept,) = list_businesses(engine, [business])
        now = business_now(settings_checked())
        view = archive_value_update(engine, kept.id, given, actor="cli", now=now)
    if as_json:
        show_json({"data": _plain(view)})
        return
    _show([view], kept.value.currency)
    say("archived")


def _id(text: str) -> Any:
    from uuid import UUID

    try:
        return UUID(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no id", param_hint="ID") from error


def _minor(name: str, text: str, currency: str) -> int:
    """An amount in minor units. Raises InvalidInput for what is no amount of the currency."""
    from bookvalue.domain.errors import InvalidInput
    from bookvalue.domain.finding import finding
    from bookvalue.domain.money import to_minor

    try:
        return to_minor(text, currency)
    except ValueError as error:
        raise InvalidInput("1 finding; nothing was applied", [finding(str(error), name, text)]) from error


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
