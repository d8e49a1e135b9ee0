"""`bookvalue assets`: the register, for people and for programs."""

from sqlalchemy import Engine

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register

from .command import Answer, bookvalue

BUSINESS = b"business,name,currency,time_zone,books_start\nbakery,Bakery,EUR,UTC,2026-10-01"
ASSETS = b"""business,external_id,number,name,kind,status,cost,depreciation_start_date,method,life_months,tags
bakery,oven,B-2,Oven,EQUIPMENT,registered,1200.00,2026-10-01,straight_line,12,site=porto; team=bread
bakery,van,B-1,Van,VEHICLE,draft,24000.00,2026-10-01,straight_line,60,
"""


def listed(url: str, *words: str, key: str = "portland-coffee") -> Answer:
    return bookvalue("assets", "-b", key, *words, DATABASE_URL=url)


def amount(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def test_the_register_with_its_total(filled: str) -> None:
    table = listed(filled, "-n", "1000")
    assert (table.status, table.err) == (0, "")
    header, *rows, total = table.out.splitlines()
    assert header.split() == ["number", "external", "id", "name", "status", "cost", "accumulated", "book", "value"]
    data = listed(filled, "-n", "1000", "--json").json["data"]
    assert [row.split()[:2] for row in rows] == [[one["number"], one["external_id"]] for one in data]
    names = ("original_value", "accumulated_depreciation", "book_value")
    for row, one in zip(rows, data, strict=True):
        assert [amount(cell) for cell in row.split()[-3:]] == [one[name] for name in names]
    assert total.split()[0] == "total"
    assert [amount(cell) for cell in total.split()[1:]] == [sum(one[name] for one in data) for name in names]
    (roaster,) = (one for one in data if one["external_id"] == "seed-002")
    assert [roaster[name] for name in names] == [4_000_000, 200_000, 3_800_000], "August to October"
    assert roaster["status"] == "registered"


def test_page_after_page_without_gap_or_repetition(filled: str) -> None:
    whole = [one["number"] for one in listed(filled, "-n", "1000", "--json").json["data"]]
    first = listed(filled, "-n", "70", "--json").json
    assert first["next_after"] == whole[69]
    rest = listed(filled, "-n", "1000", "--after", whole[69], "--json").json
    assert [one["number"] for one in first["data"] + rest["data"]] == whole
    assert rest["next_after"] is None
    page = listed(filled, "-n", "70")
    assert page.err == f"more: --after {whole[69]}\n"
    assert len(page.out.splitlines()) == 71, "a total is one of all"
    assert "total" not in listed(filled, "-n", "1000", "--after", whole[69]).out


def test_tags_states_and_what_there_is_none_of(engine: Engine, database_url: str) -> None:
    import_register(engine, [RegisterFile("businesses.csv", BUSINESS)], actor="test")
    none = listed(database_url, key="bakery")
    assert (none.status, none.out, none.err) == (0, "", "there are no assets: `bookvalue import` brings them\n")
    import_register(engine, [RegisterFile("assets.csv", ASSETS)], actor="test")
    van, oven, _ = listed(database_url, key="bakery").out.splitlines()[1:]
    assert oven.endswith("site=porto; team=bread")
    assert van.split()[:4] == ["B-1", "van", "Van", "draft"]
    (draft,) = listed(database_url, "--status", "draft", "--json", key="bakery").json["data"]
    assert (draft["number"], draft["book_value"], draft["tags"]) == ("B-1", 2_400_000, [])
    assert listed(database_url, "--status", "disposed", key="bakery").err == "there are no such assets\n"
    wrong = listed(database_url, "--status", "sold", key="bakery")
    assert (wrong.status, wrong.out) == (2, "")
