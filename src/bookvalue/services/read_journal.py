"""The journal of a business, in the order of its commits, from any number on: a reader that keeps the last number never
misses an entry and never sees one twice, whatever it filters by."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bookvalue.domain.errors import InvalidInput, NotFound
from bookvalue.domain.finding import finding
from bookvalue.storage import businesses, feed
from bookvalue.storage.feed import EntryFilter, FeedEntry
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

EXAMINED_AT_ONCE = 10_000
"""A filtered page looks at no more numbers than this, so that a rare filter over a long feed stays quick."""


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Some entries, the number to go on from, and the last number of the feed when they were read."""

    entries: list[FeedEntry]
    next_after: int
    has_more: bool
    last_number: int


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which entries a consumer wants; periods by their names (YYYY-MM), the account by id, code or stable name."""

    posting_period: str | None = None
    effective_period: str | None = None
    run_id: UUID | None = None
    asset_id: UUID | None = None
    account: str | None = None


def read_journal(
    engine: Engine, business_id: UUID, *, after: int = 0, limit: int = 100, posting_period: date | None = None
) -> JournalPage:
    """Up to `limit` entries after the number `after`; of one posting period, where it is given."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        last = feed.last_number(connection, business_id)
        return _page(connection, business_id, after, limit, EntryFilter(posting_period=posting_period), last)


def read_feed(
    engine: Engine, business_id: UUID, query: JournalQuery, *, after: int, limit: int, known: Collection[int] = ()
) -> JournalPage | int:
    """A page of the feed; or only its last number, where that is one of the `known`: nothing is new since then.

    Raises InvalidInput for a name that is no period.
    """
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        last = feed.last_number(connection, business_id)
        if last in known:
            return last
        return _page(connection, business_id, after, limit, _filter(connection, business_id, query), last)


def read_entry(engine: Engine, business_id: UUID, entry_id: UUID) -> FeedEntry:
    """One entry. Raises NotFound."""
    with transaction(engine, Role.API, business_id, snapshot=True) as connection:
        found = feed.one(connection, business_id, entry_id)
    if found is None:
        raise NotFound("there is no such journal entry")
    return found


def _page(
    connection: Connection, business_id: UUID, after: int, limit: int, only: EntryFilter, last: int
) -> JournalPage:
    """`next_after` is the last number examined, not the last one shown: a filtered reader goes on behind it."""
    through = min(last, after + (limit if only == EntryFilter() else EXAMINED_AT_ONCE))
    found = feed.entries(connection, business_id, after=after, through=through, limit=limit, only=only)
    examined = found[-1].feed_seq if len(found) == limit else max(after, through)
    return JournalPage(found, examined, examined < last, last)


def _filter(connection: Connection, business_id: UUID, query: JournalQuery) -> EntryFilter:
    starts: dict[str, date] = {}
    for field in ("posting_period", "effective_period"):
        name = getattr(query, field)
        if name is not None:
            calendar = businesses.get(connection, business_id).value.fiscal_calendar
            try:
                starts[field] = calendar.period_named(name).start
            except ValueError as error:
                raise InvalidInput("there is no such period", [finding("not_a_period", field, name)]) from error
    return EntryFilter(**starts, run_id=query.run_id, asset_id=query.asset_id, account=query.account)
