"""The engine equals the oracle, amount for amount, over every method, averaging rule and rounding."""

import os
import random
from typing import Any

import pytest

import oracle
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.timeline import timeline
from bookvalue.services.build_schedule import build_schedule
from engine.registers import SEED, columns, days_of, engine_days, specs
from oracle.specs import valid_combinations

COMBINATIONS = sorted(valid_combinations())
METHODS = sorted({method for method, _, _ in COMBINATIONS})
SLICE, DAYS = 6, 5  # specs a combination in `make test`, days a spec


def compare(spec: dict[str, Any], rng: random.Random, count: int) -> int:
    """One spec on so many days; the number compared."""
    days = days_of(spec, rng, count)
    line = timeline(columns([spec]))
    found = accumulated(line, engine_days(days), rows=engine_days(days) * 0).tolist()
    expected = [oracle.accumulated(spec, day) for day in days]
    assert found == expected, f"seed {SEED}: {list(zip(map(str, days), found, expected, strict=True))} {spec}"
    return count


def run(name: str, count: int, days: int, **fixed: Any) -> None:
    rng = random.Random(f"{SEED}/{name}/days")
    for spec in specs(name, count, **fixed):
        compare(spec, rng, days)


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_slice_of_every_combination(combination: tuple[str, str, str]) -> None:
    method, averaging, rounding = combination
    run(f"slice/{combination}", SLICE, DAYS, method=method, averaging=averaging, rounding=rounding)


@pytest.mark.long
@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_5000_pairs_of_every_combination(combination: tuple[str, str, str]) -> None:
    method, averaging, rounding = combination
    print(f"seed {SEED}")
    run(f"long/{combination}", 500, 10, method=method, averaging=averaging, rounding=rounding)


@pytest.mark.long
@pytest.mark.parametrize("method", METHODS)
def test_200000_pairs_of_every_method(method: str) -> None:
    count = int(os.environ.get("BOOKVALUE_ORACLE_PAIRS", "200000"))
    print(f"seed {SEED}")
    run(f"pairs/{method}", count // 20, 20, method=method)


@pytest.mark.parametrize("group", range(8))
def test_schedules_equal_row_for_row(group: int) -> None:
    rows = list(specs(f"schedule/{group}", 25))
    for spec, answer in zip(rows, build_schedule(rows), strict=True):
        expected = oracle.schedule(spec)
        assert answer["rows"] == expected["rows"], (SEED, spec)
        assert answer.get("disposal") == expected.get("disposal"), (SEED, spec)
