"""A business in the database and its model: what every act of a machine goes through, and how it picks a day."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from sqlalchemy import Engine

from bookvalue.domain.errors import BookvalueError, InvalidInput
from bookvalue.services.create_business import create_business
from oracle.dates import FiscalCalendar

from . import books_seen
from .assets_model import ModelAsset
from .books_model import ModelBooks, Refused

BOOKS_START = date(2026, 1, 1)
FISCAL_YEARS = ("01-01", "07-01", "04-06")
POLICIES = ("next_open", "next_open", "refuse", "spread_remaining")
ACTOR = "machine"

Draw = Callable[..., Any]


class BothBooks:
    """One business in the database and its model. `counted`: how often each act went through, or why it did not."""

    def __init__(self, engine: Engine, draw: Draw, counted: Counter[str]) -> None:
        self.engine, self.counted = engine, counted
        self.fiscal, policy = (
            draw(st.sampled_from(FISCAL_YEARS), "fiscal year"),
            draw(st.sampled_from(POLICIES), "policy"),
        )
        self.key, grain = uuid4().hex, draw(st.sampled_from(("account", "asset")), "grain")
        raw = {
            "key": self.key,
            "name": self.key,
            "currency": "EUR",
            "time_zone": "UTC",
            "fiscal_year_start": self.fiscal,
            "books_start": str(BOOKS_START),
            "auto": "off",
            "grain": grain,
            "lock_policy": policy,
        }
        made = create_business(engine, raw, actor=ACTOR)
        self.id, self.book_id = made.id, made.book_id
        self.model = ModelBooks(FiscalCalendar(self.fiscal), BOOKS_START, BOOKS_START + timedelta(days=20), policy)
        self.seen = books_seen.read(engine, self.id)
        self.blocked_at: tuple[date, int] | None = None

    @property
    def now(self) -> datetime:
        """The business clock: noon of the model's day."""
        return datetime.combine(self.model.today, datetime.min.time(), UTC) + timedelta(hours=12)

    def both(self, name: str, modelled: Callable[[], Any], real: Callable[[], Any]) -> tuple[Any, Any] | None:
        """Does it in the model and in the database; what each answered, None where both refused for the same reason."""
        expected, mine, status = None, None, dict(self.model.status)
        traces = books_seen.traces(self.engine, self.id)
        try:
            mine = modelled()
        except Refused as refused:
            expected, self.model.status = refused.code, status
        try:
            answer = real()
        except BookvalueError as error:
            findings = error.findings if isinstance(error, InvalidInput) else ()
            got, told = findings[0].code if findings else error.code, f"{error} {findings}"
        else:
            assert expected is None, f"{name} went through, but had to be refused: {expected}"
            self.counted[name] += 1
            return mine, answer
        assert got == expected, f"{name} was refused: {got}, and not: {expected}; {told}"
        self.counted[f"{name}: {got}"] += 1
        left = books_seen.traces(self.engine, self.id)
        assert left == traces, f"{name} was refused and left something behind"
        return None

    def asset(self, draw: Draw) -> ModelAsset:
        """One of the assets, most often one that things can be done with."""
        every = self.model.assets
        alive = sorted(
            name for name, one in every.items() if one.status == "registered" and one.start <= self.model.today
        )
        return every[draw(st.sampled_from(alive * 4 + sorted(every)), "asset")]

    def day(self, draw: Draw, asset: ModelAsset) -> date:
        """A day that a fact may have: lately, long ago, at the ends of periods, at times too early or tomorrow."""
        first, today = (asset.as_of or asset.start), self.model.today
        lately = max(first, today - timedelta(days=45)) if draw(st.booleans(), "lately") else first
        drawn = draw(st.dates(lately, max(lately, today)), "day")
        at = draw(st.sampled_from(("itself",) * 6 + ("first", "last", "tomorrow", "before")), "of its period")
        start = self.model.period_of(drawn)
        days = {"first": start, "last": self.model.end(start), "tomorrow": today + timedelta(days=1),
                "before": first - timedelta(days=1)}  # fmt: skip
        return days.get(at, drawn)

    def late_day(self, draw: Draw, asset: ModelAsset) -> date:
        """The same, but every other time today: what lies before other facts of an asset is often refused."""
        return self.model.today if draw(st.booleans(), "today") else self.day(draw, asset)
