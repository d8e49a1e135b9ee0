"""Which tags a charge is for: one for a period in which its asset's tags change is split by the days that each had.

Pure. Tag sets are small numbers here, 0 for no tags; storage knows which tags they are.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from bookvalue.engine.averaging import place_360
from bookvalue.engine.exact import multiply_divide
from bookvalue.engine.register import Int64
from bookvalue.ledger.posting import Charges


@dataclass(frozen=True, slots=True)
class TagDays:
    """From when assets have which tags: arrays of shape (k,), sorted by (row, day), one row a change.

    row: the asset's row in the register. day: since 1970-01-01; before its first day an asset has no tags. tag_set:
    what it has from that day on, 0 for none.
    """

    row: Int64
    day: Int64
    tag_set: Int64

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class Held:
    """Which days count, of the register's rows: shape (n,).

    start_day, disposal_day: the first and the last on which an asset depreciates. thirtieths: whether days are counted
    in months of thirty (30E), else as they are.
    """

    start_day: Int64
    disposal_day: Int64
    thirtieths: NDArray[np.bool_]


NO_TAGS = TagDays(*(np.empty(0, np.int64) for _ in fields(TagDays)))


def split(charges: Charges, tags: TagDays, starts: Int64, ends: Int64, held: Held) -> Charges:
    """The charges by tags, in the order in which the asset had them; those of one asset and period sum to what it was.

    starts, ends: the first and last day of each numbered period, of which the days from an asset's start to its
    disposal count. What comes to nothing is left out, and sequences follow each other. Rounded half away from zero on
    the days up to each change, so that no cent is lost.
    """
    if not len(tags) or not len(charges):
        return charges
    start, end = _days_held(starts[charges.effective], ends[charges.effective], charges.row, held)
    origin, width = _span(tags, starts, ends)
    keys = tags.row * width + (tags.day - origin)
    # what is in force on the first day is the last change up to it; the changes after that cut the period
    before = np.searchsorted(keys, charges.row * width + (start - origin), "right")
    until = np.searchsorted(keys, charges.row * width + (end - origin), "right")
    pieces = until - before + 1
    of = np.repeat(np.arange(len(charges)), pieces)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    change = before[of] + nth  # the change that ends the piece; the one before it began it
    first = np.where(nth == 0, start[of], tags.day[np.maximum(change - 1, 0)])
    after = np.where(nth == pieces[of] - 1, end[of] + 1, tags.day[np.minimum(change, len(tags) - 1)])
    amount = _between(
        charges.amount_minor[of], (start[of], first, after, end[of] + 1), held.thirtieths[charges.row[of]]
    )
    known = (change > 0) & (tags.row[np.maximum(change - 1, 0)] == charges.row[of])
    tag_set = np.where(known, tags.tag_set[np.maximum(change - 1, 0)], 0)

    left = amount != 0
    counted = np.cumsum(left) - left
    nth_left = counted - np.repeat(counted[np.cumsum(pieces) - pieces], pieces)
    kept = {field.name: getattr(charges, field.name)[of][left] for field in fields(Charges)}
    made = Charges(**kept)
    return replace(
        made, amount_minor=amount[left], tag_set=tag_set[left], sequence=made.sequence + nth_left[left]
    )  # fmt: skip


def _days_held(start: Int64, end: Int64, row: Int64, held: Held) -> tuple[Int64, Int64]:
    """The days on which it counts what an asset is tagged with: of each charge the first and the last."""
    started, gone = held.start_day[row], held.disposal_day[row]
    first = np.where((start < started) & (started <= end), started, start)
    return first, np.where((first <= gone) & (gone < end), gone, end)


def _span(tags: TagDays, starts: Int64, ends: Int64) -> tuple[int, int]:
    """The first of all days at hand, and how many they are: (row, day) is one number then."""
    first = min(int(tags.day.min()), int(starts.min()))
    return first, max(int(tags.day.max()), int(ends.max())) - first + 1


def _between(amount: Int64, days: tuple[Int64, Int64, Int64, Int64], thirtieths: NDArray[np.bool_]) -> Int64:
    """What of an amount falls on the days from the second to the third of four, of those from the first to the last."""
    places = [np.where(thirtieths, place_360(day), day) for day in days]
    start, first, after, end = places
    return multiply_divide(amount, after - start, end - start) - multiply_divide(amount, first - start, end - start)
