"""The acts of a machine: each is done to the model and, through the services, to the database.

What an act draws is drawn by `draw(strategy, label)`. An act that nothing can be done with at the moment does nothing
and says so.
"""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.change_business import change_book
from bookvalue.services.close_period import close_period
from bookvalue.services.import_register import import_register
from bookvalue.services.keep_asset import add_asset
from bookvalue.services.lock_period import lock_period
from bookvalue.services.record_fact import archive_fact, record_fact
from bookvalue.services.record_value_update import record_value_update
from bookvalue.services.reopen_period import reopen_period
from bookvalue.services.request_run import request_run

from . import books_seen
from .assets_drawn import ACCOUNTS, BY_LIFE, COUNTERS, TAGS, UNITS, as_file, as_raw, as_tags, fact_drawn, spec_drawn
from .assets_model import ModelAsset
from .books_model import CASH, CLOSED, OPEN
from .both_books import ACTOR, BOOKS_START, POLICIES, BothBooks, Draw
from .facts_model import state, unsay
from .recorded import Fact, Tags
from .tags_model import last_tags

MOST_ASSETS = 6


class Acts(BothBooks):
    """What is done to the register of one business: assets, value updates, facts, periods."""

    # Assets

    def register(self, draw: Draw) -> None:
        """A new asset."""
        if len(self.model.assets) >= MOST_ASSETS:
            return self.record(draw)
        asset, counter, raw = self.new_asset(draw)
        done = self.both("register", lambda: self.model.register(asset, counter),
                         lambda: add_asset(self.engine, self.id, raw, actor=ACTOR))  # fmt: skip
        if done:
            asset.id = done[1][0].id
        return None

    def new_asset(self, draw: Draw) -> tuple[ModelAsset, str | None, dict[str, Any]]:
        """An asset that is not there yet: in the model, what paid for it, and as the API takes it."""
        spec = draw(spec_drawn(BOOKS_START, self.model.today, self.fiscal), "spec")
        accounts, counter = draw(st.sampled_from(ACCOUNTS), "accounts"), draw(st.sampled_from((None, CASH)), "paid by")
        draft = draw(st.integers(0, 19), "draft") == 13
        tags = draw(st.sampled_from(TAGS), "tags")
        if "opening" in spec:
            counter = None  # it was paid for before these books
        if counter is None and draw(st.integers(0, 3), "purchase") == 3:
            spec["purchase_date"] = spec["depreciation_start_date"]
        external_id = f"a{len(self.model.assets)}"
        asset = ModelAsset(None, external_id, external_id, accounts, spec, "draft" if draft else "registered")
        raw = as_raw(spec, external_id, external_id, accounts, status=asset.status, acquisition_counter_account=counter,
                     tags=as_tags(tags))  # fmt: skip
        if tags:
            asset.tagged = [(date.min, tags)]
        return asset, counter, raw

    def put_again(self, draw: Draw) -> None:
        """The same external id once more, with another name, at times with another cost."""
        asset = self.asset(draw)
        if asset.facts:
            return self.record(draw)  # what is given is then measured by its last estimates
        name = f"{asset.external_id} {self.model.today}"
        cost = asset.spec["cost"] + draw(st.sampled_from((0, 0, 100)), "more")
        raw = as_raw({**asset.spec, "cost": cost}, asset.external_id, name, asset.accounts,
                     tags=as_tags(last_tags(asset)))  # fmt: skip
        if asset.status != "disposed":
            raw["status"] = asset.status
        file = RegisterFile("assets.csv", as_file(raw, self.key))
        acts = {
            "put again": lambda: add_asset(self.engine, self.id, raw, actor=ACTOR),
            "import again": lambda: import_register(self.engine, [file], actor=ACTOR),
        }
        way = draw(st.sampled_from(sorted(acts)), "way")
        self.both(way, lambda: self.model.put_again(asset, name, cost), acts[way])
        return None

    # Value updates

    def record(self, draw: Draw) -> None:
        """A value update of any kind, of next to nothing up to more than there is."""
        asset, kind = self.asset(draw), draw(st.sampled_from(sorted(COUNTERS)), "kind")
        day = self.day(draw, asset)
        amount = max(asset.value, 0) * draw(st.sampled_from((0, 1, 2, 3, 5, 10, 11)), "tenths") // 10 + 1
        counter = draw(st.sampled_from(COUNTERS[kind]), "counter")
        has_life = kind == "IMPROVEMENT" and asset.spec["settings"]["method"] in BY_LIFE
        life = draw(st.sampled_from((None, None, 6, 14)), "life") if has_life else None
        raw = {"asset_external_id": asset.external_id, "amount": amount, "update_type": kind, "date": str(day),
               "counter_account": counter, "remaining_life_months": life}  # fmt: skip
        done = self.both(
            f"record {kind}",
            lambda: self.model.record(asset, kind, amount, counter, day, life),
            lambda: record_value_update(self.engine, self.id, raw, actor=ACTOR, now=self.now),
        )
        if done:
            done[0].id = done[1][0].id

    def archive(self, draw: Draw) -> None:
        """A value update, archived or not."""
        found = [(one, update) for one in self.model.assets.values() for update in one.updates]
        if not found:
            return self.record(draw)
        asset, update = draw(st.sampled_from(found), "update")
        told = update.told if not update.archived else ""
        self.both(f"archive {told}".strip(), lambda: self.model.archive(asset, update),
                  lambda: archive_value_update(self.engine, self.id, update.id, actor=ACTOR, now=self.now))  # fmt: skip
        return None

    # Facts without an entry

    def state(self, draw: Draw) -> None:
        """A change of estimate, a suspension or a manual amount, for now, for earlier or for later."""
        asset = self.asset(draw)
        day = self.day(draw, asset) + timedelta(days=draw(st.sampled_from((0, 0, 0, 50)), "later"))
        if asset.spec["settings"]["method"] == "none":
            return self.record(draw)
        return self._state(asset, *draw(fact_drawn(asset.spec, day), "fact"))

    def _state(self, asset: ModelAsset, name: str, value: dict[str, Any]) -> None:
        done = self.both(
            f"state {name}",
            lambda: state(self.model, asset, Fact(None, name, dict(value))),
            lambda: record_fact(self.engine, self.id, asset.id, FactType(name), value, now=self.now, actor=ACTOR),
        )
        if done:
            done[0].id = done[1].id

    def unsay(self, draw: Draw) -> None:
        """A fact without an entry, archived or not."""
        found = [(one, fact) for one in self.model.assets.values() for fact in one.facts if fact.id]
        if not found:
            return self.state(draw)
        asset, fact = draw(st.sampled_from(found), "fact")
        self.both(
            f"unsay {fact.list}",
            lambda: unsay(self.model, asset, fact),
            lambda: archive_fact(self.engine, self.id, asset.id, FactType(fact.list), fact.id, actor=ACTOR),
        )
        return None

    # Periods

    def close(self, draw: Draw) -> None:
        """The run of an open period, most often the oldest; the clock goes on where that has not ended. Units that are
        still to be reported most often are, before it."""
        start = draw(st.sampled_from(self.model.starts(OPEN)[:1] * 3 + self.model.starts(OPEN)[:3]), "period")
        late = draw(st.integers(1, 25), "days after its end")
        self.model.today = max(self.model.today, self.model.end(start) + timedelta(days=late))
        if draw(st.integers(0, 4), "reported") < 4:
            self.report(draw, start)
        if self.blocked_at == (start, self.version(start)):
            return  # it is answered by the run that is there
        before = {one.external_id: len(one.charged) for one in self.model.assets.values()}
        posted, blocked = self.model.close(start)
        self._count_split(before)
        run_id = request_run(self.engine, self.id, f"{start:%Y-%m}", now=self.now, actor=ACTOR)
        closed = close_period(self.engine, run_id, owner=ACTOR)
        assert closed is not None
        assert (closed.posted_minor, closed.blocked) == (posted, blocked), closed.error
        self.counted["close: blocked" if blocked else "close"] += 1
        self.blocked_at = (start, self.version(start)) if blocked else None

    def _count_split(self, before: dict[str, int]) -> None:
        """Counts the charges that were split between tags."""
        for asset in self.model.assets.values():
            tags_of: dict[date, set[Tags]] = {}
            for one in asset.charged[before[asset.external_id] :]:
                tags_of.setdefault(one.effective, set()).add(one.tags)
            self.counted["close: of changed tags"] += sum(len(found) > 1 for found in tags_of.values())

    def version(self, last: date) -> int:
        """What runs go by, to see whether a fact was recorded since: the versions of all periods up to one."""
        versions = books_seen.read(self.engine, self.id).versions
        return sum(version for start, version in versions.items() if start <= last)

    def report(self, draw: Draw, last: date) -> None:
        """The units of every period up to one that still lacks them."""
        for asset in self.model.assets.values():
            for start in self.model.lacking(asset, last) if asset.status == "registered" else ():
                day = max(self.model.end(start), asset.start)
                self._state(asset, "units.used", {"period_end": str(day), "quantity": draw(UNITS, "units")})

    def lock(self, draw: Draw) -> None:
        """A period, most often the oldest closed one."""
        some = self.model.starts(CLOSED)[:1] * 3 + self.model.starts()[:4]
        start = draw(st.sampled_from(some), "period")
        done = self.both("lock", lambda: self.model.lock(start),
                         lambda: lock_period(self.engine, self.id, start, actor=ACTOR))  # fmt: skip
        assert done is None or done[0] == done[1]

    def reopen(self, draw: Draw) -> None:
        """A period, most often the newest closed one."""
        some = self.model.starts(CLOSED)[-1:] * 4 + self.model.starts()[-4:]
        start = draw(st.sampled_from(some), "period")
        self.both(
            "reopen",
            lambda: self.model.reopen(start),
            lambda: reopen_period(self.engine, self.id, f"{start:%Y-%m}", actor=ACTOR, reason="once more"),
        )

    def change_policy(self, draw: Draw) -> None:
        """What becomes of late facts from now on."""
        self.model.policy = draw(st.sampled_from(POLICIES), "policy")
        change_book(self.engine, self.id, self.book_id, {"lock_policy": self.model.policy}, actor=ACTOR)
        self.counted["change policy"] += 1

    def wait(self, draw: Draw) -> None:
        """Time goes by, so that more than one period is open."""
        self.model.today += timedelta(days=draw(st.integers(1, 40), "days"))
        self.counted["wait"] += 1
