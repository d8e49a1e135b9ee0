"""`bookvalue tags`: the tags of an asset."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.books_at_hand import one_asset
from bookvalue.cli.options import AsJson, Asset, BusinessKey
from bookvalue.cli.output import say, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bookvalue.domain.tag_spec import Tag
    from bookvalue.storage.tag_sets import LineTag
    from bookvalue.storage.tags import KeptTag


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(tags)


def tags(
    asset: Asset,
    business: BusinessKey,
    given: Annotated[
        str | None,
        typer.Option("--set", metavar="TAGS", help="Give it these and no others: 'location=Porto; team=Bar', or ''."),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", help="The first day on which it has them, YYYY-MM-DD; else the first open one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the tags of an asset, or give it others.

    Charges and entries of its days before keep the tags that it had.

    Examples:

      bookvalue tags FA-0001 -b portland-coffee

      bookvalue tags FA-0001 -b portland-coffee --set 'location=Porto; team=Bar' --from 2026-11-11
    """
    from bookvalue.services.keep_asset import change_asset
    from bookvalue.services.list_assets import read_one_asset

    if first is not None and given is None:
        raise typer.BadParameter("it needs --set", param_hint="--from")
    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        if given is None:
            view = read_one_asset(engine, kept.id, asset_id)
        else:
            wanted = {"tags": _read(given), **({} if first is None else {"tags_from": first})}
            view = change_asset(engine, kept.id, asset_id, wanted, actor="cli")
    if as_json:
        show_json({"data": [tag_members(one) for one in view.tags]})
        return
    rows = [(one.value.key, one.value.value, one.first_day or "ever") for one in view.tags]
    show_table(("key", "value", "from"), rows, empty="the asset has no tags")
    if given is not None:
        say("the asset has these tags")


def _read(text: str) -> list[dict[str, str]]:
    """The tags that were typed. Raises InvalidInput."""
    from bookvalue.domain.errors import InvalidInput
    from bookvalue.domain.finding import finding
    from bookvalue.domain.register_columns import read_tag_text

    try:
        return read_tag_text(text)
    except ValueError as error:
        raise InvalidInput("1 finding; nothing was applied", [finding(str(error), "tags", text)]) from error


def told(tags: "Iterable[Tag | LineTag]") -> str:
    """Tags as `--set` takes them: site=porto; team=bar."""
    return "; ".join(f"{tag.key}={tag.value}" for tag in tags)


def tag_members(one: "KeptTag") -> dict[str, Any]:
    """A tag of an asset by the API's names."""
    return {
        "key": one.value.key,
        "value": one.value.value,
        "dimension_display_name": one.value.dimension_display_name,
        "value_display_name": one.value.value_display_name,
        "first_day": one.first_day,
    }
