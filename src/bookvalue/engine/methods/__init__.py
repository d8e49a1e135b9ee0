"""One file a method, and the table from the enum to its function. Adding a method is one file and one line here.

A method takes a block and says what its charge goes by; walk.py takes it through time, and accumulate.py keeps what
comes out between nothing and what the opening leaves.
"""

from collections.abc import Callable, Mapping

from bookvalue.domain.terms import Method
from bookvalue.engine.block import Block
from bookvalue.engine.course import Course
from bookvalue.engine.methods.declining_balance import declining_balance
from bookvalue.engine.methods.full import full
from bookvalue.engine.methods.manual import manual
from bookvalue.engine.methods.none import none
from bookvalue.engine.methods.straight_line import straight_line
from bookvalue.engine.methods.sum_of_years_digits import sum_of_years_digits
from bookvalue.engine.methods.units_of_production import units_of_production

COURSES: Mapping[Method, Callable[[Block], Course]] = {
    Method.NONE: none,
    Method.FULL: full,
    Method.STRAIGHT_LINE: straight_line,
    Method.DECLINING_BALANCE: declining_balance,
    Method.FIXED_RATE_DECLINING: declining_balance,
    Method.SUM_OF_YEARS_DIGITS: sum_of_years_digits,
    Method.UNITS_OF_PRODUCTION: units_of_production,
    Method.MANUAL: manual,
}
