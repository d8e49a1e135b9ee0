"""The oracle: depreciation from its documents in exact fractions, slow and obvious, without a line of the engine.

`accumulated(spec, day)` and `schedule(spec)` read raw specs of the schedule format. It was written by somebody who had
not read the engine; where the two differed, the documents decided.
"""

from .amounts import accumulated
from .rows import schedule

__all__ = ["accumulated", "schedule"]
