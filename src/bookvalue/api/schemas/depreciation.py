"""Depreciation settings as they come in and go out: rates and factors are decimal texts."""

from typing import Any

from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import described
from bookvalue.domain.asset import MICRO, DepreciationSettings
from bookvalue.domain.terms import Averaging, Method

_DECIMAL = {"type": ["string", "null"], "pattern": r"^[+-]?[0-9]{1,20}(\.[0-9]{1,40})?$"}
SETTINGS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "method": {"type": ["string", "null"], "enum": [*(method.value for method in Method), None]},
        "life_months": {"type": ["integer", "null"], "minimum": 1, "maximum": 1200},
        "rate_percent": {**_DECIMAL, "description": "Percent a year; instead of a life."},
        "declining_factor": {**_DECIMAL, "description": 'Of a declining balance with a life; "2" if left out.'},
        "averaging": {"type": ["string", "null"], "enum": [*(rule.value for rule in Averaging), None]},
    },
}


def settings_field(description: str) -> Any:
    """A field of depreciation settings."""
    return described(description, {"method": "straight_line", "life_months": 60}, **SETTINGS)


class DepreciationOut(Out):
    """Depreciation settings; a factor only where the method uses one."""

    method: Method
    life_months: int | None
    rate_percent: str | None
    declining_factor: str | None
    averaging: Averaging


def depreciation_out(value: DepreciationSettings) -> DepreciationOut:
    """Settings as they are shown, and as they may be sent again."""
    factor = value.method is Method.DECLINING_BALANCE and value.rate_micropercent is None
    return DepreciationOut(
        method=value.method,
        life_months=value.life_months,
        rate_percent=None if value.rate_micropercent is None else _decimal(value.rate_micropercent),
        declining_factor=_decimal(value.declining_factor_micro) if factor else None,
        averaging=value.averaging,
    )


def _decimal(micro: int) -> str:
    return f"{micro // MICRO}.{micro % MICRO:06d}".rstrip("0").rstrip(".")
