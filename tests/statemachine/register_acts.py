"""The acts of a machine on assets that are there: tags, estimates by their fields, sources; and one that comes disposed
of."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from bookvalue.services.add_disposed_asset import add_disposed_asset
from bookvalue.services.keep_asset import change_asset
from bookvalue.services.keep_sources import add_detail, add_source, remove_source

from . import books_seen
from .acts import MOST_ASSETS
from .assets_drawn import ACCOUNTS, BY_LIFE, TAGS, as_tags
from .assets_model import ModelAsset
from .books_model import OPEN, Refused
from .both_books import ACTOR, Draw
from .disposals_model import Wanted, dispose
from .estimates_model import in_force, patch
from .tags_model import tag
from .value_acts import ValueActs, as_disposal


class RegisterActs(ValueActs):
    """Everything that is done to the register of one business."""

    def register_disposed(self, draw: Draw) -> None:
        """A new asset that has been disposed of already."""
        if len(self.model.assets) >= MOST_ASSETS:
            return self.dispose_part(draw)
        asset, counter, raw = self.new_asset(draw)
        tenths = draw(st.sampled_from((0, 4, 30, None)), "tenths")
        wanted = Wanted(self.day(draw, asset), None if tenths is None else int(asset.spec["cost"]) * tenths // 10)
        gone = as_disposal(wanted)
        del gone["externally_booked"]
        if asset.status == "registered" and draw(st.booleans(), "status"):
            raw["status"] = "disposed"
        raw["disposal"] = gone
        done = self.both(
            "register disposed",
            lambda: self._register_disposed(asset, counter, wanted),
            lambda: add_disposed_asset(self.engine, self.id, raw, actor=ACTOR, now=self.now),
        )
        if done:
            view = done[1][0]
            asset.id, done[0].id = view.id, view.disposal.id
        return None

    def _register_disposed(self, asset: ModelAsset, counter: str | None, wanted: Wanted) -> Any:
        """Both, or neither."""
        model = self.model
        before = model.journal.copy(), model.rows.copy(), model.disposed.copy(), dict(model.assets)
        try:
            model.register(asset, counter)
            return dispose(model, asset, wanted)
        except Refused:
            model.journal, model.rows, model.disposed, model.assets = before
            raise

    def retag(self, draw: Draw) -> None:
        """Other tags, or none: from a day on, or from now on."""
        asset, tags = self.asset(draw), draw(st.sampled_from(TAGS), "tags")
        first = self.model.starts(OPEN)[0]
        later = draw(st.sampled_from((None, 0, 10, 10, 14, 20, 45, -5)), "from")
        day = None if later is None else first + timedelta(days=later)
        given = {"tags": as_tags(tags)} | ({} if day is None else {"tags_from": str(day)})
        self.both("tag" if tags else "untag", lambda: tag(asset, tags, day, first),
                  lambda: change_asset(self.engine, self.id, asset.id, given, actor=ACTOR))  # fmt: skip

    def patch(self, draw: Draw) -> None:
        """Another life, rate, residual value or method by the asset's fields, from a day on or from now on."""
        asset = self.asset(draw)
        now = in_force(asset)
        residual = draw(st.sampled_from((0, asset.spec["cost"] // 20, asset.spec["cost"] // 4)), "residual")
        fixed = "fixed_rate_declining" in (now.method, asset.spec["settings"]["method"])
        options: list[dict[str, Any]] = [{"residual": residual or (1 if fixed else 0)}]
        if now.life is not None and now.method in BY_LIFE:
            options += [{"life": draw(st.sampled_from((1, 6, 15, 40)), "life")}] * 2
        if now.rate is not None and now.method in BY_LIFE:
            options.append({"rate": draw(st.sampled_from(("20", "50", "90")), "rate")})
        if now.life is not None and now.method in ("straight_line", "declining_balance") and asset.touched:
            options.append({"method": draw(st.sampled_from(("straight_line", "declining_balance")), "method")})
        wanted = draw(st.sampled_from(options), "fields")
        day = self.day(draw, asset) if draw(st.booleans(), "dated") else None
        given = _as_fields(wanted) | ({} if day is None else {"effective_date": str(day)})
        done = self.both(
            f"patch {next(iter(wanted))}",
            lambda: patch(self.model, asset, wanted, day),
            lambda: change_asset(self.engine, self.id, asset.id, given, actor=ACTOR),
        )
        if done is None:
            return
        if done[0] is not None:
            done[0].id = books_seen.last_estimate(self.engine, self.id, asset.id)
            self.counted["patch: an estimate change"] += 1
        shown = done[1].value
        assert (shown.residual_minor, shown.settings.method) == (in_force(asset).residual, in_force(asset).method)
        if in_force(asset).method in BY_LIFE:
            assert shown.settings.life_months == in_force(asset).life

    def source(self, draw: Draw) -> None:
        """An invoice line made a source of an asset, or no longer one."""
        asset, accounts = self.asset(draw), draw(st.sampled_from(ACCOUNTS), "account")
        name = f"line-{accounts.asset}"
        raw = {"external_id": name, "account": accounts.asset, "date": "2026-01-02", "amount": 100}
        detail = add_detail(self.engine, self.id, raw, actor=ACTOR).kept.id
        if draw(st.booleans(), "remove"):
            self.both("remove source", lambda: _remove(asset, name),
                      lambda: remove_source(self.engine, self.id, asset.id, detail, actor=ACTOR))  # fmt: skip
        else:
            self.both("add source", lambda: _add(asset, name, accounts.asset),
                      lambda: add_source(self.engine, self.id, asset.id, detail, actor=ACTOR))  # fmt: skip


def _add(asset: ModelAsset, name: str, account: str) -> None:
    if account != asset.accounts.asset:
        raise Refused("other_ledger_account")
    asset.sources.add(name)


def _remove(asset: ModelAsset, name: str) -> None:
    if name not in asset.sources:
        raise Refused("not_found")
    asset.sources.remove(name)


def _as_fields(wanted: dict[str, Any]) -> dict[str, Any]:
    """Estimates as the API takes them."""
    fields: dict[str, Any] = {}
    for name, value in wanted.items():
        if name in ("residual", "life"):
            fields["salvage_value" if name == "residual" else "useful_life_months"] = value
        else:
            fields["depreciation"] = {"rate_percent" if name == "rate" else name: value}
    return fields
