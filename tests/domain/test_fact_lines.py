"""Lines of the files of facts: each kind as the API's readers take it, and what is wrong with its cells."""

import pytest

from bookvalue.domain.asset_fact_spec import FactType
from bookvalue.domain.business import AssetType
from bookvalue.domain.fact_lines import FACT_TYPES, FactLine
from bookvalue.domain.register_columns import FACT_KINDS
from bookvalue.domain.register_csv import KnownBusiness, RegisterFile, read_register
from bookvalue.domain.terms import AssetKind

KNOWN = {
    "bakery": KnownBusiness(
        "EUR", {"Vans": AssetType("bakery", "Vans", AssetKind.VEHICLE)}, {"CASH", "IMPAIRMENT_LOSS"}
    )
}
GOOD = {
    "value_updates": "business,asset,date,update_type,amount,counter_account\n"
    "bakery,van-1,2026-08-05,IMPAIRMENT,12.50,IMPAIRMENT_LOSS\n",
    "disposals": "business,asset,date,reason,proceeds,proceeds_account\nbakery,van-1,2026-08-05,sold,100.00,CASH\n",
    "units_used": "business,asset,period_end,quantity\nbakery,van-1,2026-08-31,12.5\n",
    "manual_amounts": "business,asset,charge_date,amount\nbakery,van-1,2026-08-31,12.50\n",
    "suspensions": "business,asset,from,to\nbakery,van-1,2026-08-01,2026-08-31\n",
    "estimate_changes": "business,asset,date,remaining_life_months\nbakery,van-1,2026-08-01,24\n",
}
DAYS = {"units_used": "period_end", "manual_amounts": "charge_date", "suspensions": "from",
        "estimate_changes": "date"}  # fmt: skip


def read(text: str) -> tuple[list[FactLine], list[tuple[str, str | None]]]:
    register = read_register([RegisterFile("facts.csv", text.encode())], KNOWN)
    return [line.value for line in register.facts], [
        (told.finding.code, told.finding.field) for told in register.findings
    ]


def test_every_kind_of_file_has_a_line_here() -> None:
    assert set(GOOD) == {kind.name for kind in FACT_KINDS}
    assert set(FACT_TYPES.values()) == set(FactType)


@pytest.mark.parametrize("kind", GOOD)
def test_a_line_is_the_body_of_its_request(kind: str) -> None:
    (line,), findings = read(GOOD[kind])
    assert (line.kind.name, line.asset, line.on_file, findings) == (kind, "van-1", False, [])
    assert "asset_external_id" not in line.body
    assert {**line.body, "asset_external_id": "van-1"} == line.raw
    assert line.cells[line.day_column].startswith("2026-08-")


@pytest.mark.parametrize("kind", GOOD)
def test_what_is_wrong_with_a_cell_is_told_of_its_column(kind: str) -> None:
    day_column = {"units_used": "period_end", "manual_amounts": "charge_date", "suspensions": "from"}.get(kind, "date")
    assert ("not_a_date", day_column) in read(GOOD[kind].replace("2026-08", "2026-13"))[1]
    assert ("required", "asset") in read(GOOD[kind].replace("van-1", ""))[1]


def test_an_account_has_to_be_in_the_chart() -> None:
    assert read(GOOD["disposals"].replace("CASH", "CHAS"))[1] == [("unknown_account", "proceeds_account")]
    assert read(GOOD["value_updates"].replace(",IMPAIRMENT_LOSS", ",NOWHERE"))[1] == [
        ("unknown_account", "counter_account")
    ]
