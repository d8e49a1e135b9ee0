"""Declining balance: each fiscal year a rate of the ledger's book value at its start, spread by the averaging rule."""

from datetime import date, timedelta
from fractions import Fraction

from oracle.held import held_by, held_in_year, within_life, year_start, years
from oracle.spec import Spec, half_away


def charged(spec: Spec, day: date) -> int:
    """What has been charged since the opening by the end of a day that is not before the first one."""
    rate = spec.rate if spec.rate is not None else spec.factor / Fraction(spec.life or 0, 12)
    first = spec.first_day
    counted = held_by(spec, first - timedelta(days=1))
    total = Fraction(0)
    amount = 0
    book_value = spec.limited_cost - spec.opening_accumulated
    if spec.opening_day is not None and year_start(spec, spec.opening_day) == year_start(spec, first):
        book_value += spec.opening_current_year
    for begin, end in years(spec, spec.start, day):
        total += held_in_year(spec, begin, end, day)
        if end < first:
            continue
        now = within_life(spec, total, min(day, end))
        amount += min(spec.left - amount, half_away(book_value * rate * (now - counted)))
        counted = now
        book_value = spec.limited_cost - spec.opening_accumulated - amount
    return amount
