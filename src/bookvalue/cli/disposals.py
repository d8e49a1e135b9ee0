"""`bookvalue dispose`, `reinstate` and `disposals`: an asset or a part of it leaves the books, and comes back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.amounts import minor
from bookvalue.cli.books_at_hand import one_asset
from bookvalue.cli.options import AsJson, Asset, BusinessKey, read_id
from bookvalue.cli.output import money, say, show_json, show_table

if TYPE_CHECKING:
    from bookvalue.services.show_disposals import DisposalView, EntryView

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what it would be, and do nothing.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(dispose)
    app.command()(reinstate)
    app.command("disposals")(list_disposals)


def dispose(
    asset: Asset,
    business: BusinessKey,
    day: Annotated[str, typer.Option("--date", "-d", help="Its last day, YYYY-MM-DD.")],
    reason: Annotated[
        str, typer.Option("--reason", "-r", help="out_of_use, sold, private_withdrawal or divested.")
    ] = "out_of_use",
    proceeds: Annotated[
        str | None, typer.Option("--proceeds", help="What it brings, such as 15000.00; 0 scraps it.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="The account that the proceeds go to: a stable name or code.")
    ] = None,
    gain_account: Annotated[str | None, typer.Option("--gain-account", help="The business's if left out.")] = None,
    loss_account: Annotated[str | None, typer.Option("--loss-account", help="The business's if left out.")] = None,
    capital_gain_account: Annotated[
        str | None, typer.Option("--capital-gain-account", help="The business's if left out.")
    ] = None,
    part: Annotated[
        str | None, typer.Option("--part", help="Only a part: its cost (500.00), percent (25%) or units (2/5).")
    ] = None,
    elsewhere: Annotated[
        bool, typer.Option("--externally-booked", help="It has its entry elsewhere, and none here.")
    ] = False,
    memo: Annotated[str | None, typer.Option("--memo", help="A note, on the entry too.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Dispose of an asset: sold, scrapped or given away.

    Depreciation up to the day and one entry that takes cost and accumulated
    depreciation off the books. Without --proceeds only an asset that has no
    value left can go.

    Examples:

      bookvalue dispose FA-0001 -b portland-coffee -d 2026-11-15 -r sold --proceeds 15000.00 --to CASH --dry-run

      bookvalue dispose seed-002 -b portland-coffee -d 2026-11-15 --proceeds 0

      bookvalue dispose seed-002 -b portland-coffee -d 2026-11-15 --proceeds 0 --part 25%
    """
    from bookvalue.cli.connection import settings_checked
    from bookvalue.services.dispose_asset import dispose_asset
    from bookvalue.settings import business_now

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        raw = {
            "date": day,
            "reason": reason,
            "proceeds": minor("proceeds", proceeds, kept.value.currency),
            "proceeds_account": to,
            "gain_account": gain_account,
            "loss_account": loss_account,
            "capital_gain_account": capital_gain_account,
            "part": None if part is None else _part(part, kept.value.currency),
            "externally_booked": elsewhere,
            "memo": memo,
            "dry_run": dry_run,
        }
        view = dispose_asset(engine, kept.id, asset_id, raw, actor="cli", now=business_now(settings_checked()))
    _show(view, view.entry, kept.value.currency, as_json)
    if not as_json:
        say("nothing was done" if dry_run else "disposed of")


def reinstate(
    asset: Asset,
    business: BusinessKey,
    disposal: Annotated[
        str | None, typer.Option("--disposal", metavar="ID", help="The disposal of a part, by its id.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Kept in the audit trail.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take an asset's disposal back by the mirror image of its entry.

    What the asset missed in the meantime is charged by the next close. A part
    comes back with --disposal.

    Example:

      bookvalue reinstate FA-0001 -b portland-coffee --reason "the buyer did not pay"
    """
    from bookvalue.services.find_asset import find_disposal
    from bookvalue.services.reinstate_asset import reinstate_asset

    wanted = None if disposal is None else read_id(disposal, "--disposal")
    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        gone = wanted or find_disposal(engine, kept.id, asset_id, asset)
        view = reinstate_asset(engine, kept.id, asset_id, gone, actor="cli", reason=reason, dry_run=dry_run)
    made = view.reinstatement
    _show(view, made.entry if made else None, kept.value.currency, as_json)
    if not as_json:
        say("nothing was done" if dry_run else "reinstated")


def list_disposals(asset: Asset, business: BusinessKey, as_json: AsJson = False) -> None:
    """List an asset's disposals, of parts too, with those that were taken back.

    Example:

      bookvalue disposals FA-0001 -b portland-coffee
    """
    from bookvalue.services.show_disposals import show_disposals

    with one_asset(business, asset, as_json) as (engine, kept, asset_id):
        views = show_disposals(engine, kept.id, asset_id, after=None, limit=None)
    currency = kept.value.currency
    if as_json:
        show_json({"data": [{**_members(view), "currency": currency} for view in views]})
        return
    rows = [
        (
            str(view.id),
            view.day.isoformat(),
            view.reason,
            "all" if view.share is None else str(view.share),
            money(view.cost_minor, currency),
            money(view.accumulated_minor, currency),
            money(view.proceeds_minor, currency),
            money(view.gain_or_loss_minor + view.capital_gain_minor, currency),
            "taken back" if view.reinstatement else "in force",
        )
        for view in views
    ]
    head = ("id", "date", "reason", "part", "cost", "accumulated", "proceeds", "result", "state")
    numbers = ("cost", "accumulated", "proceeds", "result")
    show_table(head, rows, empty="the asset has not been disposed of, nor a part of it", numbers=numbers)


def _part(text: str, currency: str) -> dict[str, Any]:
    """The part as the API takes it: `25%`, `2/5` of its units, or its cost."""
    if text.endswith("%"):
        return {"percent": text.removesuffix("%").strip()}
    disposed, slash, of = text.partition("/")
    if slash:
        return {"units": {"disposed": disposed.strip(), "of": of.strip()}}
    return {"cost": minor("part.cost", text, currency)}


def _show(view: "DisposalView", entry: "EntryView | None", currency: str, as_json: bool) -> None:
    """The figures and the entry: one JSON document, or two tables."""
    if as_json:
        show_json({"data": {**_members(view), "entry": entry and _entry(entry), "currency": currency}})
        return
    figures = [
        *([] if view.id is None else [("id", str(view.id))]),
        ("date", view.day.isoformat()),
        ("lies in", f"{view.posting_period:%Y-%m}" + (f" ({view.late})" if view.late else "")),
        ("cost", money(view.cost_minor, currency)),
        ("accumulated depreciation", money(view.accumulated_minor, currency)),
        ("of it up to the day", money(view.stub_minor, currency)),
        *((f"of it for {one.effective_period:%Y-%m}", money(one.amount_minor, currency)) for one in view.charges),
        *([("accumulated impairment", money(view.impairment_minor, currency))] if view.impairment_minor else []),
        ("book value", money(view.book_value_minor, currency)),
        ("proceeds", money(view.proceeds_minor, currency)),
        ("gain or loss", money(view.gain_or_loss_minor, currency)),
        ("capital gain", money(view.capital_gain_minor, currency)),
    ]
    show_table(("disposal", currency), figures, empty="", numbers=(currency,))
    rows = [
        (
            line.account.value.code,
            line.account.value.name,
            money(line.debit_minor or None, currency),
            money(line.credit_minor or None, currency),
        )
        for line in (entry.lines if entry else ())
    ]
    show_table(("account", "name", "debit", "credit"), rows, empty="no entry", numbers=("debit", "credit"))


def _members(view: "DisposalView") -> dict[str, Any]:
    """The disposal by the names that it has in the API; amounts in minor units."""
    return {
        "id": view.id,
        "asset_id": view.asset_id,
        "date": view.day,
        "given_date": view.given_day,
        "reason": view.reason,
        "proceeds": view.proceeds_minor,
        "cost": view.cost_minor,
        "accumulated_depreciation": view.accumulated_minor,
        "accumulated_impairment": view.impairment_minor,
        "book_value": view.book_value_minor,
        "stub": view.stub_minor,
        "gain_or_loss": view.gain_or_loss_minor,
        "capital_gain": view.capital_gain_minor,
        "effective_period": f"{view.effective_period:%Y-%m}",
        "posting_period": f"{view.posting_period:%Y-%m}",
        "late": view.late,
        "charges": [
            {
                "effective_period": f"{one.effective_period:%Y-%m}",
                "posting_period": f"{one.posting_period:%Y-%m}",
                "amount": one.amount_minor,
            }
            for one in view.charges
        ],
        "part": None if view.share is None else str(view.share),
        "value_change": view.value_change,
        "externally_booked": view.externally_booked,
        "memo": view.memo,
        "is_reinstated": view.reinstatement is not None,
    }


def _entry(entry: "EntryView") -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "entry_date": entry.entry_date,
        "lines": [
            {
                "line_no": line.line_no,
                "account": line.account.value.code,
                "debit_minor": line.debit_minor,
                "credit_minor": line.credit_minor,
            }
            for line in entry.lines
        ],
    }
