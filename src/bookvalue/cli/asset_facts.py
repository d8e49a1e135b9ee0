"""Facts of an asset that have no entry: `estimate`, `suspend`, `units`, `manual` record one, `facts` shows them."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.amounts import minor
from bookvalue.cli.books_at_hand import one_asset
from bookvalue.cli.options import AsJson, Asset, BusinessKey
from bookvalue.cli.output import money, say, show_json, show_table

if TYPE_CHECKING:
    from bookvalue.domain.asset_fact_spec import FactType
    from bookvalue.storage.asset_facts import KeptFact


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    for command in (estimate, suspend, units, manual, facts):
        app.command()(command)


def estimate(
    asset: Asset,
    business: BusinessKey,
    day: Annotated[str, typer.Option("--date", "-d", help="From when, YYYY-MM-DD; it may be to come.")],
    remaining_life: Annotated[
        int | None, typer.Option("--remaining-life", help="Months from then on, instead of a rate.")
    ] = None,
    rate: Annotated[str | None, typer.Option("--rate", help="Percent a year, instead of a life.")] = None,
    residual: Annotated[str | None, typer.Option("--residual", help="What is left at the end, such as 500.00.")] = None,
    method: Annotated[str | None, typer.Option("--method", help="The method from then on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give an asset other estimates from a day on.

    What is left out stays as it was. Where the day lies in a closed period,
    the book's lock policy says what becomes of it.

    Example:

      bookvalue estimate FA-0001 -b portland-coffee -d 2026-11-01 --remaining-life 24 --residual 500.00
    """
    from bookvalue.domain.asset_fact_spec import FactType

    raw = {"date": day, "remaining_life_months": remaining_life, "rate_percent": rate, "method": method}
    _record(asset, business, FactType.ESTIMATE_CHANGE, raw, {"residual_value": residual}, as_json)


def suspend(
    asset: Asset,
    business: BusinessKey,
    first: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD; it may be to come.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    extend_life: Annotated[
        bool, typer.Option("--extend-life/--keep-end", help="Whether the life is longer by it.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Suspend an asset: nothing is charged for these days.

    Example:

      bookvalue suspend FA-0001 -b portland-coffee --from 2027-01-01 --to 2027-03-31
    """
    from bookvalue.domain.asset_fact_spec import FactType

    raw = {"from": first, "to": last, "extend_life": extend_life}
    _record(asset, business, FactType.SUSPENSION, raw, {}, as_json)


def units(
    asset: Asset,
    business: BusinessKey,
    day: Annotated[str, typer.Option("--period-end", "-d", help="The last day of the period, YYYY-MM-DD.")],
    quantity: Annotated[str, typer.Option("--quantity", "-q", help="Units used in the period; 0 if none.")],
    as_json: AsJson = False,
) -> None:
    """Report the units used in a period: one report a period.

    To correct one, archive it and report anew.

    Example:

      bookvalue units press-1 -b portland-coffee -d 2026-10-31 -q 1200
    """
    from bookvalue.domain.asset_fact_spec import FactType

    _record(asset, business, FactType.UNITS_USED, {"period_end": day, "quantity": quantity}, {}, as_json)


def manual(
    asset: Asset,
    business: BusinessKey,
    day: Annotated[str, typer.Option("--date", "-d", help="When, YYYY-MM-DD.")],
    amount: Annotated[str, typer.Option("--amount", help="How much, such as 500.00.")],
    as_json: AsJson = False,
) -> None:
    """Add an amount to the table of an asset whose method is manual.

    Example:

      bookvalue manual FA-0001 -b portland-coffee -d 2026-11-30 --amount 500.00
    """
    from bookvalue.domain.asset_fact_spec import FactType

    _record(asset, business, FactType.MANUAL_AMOUNT, {"date": day}, {"amount": amount}, as_json)


def facts(
    asset: Asset,
    business: BusinessKey,
    every: Annotated[bool, typer.Option("--all", help="Those that are archived too.")] = False,
    archive: Annotated[
        str | None, typer.Option("--archive", metavar="ID", help="Archive this one: it never counted then.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the facts of an asset that have no entry, or archive one.

    Estimate changes, suspensions, units and manual amounts. The next close
    posts the difference that an archived one makes.

    Examples:

      bookvalue facts FA-0001 -b portland-coffee

      bookvalue facts FA-0001 -b portland-coffee --archive 0190a1b2-0000-7000-8000-000000000000
    """
    from bookvalue.services.record_fact import archive_fact
    from bookvalue.services.show_facts import all_facts, find_fact

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        if archive is None:
            found = all_facts(engine, kept.id, asset_id, archived=every)
        else:
            kind, fact_id = find_fact(engine, kept.id, asset_id, archive)
            found = [archive_fact(engine, kept.id, asset_id, kind, fact_id, actor="cli")]
    _show(found, kept.value.currency, as_json)
    if archive is not None and not as_json:
        say("archived; the next close posts the difference")


def _record(
    asset: str,
    business: str,
    kind: "FactType",
    raw: Mapping[str, Any],
    amounts: Mapping[str, str | None],
    as_json: bool,
) -> None:
    """Records a fact and shows it. amounts: as people write them, in the business's currency."""
    from bookvalue.cli.connection import settings_checked
    from bookvalue.services.record_fact import record_fact
    from bookvalue.settings import business_now

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        given = {**raw, **{name: minor(name, text, kept.value.currency) for name, text in amounts.items()}}
        now = business_now(settings_checked())
        made = record_fact(engine, kept.id, asset_id, kind, given, now=now, actor="cli")
    _show([made], kept.value.currency, as_json)
    if not as_json:
        say("recorded; the next close charges what it changes")


def _show(found: "list[KeptFact]", currency: str, as_json: bool) -> None:
    from bookvalue.domain.asset_fact_spec import type_of
    from bookvalue.services.record_fact import NAMES
    from bookvalue.services.show_facts import members_of

    if as_json:
        members = [
            {"id": one.id, "kind": NAMES[type_of(one.fact)], "asset_id": one.asset_id, **members_of(one.fact),
             "created_at": one.created_at, "archived_at": one.archived_at}
            for one in found
        ]  # fmt: skip
        show_json({"data": members, "currency": currency})
        return
    rows = [
        (
            NAMES[type_of(one.fact)].replace("_", " "),
            _told(members_of(one.fact), currency),
            one.id,
            _day(one.archived_at),
        )
        for one in found
    ]
    show_table(("fact", "what", "id", "archived"), rows, empty="there are none")


def _told(members: Mapping[str, Any], currency: str) -> str:
    """The members that are given, in a line."""
    given = {name: value for name, value in members.items() if value is not None}
    return ", ".join(f"{name} {_value(name, value, currency)}" for name, value in given.items())


def _value(name: str, value: Any, currency: str) -> str:
    if name in ("amount", "residual_value"):
        return money(value, currency)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _day(instant: Any) -> date | None:
    return None if instant is None else instant.date()
