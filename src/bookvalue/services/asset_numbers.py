"""The numbers of new assets: those that are given, else the next free ones of the business's sequence.

Runs in the caller's transaction, under the business's hold.
"""

from collections.abc import Sequence
from dataclasses import replace

from bookvalue.domain.asset import Asset
from bookvalue.storage import assets, businesses
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.unit_of_work import Connection


def numbered(connection: Connection, kept: KeptBusiness, new: Sequence[Asset]) -> list[Asset]:
    """New assets, those without a number with one of the business's sequence."""
    given = {value.number for value in new if value.number}
    numbers = iter(_draw(connection, kept, len([value for value in new if not value.number]), given))
    return [value if value.number else replace(value, number=next(numbers)) for value in new]


def _draw(connection: Connection, kept: KeptBusiness, count: int, given: set[str]) -> list[str]:
    """The next free numbers of the business's sequence: those that were given by hand are passed over."""
    free: list[str] = []
    size = count
    while len(free) < count:
        first = businesses.take_asset_numbers(connection, kept.id, size)
        drawn = [f"{kept.value.number_prefix}{number:04d}" for number in range(first, first + size)]
        taken = given | assets.taken_numbers(connection, kept.id, drawn).keys()
        for used, number in enumerate(drawn, 1):
            if number not in taken:
                free.append(number)
            if len(free) == count and used < size:
                businesses.take_asset_numbers(connection, kept.id, used - size)
            if len(free) == count:
                break
        size *= 2
    return free
