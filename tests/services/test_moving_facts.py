"""Facts that move while a run works: it posts the new truth, never the stale one, and nobody posts twice."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from bookvalue.domain.errors import BookvalueError
from services.conftest import Books, Line, asset, asset_type, business
from services.facts_of_assets import report


def once(step: str, act: Callable[[], Any]) -> Callable[[str], None]:
    """A checkpoint that acts the first time that the run reaches a step."""
    done: list[Any] = []

    def checkpoint(reached: str) -> None:
        if reached == step and not done:
            done.append(step)
            done.append(act())

    return checkpoint


def test_a_change_between_compute_and_post_is_what_is_posted(bakery: Books) -> None:
    bakery.put(asset("a"), asset("b"))
    (run_id,) = bakery.plan("2026-09-02")
    done = bakery.work(run_id, once("in_compute", lambda: bakery.put(asset("a", cost="2400.00"))))
    assert done is not None
    assert bakery.charges() == [("a", "2026-08", "2026-08", 20_000), ("b", "2026-08", "2026-08", 10_000)]
    assert (done.posted_minor, done.closed_periods) == (30_000, ("2026-08",))
    assert bakery.run(run_id).posted_minor == 30_000


@pytest.mark.parametrize(("change", "charged"), [
    ([asset("a", life_months=6)], {"a": 20_000}),
    ([asset("a", residual_value="600.00")], {"a": 5_000}),
    ([asset("a", depreciation_start_date="2026-09-01")], {}),
    ([asset("a", method="none", life_months="")], {}),
    ([asset("a"), asset("new", cost="120.00")], {"a": 10_000, "new": 1_000}),
    ([asset("a", opening_as_of="2026-08-31", opening_accumulated="100.00")], {}),
])  # fmt: skip
def test_every_fact_that_can_change_a_charge_counts(bakery: Books, change: list[Line], charged: dict[str, int]) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    assert bakery.work(run_id, once("in_compute", lambda: bakery.put(*change))) is not None
    assert {name: amount for name, _, _, amount in bakery.charges()} == charged
    assert bakery.periods()["2026-08"] == "closed"


def test_an_account_that_is_taken_away_blocks_and_one_that_is_given_mends(bakery: Books) -> None:
    bakery.put(asset("a"), asset("b", accumulated_depreciation_account=""))
    (run_id,) = bakery.plan("2026-09-02")
    assert (
        bakery.work(
            run_id, once("in_compute", lambda: bakery.put(asset("a", accumulated_depreciation_account=""), asset("b")))
        )
        is not None
    )
    assert bakery.charges() == [("b", "2026-08", "2026-08", 10_000)]
    assert bakery.outcomes(run_id) == {
        "a": ("blocked", "accumulated_account_missing", "accumulated_depreciation_account")
    }
    bakery.uncharged = {"a"}


def test_a_types_account_that_moves_is_where_the_charge_goes(bakery: Books) -> None:
    bakery.put(asset_type(), asset("a", asset_type="Machines", depreciation_expense_account=""))
    (run_id,) = bakery.plan("2026-09-02")
    bakery.work(run_id, once("in_compute", lambda: bakery.put(asset_type(depreciation_expense_account="6510"))))
    assert [line[2] for line in bakery.lines()] == ["6510", "1620"]


def test_a_business_that_moves_to_cash_basis_is_not_charged(bakery: Books) -> None:
    bakery.put(asset("a"))
    bakery.uncharged = {"a"}
    (run_id,) = bakery.plan("2026-09-02")
    bakery.work(run_id, once("in_compute", lambda: bakery.put(business(accounting_basis="cash"))))
    assert bakery.charges() == []
    assert {code for _, code, _ in bakery.outcomes(run_id).values()} == {"cash_basis"}


def test_a_book_that_a_person_will_close_is_left_open(bakery: Books) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    bakery.work(run_id, once("in_compute", lambda: bakery.put(business(auto="post"))))
    assert bakery.charged("a") == {"2026-08": 10_000}
    assert bakery.periods() == {"2026-08": "open", "2026-09": "open"}


def test_a_lock_policy_that_changes_is_a_fact(books: Books) -> None:
    """By units, a closed month without a report counts where a late report would have its own day, and there alone."""
    by_units: Line = {"method": "units_of_production", "life_months": "", "units_total": "1000"}
    books.put(business(), asset("b"))
    books.close("2026-09-02")
    books.put(asset("a", **by_units))
    report(books, "2026-09-30", "100")
    books.put(business(lock_policy="refuse"))
    (run_id,) = books.plan("2026-10-02")
    books.work(run_id, once("in_compute", lambda: books.put(business(lock_policy="next_open"))))
    assert books.outcomes(run_id) == {"a": ("blocked", "units_missing", "units_used")}
    assert books.charged("a") == {}
    books.uncharged = {"a"}


def test_a_descriptive_edit_raises_no_version_and_changes_no_charge(bakery: Books) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    steps: list[str] = []

    def checkpoint(step: str) -> None:
        steps.append(step)
        if step == "in_compute":
            bakery.put(asset("a", name="The big oven", description="in the back", serial_number="7"))

    assert bakery.work(run_id, checkpoint) is not None
    assert bakery.charged("a") == {"2026-08": 10_000}
    assert steps.count("mid_post") == 1
    assert bakery.run(run_id).fact_version_read == 1, "the import of the asset, and nothing since"
    assert bakery.sql("SELECT name FROM asset")[0].name == "The big oven"


def test_a_start_that_moves_to_a_later_period_is_seen_by_the_run_of_the_earlier_one(bakery: Books) -> None:
    """The fact is effective from the old start as well as from the new: August must not be charged and closed."""
    bakery.put(asset("bare", depreciation_expense_account=""))
    bakery.close("2026-09-02")  # August stands open, September is there
    bakery.put(asset("a"))
    run_id = bakery.request("2026-08", "2026-09-03")
    bakery.work(run_id, once("in_compute", lambda: bakery.put(asset("a", depreciation_start_date="2026-09-01"))))
    assert bakery.charges() == []
    bakery.uncharged = {"bare"}


def test_a_change_waits_for_the_post_and_is_then_too_late(bakery: Books) -> None:
    """While the run posts, an import changes the asset's cost: it must not slip in behind the posted charge."""
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    raised: list[BookvalueError] = []

    def change() -> None:
        try:
            bakery.put(asset("a", cost="2400.00"))
        except BookvalueError as error:
            raised.append(error)

    thread = threading.Thread(target=change)

    def checkpoint(step: str) -> None:
        if step == "mid_post":
            thread.start()
            bakery.until_somebody_waits()

    done = bakery.work(run_id, checkpoint)
    thread.join()
    assert done is not None
    assert done.closed_periods == ("2026-08",)
    assert [error.code for error in raised] == ["register_invalid"]
    assert bakery.sql("SELECT cost_minor FROM asset_book")[0].cost_minor == 120_000
    bakery.close("2026-10-02")
    assert bakery.charged("a") == {"2026-08": 10_000, "2026-09": 10_000}


def test_two_workers_on_one_run(bakery: Books) -> None:
    bakery.put(*[asset(f"a{n}", cost=f"{1000 + n}.00") for n in range(40)])
    (run_id,) = bakery.plan("2026-09-02")
    barrier = threading.Barrier(2)
    ended: list[Any] = []

    def work(owner: str) -> None:
        barrier.wait()
        ended.append(bakery.work(run_id, owner=owner))

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done is None for done in ended) == [False, True]
    assert len(bakery.charges()) == 40
    assert bakery.run(run_id).attempts == 1


@pytest.mark.parametrize("auto", ["close", "post"])
def test_a_second_run_of_a_period_is_not_to_be_had_while_one_is_alive(books: Books, auto: str) -> None:
    """Past the services too; and one that comes after it finds each charge there once."""
    books.put(business(auto=auto), *[asset(f"a{n}") for n in range(20)])
    (scheduled,) = books.plan("2026-09-02")
    refused: list[str] = []

    def another() -> None:
        with pytest.raises(IntegrityError, match="run_alive_unique"):
            books.add_run("2026-08-01")
        refused.append(books.run(scheduled).status)

    another()
    done = books.work(scheduled, once("in_compute", another))
    assert done is not None
    assert refused == ["queued", "running"]
    assert (done.status, done.posted_minor, len(books.charges())) == ("posted", 200_000, 20)
    assert books.periods()["2026-08"] == ("closed" if auto == "close" else "open")
    second = books.work(books.add_run("2026-08-01"))
    assert second is not None
    assert (second.status, second.posted_minor) == ("blocked" if auto == "close" else "posted", 0)
    assert len(books.charges()) == 20
    assert books.periods()["2026-08"] == ("closed" if auto == "close" else "open")


@pytest.mark.parametrize("auto", ["close", "post"])
def test_planners_and_people_who_ask_at_once_get_one_run(books: Books, auto: str) -> None:
    """Whoever comes first, it is one run, a person's, and closes; each charge is there once."""
    books.put(business(auto=auto), *[asset(f"a{n}") for n in range(20)])
    barrier = threading.Barrier(6)
    asked: list[UUID] = []
    failed: list[BaseException] = []

    def ask(person: bool) -> None:
        try:
            barrier.wait(10)
            asked.extend([books.request("2026-08", "2026-09-02")] if person else books.plan("2026-09-02"))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(n % 2 == 0,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(asked) >= 3
    assert len(set(asked)) == len(books.runs()) == 1
    done = books.work(asked[0])
    assert done is not None
    assert (done.status, done.posted_minor, len(books.charges())) == ("posted", 200_000, 20)
    assert books.periods()["2026-08"] == "closed"


def test_the_next_periods_run_and_a_rerun_of_this_one_at_once(bakery: Books) -> None:
    bakery.put(asset("good"), asset("bare", depreciation_expense_account=""))
    bakery.close("2026-09-02")
    (scheduled,) = bakery.plan("2026-10-02")
    bakery.put(asset("bare"))
    asked = bakery.request("2026-08", "2026-10-02")
    barrier = threading.Barrier(2)

    def checkpoint(step: str) -> None:
        if step == "in_compute":
            barrier.wait(10)

    threads = [threading.Thread(target=bakery.work, args=(run_id, checkpoint)) for run_id in (scheduled, asked)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bakery.close("2026-10-03")
    for name in ("good", "bare"):
        assert bakery.charged(name) == {"2026-08": 10_000, "2026-09": 10_000}
    assert len(bakery.charges()) == 4
    assert bakery.periods() == {"2026-08": "closed", "2026-09": "closed", "2026-10": "open"}


def test_a_holder_that_was_taken_over_writes_nothing(bakery: Books) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")
    taken: list[Any] = []

    def take_over() -> None:
        bakery.sql("UPDATE run SET lease_until = now() - interval '1 second' WHERE id = :id", id=run_id)
        taken.append(bakery.work(run_id, owner="successor"))

    assert bakery.work(run_id, once("in_compute", take_over)) is None
    assert taken[0].posted_minor == 10_000
    assert len(bakery.charges()) == 1
    row = bakery.run(run_id)
    assert (row.lease_owner, row.fence, row.attempts, row.status) == ("successor", 2, 2, "posted")


def test_nor_does_it_say_that_the_run_failed(bakery: Books) -> None:
    bakery.put(asset("a"))
    (run_id,) = bakery.plan("2026-09-02")

    def take_over_and_break() -> None:
        bakery.sql(
            """UPDATE run SET fence = fence + 1, attempts = attempts + 1, lease_owner = 'successor',
                      lease_until = now() + interval '1 hour' WHERE id = :id""",
            id=run_id,
        )
        raise ZeroDivisionError("a defect")

    assert bakery.work(run_id, once("in_compute", take_over_and_break)) is None
    row = bakery.run(run_id)
    assert (row.status, row.lease_owner, row.error_code) == ("running", "successor", None)
    assert bakery.charges() == []
