"""`bookvalue assets`: the register of a business, with what each asset stands at."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from bookvalue.cli.books_at_hand import one_business
from bookvalue.cli.options import AsJson, BusinessKey, Limit
from bookvalue.cli.output import money, say, show_json, show_table, shown
from bookvalue.cli.tags import tag_members, told

if TYPE_CHECKING:
    from bookvalue.services.list_assets import AssetView

_AMOUNTS = ("cost", "accumulated", "book value")
_LAST_ID = UUID(int=2**128 - 1)  # numbers are unique: nothing of the same number comes after it


def add_to(app: typer.Typer) -> None:
    """Adds the command of this file."""
    app.command()(assets)


def assets(
    business: BusinessKey,
    status: Annotated[
        str | None, typer.Option("--status", "-s", help="Only in this state: draft, registered or disposed.")
    ] = None,
    after: Annotated[str | None, typer.Option("--after", help="Only assets after this number.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List the assets of a business by their numbers: cost, accumulated depreciation and book value.

    The figures are what is posted. Archived assets are left out. Where all are
    shown, the last row adds them up.

    Examples:

      bookvalue assets -b portland-coffee

      bookvalue assets -b portland-coffee --status disposed --json
    """
    from bookvalue.domain.terms import AssetStatus
    from bookvalue.services.list_assets import AssetQuery, page_of_assets
    from bookvalue.storage.asset_pages import AssetFilter, Position

    if status is not None and status not in set(AssetStatus):
        raise typer.BadParameter(f"{status} is none of {', '.join(AssetStatus)}", param_hint="--status")
    wanted = AssetQuery(AssetFilter(status=AssetStatus(status) if status else None))
    place = None if after is None else Position(after, _LAST_ID)
    with one_business(business, as_json) as (engine, kept):
        found, last = page_of_assets(engine, kept.id, wanted, after=place, limit=limit)
    following = None if last is None else last.value
    if as_json:
        data = [_members(view) for view in found]
        show_json({"data": data, "next_after": following, "currency": kept.value.currency})
        return
    narrowed = status is not None or after is not None
    empty = "there are no such assets" if narrowed else "there are no assets: `bookvalue import` brings them"
    _show(found, kept.value.currency, empty, with_total=after is None and following is None)
    if following is not None:
        say(f"more: --after {shown(shlex.quote(following))}")


def _show(found: "Sequence[AssetView]", currency: str, empty: str, *, with_total: bool) -> None:
    rows: list[tuple[Any, ...]] = [
        (
            view.value.number,
            None if view.value.external_id == str(view.id) else view.value.external_id,
            view.value.name,
            view.value.status,
            *(money(amount, currency) for amount in _amounts(view)),
            told(tag.value for tag in view.tags),
        )
        for view in found
    ]
    if with_total and found:
        totals = map(sum, zip(*map(_amounts, found), strict=True))
        rows.append(("total", None, None, None, *(money(amount, currency) for amount in totals), None))
    columns = ("number", "external id", "name", "status", *_AMOUNTS, "tags")
    show_table(columns, rows, empty=empty, numbers=_AMOUNTS, unless_empty=("external id", "tags"))


def _amounts(view: "AssetView") -> tuple[int, int, int]:
    """Cost, accumulated depreciation and book value in minor units."""
    return view.value.cost_minor, view.accumulated_minor, view.book_value_minor


def _members(view: "AssetView") -> dict[str, Any]:
    """An asset by the API's names; amounts in minor units, accounts by code."""
    value = view.value
    return {
        "id": view.id,
        "external_id": value.external_id,
        "name": value.name,
        "number": value.number,
        "asset_type": value.kind,
        "asset_type_id": view.asset_type_id,
        "status": value.status,
        "purchase_date": value.purchase_date,
        "depreciation_start_date": value.depreciation_start_date,
        "original_value": value.cost_minor,
        "salvage_value": value.residual_minor,
        "useful_life_months": value.settings.life_months,
        "cost_limit": value.cost_limit_minor,
        **{name: account and account.value.code for name, account in view.accounts.items()},
        "tags": [tag_members(tag) for tag in view.tags],
        "archived_at": view.archived_at,
        "book_value": view.book_value_minor,
        "accumulated_depreciation": view.accumulated_minor,
        "prior_accumulated_depreciation": view.prior_accumulated_minor,
        "current_accumulated_depreciation": view.current_accumulated_minor,
        "can_roll_back": view.can_roll_back,
        "disposal_date": view.disposal and view.disposal.day,
        "disposal_price": view.disposal and view.disposal.proceeds_minor,
    }
