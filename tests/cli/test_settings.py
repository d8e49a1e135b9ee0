"""`settings` and `tags`: shown, changed all or nothing, and refused with a reason."""

import pytest
from sqlalchemy import Engine, text

from bookvalue.domain.register_csv import RegisterFile
from bookvalue.services.import_register import import_register

from .command import Answer, bookvalue

BUSINESS = b"business,name,currency,time_zone,books_start\nacme,Acme,EUR,UTC,2026-08-01\n"
ASSETS = b"""business,external_id,name,kind,depreciation_start_date,cost,method,life_months,tags
acme,lathe,Lathe,EQUIPMENT,2026-08-01,1200.00,straight_line,12,team=Bar
"""


@pytest.fixture
def acme(engine: Engine, database_url: str) -> str:
    """The URL of books with one tagged asset."""
    import_register(engine, [RegisterFile("businesses", BUSINESS), RegisterFile("assets", ASSETS)], actor="test")
    return database_url


def settings(url: str, *words: str) -> Answer:
    return bookvalue("settings", "-b", "acme", *words, DATABASE_URL=url)


def tags(url: str, *words: str) -> Answer:
    return bookvalue("tags", "lathe", "-b", "acme", *words, DATABASE_URL=url)


def test_settings_and_policies_are_shown_changed_and_set_back(acme: str, engine: Engine) -> None:
    before = settings(acme, "--json").json["data"]
    assert (before["lock_policy"], before["number_sequence"], before["gain_account"]) == ("next_open", 2, "4900")
    table = settings(acme)
    assert (table.status, table.err) == (0, "")
    assert ["lock_policy", "next_open"] in [line.split() for line in table.out.splitlines()]

    wanted = {"lock_policy": "refuse", "auto_lock_after_days": 30, "name": "Acme = Co", "gain_account": "4910"}
    words = [word for name, value in wanted.items() for word in ("--set", f"{name}={value}")]
    changed = settings(acme, *words)
    assert (changed.status, changed.err) == (0, "changed\n")
    assert settings(acme, "--json").json["data"] == {**before, **wanted}
    assert settings(acme, *words).err == "unchanged: that is what they are\n"
    back = settings(acme, "--set", "lock_policy=", "--set", "auto_lock_after_days=", "--json").json["data"]
    assert (back["lock_policy"], back["auto_lock_after_days"]) == ("next_open", None)
    with engine.connect() as connection:
        said = connection.execute(text("SELECT action, actor, details FROM bookvalue.audit ORDER BY id")).all()
    assert [tuple(one[:2]) for one in said[1:]] == [("business.changed", "cli")] * 2
    assert said[1].details == wanted


def test_of_several_settings_with_one_wrong_none_is_changed(acme: str) -> None:
    before = settings(acme, "--json").json
    words = ("--set", "lock_policy=perhaps", "--set", "close_after_days=ten", "--set", "colour=red", "--set",
             "name=New", "--set", "loss_account=9999")  # fmt: skip
    answer = settings(acme, *words, "--json")
    assert answer.status == 1
    found = {(one["code"], one["field"]) for one in answer.json["error"]["errors"]}
    assert found == {
        ("not_one_of", "lock_policy"), ("not_an_integer", "close_after_days"), ("unknown_field", "colour"),
        ("unknown_account", "loss_account"),
    }  # fmt: skip
    in_use = settings(acme, "--set", "currency=USD", "--json").json["error"]["errors"]
    assert [(one["code"], one["field"]) for one in in_use] == [("business_in_use", "currency")]
    assert settings(acme, "--json").json == before
    assert settings(acme, "--set", "lock_policy").status == 2


def test_tags_are_shown_given_from_a_day_and_taken_away(acme: str) -> None:
    shown = tags(acme)
    assert [line.split() for line in shown.out.splitlines()] == [["key", "value", "from"], ["team", "Bar", "ever"]]
    moved = tags(acme, "--set", "location=Porto; team=Bar", "--from", "2026-08-11", "--json").json["data"]
    assert [(one["key"], one["value"], one["first_day"]) for one in moved] == [
        ("location", "Porto", "2026-08-11"), ("team", "Bar", None)
    ]  # fmt: skip
    none = tags(acme, "--set", "", "--from", "2026-08-21")
    assert (none.status, none.out) == (0, "")
    assert none.err.startswith("the asset has no tags\n")


def test_tags_that_are_none(acme: str) -> None:
    answer = tags(acme, "--set", "Porto", "--json")
    (found,) = answer.json["error"]["errors"]
    assert (answer.status, found["code"], found["field"]) == (1, "not_tags", "tags")
    assert "tags_from  not_a_date" in tags(acme, "--set", "team=Bar", "--from", "soon").err
    assert tags(acme, "--from", "2026-08-11").status == 2
    assert len(tags(acme, "--json").json["data"]) == 1
