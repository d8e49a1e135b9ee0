"""`bookvalue settings`: a business's settings and its book's policies."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.books_at_hand import one_business
from bookvalue.cli.options import AsJson, BusinessKey
from bookvalue.cli.output import say, show_json, show_table

if TYPE_CHECKING:
    from bookvalue.services.read_businesses import SettingsView


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(settings)


def settings(
    business: BusinessKey,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change one; may be given again. No value: its default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the settings of a business and the policies of its book, or change them: all that are named, or none.

    auto, close_after_days, close_at, grain, lock_policy and auto_lock_after_days
    are the book's policies. What each means: docs/import.md, businesses.csv.

    Examples:

      bookvalue settings -b portland-coffee

      bookvalue settings -b portland-coffee --set lock_policy=refuse --set auto_lock_after_days=30
    """
    from bookvalue.services.change_business import change_business
    from bookvalue.services.read_businesses import read_settings

    wanted = dict(_pair(text) for text in given or ())
    with one_business(business, as_json) as (engine, kept):
        before = read_settings(engine, kept.id)
        view = change_business(engine, kept.id, wanted, actor="cli") if wanted else before
    members = _plain(view)
    if as_json:
        show_json({"data": members})
        return
    show_table(("setting", "value"), list(members.items()), empty="")
    if wanted:
        say("changed" if view != before else "unchanged: that is what they are")


def _pair(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text} is not NAME=VALUE", param_hint="--set")
    value = value.strip()
    # what is no number stays text, and its reader refuses it
    is_number = name.strip() in _NUMBERS and _WHOLE.fullmatch(value)
    return name.strip(), int(value) if is_number else value or None


_NUMBERS = ("close_after_days", "auto_lock_after_days", "number_sequence")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def _plain(view: "SettingsView") -> dict[str, Any]:
    """The settings by the API's names, accounts by code."""
    from bookvalue.domain.business_spec import business_as_raw

    accounts = {name: account and account.value.code for name, account in view.accounts.items()}
    return {
        **business_as_raw(view.kept.value),
        **accounts,
        "number_sequence": view.kept.next_number,
        "last_depreciation_date": view.last_depreciation_date,
    }
