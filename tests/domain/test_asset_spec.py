"""read_asset: what is taken, what is refused, with which code, on which path."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookvalue.domain.asset import DepreciationSettings, Opening
from bookvalue.domain.asset_spec import ASSET_READERS, read_asset
from bookvalue.domain.book_asset_spec import OPENING_READERS
from bookvalue.domain.settings_spec import SETTINGS_READERS
from bookvalue.domain.terms import AssetKind, AssetStatus, Averaging, Method

TRUCK: dict[str, Any] = {
    "external_id": "truck-1",
    "name": "Ford Transit",
    "asset_type": "VEHICLE",
    "purchase_date": "2024-01-15",
    "original_value": 4000000,
    "depreciation": {"method": "straight_line", "life_months": 60},
}
HALF_LEFT = DepreciationSettings(Method.DECLINING_BALANCE, 60, None, 1_500_000, Averaging.ACTUAL_DAYS)


def codes(raw: Any, currency: str = "EUR", defaults: DepreciationSettings | None = None) -> list[tuple[str, Any]]:
    asset, findings = read_asset(raw, currency=currency, defaults=defaults)
    assert (asset is None) == bool(findings)
    return [(found.code, found.field) for found in findings]


def with_(**changes: Any) -> dict[str, Any]:
    return {**TRUCK, **changes}


def test_a_whole_asset() -> None:
    raw = with_(
        asset_type_id="Vans", status="draft", number="FA-1", currency="EUR", salvage_value=100, cost_limit=3000000,
        depreciation_start_date="2024-02-01", ledger_account="VEHICLES", accumulated_depreciation_account="1610",
        depreciation_expense_account="DEPRECIATION", accumulated_impairment_account="1700", description="",
        serial_number="S1",
        warranty_expiry_date="2027-01-01", metadata={"a": [1, None, 1.5, True, {"b": "c"}]},
        opening={"as_of": "2024-12-31", "accumulated": 800000, "current_year": 200000},
        depreciation={"method": "declining_balance", "rate_percent": "33.333333", "averaging": "actual_days"},
    )  # fmt: skip
    asset, findings = read_asset(raw, currency="EUR", defaults=None)
    assert findings == []
    assert asset is not None
    assert asset.kind is AssetKind.VEHICLE
    assert asset.status is AssetStatus.DRAFT
    assert (asset.cost_minor, asset.residual_minor, asset.cost_limit_minor) == (4000000, 100, 3000000)
    assert asset.settings == DepreciationSettings(
        Method.DECLINING_BALANCE, None, 33_333_333_000, averaging=Averaging.ACTUAL_DAYS
    )
    assert asset.opening == Opening(date(2024, 12, 31), 800000, 200000)
    assert (asset.purchase_date, asset.depreciation_start_date) == (date(2024, 1, 15), date(2024, 2, 1))
    assert (asset.asset_type, asset.number, asset.description, asset.serial_number) == ("Vans", "FA-1", None, "S1")
    assert asset.metadata == raw["metadata"]
    assert (asset.ledger_account, asset.accumulated_impairment_account) == ("VEHICLES", "1700")


def test_defaults_of_what_is_left_out_or_null() -> None:
    nothing = dict.fromkeys(ASSET_READERS)
    asset, findings = read_asset({**nothing, **TRUCK}, currency="EUR", defaults=None)
    assert findings == []
    assert asset is not None
    assert asset.status is AssetStatus.REGISTERED
    assert asset.depreciation_start_date == date(2024, 1, 15)
    assert asset.settings == DepreciationSettings(Method.STRAIGHT_LINE, 60)
    assert (asset.residual_minor, asset.cost_limit_minor, asset.opening, asset.metadata) == (0, None, None, {})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"external_id": None}, ("required", "external_id")),
        ({"name": "  "}, ("required", "name")),
        ({"name": 5}, ("not_text", "name")),
        ({"name": "x" * 501}, ("text_too_long", "name")),
        ({"name": "a\0"}, ("text_not_allowed", "name")),
        ({"serial_number": "\ud800"}, ("text_not_allowed", "serial_number")),
        ({"colour": "red"}, ("unknown_field", "colour")),
        ({"col\0our": None}, ("unknown_field", "col\\u0000our")),
        ({"asset_type": "BOAT"}, ("not_one_of", "asset_type")),
        ({"asset_type": ["VEHICLE"]}, ("not_one_of", "asset_type")),
        ({"status": "gone"}, ("not_one_of", "status")),
        ({"original_value": True}, ("not_an_integer", "original_value")),
        ({"original_value": 4000000.0}, ("not_an_integer", "original_value")),
        ({"original_value": "4000000"}, ("not_an_integer", "original_value")),
        ({"original_value": None}, ("required", "original_value")),
        ({"original_value": -1}, ("amount_negative", "original_value")),
        ({"original_value": 10**15 + 1}, ("amount_out_of_range", "original_value")),
        ({"original_value": 10**5000}, ("amount_out_of_range", "original_value")),
        ({"cost_limit": -1}, ("amount_negative", "cost_limit")),
        ({"salvage_value": 4000001}, ("residual_above_cost", "salvage_value")),
        ({"salvage_value": 5, "cost_limit": 4}, ("residual_above_cost", "salvage_value")),
        ({"purchase_date": "2024-02-30"}, ("not_a_date", "purchase_date")),
        ({"purchase_date": "20240201"}, ("not_a_date", "purchase_date")),
        ({"purchase_date": "1899-12-31"}, ("not_a_date", "purchase_date")),
        ({"purchase_date": "2201-01-01"}, ("not_a_date", "purchase_date")),
        ({"purchase_date": 20240201}, ("not_a_date", "purchase_date")),
        ({"depreciation_start_date": "2024-01-14"}, ("start_before_purchase", "depreciation_start_date")),
        ({"depreciation_start_date": "soon", "opening": {"as_of": "2000-01-01", "accumulated": 0}},
         ("not_a_date", "depreciation_start_date")),
        ({"purchase_date": None}, ("start_missing", "depreciation_start_date")),
        ({"currency": "USD"}, ("currency_mismatch", "currency")),
        ({"currency": 978}, ("not_text", "currency")),
        ({"metadata": [1]}, ("not_an_object", "metadata")),
        ({"metadata": {"a": "\0"}}, ("not_storable", "metadata")),
        ({"metadata": {"a": float("nan")}}, ("not_storable", "metadata")),
        ({"metadata": {"a": 10**2000}}, ("not_storable", "metadata")),
        ({"metadata": {"a": {1, 2}}}, ("not_storable", "metadata")),
        ({"opening": 5}, ("not_an_object", "opening")),
        ({"opening": {"as_of": "2024-12-31"}}, ("opening_incomplete", "opening.accumulated")),
        ({"opening": {"accumulated": 5}}, ("opening_incomplete", "opening.as_of")),
        ({"opening": {"as_of": "2024-12-31", "accumulated": 4000001}},
         ("opening_above_depreciable", "opening.accumulated")),
        ({"opening": {"as_of": "2024-12-31", "accumulated": 91}, "cost_limit": 100, "salvage_value": 10},
         ("opening_above_depreciable", "opening.accumulated")),
        ({"opening": {"as_of": "2024-12-31", "accumulated": 4, "current_year": 5}},
         ("opening_current_year_above_accumulated", "opening.current_year")),
        ({"opening": {"as_of": "2024-01-13", "accumulated": 4}}, ("opening_before_start", "opening.as_of")),
        ({"opening": {"as_of": "2024-12-31", "accumulated": 4, "until": 5}}, ("unknown_field", "opening.until")),
        ({"useful_life_months": 0, "depreciation": None}, ("life_out_of_range", "useful_life_months")),
        ({"useful_life_months": True, "depreciation": None}, ("not_an_integer", "useful_life_months")),
        ({"useful_life_months": 48}, ("life_contradicts", "useful_life_months")),
        ({"useful_life_months": 60.0}, ("life_contradicts", "useful_life_months")),
        ({"useful_life_months": 0, "depreciation": {"method": "full"}}, ("life_out_of_range", "useful_life_months")),
        ({"depreciation": {"method": "fixed_rate_declining", "life_months": 60}},
         ("residual_missing", "salvage_value")),
        ({"depreciation": {"method": "fixed_rate_declining", "life_months": 60}, "salvage_value": 0},
         ("residual_missing", "salvage_value")),
        ({"depreciation": {"method": "fixed_rate_declining", "life_months": 60}, "salvage_value": -1},
         ("amount_negative", "salvage_value")),
        ({"useful_life_months": 48, "depreciation": {"rate_percent": "20"}}, ("life_and_rate", "useful_life_months")),
        ({"depreciation": None}, ("required", "depreciation.method")),
        ({"depreciation": "straight_line"}, ("not_an_object", "depreciation")),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert codes(with_(**changes)) == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        {"opening": {"as_of": "2024-01-14", "accumulated": 0}},  # the day before the start
        {"opening": {"as_of": "2024-12-31", "accumulated": 4000000, "current_year": 4000000}},
        {"salvage_value": 4000000},
        {"original_value": 0},
        {"original_value": 10**15},
        {"useful_life_months": 60},
        {"useful_life_months": 48, "depreciation": {"method": "straight_line"}},
        {"useful_life_months": 48, "depreciation": None},
        {"useful_life_months": 48, "depreciation": {"method": "full"}},
        {"useful_life_months": 60, "depreciation": {"profile": "irs_macrs_half_year"}},
        {"depreciation": {"method": "fixed_rate_declining", "life_months": 60}, "salvage_value": 1},
        {"purchase_date": None, "depreciation": {"method": "none"}},
        {"purchase_date": None, "status": "draft"},
        {"purchase_date": None, "depreciation_start_date": "2024-02-29"},
        {"purchase_date": "1900-01-01"},
        {"purchase_date": "2200-12-31"},
    ],
)
def test_the_edges_are_taken(changes: dict[str, Any]) -> None:
    assert codes(with_(**changes)) == []


def test_all_faults_at_once_with_their_values() -> None:
    raw = {"original_value": "1", "purchase_date": "x", "depreciation": {"method": "magic", "life_months": 0}, "x": 1.5}
    _, findings = read_asset(raw, currency="EUR", defaults=None)
    assert {(found.code, found.field, found.value) for found in findings} == {
        ("not_an_integer", "original_value", "1"),
        ("not_a_date", "purchase_date", "x"),
        ("unknown_field", "x", 1.5),
        ("required", "external_id", None),
        ("required", "name", None),
        ("required", "asset_type", None),
        ("unknown_method", "depreciation.method", "magic"),
        ("life_out_of_range", "depreciation.life_months", 0),
    }


def test_a_value_is_shown_as_every_store_takes_it() -> None:
    given_values = {
        "name": "x" * 501, "number": {"a": 1}, "description": [1], "external_id": "a\ud800", "asset_type": (1,),
        "status": float("inf"), "original_value": 1 << 200, "currency": b"EUR", "cost_limit": True,
    }  # fmt: skip
    _, findings = read_asset(given_values, currency="EUR", defaults=DepreciationSettings(Method.NONE))
    assert {found.field: found.value for found in findings} == {
        "name": "x" * 99 + "…", "number": "an object", "description": "a list", "external_id": "a\\ud800",
        "asset_type": "a list", "status": "inf", "original_value": "a very large number", "currency": "bytes",
        "cost_limit": True,
    }  # fmt: skip


def test_no_object_at_all() -> None:
    assert codes([1]) == [("not_an_object", None)]


def test_metadata_has_a_depth_that_ends() -> None:
    def nested(levels: int) -> Any:
        return 1 if levels == 0 else {"a": nested(levels - 1)}

    assert codes(with_(metadata=nested(31))) == []
    assert codes(with_(metadata=nested(33))) == [("not_storable", "metadata")]


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str)
    | st.sampled_from(["straight_line", "declining_balance", "full", "none", "VEHICLE", "20", "EUR", 60, 10**15])
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)


def objects(names: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(names)) | st.text(max_size=3), anything, max_size=6)


@settings(max_examples=300, deadline=None)
@given(objects(ASSET_READERS), objects(SETTINGS_READERS) | anything, objects(OPENING_READERS) | anything, st.booleans())
def test_any_object_gives_an_asset_or_findings(raw: Any, own: Any, opening: Any, on_top: bool) -> None:
    raw = {**(TRUCK if on_top else {}), **raw, "depreciation": own, "opening": opening}
    for defaults in (None, HALF_LEFT):
        asset, findings = read_asset(raw, currency="EUR", defaults=defaults)
        assert (asset is None) == bool(findings)
        for found in findings:
            str(found.as_dict()).encode()


@given(anything)
def test_anything_else_gives_findings(raw: Any) -> None:
    asset, findings = read_asset(raw, currency="EUR", defaults=None)
    assert asset is None
    assert findings
