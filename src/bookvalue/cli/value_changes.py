"""`bookvalue value-changes`: everything that changes an asset's value, the plan, and what goes beside or against it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.amounts import minor
from bookvalue.cli.books_at_hand import one_asset
from bookvalue.cli.options import AsJson, Asset, BusinessKey
from bookvalue.cli.output import money, say, show_json, show_table

if TYPE_CHECKING:
    from bookvalue.domain.terms import ValueChangeType
    from bookvalue.services.show_value_changes import ValueChangeView

Day = Annotated[str, typer.Option("--date", "-d", help="When, YYYY-MM-DD; after the purchase, not in the future.")]
Amount = Annotated[str, typer.Option("--amount", help="Below zero lowers the value: -250.00.")]
Description = Annotated[str, typer.Option("--description", help="What it is for, on the entry too.")]
Counter = Annotated[
    str | None,
    typer.Option("--counter", "-c", help="The other account; the usual one if left out.", show_default=False),
]
Elsewhere = Annotated[bool, typer.Option("--externally-booked", help="It has its entry elsewhere, and none here.")]

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

_ALL = """Show what changed an asset's value, and the plan; change it beside the plan, against it, or take all of it.

What each does and posts: docs/value-changes.md. A manual or arbitrary one is
taken back by `bookvalue value-updates archive`, one that took the whole value
by `bookvalue reinstate`.

Examples:

  bookvalue value-changes list FA-0001 -b portland-coffee

  bookvalue value-changes manual FA-0001 -b portland-coffee -d 2026-11-10 --amount -250.00 --description "a scratch"
"""


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.add_typer(group, name="value-changes", help=_ALL)


@group.command("list")
def list_(asset: Asset, business: BusinessKey, as_json: AsJson = False) -> None:
    """Show all changes of an asset's value, oldest first: charges of runs (linear) and what was recorded.

    Example:

      bookvalue value-changes list FA-0001 -b portland-coffee
    """
    from bookvalue.services.show_value_changes import show_value_changes

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        found = show_value_changes(engine, kept.id, asset_id)
    if as_json:
        show_json({"data": [_plain(view) for view in found], "currency": kept.value.currency})
    else:
        _show(found, kept.value.currency)


@group.command("plan")
def plan(
    asset: Asset,
    business: BusinessKey,
    periods: Annotated[int, typer.Option("--periods", min=1, max=120, help="How many periods.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Show what runs are going to charge an asset while facts stay as they are.

    From the first period that is not closed on; what is due from before it is
    the first row, `earlier`. Of several assets: `bookvalue forecast`.

    Example:

      bookvalue value-changes plan FA-0001 -b portland-coffee --periods 24
    """
    from bookvalue.services.show_value_changes import show_plan

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        found = show_plan(engine, kept.id, asset_id, periods=periods)
    if as_json:
        changes = [{"period": one.name, "date": one.end, "amount": -amount} for one, amount in found.periods]
        members = {"asset_id": asset_id, "type": "linear", "catch_up": -found.catch_up_minor, "changes": changes}
        show_json({"data": members, "currency": kept.value.currency})
        return
    due = [("earlier", found.catch_up_minor)] if found.catch_up_minor else []
    rows = [(name, money(-amount, kept.value.currency)) for name, amount in due]
    rows += [(one.name, money(-amount, kept.value.currency)) for one, amount in found.periods]
    show_table(("period", "amount"), rows, empty="nothing is going to be charged", numbers=("amount",))


@group.command("manual")
def manual(
    asset: Asset,
    business: BusinessKey,
    day: Day,
    amount: Amount,
    description: Description,
    counter: Counter = None,
    elsewhere: Elsewhere = False,
    as_json: AsJson = False,
) -> None:
    """Change the value beside the plan, which goes on unchanged.

    Example:

      bookvalue value-changes manual FA-0001 -b portland-coffee -d 2026-11-10 --amount -250.00 --description "a scratch"
    """
    from bookvalue.domain.terms import ValueChangeType

    raw = _of_a_part(day, description, counter, elsewhere)
    _change(asset, business, ValueChangeType.MANUAL, raw, amount, as_json)


@group.command("arbitrary")
def arbitrary(
    asset: Asset,
    business: BusinessKey,
    day: Day,
    amount: Amount,
    description: Description,
    counter: Counter = None,
    elsewhere: Elsewhere = False,
    as_json: AsJson = False,
) -> None:
    """Change the value and the plan, which is made anew.

    What was charged for the time after the day is reversed; the next close
    charges what the new plan says.

    Example:

      bookvalue value-changes arbitrary FA-0001 -b portland-coffee -d 2026-11-10 --amount -900 --description "a flood"
    """
    from bookvalue.domain.terms import ValueChangeType

    raw = _of_a_part(day, description, counter, elsewhere)
    _change(asset, business, ValueChangeType.ARBITRARY, raw, amount, as_json)


@group.command("divestment")
def divestment(
    asset: Asset,
    business: BusinessKey,
    day: Day,
    description: Annotated[str | None, typer.Option("--description", help="What it is for, on the entry too.")] = None,
    counter: Counter = None,
    as_json: AsJson = False,
) -> None:
    """Take the whole value off the books as a loss; the asset is disposed of.

    Example:

      bookvalue value-changes divestment FA-0001 -b portland-coffee -d 2026-11-10
    """
    from bookvalue.domain.terms import ValueChangeType

    raw = {"date": day, "description": description, "counter_account": counter}
    _change(asset, business, ValueChangeType.DIVESTMENT, raw, None, as_json)


@group.command("full-depreciation")
def full_depreciation(
    asset: Asset, business: BusinessKey, day: Day, description: Description, as_json: AsJson = False
) -> None:
    """Depreciate the whole value, which is a cost; the asset is disposed of.

    Example:

      bookvalue value-changes full-depreciation FA-0001 -b portland-coffee -d 2026-11-10 --description "burnt down"
    """
    from bookvalue.domain.terms import ValueChangeType

    raw = {"date": day, "description": description}
    _change(asset, business, ValueChangeType.FULL_DEPRECIATION, raw, None, as_json)


def _of_a_part(day: str, description: str, counter: str | None, elsewhere: bool) -> dict[str, Any]:
    """What changes of a part of the value are given, but the amount."""
    return {"date": day, "description": description, "counter_account": counter, "externally_booked": elsewhere}


def _change(
    asset: str, business: str, kind: "ValueChangeType", raw: Mapping[str, Any], amount: str | None, as_json: bool
) -> None:
    """Records the change and shows it."""
    from bookvalue.cli.connection import settings_checked
    from bookvalue.services.change_value import change_value
    from bookvalue.settings import business_now

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        given = {**raw, **({} if amount is None else {"amount": minor("amount", amount, kept.value.currency)})}
        now = business_now(settings_checked())
        made = change_value(engine, kept.id, asset_id, kind, given, actor="cli", now=now)
    if as_json:
        show_json({"data": _plain(made), "currency": kept.value.currency})
        return
    _show([made], kept.value.currency)
    say("recorded" if amount is not None else "recorded; the asset is disposed of")


def _plain(view: "ValueChangeView") -> dict[str, Any]:
    """A value change by the API's names; amounts are minor units."""
    return {
        "id": view.id,
        "asset_id": view.asset_id,
        "type": view.type,
        "date": view.day,
        "amount": view.amount_minor,
        "description": view.description,
        "externally_booked": view.externally_booked,
        "effective_period": f"{view.effective_period:%Y-%m}",
        "posting_period": f"{view.posting_period:%Y-%m}",
        "journal_entry_id": view.entry_id,
        "run_id": view.run_id,
        "reversed": view.reversed,
    }


def _show(found: "list[ValueChangeView]", currency: str) -> None:
    columns = ("date", "type", "amount", "for", "posted in", "reversed", "description", "id")
    rows = [
        (
            view.day,
            view.type,
            money(view.amount_minor, currency),
            f"{view.effective_period:%Y-%m}",
            "elsewhere" if view.externally_booked else f"{view.posting_period:%Y-%m}",
            "yes" if view.reversed else "",
            view.description,
            view.id,
        )
        for view in found
    ]
    show_table(columns, rows, empty="nothing has changed its value yet", numbers=("amount",))
