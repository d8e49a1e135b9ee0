"""Every code explains itself, in words that name the field and the value."""

import re
from pathlib import Path

import pytest

from bookvalue.domain.errors import BookvalueError, InvalidInput, NotFound
from bookvalue.domain.finding import EXPLANATIONS, finding

SOURCE = Path(__file__).parents[2] / "src" / "bookvalue" / "domain"


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_every_code_has_a_message_and_a_remedy(code: str) -> None:
    found = finding(code, "settings.life_months", "{value}", line=3)
    assert found.message
    assert found.remedy
    assert re.fullmatch("[a-z0-9_]+", code)
    assert "{field}" not in found.message + found.remedy
    assert found.as_dict() == {
        "line": 3, "code": code, "field": "settings.life_months", "value": "{value}", "message": found.message,
        "remedy": found.remedy,
    }  # fmt: skip


def test_a_finding_without_a_line_or_a_value() -> None:
    found = finding("required", "name")
    assert "line" not in found.as_dict()
    assert found.message == "name is missing"


def test_a_code_that_nobody_explains_is_a_defect() -> None:
    with pytest.raises(KeyError):
        finding("no_such_code")


def test_every_code_that_a_reader_uses_is_explained() -> None:
    used = {
        code
        for file in SOURCE.glob("*.py")
        for code in re.findall(r'(?:finding|Refused|refuse|_unreadable)\((?:at, )?"(\w+)"', file.read_text("utf-8"))
    }
    assert len(used) > 25
    assert used <= EXPLANATIONS.keys()


def test_errors_carry_their_remedy_and_details() -> None:
    error = InvalidInput("two lines are bad", [finding("required", "name")], files=1)
    assert (error.code, error.details, error.findings[0].code) == ("invalid_input", {"files": 1}, "required")
    assert error.advice == error.remedy
    assert NotFound("no run 5", remedy="list the runs").advice == "list the runs"
    assert isinstance(error, BookvalueError)
