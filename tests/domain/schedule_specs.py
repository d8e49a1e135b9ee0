"""Specs of the schedule format, and what is found in changed ones."""

from typing import Any

from bookvalue.domain.schedule_spec import ScheduleSpec, read_schedule_spec

TRUCK: dict[str, Any] = {
    "id": "truck-1",
    "cost": 4000000,
    "depreciation_start_date": "2024-01-15",
    "settings": {"method": "straight_line", "life_months": 60},
}


def found_in(raw: Any) -> list[tuple[str, str | None]]:
    """Code and field of each finding about a spec."""
    spec, findings = read_schedule_spec(raw)
    assert (spec is None) == bool(findings)
    return [(found.code, found.field) for found in findings]


def found_with(**changes: Any) -> list[tuple[str, str | None]]:
    """Code and field of each finding about the truck with other members."""
    return found_in({**TRUCK, **changes})


def read_with(**changes: Any) -> ScheduleSpec:
    """The truck with other members, which has no finding."""
    spec, findings = read_schedule_spec({**TRUCK, **changes})
    assert findings == []
    assert spec is not None
    return spec
