"""A part of an asset that leaves the books: one exact fraction of cost and accumulated depreciation (SEMANTICS 6).

The rest depreciates on as after a decrease by the book value of the part, with its share of the residual value.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from bookvalue.domain.disposal_spec import Part
from bookvalue.domain.finding import finding
from bookvalue.domain.terms import Averaging
from bookvalue.engine.register import NOT_GIVEN
from bookvalue.ledger.derecognition import Carried, rounded
from bookvalue.services.asset_at_hand import AssetAtHand
from bookvalue.services.findings import refuse
from bookvalue.storage.register_reader import read_positions
from bookvalue.storage.unit_of_work import Connection

_BY_DAYS = (Averaging.ACTUAL_DAYS, Averaging.DAYS_360, Averaging.PARTIAL_MONTH_BY_DAYS)
"""Where the day of the disposal still counts: the rest depreciates apart from the day after."""


@dataclass(frozen=True, slots=True)
class PartGone:
    """The fraction that goes, from when the rest depreciates by itself, and the residual value of the rest."""

    share: Fraction
    day: date
    residual_minor: int

    def columns(self, gone: Carried) -> dict[str, Any]:
        """What the disposal's row keeps of it. gone: what the part takes along."""
        return {
            "share_numerator": self.share.numerator,
            "share_denominator": self.share.denominator,
            "part_day": self.day,
            "residual_minor": self.residual_minor,
            "capitalised_minor": gone.capitalised_minor,
        }


def part_of(connection: Connection, asset: AssetAtHand, part: Part, carried: Carried, day: date) -> PartGone:
    """The part of an asset that goes on a day, of what the books carry of it. Raises InvalidInput."""
    share = part.share(carried.cost_minor)
    if asset.value.cost_limit_minor is not None:
        raise refuse([finding("part_of_limited_cost", "part")])
    if share >= 1:
        raise refuse([finding("part_is_the_whole", "part", str(share))])
    return PartGone(share, _rest_from(asset, day), rounded(_residual(connection, asset, day) * (1 - share)))


def _rest_from(asset: AssetAtHand, day: date) -> date:
    """The day of a change that counts from where the depreciation up to a disposal on this day ends."""
    averaging = asset.value.settings.averaging
    if averaging is Averaging.FOLLOWING_MONTH:  # the month of a disposal does not count, but a change in it waits
        return asset.register.business.value.fiscal_calendar.period_of(day).start - timedelta(days=1)
    return day + timedelta(days=1) if averaging in _BY_DAYS else day


def _residual(connection: Connection, asset: AssetAtHand, day: date) -> int:
    """The residual value in force once the asset is disposed of on a day, after which nothing changes it."""
    business = asset.register.business
    calendar = business.value.fiscal_calendar
    start = calendar.period_of(day).start
    register = read_positions(connection, business.id, business.book_id, start, calendar, [asset.id]).register
    changes = register.changes
    given = changes.residual_minor[changes.residual_minor != NOT_GIVEN]
    return int(given[-1] if len(given) else register.residual_minor[0])
