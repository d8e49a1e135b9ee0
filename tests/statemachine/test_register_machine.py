"""The register as a machine: random acts through the services on a real database, a plain model beside it, and after
every step the two agree on rows, balances, books and locks, and on what is refused.
"""

import re
import time
from collections import Counter
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import Engine

from bookvalue.services.list_assets import AssetQuery, page_of_assets
from bookvalue.storage.asset_pages import AssetFilter
from faults.checker import problems

from . import books_seen
from .register_acts import RegisterActs

WEIGHTS = {
    "record": 4,
    "close": 6,
    "change_value": 7,
    "dispose_part": 5,
    "retag": 3,
    "patch": 3,
    "state": 3,
    "register": 2,
    "archive": 3,
    "unsay": 2,
    "dispose": 2,
    "take_whole_value": 2,
    "reinstate": 5,
    "register_disposed": 1,
    "put_again": 1,
    "source": 1,
    "lock": 2,
    "reopen": 2,
    "change_policy": 1,
    "wait": 1,
}
"""Act -> how often it is done, the simplest first. Weighed, where rules of their own would be drawn alike: most steps
shall move money."""
ACTS = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
EXAMPLES, STEPS = 10, 50
"""Of one run, before Hypothesis goes over to variations of what it has drawn."""
AT_LEAST = 1_000
"""Acts of one seed, in as many runs as it takes."""
DONE = (
    "register", "register disposed", "(put|import) again(: .*)?", "record DEPRECIATION_AMORTIZATION",
    "record IMPAIRMENT", "record REVALUATION_DOWN", "record IMPROVEMENT", "record REVALUATION_UP", "archive",
    "change value: manual down", "change value: manual up", "change value: manual (down|up), booked elsewhere",
    "change value: arbitrary down", "change value: arbitrary up", "change value: arbitrary (down|up), booked elsewhere",
    "change value: divestment", "change value: full_depreciation",
    "archive manual", "archive arbitrary",
    "dispose", "dispose.*, booked elsewhere", "dispose part by cost", "dispose part by percent",
    "dispose part by units", "reinstate", "reinstate part",
    "tag", "untag", "close: of changed tags", "patch life", "patch residual", "patch: an estimate change",
    "state estimate_changes", "state suspensions", "unsay estimate_changes", "(add|remove) source.*",
    "close", "lock", "reopen", "change policy",
)  # fmt: skip
"""What each seed has to have done, so that it shows anything: each of these acts went through, some more than once."""


class RegisterMachine(RuleBasedStateMachine):
    """Acts on one business; the test that runs it says on which engine, and has it count."""

    engine: ClassVar[Engine]
    counted: ClassVar[Counter[str]]
    acts: RegisterActs | None = None

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A business of three assets."""
        self.acts = RegisterActs(self.engine, data.draw, self.counted)
        for _ in range(3):
            self.acts.register(data.draw)

    @rule(act=st.sampled_from(ACTS), data=st.data())
    def act(self, act: str, data: st.DataObject) -> None:
        assert self.acts is not None
        self.counted["steps"] += 1
        getattr(self.acts, act)(data.draw)

    @invariant()
    def agree(self) -> None:
        if self.acts is None:
            return
        model = self.acts.model
        seen = self.acts.seen = books_seen.read(self.engine, self.acts.id)
        assert seen.status == model.status
        assert seen.rows == model.rows
        assert seen.disposed == model.disposed
        assert seen.journal == Counter({key: amount for key, amount in model.journal.items() if amount})
        assert seen.sources == {(one.external_id, name) for one in model.assets.values() for name in one.sources}
        assert seen.assets == {
            one.external_id: (one.name, one.status, one.gone.day if one.gone else None, one.spec["cost"])
            for one in model.assets.values()
        }
        self.counted["compared"] += 1
        if self.counted["compared"] % 5 == 0:
            self.agree_on_what_is_shown()

    def agree_on_what_is_shown(self) -> None:
        """At every fifth step, and at the end: it takes as long as all the rest of a step."""
        assert self.acts is not None
        assert self.shown() == {
            one.external_id: (
                0 if one.gone else one.value,
                one.opened + one.total_posted,
            )
            for one in self.acts.model.assets.values()
        }

    def teardown(self) -> None:
        if self.acts is not None:
            self.agree_on_what_is_shown()
            assert not broken_books(self.engine, self.acts.id)

    def shown(self) -> dict[str, tuple[int, int]]:
        """The book value and the accumulated depreciation that is shown of each asset."""
        assert self.acts is not None
        views, _ = page_of_assets(self.engine, self.acts.id, AssetQuery(AssetFilter()), after=None, limit=100)
        for view in views:
            assert view.prior_accumulated_minor + view.current_accumulated_minor == view.accumulated_minor
        return {view.value.external_id: (view.book_value_minor, view.accumulated_minor) for view in views}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [*range(2), *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 20))])
def test_the_register_is_what_the_model_says(ground: Engine, number: int) -> None:
    counted: Counter[str] = Counter()
    began = time.perf_counter()
    try:
        part = 0
        while counted["steps"] < AT_LEAST:
            machine = seed(1_000 * number + part)(
                type("Seeded", (RegisterMachine,), {"engine": ground, "counted": counted})
            )
            run_machine(
                machine,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS + 1,  # the beginning is one
                    deadline=None,
                    database=None,
                    phases=(Phase.generate,),  # an example takes a second: it is told as it is, not made smaller
                    suppress_health_check=list(HealthCheck),
                ),
            )
            part += 1
    finally:
        took = time.perf_counter() - began
        print(f"seed {number}: {counted['steps']} steps in {took:.1f} s: {dict(sorted(counted.items()))}")
    assert not [act for act in DONE if not any(re.fullmatch(act, done) for done in counted)]


def broken_books(engine: Engine, business_id: UUID) -> list[str]:
    """What the checker of tests/faults finds in the books; but for what is still due of facts that came late, and of
    which the model has said already when it is posted."""
    found = problems(engine, only=business_id)
    return [one for one in found if not re.search(r"through [0-9-]+: -?\d+ posted, -?\d+ due$", one)]
