"""Should-be minus posted: the only posting formula (SEMANTICS section 1).

Planned run, rerun, catch-up and true-up are all this. Writes nothing and decides no posting period.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from bookvalue.domain.terms import Method
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.register import METHOD_CODES, Int64, RegisterColumns
from bookvalue.engine.timeline import Timeline, timeline


def due(source: RegisterColumns | Timeline, as_of_day: int, posted_minor: Int64) -> Int64:
    """The charge of a run: T(as_of_day) - opening accumulated - posted, in minor units, shape (n,).

    posted_minor: shape (n,), what is posted to effective periods that end by as_of_day; may be negative. Negative
    where more is posted than should be; 0 for the method `none`, whatever is posted.
    """
    line = source if isinstance(source, Timeline) else timeline(source)
    charge = accumulated(line, as_of_day) - line.register.opening_accumulated_minor - posted_minor
    return _charged_by_a_run(line, as_of_day, charge)


def due_in_turn(line: Timeline, days: Sequence[int], posted_minor: Iterable[Int64]) -> Iterator[Int64]:
    """The charges of runs that follow each other, each of which posts what is due by its day: minor units, shape (n,).

    days: the last day of each run's period, rising. posted_minor: for each run, shape (n,), what is posted by others to
    effective periods after the day before it, up to its own; the first one with all that was posted before. It is taken
    as the charges are, so that no more than one period is held at a time.
    """
    reached = np.zeros(len(line.register), dtype=np.int64)
    for day, posted in zip(days, posted_minor, strict=True):
        reached = reached + posted
        charge = due(line, day, reached)
        reached = reached + charge
        yield charge


def catch_up(register: RegisterColumns, period_end_days: Int64, posted_minor: Int64) -> Int64:
    """The charge of each effective period, so that the ledger is right after every one: minor units, shape (n, k).

    period_end_days: shape (k,), the last day of each period, rising. posted_minor: shape (n, k), what is posted to
    each period, the first one with all that was posted before it. The first period takes what is due from before it.
    Each row's charges sum to `due` of the last period. Raises ValueError where the shapes differ or days do not rise.
    """
    if posted_minor.shape != (len(register), len(period_end_days)) or (np.diff(period_end_days) <= 0).any():
        raise ValueError("one column of posted amounts for each period, in rising order")
    charge = np.empty(posted_minor.shape, dtype=np.int64)
    line, reached = timeline(register), register.opening_accumulated_minor
    for column, day in enumerate(period_end_days.tolist()):
        should_be = accumulated(line, day)
        charge[:, column] = _charged_by_a_run(line, day, should_be - reached - posted_minor[:, column])
        reached = should_be
    return charge


def _charged_by_a_run(line: Timeline, day: int, charge: Int64) -> Int64:
    """The charge, but nothing while the method is `none`: such an asset is never charged or credited by a run."""
    charged: Int64 = np.where(line.method_on(day) == METHOD_CODES[Method.NONE], 0, charge)
    return charged
