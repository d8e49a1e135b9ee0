"""engine: nanoseconds an asset of one period, as a multiple of a memcpy of the same columns and against a loop.

Worked through in blocks of assets, as a register larger than memory would be. Plain is straight line with a life over
full months. The mix is 60 % straight line, 25 % declining balance, 5 % each of sum of years' digits, fixed-rate
declining and units of production, over three averaging rules, with openings; a tenth of the assets has a change. The
loop is what an application with a Decimal an asset does. `forecast` is 120 periods of a mix.
"""

import resource
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from time import perf_counter, process_time
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
    NOT_GIVEN,
    Changes,
    Dated,
    Int64,
    RegisterColumns,
    Suspensions,
)
from bookvalue.engine.timeline import timeline

AS_OF = date(2025, 12, 31).toordinal() - EPOCH_ORDINAL
_FIRST = date(2018, 1, 1).toordinal() - EPOCH_ORDINAL
BLOCK = 500_000
"""Assets held at a time."""
SAMPLE = 20_000
"""Assets of the Decimal loop: it is linear, and slow."""
FORECAST_ASSETS, FORECAST_PERIODS = 100_000, 120
_LIVES = tuple(range(36, 145, 6))
_RULES = (Averaging.FULL_MONTH, Averaging.FULL_MONTH, Averaging.ACTUAL_DAYS, Averaging.HALF_YEAR)
_SHARES = {
    Method.STRAIGHT_LINE: 0.60,
    Method.DECLINING_BALANCE: 0.25,
    Method.SUM_OF_YEARS_DIGITS: 0.05,
    Method.FIXED_RATE_DECLINING: 0.05,
    Method.UNITS_OF_PRODUCTION: 0.05,
}


def engine(assets: int, repeat: int) -> dict[str, Any]:
    """Alternates memcpy, straight line, mix and loop."""
    sample = _plain(min(SAMPLE, assets), 0)
    if _decimals(sample) != accumulated(sample, AS_OF).tolist():
        raise SystemExit("the loop and the engine differ")
    blocks = list(_blocks(assets))
    plain, mix = ([make(size, seed) for seed, size in blocks] for make in (_plain, _mix))
    work: dict[str, tuple[Callable[[], object], int]] = {
        "memcpy": (lambda: [_copy(block) for block in plain], assets),
        "straight_line": (lambda: [accumulated(block, AS_OF) for block in plain], assets),
        "mix": (lambda: [accumulated(block, AS_OF) for block in mix], assets),
        "decimal_loop": (lambda: _decimals(sample), len(sample)),
    }
    took: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeat + 1):
        for name, (run, _) in work.items():
            began = process_time()  # of this process alone, so that neighbours count for less
            run()
            took[name].append(process_time() - began)
    nanoseconds = {name: min(took[name][1:]) / count * 1e9 for name, (_, count) in work.items()}
    return {
        "assets": assets,
        **{name: summary(took[name][1:]) for name in work},
        "nanoseconds_per_asset": {name: round(value, 2) for name, value in nanoseconds.items()},
        "million_assets_a_second": {name: round(1e3 / value, 2) for name, value in nanoseconds.items()},
        "of_memcpy": {name: round(nanoseconds[name] / nanoseconds["memcpy"], 1) for name in ("straight_line", "mix")},
        "decimal_loop_of": {
            name: round(nanoseconds["decimal_loop"] / nanoseconds[name], 1) for name in ("straight_line", "mix")
        },
        "each_method_ns": {str(method): round(_alone(method), 1) for method in _SHARES},
        "peak_bytes_per_asset": _peak_of_a_block(),
        "forecast": _forecast(),
    }


def _blocks(assets: int) -> Iterator[tuple[int, int]]:
    """Numbers and sizes of the blocks."""
    for number, first in enumerate(range(0, assets, BLOCK)):
        yield number, min(BLOCK, assets - first)


def _columns(register: RegisterColumns) -> list[Int64]:
    return [value for name in register.__dataclass_fields__ if isinstance(value := getattr(register, name), np.ndarray)]


def _copy(register: RegisterColumns) -> list[Int64]:
    return [column.copy() for column in _columns(register)]


def _alone(method: Method) -> float:
    """Nanoseconds an asset of a register of one method, full months, without changes; warm."""
    register = _register(200_000, 7, {method: 1.0}, (Averaging.FULL_MONTH,), changed=0)
    accumulated(register, AS_OF)
    began = process_time()
    accumulated(register, AS_OF)
    return (process_time() - began) / 200_000 * 1e9


def _peak_of_a_block() -> dict[str, float]:
    """How far the process's peak grows over one block of the mix, by asset: its columns, and what computing adds."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    columns = sum(column.nbytes for column in _columns(_mix(BLOCK, 0)))
    accumulated(_mix(2 * BLOCK, 0), AS_OF)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return {"columns": round(columns / BLOCK, 1), "grown_by_twice_a_block": round(grown / (2 * BLOCK), 1)}


def _forecast() -> dict[str, float]:
    """120 months of 100,000 mixed assets, changes included; the timeline is made once."""
    register = _mix(FORECAST_ASSETS, 3)
    began = perf_counter(), process_time()
    line = timeline(register)
    total = 0
    for month in range(FORECAST_PERIODS):
        total += int(accumulated(line, AS_OF + 30 * month).sum())
    wall, cpu = perf_counter() - began[0], process_time() - began[1]
    cells = FORECAST_ASSETS * FORECAST_PERIODS
    return {"wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "nanoseconds_a_cell": round(cpu / cells * 1e9, 1)}


def _plain(assets: int, seed: int) -> RegisterColumns:
    return _register(assets, seed, {Method.STRAIGHT_LINE: 1.0}, (Averaging.FULL_MONTH,), changed=0, opened=0)


def _mix(assets: int, seed: int) -> RegisterColumns:
    return _register(assets, seed, _SHARES, _RULES, changed=0.1)


def _register(
    assets: int,
    seed: int,
    shares: dict[Method, float],
    rules: tuple[Averaging, ...],
    *,
    changed: float,
    opened: float = 0.5,
) -> RegisterColumns:
    """A register in shuffled order. Half of what may be opened has an opening at the end of 2024."""
    draw = np.random.default_rng(seed)
    settings = tuple(
        DepreciationSettings(method, life, averaging=rule) for method in shares for rule in rules for life in _LIVES
    )
    of_method = draw.choice(len(shares), assets, p=list(shares.values()))
    setting = of_method * (len(rules) * len(_LIVES)) + draw.integers(0, len(rules) * len(_LIVES), assets)
    cost = draw.integers(10_000, 5_000_000, assets)
    start = draw.integers(_FIRST, AS_OF - 400, assets)
    is_open = draw.random(assets) < opened
    opening_day = np.where(is_open, np.maximum(start, date(2024, 12, 31).toordinal() - EPOCH_ORDINAL), NO_DAY)
    rows = np.flatnonzero(draw.random(assets) < changed)
    since = np.maximum(start, opening_day)[rows]
    nothing = np.zeros(assets, np.int64)
    return RegisterColumns(
        FiscalCalendar(),
        settings,
        setting.astype(np.int64),
        cost,
        np.full(assets, NO_LIMIT),
        cost // 20,
        start,
        np.full(assets, NEVER),
        opening_day,
        np.where(is_open, cost // 4, 0),
        nothing,
        np.full(assets, 10_000_000_000),
        _improvements(rows, since + draw.integers(1, 350, len(rows)), cost[rows] // 10),
        Suspensions.of([]),
        _units(np.flatnonzero(of_method == list(shares).index(Method.UNITS_OF_PRODUCTION)), start)
        if Method.UNITS_OF_PRODUCTION in shares
        else Dated.of([]),
        Dated.of([]),
    )


def _improvements(rows: Int64, day: Int64, amount: Int64) -> Changes:
    """One improvement a row."""
    left = np.full(len(rows), NOT_GIVEN)
    return Changes(rows, day, np.zeros_like(rows), np.ones_like(rows), amount, left, left, left, left, left)


def _units(rows: Int64, start: Int64) -> Dated:
    """Units of the twelve months after each start."""
    row = np.repeat(rows, 12)
    day = start[row] + np.tile(np.arange(1, 13), len(rows)) * 30
    return Dated(row, day, np.full(len(row), 100_000_000))


def _decimals(register: RegisterColumns) -> list[int]:
    """Straight line over full months, an asset at a time."""
    end = date.fromordinal(AS_OF + EPOCH_ORDINAL)
    found = []
    lives = [register.settings[place].life_months or 0 for place in register.setting.tolist()]
    for cost, residual, start, life in zip(
        register.cost_minor.tolist(), register.residual_minor.tolist(), register.start_day.tolist(), lives, strict=True
    ):
        began = date.fromordinal(start + EPOCH_ORDINAL)
        months = min((end.year - began.year) * 12 + end.month - began.month + 1, life)
        charged = (Decimal(cost) - Decimal(residual)) * Decimal(months) / Decimal(life)
        found.append(int(charged.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    return found
