"""sum_of_years_digits: n parts in the first asset year, n - 1 in the second, 1 in the last.

Asset years are years of the averaging rule's time, spread evenly; a life that is not whole years has a shorter last
one, with its whole digit. Weights that an opening or a change has passed are passed, and the rest is rescaled.
"""

import numpy as np

from bookvalue.engine.block import Block
from bookvalue.engine.course import Course
from bookvalue.engine.register import Int64


def sum_of_years_digits(block: Block) -> Course:
    """What is left x weights passed since / weights left (SEMANTICS section 2, with its corner)."""
    parts = block.segments
    year = parts.year_parts
    first = parts.digits_from * parts.year_split
    life = np.maximum(parts.whole * parts.year_split - first, 1)
    years = -(-life // year)
    last = life - (years - 1) * year
    common = np.gcd(year, last)
    last, scale = last // common, year // common

    def weight(held: Int64) -> Int64:
        """The digits of what is held, in units of 1 / (year x last)."""
        time = np.minimum(np.maximum(held * parts.year_split - first, 0), life)
        passed = np.minimum(time // year, years - 1)
        into = time - passed * year
        digits = passed * years - passed * (passed - 1) // 2
        rate = np.where(passed == years - 1, scale, (years - passed) * last)
        weights: Int64 = digits * year * last + into * rate
        return weights

    begins, ends = weight(parts.before), weight(parts.whole)
    left = np.maximum(ends - begins, 1)
    room = parts.room()
    return Course(
        lambda day: weight(block.held(day)), begins, ends, room, room * 0 + 1, left, exhausts=True, one=year * last
    )
