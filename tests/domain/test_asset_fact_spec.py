"""A fact beside the others of its asset: whose fault a finding is, and of which field it is told."""

from dataclasses import replace
from datetime import date

from bookvalue.domain.asset import Asset, DepreciationSettings
from bookvalue.domain.asset_fact_spec import FactType, check_archived, check_asset, check_fact, read_fact
from bookvalue.domain.asset_facts import AssetFacts, EstimateChange, Suspension
from bookvalue.domain.finding import Finding
from bookvalue.domain.terms import AssetKind, AssetStatus, Method

TRUCK = Asset(
    "truck-1", "Truck", AssetKind.VEHICLE, AssetStatus.REGISTERED, 120_000,
    DepreciationSettings(Method.STRAIGHT_LINE, 60), depreciation_start_date=date(2026, 1, 1),
)  # fmt: skip
LOW = EstimateChange(date(2026, 2, 1), residual_minor=20_000)
ON_IT = EstimateChange(date(2026, 6, 1), method=Method.FIXED_RATE_DECLINING, remaining_life_months=12)


def told(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(found.code, found.field) for found in findings]


def test_a_fault_in_the_facts_own_field_is_told_of_that_field() -> None:
    bare = EstimateChange(date(2026, 6, 1), method=Method.FIXED_RATE_DECLINING)
    assert ("residual_missing", "residual_value") in told(check_fact(bare, TRUCK, AssetFacts()))


def test_a_fault_that_shows_elsewhere_is_told_of_the_day_of_the_fact_or_of_the_total() -> None:
    change = EstimateChange(date(2026, 6, 1), method=Method.UNITS_OF_PRODUCTION)
    assert ("units_total_missing", "units_total") in told(check_fact(change, TRUCK, AssetFacts()))
    assert told(check_fact(LOW, TRUCK, AssetFacts(estimate_changes=(ON_IT,)))) == []
    late = replace(LOW, date=date(2026, 7, 1), residual_minor=0)
    assert told(check_fact(late, TRUCK, AssetFacts(estimate_changes=(LOW, ON_IT)))) == [
        ("residual_missing", "residual_value")
    ]


def test_what_was_wrong_before_is_not_told_again() -> None:
    known = AssetFacts(estimate_changes=(ON_IT,))
    fits = Suspension(date(2026, 9, 1), date(2026, 9, 30))
    assert check_fact(fits, TRUCK, known) == []
    assert check_asset(TRUCK, replace(TRUCK, name="Lorry"), known) == []


def test_a_change_that_stood_on_another_one_is_told_once_that_is_archived() -> None:
    assert check_fact(ON_IT, TRUCK, AssetFacts(estimate_changes=(LOW,))) == []
    assert told(check_archived(LOW, TRUCK, AssetFacts(estimate_changes=(ON_IT,)))) == [("residual_missing", "date")]


def test_an_asset_that_is_changed_is_held_against_its_facts() -> None:
    facts = AssetFacts(estimate_changes=(ON_IT,))
    before = replace(TRUCK, residual_minor=20_000)
    assert told(check_asset(before, TRUCK, facts)) == [("residual_missing", "estimate_changes.0.residual_value")]


def test_what_is_no_object_and_what_changes_nothing() -> None:
    assert told(read_fact(FactType.SUSPENSION, [])[1]) == [("not_an_object", None)]
    nothing = read_fact(FactType.ESTIMATE_CHANGE, {"date": "2026-06-01"})[1]
    assert told(nothing) == [("changes_nothing", "remaining_life_months")]
