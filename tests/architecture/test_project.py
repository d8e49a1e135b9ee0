"""What surrounds the code: locks, Makefile and pages that must not fall behind it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bookvalue.settings import Settings

from .source import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
TARGETS = "help demo up test test-long check bench mutate lock clean".split()
# written apart, so that this file does not name them either
REGISTRIES = [
    "py" + "pi",
    "python" + "hosted",
    "anaconda" + ".org",
    "npm" + "js",
    "docker" + ".io",
    "gh" + "cr.io",
    "quay" + ".io",
]


def tracked() -> list[Path]:
    """Files that are, or are about to be, part of the project."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(index-url|extra-index-url|find-links|trusted-host)", text, re.MULTILINE)
    packages = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    named = [package for package in packages if re.match(r"[a-z0-9]", package)]
    assert len(named) > 20
    for package in named:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+", package), package
        assert "--hash=sha256:" in package, package


def test_the_development_lock_holds_all_of_the_other_one() -> None:
    run, develop = (
        {line.split()[0] for line in (ROOT / lock).read_text().splitlines() if "==" in line} for lock in LOCKS
    )
    assert run <= develop


def test_no_file_names_a_package_registry_s_host() -> None:
    pattern = re.compile("|".join(rf"(?<![a-z0-9]){re.escape(host)}(?![a-z0-9])" for host in REGISTRIES), re.IGNORECASE)
    found = []
    for file in tracked():
        text = file.read_text(errors="replace")
        found += [f"{file.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert not found


def test_make_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    assert re.findall(r"^([a-z-]+):", text, re.MULTILINE) == TARGETS
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE) == TARGETS
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony is not None
    assert phony.group(1).split() == TARGETS


def test_every_target_has_its_command() -> None:
    text = (ROOT / "Makefile").read_text()
    program = (ROOT / "scripts/dev.py").read_text()
    for name in re.findall(r"\$\(DEV\) (\S+)", text):
        assert f'"{name}": (' in program


CLOSINGS = [("2 failed, 71 passed, 1 skipped in 171.47s (0:02:51)", 1), ("3 passed in 0.10s", 0)]


@pytest.mark.parametrize(("closing", "status"), CLOSINGS)
def test_the_ci_run_ends_with_pytest_s_closing_line_and_status(tmp_path: Path, closing: str, status: int) -> None:
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci")
    (checkout / "Makefile").write_text(
        f"test:\n\t@pwd; test -z \"$$DATABASE_URL\"\n\t@echo '{closing}'; exit {status}\n"
    )
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "-C", str(checkout)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "a checkout"]):
        subprocess.run([*git, *words], check=True)
    env = {**os.environ, "TMPDIR": str(tmp_path), "DATABASE_URL": "not-ours"}
    done = subprocess.run([checkout / ".ci" / "run"], cwd="/", env=env, capture_output=True, text=True, check=False)
    first, *_, last = done.stdout.splitlines()
    assert Path(first).parent.parent == tmp_path  # in a clone
    assert last == closing
    assert bool(done.returncode) is bool(status)
    assert [one.name for one in tmp_path.iterdir()] == ["checkout"]


def test_every_setting_is_documented_with_its_default() -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", page, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"BOOKVALUE_{name.upper()}")
        assert variable in rows, f"{variable} is not in docs/configuration.md"
        default = (
            "none"
            if field.default is None
            else f"`{field.default:g}`"
            if isinstance(field.default, float)
            else f"`{field.default}`"
        )
        assert rows[variable] == default, variable
    known = {
        str(field.validation_alias or f"BOOKVALUE_{name.upper()}") for name, field in Settings.model_fields.items()
    }
    assert {name for name in rows if name.startswith("BOOKVALUE_")} - known <= {"BOOKVALUE_VENV"}


def test_every_guarantee_names_a_test_that_exists() -> None:
    page = (ROOT / "docs/guarantees.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    assert len(named) >= 15
    for path, function in named:
        text = (ROOT / path).read_text()
        assert not function or f"def {function}(" in text, f"{path}::{function}"


def test_the_links_of_the_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
