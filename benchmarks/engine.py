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
from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.terms import Averaging, Method
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.register import (
    EPOCH_ORDINAL,
    NEVER,
    NO_DAY,
    NO_LIMIT,
    Changes,
    Dated,
    Int64,
    RegisterColumns,
    Suspensions,
)

AS_OF = date(2025, 12, 31).toordinal() - EPOCH_ORDINAL
SAMPLE = 20_000
"""Assets of the Decimal loop: it is linear, and slow."""


def engine(assets: int, repeat: int) -> dict[str, Any]:
    """Alternates memcpy, straight line, mix and loop."""
    plain, mix = _plain(assets), _mix(assets)
    sample = plain.take(slice(0, min(SAMPLE, assets)))
    columns = [getattr(mix, name) for name in mix.__dataclass_fields__]
    source = [column for column in columns if isinstance(column, np.ndarray)]
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
    lives = range(36, 145)
    return RegisterColumns(
        fiscal_calendar=FiscalCalendar(),
        settings=tuple(DepreciationSettings(Method.STRAIGHT_LINE, life) for life in lives),
        setting=draw.integers(0, len(lives), assets),
        cost_minor=cost,
        cost_limit_minor=constant(NO_LIMIT),
        residual_minor=cost // 20,
        start_day=draw.integers(first, AS_OF, assets),
        disposal_day=constant(NEVER),
        opening_day=constant(NO_DAY),
        opening_accumulated_minor=constant(0),
        opening_current_year_minor=constant(0),
        units_total_micro=constant(0),
        changes=Changes.of(()),
        suspensions=Suspensions.of(()),
        units=Dated.of(()),
        manual=Dated.of(()),
    )


def _mix(assets: int) -> RegisterColumns:
    draw, plain = np.random.default_rng(2), _plain(assets)
    shares = {Method.STRAIGHT_LINE: 0.60, Method.DECLINING_BALANCE: 0.25, Method.FULL: 0.10, Method.NONE: 0.05}
    timed = [
        DepreciationSettings(method, life, rate, averaging=averaging)
        for method in (Method.STRAIGHT_LINE, Method.DECLINING_BALANCE)
        for averaging in (Averaging.FULL_MONTH, Averaging.ACTUAL_DAYS)
        for life, rate in ((None, 15_000_000), *((life, None) for life in range(36, 145)))
    ]
    settings = (DepreciationSettings(Method.NONE), DepreciationSettings(Method.FULL), *timed)
    method = draw.choice(4, assets, p=list(shares.values()))
    each = len(timed) // 2
    within = np.where(draw.random(assets) < 1 / 6, 0, draw.integers(1, 110, assets)) + 110 * draw.integers(0, 2, assets)
    opened = draw.random(assets) < 0.85
    opening_day = np.where(opened, np.maximum(plain.start_day, date(2024, 12, 31).toordinal() - EPOCH_ORDINAL), NO_DAY)
    return replace(
        plain,
        settings=settings,
        setting=np.select([method == 3, method == 2], [0, 1], 2 + each * method + within),
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
        register.of_setting([one.life_months or 0 for one in register.settings]).tolist(),
        strict=True,
    ):
        began = date.fromordinal(start + EPOCH_ORDINAL)
        months = min((end.year - began.year) * 12 + end.month - began.month + 1, life)
        charged = (Decimal(cost) - Decimal(residual)) * Decimal(months) / Decimal(life)
        found.append(int(charged.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    return found
