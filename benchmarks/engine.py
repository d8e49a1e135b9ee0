"""engine: nanoseconds an asset of `accumulated`, as a multiple of a memcpy of the same columns and against a loop.

Plain straight line is one method, one averaging rule and a life; the mix is all four methods, lives and rates, both
averaging rules and openings, in shuffled order. The loop is what an application with a Decimal an asset does.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.timing import summary
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import Averaging, Method
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.register import (
    AVERAGING_CODES,
    EPOCH_ORDINAL,
    METHOD_CODES,
    NO_DAY,
    NO_LIMIT,
    Int64,
    RegisterColumns,
)

AS_OF = date(2025, 12, 31).toordinal() - EPOCH_ORDINAL
SAMPLE = 20_000
"""Assets of the Decimal loop: it is linear, and slow."""


def engine(assets: int, repeat: int) -> dict[str, Any]:
    """Alternates memcpy, straight line, mix and loop."""
    plain, mix = _plain(assets), _mix(assets)
    sample = plain.take(slice(0, min(SAMPLE, assets)))
    source = [getattr(mix, name) for name in mix.__dataclass_fields__ if name != "fiscal_calendar"]
    target = [np.empty_like(column) for column in source]
    if _decimals(sample) != accumulated(sample, AS_OF).tolist():
        raise SystemExit("the loop and the engine differ")
    work: dict[str, tuple[Callable[[], object], int]] = {
        "memcpy": (lambda: _copy(target, source), assets),
        "straight_line": (lambda: accumulated(plain, AS_OF), assets),
        "mix": (lambda: accumulated(mix, AS_OF), assets),
        "decimal_loop": (lambda: _decimals(sample), len(sample)),
    }
    took: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeat + 1):
        for name, (run, _) in work.items():
            began = perf_counter()
            run()
            took[name].append(perf_counter() - began)
    nanoseconds = {name: min(took[name][1:]) / count * 1e9 for name, (_, count) in work.items()}
    return {
        "assets": assets,
        **{name: summary(took[name][1:]) for name in work},
        "nanoseconds_per_asset": {name: round(value, 2) for name, value in nanoseconds.items()},
        "of_memcpy": {name: round(nanoseconds[name] / nanoseconds["memcpy"], 1) for name in ("straight_line", "mix")},
        "decimal_loop_of": {
            name: round(nanoseconds["decimal_loop"] / nanoseconds[name], 1) for name in ("straight_line", "mix")
        },
    }


def _copy(target: list[Int64], source: list[Int64]) -> None:
    for into, column in zip(target, source, strict=True):
        np.copyto(into, column)


def _plain(assets: int) -> RegisterColumns:
    draw = np.random.default_rng(1)

    def constant(value: int) -> Int64:
        return np.full(assets, value, np.int64)

    cost = draw.integers(10_000, 5_000_000, assets)
    first = date(2018, 1, 1).toordinal() - EPOCH_ORDINAL
    return RegisterColumns(
        FiscalCalendar(),
        constant(METHOD_CODES[Method.STRAIGHT_LINE]),
        constant(AVERAGING_CODES[Averaging.FULL_MONTH]),
        cost,
        constant(NO_LIMIT),
        cost // 20,
        draw.integers(first, AS_OF, assets),
        draw.integers(36, 145, assets),
        constant(0),
        constant(2_000_000),
        constant(NO_DAY),
        constant(0),
        constant(0),
    )


def _mix(assets: int) -> RegisterColumns:
    draw, plain = np.random.default_rng(2), _plain(assets)
    shares = {Method.STRAIGHT_LINE: 0.60, Method.DECLINING_BALANCE: 0.25, Method.FULL: 0.10, Method.NONE: 0.05}
    method = draw.choice([METHOD_CODES[name] for name in shares], assets, p=list(shares.values()))
    timed = np.isin(method, [METHOD_CODES[Method.STRAIGHT_LINE], METHOD_CODES[Method.DECLINING_BALANCE]])
    by_rate = draw.random(assets) < 1 / 6
    opened = draw.random(assets) < 0.85
    opening_day = np.where(opened, np.maximum(plain.start_day, date(2024, 12, 31).toordinal() - EPOCH_ORDINAL), NO_DAY)
    return replace(
        plain,
        method=method,
        averaging=draw.choice(list(AVERAGING_CODES.values()), assets),
        life_months=np.where(timed & ~by_rate, plain.life_months, 0),
        rate_micropercent=np.where(timed & by_rate, 15_000_000, 0),
        opening_day=opening_day,
        opening_accumulated_minor=np.where(opened, (plain.cost_minor - plain.residual_minor) // 3, 0),
    )


def _decimals(register: RegisterColumns) -> list[int]:
    """Straight line over full months, an asset at a time."""
    end = date.fromordinal(AS_OF + EPOCH_ORDINAL)
    found = []
    for cost, residual, start, life in zip(
        register.cost_minor.tolist(),
        register.residual_minor.tolist(),
        register.start_day.tolist(),
        register.life_months.tolist(),
        strict=True,
    ):
        began = date.fromordinal(start + EPOCH_ORDINAL)
        months = min((end.year - began.year) * 12 + end.month - began.month + 1, life)
        charged = (Decimal(cost) - Decimal(residual)) * Decimal(months) / Decimal(life)
        found.append(int(charged.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    return found
