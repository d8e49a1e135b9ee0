"""What an asset, its settings and its opening balance are, as plain values in minor units.

Whoever makes one of these has checked it (asset_spec.py); nothing here reads raw input.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bookvalue.domain.asset_facts import NO_FACTS, AssetFacts
from bookvalue.domain.tag_spec import Tag
from bookvalue.domain.terms import (
    AssetKind,
    AssetStatus,
    Averaging,
    ChangePolicy,
    DayBasis,
    DecliningBase,
    DecliningWithinYear,
    EndOfLife,
    Method,
    Rounding,
    StraightLineBase,
)

MICRO = 1_000_000
"""Factors and quantities are kept as integers: millionths of a factor, of a unit."""
NANO = 1_000_000_000
"""Rates too: billionths of a percent, the finest that the engine's int64 products leave room for."""


@dataclass(frozen=True, slots=True)
class DepreciationSettings:
    """How an asset depreciates in one book (SEMANTICS section 2, the defaults too). Equal settings are equal values.

    life_months: whole months, or None. rate_nanopercent: percent a year x 10^9, or None; never both.
    declining_factor_micro: factor x 10^6, used by a declining balance with a life. rate_places: decimals of the rate
    that `fixed_rate_declining` derives.
    """

    method: Method
    life_months: int | None = None
    rate_nanopercent: int | None = None
    declining_factor_micro: int = 2 * MICRO
    averaging: Averaging = Averaging.FULL_MONTH
    day_basis: DayBasis = DayBasis.DAYS_365
    rate_places: int = 9
    declining_base: DecliningBase = DecliningBase.GROSS
    declining_within_year: DecliningWithinYear = DecliningWithinYear.EVEN
    end_of_life: EndOfLife = EndOfLife.LEAVE
    switch_to_straight_line: bool = False
    straight_line_base: StraightLineBase = StraightLineBase.DEPRECIABLE
    rounding: Rounding = Rounding.CUMULATIVE
    change_policy: ChangePolicy = ChangePolicy.REMAINING_LIFE


@dataclass(frozen=True, slots=True)
class Opening:
    """What had been depreciated, elsewhere, by the end of `as_of`; `current_year_minor` is the running year's part."""

    as_of: date
    accumulated_minor: int
    current_year_minor: int = 0


@dataclass(frozen=True, slots=True)
class BookAsset:
    """An asset as one book depreciates it: all that the engine asks of it, and nothing else.

    start: the first day of depreciation, or None where it has none yet.
    """

    settings: DepreciationSettings
    cost_minor: int
    start: date | None
    residual_minor: int = 0
    cost_limit_minor: int | None = None
    opening: Opening | None = None
    facts: AssetFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset as the register keeps it. Account fields name an account of the business's chart, or None.

    units_total_micro: the units that it will give in its whole life, in millionths, or None.
    tags: None says nothing of them: they stay as they are. tags_from: the day from which they count, where one is
    given; an asset that is kept has none. acquisition_counter_account: what paid for it, where
    registering it posts its cost. accumulated_impairment_account: what impairments credit, instead of the ledger
    account.
    """

    external_id: str
    name: str
    kind: AssetKind
    status: AssetStatus
    cost_minor: int
    settings: DepreciationSettings
    residual_minor: int = 0
    cost_limit_minor: int | None = None
    units_total_micro: int | None = None
    purchase_date: date | None = None
    depreciation_start_date: date | None = None
    opening: Opening | None = None
    number: str | None = None
    asset_type: str | None = None
    ledger_account: str | None = None
    accumulated_depreciation_account: str | None = None
    depreciation_expense_account: str | None = None
    description: str | None = None
    serial_number: str | None = None
    warranty_expiry_date: date | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    tags: tuple[Tag, ...] | None = None
    tags_from: date | None = None
    acquisition_counter_account: str | None = None
    accumulated_impairment_account: str | None = None

    def in_book(self, facts: AssetFacts = NO_FACTS) -> BookAsset:
        """What a book depreciates of it."""
        return BookAsset(
            settings=self.settings,
            cost_minor=self.cost_minor,
            start=self.depreciation_start_date,
            residual_minor=self.residual_minor,
            cost_limit_minor=self.cost_limit_minor,
            opening=self.opening,
            facts=facts,
        )
