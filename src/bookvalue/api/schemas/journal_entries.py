"""Posted journal entries over HTTP."""

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from bookvalue.api.schemas.base import Out
from bookvalue.services.read_journal import JournalPage
from bookvalue.storage.feed import FeedEntry


class LineTagOut(Out):
    """A tag of a line: a value of a dimension, by the names that they have now."""

    key: str
    value: str
    dimension_id: UUID
    definition_id: UUID
    dimension_display_name: str | None
    value_display_name: str | None


class LineOut(Out):
    """One side of an entry on one account: a debit or a credit, in minor units."""

    line_no: int
    account_id: UUID
    account_code: str
    account_stable_name: str | None
    account_name: str
    debit_minor: int
    credit_minor: int
    tags: list[LineTagOut] = Field(description="What the assets were tagged with that it is for, in order of the keys.")


class EntryOut(Out):
    """A posted entry. It never changes; a correction is another entry."""

    id: UUID
    sequence: int = Field(description="Its number in the business's feed: without gaps, in the order of the commits.")
    kind: str
    effective_period: str = Field(description="What it is for, YYYY-MM.")
    posting_period: str = Field(description="Where it lies, YYYY-MM.")
    is_catch_up: bool
    entry_date: date
    currency: str
    total_minor: int
    run_id: UUID | None
    asset_id: UUID | None = Field(description="The asset, where the book's journal grain is the asset.")
    asset_external_id: str | None
    reversal_of: UUID | None
    memo: str | None
    created_at: datetime
    lines: list[LineOut]


class FeedOut(Out):
    """A page of the feed."""

    data: list[EntryOut]
    next_after: int = Field(description="The last number that was looked at: the `after` to go on with.")
    has_more: bool = Field(description="Whether there is more now; a filtered page may be empty and have more.")


def entry_out(entry: FeedEntry) -> EntryOut:
    """An entry as it is shown."""
    same = set(EntryOut.model_fields) - {"sequence", "lines"}
    return EntryOut(
        sequence=entry.feed_seq,
        lines=[
            LineOut(
                line_no=line.line_no,
                account_id=line.account_id,
                account_code=line.account_code,
                account_stable_name=line.stable_name,
                account_name=line.account_name,
                debit_minor=line.debit_minor,
                credit_minor=line.credit_minor,
                tags=[LineTagOut(**asdict(tag)) for tag in line.tags],
            )
            for line in entry.lines
        ],
        **{name: getattr(entry, name) for name in same},
    )


def feed_out(page: JournalPage) -> FeedOut:
    """A page as it is shown."""
    return FeedOut(
        data=[entry_out(entry) for entry in page.entries], next_after=page.next_after, has_more=page.has_more
    )
