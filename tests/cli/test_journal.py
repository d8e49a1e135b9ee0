"""`bookvalue journal` on the terminal: what tells entries and lines apart."""

from sqlalchemy import Engine

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register
from bookvalue.services.keep_asset import add_asset
from bookvalue.services.list_businesses import list_businesses

from .command import CLOCK, Answer, bookvalue

BUSINESS = b"business,name,currency,time_zone,books_start\nbakery,Bakery,EUR,UTC,2026-10-01"
ASSETS = b"""business,external_id,name,kind,cost,depreciation_start_date,method,life_months,tags,\
ledger_account,accumulated_depreciation_account,depreciation_expense_account
bakery,oven,Oven,EQUIPMENT,1200.00,2026-10-01,straight_line,12,site=porto,1520,1620,DEPRECIATION
bakery,mixer,Mixer,EQUIPMENT,2400.00,2026-10-01,straight_line,12,site=lisbon; team=bread,1520,1620,DEPRECIATION
"""
OWN = {
    "ledger_account": "1510",
    "accumulated_depreciation_account": "1610",
    "depreciation_expense_account": "DEPRECIATION",
}
SALE = ["-d", "2026-11-15", "--proceeds", "100.00", "--to", "CASH"]


def test_the_common_case_is_not_wider_than_its_kind(filled: str) -> None:
    header, first, second, *_ = bookvalue("journal", "amsterdam-bakery", DATABASE_URL=filled).out.splitlines()
    assert header.split() == ["no.", "date", "for", "kind", "account", "name", "debit", "credit"]
    assert first.split()[:4] == ["1", "2026-08-31", "2026-08", "depreciation"]
    assert second.startswith(" "), "what is the entry's stands in its first line alone"


def test_tags_assets_memos_and_reversals(engine: Engine, database_url: str) -> None:
    files = [RegisterFile("businesses.csv", BUSINESS), RegisterFile("assets.csv", ASSETS)]
    import_register(engine, files, actor="test")
    (kept,) = list_businesses(engine, ["bakery"])
    raw = {"name": "Van", "number": "V-7", "asset_type": "VEHICLE", "original_value": 100_000, "status": "registered",
           "depreciation_start_date": "2027-01-01", "depreciation": {"method": "straight_line", "life_months": 60},
           "acquisition_counter_account": "CASH", "purchase_date": "2026-10-01", **OWN}  # fmt: skip
    add_asset(engine, kept.id, raw, actor="test")

    def ask(*words: str) -> Answer:
        return bookvalue(*words, "-b", "bakery", DATABASE_URL=database_url, BOOKVALUE_CLOCK=CLOCK)

    assert ask("close").status == 0
    assert ask("dispose", "oven", *SALE, "--memo", "to a neighbour").status == 0
    assert ask("reinstate", "oven").status == 0
    shown = bookvalue("journal", "bakery", DATABASE_URL=database_url)
    assert shown.status == 0, shown.err
    header, *rows = shown.out.splitlines()
    assert header.split() == "no. date for kind asset account name debit credit tags memo".split()
    heads = [row for row in rows if not row.startswith(" ")]
    kind, asset, account = (header.index(name) for name in ("kind", "asset", "account"))
    told = [(row[kind:asset].strip(), row[asset:account].strip()) for row in heads]
    assert told == [("acquisition", "V-7"), ("depreciation", ""), ("disposal", "oven"), ("reversal", "oven")]
    charged = rows[rows.index(heads[1]) : rows.index(heads[2])]
    assert {row[header.index("tags") :].strip() for row in charged} == {"site=porto", "site=lisbon; team=bread"}
    assert heads[2].endswith("to a neighbour")
