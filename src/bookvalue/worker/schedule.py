"""What beat knows: one tick. Which business is due, and when, is the planner's to find out from the database."""

from typing import Any


def beat_schedule(tick_seconds: float) -> dict[str, Any]:
    """Beat's whole schedule; a tick that nobody took before the next one is dropped."""
    return {"tick": {"task": "bookvalue.tick", "schedule": tick_seconds, "options": {"expires": tick_seconds}}}
