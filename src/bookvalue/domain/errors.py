"""One tree of errors that stop a request or a run, each with a stable code and a remedy.

What is wrong with a single asset or line is a Finding, not an error.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from bookvalue.domain.finding import Finding


class BookvalueError(Exception):
    """Something that stops what was asked for. `code` is stable; `remedy` says what to do."""

    code: ClassVar[str] = "error"
    remedy: ClassVar[str] = ""

    def __init__(self, message: str, *, remedy: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.advice = self.remedy if remedy is None else remedy


class NotFound(BookvalueError):
    """What was named is not there, or is not yours."""

    code = "not_found"
    remedy = "check the name or id"


class Duplicate(BookvalueError):
    """What was to be made is there already, under a name that only one may have."""

    code = "duplicate"
    remedy = "choose another name, or change what is there"


class InUse(BookvalueError):
    """What was to be deleted is something that others stand on."""

    code = "in_use"
    remedy = "take away what uses it first"


class NotArchivable(BookvalueError):
    """An asset that is in the books with a value cannot be hidden from them."""

    code = "not_archivable"
    remedy = "dispose of it first"


class InvalidInput(BookvalueError):
    """The input has findings; nothing of it was applied."""

    code = "invalid_input"
    remedy = "mend the findings and try again; nothing was applied"

    def __init__(self, message: str, findings: Sequence[Finding], **details: Any) -> None:
        super().__init__(message, **details)
        self.findings = tuple(findings)


class Forbidden(BookvalueError):
    """Whoever asks holds none of the scopes that would do."""

    code = "forbidden"


class AssetNotRegistered(BookvalueError):
    """Something was to be recorded of an asset that is still a draft."""

    code = "asset_not_registered"
    remedy = "register the asset first; nothing can be recorded of a draft"


class AssetDisposed(BookvalueError):
    """Something was to be recorded of an asset that has left the books."""

    code = "asset_disposed"
    remedy = "reinstate the asset first"


class DisposalReinstated(BookvalueError):
    """A disposal was to be taken back that has been taken back already."""

    code = "disposal_reinstated"
    remedy = "nothing to do; the asset's disposals say which one is in force"


class PeriodNotOpen(BookvalueError):
    """A posting into a closed or locked period, or one held by another closing run."""

    code = "period_not_open"
    remedy = "reopen the period if it is closed; a locked period is final"


class PeriodLocked(PeriodNotOpen):
    """A value update or a disposal is dated in a locked period."""

    code = "period_locked"
    remedy = "a locked period is final: date it in an open period"


class LateFactRefused(BookvalueError):
    """The book refuses facts of periods that are no longer open."""

    code = "late_fact_refused"
    remedy = "date it in an open period, reopen the period, or change the book's lock_policy"


class PeriodNotEnded(BookvalueError):
    """A run was asked for a period that has not ended in the business's time zone."""

    code = "period_not_ended"
    remedy = "wait until the period has ended"


class PeriodNotLockable(BookvalueError):
    """A lock was asked for out of order, or of a period that is not closed."""

    code = "period_not_lockable"
    remedy = "close the period and lock the ones before it first"


class RunInProgress(BookvalueError):
    """Another run of the same period is alive."""

    code = "run_in_progress"
    remedy = "wait for it to end"


class Busy(BookvalueError):
    """A lock could not be had in time; trying again helps."""

    code = "busy"
    remedy = "try again"


class ConcurrentChange(BookvalueError):
    """Somebody else wrote what was just read; reading again helps."""

    code = "concurrent_change"
    remedy = "read again and retry"


class IdempotencyKeyReused(BookvalueError):
    """An idempotency key came again with another request."""

    code = "idempotency_key_reused"
    remedy = "use a new key for a new request"


class IdempotencyInFlight(BookvalueError):
    """The request that carries this idempotency key is still being answered."""

    code = "idempotency_in_flight"
    remedy = "send the same request again in a moment"


class IntegrityViolation(BookvalueError):
    """A check in the database or in the posting transaction failed: a defect or tampering, never routine."""

    code = "integrity_violation"
    remedy = "nothing was posted; report this with the run's id"


class DatabaseUnavailable(BookvalueError):
    """The database cannot be reached or is shutting down."""

    code = "database_unavailable"
    remedy = "check DATABASE_URL and that the server runs"


class SchemaNotReady(BookvalueError):
    """The schema is not at the revision this version needs."""

    code = "schema_not_ready"
    remedy = "run `bookvalue migrate`"


class EmbeddedUnavailable(BookvalueError):
    """An embedded server cannot be had or started on this machine."""

    code = "embedded_unavailable"


class SettingsInvalid(BookvalueError):
    """A setting from the environment cannot be used."""

    code = "settings_invalid"
    remedy = "correct the environment variable"
