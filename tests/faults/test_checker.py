"""The checker itself: it finds nothing wrong with books that hold every kind of fact, and each thing that is.

What is wrong is put into a transaction that is rolled back, with the guards taken from the tables.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.terms import ValueChangeType
from bookvalue.embedded import Endpoints
from bookvalue.services.archive_value_update import archive_value_update
from bookvalue.services.change_value import change_value
from bookvalue.services.keep_asset import add_asset, change_asset
from bookvalue.storage import posted_positions
from bookvalue.storage.unit_of_work import connect
from services.conftest import Books, asset, at, business
from services.disposing import change, dispose, id_of, reinstate
from services.facts_of_assets import archive, record

from .checker import problems, problems_in

GUARDED = ("value_update", "value_update_record", "disposal", "journal_entry", "journal_line", "asset_book",
           "period", "estimate_change", "suspension", "manual_amount", "asset_tag")  # fmt: skip


BOUGHT = {
    "external_id": "bought", "name": "bought", "asset_type": "EQUIPMENT", "original_value": 120000,
    "depreciation_start_date": "2026-08-01", "depreciation": {"method": "straight_line", "life_months": 12},
    "ledger_account": "EQUIPMENT", "acquisition_counter_account": "CASH",
    "accumulated_depreciation_account": "ACCUMULATED_DEPRECIATION_EQUIPMENT",
    "depreciation_expense_account": "DEPRECIATION",
}  # fmt: skip


@pytest.fixture(scope="module")
def full(stack: Endpoints, template: str) -> Iterator[Engine]:
    """Books of three closed months with changes of value, estimates, suspensions, tables, units and disposals."""
    admin = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    name = f"checker_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    engine = connect(stack.database_url.replace("/bookvalue?", f"/{name}?"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posted_positions, "WORTHWHILE", 0)
        _fill(Books(engine))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _fill(books: Books) -> None:
    books.put(business())
    books.put(*(asset(name) for name in ("plain", "improved", "impaired", "gone", "back", "paused", "revised", "late",
                                       "beside")))  # fmt: skip
    books.put(asset("table", method="manual", life_months=""), asset("days", averaging="actual_days"))
    books.put(asset("opened", depreciation_start_date="2026-01-01", opening_as_of="2026-07-31",
                    opening_accumulated="700.00"))  # fmt: skip
    add_asset(books.engine, books.id(), BOUGHT, actor="ada")
    books.close("2026-09-02")
    change(books, "improved", "IMPROVEMENT", 12000, "2026-09-10")
    taken_back = change(books, "impaired", "IMPAIRMENT", 5000, "2026-09-11")
    archive_value_update(books.engine, books.id(), taken_back, actor="ada", now=at("2026-11-20"))
    change(books, "late", "IMPROVEMENT", 6000, "2026-08-20")
    change(books, "plain", "DEPRECIATION_AMORTIZATION", 2500, "2026-09-12", "DEPRECIATION")
    change(books, "gone", "IMPROVEMENT", 1000, "2026-09-03")
    dispose(books, "gone", "2026-09-20", proceeds=100000)
    for name in ("days", "bought", "opened"):
        dispose(books, name, "2026-10-10", proceeds=90000)
    worn = {"date": "2026-09-14", "amount": -12000, "description": "worn"}
    change_value(books.engine, books.id(), id_of(books, "beside"), ValueChangeType.MANUAL, worn, actor="ada",
                 now=at("2026-11-20"))  # fmt: skip
    record(books, FactType.ESTIMATE_CHANGE, of="beside", date="2026-10-01", remaining_life_months=5)
    for of, value in (("revised", "porto"), ("paused", "lisbon")):
        given = {"tags": [{"key": "site", "value": value}], "tags_from": "2026-09-11"}
        change_asset(books.engine, books.id(), id_of(books, of), given, actor="ada")
    reinstate(books, "back", dispose(books, "back", "2026-09-15", proceeds=5000))
    record(books, FactType.SUSPENSION, of="paused", **{"from": "2026-09-01", "to": "2026-09-30"})
    record(books, FactType.ESTIMATE_CHANGE, of="revised", date="2026-09-01", remaining_life_months=5)
    record(books, FactType.MANUAL_AMOUNT, of="table", date="2026-09-05", amount=1234)
    archive(books, record(books, FactType.MANUAL_AMOUNT, of="table", date="2026-10-05", amount=77),
            FactType.MANUAL_AMOUNT)  # fmt: skip
    books.close("2026-11-02")


def test_books_with_every_kind_of_fact_are_whole(full: Engine) -> None:
    assert problems(full) == []
    with full.connect() as connection:
        states = list(connection.scalars(text("SELECT status FROM period ORDER BY period_start")))
    assert states == ["closed", "closed", "closed", "open"]


_OF = "asset_id = (SELECT id FROM asset WHERE external_id = '{}')"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE value_update SET amount_minor = amount_minor + 600 WHERE update_type = 'IMPROVEMENT' AND {late}",
         "late through"),
        ("UPDATE estimate_change SET archived_at = now()", "revised through"),
        ("UPDATE suspension SET archived_at = now()", "paused through"),
        ("UPDATE value_update SET amount_minor = 11000 WHERE beside_plan", "beside through"),
        ("UPDATE value_update_record SET at = '2026-10-02' WHERE {beside}", "beside through"),
        ("UPDATE asset_tag SET first_day = '2026-11-01' WHERE {revised}", "is tagged as its asset never was"),
        ("UPDATE manual_amount SET archived_at = now()", "table through"),
        ("UPDATE manual_amount SET archived_at = NULL", "table through"),
        ("DELETE FROM value_update WHERE reversal_of IS NOT NULL AND {impaired}", "archives another"),
        ("UPDATE value_update SET amount_minor = amount_minor - 1 WHERE reversal_of IS NOT NULL AND {impaired}",
         "takes back another"),
        ("DELETE FROM value_update_record WHERE {plain}", "has 0 records"),
        ("UPDATE value_update SET entry_id = NULL, debit_line = NULL, credit_line = NULL"
         " WHERE run_id IS NULL AND {plain}",
         "names no entry"),
        ("UPDATE value_update SET debit_line = credit_line, credit_line = debit_line WHERE run_id IS NULL AND {plain}",
         "is not its value updates"),
        ("UPDATE journal_entry SET kind = 'acquisition' WHERE kind = 'value_update'", "says that it is a acquisition"),
        ("UPDATE journal_entry SET reversal_of = (SELECT id FROM journal_entry WHERE kind = 'depreciation' LIMIT 1)"
         " WHERE kind = 'reversal' AND {impaired}", "mirror image"),
        ("UPDATE journal_line SET account_id = (SELECT id FROM account WHERE code = '1010') WHERE debit_minor > 0 AND"
         " entry_id = (SELECT entry_id FROM value_update WHERE update_type = 'IMPROVEMENT' AND {gone})",
         "on its asset account"),
        ("UPDATE asset_book SET disposal_date = NULL, status = 'registered' WHERE {gone}", "after 1 rows of disposal"),
        ("UPDATE asset_book SET disposal_date = '2026-09-10', status = 'disposed' WHERE {back}", "after 2 rows"),
        ("UPDATE asset_book SET opening_accumulated_minor = opening_accumulated_minor - 1 WHERE {opened}",
         "on its accumulated account"),
        ("UPDATE asset_book SET cost_minor = cost_minor + 1 WHERE {bought}", "its cost another"),
        ("UPDATE asset_book SET cost_minor = cost_minor + 1 WHERE {gone}", "where its facts give"),
        ("UPDATE disposal SET gain_or_loss_minor = gain_or_loss_minor - 1, capital_gain_minor = 1,"
         " capital_gain_line = result_line WHERE {days}",
         "where its facts give"),
        ("UPDATE disposal SET accumulated_minor = accumulated_minor - 1, gain_or_loss_minor = gain_or_loss_minor - 1"
         " WHERE reverses IS NOT NULL", "was not reinstated"),
        ("UPDATE disposal SET date = date + 1 WHERE {gone}", "is not what it was closed with"),
        ("UPDATE value_update SET amount_minor = amount_minor + 1 WHERE update_type = 'DEPRECIATION_AMORTIZATION'"
         " AND {days}", "at its disposal"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_what_is_wrong_is_found(full: Engine, change: str, found: str) -> None:
    names = ("late", "impaired", "plain", "gone", "back", "opened", "bought", "days", "beside", "revised")
    with full.connect() as connection:
        for table in GUARDED:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        assert connection.execute(text(change.format(**{name: _OF.format(name) for name in names}))).rowcount > 0
        wrong = "\n".join(problems_in(connection))
    assert found in wrong, wrong
