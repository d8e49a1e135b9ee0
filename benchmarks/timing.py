"""Series of measurements: median, least and most; and how they are shown."""

from collections.abc import Sequence
from statistics import median
from typing import Any


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median, min and max, in seconds."""
    return {"median_s": round(median(seconds), 4), "min_s": round(min(seconds), 4), "max_s": round(max(seconds), 4)}


def ratio(above: Sequence[float], below: Sequence[float]) -> dict[str, float]:
    """How many times `below` goes into `above`: of the medians and of the minimums."""
    return {"of_medians": round(median(above) / median(below), 2), "of_minimums": round(min(above) / min(below), 2)}


def shown(report: Any, depth: int = 0) -> str:
    """A report as indented lines."""
    if not isinstance(report, dict):
        return f" {report}"
    if all(isinstance(value, int | float) for value in report.values()):
        return " " + "  ".join(f"{name} {value:g}" for name, value in report.items())
    return "".join(f"\n{'  ' * depth}{name}:{shown(value, depth + 1)}" for name, value in report.items())
