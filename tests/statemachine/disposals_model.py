"""Disposals beside the database: what one takes off the books, of the whole or of a part, and what puts that back.

Written from SEMANTICS sections 4 and 6. Imports nothing of `src`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from oracle.walk import rounded

from .assets_model import BY_DAYS, ONE_DAY, ModelAsset
from .books_model import CASH, ModelBooks, Place, Refused
from .recorded import DEPRECIATION, Disposal, Part
from .value_changes_model import charged_later, first_fact_after, take_back

RESULT = {"gain": "4900", "loss": "6530", "capital": "4910"}


@dataclass(frozen=True)
class Wanted:
    """A disposal as it is asked for. part: as the API takes it. anew: whether it is a value change, which reverses what
    was charged for later. depreciates: whether the rest is taken as depreciation (`full_depreciation`). outside:
    whether it is booked elsewhere."""

    day: date
    proceeds: int | None
    part: Mapping[str, Any] | None = None
    loss: str = RESULT["loss"]
    anew: bool = False
    depreciates: bool = False
    outside: bool = False


def dispose(books: ModelBooks, asset: ModelAsset, wanted: Wanted) -> Disposal:
    """Takes an asset off the books, or a part of it, with the depreciation up to the day."""
    books.require_later(asset, wanted.day)
    placed = books.place(wanted.day, "posted")
    if first_fact_after(asset, placed.day):
        raise Refused("facts_after_disposal")
    later = charged_later(books, asset, placed) if wanted.anew else []
    books.open_through(placed.day)  # they stay open where the disposal is refused: the machine takes them back then
    last = max(books.status)
    if books.lacking(asset, last, placed.day):
        raise Refused("units_missing")
    for one in later:
        take_back(books, asset, one, placed)
    charges = asset.charges(books.periods_with_ends(last), placed.day)
    accumulated = asset.opened + asset.total_posted + sum(charges.values())
    share = _share(asset, wanted.part) if wanted.part else Fraction(1)
    cost, gone, increased = (half_up(amount * share) for amount in (asset.cost, accumulated, asset.capitalised))
    if wanted.proceeds is None and cost != gone:
        raise Refused("value_left")
    part = (
        Part(_rest_from(books, asset, placed), half_up(asset.residual * (1 - share)), increased)
        if wanted.part
        else None
    )
    written_off = cost - gone if wanted.depreciates else 0
    gone += written_off
    stub = written_off + _charge(books, asset, charges, placed, wanted)
    received = wanted.proceeds or 0
    result, capital = min(received, increased) - (cost - gone), max(0, received - increased)
    sides = [
        (asset.accounts.expense, stub),
        (asset.accounts.accumulated, gone - stub),
        (asset.accounts.asset, -cost),
        (CASH, received),
        (RESULT["gain"] if result > 0 else wanted.loss, -result),
        (RESULT["capital"], -capital),
    ]
    row = cost, gone, received, result, capital
    own = [] if wanted.outside else sides
    disposal = Disposal(
        None, placed.day, placed.effective, placed.posting, stub, own, row, asset.tags_on(placed.day), part
    )  # fmt: skip
    _derecognise(books, asset, disposal, disposal.posting, 1)
    asset.disposals.append(disposal)
    if part is None:
        asset.status = "disposed"
    return disposal


def _share(asset: ModelAsset, part: Mapping[str, Any]) -> Fraction:
    """The fraction of an asset that goes."""
    if "cost" in part:
        share = Fraction(part["cost"], asset.cost) if asset.cost else Fraction(1)
    elif "percent" in part:
        share = Fraction(part["percent"]) / 100
    else:
        share = Fraction(part["units"]["disposed"]) / Fraction(part["units"]["of"])
    if asset.spec.get("cost_limit") is not None:
        raise Refused("part_of_limited_cost")
    if share >= 1:
        raise Refused("part_is_the_whole")
    return share


def half_up(amount: Fraction) -> int:
    """To whole minor units."""
    return rounded(amount)


def _rest_from(books: ModelBooks, asset: ModelAsset, placed: Place) -> date:
    """A day from which a change counts where the depreciation up to the disposal ends."""
    averaging = asset.spec["settings"].get("averaging")
    if averaging == "following_month":
        return books.period_of(placed.day) - ONE_DAY
    return placed.day + ONE_DAY if averaging in BY_DAYS else placed.day


def _charge(books: ModelBooks, asset: ModelAsset, charges: dict[date, int], placed: Place, wanted: Wanted) -> int:
    """Posts what is due up to the day; returns what of it the entry of the disposal has: what is for its own days."""
    own = charges.get(placed.effective, 0)
    stub = 0
    for effective, amount in charges.items():
        found = books.pieces(asset, effective, amount, placed.day)
        of_the_day = [at for at, (_, tags) in enumerate(found) if tags == asset.tags_on(placed.day)]
        if effective == placed.effective and own and not wanted.outside and of_the_day:
            stub = found.pop(of_the_day[-1])[0]
        for piece, tags in found:
            books.charge(asset, effective, piece, tags)
    return stub


def reinstate(books: ModelBooks, asset: ModelAsset, disposal: Disposal) -> None:
    """Takes a disposal back by the mirror image of its entry."""
    if disposal.reinstated:
        raise Refused("disposal_reinstated")
    if disposal.part is not None and asset.status == "disposed":
        raise Refused("asset_disposed")
    posting = max(books.place(disposal.day, "taken_back").posting, disposal.posting)
    _derecognise(books, asset, disposal, posting, -1)
    disposal.reinstated = True
    asset.status = "registered"


def _derecognise(books: ModelBooks, asset: ModelAsset, disposal: Disposal, posting: date, sign: int) -> None:
    effective = disposal.effective
    books.post(posting, effective, disposal.tags, *((account, sign * amount) for account, amount in disposal.sides))
    asset.touched = True
    if disposal.stub:
        books.row(asset, effective, posting, DEPRECIATION, sign * disposal.stub, disposal.tags)
    row = tuple(sign * amount for amount in disposal.row)
    books.disposed[asset.external_id, effective, posting, disposal.day, row] += 1  # type: ignore[index]
