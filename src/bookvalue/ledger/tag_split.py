"""Which tags a charge is for: a period in which its asset's tags change is split by the days that each had.

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


@dataclass(frozen=True, slots=True)
class PostedTags:
    """What is posted already for the asset and the period of a charge, by tags: arrays of shape (p,).

    charge: the charge's place. No two rows of one charge have the same tag set. amount_minor: minor units.
    """

    charge: Int64
    tag_set: Int64
    amount_minor: Int64


NO_TAGS = TagDays(*(np.empty(0, np.int64) for _ in fields(TagDays)))
NOTHING_POSTED = PostedTags(*(np.empty(0, np.int64) for _ in fields(PostedTags)))


def split(
    charges: Charges, tags: TagDays, starts: Int64, ends: Int64, held: Held, posted: PostedTags = NOTHING_POSTED
) -> Charges:
    """The charges by tags, in the order in which the asset had them; those of one asset and period sum to what it was.

    What should be posted for the period, charge and `posted` together, is split by its days; a tag's charge is that
    less what is posted for it. starts, ends: the first and last day of each numbered period, of which the days from an
    asset's start to its disposal count. What comes to nothing is left out, and sequences follow each other. Rounded
    half away from zero on the days up to each change, so that no cent is lost.
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
    should_be = charges.amount_minor.copy()
    np.add.at(should_be, posted.charge, posted.amount_minor)
    amount = _between(should_be[of], (start[of], first, after, end[of] + 1), held.thirtieths[charges.row[of]])
    known = (change > 0) & (tags.row[np.maximum(change - 1, 0)] == charges.row[of])
    tag_set = np.where(known, tags.tag_set[np.maximum(change - 1, 0)], 0)
    of, tag_set, amount = _less(of, tag_set, amount, posted)

    left = amount != 0
    of, tag_set, amount = of[left], tag_set[left], amount[left]
    nth_left = np.arange(len(of)) - np.searchsorted(of, of)
    kept = {field.name: getattr(charges, field.name)[of] for field in fields(Charges)}
    made = Charges(**kept)
    return replace(made, amount_minor=amount, tag_set=tag_set, sequence=made.sequence + nth_left)


def _less(of: Int64, tag_set: Int64, amount: Int64, posted: PostedTags) -> tuple[Int64, Int64, Int64]:
    """Pieces of charges, in their order, less what is posted for their tags; what is posted for tags that the asset had
    on none of the days comes first, and is taken back."""
    if not len(posted.charge):
        return of, tag_set, amount
    width = int(max(tag_set.max(), posted.tag_set.max())) + 1
    keys, first = np.unique(of * width + tag_set, return_index=True)
    wanted = posted.charge * width + posted.tag_set
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    there = keys[at] == wanted
    amount = amount.copy()
    amount[first[at[there]]] -= posted.amount_minor[there]
    of = np.concatenate([posted.charge[~there], of])
    order = np.argsort(of, kind="stable")
    return (
        of[order],
        np.concatenate([posted.tag_set[~there], tag_set])[order],
        np.concatenate([-posted.amount_minor[~there], amount])[order],
    )


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
    """What of an amount falls on the days from the second to the third of four, of those from the first to the last.

    A 30th before a 31st is no day of months of thirty: what falls on days that are none is the last one's.
    """
    start, first, after, end = (np.where(thirtieths, place_360(day), day) for day in days)
    span = np.maximum(end - start, 1)
    through = np.where(days[2] == days[3], amount, multiply_divide(amount, after - start, span))
    return through - multiply_divide(amount, first - start, span)
