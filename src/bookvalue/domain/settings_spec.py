"""Raw depreciation settings -> DepreciationSettings or findings, laid over the defaults of an asset type.

Knows which setting belongs to which method (SEMANTICS section 2); must not know any asset.
"""

from collections.abc import Mapping
from typing import Any

from bookvalue.domain.asset import MICRO, DepreciationSettings
from bookvalue.domain.field_readers import Fields, Reader, choice, integer, micro_decimal, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.terms import Averaging, Method

SETTINGS_READERS: Mapping[str, Reader] = {
    "method": choice(Method, "unknown_method"),
    "life_months": integer(1, 1200, "life_out_of_range"),
    "rate_percent": micro_decimal(1000, "rate_out_of_range"),
    "declining_factor": micro_decimal(100, "factor_out_of_range"),
    "averaging": choice(Averaging, "unknown_averaging"),
}
_TIMELESS = (Method.NONE, Method.FULL)  # methods without a life or a rate


def read_settings(
    raw: Mapping[str, Any], path: str, defaults: DepreciationSettings | None
) -> tuple[DepreciationSettings | None, list[Finding]]:
    """Settings from a raw object, with what it leaves out taken from the defaults; or every finding about it.

    `path` is put before each field's name ("depreciation" gives depreciation.method; "" gives method). A life
    or a rate that is given replaces both of the defaults'; a default that the method has no use for is dropped.
    """
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", path or None, shown(raw))]
    prefix = f"{path}." if path else ""
    fields = Fields()
    fields.read(raw, SETTINGS_READERS, prefix)
    if fields.absent(prefix + "method") and defaults is None:
        fields.refuse("required", prefix + "method")
    life, rate = _life_and_rate(fields, prefix, defaults)
    method: Method | None = fields.values.get(prefix + "method", defaults and defaults.method)
    if method is None or prefix + "method" in fields.refused:
        return None, fields.findings
    _check_against_method(fields, prefix, method, life, rate)
    if fields.findings:
        return None, fields.findings
    return _settings(fields.values, prefix, method, life, rate, defaults), []


def _life_and_rate(fields: Fields, prefix: str, defaults: DepreciationSettings | None) -> tuple[int | None, int | None]:
    """The life and the rate in force: those given, or else the defaults'."""
    life, rate = fields.values.get(prefix + "life_months"), fields.values.get(prefix + "rate_percent")
    if life is not None and rate is not None:
        fields.refuse("life_and_rate", prefix + "life_months", life)
    neither_given = fields.absent(prefix + "life_months") and fields.absent(prefix + "rate_percent")
    if neither_given and defaults is not None:
        return defaults.life_months, defaults.rate_micropercent
    return life, rate


def _check_against_method(fields: Fields, prefix: str, method: Method, life: int | None, rate: int | None) -> None:
    """Findings for settings that the method does not take, or lacks."""
    undecided = prefix + "life_months" in fields.refused or prefix + "rate_percent" in fields.refused
    takes = {
        "life_months": method not in _TIMELESS,
        "rate_percent": method not in _TIMELESS,
        "declining_factor": method is Method.DECLINING_BALANCE and (rate is None or undecided),
    }
    for name, taken in takes.items():
        if not taken and prefix + name in fields.values:
            fields.refuse("setting_not_for_method", prefix + name, fields.values[prefix + name])
    if method not in _TIMELESS and life is None and rate is None and not undecided:
        fields.refuse("life_or_rate_missing", prefix + "life_months")


def _settings(
    values: Mapping[str, Any],
    prefix: str,
    method: Method,
    life: int | None,
    rate: int | None,
    defaults: DepreciationSettings | None,
) -> DepreciationSettings:
    timed = method not in _TIMELESS
    factor = values.get(prefix + "declining_factor", defaults.declining_factor_micro if defaults else 2 * MICRO)
    averaging = values.get(prefix + "averaging", defaults.averaging if defaults else Averaging.FULL_MONTH)
    return DepreciationSettings(
        method=method,
        life_months=life if timed else None,
        rate_micropercent=rate if timed else None,
        declining_factor_micro=factor if method is Method.DECLINING_BALANCE and rate is None else 2 * MICRO,
        averaging=averaging,
    )
