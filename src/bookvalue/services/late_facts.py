"""Where a dated fact goes: its own period while that is open, else what the book's lock policy says (SEMANTICS 7).

The caller holds the business (businesses.hold). Takes the lock of the period that is posted into, so that a close, a
lock and the fact come one after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bookvalue.domain.calendar import Period
from bookvalue.domain.errors import InvalidInput, LateFactRefused, PeriodLocked, PeriodNotOpen
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import LockPolicy, PeriodStatus
from bookvalue.storage import periods
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection


class FactKind(StrEnum):
    """What sort of fact it is, as far as a period that is no longer open cares."""

    POSTED = "posted"  # value updates, disposals: they have an entry of their own
    ESTIMATED = "estimated"  # registrations, estimate changes, suspensions, units, manual amounts: the run charges them
    TAKEN_BACK = "taken_back"  # what undoes a posted fact: it never was


class Late(StrEnum):
    """What becomes of a fact whose period is no longer open."""

    CATCH_UP = "catch_up"  # it counts from its own day; what it changes is posted in the first open period
    MOVE = "move"  # it counts from the first day of the first open period
    REFUSE = "refuse"


_CATCH_UP, _MOVE, _REFUSE = Late.CATCH_UP, Late.MOVE, Late.REFUSE
_LOCK_REFUSES = dict.fromkeys(LockPolicy, Late.REFUSE)
POLICIES: Mapping[FactKind, Mapping[PeriodStatus, Mapping[LockPolicy, Late]]] = {
    FactKind.POSTED: {
        PeriodStatus.CLOSED: dict(zip(LockPolicy, (_CATCH_UP, _REFUSE, _MOVE), strict=True)),
        PeriodStatus.LOCKED: _LOCK_REFUSES,
    },
    FactKind.ESTIMATED: {
        PeriodStatus.CLOSED: dict(zip(LockPolicy, (_CATCH_UP, _REFUSE, _MOVE), strict=True)),
        PeriodStatus.LOCKED: dict(zip(LockPolicy, (_CATCH_UP, _REFUSE, _MOVE), strict=True)),
    },
    # What never was cannot be spread over what is left.
    FactKind.TAKEN_BACK: {
        PeriodStatus.CLOSED: dict(zip(LockPolicy, (_CATCH_UP, _REFUSE, _CATCH_UP), strict=True)),
        PeriodStatus.LOCKED: dict(zip(LockPolicy, (_CATCH_UP, _REFUSE, _CATCH_UP), strict=True)),
    },
}
"""Kind of fact -> where its own period stands -> lock policy -> what becomes of it (docs/late-facts.md)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a fact goes: the day from which it counts, the period it is for, and the one that it is posted in."""

    day: date
    effective: Period
    posting: Period
    late: Late | None = None

    @property
    def entry_date(self) -> date:
        """The date of an entry: the fact's own day, or the first day of the later period that it lies in."""
        return self.day if self.posting == self.effective else self.posting.start


def place(connection: Connection, kept: KeptBusiness, day: date, kind: FactKind, *, field: str = "date") -> Placement:
    """Where a fact of this day goes; its own period and the one that takes it are held to the end of the transaction.

    Raises InvalidInput for a day before the books, PeriodLocked, LateFactRefused, Busy.
    """
    open_periods_through(connection, kept, day)
    own = kept.value.fiscal_calendar.period_of(day)
    while True:
        status, posting = _read(connection, kept, own, field, day)
        # its own as well, where another one takes it: it must not be locked between being seen and being posted for
        held = list({own.start, posting.start})
        periods.hold_exclusively(connection, kept.id, kept.book_id, held)
        if _read(connection, kept, own, field, day) == (status, posting):
            break
    if status is PeriodStatus.OPEN:
        return Placement(day, own, posting)
    late = POLICIES[kind][status][kept.value.lock_policy]
    if late is Late.REFUSE and status is PeriodStatus.LOCKED and kind is FactKind.POSTED:
        raise PeriodLocked(f"period {own.name} is locked")
    if late is Late.REFUSE:
        raise LateFactRefused(f"period {own.name} is {status}, and the book refuses facts of such a period")
    if late is Late.MOVE:
        return Placement(posting.start, posting, posting, late)
    return Placement(day, own, posting, late)


def place_reversal(connection: Connection, kept: KeptBusiness, day: date, posted: Period) -> Placement:
    """Where the reversal of a fact of this day goes, whose entry lies in `posted`: no earlier than that, whatever was
    opened again since. Raises as `place` does.
    """
    placement = place(connection, kept, day, FactKind.TAKEN_BACK)
    if posted <= placement.posting:
        return placement
    periods.hold_exclusively(connection, kept.id, kept.book_id, [posted.start])
    return replace(placement, posting=posted)


def _read(
    connection: Connection, kept: KeptBusiness, own: Period, field: str, day: date
) -> tuple[PeriodStatus, Period]:
    """Where the own period stands, and the open one that would be posted into."""
    rows = periods.since(connection, kept.id, kept.book_id, date.min)
    mine = next((row for row in rows if row.period_start == own.start), None)
    if mine is None:
        raise InvalidInput("1 finding; nothing was applied", [finding("before_the_books", field, day.isoformat())])
    status = PeriodStatus.OPEN if mine.status == PeriodStatus.CLOSING else PeriodStatus(mine.status)
    if status is PeriodStatus.OPEN:
        return status, own
    first = next((row for row in rows if row.status == PeriodStatus.OPEN), None)
    if first is None:
        raise PeriodNotOpen("no period of the book is open")
    return status, Period(first.period_start, first.period_end)


def hold_periods(connection: Connection, kept: KeptBusiness) -> None:
    """Holds every period of the book that is not locked, oldest first, to the end of the transaction."""
    held: set[date] = set()
    while True:
        known = periods.since(connection, kept.id, kept.book_id, date.min)
        wanted = [row.period_start for row in known if row.status != PeriodStatus.LOCKED]
        if held.issuperset(wanted):
            return
        periods.hold_exclusively(connection, kept.id, kept.book_id, wanted)
        held.update(wanted)


def open_periods_through(connection: Connection, kept: KeptBusiness, day: date) -> None:
    """Opens the book's periods up to the one that holds the day, as its runs would in turn.

    Those that are there are held before another is opened: a close that opens the next one holds them, and each would
    wait for the other.
    """
    calendar = kept.value.fiscal_calendar
    last = periods.last_start(connection, kept.id, kept.book_id)
    if last is None or calendar.period_of(last).end >= day:
        return
    hold_periods(connection, kept)
    period = calendar.period_of(periods.last_start(connection, kept.id, kept.book_id) or last)
    while period.end < day:
        period = calendar.next_period(period)
        due = kept.value.due_at(period)
        periods.open_next(connection, kept.id, kept.book_id, period, due_at=due, expected_assets=0)
