"""Disposals beside the database: what one takes off the books, and what its reinstatement puts back.

Written from SEMANTICS section 6. Imports nothing of `src`.
"""

from datetime import date

from .assets_model import DEPRECIATION, Disposal, ModelAsset
from .books_model import CASH, ModelBooks, Refused

RESULT = {"gain": "4900", "loss": "6530", "capital": "4910"}


def dispose(books: ModelBooks, asset: ModelAsset, day: date, proceeds: int | None) -> Disposal:
    """Takes an asset off the books, with the depreciation up to the day."""
    books.require(asset, day)
    placed = books.place(day, "posted")
    later = [one.day for one in asset.updates if not one.archived]
    later += [one.day for one in asset.facts_of("estimate_changes", "suspensions")]
    if any(one > placed.day for one in later):
        raise Refused("facts_after_disposal")
    books.open_through(placed.day)  # they stay open where the disposal is refused: the machine takes them back then
    last = max(books.status)
    if books.lacking(asset, last, placed.day):
        raise Refused("units_missing")
    charges = asset.charges(books.periods_with_ends(last), placed.day)
    cost, increased = asset.cost, int(asset.spec["cost"]) + asset.increases
    gone = asset.opened + asset.total_posted + sum(charges.values())
    if proceeds is None and cost != gone:
        raise Refused("value_left")
    stub = charges.pop(placed.effective, 0)
    for effective, amount in charges.items():
        books.charge(asset, effective, amount)
    received = proceeds or 0
    result, capital = min(received, increased) - (cost - gone), max(0, received - increased)
    sides = [
        (asset.accounts.expense, stub),
        (asset.accounts.accumulated, gone - stub),
        (asset.accounts.asset, -cost),
        (CASH, received),
        (RESULT["gain" if result > 0 else "loss"], -result),
        (RESULT["capital"], -capital),
    ]
    row = cost, gone, received, result, capital
    disposal = Disposal(None, placed.day, placed.effective, placed.posting, stub, sides, row)
    _derecognise(books, asset, disposal, disposal.posting, 1)
    asset.disposals.append(disposal)
    asset.status = "disposed"
    return disposal


def reinstate(books: ModelBooks, asset: ModelAsset, disposal: Disposal) -> None:
    """Takes a disposal back by the mirror image of its entry."""
    if disposal.reinstated:
        raise Refused("disposal_reinstated")
    posting = max(books.place(disposal.day, "taken_back").posting, disposal.posting)
    _derecognise(books, asset, disposal, posting, -1)
    disposal.reinstated = True
    asset.status = "registered"


def _derecognise(books: ModelBooks, asset: ModelAsset, disposal: Disposal, posting: date, sign: int) -> None:
    effective = disposal.effective
    books.post(posting, effective, *((account, sign * amount) for account, amount in disposal.sides))
    if disposal.stub:
        books.row(asset, effective, posting, DEPRECIATION, sign * disposal.stub)
    row = tuple(sign * amount for amount in disposal.row)
    books.disposed[asset.external_id, effective, posting, disposal.day, row] += 1  # type: ignore[index]
