"""How the house is: what metrics and readiness tell. Must name no tenant."""

from bookvalue.storage import vitals
from bookvalue.storage.unit_of_work import Engine, Role, transaction
from bookvalue.storage.vitals import Vitals

__all__ = ["Vitals", "read_vitals"]


def read_vitals(engine: Engine) -> Vitals:
    """Counts of runs, periods and exceptions, and how long work has waited."""
    with transaction(engine, Role.PLANNER) as connection:
        return vitals.read(connection)
