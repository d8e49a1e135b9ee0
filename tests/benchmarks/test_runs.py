"""A slice of the benchmarks: they run, report what they should, and the statements of a close do not grow with it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bookvalue.embedded import Endpoints

ROOT = Path(__file__).parents[2]
MOST_STATEMENTS = 45


def _report(*words: str) -> dict[str, Any]:
    args = [sys.executable, "-m", "benchmarks", *words, "--repeat", "1", "--json"]
    done = subprocess.run(
        args,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _close(stack: Endpoints, size: int, *words: str) -> dict[str, Any]:
    return _report("close", "--size", str(size), "--database-url", stack.database_url, *words)


@pytest.fixture(scope="module")
def of_1000(stack: Endpoints) -> dict[str, Any]:
    return _close(stack, 1_000)


@pytest.mark.parametrize("grain", ["account", "asset"])
def test_a_close_is_measured_against_its_floor(of_1000: dict[str, Any], grain: str) -> None:
    report = of_1000[f"close_{grain}"]
    assert report["assets"] == 1_000
    assert report["posted_assets"] > 700
    assert report["blocked_assets"] == 0
    assert report["entries"] == (1 if grain == "account" else report["posted_assets"])
    assert report["floor"].keys() == report["close"].keys() == {"median_s", "min_s", "max_s"}
    assert report["ratio"].keys() == {"of_medians", "of_minimums"}
    assert report["phases"].keys() == {"read_and_compute_s", "write_s", "check_s"}
    assert 0 < report["memory_mib"] < 100


def test_both_grains_charge_the_same(of_1000: dict[str, Any]) -> None:
    charged = {report["charged_minor"] for name, report in of_1000.items() if name.startswith("close")}
    assert len(charged) == 1


def test_statements_do_not_grow_with_the_register(stack: Endpoints, of_1000: dict[str, Any]) -> None:
    of_100 = _close(stack, 100, "--grain", "account")
    assert of_100["close_account"]["statements"] == of_1000["close_account"]["statements"] <= MOST_STATEMENTS


def test_many_businesses_are_closed_by_two_processes(stack: Endpoints) -> None:
    report = _report("fan_out", "--size", "4", "--database-url", stack.database_url)["fan_out"]
    assert report["businesses"] == 4
    assert report["businesses_per_second"] > 0
    assert report["ratio"]["of_medians"] > 0


def test_the_engine_agrees_with_the_loop() -> None:
    report = _report("engine", "--size", "5000")["engine"]
    assert report["of_memcpy"].keys() == {"straight_line", "mix"} == report["decimal_loop_of"].keys()
