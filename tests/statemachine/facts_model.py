"""Facts without an entry beside the database: when one may be said, from when it counts, and when it may be taken back.

Written from SEMANTICS sections 2, 5 and 7. Imports nothing of `src`.
"""

from datetime import date

from .assets_model import ONE_DAY, ModelAsset
from .books_model import ModelBooks, Place, Refused
from .recorded import DAY_OF, Fact


def state(books: ModelBooks, asset: ModelAsset, fact: Fact) -> Fact:
    """An estimate change, a suspension, units or a manual amount that somebody records."""
    if asset.status != "registered":
        raise Refused("asset_not_registered" if asset.status == "draft" else "asset_disposed")
    if fact.list == "units.used" and fact.day > books.today:
        raise Refused("in_the_future")
    _check(asset, fact)
    counts, begun = counts_from(books, asset, fact.day)
    placed = books.place(counts, "estimated") if begun else Place(counts, counts, counts)
    if placed.day != counts:
        if fact.list == "suspensions" and fact.value["to"] < str(placed.day):
            raise Refused("wholly_past")
        fact.value = {**fact.value, DAY_OF[fact.list]: str(placed.day)}
        _check(asset, fact)
    elif fact.list == "units.used" and books.reported(asset, books.period_of(fact.day)):
        raise Refused("duplicate")
    if asset.trying(facts=[*asset.facts, fact]).value_falls_short():
        raise Refused("decrease_above_book_value")
    asset.facts.append(fact)
    return fact


def unsay(books: ModelBooks, asset: ModelAsset, fact: Fact) -> None:
    """Archives a fact without an entry; twice is once."""
    if fact.archived:
        return
    if asset.status == "disposed":
        raise Refused("asset_disposed")
    counts, begun = counts_from(books, asset, fact.day)
    if begun:
        books.place(counts, "taken_back")
    others = [one for one in asset.facts if one is not fact]
    if asset.trying(facts=others).value_falls_short():
        raise Refused("decrease_above_book_value")
    fact.archived = True


def counts_from(books: ModelBooks, asset: ModelAsset, day: date) -> tuple[date, bool]:
    """From when a fact counts, and whether the books have reached that."""
    counts = max(day, asset.as_of + ONE_DAY) if asset.as_of else day
    return counts, counts <= books.end(max(books.status))


def _check(asset: ModelAsset, fact: Fact) -> None:
    """What a fact cannot be beside the asset and its other facts."""
    if fact.day < asset.start:
        raise Refused("before_start")
    if fact.list == "estimate_changes":
        if asset.as_of is not None and fact.day <= asset.as_of:
            raise Refused("before_opening")
        residual = fact.value.get("residual_value")
        if residual is not None and residual > asset.limited_on(fact.day):
            raise Refused("residual_above_cost")
    if fact.list == "suspensions" and any(
        one.value["from"] <= fact.value["to"] and fact.value["from"] <= one.value["to"]
        for one in asset.facts_of("suspensions")
    ):
        raise Refused("suspensions_overlap")
