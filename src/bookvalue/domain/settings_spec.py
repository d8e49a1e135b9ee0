"""Raw depreciation settings -> DepreciationSettings or findings, laid over the defaults of an asset type.

Knows which setting belongs to which method (SEMANTICS section 2); must not know any asset.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from bookvalue.domain.asset import DepreciationSettings
from bookvalue.domain.field_readers import Fields, Reader, Refused, choice, decimal, integer, read_boolean, shown
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.profiles import PROFILES, profile_settings
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

PLACES = {"rate_percent": 9, "declining_factor": 6}
"""The decimals of settings that are kept as whole numbers, in units of the last of them."""

read_life = integer(1, 1200, "life_out_of_range")
read_rate = decimal(PLACES["rate_percent"], 1000, "rate_out_of_range")
read_method = choice(Method, "unknown_method")


def _read_profile(value: Any) -> str:
    if not isinstance(value, str) or value not in PROFILES:
        raise Refused("unknown_profile")
    return value


_read_day_basis_word = choice(DayBasis)


def _read_day_basis(value: Any) -> Any:
    """A day basis by its word; 365 and 360 are words that are easily sent as the numbers they look like."""
    return _read_day_basis_word(str(value) if type(value) is int and 0 < value < 1000 else value)


SETTINGS_READERS: Mapping[str, Reader] = {
    "profile": _read_profile,
    "method": read_method,
    "life_months": read_life,
    "rate_percent": read_rate,
    "declining_factor": decimal(PLACES["declining_factor"], 100, "factor_out_of_range"),
    "rate_places": integer(1, 9, "rate_places_out_of_range"),
    "declining_base": choice(DecliningBase),
    "declining_within_year": choice(DecliningWithinYear),
    "end_of_life": choice(EndOfLife),
    "switch_to_straight_line": read_boolean,
    "straight_line_base": choice(StraightLineBase),
    "averaging": choice(Averaging, "unknown_averaging"),
    "day_basis": _read_day_basis,
    "rounding": choice(Rounding),
    "change_policy": choice(ChangePolicy),
}
KEPT_AS = {"rate_percent": "rate_nanopercent", "declining_factor": "declining_factor_micro"}
"""The attributes of DepreciationSettings that are not called as the settings they keep."""

_RATED = frozenset({Method.STRAIGHT_LINE, Method.DECLINING_BALANCE})
_DECLINING = frozenset({Method.DECLINING_BALANCE, Method.FIXED_RATE_DECLINING})
_TIMED = frozenset({*_RATED, *_DECLINING, Method.SUM_OF_YEARS_DIGITS})
_CHARGED = frozenset(Method) - {Method.NONE}
_USED_BY: Mapping[str, frozenset[Method]] = {
    "life_months": _TIMED,
    "rate_nanopercent": _RATED,
    "declining_factor_micro": frozenset({Method.DECLINING_BALANCE}),  # with a rate too: a change may give a life
    "rate_places": frozenset({Method.FIXED_RATE_DECLINING}),
    "declining_base": _DECLINING,
    "declining_within_year": _DECLINING,
    "end_of_life": _DECLINING,
    "switch_to_straight_line": _DECLINING,
    "straight_line_base": frozenset({Method.STRAIGHT_LINE}),
    "averaging": _CHARGED,
    "day_basis": _TIMED,
    "rounding": _TIMED | {Method.UNITS_OF_PRODUCTION},
    "change_policy": _CHARGED,
}
_DEFAULTS: Mapping[str, Any] = {item.name: item.default for item in fields_of(DepreciationSettings)}


def read_settings(
    raw: Mapping[str, Any], path: str, defaults: DepreciationSettings | None, later: Collection[Method] = ()
) -> tuple[DepreciationSettings | None, list[Finding]]:
    """Settings from a raw object, with what it leaves out taken from its profile, then the defaults; or findings.

    `path` is put before each field's name ("depreciation" gives depreciation.method; "" gives method). A life
    or a rate that is given replaces both of the defaults'. A setting that the method has no use for is checked and
    then dropped, so that equal settings are equal values; what methods that come `later` use is kept as well.
    """
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", path or None, shown(raw))]
    prefix = f"{path}." if path else ""
    fields = Fields()
    fields.read(raw, SETTINGS_READERS, prefix)
    wanted = _wanted(fields.under(prefix, SETTINGS_READERS), defaults)
    if "method" not in wanted and fields.absent(prefix + "method") and prefix + "profile" not in fields.refused:
        fields.refuse("required", prefix + "method")
    life, rate = wanted.get("life_months"), wanted.get("rate_nanopercent")
    if life is not None and rate is not None:
        fields.refuse("life_and_rate", prefix + "life_months", life)
    if "method" not in wanted or prefix + "method" in fields.refused:
        return None, fields.findings
    settings = DepreciationSettings(**wanted)
    if not fields.refused & {prefix + "life_months", prefix + "rate_percent"}:
        for code, name in lacks(settings):
            fields.refuse(code, prefix + name, getattr(settings, name))
    if fields.findings:
        return None, fields.findings
    return without_unused(settings, {settings.method, *later}), []


def with_defaults(settings: DepreciationSettings, names: Collection[str]) -> DepreciationSettings:
    """The same settings with the default for each of these, by the names they are given with.

    A method has no default and a profile is not kept; neither they nor unknown names change anything.
    """
    attributes = {KEPT_AS.get(name, name) for name in SETTINGS_READERS if name in names}
    return replace(settings, **{name: _DEFAULTS[name] for name in attributes & _DEFAULTS.keys() - {"method"}})


def lacks(settings: DepreciationSettings) -> Iterator[tuple[str, str]]:
    """Why settings cannot be computed with: the code of a finding, and the name of the setting it is about."""
    timed, lasting = settings.method in _TIMED, settings.life_months is not None
    if not timed or lasting:
        return
    if settings.method not in _RATED:
        yield "life_missing", "life_months"
    elif settings.rate_nanopercent is None:
        yield "life_or_rate_missing", "life_months"
    else:
        declining = settings.method in _DECLINING
        if declining and settings.switch_to_straight_line:
            yield "setting_needs_life", "switch_to_straight_line"
        if declining and settings.end_of_life is EndOfLife.TRUE_UP:
            yield "setting_needs_life", "end_of_life"
        if settings.averaging is Averaging.ACTUAL_DAYS and settings.day_basis is DayBasis.LIFE:
            yield "setting_needs_life", "day_basis"


def _wanted(given: dict[str, Any], defaults: DepreciationSettings | None) -> dict[str, Any]:
    """The attributes in force: those given, over the profile's, over the defaults'."""
    own = {KEPT_AS.get(name, name): value for name, value in given.items() if name != "profile"}
    wanted = {} if defaults is None else {name: getattr(defaults, name) for name in _DEFAULTS}
    if "life_months" in own or "rate_nanopercent" in own:
        wanted |= {"life_months": None, "rate_nanopercent": None}
    if "profile" in given:
        wanted |= profile_settings(given["profile"], own.get("life_months", wanted.get("life_months")))
    return wanted | own


def without_unused(settings: DepreciationSettings, methods: Collection[Method]) -> DepreciationSettings:
    """The same settings, with the default for each that none of these methods reads."""
    unused = {name for name, users in _USED_BY.items() if users.isdisjoint(methods)}
    if settings.averaging is not Averaging.ACTUAL_DAYS:
        unused.add("day_basis")
    return replace(settings, **{name: _DEFAULTS[name] for name in unused})
