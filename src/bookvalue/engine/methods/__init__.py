"""One file a method, and the table from the enum to its function. Adding a method is one file and one line here.

A method takes a block and a day and gives what is charged since the opening by the end of that day. accumulate.py
keeps that between 0 and what the opening leaves, and drops it for rows whose first day is later.
"""

from collections.abc import Callable, Mapping

from bookvalue.domain.terms import Method
from bookvalue.engine.block import Block
from bookvalue.engine.methods.declining_balance import declining_balance
from bookvalue.engine.methods.full import full
from bookvalue.engine.methods.none import none
from bookvalue.engine.methods.straight_line import straight_line
from bookvalue.engine.register import Int64

METHODS: Mapping[Method, Callable[[Block, int], Int64]] = {
    Method.NONE: none,
    Method.FULL: full,
    Method.STRAIGHT_LINE: straight_line,
    Method.DECLINING_BALANCE: declining_balance,
}
