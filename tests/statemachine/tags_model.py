"""Tags beside the database: which an asset has from when, and what of a charge is for which of them.

A tag change applies from its date, and a period in which it changes is split by the days that the asset is held in it:
real days, or those of months of thirty where the asset is charged so. Imports nothing of `src`.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby

from oracle.clock import thirty
from oracle.walk import rounded

from .assets_model import ONE_DAY, ModelAsset
from .recorded import NO_TAGS, Refused, Tags


def last_tags(asset: ModelAsset) -> Tags:
    """The tags that it has for good."""
    return asset.tagged[-1][1] if asset.tagged else NO_TAGS


def tag(asset: ModelAsset, tags: Tags, day: date | None, first_open: date) -> None:
    """Other tags from a day on, or from the first open one; what is posted keeps those that it has."""
    if tags == last_tags(asset) and (day is None or _last_change(asset) <= day):
        return  # it says nothing anew
    if day is not None and day < first_open and asset.touched:
        raise Refused("tags_from_posted")
    retag(asset, tags, day or first_open)


def _last_change(asset: ModelAsset) -> date:
    """The last day from which its tags are others."""
    found, before = date.min, NO_TAGS
    for day, tags in asset.tagged:
        found, before = (day if tags != before else found), tags
    return found


def retag(asset: ModelAsset, tags: Tags, day: date) -> None:
    """Gives an asset these tags and no others, from a day on for good."""
    asset.tagged = [one for one in asset.tagged if one[0] < day] + [(day, tags)]


def pieces(
    asset: ModelAsset, period: tuple[date, date], amount: int, disposed_on: date | None = None
) -> list[tuple[int, Tags]]:
    """A charge of a period, by the tags that the asset had on its days; pieces of nothing are left out.

    What the period comes to, with what is posted for it, is split; each piece is that less what is posted for its tags.
    """
    start, end = period
    first = asset.start if start < asset.start <= end else start
    last = disposed_on if disposed_on is not None and first <= disposed_on < end else end
    by_tags = [(tags, list(days)) for tags, days in groupby(_days(first, last), asset.tags_on)]
    posted = {tags: of_it for (effective, tags), of_it in asset.posted_for.items() if effective == start and of_it}
    if not asset.tagged:
        return [(amount, NO_TAGS)]
    total = amount + sum(posted.values())
    thirtieths = asset.spec["settings"].get("averaging") == "days_360"

    def upto(day: date) -> Fraction:
        """The share of the days up to the end of one."""
        after, end_after = day + ONE_DAY, last + ONE_DAY
        if thirtieths:
            return Fraction(thirty(after) - thirty(first), thirty(end_after) - thirty(first))
        return Fraction((after - first).days, (end_after - first).days)

    found, reached = [], 0
    for tags, days in by_tags:
        due = rounded(total * upto(days[-1]))
        found.append((due - reached - posted.pop(tags, 0), tags))
        reached = due
    found += [(-of_it, tags) for tags, of_it in posted.items()]
    return [(piece, tags) for piece, tags in found if piece]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=at) for at in range((last - first).days + 1))
