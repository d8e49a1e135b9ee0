"""Raw object -> a value update to be recorded, or findings: the one reader that API, CLI and import share (seed 000).

Must not look anything up: whether asset and account exist is asked by those who know.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from bookvalue.domain.field_readers import (
    FIRST_DATE,
    LAST_DATE,
    Fields,
    Reader,
    Refused,
    choice,
    read_amount,
    read_date,
    read_metadata,
    read_name,
    read_positive_amount,
    read_text,
    shown,
)
from bookvalue.domain.finding import Finding, finding
from bookvalue.domain.settings_spec import read_life
from bookvalue.domain.terms import UpdateType

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_REQUIRED = ("amount", "update_type", "counter_account", "date")


@dataclass(frozen=True, slots=True)
class ValueUpdateSpec:
    """A value update as somebody wants it recorded; amounts in minor units, above zero: the type gives the direction.

    at: an instant, or a calendar date of the business. counter_account: an account's code.
    """

    amount_minor: int
    update_type: UpdateType
    counter_account: str
    at: datetime | date
    asset_id: UUID | None = None
    asset_external_id: str | None = None
    external_id: str | None = None
    memo: str | None = None
    reference_number: str | None = None
    metadata: dict[str, Any] | None = field(default=None)
    remaining_life_months: int | None = None
    residual_minor: int | None = None


def read_id(value: Any) -> UUID:
    """A UUID, written as it was answered."""
    try:
        if isinstance(value, str) and len(value) == 36:
            return UUID(value)
    except ValueError:
        pass
    raise Refused("not_an_id")


def read_instant(value: Any) -> datetime | date:
    """A date-time with its offset (RFC 3339), as UTC; or a plain calendar date."""
    if not isinstance(value, str):
        raise Refused("not_an_instant")
    if len(value) == 10:
        return read_date(value)
    if not _INSTANT.fullmatch(value):
        raise Refused("not_an_instant")
    try:
        instant = datetime.fromisoformat(value.upper())
        if FIRST_DATE <= instant.date() <= LAST_DATE:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused("not_an_instant")


VALUE_UPDATE_READERS: Mapping[str, Reader] = {
    "asset_id": read_id,
    "asset_external_id": read_name,
    "external_id": read_name,
    "amount": read_positive_amount,
    "update_type": choice(UpdateType),
    "counter_account": read_text,
    "date": read_instant,
    "memo": read_text,
    "reference_number": read_text,
    "metadata": read_metadata,
    "remaining_life_months": read_life,
    "residual_value": read_amount,
}


def read_value_update(raw: Any) -> tuple[ValueUpdateSpec | None, list[Finding]]:
    """The value update of a raw object with the API's field names, its counter account by code; or every finding."""
    if not isinstance(raw, Mapping):
        return None, [finding("not_an_object", None, shown(raw))]
    fields = Fields()
    fields.read(raw, VALUE_UPDATE_READERS)
    fields.require(_REQUIRED)
    if fields.absent("asset_id") == fields.absent("asset_external_id"):
        fields.refuse("asset_reference", "asset_id", raw.get("asset_id"))
    values = fields.values
    if values.get("update_type") is UpdateType.DEPRECIATION_AMORTIZATION:
        for name in ("remaining_life_months", "residual_value"):
            if name in values:
                fields.refuse("not_of_depreciation", name, values[name])
    if fields.findings:
        return None, fields.findings
    return ValueUpdateSpec(
        amount_minor=values["amount"],
        update_type=values["update_type"],
        counter_account=values["counter_account"],
        at=values["date"],
        residual_minor=values.get("residual_value"),
        **{
            name: values.get(name)
            for name in ("asset_id", "asset_external_id", "external_id", "memo", "reference_number", "metadata",
                         "remaining_life_months")
        },
    ), []  # fmt: skip
