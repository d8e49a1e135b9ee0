"""Should-be minus posted: the only posting formula (SEMANTICS section 1).

Planned run, rerun, catch-up and true-up are all this. Writes nothing and decides no posting period.
"""

import numpy as np

from bookvalue.domain.terms import Method
from bookvalue.engine.accumulate import accumulated
from bookvalue.engine.register import Int64, RegisterColumns


def due(register: RegisterColumns, as_of_day: int, posted_minor: Int64) -> Int64:
    """The charge of a run: T(as_of_day) - opening accumulated - posted, in minor units, shape (n,).

    posted_minor: shape (n,), what is posted to effective periods that end by as_of_day; may be negative. Negative
    where more is posted than should be; 0 for the method `none`, whatever is posted. Raises KeyError as `accumulated`
    does.
    """
    charge = accumulated(register, as_of_day) - register.opening_accumulated_minor - posted_minor
    return _charged_by_a_run(register, charge)


def catch_up(register: RegisterColumns, period_end_days: Int64, posted_minor: Int64) -> Int64:
    """The charge of each effective period, so that the ledger is right after every one: minor units, shape (n, k).

    period_end_days: shape (k,), the last day of each period, rising. posted_minor: shape (n, k), what is posted to
    each period, the first one with all that was posted before it. The first period takes what is due from before it.
    Each row's charges sum to `due` of the last period. Raises ValueError where the shapes differ or days do not rise,
    KeyError as `accumulated` does.
    """
    if posted_minor.shape != (len(register), len(period_end_days)) or (np.diff(period_end_days) <= 0).any():
        raise ValueError("one column of posted amounts for each period, in rising order")
    charge = np.empty(posted_minor.shape, dtype=np.int64)
    reached = register.opening_accumulated_minor
    for column, day in enumerate(period_end_days.tolist()):
        should_be = accumulated(register, day)
        charge[:, column] = _charged_by_a_run(register, should_be - reached - posted_minor[:, column])
        reached = should_be
    return charge


def _charged_by_a_run(register: RegisterColumns, charge: Int64) -> Int64:
    """The charge, but nothing for `none`: such an asset is never charged or credited by a run."""
    charged: Int64 = np.where(register.of_setting([s.method is Method.NONE for s in register.settings]) == 1, 0, charge)
    return charged
