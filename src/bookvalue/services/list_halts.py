"""The books that a failed or blocked run has halted: since when, why, and the command that sets them going again.

Nothing here tries again: a run that gave up waits for a person.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bookvalue.domain.terms import RunStatus
from bookvalue.storage import businesses, halts
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

_FIRST: dict[str, str] = {
    "attempts_used_up": "find out what ended the workers that tried it (out of memory, killed)",
    "database_unavailable": "see to the database",
    "busy": "see what holds locks in the database, or makes it slow",
    "integrity_violation": "keep the worker's log and report it with the run's id, and repair no rows by hand",
}
"""By the run's error code: what to do before it is asked for again."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A period that stays open, with all later ones behind it, because its last run gave up."""

    period: str
    book_id: UUID
    run_id: UUID
    status: str
    code: str
    message: str
    since: datetime
    remedy: str


def list_halts(engine: Engine, business_id: UUID) -> list[Halt]:
    """The halted periods of a business, oldest first."""
    with transaction(engine, Role.API, business_id) as connection:
        key = businesses.get(connection, business_id).value.key
        return list(halts_by_start(connection, business_id, key).values())


def halts_by_start(connection: Connection, business_id: UUID, key: str) -> dict[date, Halt]:
    """The same by the first day of the period, in the caller's transaction. `key`: the business's."""
    return {
        row.period_start: Halt(
            f"{row.period_start:%Y-%m}",
            row.book_id,
            row.run_id,
            row.status,
            row.error_code,
            row.error_message,
            row.finished_at,
            _remedy(row.status, row.error_code, f"bookvalue close -b {key} -p {row.period_start:%Y-%m}"),
        )
        for row in halts.of_business(connection, business_id)
    }


def _remedy(status: str, code: str, command: str) -> str:
    if status == RunStatus.BLOCKED:
        first = _FIRST.get(code, "mend what the message says; a change of the register plans a new run by itself")
        return f"{first}; or run: {command}"
    first = _FIRST.get(code, "look into the worker's log under the run's id")
    return f"{first}; then run: {command}"


def count_halted_books(engine: Engine) -> int:
    """How many books of the installation stand still."""
    with transaction(engine, Role.PLANNER) as connection:
        return sum(halts.count(connection).values())
