"""`import`: every broken line is reported, nothing is half-imported, and waiting is not silent."""

import re
import signal
from pathlib import Path

from sqlalchemy import Engine, text

from .command import bookvalue, start
from .conftest import FILES, SAMPLE

HEADER = "business,external_id,name,kind,depreciation_start_date,cost,method,life_months"
GOOD = "acme,a-{n},Lathe {n},EQUIPMENT,2026-08-01,1200.00,straight_line,12"
BUSINESS = "business,name,currency,time_zone,books_start\nacme,Acme,EUR,Europe/Lisbon,2026-08-01\n"
BROKEN = [  # a cell's column and what stands in it
    ("cost", "40.000,00"), ("cost", "-5"), ("cost", "1.005"), ("cost", "99999999999999999999"), ("cost", ""),
    ("cost", "12 EUR"), ("cost", "[/red]"), ("life_months", "0"), ("life_months", "1201"), ("life_months", "ten"),
    ("life_months", "12.5"), ("kind", "SHIP"), ("kind", ""), ("method", "guess"), ("method", ""),
    ("depreciation_start_date", "2026-02-30"), ("depreciation_start_date", "01/08/2026"), ("name", ""),
    ("business", "nobody"), ("external_id", ""),
]  # fmt: skip


def folder_of_files(folder: Path) -> tuple[Path, dict[int, str]]:
    """A register with twenty broken lines among good ones: the folder, and the broken lines' columns."""
    (folder / "businesses.csv").write_text(BUSINESS)
    columns = HEADER.split(",")
    lines, broken = [HEADER], {}
    for number, (column, cell) in enumerate(BROKEN):
        lines.append(GOOD.format(n=2 * number))
        cells = GOOD.format(n=2 * number + 1).split(",")
        cells[columns.index(column)] = f'"{cell}"'
        lines.append(",".join(cells))
        broken[len(lines)] = column
    (folder / "assets.csv").write_text("\n".join(lines) + "\n")
    return folder, broken


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM bookvalue.{table}")) or 0)


def test_twenty_broken_lines_are_twenty_findings_and_no_import(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    folder, broken = folder_of_files(tmp_path)
    document = bookvalue("import", str(folder), "--json", DATABASE_URL=database_url)
    assert document.status == 1
    error = document.json["error"]
    assert error["code"] == "register_invalid"
    found = {one["line"]: one for one in error["errors"]}
    assert len(error["errors"]) == len(found) == 20
    assert {line: one["field"] for line, one in found.items()} == broken
    for one in found.values():
        assert one["file"] == str(folder / "assets.csv")
        assert one["code"]
        assert one["message"]
        assert one["remedy"]

    spoken = bookvalue("import", str(folder), DATABASE_URL=database_url)
    assert (spoken.status, spoken.out) == (1, "")
    first, *told, last = spoken.err.splitlines()
    assert first == "error register_invalid: 20 findings; nothing was imported"
    assert told == [
        f"  {one['file']}:{one['line']}  {one['field']}  {one['code']}: {one['message']}; remedy: {one['remedy']}"
        for one in error["errors"]
    ]
    assert "nothing was applied" in last
    assert count(engine, "business") == count(engine, "asset") == 0


def test_nothing_in_a_cell_can_steer_a_terminal_or_break_a_table(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "businesses.csv").write_text(BUSINESS)
    line = 'acme,a-1,"[bold]x[/nope]\x1b[31m red\nsecond line",EQUIPMENT,2026-08-01,1200.00,straight_line,12'
    (tmp_path / "assets.csv").write_text(f"{HEADER}\n{line}\n")
    assert bookvalue("import", str(tmp_path), DATABASE_URL=database_url).status == 0
    clock = {"DATABASE_URL": database_url, "BOOKVALUE_CLOCK": "2026-09-20T12:00:00Z"}
    assert bookvalue("close", **clock).status == 5  # no accounts: blocked
    table = bookvalue("exceptions", DATABASE_URL=database_url).out.splitlines()
    assert all(r"[bold]x[/nope]\x1b[31m red\nsecond line" in row for row in table[1:])
    document = bookvalue("exceptions", "--json", DATABASE_URL=database_url).json
    assert {one["name"] for one in document["data"]} == {"[bold]x[/nope]\x1b[31m red\nsecond line"}


def test_a_folder_without_files_and_a_file_named_twice(database_url: str, tmp_path: Path) -> None:
    empty = bookvalue("import", str(tmp_path), DATABASE_URL=database_url)
    assert (empty.status, empty.out) == (2, "")
    assert "there is no .csv file" in empty.err
    (tmp_path / "businesses.csv").write_text(BUSINESS)
    twice = bookvalue("import", str(tmp_path), str(tmp_path / "businesses.csv"), "--json", DATABASE_URL=database_url)
    assert twice.json["data"]["businesses"] == 1


def test_a_long_import_says_that_it_is_at_work_and_ends_at_once_on_ctrl_c(engine: Engine, database_url: str) -> None:
    with engine.begin() as holding:  # makes the import wait
        holding.execute(text("LOCK TABLE bookvalue.asset IN ACCESS EXCLUSIVE MODE"))
        process = start("import", *FILES, DATABASE_URL=database_url)
        assert process.stderr is not None
        assert re.fullmatch(r"importing 1,288 lines of 4 files …\n", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert count(engine, "business") == 0


def test_mending_what_was_blocked_closes_it(database_url: str) -> None:
    first = bookvalue("import", *FILES, DATABASE_URL=database_url)
    assert first.out.splitlines()[0].split() == ["imported", "count"]
    given = {"DATABASE_URL": database_url, "BOOKVALUE_CLOCK": "2026-11-20T12:00:00Z"}
    blocked = bookvalue("close", "-b", "lisbon-studio", "-p", "2026-08", **given)
    assert blocked.status == 5
    assert bookvalue("import", str(SAMPLE / "mend.csv"), DATABASE_URL=database_url).status == 0
    mended = bookvalue("close", "-b", "lisbon-studio", "--json", **given)
    assert mended.status == 0
    assert [name for run in mended.json["data"] for name in run["closed_periods"]] == ["2026-08", "2026-09", "2026-10"]


def test_warnings_are_shown_and_change_nothing(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "businesses.csv").write_text(BUSINESS)
    head = f"{HEADER},opening_as_of,opening_accumulated"
    lines = [f"acme,a-{n},Old {n},EQUIPMENT,2025-01-01,1200.00,straight_line,60,2025-12-31,240.00" for n in range(25)]
    (tmp_path / "assets.csv").write_text("\n".join([head, *lines]))
    document = bookvalue("import", str(tmp_path), "--json", DATABASE_URL=database_url)
    assert (document.status, document.json["data"]["assets_created"]) == (0, 25)
    assert [one["line"] for one in document.json["warnings"]] == list(range(2, 27))
    assert {(one["code"], one["field"]) for one in document.json["warnings"]} == {("opening_gap", "opening_as_of")}
    spoken = bookvalue("import", str(tmp_path), DATABASE_URL=database_url)
    assert spoken.status == 0
    first, *told, last = spoken.err.splitlines()
    assert (first, len(told), last) == ("25 warnings; all was imported", 20, "  and 5 more; --json shows them all")
    assert "assets.csv:2  opening_as_of  opening_gap: " in told[0]
    assert "from 2026-01-01 on" in told[0]


def test_what_the_lock_policy_refuses_is_told_line_by_line(engine: Engine, database_url: str, tmp_path: Path) -> None:
    clock = {"DATABASE_URL": database_url, "BOOKVALUE_CLOCK": "2026-09-20T12:00:00Z"}
    (tmp_path / "businesses.csv").write_text(BUSINESS)
    assert bookvalue("import", str(tmp_path), **clock).status == 0
    assert bookvalue("close", **clock).status == 0
    assert bookvalue("settings", "-b", "acme", "--set", "lock_policy=refuse", **clock).status == 0
    september = GOOD.replace("2026-08-01", "2026-09-01")
    lines = [HEADER, GOOD.format(n=1), september.format(n=2), GOOD.format(n=3)]
    (tmp_path / "assets.csv").write_text("\n".join(lines))
    spoken = bookvalue("import", str(tmp_path / "assets.csv"), **clock)
    assert (spoken.status, spoken.out) == (1, "")
    first, *told, _ = spoken.err.splitlines()
    assert first == "error register_invalid: 2 findings; nothing was imported"
    assert told == [
        f"  {tmp_path / 'assets.csv'}:{line}  depreciation_start_date  late_fact_refused: period 2026-08 is closed, "
        "and the book refuses facts of such a period; remedy: date it in an open period, reopen the period, or "
        "change the book's lock_policy"
        for line in (2, 4)
    ]
    assert count(engine, "asset") == 0


def test_one_finding_is_one(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "businesses.csv").write_text(BUSINESS.replace("EUR", "EURO"))
    spoken = bookvalue("import", str(tmp_path), DATABASE_URL=database_url)
    assert spoken.err.splitlines()[0] == "error register_invalid: 1 finding; nothing was imported"
