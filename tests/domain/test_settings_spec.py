"""read_settings: which settings are taken, refused or dropped, and what profiles and defaults fill in."""

from dataclasses import replace
from typing import Any

import pytest

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.profiles import PROFILES
from bookvalue.domain.settings_spec import KEPT_AS, SETTINGS_READERS, read_settings, with_defaults
from bookvalue.domain.terms import (
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

LIFE = {"life_months": 60}
RATE = {"rate_percent": "20"}
HALF_LEFT = DepreciationSettings(Method.DECLINING_BALANCE, 60, None, 1_500_000, Averaging.ACTUAL_DAYS)
# every setting at another value than its default
OTHERS: dict[str, Any] = {
    "declining_factor": "1.5",
    "rate_places": 3,
    "declining_base": "net_of_residual",
    "declining_within_year": "compound",
    "end_of_life": "true_up",
    "switch_to_straight_line": True,
    "straight_line_base": "cost",
    "averaging": "actual_days",
    "day_basis": "actual",
    "rounding": "per_period",
    "change_policy": "current_period",
}


def test_no_object_at_all() -> None:
    settings, findings = read_settings(5, "depreciation", None)  # type: ignore[arg-type]
    assert settings is None
    assert [(found.code, found.field) for found in findings] == [("not_an_object", "depreciation")]


def test_every_setting_has_a_reader() -> None:
    attributes = {KEPT_AS.get(name, name) for name in SETTINGS_READERS} - {"profile"}
    assert attributes == set(DepreciationSettings.__dataclass_fields__)
    assert {*OTHERS, *LIFE, *RATE, "method", "profile"} == set(SETTINGS_READERS)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, ("required", "method")),
        ({"profile": "quicken"}, ("unknown_profile", "profile")),
        ({"profile": ["layer"], **LIFE}, ("unknown_profile", "profile")),
        ({"profile": "layer"}, ("life_or_rate_missing", "life_months")),
        ({"profile": "layer", "method": "magic", **LIFE}, ("unknown_method", "method")),
        ({"profile": "irs_macrs_half_year", **RATE}, ("setting_needs_life", "switch_to_straight_line")),
        ({"method": "reducing"}, ("unknown_method", "method")),
        ({"method": 5}, ("unknown_method", "method")),
        ({"method": "straight_line"}, ("life_or_rate_missing", "life_months")),
        ({"method": "declining_balance"}, ("life_or_rate_missing", "life_months")),
        ({"method": "sum_of_years_digits"}, ("life_missing", "life_months")),
        ({"method": "sum_of_years_digits", **RATE}, ("life_missing", "life_months")),
        ({"method": "fixed_rate_declining", **RATE}, ("life_missing", "life_months")),
        ({"method": "straight_line", **LIFE, **RATE}, ("life_and_rate", "life_months")),
        ({"method": "sum_of_years_digits", **LIFE, **RATE}, ("life_and_rate", "life_months")),
        ({"method": "manual", **LIFE, **RATE}, ("life_and_rate", "life_months")),
        ({"method": "straight_line", "life_months": 0}, ("life_out_of_range", "life_months")),
        ({"method": "straight_line", "life_months": 1201}, ("life_out_of_range", "life_months")),
        ({"method": "straight_line", "life_months": "60"}, ("not_an_integer", "life_months")),
        ({"method": "straight_line", "rate_percent": 20}, ("not_a_decimal", "rate_percent")),
        ({"method": "straight_line", "rate_percent": 20.5}, ("not_a_decimal", "rate_percent")),
        ({"method": "straight_line", "rate_percent": "1e2"}, ("not_a_decimal", "rate_percent")),
        ({"method": "straight_line", "rate_percent": "٢٠"}, ("not_a_decimal", "rate_percent")),
        ({"method": "straight_line", "rate_percent": "0"}, ("rate_out_of_range", "rate_percent")),
        ({"method": "straight_line", "rate_percent": "-20"}, ("rate_out_of_range", "rate_percent")),
        ({"method": "straight_line", "rate_percent": "1000.000000001"}, ("rate_out_of_range", "rate_percent")),
        ({"method": "straight_line", "rate_percent": "33.3333333333"}, ("too_many_decimals", "rate_percent")),
        ({"method": "declining_balance", **LIFE, "declining_factor": "100.1"},
         ("factor_out_of_range", "declining_factor")),
        ({"method": "declining_balance", **LIFE, "rate_places": 0}, ("rate_places_out_of_range", "rate_places")),
        ({"method": "declining_balance", **LIFE, "rate_places": 10}, ("rate_places_out_of_range", "rate_places")),
        ({"method": "declining_balance", **LIFE, "rate_places": "9"}, ("not_an_integer", "rate_places")),
        ({"method": "declining_balance", **LIFE, "averaging": "half_a_year"}, ("unknown_averaging", "averaging")),
        ({"method": "declining_balance", **LIFE, "day_basis": "364"}, ("not_one_of", "day_basis")),
        ({"method": "declining_balance", **LIFE, "day_basis": 10**5000}, ("not_one_of", "day_basis")),
        ({"method": "declining_balance", **LIFE, "day_basis": -(10**5000)}, ("not_one_of", "day_basis")),
        ({"method": "declining_balance", **LIFE, "day_basis": True}, ("not_one_of", "day_basis")),
        ({"method": "declining_balance", **LIFE, "switch_to_straight_line": 1},
         ("not_a_boolean", "switch_to_straight_line")),
        ({"method": "declining_balance", **LIFE, "salvage": 1}, ("unknown_field", "salvage")),
        ({"method": "declining_balance", **RATE, "switch_to_straight_line": True},
         ("setting_needs_life", "switch_to_straight_line")),
        ({"method": "declining_balance", **RATE, "end_of_life": "true_up"}, ("setting_needs_life", "end_of_life")),
        ({"method": "declining_balance", **RATE, "averaging": "actual_days", "day_basis": "life"},
         ("setting_needs_life", "day_basis")),
        ({"method": "straight_line", **RATE, "averaging": "actual_days", "day_basis": "life"},
         ("setting_needs_life", "day_basis")),
        ({"method": "declining_balance", "life_months": 0, **RATE, "end_of_life": "true_up"},
         ("life_out_of_range", "life_months")),
        ({"method": "full", "declining_factor": "0"}, ("factor_out_of_range", "declining_factor")),
        ({"method": "none", "life_months": 0}, ("life_out_of_range", "life_months")),
    ],
)  # fmt: skip
def test_settings_refused(raw: dict[str, Any], expected: tuple[str, str]) -> None:
    for path in ("", "settings"):
        settings_read, findings = read_settings(raw, path, None)
        assert settings_read is None
        assert [(found.code, found.field) for found in findings] == [(expected[0], f"{path}.{expected[1]}".strip("."))]


def test_a_rate_too_fine_is_told_how_fine_it_may_be() -> None:
    _, (found,) = read_settings({"method": "straight_line", "rate_percent": "33.3333333333"}, "", None)
    assert "a rate has at most 9 decimals" in found.remedy


def test_each_setting_that_a_rate_cannot_have_is_named() -> None:
    _, findings = read_settings({"method": "declining_balance", **RATE, **OTHERS, "day_basis": "life"}, "", None)
    assert [(found.field, found.value) for found in findings] == [
        ("switch_to_straight_line", True), ("end_of_life", "true_up"), ("day_basis", "life")]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, HALF_LEFT),
        ({"life_months": 24}, DepreciationSettings(Method.DECLINING_BALANCE, 24, None, 1_500_000, HALF_LEFT.averaging)),
        ({"rate_percent": "+20.50"},
         DepreciationSettings(Method.DECLINING_BALANCE, None, 20_500_000_000, 1_500_000, HALF_LEFT.averaging)),
        ({"rate_percent": "33.33333333300"},
         DepreciationSettings(Method.DECLINING_BALANCE, None, 33_333_333_333, 1_500_000, HALF_LEFT.averaging)),
        ({"method": "straight_line", "rate_percent": "0.000000001"},
         DepreciationSettings(Method.STRAIGHT_LINE, None, 1, averaging=HALF_LEFT.averaging)),
        ({"method": "straight_line", "rate_percent": "1000"},
         DepreciationSettings(Method.STRAIGHT_LINE, None, 10**12, averaging=HALF_LEFT.averaging)),
        ({"method": "straight_line"}, DepreciationSettings(Method.STRAIGHT_LINE, 60, averaging=HALF_LEFT.averaging)),
        ({"method": "full", "averaging": "full_month"}, DepreciationSettings(Method.FULL)),
        ({"method": "none"}, DepreciationSettings(Method.NONE)),
        ({"declining_factor": "0.000001"},
         DepreciationSettings(Method.DECLINING_BALANCE, 60, None, 1, HALF_LEFT.averaging)),
        ({"profile": "layer"}, DepreciationSettings(Method.STRAIGHT_LINE, 60)),
        ({"profile": "layer", "averaging": "days_360"},
         DepreciationSettings(Method.STRAIGHT_LINE, 60, averaging=Averaging.DAYS_360)),
        ({"profile": "xero_actual_days", "method": "declining_balance"},
         DepreciationSettings(Method.DECLINING_BALANCE, 60, None, 1_500_000, Averaging.ACTUAL_DAYS, DayBasis.ACTUAL,
                              declining_base=DecliningBase.NET_OF_RESIDUAL)),
    ],
)  # fmt: skip
def test_settings_lie_over_a_profile_and_that_over_defaults(
    raw: dict[str, Any], expected: DepreciationSettings
) -> None:
    assert read_settings(raw, "depreciation", HALF_LEFT) == (expected, [])


def test_every_setting_can_be_given_its_default_again() -> None:
    settings_read, _ = read_settings({"method": "declining_balance", **LIFE, **OTHERS}, "", None)
    assert settings_read is not None
    plain = DepreciationSettings(Method.DECLINING_BALANCE)
    for name in SETTINGS_READERS.keys() - {"method", "profile"}:
        attribute = KEPT_AS.get(name, name)
        expected = replace(settings_read, **{attribute: getattr(plain, attribute)})
        assert with_defaults(settings_read, [name]) == expected
    assert with_defaults(settings_read, SETTINGS_READERS) == plain
    assert with_defaults(settings_read, ["method", "profile", "rate_nanopercent", "wheels"]) == settings_read


def test_a_method_that_is_refused_does_not_fall_back_on_the_default() -> None:
    settings_read, findings = read_settings({"method": "magic"}, "", HALF_LEFT)
    assert settings_read is None
    assert [found.code for found in findings] == ["unknown_method"]


TIMED = {"averaging": Averaging.ACTUAL_DAYS, "day_basis": DayBasis.ACTUAL, "rounding": Rounding.PER_PERIOD,
             "change_policy": ChangePolicy.CURRENT_PERIOD}  # fmt: skip
DECLINING = {"declining_base": DecliningBase.NET_OF_RESIDUAL, "declining_within_year": DecliningWithinYear.COMPOUND,
                 "end_of_life": EndOfLife.TRUE_UP, "switch_to_straight_line": True}  # fmt: skip
UNTIMED = {"averaging": Averaging.ACTUAL_DAYS, "change_policy": ChangePolicy.CURRENT_PERIOD}
KEPT: dict[Method, dict[str, Any]] = {
    Method.NONE: {},
    Method.FULL: UNTIMED,
    Method.MANUAL: UNTIMED,
    Method.UNITS_OF_PRODUCTION: {**UNTIMED, "rounding": Rounding.PER_PERIOD},
    Method.STRAIGHT_LINE: {"life_months": 60, "straight_line_base": StraightLineBase.COST, **TIMED},
    Method.DECLINING_BALANCE: {"life_months": 60, "declining_factor_micro": 1_500_000, **DECLINING, **TIMED},
    Method.FIXED_RATE_DECLINING: {"life_months": 60, "rate_places": 3, **DECLINING, **TIMED},
    Method.SUM_OF_YEARS_DIGITS: {"life_months": 60, **TIMED},
}


@pytest.mark.parametrize("method", Method)
def test_what_a_method_has_no_use_for_is_taken_and_dropped(method: Method) -> None:
    raw = {"method": method.value, **LIFE, **OTHERS}
    assert read_settings(raw, "", None) == (DepreciationSettings(method=method, **KEPT[method]), [])


def test_a_day_basis_is_of_actual_days_alone() -> None:
    raw = {"method": "straight_line", **RATE, "averaging": "half_month", "day_basis": "life"}
    expected = DepreciationSettings(Method.STRAIGHT_LINE, None, 20_000_000_000, averaging=Averaging.HALF_MONTH)
    assert read_settings(raw, "", None) == (expected, [])


@pytest.mark.parametrize("given", ["360", 360])
def test_a_day_basis_may_come_as_a_number(given: Any) -> None:
    raw = {"method": "straight_line", **LIFE, "averaging": "actual_days", "day_basis": given}
    settings, _ = read_settings(raw, "", None)
    assert settings is not None
    assert settings.day_basis is DayBasis.DAYS_360


def test_what_a_later_method_uses_is_kept() -> None:
    raw = {"method": "manual", **LIFE, **OTHERS}
    settings, findings = read_settings(raw, "", None, [Method.DECLINING_BALANCE])
    assert findings == []
    assert settings == DepreciationSettings(method=Method.MANUAL, **KEPT[Method.DECLINING_BALANCE])


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_needs_a_life_and_nothing_else(name: str) -> None:
    settings, findings = read_settings({"profile": name, **LIFE}, "", None)
    assert findings == []
    assert settings is not None
    assert settings.life_months == 60


@pytest.mark.parametrize(
    ("life", "own", "factor"),
    [
        (36, {}, 2_000_000),
        (120, {}, 2_000_000),
        (121, {}, 1_500_000),
        (240, {}, 1_500_000),
        (240, {"declining_factor": "2"}, 2_000_000),
        (36, {"declining_factor": "1"}, 1_000_000),
    ],
)
def test_macrs_declines_slower_over_a_long_life(life: int, own: dict[str, Any], factor: int) -> None:
    for profile, averaging in (
        ("irs_macrs_half_year", Averaging.HALF_YEAR),
        ("irs_macrs_mid_quarter", Averaging.MID_QUARTER),
    ):
        for given, defaults in (
            ({"life_months": life}, None),
            ({}, DepreciationSettings(Method.STRAIGHT_LINE, life)),
        ):
            settings, _ = read_settings({"profile": profile, **given, **own}, "", defaults)
            assert settings == DepreciationSettings(
                Method.DECLINING_BALANCE, life, None, factor, averaging, switch_to_straight_line=True
            )
