"""An asset as a book sees it, and its changes in the order in which they take effect."""

from datetime import date

from bookvalue.domain.asset import Asset, BookAsset, DepreciationSettings, Opening
from bookvalue.domain.asset_facts import (
    NO_FACTS,
    AssetFacts,
    Disposal,
    EstimateChange,
    ValueChange,
    changes_in_order,
    direction,
)
from bookvalue.domain.terms import AssetKind, AssetStatus, Method, UpdateType

LINE = DepreciationSettings(Method.STRAIGHT_LINE, 60)
DAY, LATER = date(2025, 6, 1), date(2025, 6, 2)


def test_a_book_depreciates_an_asset() -> None:
    opening, facts = Opening(date(2024, 12, 31), 5), AssetFacts(disposal=Disposal(LATER))
    asset = Asset(
        "truck-1", "Truck", AssetKind.VEHICLE, AssetStatus.REGISTERED, 100, LINE, 10, 90,
        depreciation_start_date=DAY, opening=opening,
    )  # fmt: skip
    assert asset.in_book(facts) == BookAsset(LINE, 100, DAY, 10, 90, opening, facts)
    assert asset.in_book().facts is NO_FACTS


def test_on_one_day_what_raises_comes_first_and_estimates_last() -> None:
    down, up = ValueChange(DAY, UpdateType.IMPAIRMENT, 1), ValueChange(DAY, UpdateType.REVALUATION_UP, 1)
    later, estimate = ValueChange(LATER, UpdateType.IMPROVEMENT, 1), EstimateChange(DAY, 12)
    assert changes_in_order(AssetFacts((later, down, up), (estimate,))) == [up, down, estimate, later]


def test_the_type_gives_the_direction() -> None:
    assert {kind: direction(kind) for kind in UpdateType} == {
        UpdateType.DEPRECIATION_AMORTIZATION: -1, UpdateType.IMPAIRMENT: -1, UpdateType.REVALUATION_DOWN: -1,
        UpdateType.IMPROVEMENT: 1, UpdateType.REVALUATION_UP: 1,
    }  # fmt: skip
