"""A change of an asset's fields as a change of its estimates, beside the database (docs/facts.md).

A life is one in all, from the start: what is recorded is what remains of it. Imports nothing of `src`.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from .assets_model import ONE_DAY, ModelAsset
from .books_model import OPEN, ModelBooks, Refused
from .facts_model import counts_from, state
from .recorded import Fact


@dataclass(frozen=True)
class Estimates:
    """What an asset is shown with: a life in all or a rate, as its last change left them."""

    method: str
    life: int | None
    rate: str | None
    residual: int


def patch(books: ModelBooks, asset: ModelAsset, wanted: dict[str, Any], day: date | None) -> Fact | None:
    """Other estimates from a day on; None where nothing is recorded, as the asset itself is changed, or nothing is.

    wanted: the fields of Estimates that are given.
    """
    if asset.status == "draft" or (day is None and not asset.touched and in_force(asset) == first(asset)):
        _change_itself(asset, wanted)
        return None
    given = replace(in_force(asset), **wanted)
    if given == in_force(asset):
        return None
    if asset.status == "disposed":
        raise Refused("asset_disposed")
    on = day or max(books.starts(OPEN)[0], asset.as_of + ONE_DAY if asset.as_of else asset.start)
    value: dict[str, Any] = {"date": str(on)}
    if given.life != in_force(asset).life:
        counts, begun = counts_from(books, asset, on)
        remaining = (given.life or 0) - elapsed(asset, books.place(counts, "estimated").day if begun else counts)
        if remaining < 1:
            raise Refused("life_over")
        value["remaining_life_months"] = remaining
    else:
        counts, begun = counts_from(books, asset, on)
        if begun:
            books.place(counts, "estimated")
    for name, changed in (("rate_percent", "rate"), ("residual_value", "residual"), ("method", "method")):
        if getattr(given, changed) != getattr(in_force(asset), changed):
            value[name] = getattr(given, changed)
    return state(books, asset, Fact(None, "estimate_changes", value))


def first(asset: ModelAsset) -> Estimates:
    """The estimates that it began with."""
    settings = asset.spec["settings"]
    return Estimates(
        settings["method"], settings.get("life_months"), settings.get("rate_percent"), asset.spec["residual_value"]
    )


def in_force(asset: ModelAsset) -> Estimates:
    """As its last change leaves them, be it past or planned."""
    spec, now = asset.full_spec(), first(asset)
    changes = [(one["date"], _order(one), one) for one in [*spec["value_updates"], *spec.get("estimate_changes", ())]]
    for _, _, one in sorted(changes, key=lambda change: change[:2]):
        if one.get("remaining_life_months") is not None:
            life = elapsed(asset, date.fromisoformat(one["date"])) + one["remaining_life_months"]
            now = replace(now, life=life, rate=None)
        if one.get("residual_value") is not None:
            now = replace(now, residual=one["residual_value"])
        if one.get("rate_percent") is not None:
            now = replace(now, rate=one["rate_percent"], life=None)
        now = replace(now, method=one.get("method") or now.method)
    return now


def elapsed(asset: ModelAsset, day: date) -> int:
    """The months of a life before a day, less those of suspensions that make it longer."""
    clock = asset.planned().book.clock

    def month(of: date) -> int:
        return clock.fiscal.month_of(clock.boundary(of))

    stood = 0
    for one in asset.facts_of("suspensions"):
        if one.value.get("extend_life", True):
            to = date.fromisoformat(one.value["to"]) + ONE_DAY
            stood += max(0, min(month(to), month(day)) - month(one.day))
    return month(day) - month(asset.start) - stood


def _order(change: dict[str, Any]) -> int:
    return 2 if "update_type" not in change else int(change["update_type"] == "IMPAIRMENT")


def _change_itself(asset: ModelAsset, wanted: dict[str, Any]) -> None:
    settings = dict(asset.spec["settings"])
    if "life" in wanted:
        settings["life_months"] = wanted["life"]
    asset.spec = {**asset.spec, "settings": settings, "residual_value": wanted.get("residual", first(asset).residual)}
