"""What was said of a value update, kept beside it by plain SQL: of a person's own posting, once, archived as it was.

Everything as the API's role, in transactions that are rolled back, in a database that has closed three months.
"""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from bookvalue.storage.unit_of_work import Role
from storage.ledger_rows import Statement, Tenant, admitted, insert, refused
from storage.recorded_rows import hand_update, named_update, record_row, taken_back


def _stopped(engine: Engine, of: Tenant, constraint: str | None, *statements: Statement, state: str = "23514") -> None:
    refused(engine, Role.API, of.id, *statements, sqlstate=state, constraint=constraint)


def test_a_record_is_of_what_a_person_posted(shared: Engine, ours: Tenant) -> None:
    with shared.connect() as connection:
        charge = connection.execute(
            text("SELECT asset_id, effective_period FROM value_update WHERE business_id = :b LIMIT 1"), {"b": ours.id}
        ).one()
    of_a_run = record_row(ours, asset_id=charge.asset_id, effective_period=charge.effective_period)
    _stopped(shared, ours, "guard_value_update_record", insert("value_update_record", of_a_run))
    nothing = "value_update_record_business_id_book_id_effective_period_a_fkey"
    _stopped(shared, ours, nothing, insert("value_update_record", record_row(ours)), state="23503")


def test_a_record_archives_what_its_row_takes_back_once(shared: Engine, ours: Tenant) -> None:
    first = hand_update(ours)
    record = record_row(ours)
    kept = [*first, insert("value_update_record", record)]
    archive = record_row(ours, sequence=1, archives=record["id"])
    back = [*taken_back(ours, first), insert("value_update_record", archive)]
    admitted(shared, Role.API, ours.id, *kept, *back)
    other = insert("value_update", named_update(ours, None, sequence=1))
    _stopped(shared, ours, "guard_value_update_record", *kept, other, insert("value_update_record", archive))
    third = [insert("value_update", named_update(ours, None, sequence=2)),
             insert("value_update_record", record_row(ours, sequence=2, archives=record["id"]))]  # fmt: skip
    _stopped(shared, ours, "value_update_archives_unique", *kept, *back, *third, state="23505")


def test_an_external_id_and_a_row_have_one_record(shared: Engine, ours: Tenant) -> None:
    first = [*hand_update(ours), insert("value_update_record", record_row(ours, external_id="a"))]
    second = insert("value_update", named_update(ours, None, sequence=1))
    again = insert("value_update_record", record_row(ours, external_id="a", sequence=1))
    _stopped(shared, ours, "value_update_external_id_unique", *first, second, again, state="23505")
    twice = insert("value_update_record", record_row(ours, external_id="b"))
    _stopped(shared, ours, "value_update_record_unique", *first, twice, state="23505")
    for length in (0, 501):
        named = insert("value_update_record", record_row(ours, external_id="x" * length))
        _stopped(shared, ours, "value_update_record_external_id_check", *hand_update(ours), named)


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("counter_account_id", "value_update_record_business_id_counter_account_id_fkey"),
        ("archives", "value_update_record_business_id_archives_fkey"),
        ("asset_id", "value_update_record_business_id_book_id_effective_period_a_fkey"),
        ("book_id", "value_update_record_business_id_book_id_effective_period_a_fkey"),
    ],
)
def test_a_record_refers_to_its_own_business(
    shared: Engine, ours: Tenant, theirs: Tenant, column: str, constraint: str
) -> None:
    other: dict[str, UUID] = {"counter_account_id": theirs.account, "archives": uuid4(), "asset_id": theirs.asset,
                              "book_id": theirs.book}  # fmt: skip
    row = insert("value_update_record", record_row(ours, **{column: other[column]}))
    _stopped(shared, ours, constraint, *hand_update(ours), row, state="23503")
