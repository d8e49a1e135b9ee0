"""A second oracle: the depreciation of section 2 in exact fractions, slow and obvious, apart from the engine."""

from .amounts import accumulated
from .rows import schedule

__all__ = ["accumulated", "schedule"]
