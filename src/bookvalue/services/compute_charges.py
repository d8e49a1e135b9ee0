"""READ and COMPUTE: what a run would charge each asset of a book, and why it charges the others nothing.

Reads, writes nothing: preview and close share it.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.calendar import Period
from bookvalue.domain.terms import Averaging, PeriodStatus
from bookvalue.engine.charge import catch_up, due
from bookvalue.engine.register import EPOCH_ORDINAL, Int64, Rows
from bookvalue.ledger.outcomes import CHARGEABLE, first_reason
from bookvalue.ledger.posting import Charges
from bookvalue.ledger.tag_split import NOTHING_POSTED, Held, PostedTags, split
from bookvalue.services.charge_reasons import Mask, missing, standing_reasons
from bookvalue.services.units_reported import units_missing
from bookvalue.storage import businesses, periods
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.posted_positions import posted_by_period, posted_by_tags
from bookvalue.storage.register_reader import Positions, read_positions
from bookvalue.storage.unit_of_work import Connection

OPEN = (PeriodStatus.OPEN, PeriodStatus.CLOSING)


@dataclass(frozen=True, slots=True)
class BookPeriod:
    """A period of the book as it was read."""

    period: Period
    status: PeriodStatus
    generation: int

    @property
    def is_open(self) -> bool:
        """Whether it takes postings."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class Computed:
    """A run's result before it is written: the charges, a reason for each asset that has none, and what was read.

    periods: those up to the run's, oldest first; the last one is the run's. reasons: shape (n,), numbers of
    ledger.outcomes.REASONS. fact_version: the sum of the periods' fact versions as they were read.
    """

    kept: KeptBusiness
    periods: Sequence[BookPeriod]
    fact_version: int
    positions: Positions
    charges: Charges
    reasons: Int64
    account_ids: NDArray[np.void]

    @property
    def input_hash(self) -> str:
        """SHA-256 over all that the charges were computed from."""
        digest = hashlib.sha256(repr([(p.period.start, p.status.value) for p in self.periods]).encode())
        digest.update(self.positions.digest)
        return digest.hexdigest()

    @property
    def output_hash(self) -> str:
        """SHA-256 over the charges: which asset, which effective period, how much, for which tags if any."""
        digest = hashlib.sha256(self.positions.asset_id[self.charges.row].tobytes())
        digest.update(repr([p.period.start for p in self.periods]).encode())
        digest.update(self.charges.effective.tobytes() + self.charges.amount_minor.tobytes())
        if self.charges.tag_set.any():
            digest.update(self.charges.tag_set.tobytes())
        return digest.hexdigest()


def compute_charges(
    connection: Connection, business_id: UUID, book_id: UUID, last: date, only: Collection[UUID] | None = None
) -> Computed:
    """What the book's run for the period starting on `last` would charge, by the connection's snapshot.

    only: these assets alone, None for the whole register. Of these every effective period is looked at by itself: a run
    that owes nothing for the periods before its own leaves them be, whatever each of them comes to.
    """
    kept = businesses.get(connection, business_id)
    rows = periods.through(connection, business_id, book_id, last)
    known = [
        BookPeriod(Period(row.period_start, row.period_end), PeriodStatus(row.status), row.generation) for row in rows
    ]
    positions = read_positions(connection, business_id, book_id, last, kept.value.fiscal_calendar, only)
    chart = [b"\0" * 16] + [id_.bytes for id_, _, _ in businesses.accounts(connection, business_id)]
    due_before, due_now, reasons = _what_is_due(kept, positions, known)
    chargeable = reasons == CHARGEABLE
    behind = chargeable if only is not None else chargeable & (due_before != 0)
    plain = chargeable & ~behind & (due_now != 0)
    charges = _charges(connection, business_id, book_id, known, positions, due_now, plain, behind)
    return Computed(
        kept,
        known,
        sum(row.fact_version for row in rows),
        positions,
        charges,
        reasons,
        np.frombuffer(b"".join(chart), "V16"),
    )


def _day(day: date) -> int:
    return day.toordinal() - EPOCH_ORDINAL


def _what_is_due(kept: KeptBusiness, positions: Positions, known: Sequence[BookPeriod]) -> tuple[Int64, Int64, Int64]:
    """What is due up to the period before and up to this one, for all that may be charged; and why others may not."""
    register, count, current = positions.register, len(positions), known[-1].period
    applies = standing_reasons(kept.value, positions)
    turns = [(entry.period, entry.is_open) for entry in known]
    applies["units_missing"] = units_missing(register, turns, kept.value.lock_policy)
    computable = np.flatnonzero(first_reason(applies, count) == CHARGEABLE)

    due_before, due_now = np.zeros(count, np.int64), np.zeros(count, np.int64)
    # taking rows costs about as much as computing them: where few drop out, all are computed
    rows: Rows = slice(None) if 4 * len(computable) > 3 * count else computable
    columns, posted = register.take(rows), positions.posted
    due_before[rows] = due(columns, _day(current.start - timedelta(days=1)), posted.before_minor[rows])
    due_now[rows] = due(columns, _day(current.end), posted.through_minor[rows])

    # A thing that is missing only blocks an asset that has something to charge.
    owing = (due_before != 0) | (due_now != 0)
    applies |= {code: owing & mask for code, mask in missing(kept.value, positions).items()}
    return due_before, due_now, first_reason(applies, count)


def _charges(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    known: Sequence[BookPeriod],
    positions: Positions,
    due_now: Int64,
    is_plain: Mask,
    is_behind: Mask,
) -> Charges:
    """The charges of each asset and effective period with something due, sorted by (effective, row): one, or one for
    each of the tags that it had in the period. Of those that are behind every period is looked at, of the others the
    last one alone."""
    last = len(known) - 1
    plain, behind = np.flatnonzero(is_plain), np.flatnonzero(is_behind)
    rows, effective, amounts, sequence = (
        [plain],
        [np.full(len(plain), last)],
        [due_now[plain]],
        [positions.posted.here[plain]],
    )
    if len(behind):
        starts = [entry.period.start for entry in known]
        posted, counted = posted_by_period(connection, business_id, book_id, positions.asset_id[behind], starts)
        ends = np.array([_day(entry.period.end) for entry in known])
        missed = catch_up(positions.register.take(behind), ends, posted)
        at, which = np.nonzero(missed)
        rows.append(behind[at])
        effective.append(which)
        amounts.append(missed[at, which])
        sequence.append(counted[at, which])

    row, effect = np.concatenate(rows).astype(np.int64), np.concatenate(effective).astype(np.int64)
    order = np.lexsort((row, effect))
    # Own period if it is open, else the first open one (lock policy next_open).
    is_open = np.array([entry.is_open for entry in known])
    posting_of = np.where(is_open, np.arange(len(known)), np.argmax(is_open))
    row, effect = row[order], effect[order]
    charges = Charges(
        row=row,
        effective=effect,
        posting=posting_of[effect],
        amount_minor=np.concatenate(amounts)[order],
        sequence=np.concatenate(sequence)[order],
        accumulated_account=positions.accumulated_account[row],
        expense_account=positions.expense_account[row],
        tag_set=np.zeros(len(row), np.int64),
    )
    return _by_tags(connection, business_id, book_id, charges, positions, known)


def _by_tags(
    connection: Connection,
    business_id: UUID,
    book_id: UUID,
    charges: Charges,
    positions: Positions,
    known: Sequence[BookPeriod],
) -> Charges:
    """The charges, each for the tags that its asset had in the effective period."""
    if not len(positions.tags):
        return charges
    again = np.flatnonzero((charges.sequence > 0) & np.isin(charges.row, positions.tags.row))
    posted = NOTHING_POSTED
    if len(again):
        periods_again = [known[effective].period.start for effective in charges.effective[again].tolist()]
        assets_again = positions.asset_id[charges.row[again]]
        place, *rest = posted_by_tags(connection, business_id, book_id, assets_again, periods_again)
        posted = PostedTags(again[place], *rest)
    starts = np.array([_day(one.period.start) for one in known])
    ends = np.array([_day(one.period.end) for one in known])
    register = positions.register
    thirtieths = register.of_setting([one.averaging is Averaging.DAYS_360 for one in register.settings])
    held = Held(register.start_day, register.disposal_day, thirtieths == 1)
    return split(charges, positions.tags, starts, ends, held, posted)
