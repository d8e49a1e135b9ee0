"""What a person posts by plain SQL is what it says, or it is refused: value updates, entries, lines, records.

Everything as the API's role, in transactions that are rolled back, in a database that has closed three months.
"""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from bookvalue.storage.unit_of_work import Role
from storage.ledger_rows import (
    AUGUST,
    DECEMBER,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    Statement,
    Tenant,
    admitted,
    entry_row,
    insert,
    line_rows,
    posted_entry,
    refused,
    take_number,
    update_row,
)
from storage.recorded_rows import (
    entry_of,
    hand_disposal,
    hand_entry,
    hand_update,
    named_update,
    record_row,
    taken_back,
    without_run,
)

CLOSED = (AUGUST, SEPTEMBER, OCTOBER)  # locked, closed, closed


def _stopped(engine: Engine, of: Tenant, constraint: str | None, *statements: Statement, state: str = "23514") -> None:
    refused(engine, Role.API, of.id, *statements, sqlstate=state, constraint=constraint)


def test_a_person_s_value_update_is_admitted_and_taken_back(shared: Engine, ours: Tenant) -> None:
    first = hand_update(ours)
    admitted(shared, Role.API, ours.id, *first, insert("value_update_record", record_row(ours)))
    admitted(shared, Role.API, ours.id, *first, *taken_back(ours, first))
    elsewhere = named_update(ours, None)
    admitted(shared, Role.API, ours.id, insert("value_update", elsewhere))  # booked elsewhere: no entry of ours


@pytest.mark.parametrize("run", [None, 0, -1], ids=["no run", "an ended run", "the last run"])
def test_a_run_cannot_be_named(shared: Engine, ours: Tenant, run: int | None) -> None:
    run_id = None if run is None else ours.runs[run]
    _stopped(shared, ours, None, insert("value_update", update_row(ours, run_id=run_id)), state="42501")
    entry = insert("journal_entry", entry_row(ours, run_id=run_id))
    _stopped(shared, ours, None, take_number(ours), entry, state="42501")


def test_the_time_of_an_entry_is_the_database_s(shared: Engine, ours: Tenant) -> None:
    header = {**without_run(entry_row(ours)), "created_at": AUGUST}
    _stopped(shared, ours, None, take_number(ours), insert("journal_entry", header), state="42501")
    record = insert("value_update_record", {**record_row(ours), "created_at": AUGUST})
    _stopped(shared, ours, None, *hand_update(ours), record, state="42501")


def test_nothing_is_posted_for_another_business(shared: Engine, ours: Tenant, theirs: Tenant) -> None:
    number, entry, lines = hand_entry(theirs)
    _stopped(shared, ours, None, insert("value_update", named_update(theirs, None)), state="42501")
    _stopped(shared, ours, None, entry, state="42501")
    more = [{**line, "line_no": line["line_no"] + 50} for line in line_rows(theirs, theirs.entry, 5, -5)]
    for foreign in (lines, insert("journal_line", *more), insert("value_update_record", record_row(theirs))):
        _stopped(shared, ours, None, foreign, state="42501")
    admitted(shared, Role.API, ours.id, number)  # moves no row: theirs is not seen


@pytest.mark.parametrize("period", [*CLOSED, DECEMBER], ids=str)
def test_nothing_enters_a_period_that_is_not_open(shared: Engine, ours: Tenant, period: date) -> None:
    """By any statement that the API may make; December is not there."""
    effective = min(period, NOVEMBER)
    update = named_update(ours, None, effective_period=effective, posting_period=period, sequence=99)
    _stopped(shared, ours, "guard_period_open", insert("value_update", update))
    entry = hand_entry(ours, effective_period=effective, posting_period=period, entry_date=period)
    _stopped(shared, ours, "guard_period_open", *entry[:2])
    gone = hand_disposal(ours, effective_period=effective, posting_period=period)
    refused(shared, Role.API, ours.id, *gone, sqlstate="23514", constraint="guard_period_open",
            or_key="disposal_business_id_book_id_posting_period_fkey")  # fmt: skip


def test_an_entry_of_a_person_balances_and_leaves_no_gap(shared: Engine, ours: Tenant) -> None:
    for amounts in ((500, -499), (499, -500), (500, 500), (500,)):
        _stopped(shared, ours, "guard_journal_balanced", *hand_entry(ours, 1, *amounts))
    for count in (1, 2):
        _stopped(shared, ours, "guard_feed_gapless", take_number(ours, count))
        _stopped(shared, ours, "guard_feed_gapless", *hand_update(ours), take_number(ours, count))
    _stopped(shared, ours, "guard_journal_entry", hand_entry(ours)[1])  # without taking its number
    _stopped(shared, ours, "guard_journal_entry", take_number(ours), hand_entry(ours, 2)[1])
    _stopped(shared, ours, "guard_feed_forward", ("UPDATE feed_counter SET last_seq = last_seq - 1", {}))


def test_no_line_joins_an_entry_that_is_there(shared: Engine, ours: Tenant) -> None:
    """That of a run, and one that the transaction itself has made."""
    made = hand_update(ours)
    for entry, before in ((ours.entry, []), (entry_of(made), made)):
        lines = [{**line, "line_no": line["line_no"] + 50} for line in line_rows(ours, entry, 5, -5)]
        _stopped(shared, ours, "guard_journal_balanced", *before, insert("journal_line", *lines))


@pytest.mark.parametrize(
    "changed",
    [{"amount_minor": 499}, {"amount_minor": 501}, {"debit_line": 2, "credit_line": 1}, {"debit_line": 3},
     {"debit_line": 1, "credit_line": 1}],
    ids=str,
)  # fmt: skip
def test_a_value_update_is_its_entry_line_by_line(shared: Engine, ours: Tenant, changed: dict[str, Any]) -> None:
    entry = hand_entry(ours)
    row = named_update(ours, entry_of(entry), **changed)
    _stopped(shared, ours, "guard_entry_named", *entry, insert("value_update", row))


def test_an_entry_is_its_value_updates(shared: Engine, ours: Tenant) -> None:
    """None without them, none twice, and none of another asset or of a run."""
    entry = hand_entry(ours)
    _stopped(shared, ours, "guard_entry_named", *entry)
    _stopped(shared, ours, "guard_entry_named", *posted_entry_of_hand(ours))
    again = named_update(ours, entry_of(entry), sequence=1)
    first = insert("value_update", named_update(ours, entry_of(entry)))
    _stopped(shared, ours, "guard_entry_named", *entry, first, insert("value_update", again))
    earlier = hand_entry(ours, effective_period=OCTOBER)
    _stopped(shared, ours, "guard_entry_named", *earlier, insert("value_update", named_update(ours, entry_of(earlier))))
    for changed in ({"asset_id": ours.assets[1]}, {"entry_id": uuid4()}, {"entry_id": ours.entry}):
        other = insert("value_update", {**named_update(ours, entry_of(entry)), **changed})
        _stopped(shared, ours, "guard_entry_named", *entry, other)


def test_an_entry_that_is_there_takes_no_more_value_updates(shared: Engine, ours: Tenant) -> None:
    """A run's: no number is taken, so nothing else would look at it."""
    _stopped(shared, ours, "guard_entry_named", insert("value_update", named_update(ours, ours.entry)))


def posted_entry_of_hand(of: Tenant) -> list[Statement]:
    """An entry of no asset: nothing can name it."""
    number, _, lines = posted_entry(of)
    header = without_run(entry_row(of, id=lines[1]["entry_id_0"]))
    return [number, insert("journal_entry", header), lines]


@pytest.mark.parametrize("sequence", [1, 2, 32767])
def test_value_updates_of_a_period_are_numbered_without_a_gap(shared: Engine, ours: Tenant, sequence: int) -> None:
    """A close takes the count of them as the next one's number: a gap would stop every close to come."""
    _stopped(shared, ours, "guard_update_sequence", insert("value_update", named_update(ours, None, sequence=sequence)))


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"amount_minor": -499}, "guard_update_reversal"),
        ({"update_type": "REVALUATION_UP"}, "guard_update_reversal"),
        ({"date": date(2026, 11, 2)}, "guard_update_reversal"),
        ({"sequence": 2, "reversal_of": 1}, "guard_update_sequence"),
        ({"entry_id": None, "debit_line": None, "credit_line": None}, "guard_entry_named"),
    ],
    ids=str,
)
def test_a_reversal_is_what_it_takes_back(
    shared: Engine, ours: Tenant, changed: dict[str, Any], constraint: str
) -> None:
    first = hand_update(ours)
    _stopped(shared, ours, constraint, *first, *taken_back(ours, first, **changed))


def test_a_value_update_is_taken_back_once_and_its_reversal_never(shared: Engine, ours: Tenant) -> None:
    first = hand_update(ours)
    back = taken_back(ours, first)
    again = {"sequence": 2, "entry_id": None, "debit_line": None, "credit_line": None}
    plain = named_update(ours, None, amount_minor=-500, reversal_of=0, **again)
    _stopped(shared, ours, "value_update_reversal_unique", *first, *back, insert("value_update", plain), state="23505")
    forth = {"update_type": "DEPRECIATION_AMORTIZATION", "date": None}
    rows = [
        named_update(ours, None, **forth),
        named_update(ours, None, **forth, sequence=1, amount_minor=-500, reversal_of=0),
        named_update(ours, None, **forth, sequence=2, reversal_of=1),
    ]
    _stopped(shared, ours, "guard_update_reversal", *(insert("value_update", row) for row in rows))


def test_a_reversing_entry_is_the_mirror_image(shared: Engine, ours: Tenant) -> None:
    first = hand_update(ours)
    back = taken_back(ours, first)
    straight = hand_entry(ours, 2, kind="reversal", reversal_of=entry_of(first))
    row = named_update(ours, entry_of(straight), sequence=1, amount_minor=-500, reversal_of=0)
    admitted(shared, Role.API, ours.id, *first, *back)
    _stopped(shared, ours, "guard_entry_mirror", *first, *straight, insert("value_update", row))


@pytest.mark.parametrize("amount", [500, 1])
def test_an_acquisition_is_of_the_cost_and_comes_once(shared: Engine, ours: Tenant, amount: int) -> None:
    with shared.connect() as connection:
        bought, cost = connection.execute(
            text("SELECT asset_id, cost_minor FROM asset_book WHERE business_id = :b AND cost_minor > 0 LIMIT 1"),
            {"b": ours.id},
        ).one()

    def acquisition(amount: int, **changed: Any) -> Statement:
        of: dict[str, Any] = {"update_type": "ACQUISITION", "amount_minor": amount}
        return insert("value_update", named_update(ours, None, asset_id=bought, **of, **changed))

    admitted(shared, Role.API, ours.id, acquisition(cost))
    _stopped(shared, ours, "guard_acquisition", acquisition(cost + amount))
    twice = acquisition(cost), acquisition(cost, sequence=1)
    _stopped(shared, ours, "value_update_acquisition_unique", *twice, state="23505")


def test_a_value_update_of_a_locked_period_is_refused(shared: Engine, ours: Tenant) -> None:
    """SEMANTICS section 7: in a closed one it is late, in a locked one it is refused; a charge may be for either."""

    def late(kind: str, effective: date, **changed: Any) -> list[Statement]:
        entry = hand_entry(ours, kind=kind, effective_period=effective)
        of = {"effective_period": effective, "date": effective, "sequence": _posted(shared, ours, effective), **changed}
        return [*entry, insert("value_update", named_update(ours, entry_of(entry), **of))]

    charge = {"update_type": "DEPRECIATION_AMORTIZATION", "date": None}
    admitted(shared, Role.API, ours.id, *late("value_update", SEPTEMBER))
    admitted(shared, Role.API, ours.id, *late("depreciation", AUGUST, **charge))
    for changed in ({}, charge):
        _stopped(shared, ours, "guard_locked_fact", *late("value_update", AUGUST, **changed))


def _posted(engine: Engine, of: Tenant, period: date) -> int:
    with engine.connect() as connection:
        found = connection.scalar(
            text("""SELECT count(*) FROM value_update WHERE business_id = :b AND asset_id = :a
                    AND effective_period = :period"""),
            {"b": of.id, "a": of.asset, "period": period},
        )
    return int(found or 0)


@pytest.mark.parametrize("policy", ["next_open", "refuse", "spread_remaining", "anywhere"])
def test_a_book_has_a_lock_policy(shared: Engine, ours: Tenant, policy: str) -> None:
    change = ("UPDATE book SET lock_policy = :policy WHERE business_id = :b", {"policy": policy, "b": ours.id})
    if policy == "anywhere":
        _stopped(shared, ours, "book_lock_policy_check", change)
    else:
        admitted(shared, Role.API, ours.id, change)
    for role in (Role.WORKER, Role.PLANNER):
        refused(shared, role, ours.id, change, sqlstate="42501")
