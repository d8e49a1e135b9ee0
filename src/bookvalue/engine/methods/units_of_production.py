"""units_of_production: by the units used of the units that the asset will give. Time plays no part."""

import numpy as np

from bookvalue.engine.block import Block
from bookvalue.engine.course import Course
from bookvalue.engine.dated import amounts_until


def units_of_production(block: Block) -> Course:
    """What is left x units used since / units left (SEMANTICS section 3: units used earlier count against the total).

    Units count by the end of the period they were reported for.
    """
    used = amounts_until(block, block.columns.units)
    begins, total = used(block.segments.origin_day - 1), block.columns.units_total_micro
    most = np.maximum(total, begins)
    room = block.segments.room()
    return Course(
        lambda day: np.minimum(used(day), most),
        begins,
        total,
        room,
        room * 0 + 1,
        np.maximum(total - begins, 1),
        exhausts=True,
    )
