"""The acts of a machine that change an asset's value, or take it off the books: value changes, disposals, parts."""

from typing import Any

from hypothesis import strategies as st

from bookvalue.domain.terms import ValueChangeType
from bookvalue.services.change_value import change_value
from bookvalue.services.dispose_asset import dispose_asset
from bookvalue.services.reinstate_asset import reinstate_asset

from .acts import Acts
from .assets_model import ModelAsset
from .books_model import CASH
from .both_books import ACTOR, Draw
from .disposals_model import Wanted, dispose, reinstate
from .value_changes_model import Wanted as WantedChange
from .value_changes_model import change

COUNTERS = (None, None, "6520")
PERCENTS = ("50", "33.333333333", "10", "99.9", "0.1", "100")


class ValueActs(Acts):
    """The same register, and what changes the value of its assets by more than a value update."""

    def change_value(self, draw: Draw) -> None:
        """A change beside the plan, or with the plan made anew; of next to nothing up to more than there is."""
        asset = self.asset(draw)
        day = self.late_day(draw, asset)
        kind = draw(st.sampled_from((ValueChangeType.MANUAL, ValueChangeType.ARBITRARY)), "kind")
        lowers, anew = draw(st.integers(0, 2), "up") < 2, kind is ValueChangeType.ARBITRARY
        amount = max(asset.value, 0) * draw(st.sampled_from((0, 1, 2, 5, 10, 11)), "tenths") // 10 + draw(
            st.sampled_from((0, 1)), "cent"
        )
        amount = max(amount, 1) * (-1 if lowers else 1)
        outside, counter = draw(st.integers(0, 3), "outside") == 3, draw(st.sampled_from(COUNTERS), "counter")
        raw = {"date": str(day), "amount": amount, "description": "told", "externally_booked": outside,
               "counter_account": counter}  # fmt: skip
        sort = f"{kind} {'down' if lowers else 'up'}{', booked elsewhere' if outside else ''}"
        done = self.both(
            f"change value: {sort}",
            lambda: change(self.model, asset, WantedChange(day, amount, anew, outside, counter)),
            lambda: change_value(self.engine, self.id, asset.id, kind, raw, actor=ACTOR, now=self.now),
        )
        if done:
            done[0].id = done[1].id

    def take_whole_value(self, draw: Draw) -> None:
        """All that is left of an asset goes: as a result, or as depreciation."""
        asset = self.asset(draw)
        day = self.late_day(draw, asset)
        kind = draw(st.sampled_from((ValueChangeType.DIVESTMENT, ValueChangeType.FULL_DEPRECIATION)), "kind")
        depreciates = kind is ValueChangeType.FULL_DEPRECIATION
        raw: dict[str, Any] = {"date": str(day), "description": "gone"}
        wanted = Wanted(day, 0, anew=True, depreciates=depreciates)
        if not depreciates and draw(st.booleans(), "counter"):
            raw["counter_account"], wanted = "6520", Wanted(day, 0, loss="6520", anew=True)
        done = self.both(
            f"change value: {kind}",
            lambda: dispose(self.model, asset, wanted),
            lambda: change_value(self.engine, self.id, asset.id, kind, raw, actor=ACTOR, now=self.now),
        )
        if done:
            done[0].id = done[1].id

    def dispose(self, draw: Draw) -> None:
        """Sold below or above its cost, scrapped, or taken out without proceeds; at times booked elsewhere."""
        asset = self.asset(draw)
        part = draw(st.sampled_from((None, 0, 4, 10, 30)), "tenths")
        proceeds = None if part is None else max(asset.cost, 0) * part // 10
        outside = draw(st.integers(0, 5), "outside") == 5
        name = "dispose, booked elsewhere" if outside else "dispose"
        self._dispose(name, asset, Wanted(self.late_day(draw, asset), proceeds, outside=outside))

    def dispose_part(self, draw: Draw) -> None:
        """A part of an asset, by cost, percent or units."""
        asset = self.asset(draw)
        by = draw(st.sampled_from(("percent", "cost", "units")), "by")
        part: dict[str, Any] = {"percent": draw(st.sampled_from(PERCENTS), "percent")}
        if by == "cost":
            sevenths = draw(st.sampled_from((0, 1, 2, 5, 7)), "sevenths")
            part = {"cost": max(asset.cost * sevenths // 7, 1)}
        if by == "units":
            of = draw(st.integers(2, 1_000), "of")
            part = {"units": {"disposed": str(draw(st.integers(1, of - 1), "disposed")), "of": str(of)}}
        tenths = draw(st.sampled_from((0, 0, 3, 10, 30, None)), "tenths")
        proceeds = None if tenths is None else max(asset.cost, 0) * tenths // 20
        outside = draw(st.integers(0, 7), "outside") == 7
        wanted = Wanted(self.late_day(draw, asset), proceeds, part, outside=outside)
        self._dispose(f"dispose part by {by}{', booked elsewhere' if outside else ''}", asset, wanted)

    def _dispose(self, name: str, asset: ModelAsset, wanted: Wanted) -> None:
        done = self.both(
            name,
            lambda: dispose(self.model, asset, wanted),
            lambda: dispose_asset(self.engine, self.id, asset.id, as_disposal(wanted), actor=ACTOR, now=self.now),
        )
        if done:
            done[0].id = done[1].id

    def reinstate(self, draw: Draw) -> None:
        """A disposal of the whole or of a part taken back, at times once more."""
        found = [(one, gone) for one in self.model.assets.values() for gone in one.disposals]
        if not found:
            return self.dispose(draw)
        asset, gone = draw(st.sampled_from(found[::-1]), "disposal")
        name = "reinstate" if gone.part is None else "reinstate part"
        self.both(name, lambda: reinstate(self.model, asset, gone),
                  lambda: reinstate_asset(self.engine, self.id, asset.id, gone.id, actor=ACTOR))  # fmt: skip
        return None


def as_disposal(wanted: Wanted) -> dict[str, Any]:
    """A disposal as the API takes it."""
    sold = bool(wanted.proceeds)
    raw = {"date": str(wanted.day), "reason": "sold" if sold else "out_of_use", "proceeds": wanted.proceeds,
           "proceeds_account": CASH if sold else None, "externally_booked": wanted.outside}  # fmt: skip
    return raw | ({"part": dict(wanted.part)} if wanted.part else {})
