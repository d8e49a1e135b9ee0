"""What goes wrong is said in a sentence, with a remedy and an exit status; without a traceback, and soon."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bookvalue import observability
from bookvalue.cli.connection import settings_checked
from bookvalue.domain.errors import SettingsInvalid
from bookvalue.embedded import Endpoints

from .command import CLOCK, NOWHERE, bookvalue

COMMANDS = [["journal", "x"], ["close"], ["migrate"], ["worker"]]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_database_that_is_down(words: list[str]) -> None:
    answer = bookvalue(*words, DATABASE_URL=NOWHERE, REDIS_URL="redis://127.0.0.1:1/0")
    assert (answer.status, answer.out) == (1, "")
    error, remedy = answer.err.splitlines()
    assert error.startswith("error database_unavailable: ")
    assert "DATABASE_URL" in remedy
    assert answer.seconds < 15


def test_an_error_as_json_is_one_document() -> None:
    answer = bookvalue("periods", "--json", DATABASE_URL=NOWHERE)
    error = answer.json["error"]
    assert (answer.status, answer.err) == (1, "")
    assert set(error) == {"code", "message", "remedy", "errors"}
    assert (error["code"], error["errors"]) == ("database_unavailable", [])


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://a:secret@b:port/c"])
def test_an_address_that_is_none(url: str) -> None:
    answer = bookvalue("runs", DATABASE_URL=url)
    assert answer.status == 1
    assert answer.err.startswith("error settings_invalid: DATABASE_URL ")
    assert "secret" not in answer.err


BAD = [
    ("BOOKVALUE_CLOCK", "yesterday"), ("BOOKVALUE_CLOCK", "2026-11-20T12:00:00"), ("BOOKVALUE_CLOCK", "@/nonexistent"),
    ("BOOKVALUE_TICK_SECONDS", "soon"), ("BOOKVALUE_LEASE_SECONDS", "0"), ("BOOKVALUE_CONCURRENCY", "0"),
    ("BOOKVALUE_LOG_FORMAT", "xml"), ("REDIS_URL", "http://cache"), ("DATABASE_URL", "postgres://a@b/c"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setattr(observability, "configure", lambda *_: None)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as raised:
        settings_checked()
    assert raised.value.message.startswith(name)
    assert raised.value.advice


@pytest.mark.parametrize(("name", "value"), [BAD[0], BAD[5]])
def test_a_command_says_which_setting_it_cannot_use(name: str, value: str) -> None:
    answer = bookvalue("close", DATABASE_URL=NOWHERE, **{name: value})
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"error settings_invalid: {name}: ")
    assert len(answer.err.splitlines()) == 2


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_a_worker_without_anything_to_join(command: str) -> None:
    answer = bookvalue(command)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.splitlines() == [
        "error settings_invalid: no database or broker to join",
        "  set DATABASE_URL and REDIS_URL, or start everything with `bookvalue up`",
    ]


def test_a_state_folder_that_cannot_be_made() -> None:
    answer = bookvalue("runs", BOOKVALUE_STATE="/dev/null/state")
    assert (answer.status, answer.err.partition(":")[0]) == (1, "error embedded_unavailable")
    assert len(answer.err.splitlines()) == 2


def test_a_schema_that_is_not_there_and_then_is(stack: Endpoints) -> None:
    admin = create_engine(stack.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS empty_for_cli"))
        connection.execute(text("CREATE DATABASE empty_for_cli"))
    url = stack.database_url.replace("/bookvalue?", "/empty_for_cli?")
    before = bookvalue("periods", DATABASE_URL=url)
    assert (before.status, before.out) == (1, "")
    assert before.err.startswith("error schema_not_ready: ")
    assert "run `bookvalue migrate`" in before.err
    asked = bookvalue("migrate", "--check", DATABASE_URL=url)
    assert (asked.status, asked.err.partition(":")[0]) == (1, "error schema_not_ready")
    made = bookvalue("migrate", "--json", DATABASE_URL=url)
    assert (made.status, made.err, made.json["data"]["before"]) == (0, "", None)
    again = bookvalue("migrate", DATABASE_URL=url)
    assert again.err == f"the schema is at {made.json['data']['after']}\n"
    asked = bookvalue("migrate", "--check", DATABASE_URL=url)
    assert (asked.status, asked.err) == (0, again.err)
    empty = {"periods": "there are no periods yet", "runs": "there are no runs yet", "close": "nothing is due"}
    for command, sentence in empty.items():
        answer = bookvalue(command, DATABASE_URL=url)
        assert (answer.status, answer.out) == (3 if command == "close" else 0, "")
        assert answer.err.startswith(sentence)
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE empty_for_cli WITH (FORCE)"))


@pytest.mark.parametrize("words", [["journal"], ["close", "-b"]], ids=lambda w: w[0])
def test_a_business_that_is_not_there(filled: str, words: list[str]) -> None:
    answer = bookvalue(*words, "[/red]nobody", DATABASE_URL=filled)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("error not_found: no business '[/red]nobody'")  # taken literally
    assert "amsterdam-bakery" in answer.err


@pytest.mark.parametrize(("words", "period"), [
    (["journal", "portland-coffee", "-p"], "2026-13"), (["lock", "portland-coffee"], "October"),
    (["close", "-b", "portland-coffee", "-p"], "2026-00"),
])  # fmt: skip
def test_a_period_that_is_none(filled: str, words: list[str], period: str) -> None:
    answer = bookvalue(*words, period, "--json", DATABASE_URL=filled, BOOKVALUE_CLOCK=CLOCK)
    assert (answer.status, answer.json["error"]["code"]) == (1, "invalid_input")
    (found,) = answer.json["error"]["errors"]
    assert (found["code"], found["value"]) == ("not_a_period", period)
