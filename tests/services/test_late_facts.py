"""docs/late-facts.md, cell by cell: each kind of fact, dated in an open, a closed and a locked month, by each policy.

All facts are recorded once, each of an asset of its own; then the next close charges what they change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.errors import BookvalueError
from bookvalue.domain.terms import LockPolicy
from bookvalue.services.create_business import create_business
from oracle import accumulated
from services.conftest import Books, Line, asset
from services.late_facts_table import BY_UNITS, FACTS, FIRST_OPEN_DAY, MONTH_ENDS, OWN_DAY, TODAY, Cell, Spec
from services.shared_books import shared_books

DOCS = Path(__file__).parents[2] / "docs/late-facts.md"
Key = tuple[str, str, LockPolicy]
CELLS: list[Key] = list(product(FACTS, OWN_DAY, LockPolicy))


def told_in_docs() -> Mapping[Key, str]:
    """The words of each cell of the table, the column of an open period standing for every policy."""
    rows = [
        [word.strip() for word in line.strip("|").split("|")]
        for line in DOCS.read_text().splitlines()
        if line.startswith("|")
    ]
    at = next(number for number, row in enumerate(rows) if row[0] == "fact")
    heads = [head.replace("`", "").split(", ") for head in rows[at][1:]]
    found: dict[Key, str] = {}
    for fact, *words in rows[at + 2 :]:
        for (state, *policy), cell in zip(heads, words, strict=True):
            for one in [LockPolicy(policy[0])] if policy else LockPolicy:
                assert (fact, state, one) not in found
                found[fact, state, one] = cell
    return found


TOLD = told_in_docs()


@dataclass(slots=True)
class Seen:
    """What came of a fact: the code of the refusal, or None."""

    cell: Cell
    code: str | None = None


@pytest.fixture(scope="module")
def shelf(emptied: Engine) -> Iterator[Books]:
    """The books of all policies, a business each."""
    with shared_books(emptied) as made:
        yield made


@pytest.fixture(scope="module")
def seen(shelf: Books) -> Mapping[Key, Seen]:
    """What came of every fact, once January is locked, February closed, and March closed after the facts came."""
    found: dict[Key, Seen] = {}
    for policy in LockPolicy:
        kept = create_business(
            shelf.engine,
            {
                "key": policy.value.replace("_", "-"),
                "name": "Bakery",
                "currency": "EUR",
                "time_zone": "UTC",
                "books_start": "2026-01-01",
                "lock_policy": policy.value,
                "auto": "off",
            },
            actor="ada",
        )
        of_policy = {
            (fact, state, policy): Seen(Cell(shelf.engine, kept.id, policy, f"{fact}, {state}", day))
            for fact in FACTS
            for state, day in OWN_DAY.items()
        }
        play(shelf, of_policy)
        found |= of_policy
    return found


def play(books: Books, of_policy: Mapping[Key, Seen]) -> None:
    """The three months of one business."""
    (policy,) = {key[2] for key in of_policy}
    name = policy.value.replace("_", "-")
    in_time = [(FACTS[fact].asset, one.cell) for (fact, _, _), one in of_policy.items() if FACTS[fact].asset]
    books.put(*(as_line(spec or {}, cell, name) for spec, cell in in_time))
    ids = {
        row.external_id: row.id for row in books.sql("SELECT * FROM asset WHERE business_id = :id", id=books.id(name))
    }
    for _, cell in in_time:
        cell.asset_id = ids[cell.name]
    for month, end in zip(OWN_DAY, MONTH_ENDS, strict=True):
        for (fact, state, _), one in of_policy.items():
            if state == month:
                FACTS[fact].ready(one.cell)
        report_units(of_policy, month, end)
        if month == "open":
            be_late(of_policy)
        books.work(books.request(f"{end:%Y-%m}", f"{TODAY:%Y-%m-%d}", name))
        if month == "closed":
            assert books.lock("2026-01-01", name)
            assert books.periods(name) == {"2026-01": "locked", "2026-02": "closed", "2026-03": "open"}


def as_line(spec: Spec, cell: Cell, key: str) -> Line:
    """The asset of a spec as a line of assets.csv."""
    settings = spec["settings"]
    return asset(
        cell.name,
        key,
        cost=f"{spec['cost'] // 100}.00",
        depreciation_start_date=spec["depreciation_start_date"],
        method=settings["method"],
        life_months=settings.get("life_months", ""),
        averaging=settings.get("averaging", ""),
        units_total="1000" if spec is BY_UNITS else "",
    )


def report_units(of_policy: Mapping[Key, Seen], month: str, end: date) -> None:
    """10 units of every asset by units that has no other report of the month."""
    for (fact, state, _), one in of_policy.items():
        if FACTS[fact].asset is BY_UNITS and not (month == state == "open"):
            before, one.cell.made = one.cell.made, None
            one.cell.record(FactType.UNITS_USED, period_end=f"{end}", quantity="10")
            one.cell.made = one.cell.made if state == month else before


def be_late(of_policy: Mapping[Key, Seen]) -> None:
    """Does what each fact is about."""
    for (fact, _, _), one in of_policy.items():
        try:
            FACTS[fact].late(one.cell)
        except BookvalueError as error:
            one.code = error.code


def test_no_cell_lacks_words() -> None:
    assert set(TOLD) == set(CELLS)


@pytest.mark.parametrize(("fact", "state", "policy"), CELLS)
def test_cell(shelf: Books, seen: Mapping[Key, Seen], fact: str, state: str, policy: LockPolicy) -> None:
    words, one = TOLD[fact, state, policy], seen[fact, state, policy]
    cell, own, first_open = one.cell, f"{one.cell.day:%Y-%m}", f"{FIRST_OPEN_DAY:%Y-%m}"
    refused = words.startswith("refused")
    expected: tuple[date | None, str, date] = {
        "in its own period": (cell.day, own, cell.day),
        "caught up": (cell.day, own, FIRST_OPEN_DAY),
        "from the first open day": (FIRST_OPEN_DAY, first_open, FIRST_OPEN_DAY),
    }.get(words, (None, "", date.min))
    counts, effective, dated = expected
    assert one.code == (words.removeprefix("refused: ").strip("`") if refused else None)
    assert (counts is None) == refused, words

    entries = shelf.sql(
        """SELECT to_char(e.effective_period, 'YYYY-MM'), to_char(e.posting_period, 'YYYY-MM'), e.entry_date
           FROM journal_entry e JOIN asset a ON a.business_id = e.business_id AND a.id = e.asset_id
           WHERE a.business_id = :business AND a.external_id = :name AND e.kind = :kind""",
        business=cell.business_id,
        name=cell.name,
        kind=FACTS[fact].entry,
    )
    own_entry = [] if refused or FACTS[fact].entry is None else [(effective, first_open, dated)]
    assert [tuple(entry) for entry in entries] == own_entry

    charges = shelf.sql(
        """SELECT to_char(v.effective_period, 'YYYY-MM') AS effective, to_char(v.posting_period, 'YYYY-MM') AS posting,
                  CASE v.update_type WHEN 'DEPRECIATION_AMORTIZATION' THEN v.amount_minor ELSE 0 END AS amount
           FROM value_update v JOIN asset a ON a.business_id = v.business_id AND a.id = v.asset_id
           WHERE a.business_id = :business AND a.external_id = :name""",
        business=cell.business_id,
        name=cell.name,
    )
    worth = FACTS[fact].worth(cell.day, counts)
    through = [accumulated(worth, end) if worth else 0 for end in MONTH_ENDS]
    due = [now - before for before, now in zip([0, *through], through, strict=False)]
    months = [f"{end:%Y-%m}" for end in MONTH_ENDS]
    assert [sum(row.amount for row in charges if row.effective == month) for month in months] == due
    late = {row.effective for row in charges if row.posting == first_open} - {first_open}
    assert late == ({own, *late} if words == "caught up" else set())
    assert all(month >= own for month in late)
