"""Generated charges, as a run would make them: sorted by (effective, row), each asset once a period, never zero."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from bookvalue.ledger.posting import Charges

ACCOUNTS = st.one_of(st.integers(1, 4), st.integers(1, 40), st.sampled_from([1, 2**31 - 1]))
AMOUNTS = st.one_of(
    st.integers(1, 9),
    st.integers(-9, -1),
    st.integers(-(10**15), 10**15).filter(bool),
    st.sampled_from([1, -1, 10**15, -(10**15), 2**32 - 1, 2**32, -(2**32)]),
)


class Charge(NamedTuple):
    """One charge, as plain integers in the order of the columns."""

    row: int
    effective: int
    posting: int
    amount_minor: int
    sequence: int
    accumulated_account: int
    expense_account: int
    tag_set: int = 0


def columns(rows: Sequence[Charge]) -> Charges:
    """The charges as arrays."""
    table = np.array(rows, np.int64).reshape(len(rows), len(Charge._fields))
    return Charges(*table.T.copy())


@st.composite
def charge_lists(draw: st.DrawFn, most: int = 40) -> list[Charge]:
    """Charges of some assets for some effective periods; a period's charges all lie in one posting period."""
    posting = draw(st.lists(st.integers(0, 5), min_size=6, max_size=6))
    tags = draw(st.sampled_from([0, 2, 2**31 - 1]))
    keys = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=most, unique=True))
    return [
        Charge(
            row,
            effective,
            posting[effective],
            draw(AMOUNTS),
            draw(st.integers(0, 3)),
            draw(ACCOUNTS),
            draw(ACCOUNTS),
            draw(st.integers(0, tags)),
        )
        for effective, row in sorted(keys)
    ]
