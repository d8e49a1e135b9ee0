"""docs/methods/profiles.md prints exactly the settings that each profile fills in."""

import json
import re
from enum import Enum
from pathlib import Path
from typing import Any

from bookvalue.domain.asset import MICRO
from bookvalue.domain.profiles import LONGEST_AT_200_PERCENT, PROFILES, profile_settings
from bookvalue.domain.settings_spec import KEPT_AS, read_settings

PAGE = (Path(__file__).parents[2] / "docs" / "methods" / "profiles.md").read_text("utf-8")
SECTIONS = re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, flags=re.M | re.S)
CALLED = {attribute: name for name, attribute in KEPT_AS.items()}


def as_given(attribute: str, value: Any) -> tuple[str, Any]:
    """An attribute as somebody would send it."""
    if attribute == "declining_factor_micro":
        return CALLED[attribute], f"{value / MICRO:g}"
    return attribute, value.value if isinstance(value, Enum) else value


def test_the_page_prints_each_profile_in_order() -> None:
    assert [name for name, _ in SECTIONS] == list(PROFILES)
    for name, text in SECTIONS:
        (block,) = re.findall(r"```json\n(.*?)```", text, flags=re.S)
        assert json.loads(block) == dict(as_given(*item) for item in PROFILES[name].items())


def test_what_is_printed_is_what_a_profile_does() -> None:
    for name, text in SECTIONS:
        (block,) = re.findall(r"```json\n(.*?)```", text, flags=re.S)
        printed = read_settings({**json.loads(block), "life_months": 120}, "", None)
        assert printed == read_settings({"profile": name, "life_months": 120}, "", None)
        assert printed[1] == []


def test_the_examples_read() -> None:
    (block,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.S)
    for line in block.splitlines():
        settings, findings = read_settings(json.loads(line), "", None)
        assert findings == []
        assert settings is not None


def test_the_long_lives_of_macrs_are_printed() -> None:
    (macrs,) = [text for name, text in SECTIONS if name == "irs_macrs_half_year"]
    factor = profile_settings("irs_macrs_half_year", LONGEST_AT_200_PERCENT + 1)["declining_factor_micro"]
    assert f'`"{factor / MICRO:g}"`' in macrs
    assert f"more than {LONGEST_AT_200_PERCENT} months" in macrs.replace("\n", " ")
