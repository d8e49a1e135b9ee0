"""A forecast as members of JSON: the same over HTTP and at the command line. Amounts are minor units."""

from dataclasses import asdict
from typing import Any

from bookvalue.services.forecast import Forecast
from bookvalue.services.forecast_groups import Group, GroupBy

_NAMES = {
    GroupBy.TYPE: ("asset_type",),
    GroupBy.ACCOUNT: ("expense_account", "accumulated_account"),
    GroupBy.ASSET: ("asset", "code"),
}


def members_of(found: Forecast) -> dict[str, Any]:
    """The members of a forecast, without the place of the next groups."""
    return {
        "book_id": found.book_id,
        "currency": found.currency,
        "assets": found.assets,
        "catch_up": asdict(found.catch_up),
        "periods": [
            {
                "period": one.period.name,
                "period_start": one.period.start,
                "period_end": one.period.end,
                **asdict(one.figures),
            }
            for one in found.periods
        ],
        "not_charged": [
            {
                "status": one.reason.status.value,
                "code": one.reason.code,
                "field": one.reason.field,
                "assets": one.assets,
            }
            for one in found.not_charged
        ],
        "by": found.by,
        "groups": [_group(one, found.by) for one in found.groups if found.by is not None],
        "what_if": [
            {
                "id": one.id,
                "catch_up": one.catch_up,
                "depreciation": list(one.depreciation),
                "findings": [finding.as_dict() for finding in one.findings],
            }
            for one in found.what_if
        ],
    }


def _group(one: Group, by: GroupBy) -> dict[str, Any]:
    members = asdict(one)
    named = {name: members[name] for name in _NAMES[by]}
    return {**named, "catch_up": one.catch_up, "depreciation": list(one.depreciation)}
