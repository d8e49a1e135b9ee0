"""Changes of an asset's value beside the database (seed 003): beside its plan, or so that the plan is made anew.

Written from SEMANTICS section 4. Imports nothing of `src`.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from .assets_model import ModelAsset
from .books_model import CLOSED, LOCKED, OPEN, ModelBooks, Place, Refused
from .recorded import DEPRECIATION, Charge, Update

IMPAIRMENT_LOSS, REVALUATION_SURPLUS = "6520", "3100"


@dataclass(frozen=True)
class Wanted:
    """A value change as it is asked for; amount: below zero lowers the value. counter: None for the usual account."""

    day: date
    amount: int
    anew: bool
    outside: bool = False
    counter: str | None = None


def change(books: ModelBooks, asset: ModelAsset, wanted: Wanted) -> Update:
    """A change beside the plan, or one that makes the plan anew and takes back what runs charged for later."""
    books.require_later(asset, wanted.day)
    placed = books.place(wanted.day, "posted")
    lowers = wanted.amount < 0
    if lowers and -wanted.amount > asset.value_at(placed.day):
        raise Refused("decrease_above_book_value")
    later = charged_later(books, asset, placed) if wanted.anew else []
    update = _as_update(books, asset, wanted, placed)
    if asset.trying(updates=[*asset.updates, update], posted=Counter(asset.posted)).value_falls_short():
        raise Refused("decrease_above_book_value")
    for one in later:
        take_back(books, asset, one, placed)
    return books.put(asset, update)


def _as_update(books: ModelBooks, asset: ModelAsset, wanted: Wanted, placed: Place) -> Update:
    lowers = wanted.amount < 0
    if wanted.anew:
        kind, amount = "IMPAIRMENT" if lowers else "REVALUATION_UP", abs(wanted.amount)
        counter = wanted.counter or (IMPAIRMENT_LOSS if lowers else REVALUATION_SURPLUS)
    else:
        kind, amount, counter = DEPRECIATION, -wanted.amount, wanted.counter or asset.accounts.expense
    sides = [] if wanted.outside else books.sides(asset, kind, amount, counter)
    return Update(None, kind, amount, counter, placed.day, placed.effective, placed.posting, sides,
                  asset.tags_on(placed.day), beside=not wanted.anew,
                  told="arbitrary" if wanted.anew else "manual")  # fmt: skip


def charged_later(books: ModelBooks, asset: ModelAsset, placed: Place) -> list[Charge]:
    """What was charged for periods that end after the day, and can be taken back."""
    later = [one for one in asset.charged if not one.reversed and books.end(one.effective) > placed.day]
    if any(LOCKED in (books.status[one.effective], books.status[one.posting]) for one in later):
        raise Refused("period_locked")
    if books.policy == "refuse" and any(books.status[one.effective] == CLOSED for one in later):
        raise Refused("late_fact_refused")
    return later


def take_back(books: ModelBooks, asset: ModelAsset, charge: Charge, placed: Place) -> None:
    """Reverses a charge: in its own period while that is open, and no earlier than what it takes back."""
    own = books.status[charge.effective] == OPEN
    posting = max(charge.effective if own else placed.posting, charge.posting)
    accounts = asset.accounts
    sides = (accounts.expense, -charge.amount), (accounts.accumulated, charge.amount)
    books.post(posting, charge.effective, charge.tags, *sides)
    books.row(asset, charge.effective, posting, DEPRECIATION, -charge.amount, charge.tags)
    charge.reversed = True


def first_fact_after(asset: ModelAsset, day: date) -> date | None:
    """The first day after this one on which the value or the estimates change by what somebody recorded, a part left,
    or a suspension begins."""
    days = [one.day for one in asset.updates if not one.archived]
    days += [one.day for one in asset.facts_of("estimate_changes", "suspensions")]
    days += [one.day for one in asset.disposals if one.part is not None and not one.reinstated]
    return min((one for one in days if one > day), default=None)
