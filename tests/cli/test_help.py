"""`--help` and `--version`: quick, complete, and without touching any server."""

import re

import pytest

import bookvalue as package

from .command import bookvalue

COMMANDS = (
    "up worker beat migrate demo schedule explain forecast import assets estimate suspend units manual facts tags "
    "dispose reinstate disposals settings close lock runs exceptions periods journal api token value-updates "
    "value-changes ledger-details sources"
).split()
ANSWER_IN_JSON = (
    "up migrate demo explain forecast import assets estimate suspend units manual facts tags dispose reinstate "
    "disposals settings close lock runs exceptions periods journal token"
).split()


def test_the_top_lists_every_command_and_documents_the_exit_statuses() -> None:
    answer = bookvalue("--help")
    assert answer.status == 0
    assert answer.seconds < 5
    listed = re.findall(r"^│ ([a-z][\w-]*) ", answer.out, re.MULTILINE)
    assert listed == COMMANDS
    flat = " ".join(answer.out.split())
    for meaning in (
        "0 done",
        "1 failed",
        "2 wrong usage",
        "3 nothing due",
        "4 period not open",
        "5 some assets blocked",
    ):
        assert meaning in flat


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    answer = bookvalue(command, "--help")
    assert answer.status == 0
    assert re.search(rf"Examples?:\s+(\S+ )*bookvalue {command}", answer.out)
    assert ("--json" in answer.out.partition("Options")[2]) == (command in ANSWER_IN_JSON)


def test_the_version() -> None:
    answer = bookvalue("--version")
    assert (answer.status, answer.out) == (0, f"bookvalue {package.__version__}\n")


WRONG = [
    ["nonsense"], ["lock", "only-one"], ["runs", "--limit", "0"], ["close", "-p", "2026-08"],
    ["runs", "--status", "fine"], ["import", "/nonexistent.csv"],
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG, ids=lambda words: words[0])
def test_wrong_usage_is_two_and_says_so_on_stderr_alone(words: list[str]) -> None:
    answer = bookvalue(*words)
    assert (answer.status, answer.out) == (2, "")
    assert "Usage: bookvalue" in answer.err
