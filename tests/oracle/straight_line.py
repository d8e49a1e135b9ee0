"""Straight line: what is left over the life that is left, or a rate of the depreciable amount a year."""

from datetime import date, timedelta
from fractions import Fraction

from oracle.held import held_by
from oracle.spec import Spec, half_away


def charged(spec: Spec, day: date) -> int:
    """What has been charged since the opening by the end of a day that is not before the first one."""
    before = held_by(spec, spec.first_day - timedelta(days=1))
    years = held_by(spec, day) - before
    if spec.rate is not None:
        return min(spec.left, half_away(spec.depreciable * spec.rate * years))
    assert spec.life is not None
    remaining = Fraction(spec.life, 12) - before
    return spec.left if remaining == years else half_away(spec.left * years / remaining)
