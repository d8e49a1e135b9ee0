"""A disposal by plain SQL: its arithmetic, its entry line by line, one in force at a time, taken back once.

Everything as the API's role, in transactions that are rolled back, in a database that has closed three months.
"""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from bookvalue.storage.unit_of_work import Role
from storage.ledger_rows import AUGUST, DECEMBER, NOVEMBER, SEPTEMBER, Statement, Tenant, admitted, insert, refused
from storage.recorded_rows import disposal_row, entry_of, hand_disposal, hand_entry, reinstated

NO_LINES = dict.fromkeys(("asset_line", "accumulated_line", "proceeds_line", "result_line", "capital_gain_line"))
# Cost 500, accumulated 300, sold for 700: book value 200, of the 500 above it 300 a gain and 200 above the cost.
SOLD = {"accumulated_minor": 300, "proceeds_minor": 700, "gain_or_loss_minor": 300, "capital_gain_minor": 200,
        "accumulated_line": 1, "proceeds_line": 2, "asset_line": 3, "result_line": 4, "capital_gain_line": 5,
        "reason": "sold"}  # fmt: skip
HALF = {"share_numerator": 1, "share_denominator": 2, "part_day": NOVEMBER, "residual_minor": 0, "capitalised_minor": 0}
SOLD_LINES = (300, 700, -500, -300, -200)


def _stopped(engine: Engine, of: Tenant, constraint: str | None, *statements: Statement, state: str = "23514") -> None:
    refused(engine, Role.API, of.id, *statements, sqlstate=state, constraint=constraint)


def _sold(of: Tenant, **changed: Any) -> list[Statement]:
    entry = hand_entry(of, 1, *SOLD_LINES, kind="disposal", total_minor=1000, line_count=5)
    return [*entry, insert("disposal", disposal_row(of, entry_id=entry_of(entry), **{**SOLD, **changed}))]


def test_a_disposal_is_admitted_and_taken_back(shared: Engine, ours: Tenant) -> None:
    admitted(shared, Role.API, ours.id, *_sold(ours))
    first = hand_disposal(ours)
    back = reinstated(ours, first)
    admitted(shared, Role.API, ours.id, *first, *back)
    again = hand_entry(ours, 3, kind="disposal")
    third = insert("disposal", disposal_row(ours, sequence=2, entry_id=entry_of(again)))
    admitted(shared, Role.API, ours.id, *first, *back, *again, third)
    nothing = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES}
    admitted(shared, Role.API, ours.id, insert("disposal", disposal_row(ours, **nothing)))


# The same, 150 of what was impaired on an account of its own: so much more goes out of the asset account.
_IMPAIRED = {"impairment_minor": 150, "impairment_line": 3, "asset_line": 4, "result_line": 5, "capital_gain_line": 6}


def _sold_impaired(of: Tenant, **changed: Any) -> list[Statement]:
    entry = hand_entry(of, 1, 300, 700, 150, -650, -300, -200, kind="disposal", total_minor=1150, line_count=6)
    row = disposal_row(of, entry_id=entry_of(entry), **{**SOLD, **_IMPAIRED, **changed})
    return [*entry, insert("disposal", row)]


def test_an_impairment_of_its_own_account_is_a_part_of_the_entry(shared: Engine, ours: Tenant) -> None:
    admitted(shared, Role.API, ours.id, *_sold_impaired(ours))
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"impairment_minor": -150}, "guard_entry_named"),
        ({"impairment_line": None}, "disposal_lines"),
        ({"impairment_minor": 0}, "disposal_lines"),
        ({"asset_line": None}, "disposal_lines"),
        ({"impairment_minor": 149}, "guard_entry_named"),
        ({"impairment_minor": 151}, "guard_entry_named"),
        ({"impairment_line": 1}, "guard_entry_named"),
    ]
    for changed, constraint in wrong:
        _stopped(shared, ours, constraint, *_sold_impaired(ours, **changed))
    gone = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES, "impairment_minor": 150}
    _stopped(shared, ours, "disposal_lines", insert("disposal", disposal_row(ours, **gone)))
    admitted(shared, Role.API, ours.id, insert("disposal", disposal_row(ours, **gone, externally_booked=True)))


def test_an_impairment_is_taken_back_as_it_was(shared: Engine, ours: Tenant) -> None:
    nothing = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES, "externally_booked": True}
    gone = insert("disposal", disposal_row(ours, **nothing, impairment_minor=150))
    back, other = (
        insert("disposal", disposal_row(ours, **nothing, impairment_minor=amount, sequence=1, reverses=0))
        for amount in (-150, -149)
    )
    admitted(shared, Role.API, ours.id, gone, back)
    _stopped(shared, ours, "guard_disposal_reversal", gone, other)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"gain_or_loss_minor": 301}, "disposal_result"),
        ({"capital_gain_minor": 199}, "disposal_result"),
        ({"proceeds_minor": 701}, "disposal_result"),
        ({"cost_minor": 501}, "disposal_result"),
        ({"accumulated_minor": 299}, "disposal_result"),
        ({"gain_or_loss_minor": 501, "capital_gain_minor": -1}, "disposal_signs"),
        ({"cost_minor": -1, "gain_or_loss_minor": 801}, "disposal_signs"),
        (
            {"proceeds_minor": -1, "capital_gain_minor": 0, "capital_gain_line": None, "gain_or_loss_minor": -201},
            "disposal_signs",
        ),
        ({"proceeds_minor": 10**15 + 1, "gain_or_loss_minor": 10**15 - 399}, "disposal_proceeds_minor_check"),
        ({"reason": "lost"}, "disposal_reason_check"),
        ({"result_line": None}, "disposal_lines"),
        ({"asset_line": None}, "disposal_lines"),
        ({"accumulated_line": None}, "disposal_lines"),
        ({"proceeds_line": None}, "disposal_lines"),
        ({"capital_gain_line": None}, "disposal_lines"),
        ({"entry_id": None}, "disposal_lines"),
        ({"entry_id": None, **NO_LINES}, "disposal_lines"),
        ({"asset_line": 4, "result_line": 3}, "guard_entry_named"),
        ({"asset_line": 6}, "guard_entry_named"),
        ({"gain_or_loss_minor": 200, "capital_gain_minor": 300}, "guard_entry_named"),
    ],
    ids=str,
)
def test_a_disposal_states_what_its_entry_posts(
    shared: Engine, ours: Tenant, changed: dict[str, Any], constraint: str
) -> None:
    *entry, (sql, values) = _sold(ours)
    row = {name.removesuffix("_0"): value for name, value in values.items()}
    assert sql.startswith("INSERT INTO bookvalue.disposal")
    _stopped(shared, ours, constraint, *entry, insert("disposal", {**row, **changed}))


def test_an_entry_of_a_disposal_is_all_that_the_disposal_states(shared: Engine, ours: Tenant) -> None:
    """Stated in part, not at all, or twice; or it is a run's entry, another asset's or nobody's."""
    *entry, _ = _sold(ours)
    _stopped(shared, ours, "guard_entry_named", *entry)
    part = {**SOLD, "capital_gain_line": None, "capital_gain_minor": 0, "proceeds_minor": 500}
    _stopped(shared, ours, "guard_entry_named", *entry,
             insert("disposal", disposal_row(ours, entry_id=entry_of(entry), **part)))  # fmt: skip
    for entry_id, asset in ((ours.entry, ours.asset), (entry_of(entry), ours.assets[1])):
        row = disposal_row(ours, entry_id=entry_id, asset_id=asset, **SOLD)
        _stopped(shared, ours, "guard_entry_named", *entry, insert("disposal", row))


def test_an_entry_that_is_there_takes_no_disposal(shared: Engine, ours: Tenant) -> None:
    """A run's: no number is taken, so nothing else would look at it."""
    _stopped(shared, ours, "guard_entry_named", insert("disposal", disposal_row(ours, entry_id=ours.entry)))


@pytest.mark.parametrize("sequence", [1, 2, 4])
def test_rows_of_disposal_are_numbered_without_a_gap(shared: Engine, ours: Tenant, sequence: int) -> None:
    _stopped(shared, ours, "guard_disposal_sequence", *hand_disposal(ours, sequence=sequence))


def test_one_disposal_is_in_force_at_a_time(shared: Engine, ours: Tenant) -> None:
    """Nothing follows a disposal of the whole but what takes it back; parts may follow each other."""
    first, nothing = hand_disposal(ours), {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES}
    second = insert("disposal", disposal_row(ours, sequence=1, **nothing))
    _stopped(shared, ours, "disposal_in_turn", *first, second)
    parts = [insert("disposal", disposal_row(ours, sequence=number, **nothing, **HALF)) for number in (0, 1)]
    admitted(shared, Role.API, ours.id, *parts)
    itself = insert("disposal", disposal_row(ours, sequence=0, reverses=0, **nothing))
    _stopped(shared, ours, "disposal_reverses_another", itself)


def test_a_part_is_taken_back_once(shared: Engine, ours: Tenant) -> None:
    """Whatever came after it."""
    nothing = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES, **HALF}
    part, back, again = (insert("disposal", disposal_row(ours, sequence=number, **nothing, reverses=taken))
                         for number, taken in ((0, None), (1, 0), (2, 0)))  # fmt: skip
    admitted(shared, Role.API, ours.id, part, back)
    _stopped(shared, ours, "disposal_reverses_unique", part, back, again, state="23505")


def test_a_disposal_is_taken_back_once_with_its_own_amounts(shared: Engine, ours: Tenant) -> None:
    first = hand_disposal(ours)
    again = insert("disposal", disposal_row(ours, cost_minor=0, accumulated_minor=0, **NO_LINES))
    _stopped(shared, ours, "disposal_pkey", *first, again, state="23505")
    back = reinstated(ours, first)
    zero = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES}
    once_more = insert("disposal", disposal_row(ours, sequence=1, reverses=0, **zero))
    _stopped(shared, ours, "disposal_pkey", *first, *back, once_more, state="23505")
    _stopped(shared, ours, "guard_disposal_reversal", *first, once_more)
    _stopped(shared, ours, "guard_disposal_reversal", *first,
             *reinstated(ours, first, accumulated_minor=-499, gain_or_loss_minor=1, result_line=3))  # fmt: skip


def test_the_entry_that_takes_a_disposal_back_is_its_mirror_image(shared: Engine, ours: Tenant) -> None:
    first = hand_disposal(ours)
    _, _, _, (_, values) = reinstated(ours, first)
    row = {name.removesuffix("_0"): value for name, value in values.items()}
    straight = hand_entry(ours, 2, kind="reversal", reversal_of=entry_of(first))
    crossed = {**row, "entry_id": entry_of(straight), "asset_line": 1, "accumulated_line": 2}
    _stopped(shared, ours, "guard_entry_mirror", *first, *straight, insert("disposal", crossed))


def test_a_disposal_in_a_locked_period_is_refused_and_in_a_closed_one_late(shared: Engine, ours: Tenant) -> None:
    def dated(effective: date, posting: date = NOVEMBER) -> list[Statement]:
        entry = hand_entry(ours, kind="disposal", effective_period=effective)
        of = {"effective_period": effective, "posting_period": posting, "date": effective}
        return [*entry, insert("disposal", disposal_row(ours, entry_id=entry_of(entry), **of))]

    admitted(shared, Role.API, ours.id, *dated(SEPTEMBER))
    _stopped(shared, ours, "guard_locked_fact", *dated(AUGUST))
    nothing = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES}
    for changed, state, constraint in (
        ({"effective_period": DECEMBER}, "23514", "disposal_effective"),
        ({"effective_period": date(2026, 9, 2)}, "23503", "disposal_business_id_book_id_effective_period_fkey"),
    ):
        _stopped(shared, ours, constraint, insert("disposal", disposal_row(ours, **nothing, **changed)), state=state)


@pytest.mark.parametrize("period", [AUGUST, SEPTEMBER], ids=str)
def test_a_disposal_of_nothing_enters_no_closed_period_either(shared: Engine, ours: Tenant, period: date) -> None:
    nothing = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES}
    of = {"effective_period": period, "posting_period": period, "date": period}
    _stopped(shared, ours, "guard_period_open", insert("disposal", disposal_row(ours, **nothing, **of)))


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("asset_id", "disposal_business_id_book_id_asset_id_fkey"),
        ("book_id", "disposal_business_id_book_id_asset_id_fkey"),
        ("entry_id", "disposal_business_id_entry_id_fkey"),
    ],
)
def test_a_disposal_refers_to_its_own_business(
    shared: Engine, ours: Tenant, theirs: Tenant, column: str, constraint: str
) -> None:
    other: dict[str, UUID] = {"asset_id": theirs.asset, "book_id": theirs.book, "entry_id": theirs.entry}
    *entry, (_, values) = hand_disposal(ours)
    row = {name.removesuffix("_0"): value for name, value in values.items()} | {column: other[column]}
    _stopped(shared, ours, constraint, *entry, insert("disposal", row), state="23503")


def test_a_disposal_has_an_id_of_its_own_and_the_database_s_time(shared: Engine, ours: Tenant) -> None:
    nothing = {"cost_minor": 0, "accumulated_minor": 0, **NO_LINES}
    first = disposal_row(ours, **nothing)
    second = {**first, "asset_id": ours.assets[1]}
    _stopped(shared, ours, "disposal_id_unique", insert("disposal", first), insert("disposal", second), state="23505")
    late = insert("disposal", {**first, "id": uuid4(), "created_at": AUGUST})
    _stopped(shared, ours, None, late, state="42501")
    for role in (Role.WORKER, Role.PLANNER):
        refused(shared, role, ours.id, insert("disposal", first), sqlstate="42501")
