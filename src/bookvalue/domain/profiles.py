"""Profiles: named sets of depreciation settings that match another product's or an authority's rules.

A profile fills in what is not given beside it (SEMANTICS section 2); docs/methods/profiles.md prints each. It is not
kept: an asset keeps the settings that came of it.
"""

from collections.abc import Mapping
from typing import Any

from bookvalue.domain.asset import MICRO
from bookvalue.domain.terms import Averaging, DayBasis, DecliningBase, Method

_XERO: Mapping[str, Any] = {
    "method": Method.STRAIGHT_LINE,
    "declining_base": DecliningBase.NET_OF_RESIDUAL,
    "day_basis": DayBasis.ACTUAL,
}
_MONTHLY_LINE: Mapping[str, Any] = {"method": Method.STRAIGHT_LINE, "averaging": Averaging.FULL_MONTH}
_MACRS_PERSONAL_PROPERTY: Mapping[str, Any] = {
    "method": Method.DECLINING_BALANCE,
    "declining_factor_micro": 2 * MICRO,
    "switch_to_straight_line": True,
}

PROFILES: Mapping[str, Mapping[str, Any]] = {
    "xero_full_month": {**_XERO, "averaging": Averaging.FULL_MONTH},
    "xero_actual_days": {**_XERO, "averaging": Averaging.ACTUAL_DAYS},
    "layer": _MONTHLY_LINE,
    "moneybird_linear": _MONTHLY_LINE,
    "irs_macrs_half_year": {**_MACRS_PERSONAL_PROPERTY, "averaging": Averaging.HALF_YEAR},
    "irs_macrs_mid_quarter": {**_MACRS_PERSONAL_PROPERTY, "averaging": Averaging.MID_QUARTER},
    "irs_macrs_mid_month": {"method": Method.STRAIGHT_LINE, "averaging": Averaging.MID_MONTH},
}
"""Attributes of DepreciationSettings by profile, lives up to `LONGEST_AT_200_PERCENT`."""

LONGEST_AT_200_PERCENT = 120
_LONG_LIFE_FACTOR = MICRO + MICRO // 2


def profile_settings(name: str, life_months: int | None) -> dict[str, Any]:
    """A profile's attributes of DepreciationSettings, for an asset of this life. Raises KeyError for another name.

    MACRS declines at 200 % for property of up to 10 years and at 150 % for that of 15 and 20 years (IRC 168(b)).
    """
    filled = dict(PROFILES[name])
    if "declining_factor_micro" in filled and life_months is not None and life_months > LONGEST_AT_200_PERCENT:
        filled["declining_factor_micro"] = _LONG_LIFE_FACTOR
    return filled
