"""Everything at once."""

from datetime import date

from oracle.spec import Spec


def charged(spec: Spec, _day: date) -> int:
    """All that is left, from the first day."""
    return spec.left
