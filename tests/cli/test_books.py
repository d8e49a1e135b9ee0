"""The commands that show and close, on the sample's books, for people and for programs."""

import fcntl
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.close_period import close_period
from bookvalue.services.import_register import import_register
from bookvalue.services.list_businesses import list_businesses
from bookvalue.services.plan_runs import plan_runs
from bookvalue.services.reopen_period import reopen_period

from .command import ANSI, CLOCK, Answer, bookvalue, environment, start
from .conftest import FILES

READING = [["runs"], ["exceptions"], ["periods"], ["journal", "portland-coffee"]]


@pytest.mark.parametrize("words", READING, ids=lambda words: words[0])
def test_a_table_for_people_and_one_document_for_programs(filled: str, words: list[str]) -> None:
    table = bookvalue(*words, DATABASE_URL=filled)
    assert table.status == 0
    header, *rows = table.out.splitlines()
    assert header
    assert not any(line.endswith(" ") for line in (header, *rows))
    document = bookvalue(*words, "--json", DATABASE_URL=filled)
    assert (document.status, document.err) == (0, "")
    shown = sum(len(one.get("lines", " ")) for one in document.json["data"])  # of the journal, each line of each entry
    assert len(rows) == shown  # one line a row, however long


def test_runs_by_business_and_status(filled: str) -> None:
    words = ["runs", "--json", "-b", "lisbon-studio", "-b", "portland-coffee", "--status", "posted_with_exceptions"]
    data = bookvalue(*words, DATABASE_URL=filled).json["data"]
    assert {run["business"] for run in data} == {"lisbon-studio"}
    assert [run["period"] for run in data] == ["2026-10", "2026-09", "2026-08"]
    none = bookvalue("runs", "--status", "failed", DATABASE_URL=filled)
    assert (none.status, none.out, none.err) == (0, "", "there are no such runs\n")


def test_exceptions_say_what_is_wrong_and_how_to_mend_it(filled: str) -> None:
    (one,) = bookvalue("exceptions", "--json", DATABASE_URL=filled).json["data"]
    assert (one["business"], one["asset"], one["code"]) == (
        "lisbon-studio",
        "lis-lighting-rig",
        "accumulated_account_missing",
    )
    assert one["periods"] == ["2026-08", "2026-09", "2026-10"]
    assert one["remedy"] in bookvalue("exceptions", DATABASE_URL=filled).out
    nothing = bookvalue("exceptions", "-b", "portland-coffee", DATABASE_URL=filled)
    assert (nothing.status, nothing.err) == (0, "no asset is blocked and no book halted\n")


def test_the_journal_is_read_page_by_page_without_gap_or_repetition(filled: str) -> None:
    whole = bookvalue("journal", "portland-coffee", "--limit", "1000", "--json", DATABASE_URL=filled).json
    seen, after, more = [], 0, True
    size = len(whole["data"]) // 3 + 1
    while more:
        page = bookvalue(
            "journal", "portland-coffee", "-n", str(size), "--after", str(after), "--json", DATABASE_URL=filled
        ).json
        seen += [entry["feed_seq"] for entry in page["data"]]
        after, more = page["next_after"], page["has_more"]
    assert seen == [entry["feed_seq"] for entry in whole["data"]] == list(range(1, len(seen) + 1))
    assert not whole["has_more"]
    hint = bookvalue("journal", "portland-coffee", "--limit", "1", DATABASE_URL=filled)
    assert hint.err == "more: --after 1\n"
    beyond = bookvalue("journal", "portland-coffee", "--after", "99999", DATABASE_URL=filled)
    assert (beyond.status, beyond.out, beyond.err) == (0, "", "there are no entries after number 99999\n")


def test_every_entry_of_a_period_balances(filled: str) -> None:
    page = bookvalue("journal", "kuwait-logistics", "-p", "2026-09", "-n", "1000", "--json", DATABASE_URL=filled).json
    assert page["data"]
    for entry in page["data"]:
        assert entry["posting_period"] == "2026-09"
        assert sum(line["debit_minor"] for line in entry["lines"]) == sum(
            line["credit_minor"] for line in entry["lines"]
        )


def test_closing_again_finds_nothing_due(filled: str) -> None:
    answer = bookvalue("close", DATABASE_URL=filled, BOOKVALUE_CLOCK=CLOCK)
    assert (answer.status, answer.out) == (3, "")
    assert answer.err.startswith("nothing is due")
    document = bookvalue("close", "--json", DATABASE_URL=filled, BOOKVALUE_CLOCK=CLOCK)
    assert (document.status, document.json, document.err) == (3, {"data": []}, "")


def test_a_closed_period_has_its_run_and_one_that_has_not_ended_cannot_close(filled: str) -> None:
    words = ["close", "-b", "portland-coffee", "-p"]
    closed = bookvalue(*words, "2026-08", "--json", DATABASE_URL=filled, BOOKVALUE_CLOCK=CLOCK)
    assert (closed.status, closed.json["data"]) == (3, []), "its own run is the answer: nothing is due"
    early = bookvalue(*words, "2026-11", DATABASE_URL=filled, BOOKVALUE_CLOCK=CLOCK)
    assert early.status == 1
    assert "period_not_ended" in early.err


def test_locking_goes_in_order_and_is_final(filled: str) -> None:
    order = bookvalue("lock", "portland-coffee", "2026-09", DATABASE_URL=filled)
    assert order.status == 4
    first = bookvalue("lock", "portland-coffee", "2026-08", "--reason", "audited", DATABASE_URL=filled)
    assert (first.status, first.out, first.err) == (0, "", "portland-coffee 2026-08 is locked\n")
    again = bookvalue("lock", "portland-coffee", "2026-08", "--json", DATABASE_URL=filled)
    assert (again.status, again.json["data"]["changed"]) == (0, False)


def test_importing_the_same_files_again_changes_nothing(filled: str) -> None:
    answer = bookvalue("import", *FILES, "--json", DATABASE_URL=filled)
    counts = answer.json["data"]
    assert (answer.status, answer.err.strip()) in ((0, ""), (0, "importing 1,288 lines of 4 files …"))
    assert (counts["assets_created"], counts["assets_updated"], counts["assets_unchanged"]) == (0, 0, 1190)


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(filled: str) -> None:
    process = start("runs", "--json", DATABASE_URL=filled)  # some 20 kB, more than pipe and reader hold
    assert process.stdout is not None
    assert process.stderr is not None
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    assert process.stdout.readline() == "{\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(30) == 1


@pytest.mark.parametrize("given", [{}, {"NO_COLOR": "1"}], ids=["colours", "NO_COLOR"])
def test_a_terminal_gets_colours_unless_it_wants_none(filled: str, tmp_path: Path, given: dict[str, str]) -> None:
    shell = f"script -qec '{sys.executable} -m bookvalue runs -b nobody' {tmp_path / 'typescript'}"
    env = environment(DATABASE_URL=filled, TERM="xterm-256color", COLUMNS="100", **given)
    done = subprocess.run(
        ["sh", "-c", shell], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert "not_found" in done.stdout, done.stderr
    assert bool(ANSI.search(done.stdout.replace("\x1b[?", "")) and "\x1b[31m" in done.stdout) == (not given)


def test_a_reopened_period_shows_nothing_of_its_close(engine: Engine, database_url: str) -> None:
    file = RegisterFile(
        "businesses.csv", b"business,name,currency,time_zone,books_start\nbakery,Bakery,EUR,UTC,2026-10-01"
    )
    import_register(engine, [file], actor="test")
    closed = bookvalue("close", "--json", DATABASE_URL=database_url, BOOKVALUE_CLOCK=CLOCK)
    assert closed.json["data"][0]["closed_periods"] == ["2026-10"]
    (business,) = list_businesses(engine, ["bakery"])
    reopen_period(engine, business.id, "2026-10", actor="test", reason="an invoice came late")
    october = bookvalue("periods", "--json", DATABASE_URL=database_url).json["data"][0]
    assert october["status"] == "open"
    assert october["charged_minor"] is october["entry_count"] is october["closed_at"] is october["content_hash"] is None
    row = bookvalue("periods", DATABASE_URL=database_url).out.splitlines()[1]
    assert row.split()[-2:] == ["2026-11-01", "00:00"]  # due, and nothing after it


def test_a_halted_book_is_shown_with_the_command_that_sets_it_going(engine: Engine, database_url: str) -> None:
    file = RegisterFile(
        "businesses.csv", b"business,name,currency,time_zone,books_start\nbakery,Bakery,EUR,UTC,2026-10-01"
    )
    import_register(engine, [file], actor="test")
    (run_id,) = plan_runs(engine, datetime(2026, 11, 20, tzinfo=UTC))

    def crash(step: str) -> None:
        if step == "in_compute":
            raise ZeroDivisionError("a defect")

    for _ in range(2):
        with engine.begin() as connection:
            connection.execute(text("UPDATE run SET next_attempt_at = now() WHERE status = 'retry_wait'"))
        close_period(engine, run_id, owner="test", checkpoint=crash)

    (halted,) = bookvalue("exceptions", "--json", DATABASE_URL=database_url).json["data"]
    assert (halted["business"], halted["periods"], halted["asset"]) == ("bakery", ["2026-10"], None)
    assert (halted["code"], halted["run_id"]) == ("integrity_violation", str(run_id))
    row = bookvalue("exceptions", DATABASE_URL=database_url).out.splitlines()[1]
    assert "the whole book" in row
    assert halted["since"][:16].replace("T", " ") in row
    assert row.endswith(halted["remedy"])
    period = bookvalue("periods", "--json", DATABASE_URL=database_url).json["data"][0]
    assert period["halt"]["remedy"] == halted["remedy"]

    command = halted["remedy"].partition("run: bookvalue ")[2].split()
    done = bookvalue(*command, DATABASE_URL=database_url, BOOKVALUE_CLOCK=CLOCK)
    assert done.status == 0, done.err
    assert bookvalue("exceptions", "--json", DATABASE_URL=database_url).json["data"] == []


@pytest.mark.parametrize("auto", ["off", "post"])
def test_a_book_that_waits_for_a_person_says_how_to_ask(engine: Engine, database_url: str, auto: str) -> None:
    words = b"business,name,currency,time_zone,books_start,auto\nbakery,Bakery,EUR,UTC,2026-10-01,"
    import_register(engine, [RegisterFile("businesses.csv", words + auto.encode())], actor="test")

    def ask(*words: str, clock: str = CLOCK) -> Answer:
        return bookvalue(*words, "-b", "bakery", DATABASE_URL=database_url, BOOKVALUE_CLOCK=clock)

    early = ask("close", clock="2026-10-20T12:00:00Z")
    assert early.err == "nothing is due: `bookvalue periods` shows when each period is\n", "October has not ended"
    assert (auto in ask("periods").out.splitlines()[1]) == (auto == "off"), "why there is no day on which it is due"
    if auto == "post":
        assert ask("close").status == 0, "posted, and not closed"
    waiting = ask("close")
    assert (waiting.status, waiting.out) == (3, "")
    told = re.fullmatch(r"the book (.+) by itself .*; ask for a period: `bookvalue (.+)`\n", waiting.err)
    assert told, waiting.err
    does, command = told.groups()
    assert does == {"off": "posts and closes nothing", "post": "closes nothing"}[auto]
    assert command == "close -b bakery -p 2026-10"
    asked = bookvalue(*command.split(), "--json", DATABASE_URL=database_url, BOOKVALUE_CLOCK=CLOCK)
    assert (asked.status, asked.json["data"][0]["closed_periods"]) == (0, ["2026-10"])
    assert ask("close").err.startswith("nothing is due"), "November has not ended"
