"""The feed: a business's posted entries in the order of their commits, with their lines.

A reader sees committed numbers only: the counter's row and the entries come from one snapshot. Read-only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, String, cast, exists, or_, select

from bookvalue.domain.journal import JournalEntry, JournalLine
from bookvalue.storage import tag_sets
from bookvalue.storage.tables import account, asset, feed_counter, journal_entry, journal_line, value_update
from bookvalue.storage.tag_sets import LineTag

_E, _L, _A = journal_entry.c, journal_line.c, account.c


@dataclass(frozen=True, slots=True)
class FeedLine(JournalLine):
    """A line with its account's id and stable name, and its tags in order of their keys."""

    account_id: UUID
    stable_name: str | None
    tags: tuple[LineTag, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedEntry(JournalEntry):
    """An entry as a consumer gets it."""

    lines: tuple[FeedLine, ...]
    asset_number: str | None
    reversal_of: UUID | None
    memo: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to show; what is None filters nothing. `account`: an account's id, code or stable name."""

    posting_period: date | None = None
    effective_period: date | None = None
    run_id: UUID | None = None
    asset_id: UUID | None = None
    account: str | None = None


def last_number(connection: Connection, business_id: UUID) -> int:
    """The last number of the feed that is committed; 0 where there is none."""
    return int(connection.scalar(select(feed_counter.c.last_seq).where(feed_counter.c.business_id == business_id)) or 0)


def entries(
    connection: Connection, business_id: UUID, *, after: int, through: int, limit: int, only: EntryFilter
) -> list[FeedEntry]:
    """The first `limit` entries that pass the filter, of those numbered above `after` and up to `through`."""
    heads = (
        select(journal_entry)
        .where(_E.business_id == business_id, _E.feed_seq > after, _E.feed_seq <= through, *_conditions(only))
        .order_by(_E.feed_seq)
        .limit(limit)
    )
    return _read(connection, heads)


def one(connection: Connection, business_id: UUID, entry_id: UUID) -> FeedEntry | None:
    """One entry, or None."""
    heads = select(journal_entry).where(_E.business_id == business_id, _E.id == entry_id)
    return next(iter(_read(connection, heads)), None)


def _conditions(only: EntryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in ("posting_period", "effective_period", "run_id"):
        value = getattr(only, name)
        if value is not None:
            found.append(_E[name] == value)
    if only.asset_id is not None:  # by the value updates, so that an entry that sums up many assets is found as well
        update = value_update.c
        found.append(
            exists().where(
                update.business_id == _E.business_id,
                update.book_id == _E.book_id,
                update.effective_period == _E.effective_period,
                update.asset_id == only.asset_id,
                update.entry_id == _E.id,
            )
        )
    if only.account is not None:
        named = or_(cast(_A.id, String) == only.account, _A.code == only.account, _A.stable_name == only.account)
        found.append(
            exists().where(
                _L.business_id == _E.business_id,
                _L.entry_id == _E.id,
                _A.business_id == _L.business_id,
                _A.id == _L.account_id,
                named,
            )
        )
    return found


def _read(connection: Connection, heads: Select[Any]) -> list[FeedEntry]:
    head = heads.subquery("e")
    line, chart, owner = journal_line.alias("l"), account.alias("a"), asset.alias("s")
    rows = connection.execute(
        select(
            head,
            owner.c.external_id.label("asset_external_id"),
            owner.c.number.label("asset_number"),
            line.c.line_no,
            line.c.debit_minor,
            line.c.credit_minor,
            line.c.tag_set,
            chart.c.id.label("account_id"),
            chart.c.code.label("account_code"),
            chart.c.stable_name,
            chart.c.name.label("account_name"),
        )
        .join(line, (line.c.business_id == head.c.business_id) & (line.c.entry_id == head.c.id))
        .join(chart, (chart.c.business_id == line.c.business_id) & (chart.c.id == line.c.account_id))
        .outerjoin(owner, (owner.c.business_id == head.c.business_id) & (owner.c.id == head.c.asset_id))
        .order_by(head.c.feed_seq, line.c.line_no)
    ).all()
    numbers = {row.tag_set for row in rows if row.tag_set is not None}
    tags = tag_sets.shown(connection, rows[0].business_id, numbers) if numbers else {}
    return [_entry(list(of_one), tags) for _, of_one in groupby(rows, key=lambda row: row.feed_seq)]


def _entry(rows: list[Row[Any]], tags: Mapping[int, tuple[LineTag, ...]]) -> FeedEntry:
    first = rows[0]
    same = ("id", "feed_seq", "kind", "entry_date", "currency", "run_id", "asset_id", "asset_external_id")
    return FeedEntry(
        effective_period=f"{first.effective_period:%Y-%m}",
        posting_period=f"{first.posting_period:%Y-%m}",
        lines=tuple(_lines(rows, tags)),
        asset_number=first.asset_number,
        reversal_of=first.reversal_of,
        memo=first.memo,
        created_at=first.created_at,
        **{name: getattr(first, name) for name in same},
    )


_SAME = tuple(name for name in FeedLine.__dataclass_fields__ if name != "tags")


def _lines(rows: Iterable[Row[Any]], tags: Mapping[int, tuple[LineTag, ...]]) -> Iterable[FeedLine]:
    return (FeedLine(**{name: getattr(row, name) for name in _SAME}, tags=tags.get(row.tag_set, ())) for row in rows)
