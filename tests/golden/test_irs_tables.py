"""The percentage tables of IRS Publication 946, appendix A, against schedules of the formulas behind them.

A table is read as data from `irs/`. Costs are large enough that whole minor units do not show, so a schedule gives
the exact percentages. A printed percentage may be a unit of its column's last place away (0.01 %, and 0.001 % for
20-year and real property): the IRS rounds in its own way, so that each column sums to 100. Two kinds of cells are
further away, for known reasons: the last year of a column takes what the years before it left, so their differences
are allowed it as well; and table A-7a makes its first and last years of months of 0.214 %, which is itself rounded, so
half a unit a month is allowed them.
"""

import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from bookvalue.services.build_schedule import build_schedule

COST = 10**12
MISPRINTS = {("a2", "20", 2): Fraction("7.008")}
"""7.000 is printed; 7.5 % of 93.437 is 7.008, on which the years after it go on, and by which year 21 is too large."""

Column = Sequence[str]


def _columns(table: str) -> dict[str, Column]:
    """The percentages of each column of a table, as printed, by its heading."""
    with (Path(__file__).parent / "irs" / f"{table}.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {head: [row[head] for row in rows if row[head]] for head in rows[0] if head != "year"}


def _declining(years: int, averaging: str, start: str) -> dict[str, object]:
    """Property of 3 to 20 years: 200 % to 10 years, 150 % above, with the switch to straight line."""
    settings = {
        "method": "declining_balance",
        "life_months": 12 * years,
        "declining_factor": "2" if years <= 10 else "1.5",
        "switch_to_straight_line": True,
        "averaging": averaging,
    }
    return {"depreciation_start_date": start, "settings": settings}


def _real_property(life_months: int, month: int) -> dict[str, object]:
    settings = {"method": "straight_line", "life_months": life_months, "averaging": "mid_month"}
    return {"depreciation_start_date": f"2001-{month:02d}-25", "settings": settings}


def _percentages(specs: Mapping[str, dict[str, object]]) -> dict[str, list[Fraction]]:
    """The exact percentages of cost that each spec's schedule charges, a year each."""
    answers = build_schedule({"id": head, "cost": COST, "frequency": "yearly", **spec} for head, spec in specs.items())
    charged = {}
    for answer in answers:
        assert not answer["findings"]
        charged[answer["id"]] = [Fraction(100 * row["depreciation"], COST) for row in answer["rows"]]
    return charged


def _compare(table: str, specs: Mapping[str, dict[str, object]], rounded_month: Fraction | None = None) -> None:
    """Every cell of a table; `rounded_month` is the exact percentage of a month that the first and last years round."""
    printed_columns = _columns(table)
    exact_columns = _percentages(specs)
    assert exact_columns.keys() == printed_columns.keys()
    for head, printed in printed_columns.items():
        exact = exact_columns[head] + [Fraction(0)] * printed.count("0.000")
        assert len(exact) == len(printed), f"{table}, column {head}: {len(exact)} years, not {len(printed)}"
        unit = Fraction(1, 10 ** len(printed[0].partition(".")[2]))
        last = len(printed) - printed.count("0.000")
        left = Fraction(0)
        for year, (cell, value) in enumerate(zip(printed, exact, strict=True), 1):
            allowed = unit + (abs(left) if year == last else 0)
            if rounded_month and year in (1, last):
                allowed = max(unit, value / rounded_month * unit / 2)
            difference = abs(MISPRINTS.get((table, head, year), Fraction(cell)) - value)
            assert difference <= allowed, f"{table}, column {head}, year {year}: printed {cell}, exact {float(value)}"
            left += Fraction(cell) - value


def test_half_year_table() -> None:
    _compare("a1", {str(years): _declining(years, "half_year", "2001-10-04") for years in (3, 5, 7, 10, 15, 20)})


@pytest.mark.parametrize(
    ("table", "start"), [("a2", "2001-03-31"), ("a3", "2001-04-01"), ("a4", "2001-08-15"), ("a5", "2001-12-31")]
)
def test_mid_quarter_tables(table: str, start: str) -> None:
    _compare(table, {str(years): _declining(years, "mid_quarter", start) for years in (3, 5, 7, 10, 15, 20)})


@pytest.mark.parametrize(("table", "life_months"), [("a6", 330), ("a7a", 468)])
def test_mid_month_tables(table: str, life_months: int) -> None:
    specs = {str(month): _real_property(life_months, month) for month in range(1, 13)}
    _compare(table, specs, rounded_month=Fraction(100, life_months) if table == "a7a" else None)


@pytest.mark.parametrize("table", ["a1", "a2", "a3", "a4", "a5", "a6", "a7a"])
def test_each_column_is_all_of_the_cost(table: str) -> None:
    """A check of the transcription: the IRS makes each column sum to 100 %."""
    for head, printed in _columns(table).items():
        assert sum(map(Fraction, printed)) == 100, f"{table}, column {head}"
