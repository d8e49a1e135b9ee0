"""Explanations of registered assets: each posted charge of the sample, worked out again from what is printed."""

import re
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from bookvalue.domain.errors import InvalidInput, NotFound
from bookvalue.domain.money import exponent
from bookvalue.domain.register_csv import RegisterFile
from bookvalue.domain.terms import Frequency, ValueChangeType
from bookvalue.engine.register import EPOCH_ORDINAL
from bookvalue.services.change_value import change_value
from bookvalue.services.explain_asset import explain_asset, explanation_of, row_of
from bookvalue.services.explain_charge import Explained, Posted, period_days
from bookvalue.services.explanation_members import members_of
from bookvalue.services.explanation_text import text_of
from bookvalue.services.import_register import import_register
from bookvalue.storage import businesses
from bookvalue.storage.register_reader import read_positions
from bookvalue.storage.unit_of_work import Role, transaction
from engine.by_hand import Page, charge_of

from .conftest import Books, asset, at, business
from .disposing import id_of

NAMES = ("businesses", "accounts", "asset_types", "assets")


def by_hand(told: Explained) -> int:
    """The charge that the printed figures come to, in text and members."""
    page = Page(text_of(told, told.id), exponent(told.currency))
    assert charge_of(members_of(told)) == page.charge
    return page.charge


@pytest.fixture
def sample_books(books: Books, sample: Path) -> Books:
    """The sample's books, closed from August to October 2026; one asset is blocked in them."""
    files = [RegisterFile(f"{name}.csv", (sample / f"{name}.csv").read_bytes()) for name in NAMES]
    import_register(books.engine, files, actor="tester")
    books.close("2026-11-20")
    books.unchecked = True
    return books


def posted(books: Books) -> list[Any]:
    """What is posted: business, asset, effective period, amount."""
    found = books.sql("""
        SELECT v.business_id, v.asset_id, to_char(v.effective_period, 'YYYY-MM') AS period,
               sum(v.amount_minor) AS amount
        FROM value_update v GROUP BY 1, 2, 3 ORDER BY 1, 3, 2""")
    assert len(found) > 2_500
    return list(found)


def test_every_posted_charge_of_the_sample_is_worked_out_by_hand(sample_books: Books) -> None:
    """Each register is read once a period, as the service reads it; the test below asks the service itself."""
    for (business_id, period), charges in groupby(posted(sample_books), lambda one: (one.business_id, one.period)):
        with transaction(sample_books.engine, Role.API, business_id, snapshot=True) as connection:
            kept = businesses.get(connection, business_id)
            days = period_days(kept.value.fiscal_calendar, period, Frequency.MONTHLY)
            assert days is not None
            start = date.fromordinal(days[0] + EPOCH_ORDINAL)
            positions = read_positions(connection, business_id, kept.book_id, start, kept.value.fiscal_calendar)
        first = period == "2026-08"
        for one in charges:
            row = row_of(positions, one.asset_id)
            told = explanation_of(positions.register, row, days, is_first=first)
            cost = int(positions.register.cost_minor[row])
            assert by_hand(Explained("x", kept.value.currency, cost, (), told)) == one.amount, (one, first)


def test_what_is_posted_stands_beside_what_should_be(sample_books: Books) -> None:
    for one in posted(sample_books)[::60]:
        told = explain_asset(sample_books.engine, one.business_id, one.asset_id, one.period)
        assert by_hand(told) == one.amount
        assert told.posted is not None
        assert (told.posted.due_minor, told.posted.outcome) == (0, None)
        (update,) = told.posted.updates
        assert (update.amount_minor, update.update_type) == (one.amount, "DEPRECIATION_AMORTIZATION")
        page = text_of(told, told.id)
        assert f"entry {update.entry_number}  run {update.run_id}" in page
        assert re.search(r"^Still to be posted +0(\.0+)?$", page, re.MULTILINE)


def test_what_is_not_posted_yet_is_still_due(bakery: Books) -> None:
    bakery.put(asset("oven", cost="1200.00"), asset("land", cost="500.00", method="none", life_months=""))
    bakery.close("2026-09-02")
    due = explain_asset(bakery.engine, bakery.id(), "oven", "2026-09")
    assert (due.name, due.explanation.charge_minor) == ("oven", 10000)
    assert due.posted == Posted((), 10000, None)
    assert "Nothing is posted for the period" in text_of(due, due.id)
    land = explain_asset(bakery.engine, bakery.id(), "land", "2026-08")
    assert land.posted == Posted((), 0, "not_depreciable")
    assert "The last run charged nothing: not_depreciable" in text_of(land, land.id)
    (oven,) = bakery.sql("SELECT id, number FROM asset WHERE external_id = 'oven'")
    for reference in (oven.id, str(oven.id), oven.number):
        assert explain_asset(bakery.engine, bakery.id(), reference, "2026-09") == due


def test_what_lies_beside_the_plan_leaves_what_is_due(bakery: Books) -> None:
    bakery.put(asset("oven"))
    bakery.close("2026-09-02")
    raw = {"date": "2026-09-10", "amount": -25_000, "description": "worn"}
    change_value(bakery.engine, bakery.id(), id_of(bakery, "oven"), ValueChangeType.MANUAL, raw, actor="ada",
                 now=at("2026-09-20"))  # fmt: skip
    before = explain_asset(bakery.engine, bakery.id(), "oven", "2026-09")
    assert before.posted is not None
    assert (before.posted.due_minor, [one.beside_plan for one in before.posted.updates]) == (10_000, [True])
    bakery.close("2026-10-02")
    after = explain_asset(bakery.engine, bakery.id(), "oven", "2026-09")
    assert after.posted is not None
    assert after.posted.due_minor == 0
    assert [one.amount_minor for one in after.posted.updates if not one.beside_plan] == [10_000]
    assert "recorded by a user" in (page := text_of(after, after.id))
    assert page.count("beside the plan") == 1


def test_the_first_period_of_a_book_has_all_that_was_due_before_it(bakery: Books) -> None:
    """2026-01 to 2026-08 of an asset that was depreciated elsewhere until 2025-12."""
    old = asset(
        "old", cost="1200.00", life_months="24", depreciation_start_date="2025-01-01", opening_as_of="2025-12-31",
        opening_accumulated="600.00", opening_current_year="0.00",
    )  # fmt: skip
    bakery.put(old)
    bakery.close("2026-10-02")
    first, second = (explain_asset(bakery.engine, bakery.id(), "old", month) for month in ("2026-08", "2026-09"))
    assert bakery.charged("old") == {"2026-08": by_hand(first), "2026-09": by_hand(second)}
    assert (by_hand(first), by_hand(second)) == (40000, 5000)
    assert "old, 2026-01-01 to 2026-08-31" in text_of(first, first.id)


def test_changes_are_called_by_their_types(bakery: Books) -> None:
    bakery.put(asset("oven", cost="1200.00"))
    bakery.close("2026-09-02")
    changes = [("REVALUATION_UP", 10000, 1), ("IMPROVEMENT", 20000, 2), ("IMPAIRMENT", 5000, 3)]
    statement = text("""
        INSERT INTO value_update (business_id, book_id, effective_period, asset_id, sequence, posting_period,
            update_type, amount_minor, date)
        SELECT business_id, book_id, '2026-09-01', asset_id, :sequence, '2026-09-01', :type, :amount, '2026-09-05'
        FROM asset_book""")
    with transaction(bakery.engine, Role.WORKER, bakery.id()) as connection:
        for update_type, amount, sequence in changes:
            connection.execute(statement, {"type": update_type, "amount": amount, "sequence": sequence})
        connection.commit()
    bakery.unchecked = True
    told = explain_asset(bakery.engine, bakery.id(), "oven", "2026-09")
    assert by_hand(told) == 12273  # (1,100.00 + 250.00) / 11
    assert sorted(told.change_names) == ["IMPAIRMENT", "IMPROVEMENT", "REVALUATION_UP"]
    page = text_of(told, told.id)
    for line in ("impairment      book value", "improvement     book value", "revaluation up  book value"):
        assert line in page


def test_what_is_not_there_is_said(bakery: Books) -> None:
    bakery.put(asset("oven"))
    with pytest.raises(NotFound, match="no such asset"):
        explain_asset(bakery.engine, bakery.id(), "no-such", "2026-09")
    with pytest.raises(NotFound, match="no such book"):
        explain_asset(bakery.engine, bakery.id(), "oven", "2026-09", uuid4())
    for month in ("2026-13", "2026", "1800-01", ""):
        with pytest.raises(InvalidInput) as refused:
            explain_asset(bakery.engine, bakery.id(), "oven", month)
        assert [one.code for one in refused.value.findings] == ["not_a_period"]
    bakery.uncharged = {"oven"}


def test_another_business_s_asset_is_not_there(books: Books) -> None:
    books.put(business(), business("rival"), asset("oven"), asset("van", "rival"))
    (van,) = books.sql("SELECT id FROM asset WHERE external_id = 'van'")
    for reference in ("van", van.id):
        with pytest.raises(NotFound, match="no such asset"):
            explain_asset(books.engine, books.id(), reference, "2026-08")
    books.uncharged = {"oven", "van"}
