"""No depreciation."""

from datetime import date

from oracle.spec import Spec


def charged(_spec: Spec, _day: date) -> int:
    """Nothing, ever."""
    return 0
