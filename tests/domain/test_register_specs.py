"""Readers of facts without entries, parts, tags, ledger details and sequences: what they take, and what not."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from bookvalue.domain.asset import Asset, DepreciationSettings
from bookvalue.domain.asset_fact_spec import (
    FactType,
    check_archived,
    check_asset,
    check_fact,
    day_of,
    moved_to,
    read_fact,
    type_of,
)
from bookvalue.domain.asset_facts import NO_FACTS, AssetFacts, EstimateChange, Suspension
from bookvalue.domain.asset_spec import read_asset
from bookvalue.domain.business_spec import read_number_sequence
from bookvalue.domain.disposal_spec import Part, read_disposal
from bookvalue.domain.field_readers import Fields
from bookvalue.domain.finding import Finding
from bookvalue.domain.ledger_detail import LedgerDetail, read_ledger_detail
from bookvalue.domain.tag_spec import Tag, read_tags, tags_as_raw
from bookvalue.domain.terms import AssetKind, AssetStatus, Method

VAN = Asset("van", "Van", AssetKind.VEHICLE, AssetStatus.REGISTERED, 120_000,
            DepreciationSettings(Method.STRAIGHT_LINE, life_months=12),
            depreciation_start_date=date(2026, 1, 1))  # fmt: skip
FACTS: list[tuple[FactType, dict[str, Any], date]] = [
    (FactType.ESTIMATE_CHANGE, {"date": "2026-03-01", "remaining_life_months": 5}, date(2026, 3, 1)),
    (FactType.SUSPENSION, {"from": "2026-03-02", "to": "2026-04-01"}, date(2026, 3, 2)),
    (FactType.UNITS_USED, {"period_end": "2026-03-31", "quantity": "5"}, date(2026, 3, 31)),
    (FactType.MANUAL_AMOUNT, {"date": "2026-03-03", "amount": 7}, date(2026, 3, 3)),
]


def codes(findings: list[Finding]) -> list[tuple[str | None, str]]:
    return [(one.field, one.code) for one in findings]


@pytest.mark.parametrize(("kind", "raw", "day"), FACTS)
def test_a_fact_is_read_and_moved(kind: FactType, raw: dict[str, Any], day: date) -> None:
    fact, findings = read_fact(kind, raw)
    assert fact is not None
    assert (findings, type_of(fact), day_of(fact)) == ([], kind, day)
    assert day_of(moved_to(fact, date(2026, 3, 30))) == date(2026, 3, 30)
    assert raw[kind.day_field] == day.isoformat()


def test_what_is_no_fact() -> None:
    assert codes(read_fact(FactType.SUSPENSION, 5)[1]) == [(None, "not_an_object")]
    assert codes(read_fact(FactType.SUSPENSION, {"from": "2026-03-02"})[1]) == [("to", "required")]
    found = codes(read_fact(FactType.ESTIMATE_CHANGE, {"date": "2026-03-01"})[1])
    assert found == [("remaining_life_months", "changes_nothing")]


def test_a_fact_beside_others_and_without_them() -> None:
    one, two = Suspension(date(2026, 3, 1), date(2026, 3, 31)), Suspension(date(2026, 3, 15), date(2026, 4, 15))
    assert check_fact(one, VAN, NO_FACTS) == []
    assert {code for _, code in codes(check_fact(two, VAN, AssetFacts(suspensions=(one,))))} == {"suspensions_overlap"}
    early = EstimateChange(date(2025, 12, 1), remaining_life_months=3)
    assert {code for _, code in codes(check_fact(early, VAN, NO_FACTS))} == {"before_start"}
    assert check_archived(one, VAN, NO_FACTS) == []
    facts = AssetFacts(estimate_changes=(EstimateChange(date(2026, 2, 1), residual_minor=100_000),))
    assert check_asset(VAN, VAN, facts) == []


@pytest.mark.parametrize(
    ("part", "share"),
    [
        ({"percent": "12.5"}, Fraction(1, 8)),
        ({"cost": 30_000}, Fraction(1, 4)),
        ({"units": {"disposed": "2", "of": "3"}}, Fraction(2, 3)),
    ],
)
def test_a_part_is_a_fraction(part: dict[str, Any], share: Fraction) -> None:
    read, findings = read_disposal({"date": "2026-03-01", "reason": "sold", "part": part})
    assert read is not None
    assert read.part is not None
    assert (findings, read.part.share(120_000)) == ([], share)
    assert Part(cost_minor=5).share(0) == 1


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({}, ("part", "one_part")),
        ({"percent": "1", "cost": 1}, ("part", "one_part")),
        ({"units": {"of": "3"}}, ("part.units.disposed", "required")),
        ({"units": 3}, ("part.units", "not_an_object")),
        ({"percent": "x"}, ("part.percent", "not_a_decimal")),
    ],
)
def test_what_is_no_part(part: dict[str, Any], found: tuple[str, str]) -> None:
    read, findings = read_disposal({"date": "2026-03-01", "reason": "sold", "part": part})
    assert read is None
    assert found in codes(findings)


def test_tags_are_read_in_order_of_their_keys() -> None:
    fields = Fields()
    raw = [{"key": "site", "value": "lisbon", "value_display_name": "Lisbon"}, {"key": "area", "value": "1"}]
    read = read_tags(fields, "tags", raw)
    assert read == (Tag("area", "1"), Tag("site", "lisbon", None, "Lisbon"))
    assert (read_tags(fields, "tags", tags_as_raw(read)), fields.findings) == (read, [])
    read_tags(fields, "tags", [5, {"key": "a"}, {"key": "b", "value": "1"}, {"key": "b", "value": "2"}])
    assert codes(fields.findings) == [
        ("tags.0", "not_an_object"), ("tags.1.value", "required"), ("tags.3.key", "duplicate")]  # fmt: skip
    asset, _ = read_asset(
        {"external_id": "a", "name": "A", "asset_type": "VEHICLE", "original_value": 5, "tags": raw,
         "depreciation": {"method": "none"}}, currency="EUR", defaults=None,
    )  # fmt: skip
    assert asset is not None


def test_a_ledger_detail() -> None:
    raw = {"external_id": "I", "account": "1510", "date": "2026-01-02", "amount": -5, "kind": "credit note"}
    detail = LedgerDetail("I", "1510", date(2026, 1, 2), -5, "credit note", None)
    assert read_ledger_detail(raw) == (detail, [])
    assert codes(read_ledger_detail(7)[1]) == [(None, "not_an_object")]
    assert codes(read_ledger_detail({**raw, "amount": "5"})[1]) == [("amount", "not_an_integer")]


def test_a_number_sequence() -> None:
    assert (read_number_sequence(None), read_number_sequence(7)) == ((1, []), (7, []))
    assert read_number_sequence("x")[0] is None
