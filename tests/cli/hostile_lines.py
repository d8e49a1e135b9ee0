"""Lines that are no asset specs, ten thousand of them if wanted, each with what its findings must name.

Made of a sound spec that has every member: one or two of them become something that no such member is.
"""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

SOUND: dict[str, Any] = {
    "id": "every-member", "currency": "EUR", "cost": 4000000, "cost_limit": 3900000, "residual_value": 1000,
    "depreciation_start_date": "2024-01-15", "fiscal_year_start": "04-06", "frequency": "quarterly",
    "until": "2030-01-01",
    "settings": {
        "profile": "layer", "method": "declining_balance", "life_months": 60, "averaging": "actual_days",
        "declining_factor": "1.5", "rate_places": 3, "declining_base": "gross", "declining_within_year": "even",
        "end_of_life": "true_up", "switch_to_straight_line": True, "straight_line_base": "cost", "day_basis": "365",
        "rounding": "per_period", "change_policy": "remaining_life",
    },
    "opening": {"as_of": "2024-06-30", "accumulated": 1000, "current_year": 500},
    "value_updates": [
        {"date": "2025-06-01", "update_type": "IMPROVEMENT", "amount": 250000, "remaining_life_months": 40,
         "residual_value": 2000},
        {"date": "2026-06-01", "update_type": "IMPAIRMENT", "new_book_value": 5000},
    ],
    "estimate_changes": [
        {"date": "2027-01-01", "remaining_life_months": 48, "residual_value": 900, "method": "straight_line"},
        {"date": "2027-06-01", "rate_percent": "25"},
    ],
    "suspensions": [{"from": "2025-01-01", "to": "2025-03-31", "extend_life": True}],
    "units": {"total": "100000", "used": [{"period_end": "2024-07-31", "quantity": "1200"}]},
    "manual": [{"date": "2024-07-31", "amount": 500}],
    "disposal": {"date": "2029-05-10", "proceeds": 1500000},
}  # fmt: skip

_NOTHING_TAKES = [[], {}, [[5]], {"a": {}}, True, 1.5, -7, "nonsense", "\0", "\ud800", "x" * 5000, 10**400, "NaN"]
_RAW = ["NaN", "-Infinity", "[" * 50_000, '{"a":' * 30_000, "01", "+1", "'a'", "undefined", ",", '"\\x"']
"""Texts that are no JSON in the place of a value."""


def _kind(path: tuple[str | int, ...], value: Any) -> list[Any]:
    """Values that a member with this sound value does not take."""
    last = path[-1]
    if last == "id":
        return [5, "", "   ", [], {}, True, "\0", "\ud800", "x" * 501]
    if isinstance(value, bool):
        return [0, 1, "true", "yes", [], {}, 1.0]
    if isinstance(value, int):
        return [-1, 1.0, 0.1, "1", "", True, [], {}, 10**15 + 1, 10**30, 10**400, 1e30, "NaN"]
    if isinstance(value, dict):
        return [5, True, "x", [], [value], 0.5]
    if isinstance(value, list):
        return [5, True, "x", {}, 0.5, [5], ["x"], [[]], [None], [{}] * 4001]
    if str(value)[:2] == "20" and len(value) == 10:
        return ["2024-02-30", "2024-1-1", "15/01/2024", "", "1899-12-31", "2201-01-01", "2024-01-15T00:00:00Z",
                20240101, "\u0662024-01-01", True, [], {}, "0000-00-00", " 2024-01-15", "2024-01-15\n"]  # fmt: skip
    if last in ("rate_percent", "declining_factor", "quantity", "total"):
        return [20, 0.5, "-1", "1e5", "NaN", "1,5", "", "9" * 50, "0.1234567890123", "\u0662", " 1", [], {}, True]
    if last == "day_basis":
        return [364, "366", 0.5, *_NOTHING_TAKES]
    return [value for value in _NOTHING_TAKES if value not in ("NaN",)] + [str(value).swapcase() + "!"]


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every member below a value, with its path."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield (*path, step), one
        yield from _places(one, (*path, step))


def _put(spec: Any, path: tuple[str | int, ...], value: Any) -> None:
    for step in path[:-1]:
        spec = spec[step]
    spec[path[-1]] = value


CROSSED: list[tuple[dict[str, Any], str]] = [
    ({"settings": {"method": "straight_line", "life_months": 60, "rate_percent": "20"}}, "settings.life_months"),
    ({"settings": {"method": "straight_line"}}, "settings.life_months"),
    ({"settings": {"method": "fixed_rate_declining", "life_months": 60}, "residual_value": 0}, "residual_value"),
    ({"settings": {}}, "settings.method"),
    ({"id": None}, "id"),
    ({"cost": None}, "cost"),
    ({"residual_value": 3900001}, "residual_value"),
    ({"opening": {"as_of": "2024-01-01", "accumulated": 1}}, "opening.as_of"),
    ({"opening": {"as_of": "2024-06-30"}}, "opening.accumulated"),
    ({"opening": {"as_of": "2024-06-30", "accumulated": 5, "current_year": 6}}, "opening.current_year"),
    ({"disposal": {"date": "2023-05-10"}}, "disposal.date"),
    ({"disposal": {"proceeds": 5}}, "disposal.date"),
    ({"disposal": {"date": "2025-01-01"}}, "value_updates.0.date"),
    ({"suspensions": [{"from": "2025-03-31", "to": "2025-01-01"}]}, "suspensions.0.to"),
    ({"suspensions": [{"from": "2025-01-01", "to": "2025-03-31"}] * 2}, "suspensions.1.from"),
    ({"value_updates": [{"date": "2023-01-01", "update_type": "IMPAIRMENT", "amount": 1}]}, "value_updates.0.date"),
    ({"value_updates": [{"date": "2025-01-01", "update_type": "IMPAIRMENT"}]}, "value_updates.0.amount"),
    ({"value_updates": [{"date": "2025-01-01", "update_type": "IMPAIRMENT", "amount": 1, "new_book_value": 1}]},
     "value_updates.0.amount"),
    ({"value_updates": [{"date": "2025-01-01", "update_type": "IMPAIRMENT", "amount": 10**15}],
      "estimate_changes": None}, "value_updates.0.amount"),
    ({"value_updates": [{"date": "2025-01-01", "update_type": "DEPRECIATION_AMORTIZATION", "amount": 1}]},
     "value_updates.0.update_type"),
    ({"estimate_changes": [{"date": "2027-01-01", "remaining_life_months": 5, "rate_percent": "5"}]},
     "estimate_changes.0.remaining_life_months"),
    ({"units": None, "settings": {"method": "units_of_production"}}, "units.total"),
]  # fmt: skip
"""Members that do not fit each other, and the one that is named."""


@dataclass(frozen=True)
class Hostile:
    """One line. named: the paths that its findings must name; none where the line cannot be read at all."""

    content: bytes
    named: tuple[str, ...]


def hostile_lines(count: int) -> list[Hostile]:
    """So many, the same each time: each member with each value, what cannot be read, and then two members at once."""
    choose = random.Random(20261120)
    found = [*_unreadable(), *_crossed(), *_each_member()]
    single = [(path, bad) for path, value in _places(SOUND) for bad in _kind(path, value)]
    while len(found) < count:
        (first, one), (second, other) = choose.sample(single, 2)
        if first[0] != second[0]:
            found.append(_with((first, one), (second, other)))
    choose.shuffle(found)
    return found[:count]


def _each_member() -> Iterator[Hostile]:
    for path, value in _places(SOUND):
        for bad in _kind(path, value):
            yield _with((path, bad))
        if isinstance(value, dict):
            yield _with(((*path, "unheard_of"), 1))
            yield _with(((*path, "x" * 3000), [[[]]]))


def _with(*changes: tuple[tuple[str | int, ...], Any]) -> Hostile:
    spec = deepcopy(SOUND)
    for path, value in changes:
        _put(spec, path, value)
    named = tuple(".".join("x" * 99 if len(str(step)) > 99 else str(step) for step in path) for path, _ in changes)
    return Hostile(json.dumps(spec).encode(), named)


def _crossed() -> Iterator[Hostile]:
    for changes, named in CROSSED:
        spec = {name: value for name, value in {**SOUND, **changes}.items() if value is not None}
        yield Hostile(json.dumps(spec).encode(), (named,))


def _unreadable() -> Iterator[Hostile]:
    good = json.dumps(SOUND).encode()
    for raw in _RAW:
        yield Hostile(good.replace(b"4000000", raw.encode()), ())
    whole = [
        b"", b"   ", b"{", good[:-1], good[1:], good + good, b"\xff\xfe", b'"\xc3"', good.decode().encode("utf-16-be"),
        b"nul", b"x" * 100_000, b"[" * 100_000, b"\x00", b"{'id': 1}", b"cost,life",
    ]  # fmt: skip
    for content in whole:
        yield Hostile(content.replace(b"\n", b" "), ())
