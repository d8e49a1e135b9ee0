"""`bookvalue journal`: what is posted, entry by entry."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookvalue.cli.asset_names import called
from bookvalue.cli.options import AsJson, Limit
from bookvalue.cli.output import answering, money, say, show_json, show_table
from bookvalue.cli.tags import told

if TYPE_CHECKING:
    from bookvalue.storage.feed import FeedEntry


def add_to(app: typer.Typer) -> None:
    """Adds the command of this file."""
    app.command()(journal)


def journal(
    business: Annotated[str, typer.Argument(help="The business's key.")],
    after: Annotated[int, typer.Option("--after", min=0, help="Only entries after this number of the feed.")] = 0,
    period: Annotated[
        str | None, typer.Option("--period", "-p", help="Only entries that lie in this period (YYYY-MM).")
    ] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show posted journal entries, in the order of their commits.

    To follow the journal, keep the last number and ask for what comes after it.

    Examples:

      bookvalue journal portland-coffee --limit 2

      bookvalue journal portland-coffee --after 105 --json
    """
    from bookvalue.cli.connection import database
    from bookvalue.domain.errors import InvalidInput
    from bookvalue.domain.finding import finding
    from bookvalue.services.list_businesses import list_businesses
    from bookvalue.services.read_journal import read_journal

    with answering(as_json), database() as engine:
        (kept,) = list_businesses(engine, [business])
        try:
            start = kept.value.fiscal_calendar.period_named(period).start if period else None
        except ValueError as error:
            raise InvalidInput("there is no such period", [finding("not_a_period", "period", period)]) from error
        page = read_journal(engine, kept.id, after=after, limit=limit, posting_period=start)
    if as_json:
        show_json({"data": page.entries, "next_after": page.next_after, "has_more": page.has_more})
        return
    show_table(
        _COLUMNS,
        [row for entry in page.entries for row in _rows(entry, kept.value.currency)],
        empty="there are no entries" + (f" after number {after}" if after else " yet: they come with the first close"),
        numbers=("debit", "credit"),
        unless_empty=("asset", "tags", "memo"),
    )
    if page.has_more:
        say(f"more: --after {page.next_after}")


_COLUMNS = ("no.", "date", "for", "kind", "asset", "account", "name", "debit", "credit", "tags", "memo")


def _rows(entry: "FeedEntry", currency: str) -> list[tuple[Any, ...]]:
    """A row a line; what is the whole entry's stands in the first one."""
    head = (
        entry.feed_seq,
        entry.entry_date,
        entry.effective_period + (" (catch-up)" if entry.is_catch_up else ""),
        entry.kind.replace("_", " "),
        called(entry.asset_id, entry.asset_external_id, entry.asset_number),
    )
    return [
        (
            *(head if at == 0 else ("",) * len(head)),
            line.account_code,
            line.account_name,
            money(line.debit_minor or None, currency),
            money(line.credit_minor or None, currency),
            told(line.tags),
            entry.memo if at == 0 else None,
        )
        for at, line in enumerate(entry.lines)
    ]
