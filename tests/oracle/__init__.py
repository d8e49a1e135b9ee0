"""An independent reading of SEMANTICS.md in rational numbers: one asset, one day, no NumPy, nothing of bookvalue.

Written from the document, not from the engine, in another structure (a sum over fiscal years, months and days
counted one by one), so that agreement amount for amount means something.
"""

from datetime import date

from oracle import declining_balance, full, none, straight_line
from oracle.held import last_day_of_life
from oracle.spec import Spec

__all__ = ["Spec", "accumulated", "last_day_of_life"]

_METHODS = {
    "none": none.charged,
    "full": full.charged,
    "straight_line": straight_line.charged,
    "declining_balance": declining_balance.charged,
}


def accumulated(spec: Spec, day: date) -> int:
    """T(day): what has accumulated by the end of the day, in minor units."""
    if day < spec.first_day:
        return spec.opening_accumulated
    return spec.opening_accumulated + _METHODS[spec.method](spec, day)
