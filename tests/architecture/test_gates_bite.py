"""import-linter, ruff, mypy and the coverage gate: each passes what is right and refuses a planted defect."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .source import PACKAGE, ROOT

BIN = Path(sys.executable).parent
# file -> the forbidden line, and how import-linter names it
PLANTED = {
    "engine/charge.py": ("import bookvalue.storage.runs", "bookvalue.engine.charge -> bookvalue.storage.runs"),
    "cli/options.py": ("import bookvalue.worker.schedule", "bookvalue.cli.options -> bookvalue.worker.schedule"),
    "services/plan_runs.py": ("import sqlalchemy", "bookvalue.services.plan_runs -> sqlalchemy"),
    "domain/calendar.py": ("import numpy", "bookvalue.domain.calendar -> numpy"),
    "storage/audit.py": ("import bookvalue.settings", "bookvalue.storage.audit -> bookvalue.settings"),
}


def run(*words: str, where: Path = ROOT, typed: str | None = None, **given: str) -> subprocess.CompletedProcess[str]:
    """A tool of the environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST"))}
    return subprocess.run([str(BIN / words[0]), *words[1:]], cwd=where, env={**env, **given}, input=typed, text=True,
                          capture_output=True, check=False)  # fmt: skip


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    return run("lint-imports", "--no-cache", where=tree, PYTHONPATH=str(tree / "src"), NO_COLOR="1", COLUMNS="300")


def test_import_linter_passes_this_tree_and_refuses_each_forbidden_import(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "src" / "bookvalue", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    untouched = lint_imports(tmp_path)
    assert untouched.returncode == 0, untouched.stdout
    contracts = len(
        re.findall(r"^\[\[tool.importlinter.contracts\]\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    )
    assert f"Contracts: {contracts} kept, 0 broken." in untouched.stdout
    for name, (line, _) in PLANTED.items():
        with (tmp_path / "src" / "bookvalue" / name).open("a") as file:
            file.write(f"\n{line}\n")
    broken = lint_imports(tmp_path)
    assert broken.returncode == 1
    assert f"Contracts: 0 kept, {contracts} broken." in broken.stdout
    shown = " ".join(broken.stdout.split())
    for _, edge in PLANTED.values():
        assert edge in shown


@pytest.mark.parametrize(("line", "rule"), [
    ("import os", "F401"), ("print(1)", "T201"), ("assert eval('1')", "S307"), ("def f(x=[]): return x", "B006"),
    ("from datetime import datetime\nprint(datetime.now())", "DTZ005"),
    ("import sys\nimport os\nprint(sys, os)", "I001"),
])  # fmt: skip
def test_ruff_refuses_a_planted_defect(line: str, rule: str) -> None:
    words = [
        "ruff",
        "check",
        "--no-cache",
        "--output-format",
        "concise",
        "--stdin-filename",
        "src/bookvalue/planted.py",
        "-",
    ]
    assert rule in run(*words, typed=f'"""Planted."""\n\n{line}\n').stdout
    assert run(*words, typed='"""Nothing is wrong here."""\n').returncode == 0


def test_mypy_is_strict_and_knows_the_package_s_types(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(
        "from bookvalue.domain.money import to_major\n\n\ndef untyped(x):\n    return x\n\n\nto_major('12', 5)\n"
    )
    words = ["mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache")]
    found = run(*words, str(tmp_path / "planted.py"), MYPYPATH=str(ROOT / "src"))
    assert found.returncode == 1
    assert "[no-untyped-def]" in found.stdout
    assert found.stdout.count("[arg-type]") == 2


@pytest.mark.parametrize("covered", [True, False])
def test_the_coverage_gate_wants_every_branch(tmp_path: Path, covered: bool) -> None:
    settings = re.findall(
        r"^\[tool\.coverage.*?(?=^\[(?!tool\.coverage))", (ROOT / "pyproject.toml").read_text(), re.M | re.S
    )
    assert settings
    (tmp_path / "pyproject.toml").write_text("\n".join(settings))
    for floor in ("domain", "engine", "ledger"):
        (tmp_path / "bookvalue" / floor).mkdir(parents=True)
        (tmp_path / "bookvalue" / floor / "__init__.py").write_text("")
    (tmp_path / "bookvalue" / "__init__.py").write_text("")
    (tmp_path / "bookvalue" / "engine" / "rule.py").write_text(
        "def rule(x):\n    y = 1\n    if x:\n        y = 2\n    return y\n"
    )
    # one call reaches every line, yet only one of the two branches
    (tmp_path / "test_rule.py").write_text(
        "from bookvalue.engine.rule import rule\n\n\ndef test_rule():\n    assert rule(1) == 2\n"
        + ("    assert rule(0) == 1\n" if covered else "")
    )
    gate = next(words for words in commands() if "--cov" in words)
    options = [word for word in gate[3:] if not word.startswith("tests/")]
    done = run("python", "-m", "pytest", *options, where=tmp_path, PYTHONPATH=str(tmp_path))
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert (done.returncode == 0) is covered, done.stdout
    assert ("Required test coverage of 100.0% reached" in done.stdout) is covered


def commands() -> list[list[str]]:
    """The commands of `make check`."""
    code = "import sys, json; sys.path.insert(0, 'scripts'); import dev; print(json.dumps(dev.COMMANDS['check'][1]))"
    found: list[list[str]] = json.loads(run("python", "-c", code, PYTHONDONTWRITEBYTECODE="1").stdout)
    return found


def test_the_check_runs_every_gate() -> None:
    words = [command[0] for command in commands()]
    assert words == ["ruff", "ruff", "mypy", "lint-imports", "python", "python"]
    assert commands()[-2][2:] == ["bookvalue.api.openapi", "--check"]
    assert {"tests/domain", "tests/engine", "tests/ledger"} <= set(commands()[-1])
